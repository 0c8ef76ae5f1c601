//! Packages that other packages carry to test themselves: there, but not installed.

/// Folders of packages: what lies right below has the name of a package.
const PACKAGES: &[&[u8]] = &[b"node_modules", b"site-packages", b"dist-packages", b"gems"];
/// Folders of what tests need.
pub const TESTS: &[&[u8]] = &[
    b"test",
    b"tests",
    b"testing",
    b"__tests__",
    b"testdata",
    b"test-data",
    b"test_data",
    b"fixtures",
    b"__fixtures__",
    b"spec",
    b"specs",
];

/// Whether a path lies in the tests of a package.
pub fn is_test_data(path: &[u8]) -> bool {
    let mut parts = path.split(|&byte| byte == b'/');
    // Below the folder of packages comes a package, whatever it is called.
    let is_folder = |part: &[u8]| PACKAGES.contains(&part) || part.starts_with(b"python3");
    if parts.by_ref().find(|part| is_folder(part)).is_none() {
        return false;
    }
    let mut is_name = true;
    for part in parts {
        if !is_name && TESTS.iter().any(|test| part.eq_ignore_ascii_case(test)) {
            return true;
        }
        is_name = is_folder(part) || is_name && part.starts_with(b"@");
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_may_be_called_like_tests() {
        assert!(is_test_data(b"opt/a/node_modules/resolve/test/resolver/baz/package.json"));
        assert!(is_test_data(b"usr/lib/python3/dist-packages/x/tests/data/a-1.dist-info/METADATA"));
        assert!(!is_test_data(b"opt/test/node_modules/test/package.json"));
        assert!(!is_test_data(b"opt/a/node_modules/@testing/spec/package.json"));
        assert!(!is_test_data(b"opt/tests/package.json"));
    }
}
