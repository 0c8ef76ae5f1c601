//! Go build info: main module and dependencies of a Go program, from ELF, PE and Mach-O.
//!
//! The linker writes a blob that starts with a magic and leads to two texts: the Go version and the module
//! list. Since Go 1.18 they follow inline; before, the blob holds addresses of string headers, which are
//! resolved through the segments. Format: Go's `debug/buildinfo`, `runtime/debug.ParseBuildInfo`.

use crate::bytes::{Damage, ReadAt};
use crate::format::executable::{ByteOrder, Layout, exact, text};

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Magic, pointer size, flags, padding.
const HEADER: usize = 32;
/// Where the blob has no section of its own, it lies in this much of the data.
const SEARCHED: usize = 64 << 10;
/// In programs that Go's own linker did not link it lies nearer to the start.
const SEARCHED_FOREIGN: usize = 4 << 10;
/// The longest Go version that is read.
const MAX_VERSION: u64 = 1 << 10;
/// The longest module list that is read; programs with a thousand modules have a hundred thousand bytes.
const MAX_MODULES: u64 = 4 << 20;

/// What a Go program was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoBuildInfo {
    /// Version of Go: `go1.22.1`.
    pub go_version: String,
    /// Import path of the main package.
    pub path: Option<String>,
    /// The module of the main package.
    pub main: Option<GoModule>,
    /// The modules it was built with.
    pub dependencies: Vec<GoModule>,
    /// Build settings: `vcs.revision`, `-ldflags` …
    pub settings: Vec<(String, String)>,
}

/// A module and its version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoModule {
    /// Module path.
    pub path: String,
    /// Version; `(devel)` or empty if not known.
    pub version: String,
    /// Path and version of the module that was built in its place.
    pub replaced_by: Option<(String, String)>,
}

impl GoModule {
    /// `path@version` of the module, and of what replaced it.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let own = (self.path.as_str(), self.version.as_str());
        let other = self.replaced_by.as_ref().map(|(path, version)| (path.as_str(), version.as_str()));
        std::iter::once(own).chain(other).map(|(path, version)| match version {
            "" => path.to_owned(),
            _ => format!("{path}@{version}"),
        })
    }
}

/// Reads the build info of an executable; `None` if it has none.
///
/// # Errors
/// Truncated when the file ends before it, Io when reading fails.
pub fn read(file: &dyn ReadAt, layout: &Layout) -> Result<Option<GoBuildInfo>, Damage> {
    let Some((at, blob)) = find(file, layout)? else {
        return Ok(None);
    };
    let flags = blob.get(15).copied().unwrap_or(0);
    let (version, modules) = if flags & 2 != 0 {
        inline(file, at)?
    } else {
        let order = if flags & 1 != 0 { ByteOrder::Big } else { ByteOrder::Little };
        let pointers = Pointers { file, layout, order, is_64: blob.get(14) == Some(&8) };
        let size = if pointers.is_64 { 8 } else { 4 };
        (pointers.string(&blob, 16, MAX_VERSION)?, pointers.string(&blob, 16 + size, MAX_MODULES)?)
    };
    if version.is_empty() {
        return Ok(None);
    }
    let mut info = parse(framed(&modules));
    info.go_version = text(&version);
    Ok(Some(info))
}

/// File offset and header of the blob.
fn find(file: &dyn ReadAt, layout: &Layout) -> Result<Option<(u64, Vec<u8>)>, Damage> {
    let Some((at, size)) = searched(layout) else {
        return Ok(None);
    };
    let bytes = file.read_vec(at, size)?;
    // The linker aligns it to 16 bytes.
    let found = bytes.chunks(16).position(|chunk| chunk.starts_with(MAGIC)).map(|index| index * 16);
    Ok(found.and_then(|start| Some((at + start as u64, bytes.get(start..start + HEADER)?.to_vec()))))
}

/// File offset and size of what may hold the blob.
fn searched(layout: &Layout) -> Option<(u64, usize)> {
    let at_most = |size: u64, most: usize| usize::try_from(size).unwrap_or(most).min(most);
    if let Some(own) = layout.section(".go.buildinfo").or_else(|| layout.section("__go_buildinfo")) {
        return Some((own.offset, at_most(own.size, SEARCHED)));
    }
    if layout.sections.is_empty() {
        // An ELF file whose section table was stripped.
        let data = layout.segments.iter().find(|segment| segment.is_data)?;
        return Some((data.offset, at_most(data.size, SEARCHED)));
    }
    // PE section names have no room for the blob's; its read-only data has a name of its own, too.
    let data = layout.section(".rdata").and_then(|_| layout.section(".data"))?;
    let is_go_linked = layout.sections.iter().any(|section| section.name == ".symtab");
    Some((data.offset, at_most(data.size, if is_go_linked { SEARCHED } else { SEARCHED_FOREIGN })))
}

/// The two texts behind the header, each with its length before it.
fn inline(file: &dyn ReadAt, at: u64) -> Result<(Vec<u8>, Vec<u8>), Damage> {
    let mut texts = [Vec::new(), Vec::new()];
    let mut at = at.saturating_add(HEADER as u64);
    for (text, limit) in texts.iter_mut().zip([MAX_VERSION, MAX_MODULES]) {
        let front = file.read_vec(at, 10)?;
        let Some((length, used)) = varint(&front) else {
            break;
        };
        at = at.saturating_add(used);
        *text = exact(file, at, usize::try_from(length.min(limit)).unwrap_or(0), "the Go build info")?;
        at = at.saturating_add(length);
    }
    let [version, modules] = texts;
    Ok((version, modules))
}

/// A base-128 number and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index as u64 + 1));
        }
    }
    None
}

/// Memory of the program, as it lies in the file.
struct Pointers<'a> {
    file: &'a dyn ReadAt,
    layout: &'a Layout,
    order: ByteOrder,
    is_64: bool,
}

impl Pointers<'_> {
    fn pointer(&self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_64 { self.order.u64(bytes, at) } else { self.order.u32(bytes, at).map(u64::from) }
    }

    /// The text whose header's address stands in the blob; empty if it leads nowhere.
    fn string(&self, blob: &[u8], at: usize, limit: u64) -> Result<Vec<u8>, Damage> {
        let header = self.pointer(blob, at).and_then(|address| self.layout.offset_of(address));
        let Some((header_at, _)) = header else {
            return Ok(Vec::new());
        };
        let size = if self.is_64 { 8 } else { 4 };
        let header = self.file.read_vec(header_at, 2 * size)?;
        let content = self.pointer(&header, 0).and_then(|address| self.layout.offset_of(address));
        match (content, self.pointer(&header, size)) {
            (Some((at, rest)), Some(length)) => {
                let length = usize::try_from(length.min(limit).min(rest)).unwrap_or(0);
                exact(self.file, at, length, "the Go build info")
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// The module list without the 16 bytes of mark on either side.
fn framed(modules: &[u8]) -> &[u8] {
    match modules.len().checked_sub(33) {
        Some(inner) if modules.get(inner + 16) == Some(&b'\n') => {
            modules.get(16..inner + 17).unwrap_or_default()
        }
        _ => &[],
    }
}

fn parse(modules: &[u8]) -> GoBuildInfo {
    let mut info = GoBuildInfo::default();
    let mut last_is_main = true;
    for line in modules.split(|&byte| byte == b'\n') {
        let line = text(line);
        let mut parts = line.split('\t');
        let kind = parts.next().unwrap_or_default();
        let mut next = || parts.next().unwrap_or_default().to_owned();
        match kind {
            "path" => info.path = Some(next()),
            "mod" => {
                info.main = Some(GoModule { path: next(), version: next(), replaced_by: None });
                last_is_main = true;
            }
            "dep" => {
                info.dependencies.push(GoModule { path: next(), version: next(), replaced_by: None });
                last_is_main = false;
            }
            "=>" => {
                let module = if last_is_main { info.main.as_mut() } else { info.dependencies.last_mut() };
                if let Some(module) = module {
                    module.replaced_by = Some((next(), next()));
                }
            }
            "build" => {
                let setting = next();
                let (key, value) = setting.split_once('=').unwrap_or((&setting, ""));
                info.settings.push((key.to_owned(), value.trim_matches('"').to_owned()));
            }
            _ => {}
        }
    }
    info
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::executable::{Section, Segment};

    /// The section of a program built by Go 1.19.
    const INLINE: &[u8] = include_bytes!("../../../tests/fixtures/executables/go-buildinfo-1.19.bin");

    fn own_section(bytes: &[u8]) -> Layout {
        let size = bytes.len() as u64;
        let section = Section { name: ".go.buildinfo".into(), size, ..Section::default() };
        Layout { sections: vec![section], ..Layout::default() }
    }

    /// The blob of Go before 1.18: addresses of string headers, here with 4 bytes, most significant first.
    fn pointers(version: &str, modules: &[u8]) -> (Vec<u8>, Layout) {
        const BASE: u32 = 0x40_0000;
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&[4, 1]);
        for number in [BASE + 64, BASE + 72, 0, 0] {
            bytes.extend_from_slice(&u32::to_be_bytes(number));
        }
        bytes.resize(64, 0);
        let (at, version_size, size) = (BASE + 80, version.len() as u32, modules.len() as u32);
        for number in [at, version_size, at + version_size, size] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(version.as_bytes());
        bytes.extend_from_slice(modules);
        let size = bytes.len() as u64;
        let segment = Segment { address: BASE.into(), offset: 0, size, is_data: true };
        (bytes, Layout { segments: vec![segment], ..Layout::default() })
    }

    #[test]
    fn inline_texts_name_modules_and_replacements() {
        let info = read(&INLINE, &own_section(INLINE)).unwrap().unwrap();
        assert_eq!(info.go_version, "go1.19.8");
        assert_eq!(info.path.as_deref(), Some("example.com/agent"));
        assert_eq!(info.main.unwrap().names().collect::<Vec<_>>(), ["example.com/agent@(devel)"]);
        let names: Vec<_> = info.dependencies.iter().flat_map(GoModule::names).collect();
        assert_eq!(names, ["example.com/dep@v1.2.0", "./dep@(devel)"]);
        assert!(info.settings.contains(&("GOOS".into(), "linux".into())), "{:?}", info.settings);
    }

    #[test]
    fn pointers_lead_through_segments_without_sections() {
        let modules = [&[b'0'; 16][..], b"path\ta/b\nmod\ta\tv1\n", &[b'1'; 16]].concat();
        let (bytes, layout) = pointers("go1.13.4", &modules);
        let info = read(&bytes, &layout).unwrap().unwrap();
        assert_eq!((info.go_version.as_str(), info.path.as_deref()), ("go1.13.4", Some("a/b")));
        assert_eq!(info.main.unwrap().version, "v1");
    }

    #[test]
    fn a_cut_blob_is_damage_and_other_data_is_none() {
        assert!(read(&&INLINE[..100], &own_section(INLINE)).is_err());
        assert_eq!(read(&&INLINE[1..], &own_section(INLINE)), Ok(None));
        assert_eq!(read(&INLINE, &Layout::default()), Ok(None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_change_never_panics(
            inline: bool,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        ) {
            let (mut bytes, layout) = if inline { (INLINE.to_vec(), own_section(INLINE)) } else { pointers("go1.13.4", b"") };
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = read(&bytes, &layout);
        }
    }
}
