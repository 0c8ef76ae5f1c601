//! How things are written, once for all: CSV, JSON, tables, styles of terminals. What is written is the caller's.

pub mod csv;
mod json;
mod lines;
pub mod style;
mod table;

pub use json::json;
pub use lines::Lines;
pub use table::Table;
