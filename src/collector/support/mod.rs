//! What several collectors need: places, expectations, programs.

pub mod expected;
pub mod interest;
pub mod leftover;
pub mod program;
pub mod volumes;
