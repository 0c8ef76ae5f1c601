//! Tables as Apache Parquet, by the writer of the Arrow project without Arrow itself.
//!
//! Times and numbers have their types there; texts are never null, as in the other formats.
//! Format: <https://parquet.apache.org/docs/file-format/>.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use crate::write::Table;

/// Columns with a time, empty for none.
const TIMES: &[&str] = &["first_report", "last_report", "first_seen", "last_seen", "gone"];
/// Columns with a number.
const NUMBERS: &[&str] = &["reports", "reappeared"];
/// Rows of a row group: what readers take at a time.
const GROUP: usize = 100_000;

/// The bytes of a file with the table; gzip, which every reader knows.
///
/// # Errors
/// When a cell is not of its column's type.
pub(super) fn bytes(table: &Table) -> io::Result<Vec<u8>> {
    written(table).map_err(io::Error::other)
}

fn written(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let columns = table.headers.iter().map(|header| column(header)).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("rows").with_fields(columns).build()?;
    let gzip = Compression::GZIP(GzipLevel::try_new(6)?);
    let properties = WriterProperties::builder().set_compression(gzip).build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
    for rows in table.rows.chunks(GROUP) {
        let mut group = file.next_row_group()?;
        for (at, header) in table.headers.iter().enumerate() {
            let Some(mut column) = group.next_column()? else { break };
            let cells = rows.iter().map(|row| row.get(at).map_or("", String::as_str));
            if TIMES.contains(header) {
                let times = cells.map(microseconds).collect::<Result<Vec<Option<i64>>, _>>()?;
                let there: Vec<i16> = times.iter().map(|time| i16::from(time.is_some())).collect();
                let values: Vec<i64> = times.into_iter().flatten().collect();
                column.typed::<Int64Type>().write_batch(&values, Some(&there), None)?;
            } else if NUMBERS.contains(header) {
                let numbers = cells.map(number).collect::<Result<Vec<i64>, _>>()?;
                column.typed::<Int64Type>().write_batch(&numbers, None, None)?;
            } else {
                let texts: Vec<ByteArray> = cells.map(ByteArray::from).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
            }
            column.close()?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(bytes)
}

fn column(name: &str) -> Result<TypePtr, ParquetError> {
    let (physical, logical, repetition) = if TIMES.contains(&name) {
        let time = LogicalType::timestamp(true, TimeUnit::MICROS);
        (Physical::INT64, Some(time), Repetition::OPTIONAL)
    } else if NUMBERS.contains(&name) {
        (Physical::INT64, None, Repetition::REQUIRED)
    } else {
        (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED)
    };
    let column = Type::primitive_type_builder(name, physical);
    Ok(Arc::new(column.with_logical_type(logical).with_repetition(repetition).build()?))
}

/// Microseconds since 1970.
fn microseconds(cell: &str) -> Result<Option<i64>, ParquetError> {
    if cell.is_empty() {
        return Ok(None);
    }
    let time: jiff::Timestamp =
        cell.parse().map_err(|_| ParquetError::General(format!("{cell:?} is no time")))?;
    Ok(Some(time.as_microsecond()))
}

fn number(cell: &str) -> Result<i64, ParquetError> {
    cell.parse().map_err(|_| ParquetError::General(format!("{cell:?} is no number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_another_type_are_an_error_and_empty_times_none() {
        assert_eq!(microseconds("1970-01-01T00:00:02Z").unwrap(), Some(2_000_000));
        assert_eq!(microseconds("").unwrap(), None);
        assert!(microseconds("soon").is_err() && number("").is_err());
        let table = Table { headers: vec!["host", "reports"], rows: vec![vec!["pc".into(), "many".into()]] };
        assert!(bytes(&table).unwrap_err().to_string().contains("many"));
    }
}
