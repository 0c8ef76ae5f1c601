//! `/etc/fstab`: what a system mounts at every start, and where.
//!
//! Source: fstab(5), getmntent(3).

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The device, or the folder that a bind shows elsewhere as well.
    pub source: String,
    /// Where, without slashes around it; empty for the root and for what is mounted nowhere.
    pub place: String,
    /// Type of its file system; empty when the line ends before it.
    pub kind: String,
    /// Options; none when the line ends before them.
    pub options: Vec<String>,
}

impl Entry {
    /// Whether one of the options is among these.
    pub fn has(&self, options: &[&str]) -> bool {
        self.options.iter().any(|option| options.contains(&option.as_str()))
    }
}

/// The lines of a table that say what and where.
pub fn entries(bytes: &[u8]) -> Vec<Entry> {
    let entry = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let source = plain(fields.next().filter(|source| !source.starts_with('#'))?);
        let place = plain(fields.next()?);
        Some(Entry {
            source,
            place: place.trim_matches('/').to_owned(),
            kind: fields.next().unwrap_or_default().to_owned(),
            options: fields.next().into_iter().flat_map(|list| list.split(',')).map(str::to_owned).collect(),
        })
    };
    String::from_utf8_lossy(bytes).lines().filter_map(entry).collect()
}

/// A field without its escapes, of which getmntent(3) knows these.
fn plain(field: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(field.to_owned(), |text, (escape, char)| text.replace(escape, char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_where_is_read() {
        let table = "# x y\n\nUUID=1 / ext4 defaults 0 1\n /data/opt\t/opt/a\\040b/  none ro,bind\nUUID=2 none swap sw 0 0\n/dev/b /srv\nalone\n";
        let read = entries(table.as_bytes());
        let seen: Vec<(&str, &str, &str)> = read
            .iter()
            .map(|entry| (entry.source.as_str(), entry.place.as_str(), entry.kind.as_str()))
            .collect();
        let expected = [
            ("UUID=1", "", "ext4"),
            ("/data/opt", "opt/a b", "none"),
            ("UUID=2", "none", "swap"),
            ("/dev/b", "srv", ""),
        ];
        assert_eq!(seen, expected);
        let bound: Vec<bool> = read.iter().map(|entry| entry.has(&["bind", "rbind"])).collect();
        assert_eq!(bound, [false, true, false, false]);
        assert!(read.last().is_some_and(|entry| entry.options.is_empty()));
    }
}
