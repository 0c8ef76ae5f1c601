//! What collectors of macOS share: property lists, rows of databases, times.

use super::super::Sink;
use crate::bytes::{Damage, DamageKind};
use crate::format::database::sqlite::{Database, Row};
use crate::format::text::plist::{self, Value};
use crate::fs::{Found, Root};

/// Bytes read of one property list.
pub(super) const LIMIT: usize = 16 << 20;

/// Reads a property list; what is damaged becomes a gap, what is readable is returned.
pub(super) fn property_list(root: &Root, sink: &mut Sink<'_>, found: &Found) -> Option<Value> {
    let bytes = sink.read(root, found, LIMIT)?;
    let read = plist::read(&bytes);
    sink.damage(&found.path, &read.damage);
    Some(read.value)
}

/// Damage if a value is no dictionary: text of any kind reads as a property list of the old form.
pub(super) fn not_a_dictionary(value: &Value) -> Option<Damage> {
    let is_dictionary = matches!(value, Value::Dictionary(_));
    (!is_dictionary).then(|| Damage::new(DamageKind::Corrupt, 0, "the property list is no dictionary"))
}

/// Reads a property list that is a dictionary; anything else becomes a gap.
pub(super) fn dictionary(root: &Root, sink: &mut Sink<'_>, found: &Found) -> Option<Value> {
    let bytes = sink.read(root, found, LIMIT)?;
    let read = plist::read(&bytes);
    let damage = if read.damage.is_empty() {
        not_a_dictionary(&read.value).into_iter().collect()
    } else {
        read.damage
    };
    sink.damage(&found.path, &damage);
    Some(read.value)
}

/// Calls `each` for the rows of tables of a database, with its write-ahead log. A table that is not there is
/// none of this version of macOS.
pub(super) fn rows(
    root: &Root,
    sink: &mut Sink<'_>,
    found: &Found,
    tables: &[&str],
    each: &mut dyn FnMut(usize, &Row<'_>),
) {
    let file = match root.open_found(found) {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let sides = crate::collector::support::database::Sides::open(root, sink, found);
    let damage = root.during(&found.real, || {
        let database = match Database::open(file.as_ref(), sides.beside()) {
            Ok(database) => database,
            Err(error) => return vec![error],
        };
        let mut damage = Vec::new();
        let mut missing = 0;
        for (at, table) in tables.iter().enumerate() {
            for found in database.rows(table, &mut |row| each(at, &row)) {
                if found.what.starts_with("there is no table") {
                    missing += 1;
                    if missing < tables.len() {
                        continue;
                    }
                }
                if !damage.contains(&found) {
                    damage.push(found);
                }
            }
        }
        damage
    });
    sink.damage(&found.path, &damage);
}

/// Seconds since 1970 as RFC 3339.
pub(super) fn time(seconds: f64) -> Option<String> {
    if !(-1e11..1e12).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range checked above")]
    let seconds = seconds as i64;
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// Whether macOS itself keeps this place: sealed since macOS 11, protected before. Programs there count as there,
/// also when only the data volume is at hand.
pub(super) fn is_systems(path: &str) -> bool {
    let path = path.strip_prefix('/').unwrap_or(path);
    ["System/", "bin/", "sbin/", "usr/"].iter().any(|top| path.starts_with(top))
        && !path.starts_with("usr/local/")
}

/// Whether a program is gone for certain.
pub(super) fn is_gone(root: &Root, program: &str) -> bool {
    !is_systems(program) && crate::collector::support::program::are_gone(root, [program.as_bytes()])
}
