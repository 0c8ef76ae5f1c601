//! Slackware's records of packages: one file a package, called `NAME-VERSION-ARCH-BUILD` (pkgtools, `installpkg`).

use crate::bytes::{Damage, DamageKind, Salvaged};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Build number, and who built it: `1_SBo`.
    pub release: Option<String>,
    /// Where the package file lay.
    pub source: Option<String>,
    /// First line of the description.
    pub description: Option<String>,
}

/// The package that a record is called after.
pub fn named(file: &str) -> Package {
    let mut parts = file.rsplitn(4, '-');
    let (build, arch, version, name) = (parts.next(), parts.next(), parts.next(), parts.next());
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Package {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            arch: arch.map(str::to_owned),
            release: build.map(str::to_owned),
            ..Package::default()
        },
        // Records of early versions are called by the name alone.
        None => Package { name: file.to_owned(), ..Package::default() },
    }
}

/// Reads the head of a record. One that states another name than the file's is damaged or was renamed.
pub fn read(file: &str, bytes: &[u8]) -> Salvaged<Package> {
    let mut package = named(file);
    let mut damage = Vec::new();
    let mut stated = None;
    let mut has_files = false;
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(':') else { continue };
        match key.trim() {
            "PACKAGE NAME" => stated = Some(value.trim().to_owned()),
            "PACKAGE LOCATION" => package.source = Some(value.trim().to_owned()),
            "PACKAGE DESCRIPTION" => {
                let first = lines.next().and_then(|line| line.split_once(':'));
                package.description = first.map(|(_, text)| text.trim().to_owned());
            }
            "FILE LIST" => {
                has_files = true;
                break;
            }
            _ => {}
        }
    }
    match stated {
        Some(stated) if stated == file || named(&stated).name == package.name => {}
        Some(stated) => {
            let what = format!("the record states another name than its file's: {stated}");
            damage.push(Damage::new(DamageKind::Corrupt, 0, what));
        }
        None => damage.push(Damage::new(DamageKind::Corrupt, 0, "a record without PACKAGE NAME")),
    }
    if damage.is_empty() && !has_files {
        damage.push(Damage::new(DamageKind::Truncated, None, "a record without the list of its files"));
    }
    Salvaged { value: package, damage }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_of_the_file_is_the_packages() {
        let package = named("lib-tool-1.0-x86_64-1_SBo");
        assert_eq!((package.name.as_str(), package.version.as_deref()), ("lib-tool", Some("1.0")));
        assert_eq!((package.arch.as_deref(), package.release.as_deref()), (Some("x86_64"), Some("1_SBo")));
        assert_eq!(named("aaa_base").name, "aaa_base");
    }

    #[test]
    fn a_record_adds_what_it_states() {
        let text = b"PACKAGE NAME:     tool-1.0-x86_64-1\nCOMPRESSED PACKAGE SIZE:     1K\nPACKAGE LOCATION: ./tool-1.0-x86_64-1.txz\n\
            PACKAGE DESCRIPTION:\ntool: tool (does things)\ntool:\nFILE LIST:\n./\nPACKAGE NAME: x\n";
        let found = read("tool-1.0-x86_64-1", text);
        assert_eq!(found.damage, []);
        assert_eq!(found.value.description.as_deref(), Some("tool (does things)"));
        for damaged in [&b""[..], b"PACKAGE NAME: other-1-x-1\n"] {
            let found = read("tool-1.0-x86_64-1", damaged);
            assert_eq!((found.damage.len(), found.value.name.as_str()), (1, "tool"));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(file in ".{0,20}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            read(&file, &bytes);
        }
    }
}
