//! The debar binary.
fn main() {}
