//! Where reports go: to files, to standard output, or as annotations of a build server.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::arguments::{Colour, Global};
use super::output_arguments::Output;
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
    check(outputs)?;
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

/// Checks that no output replaces or interrupts another.
///
/// # Errors
/// When two go to one file, or to standard output.
pub(super) fn check(outputs: &[Output]) -> Result<(), Error> {
    let is_printed = |output: &&Output| {
        let path = output.file.as_deref();
        let is_stdout = |path| path == Path::new("/dev/stdout") || path == Path::new("/dev/fd/1");
        output.address.is_none() && path.is_none_or(is_stdout)
    };
    // Annotations of GitHub are lines that the runner takes out of what is printed.
    let printed: Vec<&str> = outputs
        .iter()
        .filter(is_printed)
        .map(|output| output.format.as_str())
        .filter(|format| *format != "github")
        .collect();
    if let [first, second, ..] = printed[..] {
        return Err(Error::Usage(format!(
            "{first} and {second} would both go to standard output. Write one of them to a file, for example \
             -o {second}=FILE"
        )));
    }
    let mut taken: Vec<(PathBuf, &Output)> = Vec::new();
    for output in outputs {
        let Some(file) = output.file.as_deref() else { continue };
        let is_stream = std::fs::metadata(file).is_ok_and(|about| !about.is_file() && !about.is_dir());
        let place = place(file);
        if let Some((_, other)) = taken.iter().find(|(known, _)| *known == place && !is_stream) {
            return Err(Error::Usage(format!(
                "{} and {} would both go to {}, and the second would replace the first. Name another file for one",
                other.format,
                output.format,
                file.display()
            )));
        }
        taken.push((place, output));
    }
    Ok(())
}

/// A file by its real folder and its name.
fn place(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
    file.file_name().map(|name| folder.join(name)).unwrap_or_else(|| file.to_owned())
}

/// Refuses to write a script, which an administrator will run, to where another account could change it.
///
/// # Errors
/// When the folder is another account's, or everybody may write to it.
pub(super) fn no_scripts_for_others(folder: &Path, file: &Path) -> Result<(), Error> {
    let failed = |source| Error::Output { path: file.to_owned(), source };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // What is no folder is said when it is written.
    if !folder.is_dir() || !output::is_of_others(folder).map_err(failed)? {
        return Ok(());
    }
    let why =
        "another account could change the script before it is run. Name a folder that only you can write to";
    Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, why)))
}
