//! File formats: bytes in, facts out.
//!
//! A format knows nothing of debar: no paths, no targets, no vendors. It reads a byte slice or a [`ReadAt`](crate::bytes::ReadAt),
//! and returns what it salvaged together with where it went wrong, so that one bad record never hides the
//! good ones. Nothing in here panics or allocates more than a stated multiple of its input, whatever the bytes.

pub mod browser;
pub mod certificate;
pub mod container;
pub mod database;
pub mod executable;
pub mod link;
pub mod package;
pub mod text;
