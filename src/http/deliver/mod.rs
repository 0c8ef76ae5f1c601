//! Reports on their way to a collector: written to a spool first, then sent with an HTTPS PUT, and removed when the
//! collector has them.

mod address;
mod send;
mod spool;

pub use address::{Destination, Values};
pub use send::{Access, Outcome, Sender};
pub use spool::{Entry, Spool, SpoolError};
