//! Other installations on a disk, as targets of their own (`--nested`).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::model::{Error, TargetKind};
use crate::target::Target;

/// How deep installations may lie in each other.
const DEPTH: usize = 3;
/// The most installations of one target.
const LIMIT: usize = 64;
/// How the reasons of such places end.
const REASON: &str = "another installation: scan it as a target of its own";

/// The installations that are still to be scanned, each once.
#[derive(Default)]
pub(super) struct Nested {
    waiting: Vec<(String, usize)>,
    seen: BTreeSet<String>,
    is_over: bool,
}

impl Nested {
    /// Adds what a target that was scanned named as not read; `depth` is its own.
    pub(super) fn add(&mut self, target: &Target, depth: usize) {
        if depth >= DEPTH || !matches!(target.kind, TargetKind::Directory | TargetKind::Host) {
            return;
        }
        let base = target.place.as_deref().map_or("/", |place| place.strip_prefix("dir:").unwrap_or(place));
        for (place, _) in target.root.unread().into_iter().filter(|(_, reason)| reason.ends_with(REASON)) {
            // The real path: no link of the target leads out of it.
            let Ok(found) = target.root.find(place.trim_start_matches('/').as_bytes()) else { continue };
            let Ok(real) = String::from_utf8(found.real.to_vec()) else { continue };
            let is_inside = || {
                let path = Path::new(base).join(&real);
                path.canonicalize().ok()?.starts_with(Path::new(base).canonicalize().ok()?).then_some(())
            };
            if real.is_empty() || !found.is_directory() || is_inside().is_none() {
                continue;
            }
            let path = format!("{}/{real}", base.trim_end_matches('/'));
            if self.seen.len() == LIMIT {
                self.is_over = true;
            } else if self.seen.insert(path.clone()) {
                self.waiting.push((format!("dir:{path}"), depth + 1));
            }
        }
    }

    /// The next to scan: its name and how deep it lies.
    pub(super) fn next(&mut self) -> Option<(String, usize)> {
        self.waiting.pop()
    }

    /// Why some are not scanned.
    pub(super) fn error(&self, name: &str) -> Option<Error> {
        self.is_over.then(|| Error::UnsupportedTarget {
            target: name.to_owned(),
            reason: format!(
                "it holds more than {LIMIT} other installations. Scan the others as targets of their own"
            ),
        })
    }
}

/// A target that is handed over, kept where what lies in it is scanned as well.
pub(super) fn kept(target: &Arc<Target>, is_nested: bool) -> Option<Arc<Target>> {
    is_nested.then(|| Arc::clone(target))
}
