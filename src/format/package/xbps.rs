//! The database of XBPS (Void Linux): a property list with an entry for each package (libxbps, `pkgdb.c`).

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::plist::{self, Value};

/// What alternatives are chosen: no package.
const ALTERNATIVES: &str = "_XBPS_ALTERNATIVES_";

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version and revision, `1.0_1`.
    pub version: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Who packaged it, with a mail address.
    pub maintainer: Option<String>,
    /// Where it was installed from.
    pub repository: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// Licence.
    pub license: Option<String>,
    /// What it is, in one line.
    pub description: Option<String>,
    /// When it was installed.
    pub install_date: Option<String>,
    /// Bytes that it takes.
    pub size: Option<String>,
    /// `installed`, `unpacked`, `half-removed`, `not-installed`.
    pub state: Option<String>,
}

/// Reads the database. An entry without `pkgver` is named by its key and is damage.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Package>> {
    let list = plist::read(bytes);
    let mut damage = list.damage;
    let mut packages = Vec::new();
    for (key, entry) in list.value.entries().iter().filter(|(key, _)| key != ALTERNATIVES) {
        let full = entry.text("pkgver").and_then(|full| full.rsplit_once('-'));
        if full.is_none_or(|(name, version)| name != key || version.is_empty()) {
            let what = format!("the entry {key} has another pkgver or none");
            damage.push(Damage::new(DamageKind::Corrupt, None, what));
        }
        let name = if key.is_empty() { full.map_or("", |(name, _)| name) } else { key };
        if name.is_empty() {
            continue;
        }
        let version = full.map(|(_, version)| version.to_owned());
        packages.push(Package { name: name.to_owned(), version, ..described(entry) });
    }
    if packages.is_empty() && damage.is_empty() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "the database names no package"));
    }
    Salvaged { value: packages, damage }
}

/// The properties in a package file.
pub(super) fn properties(bytes: &[u8]) -> Salvaged<Package> {
    let list = plist::read(bytes);
    let (value, mut damage) = (list.value, list.damage);
    let name = value.text("pkgname").unwrap_or_default().to_owned();
    if name.is_empty() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "properties without the name of a package"));
    }
    let full = value.text("pkgver").and_then(|full| full.rsplit_once('-'));
    let version = full.map(|(_, version)| version.to_owned());
    Salvaged { value: Package { name, version, ..described(&value) }, damage }
}

/// What an entry says of its package, but for name and version.
fn described(entry: &Value) -> Package {
    let text = |name: &str| entry.text(name).map(str::to_owned);
    let size = match entry.get("installed_size") {
        Some(Value::Integer(size)) => Some(size.to_string()),
        _ => None,
    };
    Package {
        arch: text("architecture"),
        maintainer: text("maintainer"),
        repository: text("repository"),
        homepage: text("homepage"),
        license: text("license"),
        description: text("short_desc"),
        install_date: text("install-date"),
        size,
        state: text("state"),
        ..Package::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>_XBPS_ALTERNATIVES_</key><dict/>\
        <key>tool-libs</key><dict><key>pkgver</key><string>tool-libs-1.0_2</string><key>maintainer</key>\
        <string>A B &lt;a@example.com&gt;</string><key>installed_size</key><integer>512</integer></dict></dict></plist>";

    #[test]
    fn entries_are_packages() {
        let read = read(LIST.as_bytes());
        assert_eq!(read.damage, []);
        let [tool] = read.value.as_slice() else { panic!("{read:?}") };
        assert_eq!((tool.name.as_str(), tool.version.as_deref()), ("tool-libs", Some("1.0_2")));
        assert_eq!(
            (tool.maintainer.as_deref(), tool.size.as_deref()),
            (Some("A B <a@example.com>"), Some("512"))
        );
    }

    #[test]
    fn damage_loses_no_entry_in_silence() {
        for (good, bad) in
            [("pkgver", "pkgverx"), ("tool-libs-1.0_2", "tool"), ("<key>tool-libs</key>", "<key></key>")]
        {
            let read = read(LIST.replacen(good, bad, 1).as_bytes());
            assert_ne!(read.damage, [], "{bad}");
            assert_eq!(read.value.len(), 1, "{bad}");
        }
        for length in 0..LIST.len() - 8 {
            assert_ne!(read(&LIST.as_bytes()[..length]).damage, [], "{length}");
        }
    }
}
