//! How a target is scanned, and how far the scan is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Duration;

use crate::model::{Artifact, Coverage, Gap, Skipped};

/// The collector that gaps of the shared walk are booked on when it took part.
pub(super) const WALKER: &str = "program_files";

/// The collector that says which system it is, and by which others are named.
pub(super) const OS: &str = "os_version";
/// The collector that reports hives which cannot be read.
pub(super) const HIVES: &str = "registry_hives";

/// How a target is scanned.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Threads of the walk; 0 means one per core.
    pub threads: usize,
    /// When to stop waiting.
    pub timeout: Option<Duration>,
    /// When to stop waiting for a single collector, and for a single file of the shared walk.
    pub source_timeout: Option<Duration>,
    /// Memory of this process, in bytes, from which on it ends with what it has.
    pub max_memory: Option<u64>,
    /// Set by someone who wants it to end now.
    pub stop: Arc<AtomicBool>,
    /// The collectors to run; every one that applies when `None`. Those left out say so in the coverage.
    pub only: Option<BTreeSet<String>>,
}

/// How far a scan is, for the one who shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Names seen by the walk.
    pub seen: AtomicU64,
    /// Collectors that are done.
    pub done: AtomicUsize,
    /// Collectors that apply.
    pub total: AtomicUsize,
}

/// What was kept of a target, and how completely it was checked.
#[derive(Debug)]
pub struct Observed<T> {
    /// What `keep` made of the artifacts, in the order of the table of collectors, then of location.
    pub kept: Vec<T>,
    /// Every place that should have been read and was not.
    pub gaps: Vec<Gap>,
    /// One entry per collector.
    pub coverage: Vec<Coverage>,
    /// Places left out on purpose.
    pub skipped: Vec<Skipped>,
}

/// Messages on their way to the coordinator; bounds memory when it is slower than the collectors.
pub(super) const QUEUE: usize = 1_024;

/// What is kept of an artifact; `None` drops it. Called on the thread that found it.
pub trait Keep<T>: Fn(Artifact) -> Option<T> + Send + Sync + 'static {}
impl<T, F: Fn(Artifact) -> Option<T> + Send + Sync + 'static> Keep<T> for F {}

pub(super) enum Message<T> {
    Kept(usize, T),
    Gap(usize, Gap),
    Done(usize),
    WalkDone,
    RegistryOpened,
}
