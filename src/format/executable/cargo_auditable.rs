//! cargo-auditable: the crates that a Rust program was built from.
//!
//! A zlib-compressed JSON list in a section of its own, in ELF, PE and Mach-O alike. Format: cargo-auditable's
//! `PARSING.md` and JSON schema.

use serde::Deserialize;

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::container::decompress::{Compression, bounded};
use crate::format::executable::{Layout, exact};

/// The section's name.
const SECTION: &str = ".dep-v0";
/// Compressed and uncompressed list are read up to these sizes; large programs have 20 and 100 thousand bytes.
const MAX_COMPRESSED: u64 = 1 << 20;
const MAX_LIST: usize = 8 << 20;

/// A crate in the program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Crate {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Where it came from: `crates.io`, `git`, `local` …
    #[serde(default)]
    pub source: String,
    /// `runtime`, the default, or `build`.
    #[serde(default = "runtime")]
    pub kind: String,
    /// Whether it is the program itself.
    #[serde(default)]
    pub root: bool,
}

fn runtime() -> String {
    "runtime".to_owned()
}

#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

/// Reads the list of an executable; `None` if it has none.
pub fn read(file: &dyn ReadAt, layout: &Layout) -> Option<Salvaged<Vec<Crate>>> {
    let section = layout.section(SECTION)?;
    let size = usize::try_from(section.size.min(MAX_COMPRESSED)).ok()?;
    let compressed = match exact(file, section.offset, size, "the list of crates") {
        Ok(compressed) => compressed,
        Err(damage) => return Some(Salvaged::lost(damage)),
    };
    let json = bounded(&compressed, Compression::Zlib, MAX_LIST);
    match serde_json::from_slice::<List>(&json.value) {
        Ok(list) => Some(Salvaged::whole(list.packages)),
        Err(error) => {
            let what = format!("the list of crates: {error}");
            let mut damage = json.damage;
            damage.push(Damage::new(DamageKind::Corrupt, section.offset, what));
            Some(Salvaged { value: Vec::new(), damage })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::executable::elf;

    const AUDITABLE: &[u8] = include_bytes!("../../../tests/fixtures/executables/auditable.so");

    #[test]
    fn crates_are_listed_with_their_kind() {
        let elf = elf::read(&AUDITABLE).unwrap().value;
        let crates = read(&AUDITABLE, &elf.layout).unwrap();
        assert_eq!(crates.damage, []);
        let all: Vec<_> = crates
            .value
            .iter()
            .map(|it| format!("{}@{} {} {}", it.name, it.version, it.kind, it.root))
            .collect();
        assert_eq!(
            all,
            ["example-agent@0.3.1 runtime true", "libc@0.2.150 runtime false", "cc@1.0.83 build false"]
        );
    }

    #[test]
    fn a_damaged_list_is_damage_and_none_is_none() {
        let mut bytes = AUDITABLE.to_vec();
        let elf = elf::read(&bytes).unwrap().value;
        let at = elf.layout.section(".dep-v0").unwrap().offset as usize;
        bytes[at + 10..at + 30].fill(0xff);
        assert_eq!(read(&bytes, &elf.layout).unwrap().damage.last().unwrap().kind, DamageKind::Corrupt);
        assert_eq!(read(&bytes, &Layout::default()), None);
    }
}
