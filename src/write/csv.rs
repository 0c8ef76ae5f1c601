//! CSV (RFC 4180) for spreadsheets: no cell begins a formula (OWASP "CSV Injection"), no line is a command of a build server.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::text::escape::{line, printable};

/// Writes rows; lines end with CR LF, as the RFC has it.
pub struct Rows<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> Rows<W> {
    /// Rows into a writer; each has as many cells as the first.
    pub fn new(out: W) -> Self {
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        Rows { writer }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cow<'a, str>>) -> io::Result<()> {
        for cell in cells {
            self.writer.write_field(harmless(&cell).as_bytes())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Hands everything to the writer below.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A cell that means only its text. Line breaks inside cells are legal and break half of the readers, so they are escaped
/// like all control characters. Full-width signs become formulas in East Asian locales; readers trim leading blanks.
fn harmless(cell: &str) -> Cow<'_, str> {
    let begins_formula = |text: &str| {
        let first = text.trim_start().chars().next();
        first.is_some_and(|first| "=+-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}\u{2212}".contains(first))
    };
    let text = printable(cell);
    let is_control = cell.starts_with(['\t', '\r', '\n']);
    if is_control || begins_formula(&text) {
        return Cow::Owned(format!("'{text}"));
    }
    match line(&text) {
        Cow::Owned(text) => Cow::Owned(text),
        Cow::Borrowed(_) => text,
    }
}

/// The text of a cell as it was before [`Rows::row`] put an apostrophe before it.
pub fn original(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| harmless(rest) != *rest).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut bytes = Vec::new();
        let mut rows = Rows::new(&mut bytes);
        rows.row(cells.iter().map(|cell| Cow::Borrowed(*cell))).unwrap();
        rows.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_cell_never_starts_a_formula() {
        for cell in
            ["=cmd()", "+1", "-1", "@x", "\tx", " =1+1", "\u{a0}=1", "＝1+1", "|cmd", "%cmd", "\r=1", "－1"]
        {
            let row = written(&[cell, "x"]);
            assert!(row.trim_start_matches('"').starts_with('\''), "{cell}: {row}");
        }
    }

    #[test]
    fn the_apostrophe_can_be_taken_off_again() {
        for cell in ["=1+1", "'quoted'", "plain", "＝1"] {
            assert_eq!(original(&harmless(cell)), cell);
        }
    }

    #[test]
    fn cells_are_quoted_and_escaped() {
        assert_eq!(written(&["a,\"b\"", "c"]), "\"a,\"\"b\"\"\",c\r\n");
        assert_eq!(written(&["\u{1b}[31m", "##vso[x]"]), "\\u{1b}[31m,\\u{23}#vso[x]\r\n");
        assert_eq!(written(&["::error::x", ""]), "\\u{3a}:error::x,\r\n");
    }
}
