//! Whose store it is.

use super::containers_storage;
use super::listing::{inside, is_file, is_folder, names};
use crate::fs::root::Root;

/// Whose store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// `containers/storage`: Podman, Buildah, CRI-O.
    ContainersStorage,
    /// Docker.
    Docker,
    /// containerd, as Kubernetes, nerdctl and newer Dockers use it.
    Containerd,
}

impl StoreKind {
    /// Every kind.
    pub const ALL: [StoreKind; 3] = [StoreKind::ContainersStorage, StoreKind::Docker, StoreKind::Containerd];

    /// The prefix of a target of this kind.
    pub fn prefix(self) -> &'static str {
        match self {
            StoreKind::ContainersStorage => "containers-storage:",
            StoreKind::Docker => "docker-store:",
            StoreKind::Containerd => "containerd:",
        }
    }

    /// Whose stores these are, for reports.
    pub fn engine(self) -> &'static str {
        match self {
            StoreKind::ContainersStorage => "Podman, Buildah or CRI-O",
            StoreKind::Docker => "Docker",
            StoreKind::Containerd => "containerd",
        }
    }

    /// What is there if it is one, for messages.
    pub(super) fn signs(self) -> &'static [&'static str] {
        match self {
            StoreKind::ContainersStorage => &["overlay-images", "overlay-layers", "vfs-images"],
            StoreKind::Docker => &["image/DRIVER", "containerd/daemon/io.containerd.metadata.v1.bolt"],
            StoreKind::Containerd => &["io.containerd.metadata.v1.bolt/meta.db"],
        }
    }

    /// Whether a store of the kind is at a path: by files that nothing else has.
    pub(super) fn is_at(self, root: &Root, path: &str) -> bool {
        let below = |name: &str| inside(path, name);
        match self {
            StoreKind::ContainersStorage => {
                let signs = containers_storage::SIGNS.iter();
                signs
                    .flat_map(|driver| {
                        [format!("{driver}-images/images.json"), format!("{driver}-layers/layers.json")]
                    })
                    .any(|sign| is_file(root, &below(&sign)))
            }
            StoreKind::Docker => {
                is_folder(root, &below("containerd/daemon/io.containerd.metadata.v1.bolt"))
                    || names(root, &below("image"), &mut Vec::new()).iter().any(|driver| {
                        is_file(root, &below(&format!("image/{driver}/repositories.json")))
                            || is_folder(root, &below(&format!("image/{driver}/imagedb/content")))
                    })
            }
            StoreKind::Containerd => is_file(root, &below("io.containerd.metadata.v1.bolt/meta.db")),
        }
    }

    /// Whether what is at a usual place of the system are the layers of a store whose records are gone.
    pub(super) fn remains_at(self, root: &Root, path: &str) -> bool {
        let has = |name: &str| is_folder(root, &inside(path, name));
        match self {
            StoreKind::ContainersStorage => has("overlay") || has("vfs"),
            StoreKind::Docker => {
                has("overlay2") || has("vfs/dir") || has("aufs/diff") || has("btrfs/subvolumes")
            }
            StoreKind::Containerd => names(root, path, &mut Vec::new())
                .iter()
                .any(|name| name.starts_with("io.containerd.snapshotter.v1.")),
        }
    }
}
