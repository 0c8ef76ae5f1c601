//! Text for people and machines: escaping, quoting, wildcards, hexadecimal.

pub mod escape;
pub mod hex;
mod lossy;
mod path;
pub mod percent;
pub mod quote;
pub mod secret;
pub mod size;
mod wildcard;
pub mod written;

pub use lossy::{shown, text_of};
pub use path::{any_file_name, file_name};
pub use wildcard::wildcard;
