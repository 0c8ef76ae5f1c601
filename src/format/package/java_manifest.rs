//! `META-INF/MANIFEST.MF` and `pom.properties` of Java archives.
//!
//! JAR File Specification, "Manifest Specification": lines of at most 72 bytes, continued by a line that begins
//! with a blank. Only the main section is read. Properties as in `java.util.Properties`, as far as Maven writes.

use std::collections::BTreeMap;

/// Attributes of the main section, by name in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest(BTreeMap<String, String>);

impl Manifest {
    /// Reads the main section; lines without a colon are skipped.
    pub fn parse(bytes: &[u8]) -> Manifest {
        let text = String::from_utf8_lossy(bytes);
        let mut attributes = BTreeMap::new();
        let mut last: Option<(String, String)> = None;
        for line in text.split(['\n', '\r']).filter(|line| !line.is_empty() || text.is_empty()) {
            if let Some(rest) = line.strip_prefix(' ') {
                if let Some((_, value)) = &mut last {
                    value.push_str(rest);
                }
                continue;
            }
            let next = line
                .split_once(':')
                .map(|(name, value)| (name.to_lowercase(), value.trim_start().to_owned()));
            // A named section ends the main one.
            if next.as_ref().is_some_and(|(name, _)| name == "name") {
                break;
            }
            if let Some((name, value)) = std::mem::replace(&mut last, next) {
                attributes.entry(name).or_insert(value);
            }
        }
        if let Some((name, value)) = last {
            attributes.entry(name).or_insert(value);
        }
        attributes.retain(|_, value| !value.trim().is_empty());
        Manifest(attributes)
    }

    /// An attribute, its name in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim())
    }
}

/// Keys and values of a properties file.
pub fn properties(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
    let pairs = lines.filter_map(|line| line.split_once(['=', ':']));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn continued_lines_are_joined_and_sections_ignored() {
        let manifest = Manifest::parse(
            b"Manifest-Version: 1.0\r\nImplementation-Vendor: Some\r\n body Inc\r\nEmpty:\r\nBundle-Name: X\r\n\r\n\
              Name: a/b\r\nImplementation-Vendor: Other\r\n",
        );
        assert_eq!(manifest.get("implementation-vendor"), Some("Somebody Inc"));
        assert_eq!(manifest.get("bundle-name"), Some("X"));
        assert_eq!((manifest.get("empty"), manifest.get("name")), (None, None));
    }

    #[test]
    fn coordinates_of_maven() {
        let all = properties(b"#Generated\ngroupId=org.example\nartifactId = tool\nversion:1.2\n");
        assert_eq!(all["groupId"], "org.example");
        assert_eq!(all["artifactId"], "tool");
        assert_eq!(all["version"], "1.2");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Manifest::parse(&bytes);
            let _ = properties(&bytes);
        }
    }
}
