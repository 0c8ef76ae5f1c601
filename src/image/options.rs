//! How images are opened, and the layers that were read before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::bodies::Budget;
use super::cache::Cache;
use super::digest::Verified;
use super::layer::{Interest, LayerIndex, LayerKind};
use super::platform::Platform;

/// How images are opened.
pub struct ImageOptions {
    /// The platform to take of an image for several; this machine's when `None`.
    pub platform: Option<Platform>,
    /// What collectors ask for.
    pub interest: Arc<dyn Interest>,
    /// How much may be kept.
    pub budget: Arc<Budget>,
    /// Whether every layer is read completely and held against its digests, at that cost.
    pub verify_layers: bool,
    /// Layers that were read and whose digest was verified, so that images that share them read them once.
    pub seen: Mutex<BTreeMap<(String, LayerKind), Arc<LayerIndex>>>,
    /// Layers that earlier runs read.
    pub cache: Option<Arc<Cache>>,
}

impl ImageOptions {
    /// Options with the usual budget.
    pub fn new(interest: Arc<dyn Interest>, platform: Option<Platform>) -> Self {
        ImageOptions {
            platform,
            interest,
            budget: Arc::default(),
            verify_layers: false,
            seen: Mutex::default(),
            cache: None,
        }
    }

    /// The index of a layer that was read before, in this run or an earlier one.
    pub(super) fn known(&self, digest: &str, kind: LayerKind) -> Option<Arc<LayerIndex>> {
        if digest.is_empty() {
            return None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (digest.to_owned(), kind);
        if let Some(index) = seen.get(&key) {
            return Some(Arc::clone(index));
        }
        // Who wants every byte verified wants every byte read.
        let cache = self.cache.as_ref().filter(|_| !self.verify_layers)?;
        let index = Arc::new(cache.load(digest, kind, &self.budget)?);
        seen.insert(key, Arc::clone(&index));
        Some(index)
    }

    /// Remembers the index of a layer whose digest was verified.
    pub(super) fn remember(&self, verified: &Verified, kind: LayerKind, index: &Arc<LayerIndex>) {
        if let Some(cache) = &self.cache {
            cache.store(verified.digest(), kind, index);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert((verified.digest().to_owned(), kind), Arc::clone(index));
    }

    /// Forgets the layers of earlier images when they have become many; they are read again if they come again.
    pub fn forget_if_many(&self) {
        const MANY: usize = 500_000;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if self.budget.is_scarce() || seen.values().map(|layer| layer.members.len()).sum::<usize>() > MANY {
            seen.clear();
        }
    }
}
