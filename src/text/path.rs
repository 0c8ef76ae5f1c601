//! Parts of paths that are texts; those of a target are bytes (`fs::tree`).

/// The last part of a path with slashes.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The last part of a path with slashes or backslashes.
pub fn any_file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_may_be_empty_or_all() {
        for (path, name) in [("/opt/a/b", "b"), ("b", "b"), ("a/", ""), ("", "")] {
            assert_eq!(file_name(path), name);
        }
        assert_eq!(
            (any_file_name(r"C:\a\b.exe"), any_file_name(r"C:\a/b"), file_name(r"a\b")),
            ("b.exe", "b", r"a\b")
        );
    }
}
