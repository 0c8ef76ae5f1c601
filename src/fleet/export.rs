//! Exports for data platforms: NDJSON or CSV in folders by day (`day=2025-01-31`), as DuckDB, Spark and ClickHouse
//! take them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::Table;
use super::tables::day_in;
use crate::output::write_whole;

/// Writes tables below a folder, each in a folder of its name, its rows by the day of a column; returns the number of
/// rows. Every file appears whole or not at all.
///
/// # Errors
/// When a file cannot be written.
pub fn export(folder: &Path, tables: &[(&str, &Table, &str)], as_csv: bool) -> io::Result<usize> {
    let mut written = 0;
    for (name, table, column) in tables {
        // Rows of an earlier export would be counted twice.
        let there = std::fs::read_dir(folder.join(name)).is_ok_and(|mut entries| entries.next().is_some());
        if there {
            let what = format!("{name} is in it already; name a new folder");
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
        }
        let at = table.headers.iter().position(|header| header == column).unwrap_or(usize::MAX);
        let mut days: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for row in &table.rows {
            days.entry(day_in(row, at)).or_default().push(row.clone());
        }
        for (day, rows) in days {
            written += rows.len();
            let folder = folder.join(name).join(format!("day={day}"));
            std::fs::create_dir_all(&folder)?;
            let part = Table { headers: table.headers.clone(), rows };
            let file = folder.join(if as_csv { "part-0.csv" } else { "part-0.ndjson" });
            write_whole(&file, |out| if as_csv { part.csv(out) } else { part.ndjson(out) })?;
        }
    }
    Ok(written)
}
