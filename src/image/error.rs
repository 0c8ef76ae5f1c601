//! Why an image could not be opened.

use std::io;

use super::bodies::SpoolError;

/// Why an image could not be opened at all.
#[derive(Debug)]
pub enum ImageError {
    /// The operating system says so.
    Io(io::Error),
    /// It is not what it was called, or lacks what was asked for; says what would work.
    Unusable(String),
}

impl std::fmt::Display for ImageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ImageError::Io(error) => error.fmt(f),
            ImageError::Unusable(what) => f.write_str(what),
        }
    }
}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        ImageError::Io(error)
    }
}

impl From<SpoolError> for ImageError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::Stream(error) => ImageError::Io(error),
            SpoolError::Room(error) => ImageError::Unusable(error.to_string()),
        }
    }
}
