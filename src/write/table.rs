//! Tables: for people in columns, for spreadsheets and for programs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::csv::Rows;
use super::json;
use crate::text::escape;

/// A longer word is broken when its column is narrower: the first that makes room for every column.
const LONGEST_WORDS: [usize; 3] = [40, 24, 16];

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

    /// Writes it for people in so many columns of a terminal: empty columns are left out, cells are wrapped between words,
    /// and columns for which there is no room are named.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text_within(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let shown: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| escape::printable(cell).into_owned()).collect())
            .collect();
        let (columns, left_out) = self.fitting(&shown, width);
        let mut row = |cells: &[Cow<'_, str>]| -> io::Result<()> {
            let wrapped: Vec<Vec<String>> =
                cells.iter().zip(&columns).map(|(cell, (_, width))| wrapped(cell, *width)).collect();
            for at in 0..wrapped.iter().map(Vec::len).max().unwrap_or_default() {
                let mut text = String::new();
                for (lines, (_, width)) in wrapped.iter().zip(&columns) {
                    let cell = lines.get(at).map_or("", String::as_str);
                    text.push_str(cell);
                    text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
                }
                writeln!(out, "{}", escape::line(text.trim_end()))?;
            }
            Ok(())
        };
        let header = |at: &usize| self.headers.get(*at).copied().unwrap_or_default();
        row(&columns.iter().map(|(at, _)| Cow::Borrowed(header(at))).collect::<Vec<_>>())?;
        for cells in &shown {
            let cell = |at: &usize| cells.get(*at).map_or("", String::as_str);
            row(&columns.iter().map(|(at, _)| Cow::Borrowed(cell(at))).collect::<Vec<_>>())?;
        }
        if !left_out.is_empty() {
            let names: Vec<&str> = left_out.iter().map(header).collect();
            let note = format!("Without {} (-w shows every column)", names.join(", "));
            wrapped(&note, width).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        Ok(())
    }

    /// The columns that fit with their widths, and those that do not. Columns on the left matter more.
    fn fitting(&self, shown: &[Vec<String>], width: usize) -> (Vec<(usize, usize)>, Vec<usize>) {
        let total =
            |columns: &[(usize, usize, usize)]| columns.iter().map(|(_, least, _)| least + 2).sum::<usize>();
        let mut columns = Vec::new();
        for longest in LONGEST_WORDS {
            columns = self.wishes(shown, longest);
            if total(&columns) <= width + 2 {
                break;
            }
        }
        let mut left_out = Vec::new();
        while columns.len() > 1 && total(&columns) > width + 2 {
            left_out.extend(columns.pop().map(|(at, ..)| at));
        }
        left_out.reverse();
        let mut spare = (width + 2).saturating_sub(total(&columns));
        let mut fitted = Vec::new();
        for (at, least, wish) in columns {
            let more = (wish - least).min(spare);
            spare -= more;
            fitted.push((at, least + more));
        }
        (fitted, left_out)
    }

    /// The columns that hold something: how wide they are at least, with words of at most some width, and at most.
    fn wishes(&self, shown: &[Vec<String>], longest: usize) -> Vec<(usize, usize, usize)> {
        let cells = |at: usize| shown.iter().filter_map(move |row| row.get(at));
        let mut columns: Vec<(usize, usize, usize)> = Vec::new();
        for (at, header) in self.headers.iter().enumerate() {
            if cells(at).all(String::is_empty) && !shown.is_empty() {
                continue;
            }
            let wish = cells(at).map(|cell| cell.width()).max().unwrap_or_default().max(header.width());
            let word = cells(at).flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max();
            let least = word.unwrap_or_default().min(longest).max(header.width());
            columns.push((at, least.min(wish), wish));
        }
        columns
    }

    /// Some columns of the table, in the order in which they are named.
    #[must_use]
    pub fn only(&self, columns: &[&str]) -> Table {
        let places: Vec<usize> = columns
            .iter()
            .filter_map(|column| self.headers.iter().position(|header| header == column))
            .collect();
        let row =
            |row: &Vec<String>| places.iter().map(|at| row.get(*at).cloned().unwrap_or_default()).collect();
        let headers = places.iter().filter_map(|at| self.headers.get(*at).copied()).collect();
        Table { headers, rows: self.rows.iter().map(row).collect() }
    }

    /// The table with the first cells of a row empty where they repeat those of the row before.
    #[must_use]
    pub fn without_repeats(mut self, columns: usize) -> Table {
        let mut last: Vec<String> = Vec::new();
        for row in &mut self.rows {
            let first: Vec<String> = row.iter().take(columns).cloned().collect();
            if first == last {
                row.iter_mut().take(columns).for_each(String::clear);
            }
            last = first;
        }
        self
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

/// The lines of a cell: broken between words, and inside of those that are longer than a line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        for char in word.chars() {
            if !line.is_empty() && line.width() + UnicodeWidthChar::width(char).unwrap_or_default() > width {
                // Behind a separator, if one is in the second half of the line.
                let separator =
                    line.rfind(['/', '-', '.', '_', '@', ':', '\\']).filter(|at| at * 2 >= line.len());
                let rest = separator.map(|at| line.split_off(at + 1)).unwrap_or_default();
                lines.push(std::mem::replace(&mut line, rest));
            }
            line.push(char);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(width: usize) -> Vec<String> {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        let table = Table {
            headers: vec!["host", "nothing", "notes", "owner", "machine"],
            rows: vec![
                row([
                    "pc-1",
                    "",
                    "its clock is 3 days behind",
                    "ann@example.org",
                    &"0123456789abcdef".repeat(4),
                ]),
                row(["workstation-0815", "", "", "", ""]),
            ],
        };
        let mut out = Vec::new();
        table.text_within(width, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_table_is_never_wider_than_the_terminal_and_breaks_between_words() {
        for width in [40, 60, 80, 120, 200] {
            let lines = within(width);
            assert!(lines.iter().all(|line| line.width() <= width), "{width}: {lines:#?}");
            let whole = lines.join("\n");
            assert!(whole.contains("workstation-0815") && !whole.contains("nothing"), "{width}: {lines:#?}");
        }
        let narrow = within(40);
        assert!(narrow.iter().any(|line| line.starts_with("Without owner, machine")), "{narrow:#?}");
        assert!(within(60).iter().any(|line| line.contains("ann@example.org")), "{narrow:#?}");
        assert!(within(200).iter().any(|line| line.contains(&"0123456789abcdef".repeat(4))));
    }
}
