//! Exports for data platforms: NDJSON, CSV or Parquet in folders by day (`day=2025-01-31`), as DuckDB, Spark and
//! ClickHouse take them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::Table;
use super::tables::day_in;
use crate::output::write_whole;

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
/// rows. Every file appears whole or not at all.
///
/// # Errors
/// When a file cannot be written.
pub fn export(folder: &Path, tables: &[(&str, &Table, &str)], format: ExportFormat) -> io::Result<usize> {
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
    }
    Ok(written)
}
