//! JSON in which no build server finds a command.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::text::escape::starts_command;

/// Writes a value as JSON in which no build server finds a command, with a newline at the end.
///
/// # Errors
/// What the writer reports.
pub fn json(value: &impl Serialize, pretty: bool, out: &mut dyn Write) -> io::Result<()> {
    if pretty {
        value.serialize(&mut Serializer::with_formatter(&mut *out, Guarded(PrettyFormatter::new())))?
    } else {
        value.serialize(&mut Serializer::with_formatter(&mut *out, Guarded(CompactFormatter)))?
    }
    writeln!(out)
}

/// A formatter that writes `##[` as `\u0023#[`, which reads back as the same text.
struct Guarded<F>(F);

macro_rules! delegate {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Guarded<F> {
    delegate! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((before, _)) = rest.split_once("##") {
            let (_, after) = rest.split_at(before.len());
            writer.write_all(before.as_bytes())?;
            writer.write_all(if starts_command(after) { b"\\u0023" } else { b"#" })?;
            rest = after.get(1..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_build_server_finds_a_command_and_the_text_stays() {
        let mut out = Vec::new();
        json(&["###[error]x", "# ##"], false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "[\"#\\u0023#[error]x\",\"# ##\"]\n");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), ["###[error]x", "# ##"]);
    }
}
