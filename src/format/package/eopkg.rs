//! `metadata.xml` of eopkg (Solus) and PiSi (Pisi Linux), kept for each installed package.

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::xml::{self, is_path};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: Option<String>,
    /// Version of the latest update.
    pub version: Option<String>,
    /// Release of the latest update.
    pub release: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Name and mail address of who packaged it.
    pub packager: Option<String>,
    /// Source package.
    pub source: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// Licences.
    pub licenses: Vec<String>,
    /// What it is, in one line.
    pub summary: Option<String>,
    /// Component it is part of.
    pub section: Option<String>,
    /// Bytes that it takes.
    pub size: Option<String>,
}

/// Reads the metadata of a package. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Package> {
    let mut package = Package::default();
    let mut damage = xml::read(bytes, &mut |around, element| {
        let text = || Some(element.text.clone()).filter(|text| !text.is_empty());
        let name = element.name.as_str();
        if is_path(around, &["PISI", "Package"]) {
            match name {
                "Name" => package.name = text(),
                // The first one is English or without a language.
                "Summary" if package.summary.is_none() => package.summary = text(),
                "PartOf" => package.section = text(),
                "License" => package.licenses.extend(text()),
                "Architecture" => package.arch = text(),
                "InstalledSize" => package.size = text(),
                _ => {}
            }
        } else if is_path(around, &["PISI", "Source"]) {
            match name {
                "Name" => package.source = text(),
                "Homepage" => package.homepage = text(),
                _ => {}
            }
        } else if is_path(around, &["PISI", "Source", "Packager"]) {
            let known = package.packager.take();
            package.packager = match (known, text(), name) {
                (None, found, "Name" | "Email") => found,
                (Some(known), Some(mail), "Email") => Some(format!("{known} <{mail}>")),
                (known, _, _) => known,
            };
        } else if is_path(around, &["PISI", "Package", "History", "Update"]) && name == "Version" {
            // Updates are listed from the latest one on.
            if package.version.is_none() {
                package.version = text();
                package.release =
                    around.last().and_then(|update| update.attribute("release")).map(str::to_owned);
            }
        }
    });
    if package.name.is_none() && damage.is_empty() {
        damage.push(Damage::new(DamageKind::Corrupt, 0, "metadata without the name of a package"));
    }
    Salvaged { value: package, damage }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_latest_update_gives_the_version() {
        let read = parse(
            b"<PISI><Source><Name>tool</Name><Homepage>https://tool.example</Homepage><Packager><Name>A B</Name>\
              <Email>a@example.com</Email></Packager></Source><Package><Name>tool-devel</Name><Summary xml:lang=\"en\">T</Summary>\
              <License>MIT</License><Architecture>x86_64</Architecture><History><Update release=\"3\"><Version>1.2</Version></Update>\
              <Update release=\"2\"><Version>1.1</Version></Update></History></Package></PISI>",
        );
        assert_eq!(read.damage, []);
        let package = read.value;
        assert_eq!((package.name.as_deref(), package.version.as_deref()), (Some("tool-devel"), Some("1.2")));
        assert_eq!(
            (package.release.as_deref(), package.packager.as_deref()),
            (Some("3"), Some("A B <a@example.com>"))
        );
    }

    #[test]
    fn metadata_without_a_name_is_damage() {
        assert_eq!(parse(b"<PISI/>").damage.len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"<PISI/>a \xff".to_vec()), 0..60)) {
            parse(&bytes);
        }
    }
}
