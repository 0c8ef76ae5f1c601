//! debar: finds banned-vendor software and proves what it checked.
//!
//! A [`target::Target`] gives a file system [`fs::Root`], a Windows [`registry`] and a live [`host`]; an [`image`] is a
//! root merged of layers. [`scan`] hands them to [`collector`]s, whose artifacts the matcher in [`finding`] holds
//! against [`signature`]s; findings go into a [`mod@report`], and writers write it. [`model`] is the vocabulary of all,
//! [`mod@format`] reads bytes and knows nothing of the rest, [`command`] puts everything together. [`fleet`] rolls the
//! reports of many hosts up, and [`mod@osquery`] shows them as tables of osquery.
//!
//! The library serves the binary and its tests; its interface may change with every version.

pub mod attest;
pub mod bytes;
pub mod collector;
pub mod command;
pub mod finding;
pub mod fleet;
pub mod format;
pub mod fs;
pub mod host;
#[cfg(feature = "distribution")]
pub mod http;
pub mod image;
pub mod model;
pub mod osquery;
pub mod plan;
pub mod process;
pub mod registry;
pub mod report;
pub mod scan;
pub mod signature;
pub mod target;
pub mod text;
pub mod write;
