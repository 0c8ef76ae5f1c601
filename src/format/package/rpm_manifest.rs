//! The lists of packages in distroless images of Azure Linux and CBL-Mariner, which keep no database of rpm.
//!
//! `container-manifest-1` is `rpm -qa`; `container-manifest-2` has ten fields a line, separated by tabs: name,
//! version-release, times of installation and build, vendor, epoch, size, architecture, epoch number, source package
//! (microsoft/CBL-Mariner, "Distroless containers"; anchore/syft reads the second).

use crate::bytes::{Damage, DamageKind, Salvaged, limited};
use crate::format::database::rpmdb::Package;

/// Lines that are shown to be damaged.
const MAX_DAMAGE: usize = 20;

/// The packages of either list. A last line without its end was cut.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Package>> {
    let (mut packages, mut damage) = (Vec::new(), Vec::new());
    let mut offset = 0_u64;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = String::from_utf8_lossy(line.trim_ascii());
        if !text.is_empty() {
            let package = if text.contains('\t') { of_fields(&text) } else { of_name(&text) };
            match package {
                Some(package) => packages.push(package),
                None => damage.push(Damage::new(DamageKind::Corrupt, offset, "a line that names no package")),
            }
        }
        offset += line.len() as u64;
    }
    if bytes.last().is_some_and(|&byte| byte != b'\n') {
        damage.push(Damage::new(DamageKind::Truncated, offset, "the list ends within a line"));
    }
    if bytes.is_empty() {
        damage.push(Damage::new(DamageKind::Truncated, 0, "the list is empty"));
    }
    // One gap says as much as thousands.
    let mut more = Vec::new();
    let mut damage = limited(damage, MAX_DAMAGE, "damaged lines", &mut more);
    damage.append(&mut more);
    Salvaged { value: packages, damage }
}

fn of_fields(line: &str) -> Option<Package> {
    let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
    let field = |at: usize| fields.get(at).copied().filter(|text| !text.is_empty() && *text != "(none)");
    let text = |at: usize| field(at).map(str::to_owned);
    let (version, release) = split_release(field(1)?);
    // Fewer fields are two lines joined or one cut.
    if fields.len() < 8 {
        return None;
    }
    Some(Package {
        name: text(0)?,
        version: version.to_owned(),
        release: release.to_owned(),
        install_time: field(2).and_then(|time| time.parse().ok()),
        vendor: text(4),
        epoch: field(5).and_then(|epoch| epoch.parse().ok()),
        size: field(6).and_then(|size| size.parse().ok()),
        arch: text(7),
        source_rpm: text(9),
        ..Package::default()
    })
}

/// `name-version-release.arch`
fn of_name(text: &str) -> Option<Package> {
    let (full, arch) = match text.rsplit_once('.') {
        Some((full, arch))
            if !arch.is_empty() && arch.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
        {
            (full, Some(arch.to_owned()))
        }
        _ => (text, None),
    };
    let (rest, release) = full.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let is_sound = !name.is_empty() && !name.contains(char::is_whitespace) && !version.is_empty();
    is_sound.then(|| Package {
        name: name.to_owned(),
        version: version.to_owned(),
        release: release.to_owned(),
        arch,
        ..Package::default()
    })
}

fn split_release(text: &str) -> (&str, &str) {
    text.split_once('-').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_lists_name_the_same_packages() {
        let full = read(b"tool\t1.0-2.cm2\t1654040040\t1654040041\tExample Ltd\t(none)\t100\tx86_64\t0\ttool-1.0-2.cm2.src.rpm\n");
        assert_eq!(full.damage, []);
        let [tool] = full.value.as_slice() else { panic!("{full:?}") };
        assert_eq!(
            (tool.name.as_str(), tool.version.as_str(), tool.release.as_str()),
            ("tool", "1.0", "2.cm2")
        );
        assert_eq!(
            (tool.vendor.as_deref(), tool.epoch, tool.install_time),
            (Some("Example Ltd"), None, Some(1_654_040_040))
        );
        let short = read(b"tool-extra-1.0-2.cm2.x86_64\n");
        assert_eq!(short.damage, []);
        assert_eq!(
            (short.value[0].name.as_str(), short.value[0].arch.as_deref()),
            ("tool-extra", Some("x86_64"))
        );
    }

    #[test]
    fn cut_lists_and_lines_without_a_package_are_damage() {
        for bytes in
            [&b""[..], b"tool-1.0-2.x86_64", b"x\n", b"tool\t1.0\n", b"\t1.0-2\t1\t1\tV\t(none)\t1\tx\n"]
        {
            assert_ne!(read(bytes).damage, [], "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"a-1.\t\n\xff".to_vec()), 0..60)) {
            read(&bytes);
        }
    }
}
