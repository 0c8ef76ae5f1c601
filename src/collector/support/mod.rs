//! What several collectors need: places, expectations, programs.

pub mod database;
pub mod expected;
pub mod interest;
pub mod launched;
pub mod leftover;
pub mod program;
pub mod volumes;
