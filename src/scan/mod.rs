//! The line that data follows, for one target: collectors → artifacts → matcher, with gaps beside it.
//!
//! Threads and panic containment live here. Each collector runs on a thread of its own and all walks on a
//! thread pool; none of them is waited for longer than the time limit, because a read on a hanging mount never
//! returns. Matching happens where artifacts arise, so that a machine with a million files is scanned in the
//! memory of its matches.

mod coordinator;
mod crew;
mod elsewhere;
mod files;
pub mod identity;
mod layers;
mod limits;
mod options;
mod visits;

use std::sync::Arc;

use crate::target::Target;
use files::observe_files;
pub use options::Keep;
pub use options::{Observed, Options, Progress};

/// Runs every collector that applies to a target and keeps what `keep` says. Of an image also what its later
/// layers removed, which still ships.
pub fn observe<T: Send + 'static>(
    target: &Arc<Target>,
    options: &Options,
    progress: &Arc<Progress>,
    keep: impl Keep<T>,
) -> Observed<T> {
    layers::fetch_behind_links(target);
    if target.lost.is_empty() {
        observe_files(target, options, progress, keep)
    } else {
        layers::observe(target, options, progress, keep)
    }
}
