//! One product for one installation: what of a vendor belongs to a product that was found.
//!
//! Products of a vendor share services, drivers, folders and logs. Beside an installed product these are parts of it,
//! and no products of their own. What a system keeps as a product (a package, an entry of the list of programs, an
//! app, an extension) is never a part.

use super::draft::Draft;
use super::{Match, State};
use crate::model::{Artifact, CollectorId, Field, FieldKind};
use crate::signature::normalise::normalise;

/// Sources whose artifacts are products by themselves, beside packages.
const PRODUCTS: &[&str] = &[
    "ai_models",
    "appimages",
    "apps",
    "appx_packages",
    "chrome_extensions",
    "firefox_addons",
    "image",
    "jetbrains_plugins",
    "programs",
    "safari_extensions",
    "vscode_extensions",
];

/// Sources whose artifacts are parts wherever they lie: the system has one place for all vendors.
const PARTS: &[&str] = &[
    "certificates",
    "defender_exclusions",
    "driver_packages",
    "drivers",
    "kernel_extensions",
    "kernel_modules",
    "network_filters",
    "package_receipts",
    "program_folders",
    "registry_roots",
    "security_products",
];

/// Where the files of drivers lie, whichever product brought them.
const DRIVERS: &[&str] = &["/windows/system32/drivers/"];

/// Folders of data that a vendor's products share, wherever the programs are.
const DATA: &[&str] = &[
    "/programdata/",
    "/common files/",
    "/appdata/",
    "/application data/",
    "/var/",
    "/etc/",
    "/library/application support/",
    "/library/caches/",
    "/library/logs/",
];

/// Folders that hold programs of every vendor; what lies right below them may be one vendor's.
const COMMON: &[&str] = &["/opt", "/applications", "/program files", "/program files (x86)"];

/// Folders in which nothing is one product's.
const SYSTEM: &[&str] = &["/bin", "/sbin", "/lib", "/lib64", "/usr", "/windows", "/tmp"];

/// Folders that people keep files in.
const KEPT: &[&str] = &["/downloads", "/desktop", "/documents", "/temp", "/tmp"];

fn is_product(artifact: &Artifact) -> bool {
    CollectorId::of(artifact.collector).is_some_and(CollectorId::is_managed)
        || PRODUCTS.contains(&artifact.collector)
}

/// The comparable form of a path: without case, with slashes, without a drive.
fn plain(path: &str) -> String {
    let path = normalise(FieldKind::Path, path.trim().trim_matches('"'));
    let path = path.trim_end_matches('/');
    match path.split_once(':') {
        Some((drive, rest)) if drive.len() == 1 => rest.to_owned(),
        _ => path.to_owned(),
    }
}

/// Where an artifact lies; of what a registry or a unit file names, the program.
fn places(artifact: &Artifact) -> Vec<String> {
    let fields = [Field::Path, Field::Program];
    let named = fields.iter().filter_map(|field| artifact.fields.get(field)).flat_map(|value| value.texts());
    let named: Vec<String> = named.map(plain).filter(|path| path.starts_with('/')).collect();
    if !named.is_empty() || artifact.location.registry_key.is_some() {
        return named;
    }
    artifact.location.path.iter().map(|path| plain(path)).collect()
}

/// The folders that are an installation's own, as an artifact of it shows them.
fn folders(artifact: &Artifact) -> Vec<String> {
    let mut folders: Vec<String> = match artifact.collector {
        "program_folders" | "apps" => places(artifact),
        "program_files" => places(artifact)
            .iter()
            .filter_map(|path| path.rsplit_once('/').map(|(folder, _)| folder.to_owned()))
            .collect(),
        _ => Vec::new(),
    };
    let location = artifact.fields.get(&Field::InstallLocation);
    folders.extend(location.into_iter().flat_map(|value| value.texts()).map(plain));
    folders.retain(|folder| is_own(folder));
    folders
}

/// Whether a folder can be one product's.
fn is_own(folder: &str) -> bool {
    folder.starts_with('/')
        && folder.matches('/').count() >= 2
        && !COMMON.contains(&folder)
        && !SYSTEM.iter().any(|system| is_below(folder, system))
        && !KEPT.iter().any(|kept| folder.ends_with(kept) || folder.contains(&format!("{kept}/")))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What is known of a found product's installation.
pub(super) struct Installation {
    folders: Vec<String>,
    state: State,
    is_recorded: bool,
    is_antivirus: bool,
}

impl Installation {
    pub(super) fn of(draft: &Draft<'_, '_>, matches: &[Match]) -> Self {
        let artifacts =
            || draft.own.iter().filter_map(|&at| matches.get(at)).map(|matched| &matched.artifact);
        let mut folders: Vec<String> = artifacts().flat_map(folders).collect();
        folders.sort_unstable();
        folders.dedup();
        Installation {
            folders,
            state: draft.state,
            is_recorded: artifacts().any(is_product),
            is_antivirus: draft.candidate.product.antivirus,
        }
    }

    /// Whether something in this state can be a part of it: setup files and copies in other programs have none.
    fn can_hold(&self, state: State) -> bool {
        match self.state {
            State::Running | State::Installed | State::Disabled => true,
            State::Remnant => state <= State::Remnant,
            _ => false,
        }
    }

    fn holds(&self, artifact: &Artifact) -> Option<usize> {
        let places = places(artifact);
        let around = |folder: &&String| places.iter().any(|place| is_below(place, folder));
        self.folders.iter().filter(around).map(String::len).max()
    }
}

/// The installation, by its place in the list, that an artifact of the same vendor is a part of.
pub(super) fn host(artifact: &Artifact, state: State, installed: &[&Installation]) -> Option<usize> {
    if is_product(artifact) {
        return None;
    }
    let open = || installed.iter().enumerate().filter(|(_, one)| one.can_hold(state));
    let by_folder = open().filter_map(|(at, one)| Some((one.holds(artifact)?, at))).max();
    if let Some((_, at)) = by_folder {
        return Some(at);
    }
    let is_data = || {
        let places = places(artifact);
        let is_shared = |place: &String| DATA.iter().chain(DRIVERS).any(|shared| place.contains(shared));
        !places.is_empty() && places.iter().all(is_shared)
    };
    if !PARTS.contains(&artifact.collector) && !is_data() {
        return None;
    }
    // Drivers and logs are those of the guard rather than of its management agent.
    open().max_by_key(|(at, one)| (one.is_antivirus, one.state, std::cmp::Reverse(*at))).map(|(at, _)| at)
}

/// Whether a product, of which the system has no record, was only seen in what another one consists of.
pub(super) fn is_part(
    part: &Draft<'_, '_>,
    whole: &Draft<'_, '_>,
    of: &Installation,
    matches: &[Match],
) -> bool {
    let same_standing = part.candidate.product.status == whole.candidate.product.status
        && part.candidate.binds == whole.candidate.binds;
    let shares = |at: &usize| whole.own.contains(at);
    if !same_standing {
        return false;
    }
    if part.own.len() < whole.own.len() && part.own.iter().all(shares) {
        return true;
    }
    let inside = |at: &usize| {
        let artifact = matches.get(*at).map(|matched| &matched.artifact);
        shares(at) || artifact.is_some_and(|artifact| !is_product(artifact) && of.holds(artifact).is_some())
    };
    of.is_recorded && of.can_hold(part.state) && part.own.iter().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_all_vendors_is_nobodys_own() {
        for folder in [
            "/opt",
            "/usr/bin",
            "/usr/lib/x",
            "/program files",
            "/program files (x86)",
            "/windows/system32/drivers",
            "/users/b/downloads",
            "/users/b/downloads/x",
            "/applications",
            "relative/a/b",
            "",
        ] {
            assert!(!is_own(folder), "{folder}");
        }
        for folder in
            ["/opt/v", "/opt/v/p", "/program files/v", "/program files (x86)/v/p", "/applications/p.app"]
        {
            assert!(is_own(folder), "{folder}");
        }
    }

    #[test]
    fn paths_compare_without_drive_and_case() {
        assert_eq!(plain("C:\\Program Files\\V\\"), "/program files/v");
        assert!(is_below("/a/b", "/a") && is_below("/a", "/a") && !is_below("/ab", "/a"));
    }
}
