//! Specifications of installed Ruby gems: the assignments that RubyGems writes (`Gem::Specification#to_ruby`).
//!
//! The file is Ruby. What RubyGems writes of it has one form, `s.name = "x".freeze`; anything else is skipped,
//! never run. Strings have the escapes of Ruby (docs.ruby-lang.org, "String Literals").

use super::archived::member;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::container::decompress::{self, Compression};

/// What a specification says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gemspec {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Authors.
    pub authors: Vec<String>,
    /// One line on what it is.
    pub summary: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// Licences.
    pub licenses: Vec<String>,
}

/// Reads a specification.
pub fn parse(bytes: &[u8]) -> Gemspec {
    let text = String::from_utf8_lossy(bytes);
    let mut gem = Gemspec::default();
    for line in text.lines().map(str::trim) {
        // `s.name`, whatever the block's variable is called.
        let Some((left, right)) = line.split_once('=') else { continue };
        let Some((receiver, name)) = left.trim().split_once('.') else { continue };
        if receiver.is_empty() || !receiver.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let mut values = literals(right);
        match name {
            "name" => gem.name = gem.name.or(values.next()),
            "version" => gem.version = gem.version.or(values.next()),
            "summary" => gem.summary = gem.summary.or(values.next()),
            "homepage" => gem.homepage = gem.homepage.or(values.next()),
            "author" | "authors" => gem.authors.extend(values),
            "license" | "licenses" => gem.licenses.extend(values),
            _ => {}
        }
    }
    gem
}

/// The texts of string literals: `"a"`, `'a'`, `%q{a}`.
fn literals(text: &str) -> impl Iterator<Item = String> + use<'_> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(['"', '\'', '%', '#'])?;
        let from = rest.get(start..)?;
        // A comment, or the modifier of an assignment.
        if from.starts_with('#') {
            return None;
        }
        let literal = Literal::begin(from)?;
        let (value, after) = literal.read()?;
        rest = after;
        Some(value)
    })
}

/// A literal whose beginning was read.
struct Literal<'a> {
    /// What nests: braces in `%q{…}`.
    open: Option<char>,
    close: char,
    /// Whether `\n` and its like are characters.
    escapes: bool,
    body: &'a str,
}

impl<'a> Literal<'a> {
    fn begin(text: &'a str) -> Option<Literal<'a>> {
        let first = text.chars().next()?;
        if first != '%' {
            return Some(Literal { open: None, close: first, escapes: first == '"', body: text.get(1..)? });
        }
        let after = text.get(1..)?;
        let (escapes, after) = match after.chars().next()? {
            'q' => (false, after.get(1..)?),
            'Q' => (true, after.get(1..)?),
            _ => (true, after),
        };
        let open = after.chars().next().filter(|char| !char.is_alphanumeric() && !char.is_whitespace())?;
        let close = match open {
            '{' => '}',
            '(' => ')',
            '[' => ']',
            '<' => '>',
            other => other,
        };
        let nests = (open != close).then_some(open);
        Some(Literal { open: nests, close, escapes, body: after.get(open.len_utf8()..)? })
    }

    /// The text, and what follows it.
    fn read(self) -> Option<(String, &'a str)> {
        let mut value = Vec::new();
        let mut depth = 0;
        let mut rest = self.body;
        loop {
            let char = rest.chars().next()?;
            rest = rest.get(char.len_utf8()..)?;
            if char == '\\' {
                rest = self.escape(rest, &mut value)?;
                continue;
            }
            if char == self.close && depth == 0 {
                return Some((String::from_utf8_lossy(&value).into_owned(), rest));
            }
            if Some(char) == self.open {
                depth += 1;
            } else if char == self.close {
                depth -= 1;
            }
            push(&mut value, char);
        }
    }

    /// What follows a backslash: its text is added, and what is left returned.
    fn escape(&self, rest: &'a str, value: &mut Vec<u8>) -> Option<&'a str> {
        let char = rest.chars().next()?;
        let after = rest.get(char.len_utf8()..)?;
        if !self.escapes {
            // Only itself and the quotes lose it.
            if char != '\\' && char != self.close && Some(char) != self.open {
                value.push(b'\\');
            }
            push(value, char);
            return Some(after);
        }
        match char {
            'u' => return unicode(after, value),
            'x' => {
                let (code, after) = digits(after, 16, 2)?;
                value.push(u8::try_from(code).ok()?);
                return Some(after);
            }
            '0'..='7' => {
                let (code, after) = digits(rest, 8, 3)?;
                value.push((code & 0xff) as u8);
                return Some(after);
            }
            'n' => value.push(b'\n'),
            't' => value.push(b'\t'),
            'r' => value.push(b'\r'),
            's' => value.push(b' '),
            'e' => value.push(0x1b),
            'a' => value.push(7),
            'b' => value.push(8),
            'f' => value.push(0xc),
            'v' => value.push(0xb),
            other => push(value, other),
        }
        Some(after)
    }
}

fn push(value: &mut Vec<u8>, char: char) {
    value.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

/// At most so many digits, and what follows them.
fn digits(text: &str, radix: u32, most: usize) -> Option<(u32, &str)> {
    let length = text.chars().take(most).take_while(|char| char.is_digit(radix)).count();
    Some((u32::from_str_radix(text.get(..length)?, radix).ok()?, text.get(length..)?))
}

/// `\u00e9` or `\u{41b 43e}`, without what comes before the digits.
fn unicode<'a>(text: &'a str, value: &mut Vec<u8>) -> Option<&'a str> {
    let mut add = |code: u32| push(value, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    let Some(list) = text.strip_prefix('{') else {
        let (code, after) = digits(text, 16, 4)?;
        add(code);
        return Some(after);
    };
    let (list, after) = list.split_once('}')?;
    list.split_whitespace().for_each(|code| add(u32::from_str_radix(code, 16).unwrap_or(0xfffd)));
    Some(after)
}

/// Bytes of the metadata of a packed gem.
const MAX_METADATA: usize = 4 << 20;

/// Reads a packed gem: a tar archive with its metadata in YAML.
pub fn packed(file: &dyn ReadAt) -> Salvaged<Gemspec> {
    let found = member(file, &["metadata.gz", "metadata"]);
    let mut damage = found.damage;
    let Some(bytes) = found.value else {
        if damage.is_empty() {
            damage.push(Damage::new(DamageKind::Corrupt, None, "a gem without metadata"));
        }
        return Salvaged { value: Gemspec::default(), damage };
    };
    let bytes = match Compression::of(&bytes) {
        Some(compression) => {
            let unpacked = decompress::bounded(&bytes, compression, MAX_METADATA);
            damage.extend(unpacked.damage);
            unpacked.value
        }
        None => bytes,
    };
    let gem = metadata(&bytes);
    if damage.is_empty() && gem.name.is_none() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "a gem without a name"));
    }
    Salvaged { value: gem, damage }
}

/// The plain values and lists at the top level of metadata.
fn metadata(bytes: &[u8]) -> Gemspec {
    let text = String::from_utf8_lossy(bytes);
    let mut gem = Gemspec::default();
    let mut key = "";
    for line in text.lines() {
        let plain = |value: &str| {
            let value = value.trim().trim_matches(['"', '\'']);
            (!value.is_empty() && !value.starts_with(['!', '|', '>', '['])).then(|| value.to_owned())
        };
        if let Some(item) = line.strip_prefix("- ") {
            match key {
                "authors" => gem.authors.extend(plain(item)),
                "licenses" => gem.licenses.extend(plain(item)),
                _ => {}
            }
        } else if let Some(value) = line.strip_prefix("  version:") {
            if key == "version" && gem.version.is_none() {
                gem.version = plain(value);
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '-'])) {
            key = name;
            match key {
                "name" => gem.name = plain(value),
                "version" => gem.version = plain(value),
                "summary" => gem.summary = plain(value),
                "homepage" => gem.homepage = plain(value),
                _ => {}
            }
        }
    }
    gem
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn metadata_of_a_packed_gem() {
        let text = b"--- !ruby/object:Gem::Specification\nname: kit\nversion: !ruby/object:Gem::Version\n  version: 1.0\n\
            platform: ruby\nauthors:\n- Example Ltd\ndependencies:\n- !ruby/object:Gem::Dependency\n  name: other\n\
            summary: A kit\nlicenses:\n- MIT\n";
        let gem = metadata(text);
        assert_eq!((gem.name.as_deref(), gem.version.as_deref()), (Some("kit"), Some("1.0")));
        assert_eq!((gem.authors, gem.licenses), (vec!["Example Ltd".to_owned()], vec!["MIT".to_owned()]));
        assert!(!packed(&b"no archive".to_vec()).damage.is_empty());
    }

    #[test]
    fn what_rubygems_writes() {
        let gem = parse(
            br#"# -*- encoding: utf-8 -*-
# stub: example 1.2.3 ruby lib
Gem::Specification.new do |s|
  s.name = "example".freeze
  s.version = "1.2.3"
  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.authors = ["One \"A\" Author".freeze, 'Two'.freeze]
  s.homepage = %q{https://example.com/}
  s.summary = "A = b".freeze
  s.licenses = ["MIT".freeze]
end
"#,
        );
        assert_eq!(gem.name.as_deref(), Some("example"));
        assert_eq!(gem.version.as_deref(), Some("1.2.3"));
        assert_eq!(gem.authors, ["One \"A\" Author", "Two"]);
        assert_eq!(gem.homepage.as_deref(), Some("https://example.com/"));
        assert_eq!(gem.summary.as_deref(), Some("A = b"));
        assert_eq!(gem.licenses, ["MIT"]);
    }

    #[test]
    fn characters_may_be_written_as_codes() {
        let of = |text: &str| literals(text).collect::<Vec<_>>();
        assert_eq!(of(r#""Caf\u00E9 \u{41b 430}\xC3\xA9\303\251\n""#), ["Café Лаéé\n"]);
        assert_eq!(of(r"'a\n\'b\\'"), [r"a\n'b\"]);
        assert_eq!(of("%q{a {b} c} %Q(d\\t(e)) %[f]"), ["a {b} c", "d\t(e)", "f"]);
        assert_eq!(of(r##""a" # "b""##), ["a"]);
        assert_eq!(of(r#""\u{zz}" "\ud800""#), ["\u{fffd}", "\u{fffd}"]);
        assert_eq!(of(r#""cut \u{41"#), [""; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_never_panics(text in "[s. =\"'%qux0{}\\\\\\[\\],é\nname]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
