//! Metadata of Python packages: `METADATA` and `PKG-INFO`.
//!
//! "Core metadata specifications" (packaging.python.org): e-mail headers (RFC 822), several of a name, continued
//! by indented lines, ended by a blank line.

/// The headers, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(String, String)>);

impl Metadata {
    /// Reads the headers; lines that are none are skipped.
    pub fn parse(bytes: &[u8]) -> Metadata {
        let text = String::from_utf8_lossy(bytes);
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in text.strip_prefix('\u{feff}').unwrap_or(&text).lines() {
            if line.trim().is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push('\n');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        // What tools write when there is nothing to say.
        headers.retain(|(_, value)| !value.is_empty() && value != "UNKNOWN");
        Metadata(headers)
    }

    /// Every value of a header, its name in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a header.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_end_where_the_description_begins() {
        let metadata = Metadata::parse(
            b"Metadata-Version: 2.1\nName: Example_Tool\nVersion: 1.0\nAuthor: UNKNOWN\nSummary: one\n two\n\
              Project-URL: Home, https://example.com\nProject-URL: Docs, https://example.com/d\n\nName: not this\n",
        );
        assert_eq!(metadata.get("name"), Some("Example_Tool"));
        assert_eq!(metadata.get("summary"), Some("one\ntwo"));
        assert_eq!(metadata.get("author"), None);
        assert_eq!(metadata.all("project-url").count(), 2);
        assert_eq!(metadata.all("name").count(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Metadata::parse(&bytes);
        }
    }
}
