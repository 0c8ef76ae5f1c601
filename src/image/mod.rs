//! Container images as targets: one pass per layer, a pure merge, and the result is one more
//! [`Tree`](crate::fs::tree::Tree).
//!
//! An archive is itself read as the tree of its members, so that `docker save` archives, OCI archives and OCI
//! folders are all a [`Root`](crate::fs::root::Root) in which blobs are found by path. Sources: the OCI image specification 1.1, the Docker
//! image specification 1.2.

mod archive;
mod assemble;
mod bodies;
mod body;
mod cache;
mod cache_folder;
mod cached_layer;
mod digest;
#[cfg(feature = "distribution")]
mod distribution;
mod error;
mod fuzz;
mod gaps;
mod go_json;
mod indexer;
mod layer;
mod layout;
mod lost;
mod manifest;
mod merge;
mod options;
mod platform;
mod read;
mod sieve;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod windows;

pub use archive::{Images, Layout, Wanted, open_file, open_folder, open_stdin};
pub use assemble::{Image, ImageInfo};
pub use bodies::Budget;
pub use cache::Cache;
pub use cache_folder::make as make_cache_folder;
#[cfg(feature = "distribution")]
pub use distribution::{Access, open_registry};
pub use error::ImageError;
pub use fuzz::merge_all;
pub use gaps::COLLECTOR;
pub use layer::{Asked, Interest, LayerIndex, LayerKind};
pub use manifest::{Config, Descriptor, History, Manifest, RunConfig};
pub use options::ImageOptions;
pub use platform::Platform;
pub use store::{Store, StoreKind, stores};
pub use tree::ImageTree;
