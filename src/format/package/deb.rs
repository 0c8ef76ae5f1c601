//! Debian packages: an `ar` archive of `debian-binary`, `control.tar.*` and `data.tar.*`, in this order.
//!
//! Only where the payload lies is reported. Format: deb(5), ar(5).

use crate::format::executable::bulk::Parts;

const MAGIC: &[u8] = b"!<arch>\n";
/// The header before each member.
const HEADER: u64 = 60;

/// Whether a file that starts with these bytes is a Debian package.
pub fn is_deb(head: &[u8]) -> bool {
    head.strip_prefix(MAGIC).is_some_and(|rest| rest.starts_with(b"debian-binary"))
}

/// The payload: what lies in the member behind `control.tar`, and whatever follows.
pub(in crate::format) fn bulk(head: &[u8], size: u64) -> Option<Parts> {
    let mut at = MAGIC.len() as u64;
    loop {
        let header = head.get(usize::try_from(at).ok()?..)?.get(..60)?;
        let (name, rest) = header.split_at_checked(16)?;
        if !rest.ends_with(b"`\n") {
            return None;
        }
        let length = std::str::from_utf8(rest.get(32..42)?).ok()?.trim_ascii_end().parse::<u64>().ok()?;
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
}
