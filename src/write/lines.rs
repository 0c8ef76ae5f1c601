//! Lines of a job's output that no build server takes for a command: GitHub reads `::command::` at the start of a line.

use std::io::{self, Write};

/// Passes bytes on with the first colon of `::` at the start of a line escaped.
pub struct Lines<W: Write> {
    out: W,
    at: At,
}

/// Where in a line the next byte is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// At its start, behind blanks.
    Start,
    /// Behind the first colon, which is not written yet.
    Colon,
    /// Anywhere else.
    Inside,
}

impl<W: Write> Lines<W> {
    /// Lines into a writer.
    pub fn new(out: W) -> Self {
        Lines { out, at: At::Start }
    }

    /// Hands everything to the writer below.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn finish(mut self) -> io::Result<()> {
        if self.at == At::Colon {
            self.out.write_all(b":")?;
        }
        self.out.flush()
    }

    /// Writes the beginning of a line up to where it is decided; returns how many bytes were taken.
    fn begin(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (taken, &byte) in bytes.iter().enumerate() {
            match (self.at, byte) {
                (At::Start, b':') => self.at = At::Colon,
                (At::Start, byte) if byte.is_ascii_whitespace() => self.out.write_all(&[byte])?,
                (At::Colon, byte) => {
                    self.out.write_all(if byte == b':' { b"\\u{3a}" } else { b":" })?;
                    self.at = At::Inside;
                    return Ok(taken);
                }
                _ => {
                    self.at = At::Inside;
                    return Ok(taken);
                }
            }
        }
        Ok(bytes.len())
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let taken = if self.at == At::Inside { 0 } else { self.begin(line)? };
            self.out.write_all(line.get(taken..).unwrap_or_default())?;
            if line.ends_with(b"\n") {
                self.at = At::Start;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_a_command_however_it_is_cut() {
        let text = b"a\n::error::x\n  ::b\n: c\n\n:\nd :: e\n:";
        for size in 1..text.len() {
            let mut out = Vec::new();
            let mut lines = Lines::new(&mut out);
            for piece in text.chunks(size) {
                lines.write_all(piece).unwrap();
            }
            lines.finish().unwrap();
            let expected = "a\n\\u{3a}:error::x\n  \\u{3a}:b\n: c\n\n:\nd :: e\n:";
            assert_eq!(String::from_utf8(out).unwrap(), expected, "in pieces of {size}");
        }
    }
}
