//! chisel's `manifest.wall`: the slices of Ubuntu packages that an image was cut from.
//!
//! A "jsonwall" is a zstd stream of JSON lines: a header that counts them, then one record a line (canonical/chisel,
//! `public/jsonwall`, `public/manifest`).

use serde::Deserialize;

use crate::bytes::{Damage, DamageKind, Salvaged, limited};
use crate::format::container::decompress::{self, Compression};

/// Bytes of an unpacked manifest, which lists every file of an image.
const MAX_MANIFEST: usize = 256 << 20;
/// Lines that are shown to be damaged.
const MAX_DAMAGE: usize = 20;

/// A package that slices came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Architecture.
    pub arch: String,
}

#[derive(Deserialize)]
struct Header {
    jsonwall: String,
    count: Option<u64>,
}

#[derive(Deserialize)]
struct Record {
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    arch: String,
}

/// The packages of a manifest.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Package>> {
    if Compression::of(bytes) != Some(Compression::Zstd) {
        let damage = Damage::new(DamageKind::Corrupt, 0, "no manifest of chisel: it is not zstd");
        return Salvaged::lost(damage);
    }
    let mut unpacked = decompress::bounded(bytes, Compression::Zstd, MAX_MANIFEST);
    let lines = lines(&unpacked.value);
    unpacked.damage.extend(lines.damage);
    Salvaged { value: lines.value, damage: unpacked.damage }
}

/// The packages of the unpacked lines.
fn lines(text: &[u8]) -> Salvaged<Vec<Package>> {
    let (mut packages, mut damage) = (Vec::new(), Vec::new());
    let (mut offset, mut count, mut expected) = (0_u64, 0_u64, None);
    let mut report = |kind, at, what: &str| damage.push(Damage::new(kind, at, what));
    for line in text.split_inclusive(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        count += 1;
        if count == 1 {
            match serde_json::from_slice::<Header>(line) {
                Ok(header) if header.jsonwall.starts_with("1.") => expected = header.count,
                Ok(_) => report(DamageKind::Unsupported, offset, "an unknown version of jsonwall"),
                Err(_) => report(DamageKind::Corrupt, offset, "no header of jsonwall"),
            }
        } else {
            match serde_json::from_slice::<Record>(line) {
                Ok(record) if record.kind != "package" => {
                    // Kinds of the format; another one is a damaged word.
                    if !["slice", "path", "content"].contains(&record.kind.as_str()) {
                        report(DamageKind::Corrupt, offset, "a record of an unknown kind");
                    }
                }
                Ok(record) if record.name.is_empty() => {
                    report(DamageKind::Corrupt, offset, "a package without a name");
                }
                Ok(Record { name, version, arch, .. }) => packages.push(Package { name, version, arch }),
                Err(_) => report(DamageKind::Corrupt, offset, "a line that is no record"),
            }
        }
        offset += line.len() as u64;
    }
    if expected.is_some_and(|expected| expected != count) || expected.is_none() {
        report(DamageKind::Truncated, offset, "the header counts other lines than there are");
    }
    Salvaged { value: packages, damage: limited_damage(damage) }
}

/// One gap says as much as thousands.
fn limited_damage(damage: Vec<Damage>) -> Vec<Damage> {
    let mut more = Vec::new();
    let mut damage = limited(damage, MAX_DAMAGE, "damaged records", &mut more);
    damage.append(&mut more);
    damage
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    const WALL: &[u8] = b"{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":4}\n\
        {\"kind\":\"package\",\"name\":\"tool\",\"version\":\"1.0-1\",\"sha256\":\"00\",\"arch\":\"amd64\"}\n\
        {\"kind\":\"path\",\"path\":\"/usr/bin/tool\",\"mode\":\"0755\"}\n\
        {\"kind\":\"slice\",\"name\":\"tool_bins\"}\n";

    /// A manifest as slices have it: a frame of zstd with one block that is not compressed.
    pub(crate) fn packed() -> Vec<u8> {
        let block = (u32::try_from(WALL.len()).unwrap() << 3 | 1).to_le_bytes();
        [&b"\x28\xb5\x2f\xfd\x00\x58"[..], &block[..3], WALL].concat()
    }

    #[test]
    fn packages_are_records_of_their_kind() {
        let read = lines(WALL);
        assert_eq!(read.damage, []);
        let tool = Package { name: "tool".into(), version: "1.0-1".into(), arch: "amd64".into() };
        assert_eq!(read.value, [tool]);
    }

    #[test]
    fn every_cut_and_every_lost_name_is_damage() {
        for length in 0..WALL.len() - 1 {
            assert_ne!(lines(&WALL[..length]).damage, [], "{length}");
        }
        let text = String::from_utf8_lossy(WALL);
        for (good, bad) in
            [("package", "packagf"), ("\"name\":\"tool\",", ""), ("1.0\",\"schema", "9.0\",\"schema")]
        {
            assert_ne!(lines(text.replacen(good, bad, 1).as_bytes()).damage, [], "{bad}");
        }
        assert_eq!(read(WALL).damage[0].kind, DamageKind::Corrupt);
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            lines(&bytes);
            read(&bytes);
        }
    }
}
