//! Debian packages: an `ar` archive of `debian-binary`, `control.tar.*` and `data.tar.*`, in this order.
//!
//! Read are the control file, and where the payload lies. Format: deb(5), ar(5).

use super::archived;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::Slice;
use crate::format::executable::bulk::Parts;

const MAGIC: &[u8] = b"!<arch>\n";
/// The header before each member.
const HEADER: u64 = 60;

/// Whether a file that starts with these bytes is a Debian package.
pub fn is_deb(head: &[u8]) -> bool {
    head.strip_prefix(MAGIC).is_some_and(|rest| rest.starts_with(b"debian-binary"))
}

/// Members before the control archive; dpkg allows a few that it does not know.
const MAX_MEMBERS: usize = 16;

/// The control file of a package.
pub fn control(file: &dyn ReadAt) -> Salvaged<Option<Vec<u8>>> {
    let mut at = MAGIC.len() as u64;
    for _ in 0..MAX_MEMBERS {
        let Ok(header) = file.read_vec(at, 60) else { break };
        let Some((name, length)) = member(&header) else { break };
        let body = at.saturating_add(HEADER);
        if name.starts_with(b"control.tar") {
            if body.saturating_add(length) > file.size() {
                break;
            }
            let mut read = archived::member(&Slice::new(file, body, length), &["control"]);
            if read.value.is_none() && read.damage.is_empty() {
                read.damage.push(Damage::new(DamageKind::Corrupt, body, "no control file in the package"));
            }
            return read;
        }
        at = body.saturating_add(length).saturating_add(length % 2);
    }
    let damage = Damage::new(DamageKind::Truncated, at, "a package without its control archive");
    Salvaged::lost(damage)
}

/// Name and length of a member, by its header.
fn member(header: &[u8]) -> Option<(&[u8], u64)> {
    let (name, rest) = header.split_at_checked(16)?;
    if !rest.ends_with(b"`\n") {
        return None;
    }
    Some((name, std::str::from_utf8(rest.get(32..42)?).ok()?.trim_ascii_end().parse().ok()?))
}

/// The payload: what lies in the member behind `control.tar`, and whatever follows.
pub(in crate::format) fn bulk(head: &[u8], size: u64) -> Option<Parts> {
    let mut at = MAGIC.len() as u64;
    loop {
        let header = head.get(usize::try_from(at).ok()?..)?.get(..60)?;
        let (name, length) = member(header)?;
        let body = at.checked_add(HEADER)?;
        // Bodies begin at even places.
        at = body.checked_add(length)?.checked_next_multiple_of(2)?;
        let payload = if name.starts_with(b"data.tar") {
            body
        } else if name.starts_with(b"control.tar") {
            // Its header may lie behind the bytes that are at hand.
            at.checked_add(HEADER)?
        } else {
            continue;
        };
        return Some(Parts { bulk: std::iter::once(payload..size).collect(), identity: Vec::new() });
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "lists of ranges")]
pub(in crate::format) mod tests {
    use crate::format::executable::bulk::ranges;

    /// A package with a control archive and a payload of so many bytes.
    pub(in crate::format) fn package(control: usize, payload: usize) -> Vec<u8> {
        let mut bytes = super::MAGIC.to_vec();
        for (name, size) in [("debian-binary", 4), ("control.tar.xz", control), ("data.tar.xz", payload)] {
            bytes.extend_from_slice(
                format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 100_644).as_bytes(),
            );
            bytes.resize(bytes.len() + size + size % 2, b'x');
        }
        bytes
    }

    #[test]
    fn the_payload_is_left_out() {
        let deb = package(1001, 100_000);
        // The first page stays.
        assert_eq!(ranges(&deb, deb.len() as u64), [4096..deb.len() as u64]);
        let deb = package(50_001, 100_000);
        let start = 8 + 60 + 4 + 60 + 50_002 + 60;
        assert_eq!(ranges(&deb, deb.len() as u64), [start..start + 100_000]);
        assert_eq!(
            ranges(&deb[..300], deb.len() as u64),
            [start..start + 100_000],
            "its header is not at hand"
        );
    }

    #[test]
    fn an_archive_that_is_damaged_or_no_package_stays_whole() {
        let mut deb = package(1001, 100_000);
        assert_eq!(ranges(&deb[..40], deb.len() as u64), []);
        deb[8 + 48] = b'x';
        assert_eq!(ranges(&deb, deb.len() as u64), []);
        let mut library = package(1001, 100_000);
        library[8..21].copy_from_slice(b"object.o/    ");
        assert_eq!(ranges(&library, library.len() as u64), []);
    }

    /// A package whose control archive is not compressed.
    pub(in crate::format) fn with_control(text: &[u8]) -> Vec<u8> {
        let mut header = [0_u8; 512];
        header[..9].copy_from_slice(b"./control");
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", text.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let mut tar = header.to_vec();
        tar.extend_from_slice(text);
        tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
        let mut bytes = super::MAGIC.to_vec();
        for (name, body) in [("debian-binary", &b"2.0\n"[..]), ("control.tar", &tar), ("data.tar.xz", b"")] {
            bytes.extend_from_slice(
                format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, body.len()).as_bytes(),
            );
            bytes.extend_from_slice(body);
        }
        bytes
    }

    #[test]
    fn the_control_file_names_the_package() {
        let text = b"Package: tool\nVersion: 1.0\n";
        let deb = with_control(text);
        let read = super::control(&deb);
        assert_eq!((read.value.as_deref(), read.damage.len()), (Some(&text[..]), 0));
        for length in [0, 8, 60, 100, 300, 800] {
            let cut = super::control(&&deb[..length]);
            assert!(!cut.damage.is_empty(), "{length}");
        }
        assert_eq!(super::control(&package(600, 10)).value, None);
    }
}
