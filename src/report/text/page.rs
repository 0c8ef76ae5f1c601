//! A page for people: wrapped text at an indent, painted where the terminal has colours.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::report::Look;
use crate::text::escape::{self, printable};
use crate::write::style::{Paint, wrapped};

/// A page that is written for people.
pub(super) struct Page<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) look: Look,
    pub(super) paint: Paint,
}

impl Page<'_> {
    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Text at an indent, wrapped; the first line after a mark.
    pub(super) fn text(&mut self, indent: usize, mark: &str, text: &str) -> io::Result<()> {
        self.painted(indent, mark, text, str::to_owned)
    }

    /// The same, each line painted: colours take no columns.
    pub(super) fn painted(
        &mut self,
        indent: usize,
        mark: &str,
        text: &str,
        paint: impl Fn(&str) -> String,
    ) -> io::Result<()> {
        let width = self.look.width.saturating_sub(indent + mark.width());
        for (at, line) in wrapped(&printable(text), width).iter().enumerate() {
            let lead = if at == 0 { mark.to_owned() } else { " ".repeat(mark.width()) };
            writeln!(self.out, "{:indent$}{lead}{}", "", paint(&escape::line(line)))?;
        }
        Ok(())
    }

    /// Text behind a label, which may be painted, with the following lines below its start.
    pub(super) fn labelled(
        &mut self,
        label: &str,
        painted: &str,
        column: usize,
        text: &str,
    ) -> io::Result<()> {
        let gap = column.saturating_sub(label.width());
        for (at, line) in wrapped(&printable(text), self.look.width.saturating_sub(column)).iter().enumerate()
        {
            match at {
                0 => writeln!(self.out, "{painted}{:gap$}{line}", "")?,
                _ => writeln!(self.out, "{:column$}{}", "", escape::line(line))?,
            }
        }
        Ok(())
    }
}
