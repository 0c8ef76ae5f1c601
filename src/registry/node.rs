//! Keys as a hive, memory or a running system has them, and what goes wrong at them.

use std::sync::Arc;

use super::value::Value;
use crate::format::database::regf::Layering;
use crate::model::{Gap, GapKind, Layer};

/// Why a part of the registry could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub kind: GapKind,
    /// The key, or the file of the hive.
    pub place: String,
    /// What happened, and where in the hive.
    pub detail: String,
}

impl Fault {
    /// The gap that this fault is.
    pub fn into_gap(self, collector: &str) -> Gap {
        Gap { kind: self.kind, collector: collector.to_owned(), place: self.place, detail: self.detail }
    }
}

/// What could be read, and what could not.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// What could be read.
    pub items: T,
    /// What could not.
    pub faults: Vec<Fault>,
}

/// One key of one hive. Implementations: hive files, memory, the registry of the running system.
pub(crate) trait Node: Send + Sync {
    /// Its name as stored.
    fn name(&self) -> String;
    /// The subkey of a name, compared without case; an error when it cannot be known.
    fn subkey(&self, name: &str) -> Result<Option<Arc<dyn Node>>, Trouble>;
    /// Its subkeys, and what could not be read.
    fn subkeys(&self) -> (Vec<Arc<dyn Node>>, Vec<Trouble>);
    /// Its values, and what could not be read.
    fn values(&self) -> (Vec<Value>, Vec<Trouble>);
    /// When it was last written: 100 nanoseconds since 1601 (UTC).
    fn modified(&self) -> Option<u64> {
        None
    }
    /// The key that it is a link to, as the kernel names it; a live registry follows links by itself.
    fn link(&self) -> Option<String> {
        None
    }
    /// What it does to the same key of the hives below it.
    fn layering(&self) -> Layering {
        Layering::Merge
    }
}

/// What went wrong at a key: kind and detail; the place is known to who asked.
pub(crate) type Trouble = (GapKind, String);

/// Where the keys of a mount are from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The hive's file, from the target's root; `None` for the live registry and for memory.
    pub file: Option<Vec<u8>>,
    /// A note on how it was read, e.g. `completed from its transaction log`.
    pub note: Option<&'static str>,
    /// The image layer, where it is not that of the file.
    pub layer: Option<Layer>,
}

/// A hive and the key it answers for.
pub(super) struct Mount {
    /// The key, e.g. `HKLM\SOFTWARE`.
    pub(super) at: String,
    pub(super) node: Arc<dyn Node>,
    pub(super) origin: Arc<Origin>,
}
