//! Package sources of apt: one-line `.list` files and deb822 `.sources` files (sources.list(5)).
//!
//! A line that is commented out but otherwise whole is a source that someone switched off, as the tools that
//! edit these files do; it is kept, and marked so.

use super::deb822;
use crate::bytes::{Damage, DamageKind, last_line};

/// One entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AptSource {
    /// The line or stanza, counted from 1.
    pub record: usize,
    /// `deb`, `deb-src`.
    pub types: Vec<Vec<u8>>,
    /// Addresses.
    pub uris: Vec<Vec<u8>>,
    /// Suites (releases).
    pub suites: Vec<Vec<u8>>,
    /// Components.
    pub components: Vec<Vec<u8>>,
    /// Whether apt uses it.
    pub enabled: bool,
}

/// The entries of a `.list` file.
pub fn list(bytes: &[u8]) -> Vec<AptSource> {
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).enumerate();
    lines.filter_map(|(at, line)| entry(line, at + 1)).collect()
}

/// That a `.list` file ends inside a line that is no entry yet.
pub fn unended(bytes: &[u8]) -> Option<Damage> {
    let (start, line) = last_line(bytes);
    let line = line.trim_ascii();
    let is_whole = line.is_empty() || line.starts_with(b"#") || entry(line, 1).is_some();
    (!is_whole).then(|| Damage::new(DamageKind::Truncated, start as u64, "the file ends inside a line"))
}

fn entry(line: &[u8], record: usize) -> Option<AptSource> {
    let start = line.iter().position(|byte| *byte != b'#' && !byte.is_ascii_whitespace())?;
    let enabled = !line.starts_with(b"#");
    let line = line.get(start..)?.split(|&byte| byte == b'#').next()?;
    let (kind, rest) = line.split_at(line.iter().position(u8::is_ascii_whitespace)?);
    if !matches!(kind, b"deb" | b"deb-src" | b"rpm" | b"rpm-src") {
        return None;
    }
    let rest = rest.trim_ascii();
    let rest = match rest.strip_prefix(b"[") {
        Some(options) => options.get(options.iter().position(|&byte| byte == b']')? + 1..)?,
        None => rest,
    };
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(<[u8]>::to_vec);
    let uri = words.next().filter(|uri| uri.contains(&b':'))?;
    let suite = words.next()?;
    Some(AptSource {
        record,
        types: vec![kind.to_vec()],
        uris: vec![uri],
        suites: vec![suite],
        components: words.collect(),
        enabled,
    })
}

/// The entries of a `.sources` file, and where it went wrong.
pub fn sources(bytes: &[u8]) -> (Vec<AptSource>, Vec<Damage>) {
    // People edit these files, and apt does not mind a last line without an end.
    let whole = [bytes, b"\n"].concat();
    let mut entries = Vec::new();
    let mut record = 0;
    let mut incomplete = Vec::new();
    let mut damage = deb822::read(&whole, u64::MAX, &mut |stanza| {
        record += 1;
        let words =
            |name: &str| -> Vec<Vec<u8>> { stanza.words(name).into_iter().map(<[u8]>::to_vec).collect() };
        let uris = words("URIs");
        if ["Types", "URIs", "Suites"].iter().any(|name| words(name).is_empty()) {
            let what = format!("stanza {record} lacks types, addresses or suites, and apt refuses it");
            incomplete.push(Damage::new(DamageKind::Corrupt, None, what));
        }
        if uris.is_empty() {
            return;
        }
        let off = stanza.get("Enabled").is_some_and(|value| {
            [b"no".as_slice(), b"false", b"0", b"without", b"off", b"disable"]
                .iter()
                .any(|off| value.eq_ignore_ascii_case(off))
        });
        entries.push(AptSource {
            record,
            types: words("Types"),
            uris,
            suites: words("Suites"),
            components: words("Components"),
            enabled: !off,
        });
    });
    damage.extend(incomplete);
    (entries, damage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_line_entries_and_those_switched_off() {
        let text = b"deb [arch=amd64 signed-by=/k.gpg] https://a.example/deb stable main contrib # note\n\
            # deb http://b.example ./\n# a comment with deb in it\ndeb-src http://c.example x y\nbad line\ndeb nouri x\n";
        let found = list(text);
        assert_eq!(found.len(), 3);
        assert_eq!(
            (found[0].uris[0].as_slice(), found[0].components.len()),
            (b"https://a.example/deb".as_slice(), 2)
        );
        assert_eq!((found[1].record, found[1].enabled, found[2].enabled), (2, false, true));
    }

    #[test]
    fn stanzas_with_continued_addresses() {
        let text = b"# c\nTypes: deb deb-src\nURIs: http://a.example\n http://b.example\nSuites: x\nEnabled: no\n\nTypes: deb\nURIs: http://c.example\nSuites: y\n";
        let (found, damage) = sources(text.trim_ascii());
        assert!(damage.is_empty(), "{damage:?}");
        assert_eq!((found.len(), found[0].uris.len(), found[0].types.len()), (2, 2, 2));
        assert!(!found[0].enabled && found[1].enabled);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            list(&[b"deb ".as_slice(), &bytes].concat());
            sources(&bytes);
        }
    }
}
