//! One row of a table.

use super::record::Value;

/// A row of a table.
pub struct Row<'r> {
    /// Its row id.
    pub rowid: i64,
    pub(super) columns: &'r [String],
    pub(super) values: Vec<Value<'r>>,
}

impl<'r> Row<'r> {
    /// The value in a column; names compare without case.
    pub fn get(&self, column: &str) -> Option<&Value<'r>> {
        let at = self.columns.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        self.values.get(at)
    }
}
