//! What several collectors need: places, expectations, programs.

pub mod database;
pub mod expected;
pub mod facts;
pub mod interest;
pub mod launched;
pub mod leftover;
pub mod packed_program;
pub mod program;
pub mod test_data;
pub mod volumes;
