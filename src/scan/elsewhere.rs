//! What a file says of the target by where it lies: below another root, in a cache of packages, or among documentation
//! and tests a product ships or waits to be installed, and is not installed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::fs::tree::{join, parent};
use crate::model::State;
use crate::target::Target;

/// The states of folders that were asked for.
#[derive(Default)]
pub(super) struct Elsewhere {
    known: Mutex<HashMap<Vec<u8>, Option<State>>>,
}

impl Elsewhere {
    /// The state of a product whose file lies at a path, where it would be taken for installed.
    pub(super) fn state(&self, target: &Target, path: &[u8], state: State) -> State {
        if !matches!(state, State::Installed | State::Disabled) {
            return state;
        }
        self.of_folder(target, parent(path)).unwrap_or(state)
    }

    /// What holds below a folder; `None` where programs are installed.
    fn of_folder(&self, target: &Target, folder: &[u8]) -> Option<State> {
        let mut unknown = Vec::new();
        let mut at = folder;
        let mut found = None;
        while !at.is_empty() {
            if let Some(known) = self.lock().get(at) {
                found = *known;
                break;
            }
            unknown.push(at);
            at = parent(at);
        }
        for folder in unknown.into_iter().rev() {
            found = found
                .or_else(|| is_root(target, folder).then_some(State::Embedded))
                .or_else(|| by_name(folder));
            self.lock().insert(folder.to_vec(), found);
        }
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<u8>, Option<State>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a folder is the root of another system.
fn is_root(target: &Target, folder: &[u8]) -> bool {
    [&b"etc/os-release"[..], b"usr/lib/os-release"].iter().any(|file| target.root.exists(&join(folder, file)))
}

/// Folders in which package managers keep what they fetched, by their last names.
const CACHES: &[&[&[u8]]] = &[
    &[b"var", b"cache"],
    &[b".cache"],
    &[b"_cacache"],
    &[b".npm"],
    &[b"go", b"pkg", b"mod"],
    &[b".m2", b"repository"],
    &[b".cargo", b"registry"],
    &[b".gradle", b"caches"],
    &[b".nuget", b"packages"],
    &[b".yarn", b"cache"],
    &[b".pub-cache"],
    &[b"vendor", b"cache"],
    &[b"miniconda3", b"pkgs"],
    &[b"anaconda3", b"pkgs"],
    &[b"conda", b"pkgs"],
];

/// Folders of documentation.
const DOCUMENTATION: &[&[&[u8]]] = &[
    &[b"usr", b"share", b"doc"],
    &[b"usr", b"share", b"man"],
    &[b"usr", b"share", b"licenses"],
    &[b"usr", b"local", b"share", b"doc"],
];

/// Names of folders that hold no product, below a folder of libraries.
const BESIDE: &[&[u8]] = &[
    b"test",
    b"tests",
    b"__tests__",
    b"testdata",
    b"test-data",
    b"fixtures",
    b"doc",
    b"docs",
    b"examples",
    b"spec",
];

/// Folders of libraries: what lies below one belongs to a library.
const LIBRARIES: &[&[u8]] =
    &[b"site-packages", b"dist-packages", b"node_modules", b"gems", b"vendor", b"src"];

fn by_name(folder: &[u8]) -> Option<State> {
    let names: Vec<&[u8]> = folder.split(|&byte| byte == b'/').collect();
    let ends_with = |ends: &&[&[u8]]| names.ends_with(ends);
    if CACHES.iter().any(&ends_with) {
        return Some(State::Installer);
    }
    let (last, before) = names.split_last()?;
    let is_in_library = before.iter().any(|name| LIBRARIES.contains(name));
    let is_beside = is_in_library && BESIDE.contains(last);
    (is_beside || DOCUMENTATION.iter().any(ends_with)).then_some(State::Embedded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    fn state(path: &str) -> State {
        let tree = Memory::new()
            .file("etc/os-release", b"ID=x\n")
            .file("srv/chroot/etc/os-release", b"ID=x\n")
            .file("sysroot/ostree/deploy/x/deploy/a.0/usr/lib/os-release", b"ID=x\n");
        let target = Target::new(TargetKind::Image, "test", Root::new(Box::new(tree)));
        Elsewhere::default().state(&target, path.as_bytes(), State::Installed)
    }

    #[test]
    fn below_another_root_a_product_is_embedded() {
        assert_eq!(state("srv/chroot/opt/vendor/bin/agent"), State::Embedded);
        assert_eq!(state("sysroot/ostree/deploy/x/deploy/a.0/usr/bin/agent"), State::Embedded);
        assert_eq!(state("srv/agent"), State::Installed);
        assert_eq!(state("agent"), State::Installed);
    }

    #[test]
    fn in_a_cache_a_product_is_an_installer() {
        for path in ["var/cache/apt/archives/a.deb", "root/.cache/pip/x/a.whl", "home/u/go/pkg/mod/v/agent"] {
            assert_eq!(state(path), State::Installer, "{path}");
        }
        assert_eq!(state("opt/cache/agent"), State::Installed);
    }

    #[test]
    fn among_documentation_and_tests_of_libraries_a_product_is_embedded() {
        for path in ["usr/share/doc/v/agent", "usr/lib/python3/dist-packages/p/tests/data/agent"] {
            assert_eq!(state(path), State::Embedded, "{path}");
        }
        for path in ["opt/test/vendor/agent", "workspace/docs/agent", "usr/src/app/agent"] {
            assert_eq!(state(path), State::Installed, "{path}");
        }
    }

    #[test]
    fn what_does_not_run_or_is_left_over_stays_so() {
        let target = Target::new(TargetKind::Image, "test", Root::new(Box::new(Memory::new())));
        let state = |state| Elsewhere::default().state(&target, b"var/cache/x", state);
        assert_eq!((state(State::Remnant), state(State::Disabled)), (State::Remnant, State::Installer));
    }
}
