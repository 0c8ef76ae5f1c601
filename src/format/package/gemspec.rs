//! Specifications of installed Ruby gems: the assignments that RubyGems writes (`Gem::Specification#to_ruby`).
//!
//! The file is Ruby. What RubyGems writes of it has one form, `s.name = "x".freeze`; anything else is skipped,
//! never run.

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
        let start = rest.find(['"', '\'', '%'])?;
        let (close, body) = match rest.get(start..)?.chars().next()? {
            '%' => {
                let body = rest
                    .get(start..)?
                    .strip_prefix("%q")
                    .or_else(|| rest.get(start..)?.strip_prefix("%Q"))?;
                let open = body.chars().next()?;
                let close = match open {
                    '{' => '}',
                    '(' => ')',
                    '[' => ']',
                    '<' => '>',
                    other => other,
                };
                (close, body.get(open.len_utf8()..)?)
            }
            quote => (quote, rest.get(start + 1..)?),
        };
        let mut value = String::new();
        let mut chars = body.char_indices();
        while let Some((at, char)) = chars.next() {
            if char == close {
                rest = body.get(at + char.len_utf8()..).unwrap_or_default();
                return Some(value);
            }
            value.push(if char == '\\' { chars.next()?.1 } else { char });
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_never_panics(text in "[s. =\"'%q{}\\\\\\[\\],é\nname]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
