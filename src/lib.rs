//! debar: finds banned-vendor software and proves what it looked at.
//!
//! Data flows one way. A [`target`] gives read-only access to files (of this host, a directory, an image);
//! [`collector`]s read sources of inventory from it and yield [`artifact`]s, and gaps for what they could not
//! read ([`coverage`]); [`scan`] runs them side by side; the [`matcher`] holds artifacts against [`signature`]s;
//! [`finding`] groups the matches by product, with rules and [`remedy`]; [`mod@report`] writes it down. [`format`](mod@format)
//! reads bytes for everybody and knows nothing of the rest. [`command`] puts it together for [`cli`].
//! [`fleet`] rolls the reports of many hosts up, and [`mod@osquery`] shows them as tables of osquery.
//!
//! The library serves the binary and its tests; its interface may change with every version.

pub mod artifact;
pub mod attest;
pub mod bytes;
pub mod cli;
pub mod collector;
pub mod command;
pub mod compare;
pub mod config;
pub mod coverage;
pub mod error;
pub mod exceptions;
pub mod exit;
pub mod export;
pub mod finding;
pub mod fleet;
pub mod format;
#[cfg(feature = "generate")]
pub mod generate;
mod hex;
pub mod matcher;
pub mod osquery;
pub mod output;
pub mod plan;
pub mod quote;
pub mod remedy;
pub mod report;
pub mod scan;
pub mod signature;
pub mod signing;
pub mod target;
