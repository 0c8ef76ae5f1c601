//! The dynamic section: the names a program is linked by.

use super::{Elf, PT_DYNAMIC, ProgramHeader, Reader, SHT_DYNAMIC, SectionHeader};
use crate::bytes::{Damage, DamageKind};
use crate::format::executable::{c_string, text};

/// More entries than this are not read; the largest programs have a few hundred.
const MAX_ENTRIES: u64 = 16_384;
/// A string table up to this size is read at once, a larger one string by string.
const SMALL_STRINGS: u64 = 16 << 10;
/// The longest name that is read from a large string table.
const MAX_NAME: usize = 4096;

const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;

/// The string table that the entries point into.
struct Strings {
    offset: u64,
    size: u64,
    bytes: Option<Vec<u8>>,
}

impl Reader<'_> {
    pub(super) fn dynamic(&mut self, segments: &[ProgramHeader], sections: &[SectionHeader], elf: &mut Elf) {
        let segment = segments.iter().find(|segment| segment.kind == PT_DYNAMIC && segment.size > 0);
        let section = sections.iter().find(|section| section.kind == SHT_DYNAMIC && section.size > 0);
        let (offset, size) = match (segment, section) {
            (Some(segment), _) => (segment.offset, segment.size),
            (None, Some(section)) => (section.offset, section.size),
            (None, None) => return,
        };
        let entry_size = if self.words.is_64 { 16 } else { 8 };
        let size = (size - size % entry_size).min(MAX_ENTRIES * entry_size);
        let Some(bytes) = self.range(offset, size, "the dynamic section") else {
            return;
        };
        let entries: Vec<(u64, u64)> = bytes
            .chunks_exact(entry_size as usize)
            .filter_map(|entry| Some((self.words.word(entry, 0, 0)?, self.words.word(entry, 4, 8)?)))
            .take_while(|(tag, _)| *tag != 0)
            .collect();
        let named =
            |wanted: u64| entries.iter().filter(move |(tag, _)| *tag == wanted).map(|(_, value)| *value);
        if ![DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH].into_iter().any(|tag| named(tag).next().is_some()) {
            return;
        }
        let address = named(DT_STRTAB).next();
        let linked = section.and_then(|section| sections.get(section.link as usize));
        let found = match address.and_then(|address| elf.layout.offset_of(address)) {
            Some((at, rest)) => Some((at, named(DT_STRSZ).next().map_or(rest, |size| size.min(rest)))),
            None => linked.map(|strings| (strings.offset, strings.size)),
        };
        let Some((at, size)) = found else {
            let what = "the dynamic section's string table lies outside the file's segments";
            return self.damage.push(Damage::new(DamageKind::Corrupt, offset, what));
        };
        let bytes = if size <= SMALL_STRINGS {
            match self.range(at, size, "the dynamic string table") {
                Some(bytes) => Some(bytes),
                None => return,
            }
        } else {
            None
        };
        let strings = Strings { offset: at, size, bytes };
        elf.soname = named(DT_SONAME).next().and_then(|at| self.string(&strings, at));
        elf.needed = named(DT_NEEDED).filter_map(|at| self.string(&strings, at)).collect();
        let runpath = named(DT_RUNPATH).chain(named(DT_RPATH)).next();
        let runpath = runpath.and_then(|at| self.string(&strings, at)).unwrap_or_default();
        elf.runpath = runpath.split(':').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    }

    fn string(&mut self, strings: &Strings, at: u64) -> Option<String> {
        if at >= strings.size {
            let what = "a name of the dynamic section lies outside its string table";
            self.damage.push(Damage::new(DamageKind::Corrupt, strings.offset, what));
            return None;
        }
        if let Some(bytes) = &strings.bytes {
            return c_string(bytes, usize::try_from(at).ok()?).map(text);
        }
        let offset = strings.offset.checked_add(at)?;
        let rest = usize::try_from(strings.size - at).unwrap_or(usize::MAX);
        // Most names are short; only a long one costs a second read.
        for len in [256.min(rest), MAX_NAME.min(rest)] {
            let available = self.file.size().saturating_sub(offset).min(len as u64);
            let bytes = self.range(offset, available.max(1), "a name of the dynamic section")?;
            let name = c_string(&bytes, 0)?;
            if name.len() < bytes.len() || len == MAX_NAME.min(rest) {
                return Some(text(name));
            }
        }
        None
    }
}
