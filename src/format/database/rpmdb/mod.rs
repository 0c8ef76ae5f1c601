//! The package database of rpm, in the three forms that it is kept in: SQLite, ndb (SUSE) and Berkeley DB.
//!
//! Each holds one header blob per installed package; [`header`] reads those. The integrity of a header is
//! checked against the digest inside it, so that a flipped bit is damage and not a different package name.

pub mod bdb;
pub mod header;
mod limits;
pub mod ndb;
pub mod sqlite;

pub use header::Package;

use super::sqlite::Beside;
use crate::bytes::{Damage, ReadAt};
pub use limits::MAX_HEADER;

/// Calls `each` for every package of a database in any of the three forms, and returns where it went wrong.
/// `beside` is what lies beside an SQLite database.
pub fn read(file: &dyn ReadAt, beside: Beside<'_>, each: &mut dyn FnMut(Package)) -> Vec<Damage> {
    let head = match file.read_vec(0, 32) {
        Ok(head) => head,
        Err(error) => return vec![Damage::from(error)],
    };
    let mut damage = Vec::new();
    let mut bad = Vec::new();
    let mut blob = |bytes: &[u8], place: &str| match header::read(bytes) {
        Ok(found) => {
            for damage in found.damage {
                bad.push(Damage { what: format!("{place}: {}", damage.what), ..damage });
            }
            each(found.value);
        }
        Err(damage) => bad.push(Damage { what: format!("{place}: {}", damage.what), ..damage }),
    };
    if head.starts_with(super::sqlite::MAGIC) {
        let lost = sqlite::read(file, beside, &mut blob, &mut damage);
        for name in lost {
            each(Package { name, ..Package::default() });
        }
    } else if head.starts_with(ndb::MAGIC) {
        ndb::read(file, &mut blob, &mut damage);
    } else {
        bdb::read(file, &mut blob, &mut damage);
    }
    damage.append(&mut bad);
    damage
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SQLITE: &[u8] = include_bytes!("../../../../tests/fixtures/rpmdb/rpmdb.sqlite");
    const NDB: &[u8] = include_bytes!("../../../../tests/fixtures/rpmdb/Packages.db");
    const BDB: &[u8] = include_bytes!("../../../../tests/fixtures/rpmdb/Packages");

    fn packages(file: &[u8]) -> (Vec<Package>, Vec<Damage>) {
        let mut packages = Vec::new();
        let damage = read(&file, Beside::default(), &mut |package| packages.push(package));
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        (packages, damage)
    }

    /// Names, versions and vendors as `rpm -qa` prints them.
    #[test]
    fn every_form_gives_the_same_facts_as_rpm() {
        let facts = |file: &[u8]| -> Vec<String> {
            let (packages, damage) = packages(file);
            assert_eq!(damage, []);
            let vendor = |package: &Package| package.vendor.clone().unwrap_or_default();
            packages.iter().map(|p| format!("{} {}-{} {}", p.name, p.version, p.release, vendor(p))).collect()
        };
        let expected = [
            "casper-tools 12.1.0-1274 Casper Project",
            "kesl 12.1.0-1274 AO Kaspersky Lab",
            "klnagent64 14.2.0-35148 AO Kaspersky Lab",
        ];
        assert_eq!(facts(SQLITE), expected);
        assert_eq!(facts(BDB), ["libuuid 2.32.1-42.el8_8 Red Hat, Inc."]);
        assert_eq!(facts(NDB).len(), 2);
    }

    #[test]
    fn a_cut_database_is_damaged() {
        for file in [SQLITE, NDB, BDB] {
            let (_, damage) = packages(&file[..file.len() * 3 / 4]);
            assert!(!damage.is_empty());
        }
    }

    #[test]
    fn a_package_that_goes_on_in_pages_of_another_is_damage() {
        let mut file = SQLITE.to_vec();
        // The number of the first overflow page of a cell: 11, made that of its neighbour.
        assert_eq!(file[1819..1823], [0, 0, 0, 11]);
        file[1822] = 9;
        assert_ne!(packages(&file).1, []);
    }

    /// Whether flipping a bit of a database changes nothing of its packages, or is reported.
    fn is_told(file: &[u8], before: &[String], at: usize, bit: usize) -> bool {
        let mut file = file.to_vec();
        file[at] ^= 1_u8 << bit;
        let (after, damage) = packages(&file);
        names(&after) == before || !damage.is_empty()
    }

    fn names(packages: &[Package]) -> Vec<String> {
        packages.iter().map(|package| package.name.clone()).collect()
    }

    /// The bits by which packages once went missing in silence: the length of a header, the key, the slot or the number
    /// of items that lead to one, the pages that it goes on in.
    #[test]
    fn no_bit_that_leads_to_a_package_hides_it() {
        let found = [
            (SQLITE, 1723),
            (SQLITE, 1833),
            (SQLITE, 1822),
            (NDB, 41),
            (BDB, 8212),
            (BDB, 12284),
            (BDB, 12317),
        ];
        for (file, at) in found {
            let before = names(&packages(file).0);
            for bit in 0..8 {
                assert!(is_told(file, &before, at, bit), "byte {at}, bit {bit}");
            }
        }
    }

    /// Every bit of every form; seconds when optimised, minutes otherwise: `cargo test --release -- --ignored no_bit_at_all`.
    #[test]
    #[ignore = "minutes without optimisation"]
    fn no_bit_at_all_hides_a_package() {
        use rayon::prelude::*;
        for file in [SQLITE, NDB, BDB] {
            let before = names(&packages(file).0);
            let hidden: Vec<_> = (0..file.len() * 8)
                .into_par_iter()
                .filter(|at| !is_told(file, &before, at / 8, at % 8))
                .collect();
            assert_eq!(hidden, [] as [usize; 0]);
        }
    }

    proptest! {
        /// A flipped bit changes nothing, or it is damage: no package disappears in silence.
        #[test]
        fn a_flipped_bit_never_hides_a_package(form in 0..3_usize, at in any::<proptest::sample::Index>(), bit in 0..8_usize) {
            let file = [SQLITE, NDB, BDB][form];
            let at = at.index(file.len());
            prop_assert!(is_told(file, &names(&packages(file).0), at, bit), "byte {at}, bit {bit}");
        }

        #[test]
        fn any_bytes_do_not_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), form in 0..3) {
            let magic: &[u8] = match form { 0 => ndb::MAGIC, 1 => crate::format::database::sqlite::MAGIC, _ => b"" };
            for (byte, magic) in bytes.iter_mut().zip(magic) {
                *byte = *magic;
            }
            packages(&bytes);
        }
    }
}
