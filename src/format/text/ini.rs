//! Settings in sections, as systemd units, desktop entries and yum repository files write them.
//!
//! One reader for all dialects, because they differ in a few habits only ([`Dialect`]). Keys may repeat and
//! every occurrence is kept, in order: what a repetition means is for the reader of the settings. Lines that are
//! nothing known are passed over, as the programs that own these files do; only bytes that no text file holds
//! are damage.
//!
//! Sources: systemd.syntax(7); the Desktop Entry Specification 1.5, "Basic format of the file"; `yum.conf(5)`.

use std::sync::Arc;

use crate::bytes::{Damage, DamageKind, Salvaged, last_line};

/// The most settings that are read from one file.
const MAX_SETTINGS: usize = 100_000;

/// The habits in which the dialects differ.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dialect {
    /// A backslash at the end of a line continues it on the next one (systemd).
    pub backslash_continues: bool,
    /// An indented line continues the value before it (yum).
    pub indent_continues: bool,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The section it stands in; empty before the first one.
    pub section: Arc<[u8]>,
    /// The key, without blanks around it.
    pub key: Vec<u8>,
    /// The value, without blanks around it; continued lines joined by a blank.
    pub value: Vec<u8>,
}

/// Every assignment of a file, in order.
pub fn parse(bytes: &[u8], dialect: Dialect) -> Salvaged<Vec<Setting>> {
    let mut reader = Reader { dialect, section: Arc::default(), settings: Vec::new(), in_value: false };
    let mut damage = Vec::new();
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        damage.push(Damage::new(DamageKind::Corrupt, at as u64, "a zero byte in a text file"));
    }
    let mut pending: Option<Vec<u8>> = None;
    for line in bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).split(|&byte| byte == b'\n') {
        if reader.settings.len() >= MAX_SETTINGS {
            let what = format!("more than {MAX_SETTINGS} settings");
            damage.push(Damage::new(DamageKind::OverLimit, None, what));
            return Salvaged { value: reader.settings, damage };
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Comments inside a continued line do not end it.
        if pending.is_some() && is_comment(line) {
            continue;
        }
        let mut whole = pending.take().unwrap_or_default();
        match line.strip_suffix(b"\\") {
            Some(line) if dialect.backslash_continues && !(whole.is_empty() && is_comment(line)) => {
                whole.extend_from_slice(line);
                whole.push(b' ');
                pending = Some(whole);
            }
            _ if whole.is_empty() => reader.line(line),
            _ => {
                whole.extend_from_slice(line);
                reader.line(&whole);
            }
        }
    }
    if let Some(line) = pending {
        reader.line(&line);
    }
    damage.extend(unended(bytes, dialect));
    Salvaged { value: reader.settings, damage }
}

/// That a file ends inside a line that means nothing: every line has an end, and the last one may lack it only where it is
/// whole.
pub fn unended(bytes: &[u8], dialect: Dialect) -> Option<Damage> {
    let (start, line) = last_line(bytes);
    let text = line.trim_ascii();
    let is_continuation = start > 0
        && (dialect.indent_continues && line.first().is_some_and(u8::is_ascii_whitespace)
            || dialect.backslash_continues && bytes.get(..start - 1)?.ends_with(b"\\"));
    let is_whole = text.is_empty()
        || is_comment(text)
        || if text.starts_with(b"[") { text.contains(&b']') } else { text.contains(&b'=') };
    (!is_whole && !is_continuation)
        .then(|| Damage::new(DamageKind::Truncated, start as u64, "the file ends inside a line"))
}

fn is_comment(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'#' | b';'))
}

struct Reader {
    dialect: Dialect,
    section: Arc<[u8]>,
    settings: Vec<Setting>,
    /// Whether the last line assigned or continued a value.
    in_value: bool,
}

impl Setting {
    /// Whether it stands in a section of this name.
    pub fn is_in(&self, section: &[u8]) -> bool {
        *self.section == *section
    }
}

impl Reader {
    fn line(&mut self, line: &[u8]) {
        let text = line.trim_ascii();
        if text.is_empty() || is_comment(text) {
            return;
        }
        let indented = line.first().is_some_and(u8::is_ascii_whitespace);
        if self.dialect.indent_continues && indented && self.in_value {
            if let Some(last) = self.settings.last_mut() {
                if !last.value.is_empty() {
                    last.value.push(b' ');
                }
                last.value.extend_from_slice(text);
            }
            return;
        }
        self.in_value = false;
        if let Some(name) = text.strip_prefix(b"[") {
            let end = name.iter().rposition(|&byte| byte == b']').unwrap_or(name.len());
            self.section = name.get(..end).unwrap_or_default().into();
        } else if let Some(equals) = text.iter().position(|&byte| byte == b'=') {
            let (key, value) = text.split_at(equals);
            self.settings.push(Setting {
                section: Arc::clone(&self.section),
                key: key.trim_ascii().to_vec(),
                value: value.get(1..).unwrap_or_default().trim_ascii().to_vec(),
            });
            self.in_value = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(bytes: &[u8], dialect: Dialect) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let settings = parse(bytes, dialect).value;
        settings.iter().map(|s| format!("{}.{}={}", text(&s.section), text(&s.key), text(&s.value))).collect()
    }

    #[test]
    fn repeated_keys_keep_their_order_and_comments_count_nothing() {
        let bytes = b"\xef\xbb\xbf# c\n[Service]\r\nExecStart = /a \r\n; x=y\nExecStart=/b = c\njunk\n[Install]\nAlias=";
        assert_eq!(
            shown(bytes, Dialect::default()),
            ["Service.ExecStart=/a", "Service.ExecStart=/b = c", "Install.Alias="]
        );
    }

    #[test]
    fn a_backslash_continues_over_comments() {
        let dialect = Dialect { backslash_continues: true, ..Dialect::default() };
        let bytes = b"[S]\nA=one\\\n# comment\n; another \\\ntwo\\\n  three\n#x\\\nB=1\nC=last\\";
        assert_eq!(shown(bytes, dialect), ["S.A=one two   three", "S.B=1", "S.C=last"]);
    }

    #[test]
    fn indented_lines_continue_where_the_dialect_says_so() {
        let dialect = Dialect { indent_continues: true, ..Dialect::default() };
        let bytes = b"[r]\nbaseurl=\n  http://a\n\thttp://b\nname=x\n[s]\n  k=v\n";
        assert_eq!(shown(bytes, dialect), ["r.baseurl=http://a http://b", "r.name=x", "s.k=v"]);
    }

    #[test]
    fn zero_bytes_are_damage_and_the_rest_is_read() {
        let parsed = parse(b"[A]\nk=v\n\0\0\0", Dialect::default());
        assert_eq!((parsed.value.len(), parsed.damage[0].offset), (1, Some(8)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256), a: bool, b: bool) {
            parse(&bytes, Dialect { backslash_continues: a, indent_continues: b });
        }
    }
}
