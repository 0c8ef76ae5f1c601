//! How things are written, once for all of them: styles of terminals.

pub mod style;
