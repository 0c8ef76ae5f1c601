//! Control files of packages in compressed tar archives: `.PKGINFO` of apk and pacman (apk-package(5), PKGINFO(5)),
//! `props.plist` of XBPS, and the archive of control files in opkg's packages.

use super::archived::member;
use super::xbps;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Who maintains or packaged it.
    pub maintainer: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// What it is, in one line.
    pub description: Option<String>,
    /// Licence.
    pub license: Option<String>,
}

/// What an archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archive {
    /// A package with its fields.
    Package(Package),
    /// The control file of a package of opkg, in the form of dpkg's.
    Control(Vec<u8>),
    /// Another archive.
    Other,
}

/// Reads the control file of a compressed archive. `is_named`: its name promises a package, so that an archive without
/// one is damaged.
pub fn read(file: &dyn ReadAt, is_named: bool) -> Salvaged<Archive> {
    let found = member(file, &[".PKGINFO", "props.plist", "control.tar.gz"]);
    let mut damage = if is_named || found.value.is_some() { found.damage } else { Vec::new() };
    let value = match found.value {
        Some(bytes) if bytes.starts_with(&[0x1f, 0x8b]) => {
            let control = member(&bytes, &["control"]);
            damage.extend(control.damage);
            control.value.map_or(Archive::Other, Archive::Control)
        }
        Some(bytes) if bytes.trim_ascii_start().starts_with(b"<") => {
            Archive::Package(of_properties(&bytes, &mut damage))
        }
        Some(bytes) => Archive::Package(of_lines(&bytes, &mut damage)),
        None => Archive::Other,
    };
    if is_named && value == Archive::Other && damage.is_empty() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "a package without its control file"));
    }
    Salvaged { value, damage }
}

/// `key = value`, a line each.
fn of_lines(bytes: &[u8], damage: &mut Vec<Damage>) -> Package {
    let mut package = Package::default();
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((key, value)) = line.split_once('=') else { continue };
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        match key.trim() {
            "pkgname" => package.name = value,
            "pkgver" => package.version = value,
            "arch" => package.arch = value,
            "maintainer" => package.maintainer = value,
            "packager" if package.maintainer.is_none() => package.maintainer = value,
            "url" => package.homepage = value,
            "pkgdesc" => package.description = value,
            "license" => package.license = value,
            _ => {}
        }
    }
    if package.name.is_none() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "a control file without the name of a package"));
    }
    package
}

fn of_properties(bytes: &[u8], damage: &mut Vec<Damage>) -> Package {
    let read = xbps::properties(bytes);
    damage.extend(read.damage);
    let found = read.value;
    Package {
        name: Some(found.name).filter(|name| !name.is_empty()),
        version: found.version,
        arch: found.arch,
        maintainer: found.maintainer,
        homepage: found.homepage,
        description: found.description,
        license: found.license,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_and_properties_name_a_package() {
        let mut damage = Vec::new();
        let package = of_lines(
            b"# made by abuild\npkgname = tool\npkgver = 1.0-r0\npackager = A <a@example.com>\n",
            &mut damage,
        );
        assert_eq!((package.name.as_deref(), package.version.as_deref()), (Some("tool"), Some("1.0-r0")));
        assert_eq!(package.maintainer.as_deref(), Some("A <a@example.com>"));
        let list = b"<plist><dict><key>pkgname</key><string>tool</string><key>pkgver</key><string>tool-1.0_1</string></dict></plist>";
        let package = of_properties(list, &mut damage);
        assert_eq!((package.name.as_deref(), package.version.as_deref()), (Some("tool"), Some("1.0_1")));
        assert_eq!(damage, []);
        assert_eq!((of_lines(b"pkgver = 1\n", &mut damage).name, damage.len()), (None, 1));
    }

    #[test]
    fn an_archive_whose_name_promises_a_package_must_hold_one() {
        assert_eq!(read(&b"".to_vec(), false).damage, []);
        assert_ne!(read(&b"\x1f\x8b\x08cut".to_vec(), true).damage, []);
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            read(&bytes, true);
            of_lines(&bytes, &mut Vec::new());
        }
    }
}
