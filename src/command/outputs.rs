//! Where reports go: to files, to standard output, or as annotations of a build server.

use std::io::{self, IsTerminal, Write};

use super::arguments::{Colour, Global, Output};
use crate::model::Error;
use crate::process::output;
use crate::report::{self, Format, Look};
use crate::write::Lines;

/// Writes reports to where `-o` says; as text to standard output when it says nothing.
pub(super) fn write_reports(
    outputs: &[Output],
    global: &Global,
    write: impl Fn(&Format, Look, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    annotate(outputs, global, &write)?;
    write_outputs(outputs, global, "text", |name, look, out| match report::format(name) {
        Some(format) => write(format, look, out),
        None => Ok(()),
    })
}

/// Writes to where `-o` says, by the name of the format; in a format of its own to standard output when it says
/// nothing.
pub(super) fn write_outputs(
    outputs: &[Output],
    global: &Global,
    default: &str,
    write: impl Fn(&str, Look, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    super::effects::outputs(outputs)?;
    let verbose = global.verbose;
    for output in outputs {
        let Some(path) = &output.file else { continue };
        let look = Look { verbose, ..Look::default() };
        let written = output::write_whole(path, |out| {
            guarded(&output.format, out, |out| write(&output.format, look, out))
        });
        written.map_err(|source| Error::Output { path: path.clone(), source })?;
    }
    let mut printed: Vec<&str> =
        outputs.iter().filter(|output| output.file.is_none()).map(|output| output.format.as_str()).collect();
    if outputs.is_empty() && !global.quiet {
        printed.push(default);
    }
    let stdout = io::stdout();
    let look = Look { colour: coloured(global.color, stdout.is_terminal()), width: width(), verbose };
    for format in printed {
        let mut out = io::BufWriter::new(stdout.lock());
        match guarded(format, &mut out, |out| write(format, look, out)).and_then(|()| out.flush()) {
            // `debar scan | head` is no error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            result => result.map_err(Error::Stdout)?,
        }
    }
    Ok(())
}

/// Writes so that no line is a command of a build server; the annotations of GitHub are meant to be.
fn guarded(
    format: &str,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if format == "github" {
        return write(out);
    }
    let mut lines = Lines::new(out);
    write(&mut lines)?;
    lines.finish()
}

/// Annotates the run when it is one of GitHub Actions, on standard error: what is printed stays what was asked for.
fn annotate(
    outputs: &[Output],
    global: &Global,
    write: impl Fn(&Format, Look, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let there = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    let asked = outputs.iter().any(|output| output.format == "github");
    if let Some(format) = report::format("github").filter(|_| there && !asked && !global.quiet) {
        let mut commands = Vec::new();
        write(format, Look::default(), &mut commands).map_err(Error::Stdout)?;
        drop(io::stderr().write_all(&commands));
    }
    Ok(())
}

fn coloured(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            terminal
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
                && crate::process::can_show_colours()
        }
    }
}

/// Columns to write in: those of the terminal between 40 and 120, else 80; longer lines are hard to read.
fn width() -> usize {
    if !io::stdout().is_terminal() {
        return 80;
    }
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(40, 120))
}
