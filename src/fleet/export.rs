//! Exports for data platforms: NDJSON, CSV or Parquet in folders by day (`day=2025-01-31`), as DuckDB, Spark and
//! ClickHouse take them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::tables::day_in;
use crate::process::output::write_whole;
use crate::write::Table;

/// How the files of an export are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object a line.
    Ndjson,
    /// For spreadsheets.
    Csv,
    /// Apache Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// Writes tables below a folder, each in a folder of its name, its rows by the day of a column; returns the number of
/// rows. They appear all of them or none: anyone who reads a part would take it for the fleet.
///
/// # Errors
/// When a table is there already, or a file cannot be written.
pub fn export(folder: &Path, tables: &[(&str, &Table, &str)], format: ExportFormat) -> io::Result<usize> {
    for (name, ..) in tables {
        // Rows of an earlier export would be counted twice.
        if fs::read_dir(folder.join(name)).is_ok_and(|mut entries| entries.next().is_some()) {
            let what = format!("{name} is in it already");
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
        }
    }
    let is_new = !folder.exists();
    fs::create_dir_all(folder)?;
    let written = stage_and_place(folder, tables, format);
    if is_new && written.is_err() {
        drop(fs::remove_dir(folder));
    }
    written
}

/// Writes tables to a folder of its own, which is removed whatever happens, and moves them to their places.
fn stage_and_place(
    folder: &Path,
    tables: &[(&str, &Table, &str)],
    format: ExportFormat,
) -> io::Result<usize> {
    let stage = tempfile::Builder::new().prefix(".").suffix(".tmp").tempdir_in(folder)?;
    let mut written = 0;
    for (name, table, column) in tables {
        written += write_table(&stage.path().join(name), table, column, format)?;
    }
    let mut placed = Vec::new();
    for (name, ..) in tables {
        let (from, to) = (stage.path().join(name), folder.join(name));
        if !from.exists() {
            // A table without rows.
            continue;
        }
        // An empty folder may be in the way.
        drop(fs::remove_dir(&to));
        if let Err(error) = fs::rename(from, &to) {
            placed.iter().for_each(|path| drop(fs::remove_dir_all(path)));
            return Err(error);
        }
        placed.push(to);
    }
    Ok(written)
}

fn write_table(folder: &Path, table: &Table, column: &str, format: ExportFormat) -> io::Result<usize> {
    let at = table.headers.iter().position(|header| *header == column).unwrap_or(usize::MAX);
    let mut days: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for row in &table.rows {
        days.entry(day_in(row, at)).or_default().push(row.clone());
    }
    for (day, rows) in days {
        let folder = folder.join(format!("day={day}"));
        fs::create_dir_all(&folder)?;
        let part = Table { headers: table.headers.clone(), rows };
        match format {
            ExportFormat::Ndjson => write_whole(&folder.join("part-0.ndjson"), |out| part.ndjson(out))?,
            ExportFormat::Csv => write_whole(&folder.join("part-0.csv"), |out| part.csv(out))?,
            #[cfg(feature = "parquet")]
            ExportFormat::Parquet => {
                let bytes = super::parquet::bytes(&part)?;
                write_whole(&folder.join("part-0.parquet"), |out| out.write_all(&bytes))?;
            }
        }
    }
    Ok(table.rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_that_fails_leaves_no_table_behind() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table { headers: vec!["day"], rows: vec![vec!["2026-01-31T00:00:00Z".to_owned()]] };
        let below = folder.path().join("lake");
        // No file system has such a name.
        let bad = [("hosts", &table, "day"), ("find\0ings", &table, "day")];
        for _ in 0..2 {
            assert!(export(&below, &bad, ExportFormat::Ndjson).is_err());
            assert!(!below.exists());
        }
        fs::create_dir_all(below.join("hosts")).unwrap();
        assert!(export(&below, &bad, ExportFormat::Ndjson).is_err());
        let good = [("hosts", &table, "day"), ("findings", &table, "day")];
        assert_eq!(export(&below, &good, ExportFormat::Csv).unwrap(), 2);
        assert!(below.join("hosts/day=2026-01-31/part-0.csv").exists());
        assert_eq!(fs::read_dir(&below).unwrap().count(), 2);
        assert!(
            export(&below, &good, ExportFormat::Csv)
                .unwrap_err()
                .to_string()
                .contains("hosts is in it already")
        );
    }
}
