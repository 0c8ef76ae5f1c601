//! Paths of Windows in bytes of any structure: caches and queues whose layout changes with each version of Windows keep
//! paths as plain UTF-16.
//!
//! Source: "Application Compatibility Cache key" of libyal's winreg-kb, whose seven layouts have this in common.

use std::collections::BTreeSet;

/// The longest path of Windows, in units.
const LONGEST: usize = 32_767;
/// What a path begins with when no letter of a drive does.
const STARTS: [&str; 3] = [PREFIX, r"\Device\", r"SYSVOL\"];
/// In front of paths of the kernel, which say nothing more.
const PREFIX: &str = r"\??\";

/// Every path that stands in the bytes as UTF-16, once, sorted. A path ends at a character that no path has, or where
/// the length in front of it says.
pub fn windows_paths(bytes: &[u8]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for start in 0..2 {
        let rest = bytes.get(start..).unwrap_or_default();
        let mut run: Vec<u16> = Vec::new();
        let mut begins = 0;
        for (at, unit) in rest.chunks_exact(2).enumerate() {
            let Some(unit) = unit.first_chunk::<2>().map(|unit| u16::from_le_bytes(*unit)) else { continue };
            if is_of_path(unit) && run.len() < LONGEST {
                if run.is_empty() {
                    begins = at;
                }
                run.push(unit);
                continue;
            }
            add(&run, rest, begins, &mut paths);
            run.clear();
        }
        add(&run, rest, begins, &mut paths);
    }
    paths
}

/// Whether a path may have this unit; `?` only stands in front of one.
fn is_of_path(unit: u16) -> bool {
    !matches!(unit, 0..0x20 | 0x22 | 0x2a | 0x3c | 0x3e | 0x7c | 0x7f | 0xfff0..)
}

/// The paths of a run of units, whose first stands at a place of the bytes.
fn add(run: &[u16], bytes: &[u8], begins: usize, paths: &mut BTreeSet<String>) {
    let mut at = 0;
    while let Some(start) = (at..run.len()).find(|start| begins_path(run, *start)) {
        let rest = run.get(start..).unwrap_or_default();
        // A length in front of the path, in bytes, which may read as a character of the run.
        let before = match start.checked_sub(1) {
            Some(before) => run.get(before).copied(),
            None => (begins * 2)
                .checked_sub(2)
                .and_then(|at| bytes.get(at..)?.first_chunk())
                .map(|unit| u16::from_le_bytes(*unit)),
        };
        let length =
            before.map(|length| usize::from(length) / 2).filter(|length| (4..=rest.len()).contains(length));
        let next = || (1..rest.len()).find(|next| starts_with(rest, *next, PREFIX));
        let end = length.or_else(next).unwrap_or(rest.len());
        let text = String::from_utf16_lossy(rest.get(..end).unwrap_or(rest));
        let path = text.strip_prefix(PREFIX).unwrap_or(&text).trim();
        if path.len() > 3 {
            paths.insert(path.to_owned());
        }
        at = start + end.max(1);
    }
}

/// Whether a path begins at a unit: a drive, or one of the other starts.
fn begins_path(run: &[u16], at: usize) -> bool {
    let is_drive =
        run.get(at).is_some_and(|unit| u8::try_from(*unit).is_ok_and(|byte| byte.is_ascii_alphabetic()))
            && starts_with(run, at + 1, r":\");
    is_drive || STARTS.iter().any(|start| starts_with(run, at, start))
}

fn starts_with(run: &[u16], at: usize, text: &str) -> bool {
    run.get(at..).is_some_and(|rest| text.encode_utf16().eq(rest.iter().copied().take(text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn paths_of_any_layout() {
        let path = r"C:\Program Files\Vendor Lab\ä.exe";
        // An entry of Windows 10: its length in front of the path, a time behind it.
        let entry = [
            b"10ts\0\0\0\0".to_vec(),
            (wide(path).len() as u16).to_le_bytes().to_vec(),
            wide(path),
            [0x41_u8, 0x42, 0x43, 0x44, 1, 0, 0, 0].to_vec(),
        ]
        .concat();
        // Of Windows 7: one behind the other.
        let joined = wide(r"\??\C:\a\b.exe\??\D:\c.exe");
        let odd = [b"x".to_vec(), wide(r"\Device\HarddiskVolume2\d.exe"), vec![0, 0]].concat();
        for (bytes, wanted) in [
            (entry, vec![path]),
            (joined, vec![r"C:\a\b.exe", r"D:\c.exe"]),
            (odd, vec![r"\Device\HarddiskVolume2\d.exe"]),
            (wide("no path \\ here"), Vec::new()),
            (Vec::new(), Vec::new()),
        ] {
            let found = windows_paths(&bytes);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let longest = windows_paths(&bytes).iter().map(String::len).max().unwrap_or(0);
            proptest::prop_assert!(longest <= bytes.len() * 3);
        }
    }
}
