//! deb822: stanzas of `Field: value` lines, as dpkg keeps its database (deb822(5), deb-control(5)).
//!
//! Read in one pass by position, a stanza at a time, so that the size of the database costs no memory.

use std::collections::HashSet;

use crate::bytes::{Damage, DamageKind, ReadAt};

/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// A stanza longer than this is no package.
const MAX_STANZA: usize = 4 << 20;

/// One stanza: its text and where it begins.
#[derive(Debug, Clone, Copy)]
pub struct Stanza<'a> {
    /// Offset in the file, in bytes.
    pub offset: u64,
    bytes: &'a [u8],
}

impl<'a> Stanza<'a> {
    /// The value of a field, first line only, without blanks around it. Names compare without case.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.lines().find_map(|line| match line {
            Line::Field(field, value) if field.eq_ignore_ascii_case(name.as_bytes()) => Some(value),
            _ => None,
        })
    }

    /// The words of a field's value, continued lines included. Names compare without case.
    pub fn words(&self, name: &str) -> Vec<&'a [u8]> {
        let mut words = Vec::new();
        let mut within = false;
        for line in self.bytes.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"#")) {
            let value = match Line::of(line) {
                Line::Field(field, value) => {
                    within = field.eq_ignore_ascii_case(name.as_bytes());
                    value
                }
                Line::Other => line,
                Line::Bad(_) => continue,
            };
            if within {
                words.extend(value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()));
            }
        }
        words
    }

    /// Whether every line is a field, a continuation or a comment.
    pub fn first_bad_line(&self) -> Option<&'a [u8]> {
        self.lines().find_map(|line| match line {
            Line::Bad(line) => Some(line),
            _ => None,
        })
    }

    /// Whether a field occurs more than once: two stanzas whose separator was lost.
    pub fn repeats(&self, name: &str) -> bool {
        let named = |line: &Line<'_>| matches!(line, Line::Field(field, _) if field.eq_ignore_ascii_case(name.as_bytes()));
        self.lines().filter(named).nth(1).is_some()
    }

    /// Whether any field occurs more than once, which dpkg never writes: a separator of stanzas was lost or damaged.
    pub fn repeats_any(&self) -> bool {
        // A set: a hostile stanza has a million fields.
        let mut seen: HashSet<Vec<u8>> = HashSet::new();
        self.lines().any(|line| match line {
            Line::Field(field, _) => !seen.insert(field.to_ascii_lowercase()),
            _ => false,
        })
    }

    /// The stanza cut before each further `Package` field or line of another kind that ends so: what a lost separator
    /// joined. One part where nothing was joined.
    pub fn parts(&self) -> Vec<Stanza<'a>> {
        let is_start = |line: &[u8]| {
            let rest = line.get(..40.min(line.len())).unwrap_or_default();
            let at = rest.windows(9).take(4).position(|part| part.eq_ignore_ascii_case(b"Package: "));
            at.is_some()
        };
        let mut parts = Vec::new();
        let (mut start, mut at) = (0, 0);
        for line in self.bytes.split_inclusive(|&byte| byte == b'\n') {
            if is_start(line) {
                // What is before the name was put there instead of the separator.
                let name =
                    line.windows(9).position(|part| part.eq_ignore_ascii_case(b"Package: ")).unwrap_or(0);
                parts.push((start, at));
                start = at + name;
            }
            at += line.len();
        }
        parts.push((start, at));
        let part = |(from, to): (usize, usize)| {
            let bytes = self.bytes.get(from..to).filter(|bytes| !bytes.trim_ascii().is_empty())?;
            Some(Stanza { offset: self.offset + from as u64, bytes })
        };
        parts.into_iter().filter_map(part).collect()
    }

    fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        self.bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(Line::of)
    }
}

enum Line<'a> {
    Field(&'a [u8], &'a [u8]),
    Other,
    Bad(&'a [u8]),
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        if matches!(line.first(), Some(b' ' | b'\t' | b'#')) {
            return Line::Other;
        }
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { return Line::Bad(line) };
        let (name, value) = line.split_at(colon);
        // Field names are printable ASCII without blanks (deb822(5)).
        if !name.is_empty() && name.iter().all(u8::is_ascii_graphic) {
            Line::Field(name, value.get(1..).unwrap_or_default().trim_ascii())
        } else {
            Line::Bad(line)
        }
    }
}

/// Calls `each` for every stanza of a file, up to `limit` bytes, and returns where it went wrong. A file that
/// does not end with a line end was cut.
pub fn read(file: &dyn ReadAt, limit: u64, each: &mut dyn FnMut(Stanza<'_>)) -> Vec<Damage> {
    let mut damage = Vec::new();
    let mut buffer: Vec<u8> = Vec::with_capacity(2 * CHUNK);
    // Where the buffer begins in the file, and how far the next stanza has been searched for its end.
    let (mut base, mut searched) = (0_u64, 0);
    loop {
        // What was given is dropped once for all of it: a hostile file has a stanza in every three bytes.
        let mut given = 0;
        while let Some((length, blank)) = end_of_stanza(buffer.get(given..).unwrap_or_default(), searched) {
            give(buffer.get(given..).unwrap_or_default(), length, base, each);
            given += length + blank;
            base += (length + blank) as u64;
            searched = 0;
        }
        buffer.drain(..given);
        searched = buffer.len().saturating_sub(2);
        let at = base + buffer.len() as u64;
        if buffer.len() > MAX_STANZA {
            damage.push(Damage::new(DamageKind::Corrupt, base, "a stanza longer than 4 MiB"));
            give(&buffer, buffer.len(), base, each);
            base = at;
            buffer.clear();
            searched = 0;
            continue;
        }
        if at >= limit && at < file.size() {
            damage.push(Damage::new(
                DamageKind::OverLimit,
                at,
                format!("only the first {limit} bytes were read"),
            ));
            break;
        }
        match file.read_vec(at, CHUNK) {
            Ok(bytes) if bytes.is_empty() => break,
            Ok(bytes) => buffer.extend_from_slice(&bytes),
            Err(error) => {
                damage.push(Damage { offset: Some(at), ..Damage::from(error) });
                break;
            }
        }
    }
    if !buffer.trim_ascii().is_empty() {
        give(&buffer, buffer.len(), base, each);
        if buffer.last() != Some(&b'\n') && damage.is_empty() {
            let at = base + buffer.len() as u64;
            damage.push(Damage::new(DamageKind::Truncated, at, "the file ends within a line"));
        }
    }
    damage
}

fn give(buffer: &[u8], length: usize, base: u64, each: &mut dyn FnMut(Stanza<'_>)) {
    let bytes = buffer.get(..length).unwrap_or_default();
    if !bytes.trim_ascii().is_empty() {
        each(Stanza { offset: base, bytes });
    }
}

/// The length of the first stanza and of the blank line behind it.
fn end_of_stanza(buffer: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = buffer.get(from..)?;
    let at = memchr::memmem::find(rest, b"\n\n")?;
    Some((from + at + 1, 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &[u8], limit: u64) -> (Vec<String>, Vec<Damage>) {
        let mut names = Vec::new();
        let damage = read(&text, limit, &mut |stanza| {
            names.push(String::from_utf8_lossy(stanza.get("Package").unwrap_or(b"?")).into_owned());
        });
        (names, damage)
    }

    #[test]
    fn stanzas_are_separated_by_blank_lines() {
        let (names, damage) = names(b"\nPackage: a\nX: 1\n\n\npackage:b\n more\n\n", u64::MAX);
        assert_eq!(names, ["a", "b"]);
        assert!(damage.is_empty());
    }

    #[test]
    fn tiny_stanzas_and_stanzas_of_many_fields_take_time_by_their_size() {
        let start = std::time::Instant::now();
        let mut count = 0;
        assert_eq!(read(&b"a\n\n".repeat(400_000), u64::MAX, &mut |_| count += 1), []);
        assert_eq!(count, 400_000);
        let fields: String = (0..100_000).map(|number| format!("f{number}: x\n")).collect();
        assert_eq!(read(&fields.as_bytes(), u64::MAX, &mut |stanza| assert!(!stanza.repeats_any())), []);
        // Both took minutes when each stanza moved what is behind it and each field was compared with each.
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }

    #[test]
    fn a_file_that_ends_within_a_line_was_cut() {
        let (names, damage) = names(b"Package: a\n\nPackage: b\nVers", u64::MAX);
        assert_eq!(names, ["a", "b"]);
        assert_eq!(damage[0].kind, DamageKind::Truncated);
    }

    #[test]
    fn the_limit_is_damage_and_what_lies_before_it_is_read() {
        let text = "Package: abc\n\n".repeat(20_000);
        let (names, damage) = names(text.as_bytes(), 100_000);
        assert!(names.len() > 7_000 && names.len() < 20_000);
        assert_eq!(damage[0].kind, DamageKind::OverLimit);
    }

    #[test]
    fn stanzas_longer_than_a_chunk_stay_whole() {
        let text = format!("Package: a\nConffiles:\n{}Version: 7\n\n", " /etc/x 0123\n".repeat(20_000));
        let mut versions = Vec::new();
        read(&text.as_bytes(), u64::MAX, &mut |stanza| {
            versions.push(stanza.get("Version").map(<[u8]>::to_vec))
        });
        assert_eq!(versions, [Some(b"7".to_vec())]);
    }

    #[test]
    fn a_line_without_a_colon_is_bad() {
        let mut bad = 0;
        read(&b"Package: a\nrubbish\n\nPackage: b\n".as_slice(), 99, &mut |stanza| {
            bad += usize::from(stanza.first_bad_line().is_some());
        });
        assert_eq!(bad, 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(proptest::sample::select(b"Pa: \n#\x00\xff".to_vec()), 0..200)) {
            let mut length = 0;
            read(&bytes.as_slice(), u64::MAX, &mut |stanza| length += stanza.bytes.len());
            let blank = bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::len).sum::<usize>();
            // Every non-blank stanza is given; only line ends and blank-only rests may be left out.
            prop_assert!(length <= bytes.len());
            prop_assert!(blank == 0 || length > 0 || bytes.trim_ascii().is_empty());
        }
    }
}
