//! Fatal errors: what keeps a command from running at all. Each says what happened, where, and what to do next.

use std::io;
use std::path::PathBuf;

/// Why a command could not run; exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target is not there or cannot be opened.
    #[error("cannot scan {target}: {}. Check the path and that you may read it", plain(.source))]
    Target {
        /// As the user named it.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// A kind of target that this build does not read.
    #[error("cannot scan {target}: {reason}")]
    UnsupportedTarget {
        /// As the user named it.
        target: String,
        /// Why, and what works.
        reason: String,
    },
    /// Signature or rule files with mistakes.
    #[error("the signatures cannot be used:\n{}\nCorrect the file, or leave --signatures out to use the built-in set", .problems.join("\n"))]
    Signatures {
        /// One line per problem, each beginning with file, line and column.
        problems: Vec<String>,
    },
    /// A file of exceptions with mistakes.
    #[error("the exceptions cannot be used:\n{}\nCorrect the file; without its exceptions the scan would fail for what it excuses", .problems.join("\n"))]
    Exceptions {
        /// One line per problem, each beginning with file, line and column.
        problems: Vec<String>,
    },
    /// A report that was named cannot be used.
    #[error("cannot use {}: {message}", .path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        message: String,
    },
    /// A file whose signature does not hold.
    #[error("{} is refused: {why}. Get it again from whoever signed it, or see --trusted-key and --require-signed", .path.display())]
    Untrusted {
        /// The signed file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A key that cannot be used.
    #[error("cannot use the key {}: {why}. `minisign -G` makes a pair of keys", .path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A report could not be written.
    #[error("cannot write {}: {}{}", .path.display(), plain(.source), remedy_of_output(.source))]
    Output {
        /// Where it should have gone.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A folder for layers that were read cannot be used.
    #[error("cannot use {} as --cache: {}. Name a folder of your own that only you may write to", .path.display(), plain(.source))]
    Cache {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The event log does not take the verdict.
    #[error(
        "cannot write to the event log of Windows: {}. Check that the service EventLog runs, or leave --event-log out", plain(.0)
    )]
    EventLog(io::Error),
    /// Standard output is gone.
    #[error("cannot write to standard output: {}", plain(.0))]
    Stdout(io::Error),
    /// A file that the user named cannot be read.
    #[error("cannot read {}: {}{}", .path.display(), plain(.source), remedy_of_input(.source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store of a fleet cannot be used.
    #[error("cannot use the store {}: {message}", .path.display())]
    Store {
        /// The store.
        path: PathBuf,
        /// Why not, and what to do.
        message: String,
    },
    /// The config file has a mistake.
    #[error("{}: {message}", .path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Line, column and what is wrong.
        message: String,
    },
    /// An argument that clap cannot judge by itself.
    #[error("{0}")]
    Usage(String),
}

/// What the system says of a failed call, without its number.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or_default().to_owned()
}

fn remedy_of_output(error: &io::Error) -> &'static str {
    match error.kind() {
        // debar's own words say what is wrong and what to do.
        io::ErrorKind::InvalidInput => "",
        io::ErrorKind::AlreadyExists => ". Name a new folder",
        _ => ". Check that the folder exists, is writable and has space",
    }
}

fn remedy_of_input(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => ". Check the path",
        io::ErrorKind::PermissionDenied => ". Check that you may read it",
        io::ErrorKind::IsADirectory => ". Name a file in it",
        _ => "",
    }
}
