//! Files of a target: read-only access with the rules that hold for every kind of target.
//!
//! A [`tree::Tree`] is a directory of this host, a tree in memory, or an image; [`Root`] gives collectors access to it.

mod activity;
mod damage;
pub mod directory;
pub mod drives;
mod entry;
mod homes;
pub mod ledger;
pub mod memory;
mod path;
pub mod root;
pub mod tree;
pub mod walk;

pub use damage::damage_gap;
pub use entry::Entry;
pub use path::RealPath;
pub use root::{Content, Fault, Found, Root};
