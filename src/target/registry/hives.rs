//! Where hives are on a disk, and the registry that they make up.
//!
//! Places: "Registry Hives" of Microsoft's documentation; `HKLM\SYSTEM\CurrentControlSet` is the control set that
//! `Select\Current` names; `HKU\SID_Classes` is `UsrClass.dat` of the user. `Amcache.hve` is no part of Windows'
//! own tree and is mounted as a tree of its own.

use std::sync::Arc;

use super::super::root::{Content, Root};
use super::super::tree::{file_name, join, parent};
use super::environment::Environment;
use super::users::{Profile, User, profile_at, profiles};
use super::{Fault, Origin, Registry, offline};
use crate::artifact::{shown, text_of};
use crate::coverage::{Gap, GapKind};
use crate::format::regf::{Hive, Recovery};

/// Every file that the registry is read from: what a collector that reads keys declares.
pub const HIVES: &[&str] = &[
    "Windows/System32/config/SOFTWARE",
    "Windows/System32/config/SOFTWARE.LOG*",
    "Windows/System32/config/SYSTEM",
    "Windows/System32/config/SYSTEM.LOG*",
    "Windows/System32/config/DEFAULT",
    "Windows/System32/config/DEFAULT.LOG*",
    "Windows/System32/config/DRIVERS",
    "Windows/System32/config/DRIVERS.LOG*",
    "Windows/ServiceProfiles/*/NTUSER.DAT",
    "Windows/ServiceProfiles/*/NTUSER.DAT.LOG*",
    "Windows/AppCompat/Programs/Amcache.hve",
    "Windows/AppCompat/Programs/Amcache.hve.LOG*",
    "Users/*/NTUSER.DAT",
    "Users/*/NTUSER.DAT.LOG*",
    "Users/*/AppData/Local/Microsoft/Windows/UsrClass.dat",
    "Users/*/AppData/Local/Microsoft/Windows/UsrClass.dat.LOG*",
    "Documents and Settings/*/NTUSER.DAT",
    "Documents and Settings/*/NTUSER.DAT.LOG",
    "Documents and Settings/*/Local Settings/Application Data/Microsoft/Windows/UsrClass.dat",
    "Documents and Settings/*/Local Settings/Application Data/Microsoft/Windows/UsrClass.dat.LOG",
];

/// [`HIVES`] and what a collector reads besides, as one list; `N` is the sum of their lengths.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index out of bounds"
)]
pub const fn with_hives<const N: usize>(own: &[&'static str]) -> [&'static str; N] {
    let mut all = [""; N];
    let mut at = 0;
    while at < HIVES.len() {
        all[at] = HIVES[at];
        at += 1;
    }
    while at < N {
        all[at] = own[at - HIVES.len()];
        at += 1;
    }
    all
}

/// Hives of the machine: key and file.
const MACHINE: &[(&str, &str)] = &[
    (r"HKLM\SOFTWARE", "Windows/System32/config/SOFTWARE"),
    (r"HKLM\SYSTEM", "Windows/System32/config/SYSTEM"),
    (r"HKLM\DRIVERS", "Windows/System32/config/DRIVERS"),
    (AMCACHE, "Windows/AppCompat/Programs/Amcache.hve"),
];
/// The tree that `Amcache.hve` is mounted at.
pub const AMCACHE: &str = "Amcache.hve";
/// Endings of a hive's transaction logs, in the order of their use.
const LOGS: &[&[u8]] = &[b".LOG", b".LOG1", b".LOG2"];
/// Bytes read of a transaction log.
const LOG: usize = 256 << 20;

/// Opens every hive that the target has.
pub(super) fn open(root: &Root, live: Vec<(&'static str, Arc<dyn super::Node>)>) -> Registry {
    let mut registry = Registry::default();
    // A running Windows keeps the files of its hives locked.
    let machine = if live.is_empty() { MACHINE } else { &[] };
    for (at, node) in live {
        registry.mount(at, node, Arc::new(Origin::default()));
    }
    for (at, path) in machine {
        let found = root.glob(path);
        for found in found {
            match found {
                Ok(found) if found.is_file() => drop(mount(root, &mut registry, at, &found.path)),
                Ok(_) => {}
                Err(fault) => note(&mut registry, fault),
            }
        }
    }
    finish(&mut registry);
    logged_on(&mut registry);
    users(root, &mut registry);
    registry
}

/// The users whose hives a running Windows has loaded.
fn logged_on(registry: &mut Registry) {
    let profiles = profiles(registry);
    let loaded: Vec<String> =
        registry.keys(r"HKU\S-1-*").items.iter().map(|key| key.name().to_owned()).collect();
    for sid in loaded.into_iter().filter(|sid| !sid.to_uppercase().ends_with("_CLASSES")) {
        let profile = profiles.iter().find(|profile| profile.sid.eq_ignore_ascii_case(&sid));
        let folder = profile.map(|profile| profile.folder.clone());
        let name = folder.as_deref().and_then(|folder| folder.rsplit('\\').next());
        let user = User {
            name: name.unwrap_or(&sid).to_owned(),
            profile: folder,
            key: format!(r"HKU\{sid}"),
            sid: Some(sid),
        };
        registry.users.push(user.clone());
        add_user(registry, user);
    }
}

/// What can be known once the machine's hives are there: the current control set and the environment.
pub(super) fn finish(registry: &mut Registry) {
    if let Some((node, origin)) = current_control_set(registry) {
        registry.mount(r"HKLM\SYSTEM\CurrentControlSet", node, origin);
    }
    registry.environment = Environment::of_machine(registry);
    for user in registry.users.clone() {
        add_user(registry, user);
    }
}

fn current_control_set(registry: &Registry) -> Option<(Arc<dyn super::Node>, Arc<Origin>)> {
    let exists = |path: &str| registry.key(path).items.into_iter().next();
    // The live link, and the one that tests write. A hive may hold the bare link itself, which leads nowhere there.
    if exists(r"HKLM\SYSTEM\CurrentControlSet").is_some_and(|key| !key.subkeys().items.is_empty()) {
        return None;
    }
    let select = exists(r"HKLM\SYSTEM\Select").map(|key| key.values().items);
    let number = |name| select.as_ref().and_then(|values| values.number(name));
    // When `Select` is damaged: the first set that is there.
    let candidates = [number("Current"), number("Default"), number("LastKnownGood"), Some(1), Some(2)];
    let set = candidates
        .into_iter()
        .flatten()
        .find_map(|number| exists(&format!(r"HKLM\SYSTEM\ControlSet{number:03}")))?;
    set.nodes.into_iter().next()
}

/// Mounts a hive with its logs; what is wrong with it is noted. Returns whether it is there.
fn mount(root: &Root, registry: &mut Registry, at: &str, path: &[u8]) -> bool {
    let mut fault = |kind, detail: String| {
        registry.faults.push(Fault { kind, place: shown(path), detail: format!("{at}: {detail}") });
    };
    let file = match root.open(path) {
        Ok(file) => file,
        Err(error) => {
            note(registry, error);
            return false;
        }
    };
    let logs: Vec<Vec<u8>> = LOGS
        .iter()
        .filter_map(|ending| match root.read(&[path, ending].concat(), LOG) {
            Ok(Content { bytes, .. }) => Some(bytes),
            Err(super::super::root::Fault::Absent) => None,
            Err(super::super::root::Fault::Unreadable { kind, detail, .. }) => {
                fault(kind, format!("its log {} cannot be read: {detail}", text_of(ending)));
                None
            }
        })
        .filter(|bytes| !bytes.is_empty())
        .collect();
    let opened = root.during(path, || Hive::open(file, &logs));
    let opened = opened.map(|hive| (Arc::new(hive.value), hive.damage));
    let (hive, damage) = match opened {
        Ok(opened) => opened,
        Err(damage) => {
            let gap = Gap::from_damage("", "", &damage);
            fault(gap.kind, gap.detail);
            return false;
        }
    };
    for damage in damage {
        let gap = Gap::from_damage("", "", &damage);
        fault(gap.kind, gap.detail);
    }
    let note =
        matches!(hive.recovery(), Recovery::Recovered(_)).then_some("completed from its transaction logs");
    let origin = Arc::new(Origin { file: Some(path.to_vec()), note });
    match offline::root(&hive) {
        Some(node) => registry.mount(at, node, origin),
        None => return false,
    }
    true
}

fn note(registry: &mut Registry, fault: super::super::root::Fault) {
    if let super::super::root::Fault::Unreadable { kind, place, detail } = fault {
        registry.faults.push(Fault { kind, place: shown(&place), detail });
    }
}

/// Where hives of users are, and where in the profile the second hive is.
const USERS: &[(&str, &str)] = &[
    ("Users/*/NTUSER.DAT", "AppData/Local/Microsoft/Windows/UsrClass.dat"),
    ("Documents and Settings/*/NTUSER.DAT", "Local Settings/Application Data/Microsoft/Windows/UsrClass.dat"),
    ("Windows/ServiceProfiles/*/NTUSER.DAT", ""),
    ("Windows/System32/config/DEFAULT", ""),
];

fn users(root: &Root, registry: &mut Registry) {
    let profiles = profiles(registry);
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for (pattern, classes) in USERS {
        for found in root.glob(pattern) {
            let found = match found {
                Ok(found) => found,
                Err(fault) => {
                    note(registry, fault);
                    continue;
                }
            };
            // "Documents and Settings" is a link to "Users" since Windows Vista.
            if !found.is_file() || seen.contains(&found.real) {
                continue;
            }
            seen.push(found.real.clone());
            let user = user(root, registry, &profiles, &found.path);
            // Loaded by the running system, which keeps the file locked.
            if registry.users.iter().any(|known| known.key.eq_ignore_ascii_case(&user.key)) {
                continue;
            }
            if !mount(root, registry, &user.key, &found.path) {
                continue;
            }
            let classes = join(parent(&found.path), classes.as_bytes());
            if root.find(&classes).is_ok_and(|found| found.is_file()) {
                mount(root, registry, &format!(r"{}\Software\Classes", user.key), &classes);
            }
            registry.users.push(user.clone());
            add_user(registry, user);
        }
    }
    elsewhere(registry, &profiles);
}

/// Whose hive a file is.
fn user(root: &Root, registry: &Registry, profiles: &[Profile], hive: &[u8]) -> User {
    let folder = parent(hive);
    let name = text_of(file_name(folder));
    if file_name(hive).eq_ignore_ascii_case(b"DEFAULT") {
        let profile = Some(registry.expand(r"%SystemRoot%\System32\config\systemprofile", None));
        return User {
            sid: Some("S-1-5-18".into()),
            name: "SYSTEM".into(),
            profile,
            key: r"HKU\S-1-5-18".into(),
        };
    }
    let profile = profile_at(registry, root, profiles, folder);
    let sid = profile.map(|profile| profile.sid.clone());
    let key = format!(r"HKU\{}", sid.as_deref().unwrap_or(&name));
    let own = registry.expand(&format!(r"%SystemDrive%\{}", text_of(folder).replace('/', "\\")), None);
    let profile = Some(profile.map_or(own, |profile| profile.folder.clone()));
    User { sid, name, profile, key }
}

/// Profiles on drives that are no part of the target.
fn elsewhere(registry: &mut Registry, profiles: &[Profile]) {
    for profile in profiles {
        let is_elsewhere = registry.on_target(&profile.folder).is_none();
        let is_known = registry.users.iter().any(|user| user.sid.as_deref() == Some(profile.sid.as_str()));
        if is_elsewhere && !is_known {
            let detail =
                format!("the profile of {} lies on a drive that is no part of this target", profile.sid);
            registry.faults.push(Fault {
                kind: GapKind::SourceMissing,
                place: profile.folder.clone(),
                detail,
            });
        }
    }
}

/// Adds the variables of a user who has a hive.
fn add_user(registry: &mut Registry, user: User) {
    let key = registry.key(&format!(r"{}\Environment", user.key));
    let own = key.items.first().map(|key| key.values().items).unwrap_or_default();
    registry.environment.add_user(&user, &own);
}
