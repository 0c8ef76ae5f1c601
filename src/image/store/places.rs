//! Where engines keep their stores on a system: in the usual places, and where their configs say.
//!
//! Sources: dockerd's `daemon.json` (`data-root`), `containers-storage.conf(5)`, containerd's `config.toml` (`root`),
//! the data folders of K3s, RKE2, k0s, `MicroK8s` and of Docker's snap.

use serde::Deserialize;

use super::kind::StoreKind;
use crate::format::text::yaml;
use crate::fs::root::{Found, Root, normalise};
use crate::fs::tree::is_within;
use crate::image::go_json;

/// A config is small; anything larger is none.
const MAX_CONFIG: usize = 1 << 20;

/// Usual places of the system's own stores.
const OF_SYSTEM: &[(StoreKind, &[&str])] = &[
    (StoreKind::ContainersStorage, &["var/lib/containers/storage"]),
    (
        StoreKind::Docker,
        &[
            "var/lib/docker",
            // User namespaces have folders of their own, called by their first user and group.
            "var/lib/docker/*.*",
            "var/snap/docker/common/var-lib-docker",
            "var/lib/balena-engine",
            "mnt/data/docker",
            "ProgramData/docker",
        ],
    ),
    (
        StoreKind::Containerd,
        &[
            "var/lib/containerd",
            "var/lib/rancher/k3s/agent/containerd",
            "var/lib/rancher/rke2/agent/containerd",
            "var/lib/k0s/containerd",
            "var/snap/microk8s/common/var/lib/containerd",
            "var/snap/k8s/common/var/lib/containerd",
            "ProgramData/containerd/root",
        ],
    ),
];

/// Usual places below a home.
const OF_USERS: &[(StoreKind, &str)] = &[
    (StoreKind::ContainersStorage, ".local/share/containers/storage"),
    (StoreKind::Docker, ".local/share/docker"),
    (StoreKind::Containerd, ".local/share/containerd"),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct DockerConfig {
    #[serde(rename = "data-root")]
    data_root: String,
    /// As it was called before.
    graph: String,
}

/// The stores of a root, with their paths.
pub fn stores(root: &Root) -> Vec<(StoreKind, String)> {
    let mut found = Vec::new();
    let homes: Vec<Found> = root.glob("home/*").into_iter().chain(root.glob("root")).flatten().collect();
    let mut add = |kind: StoreKind, place: Found, is_usual: bool| {
        let path = String::from_utf8_lossy(&place.real).into_owned();
        let holds_homes = homes.iter().any(|home| is_within(&home.real, &place.real));
        if !holds_homes
            && place.is_directory()
            && (kind.is_at(root, &path) || (is_usual && kind.remains_at(root, &path)))
            && !found.contains(&(kind, path.clone()))
        {
            found.push((kind, path));
        }
    };
    for (kind, places) in OF_SYSTEM {
        for place in places.iter().flat_map(|pattern| root.glob(pattern)).flatten() {
            // A link of the system may lead to another disk, but never to where users keep their own files.
            if !homes.iter().any(|home| is_within(&place.real, &home.real)) {
                add(*kind, place, true);
            }
        }
    }
    for home in homes.iter().filter(|home| home.is_directory()) {
        for (kind, place) in OF_USERS {
            // Anybody can link their store to whatever is not to be searched: links of users are not followed.
            let path = [home.real.as_slice(), b"/", place.as_bytes()].concat();
            add_unlinked(root, *kind, &path, &mut add);
        }
        let of_user = |path: &str| [home.real.as_slice(), b"/", path.as_bytes()].concat();
        let own = |path: &Vec<u8>| is_within(&normalise(path), &home.real);
        for path in
            docker_folders(root, &of_user(".config/docker/daemon.json")).iter().filter(|path| own(path))
        {
            add_unlinked(root, StoreKind::Docker, path, &mut add);
        }
        let folders = storage_folders(root, &of_user(".config/containers/storage.conf"));
        for path in folders.iter().filter(|path| own(path)) {
            add_unlinked(root, StoreKind::ContainersStorage, path, &mut add);
        }
    }
    for path in docker_folders(root, b"etc/docker/daemon.json")
        .into_iter()
        .chain(docker_folders(root, b"var/snap/docker/current/config/daemon.json"))
    {
        add_unlinked(root, StoreKind::Docker, &path, &mut add);
    }
    for config in ["etc/containers/storage.conf", "usr/share/containers/storage.conf"] {
        for path in storage_folders(root, config.as_bytes()) {
            add_unlinked(root, StoreKind::ContainersStorage, &path, &mut add);
        }
    }
    for path in containerd_folders(root) {
        add_unlinked(root, StoreKind::Containerd, &path, &mut add);
    }
    found
}

/// Adds a place unless it is reached through a link.
fn add_unlinked(root: &Root, kind: StoreKind, path: &[u8], add: &mut impl FnMut(StoreKind, Found, bool)) {
    let path = normalise(path);
    if let Ok(place) = root.find(&path)
        && place.real == *path
    {
        add(kind, place, false);
    }
}

fn text(root: &Root, path: &[u8]) -> Option<String> {
    // A config that cannot be read names no place; the usual places are checked all the same.
    let content = root.read(path, MAX_CONFIG).ok()?;
    String::from_utf8(content.bytes).ok()
}

/// The folders that a config of Docker names.
fn docker_folders(root: &Root, config: &[u8]) -> Vec<Vec<u8>> {
    let parsed = text(root, config).and_then(|text| go_json::read::<DockerConfig>(text.as_bytes()).ok());
    let named = parsed.map(|config| [config.value.data_root, config.value.graph]);
    named.into_iter().flatten().filter(|path| !path.is_empty()).map(String::into_bytes).collect()
}

/// The folders that a config of `containers/storage` names.
fn storage_folders(root: &Root, config: &[u8]) -> Vec<Vec<u8>> {
    let table = text(root, config).and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let Some(storage) = table.get("storage") else { return Vec::new() };
    let named = |key: &str| storage.get(key).and_then(toml::Value::as_str);
    let further = storage.get("options").and_then(|options| options.get("additionalimagestores"));
    let further =
        further.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    // Names of users and variables in it are only known to the engine.
    let folders = [named("graphroot"), named("rootless_storage_path"), named("imagestore")];
    folders
        .into_iter()
        .flatten()
        .chain(further)
        .filter(|path| path.starts_with('/') && !path.contains('$'))
        .map(|path| path.as_bytes().to_vec())
        .collect()
}

/// The folders that configs of containerd, and of the Kubernetes that start one, name.
fn containerd_folders(root: &Root) -> Vec<Vec<u8>> {
    let table = text(root, b"etc/containerd/config.toml").and_then(|text| text.parse::<toml::Table>().ok());
    let own = table.and_then(|table| Some(table.get("root")?.as_str()?.to_owned()));
    let mut folders: Vec<Vec<u8>> = own.into_iter().map(String::into_bytes).collect();
    for config in ["etc/rancher/k3s/config.yaml", "etc/rancher/rke2/config.yaml"] {
        let text = text(root, config.as_bytes()).unwrap_or_default();
        let folder = yaml::text(&yaml::parse(text.as_bytes()).value, "data-dir");
        folders.extend(
            folder.map(|path| format!("{}/agent/containerd", path.trim_end_matches('/')).into_bytes()),
        );
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    fn found(tree: Memory) -> Vec<(StoreKind, String)> {
        stores(&Root::new(Box::new(tree)))
    }

    const SIGN: &str = "image/overlay2/repositories.json";

    #[test]
    fn stores_are_found_where_configs_put_them() {
        let tree = Memory::new()
            .file("etc/docker/daemon.json", br#"{"Data-Root":"/data/docker/"}"#)
            .file(format!("data/docker/{SIGN}"), b"{}")
            .file("etc/containers/storage.conf", b"[storage]\ngraphroot=\"/data/cs\"\n[storage.options]\nadditionalimagestores=[\"/data/more\"]\n")
            .file("data/cs/overlay-layers/layers.json", b"[]")
            .file("data/more/overlay-images/images.json", b"[]")
            .file("etc/rancher/k3s/config.yaml", b"data-dir: /data/k3s\n")
            .file("data/k3s/agent/containerd/io.containerd.metadata.v1.bolt/meta.db", b"x")
            .file("home/a/.local/share/containerd/io.containerd.metadata.v1.bolt/meta.db", b"x");
        let mut paths: Vec<String> = found(tree).into_iter().map(|(_, path)| path).collect();
        paths.sort();
        assert_eq!(
            paths,
            [
                "data/cs",
                "data/docker",
                "data/k3s/agent/containerd",
                "data/more",
                "home/a/.local/share/containerd"
            ]
        );
    }

    #[test]
    fn layers_in_the_usual_place_are_a_store_whose_records_are_gone() {
        let tree = Memory::new()
            .file("var/lib/docker/overlay2/a/diff/etc/os-release", "ID=x\n")
            .file("var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/x", "")
            .file("home/a/.local/share/docker/overlay2/a/diff/x", "")
            .directory("var/lib/containers/storage/tmp");
        let docker = (StoreKind::Docker, "var/lib/docker".to_owned());
        assert_eq!(found(tree), [docker, (StoreKind::Containerd, "var/lib/containerd".to_owned())]);
    }

    #[test]
    fn a_home_is_no_store() {
        // A folder of the name of a sign, a link of the user, and a link of the system into homes.
        let tree = Memory::new()
            .directory("home/a/image")
            .link("home/a/.local/share/docker", "../..")
            .file(format!("home/b/{SIGN}"), b"{}")
            .link("home/b/.local/share/docker", "../..")
            .link("var/lib/docker", "/home/b");
        assert_eq!(found(tree), []);
        // The system's own folder may be a link.
        let tree = Memory::new().file(format!("data/{SIGN}"), b"{}").link("var/lib/docker", "/data");
        assert_eq!(found(tree), [(StoreKind::Docker, "data".to_owned())]);
    }
}
