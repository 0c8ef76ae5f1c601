//! `.lnk`: shortcuts of Windows, as far as they tell what they lead to.
//!
//! The target is named up to four times: in the link information, as a path with variables, relative to the
//! shortcut, and as a list of shell items. The first three are read; of the last the names only, which suffice where
//! a shortcut has nothing else. Format: [MS-SHLLINK]; shell items: libfwsi's "Windows Shell Item format".

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::executable::ByteOrder;

const LE: ByteOrder = ByteOrder::Little;
/// `HeaderSize` and `LinkCLSID`.
const HEADER: &[u8] = &[0x4c, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
const HEADER_SIZE: usize = 0x4c;
/// `EnvironmentVariableDataBlock`.
const ENVIRONMENT: u32 = 0xa000_0001;
/// `DarwinDataBlock`: the shortcut of a product that Windows Installer may still have to install.
const DARWIN: u32 = 0xa000_0006;
/// More shell items or extra blocks than this are not read.
const MAX_BLOCKS: usize = 256;

/// A shortcut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellLink {
    /// Path of the target with its drive or share.
    pub path: Option<String>,
    /// Path of the target with variables.
    pub path_with_variables: Option<String>,
    /// Path of the target from the shortcut's folder.
    pub relative_path: Option<String>,
    /// Names in the list of shell items, joined with backslashes.
    pub items: Option<String>,
    /// What it says of itself.
    pub name: Option<String>,
    /// The folder that the target starts in.
    pub working_directory: Option<String>,
    /// Arguments of the target.
    pub arguments: Option<String>,
    /// Where its icon comes from.
    pub icon: Option<String>,
    /// Descriptor of a product of Windows Installer.
    pub installer_descriptor: Option<String>,
}

impl ShellLink {
    /// The target as precisely as the shortcut says it. A path in an unknown code page is the last choice.
    pub fn target(&self) -> Option<&str> {
        let paths = [&self.path, &self.path_with_variables, &self.items, &self.relative_path];
        let mut known = paths.into_iter().filter_map(|path| path.as_deref());
        let is_whole = |path: &&str| !path.contains(char::REPLACEMENT_CHARACTER);
        known.clone().find(is_whole).or_else(|| known.next())
    }
}

/// Reads a shortcut; `None` if the bytes are none. What comes before a cut is kept.
pub fn read(bytes: &[u8]) -> Option<Salvaged<ShellLink>> {
    if !bytes.starts_with(HEADER) {
        return None;
    }
    let mut out = Salvaged::whole(ShellLink::default());
    if parts(bytes, &mut out.value).is_none() {
        out.damage.push(Damage::new(
            DamageKind::Truncated,
            None,
            "the shortcut ends inside one of its parts",
        ));
    }
    Some(out)
}

/// `None` where a part does not fit.
fn parts(bytes: &[u8], link: &mut ShellLink) -> Option<()> {
    let flags = LE.u32(bytes, 20)?;
    let has = |bit: u32| flags & 1 << bit != 0;
    let mut at = HEADER_SIZE;
    if has(0) {
        let size = usize::from(LE.u16(bytes, at)?);
        link.items = items(bytes.get(at + 2..at + 2 + size)?);
        at += 2 + size;
    }
    // Bit 8: the link information is to be ignored, but it is there.
    if has(1) {
        let size = LE.u32(bytes, at)? as usize;
        let info = bytes.get(at..at.checked_add(size.max(4))?)?;
        if !has(8) {
            link.path = info_path(info);
        }
        at += size.max(4);
    }
    let is_unicode = has(7);
    let mut string = |bit: u32| -> Option<Option<String>> {
        if !has(bit) {
            return Some(None);
        }
        let count = usize::from(LE.u16(bytes, at)?);
        let size = if is_unicode { count * 2 } else { count };
        let text = bytes.get(at + 2..at + 2 + size)?;
        at += 2 + size;
        let text = if is_unicode { wide(text) } else { narrow(text) };
        Some(Some(text).filter(|text| !text.is_empty()))
    };
    link.name = string(2)?;
    link.relative_path = string(3)?;
    link.working_directory = string(4)?;
    link.arguments = string(5)?;
    link.icon = string(6)?;
    for _ in 0..MAX_BLOCKS {
        // Many programs leave out the block that ends the list.
        let Some(size) = LE.u32(bytes, at).map(|size| size as usize).filter(|size| *size >= 8) else {
            break;
        };
        let block = bytes.get(at..at.checked_add(size)?)?;
        let both = || {
            let unicode = block.get(268..788).map(wide);
            let text = unicode.filter(|text| !text.is_empty()).or_else(|| block.get(8..268).map(narrow));
            text.filter(|text| !text.is_empty())
        };
        match LE.u32(block, 4) {
            Some(ENVIRONMENT) => link.path_with_variables = both(),
            Some(DARWIN) => link.installer_descriptor = both(),
            _ => {}
        }
        at += size;
    }
    Some(())
}

/// The path of a `LinkInfo` structure.
fn info_path(info: &[u8]) -> Option<String> {
    let offset = |at| LE.u32(info, at).map(|offset| offset as usize).filter(|offset| *offset != 0);
    let header = LE.u32(info, 4)?;
    let flags = LE.u32(info, 8)?;
    let text = |narrow_at, wide_at| {
        let unicode =
            (header >= 0x24).then(|| offset(wide_at)).flatten().and_then(|at| info.get(at..)).map(wide);
        unicode.or_else(|| offset(narrow_at).and_then(|at| info.get(at..)).map(narrow))
    };
    let suffix = text(24, 32).unwrap_or_default();
    // Bit 0: on a volume of the machine; bit 1: on a share.
    let base = if flags & 1 != 0 {
        text(16, 28)
    } else {
        info.get(offset(20)?..).and_then(share_name).map(|name| format!("{}\\", name.trim_end_matches('\\')))
    }?;
    Some(format!("{base}{suffix}")).filter(|path| !path.is_empty())
}

/// The name of a share (`CommonNetworkRelativeLink`): in UTF-16 where the structure is long enough to have it, else in the
/// code page of the machine.
fn share_name(share: &[u8]) -> Option<String> {
    let at = LE.u32(share, 8)? as usize;
    let unicode = (at > 0x14).then(|| LE.u32(share, 20)).flatten().filter(|at| *at != 0);
    let unicode = unicode.and_then(|at| share.get(at as usize..)).map(wide).filter(|name| !name.is_empty());
    unicode.or_else(|| share.get(at..).map(narrow))
}

/// The names of the shell items of a file on a drive; `None` when they lead elsewhere.
fn items(mut list: &[u8]) -> Option<String> {
    let mut path = String::new();
    for _ in 0..MAX_BLOCKS {
        let size = usize::from(LE.u16(list, 0).unwrap_or(0));
        let Some(item) = list.get(2..size).filter(|item| !item.is_empty()) else { break };
        list = list.get(size..).unwrap_or_default();
        let class = item.first().copied().unwrap_or(0);
        match class & 0x70 {
            // A drive: `C:\`.
            0x20 if path.is_empty() && class & 0x0f != 0x0e => {
                path = narrow(item.get(1..).unwrap_or_default()).trim_end_matches('\\').to_owned();
            }
            0x30 if !path.is_empty() => {
                let name = file_name(class, item)?;
                path.push('\\');
                path.push_str(&name);
            }
            _ => {}
        }
    }
    path.contains('\\').then_some(path)
}

/// The long name of a file entry, else the short one.
fn file_name(class: u8, item: &[u8]) -> Option<String> {
    // Class, a byte, size, date, attributes: then the name, and after it the extension block 0xbeef0004.
    let short = item.get(12..)?;
    let short = if class & 4 != 0 { wide(short) } else { narrow(short) };
    let extension = LE
        .u16(item, item.len().checked_sub(2)?)
        .and_then(|offset| item.get(usize::from(offset).checked_sub(2)?..));
    let long = extension.filter(|block| LE.u32(block, 4) == Some(0xbeef_0004)).and_then(|block| {
        // The header grew with the versions of Windows.
        let at = match LE.u16(block, 2)? {
            0..=2 => return None,
            3..=6 => 20,
            7 => 38,
            8 => 42,
            _ => 46,
        };
        block.get(at..).map(wide).filter(|name| !name.is_empty())
    });
    long.or(Some(short)).filter(|name| !name.is_empty())
}

/// UTF-16 up to a NUL or the end.
fn wide(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(*pair.first_chunk()?)));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}

/// Text of an unknown code page up to a NUL or the end: ASCII is right, the rest shows that something was there.
fn narrow(bytes: &[u8]) -> String {
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made by pylnk3, a writer of others (see tests/fixtures/README.md).
    const SAMPLE: &[u8] = include_bytes!("../../../tests/fixtures/windows/shortcut.lnk");

    #[test]
    fn a_shortcut_of_another_writer() {
        let link = read(SAMPLE).unwrap();
        assert!(link.damage.is_empty());
        let link = link.value;
        assert_eq!(link.target(), Some("C:\\Program Files\\Vendor\\Tool\\tool.exe"));
        assert_eq!(link.items.as_deref(), Some("C:\\Program Files\\Vendor\\Tool\\tool.exe"));
        assert_eq!((link.arguments.as_deref(), link.name.as_deref()), (Some("/minimised"), Some("Средство")));
        assert_eq!(link.working_directory.as_deref(), Some("C:\\Program Files\\Vendor"));
    }

    #[test]
    fn without_link_information_the_items_tell() {
        let mut bytes = SAMPLE.to_vec();
        bytes[21] |= 1;
        let link = read(&bytes).unwrap().value;
        assert_eq!(
            (link.path.as_deref(), link.target()),
            (None, Some("C:\\Program Files\\Vendor\\Tool\\tool.exe"))
        );
    }

    #[test]
    fn paths_with_variables_and_shares() {
        let mut bytes = HEADER.to_vec();
        bytes.extend(2_u32.to_le_bytes());
        bytes.resize(HEADER_SIZE, 0);
        // LinkInfo of a share: header, and the share's name at 0x14 of its own structure.
        let mut info = Vec::new();
        for number in [0x40_u32, 0x1c, 2, 0, 0, 0x1c, 0x3c] {
            info.extend(number.to_le_bytes());
        }
        for number in [0x20_u32, 0, 0x14, 0, 0] {
            info.extend(number.to_le_bytes());
        }
        info.extend(b"\\\\server\\it\0");
        info.extend(b"a.e\0");
        bytes.extend(info);
        let mut block = vec![0; 0x314];
        block[..4].copy_from_slice(&0x314_u32.to_le_bytes());
        block[4..8].copy_from_slice(&ENVIRONMENT.to_le_bytes());
        block[8..12].copy_from_slice(b"%a%\0");
        bytes.extend(block);
        let link = read(&bytes).unwrap();
        assert_eq!(link.value.path_with_variables.as_deref(), Some("%a%"));
        assert_eq!(link.value.path.as_deref(), Some("\\\\server\\it\\a.e"));
    }

    #[test]
    fn a_cut_shortcut_keeps_what_came_before() {
        let link = read(&SAMPLE[..SAMPLE.len() * 3 / 4]).unwrap();
        assert_eq!((link.value.items.is_some(), link.damage.len()), (true, 1));
        assert_eq!(read(b"L\0\0\0"), None);
    }

    #[test]
    fn a_share_is_named_in_utf_16_where_it_can_be() {
        let wide: Vec<u8> = "\\\\server\\Тест\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let number = |number: u32| number.to_le_bytes().to_vec();
        let narrow = b"\\\\server\\????\0\0".to_vec();
        let long = [
            number(0),
            number(0),
            number(28),
            number(0),
            number(0),
            number(28 + u32::try_from(narrow.len()).unwrap()),
            number(0),
            narrow,
            wide,
        ]
        .concat();
        assert_eq!(share_name(&long).as_deref(), Some("\\\\server\\Тест"));
        let short =
            [number(0), number(0), number(20), number(0), number(0), b"\\\\server\\x\0".to_vec()].concat();
        assert_eq!(share_name(&short).as_deref(), Some("\\\\server\\x"));
    }

    #[test]
    fn a_path_in_an_unknown_code_page_is_the_last_choice() {
        let mut link = ShellLink { path: Some(narrow(b"C:\\\xcf\xf0\\a.exe")), ..ShellLink::default() };
        assert!(link.target().is_some());
        link.items = Some("C:\\Пр\\a.exe".to_owned());
        assert_eq!(link.target(), Some("C:\\Пр\\a.exe"));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30), cut in any::<prop::sample::Index>()) {
            let mut bytes = SAMPLE.to_vec();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = read(&bytes);
            let _ = read(&bytes[..cut.index(bytes.len())]);
        }
    }
}
