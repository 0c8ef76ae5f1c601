//! Notes: the GNU build id and the package metadata.

use super::{Elf, PT_NOTE, ProgramHeader, Reader, SHT_NOTE, SectionHeader};
use crate::bytes::{Damage, DamageKind, limited};
use crate::format::executable::ByteOrder;
use crate::text::hex::hex;

/// Notes are read up to this many bytes each; identity notes have tens to hundreds.
const MAX_NOTES: u64 = 64 << 10;
/// More note ranges than this are not read.
const MAX_RANGES: usize = 64;

const NT_GNU_BUILD_ID: u32 = 3;
/// The type of package metadata notes, whose owner is `FDO`.
const NT_FDO_PACKAGING_METADATA: u32 = 0xcafe_1a7e;

/// One note.
struct Note<'a> {
    owner: &'a [u8],
    kind: u32,
    content: &'a [u8],
}

impl Reader<'_> {
    pub(super) fn notes(
        &mut self,
        segments: &[ProgramHeader],
        sections: &[SectionHeader],
        sections_only: bool,
        elf: &mut Elf,
    ) {
        let in_segments = segments
            .iter()
            .filter(|segment| segment.kind == PT_NOTE && !sections_only)
            .map(|segment| (segment.offset, segment.size, segment.align));
        let mut ranges: Vec<(u64, u64, u64)> =
            limited(in_segments, MAX_RANGES, "segments of notes", &mut self.damage);
        let in_sections = sections.iter().filter(|section| section.kind == SHT_NOTE);
        for section in limited(in_sections, MAX_RANGES, "sections of notes", &mut self.damage) {
            let is_covered = ranges.iter().any(|(offset, size, _)| {
                section.offset >= *offset
                    && section.offset.saturating_add(section.size) <= offset.saturating_add(*size)
            });
            if !is_covered {
                ranges.push((section.offset, section.size, section.align));
            }
        }
        for (offset, size, align) in ranges {
            if let Some(bytes) = self.range(offset, size.min(MAX_NOTES), "the notes") {
                let (notes, is_whole) = split(&bytes, self.words.order, if align == 8 { 8 } else { 4 });
                let taken = notes.iter().all(|note| take(note, elf));
                if !is_whole || !taken {
                    let what = "the notes, which say what package a program is of";
                    self.damage.push(Damage::new(DamageKind::Corrupt, offset, what));
                }
            }
        }
    }
}

/// Takes what a note says; whether it could be read.
fn take(note: &Note<'_>, elf: &mut Elf) -> bool {
    match (note.owner, note.kind) {
        (b"GNU\0", NT_GNU_BUILD_ID) if elf.build_id.is_none() && !note.content.is_empty() => {
            elf.build_id = Some(hex(note.content));
        }
        (b"FDO\0", NT_FDO_PACKAGING_METADATA) if elf.package_metadata.is_empty() => {
            let Some(texts) = package_metadata(note.content) else { return false };
            elf.package_metadata = texts;
        }
        _ => {}
    }
    true
}

/// The notes of a range, up to the first that does not fit, and whether there is nothing but padding behind them.
fn split(bytes: &[u8], order: ByteOrder, align: usize) -> (Vec<Note<'_>>, bool) {
    let mut at = 0;
    let mut next = || {
        let header = bytes.get(at..)?;
        let owner_size = order.u32(header, 0)? as usize;
        let content_size = order.u32(header, 4)? as usize;
        let kind = order.u32(header, 8)?;
        let owner = header.get(12..)?.get(..owner_size)?;
        let content_at = (at.checked_add(12)?.checked_add(owner_size)?).checked_next_multiple_of(align)?;
        let content = bytes.get(content_at..)?.get(..content_size)?;
        at = content_at.checked_add(content_size)?.checked_next_multiple_of(align)?;
        Some(Note { owner, kind, content })
    };
    let notes: Vec<Note<'_>> = std::iter::from_fn(&mut next).collect();
    let is_whole = bytes.get(at..).is_none_or(|rest| rest.iter().all(|&byte| byte == 0));
    (notes, is_whole || bytes.len() as u64 == MAX_NOTES)
}

/// The texts of a JSON object, in the order of the keys; `None` when it is none.
fn package_metadata(content: &[u8]) -> Option<Vec<(String, String)>> {
    let end = content.iter().position(|&byte| byte == 0).unwrap_or(content.len());
    let json = content.get(..end).unwrap_or_default();
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(json).ok()?;
    let texts = object.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
    Some(texts.filter(|(_, value)| !value.is_empty()).collect())
}
