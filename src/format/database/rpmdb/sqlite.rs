//! rpm's SQLite database: the headers are the blobs of table `Packages` (`lib/backend/sqlite.c` of rpm).
//!
//! Pages of SQLite have no checksums, so that a damaged page can lose rows without a trace. rpm's index of names
//! says which packages there must be.

use std::collections::BTreeSet;

use super::super::sqlite::{Beside, Database, Value};
use crate::bytes::{Damage, DamageKind, ReadAt};

/// Calls `blob` for every header, and `lost` for every package that only the index of names knows.
pub(super) fn read(
    file: &dyn ReadAt,
    beside: Beside<'_>,
    blob: &mut dyn FnMut(&[u8], &str),
    damage: &mut Vec<Damage>,
) -> Vec<String> {
    let database = match Database::open(file, beside) {
        Ok(database) => database,
        Err(error) => {
            damage.push(error);
            return Vec::new();
        }
    };
    let mut seen = BTreeSet::new();
    damage.extend(database.rows("Packages", &mut |row| {
        seen.insert(row.rowid);
        let place = format!("row {}", row.rowid);
        match row.get("blob") {
            Some(Value::Blob(bytes)) => blob(bytes, &place),
            _ => blob(&[], &place),
        }
    }));
    let mut lost = Vec::new();
    let in_index = database.rows("Name", &mut |row| {
        let package = row.get("hnum").and_then(Value::integer).unwrap_or(row.rowid);
        if !seen.contains(&package) {
            lost.push(row.get("key").and_then(Value::text).unwrap_or_default().to_owned());
        }
    });
    damage.extend(in_index.into_iter().filter(|found| !damage.contains(found)).collect::<Vec<_>>());
    for name in &lost {
        let what = format!("the index of names lists package {name}, and its header is missing");
        damage.push(Damage::new(DamageKind::Corrupt, None, what));
    }
    lost
}
