//! `META-INF/MANIFEST.MF` and `pom.properties` of Java archives.
//!
//! JAR File Specification, "Manifest Specification", read as `java.util.jar` reads it: lines of at most 72 bytes end in
//! CR, LF or both and are continued by a line that begins with a blank, even in the middle of a character. The main
//! section ends at the first blank line; sections of single entries follow. Names compare without case, and the last
//! of a name counts. Properties are those of `java.util.Properties`.

use std::collections::BTreeMap;

type Attributes = BTreeMap<String, String>;

/// Attributes by name in lower case: those of the archive, and those of its packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    main: Attributes,
    sections: Vec<Attributes>,
}

impl Manifest {
    /// Reads a manifest; lines without a colon are skipped.
    pub fn parse(bytes: &[u8]) -> Manifest {
        let mut manifest = Manifest::default();
        let mut sections = sections(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_iter();
        manifest.main = sections.next().map(|lines| attributes(&lines)).unwrap_or_default();
        let others = sections.map(|lines| attributes(&lines));
        // Most sections of large manifests hold nothing but digests.
        let has_identity = |section: &Attributes| section.keys().any(|name| is_identity(name));
        manifest.sections = others.filter(has_identity).collect();
        manifest
    }

    /// An attribute of the archive, its name in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.main.get(name).map(String::as_str)
    }

    /// An attribute of the archive or else of the first of its packages that has it.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.get(name)
            .or_else(|| self.sections.iter().find_map(|section| section.get(name)).map(String::as_str))
    }

    /// An attribute of the archive and of each package, every value once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let mut seen = std::collections::BTreeSet::new();
        let sections = std::iter::once(&self.main).chain(&self.sections);
        sections.filter_map(|it| it.get(name)).map(String::as_str).filter(move |value| seen.insert(*value))
    }
}

/// What says in a section of a package who made it.
fn is_identity(name: &str) -> bool {
    ["implementation-", "specification-", "bundle-"].iter().any(|start| name.starts_with(start))
}

/// The logical lines of each section, the main one first.
fn sections(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut sections: Vec<Vec<Vec<u8>>> = vec![Vec::new()];
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = match after {
            [b'\r', b'\n', after @ ..] | [_, after @ ..] => after,
            [] => after,
        };
        let is_main = sections.len() == 1;
        let Some(section) = sections.last_mut() else { break };
        match line {
            [] if is_main || !section.is_empty() => sections.push(Vec::new()),
            [] => {}
            [b' ', more @ ..] => {
                if let Some(last) = section.last_mut() {
                    last.extend_from_slice(more);
                }
            }
            line => section.push(line.to_vec()),
        }
    }
    sections
}

fn attributes(lines: &[Vec<u8>]) -> Attributes {
    let mut attributes = Attributes::new();
    for line in lines {
        let line = String::from_utf8_lossy(line);
        let Some((name, value)) = line.split_once(':') else { continue };
        attributes.insert(name.trim().to_lowercase(), value.trim().to_owned());
    }
    attributes.retain(|_, value| !value.is_empty());
    attributes
}

/// Keys and values of a properties file.
pub fn properties(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
    let pairs = lines.filter_map(|line| line.split_once(['=', ':']));
    pairs.map(|(key, value)| (key.trim().to_owned(), unescaped(value.trim()))).collect()
}

/// The text of a value: `\:`, `\t` and `\u00e9` are one character each.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.strip_prefix('u').and_then(|hex| u32::from_str_radix(hex.get(..4)?, 16).ok());
        if let Some(char) = code.and_then(char::from_u32) {
            out.push(char);
            rest = after.get(5..).unwrap_or_default();
            continue;
        }
        let mut chars = after.chars();
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n' | 'r' | 'f') => out.push(' '),
            Some(other) => out.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn continued_lines_are_joined_and_sections_are_apart() {
        let manifest = Manifest::parse(
            b"Manifest-Version: 1.0\r\nImplementation-Vendor: Some\r\n body Inc\r\nEmpty:\r\nBUNDLE-name: X\r\n\r\n\
              Name: a/b\r\nImplementation-Vendor: Other\r\nImplementation-Version: 7\r\n\r\nName: c\rSHA-256-Digest: x\r",
        );
        assert_eq!(manifest.get("implementation-vendor"), Some("Somebody Inc"));
        assert_eq!(manifest.get("bundle-name"), Some("X"));
        assert_eq!((manifest.get("empty"), manifest.get("name")), (None, None));
        assert_eq!(manifest.find("implementation-version"), Some("7"));
        assert_eq!(manifest.all("implementation-vendor").collect::<Vec<_>>(), ["Somebody Inc", "Other"]);
        assert_eq!(manifest.sections.len(), 1);
    }

    #[test]
    fn a_name_in_the_main_section_is_an_attribute_like_any_other() {
        let manifest = Manifest::parse(b"Manifest-Version: 1.0\nName: agent\nImplementation-Version: 2.0\n");
        assert_eq!(
            (manifest.get("name"), manifest.get("implementation-version")),
            (Some("agent"), Some("2.0"))
        );
    }

    #[test]
    fn a_character_may_be_cut_by_the_end_of_a_line() {
        let manifest =
            Manifest::parse(b"Implementation-Vendor: Caf\xc3\r\n \xa9\r\nImplementation-Title: last");
        assert_eq!(manifest.get("implementation-vendor"), Some("Caf\u{e9}"));
        assert_eq!(manifest.get("implementation-title"), Some("last"));
    }

    #[test]
    fn coordinates_of_maven() {
        let all = properties(b"#Generated\ngroupId=org.example\nartifactId = tool\\u0062\nversion:1.2\\:3\n");
        assert_eq!(all["groupId"], "org.example");
        assert_eq!(all["artifactId"], "toolb");
        assert_eq!(all["version"], "1.2:3");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\\\\u0é:=\r\n a]{0,40}") {
            let _ = Manifest::parse(&bytes);
            let _ = properties(&bytes);
            let _ = properties(text.as_bytes());
            let _ = Manifest::parse(text.as_bytes());
        }
    }
}
