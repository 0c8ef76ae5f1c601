//! Text for people and machines: escaping, quoting, wildcards, hexadecimal.

pub mod escape;
pub mod hex;
mod lossy;
pub mod percent;
pub mod quote;
pub mod secret;
pub mod size;
mod wildcard;
pub mod written;

pub use lossy::{shown, text_of};
pub use wildcard::wildcard;
