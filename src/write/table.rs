//! Tables: for people in columns, for spreadsheets and for programs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::csv::Rows;
use super::json;
use crate::text::escape;

/// A table: rows of cells under headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns.
    pub headers: Vec<&'static str>,
    /// The cells of each row.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Writes it for people, in columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut widths: Vec<usize> = self.headers.iter().map(|header| header.width()).collect();
        let shown: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| escape::printable(cell).into_owned()).collect())
            .collect();
        for row in &shown {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let mut line = |cells: &mut dyn Iterator<Item = &str>| -> io::Result<()> {
            let mut text = String::new();
            for (cell, width) in cells.zip(&widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
            }
            writeln!(out, "{}", escape::line(text.trim_end()))
        };
        line(&mut self.headers.iter().copied())?;
        shown.iter().try_for_each(|row| line(&mut row.iter().map(String::as_str)))
    }

    /// Writes it for spreadsheets; no cell begins a formula.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = Rows::new(out);
        rows.row(self.headers.iter().map(|header| Cow::Borrowed(*header)))?;
        for row in &self.rows {
            rows.row(row.iter().map(|cell| Cow::Borrowed(cell.as_str())))?;
        }
        rows.finish()
    }

    /// Writes it for programs: an object for each row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let objects: Vec<_> = self.rows.iter().map(|row| self.object(row)).collect();
        json(&objects, true, out)
    }

    /// Writes one JSON object a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows.iter().try_for_each(|row| json(&self.object(row), false, out))
    }

    fn object<'a>(&'a self, row: &'a [String]) -> BTreeMap<&'a str, &'a str> {
        self.headers.iter().copied().zip(row.iter().map(String::as_str)).collect()
    }
}
