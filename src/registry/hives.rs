//! Where hives are on a disk, and the registry that they make up.
//!
//! Places: "Registry Hives" of Microsoft's documentation; `HKLM\SYSTEM\CurrentControlSet` is the control set that
//! `Select\Current` names; `HKU\SID_Classes` is `UsrClass.dat` of the user. `Amcache.hve` is no part of Windows'
//! own tree and is mounted as a tree of its own.

use std::sync::Arc;

use super::environment::Environment;
use super::folders::TASKS;
use super::stack::Part;
use super::user::{Profile, User};
use super::users::{profile_at, profiles};
use super::{Fault, Origin, Registry, folders, offline};
use crate::bytes::{Damage, ReadAt};
use crate::format::database::regf::{Hive, Recovery};
use crate::fs::RealPath;
use crate::fs::root::{Content, Root};
use crate::fs::tree::{LayerHive, file_name, join, parent};
use crate::model::{Gap, GapKind};
use crate::text::{shown, text_of};

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
    "Windows/System32/config/ELAM",
    "Windows/System32/config/ELAM.LOG*",
    "Boot/BCD",
    "Boot/BCD.LOG*",
    "EFI/Microsoft/Boot/BCD",
    "EFI/Microsoft/Boot/BCD.LOG*",
    "Windows/AppCompat/Programs/Amcache.hve",
    "Windows/AppCompat/Programs/Amcache.hve.LOG*",
    "Users/*/NTUSER.DAT",
    "Users/*/NTUSER.DAT.LOG*",
    "Users/*/NTUSER.MAN",
    "Users/*/NTUSER.MAN.LOG*",
    "Users/*/AppData/Local/Microsoft/Windows/UsrClass.dat",
    "Users/*/AppData/Local/Microsoft/Windows/UsrClass.dat.LOG*",
    "Documents and Settings/*/NTUSER.DAT",
    "Documents and Settings/*/NTUSER.DAT.LOG",
    "Documents and Settings/*/Local Settings/Application Data/Microsoft/Windows/UsrClass.dat",
    "Documents and Settings/*/Local Settings/Application Data/Microsoft/Windows/UsrClass.dat.LOG",
    // Tasks name folders of programs, which are learned with those that the registry names.
    TASKS[0],
    TASKS[1],
    TASKS[2],
    TASKS[3],
    TASKS[4],
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
    // What antivirus programs gave the loader of Windows, and what that starts.
    (r"HKLM\ELAM", "Windows/System32/config/ELAM"),
    (r"HKLM\BCD00000000", "Boot/BCD"),
    (r"HKLM\BCD00000000", "EFI/Microsoft/Boot/BCD"),
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
    let layers = root.tree().layer_hives();
    for (at, path) in machine {
        mount_layers(root, &mut registry, at, path.as_bytes(), layers.as_deref());
        let found = root.glob(path);
        for found in found {
            match found {
                // Layers on a base that has no Windows of its own carry empty files in place of hives.
                Ok(found) if layers.is_some() && found.stat.size == 0 => {}
                Ok(found) if found.is_file() => drop(mount(root, &mut registry, at, &found.path)),
                Ok(_) => {}
                Err(fault) => note(&mut registry, fault),
            }
        }
    }
    finish(&mut registry, root.drives().iter().map(|drive| text_of(drive)).collect());
    let profiles = profiles(&registry);
    folders::of_machine(root, &mut registry, &profiles);
    logged_on(&mut registry);
    users(root, &mut registry, layers.as_deref());
    folders::of_users(root, &mut registry);
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
pub(super) fn finish(registry: &mut Registry, drives: Vec<String>) {
    let (parts, is_selected) = current_control_set(registry);
    if !parts.is_empty() && !is_selected {
        let detail = "it does not say which control set is the current one; all were read";
        registry.faults.push(Fault {
            kind: GapKind::Corrupt,
            place: r"HKLM\SYSTEM\Select".to_owned(),
            detail: detail.to_owned(),
        });
    }
    for part in parts {
        registry.mount(r"HKLM\SYSTEM\CurrentControlSet", part.node, part.origin);
    }
    let values =
        |path: &str| registry.key(path).items.first().map(|key| key.values().items).unwrap_or_default();
    let environment = Environment::of_machine(values, drives);
    registry.environment = environment;
    for user in registry.users.clone() {
        add_user(registry, user);
    }
}

/// The set of services and settings that Windows runs with, and whether `Select` names it.
fn current_control_set(registry: &Registry) -> (Vec<Part>, bool) {
    let exists = |path: &str| registry.key(path).items.into_iter().next();
    // The live link, and the one that tests write. A hive may hold the bare link itself, which leads nowhere there.
    if exists(r"HKLM\SYSTEM\CurrentControlSet").is_some_and(|key| !key.subkeys().items.is_empty()) {
        return (Vec::new(), true);
    }
    let select = exists(r"HKLM\SYSTEM\Select").map(|key| key.values().items);
    let number = |name| select.as_ref().and_then(|values| values.number(name));
    let named = [number("Current"), number("Default"), number("LastKnownGood")].into_iter().flatten();
    if let Some(set) =
        named.into_iter().find_map(|number| exists(&format!(r"HKLM\SYSTEM\ControlSet{number:03}")))
    {
        return (set.parts, true);
    }
    let sets = registry.keys(r"HKLM\SYSTEM\ControlSet*").items;
    (sets.into_iter().flat_map(|set| set.parts).collect(), false)
}

/// Hives that layers of Windows images carry: the beginning of their names, and the file of the hive below them.
/// Those of `SAM` and `SECURITY` have accounts, no software.
const LAYERED: &[(&str, &str)] = &[
    ("Software", "Windows/System32/config/SOFTWARE"),
    ("System", "Windows/System32/config/SYSTEM"),
    ("DefaultUser", "Windows/System32/config/DEFAULT"),
];

/// Mounts what the layers of an image have of a hive, the topmost first; they are said to lie in the file of the
/// hive, which is where Windows shows their keys, and tell their layer.
fn mount_layers(
    root: &Root,
    registry: &mut Registry,
    at: &str,
    file: &[u8],
    layers: Option<&[LayerHive]>,
) -> bool {
    let begins =
        LAYERED.iter().find(|(_, path)| path.as_bytes().eq_ignore_ascii_case(file)).map(|(name, _)| *name);
    let Some(begins) = begins else { return false };
    let mut is_there = false;
    for hive in layers.unwrap_or_default() {
        let name = text_of(file_name(&hive.path));
        let Some((name, kind)) = name.rsplit_once('_') else { continue };
        let is_delta = kind.eq_ignore_ascii_case("Delta");
        if !name.eq_ignore_ascii_case(begins) || !(is_delta || kind.eq_ignore_ascii_case("Base")) {
            continue;
        }
        let origin = Origin {
            file: Some(file.to_vec()),
            note: is_delta.then_some("changes of an image layer"),
            layer: hive.layer.clone(),
        };
        match (hive.open)() {
            Ok(bytes) if bytes.size() == 0 => {}
            Ok(bytes) => {
                is_there |= attach(root, registry, at, &hive.path, (bytes, Vec::new()), (origin, is_delta))
            }
            Err(error) => note(registry, crate::fs::root::Fault::from_io(&hive.path, &error)),
        }
    }
    is_there
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
            Err(crate::fs::root::Fault::Absent) => None,
            Err(crate::fs::root::Fault::Unreadable { kind, detail, .. }) => {
                fault(kind, format!("its log {} cannot be read: {detail}", text_of(ending)));
                None
            }
        })
        .filter(|bytes| !bytes.is_empty())
        .collect();
    let origin = Origin { file: Some(path.to_vec()), ..Origin::default() };
    attach(root, registry, at, path, (file, logs), (origin, false))
}

/// Mounts the bytes of a hive.
fn attach(
    root: &Root,
    registry: &mut Registry,
    at: &str,
    path: &[u8],
    (file, logs): (Box<dyn ReadAt>, Vec<Vec<u8>>),
    (mut origin, is_delta): (Origin, bool),
) -> bool {
    let mut fault = |damage: &Damage| {
        let Gap { kind, detail, .. } = crate::fs::damage_gap("", "", damage);
        registry.faults.push(Fault { kind, place: shown(path), detail: format!("{at}: {detail}") });
    };
    let hive = match root.during(path, || Hive::open(file, &logs)) {
        Ok(opened) => {
            opened.damage.iter().for_each(&mut fault);
            Arc::new(opened.value)
        }
        Err(damage) => {
            fault(&damage);
            return false;
        }
    };
    if matches!(hive.recovery(), Recovery::Recovered(_)) {
        origin.note = Some("completed from its transaction logs");
    }
    match offline::root(&hive, is_delta) {
        Some(node) => registry.mount(at, node, Arc::new(origin)),
        None => return false,
    }
    true
}

fn note(registry: &mut Registry, fault: crate::fs::root::Fault) {
    if let crate::fs::root::Fault::Unreadable { kind, place, detail } = fault {
        registry.faults.push(Fault { kind, place: shown(&place), detail });
    }
}

/// Where hives of users are; `Users/*` is every folder of a profile.
const USERS: &[&str] = &[
    "Users/*/NTUSER.DAT",
    // Of a mandatory profile.
    "Users/*/NTUSER.MAN",
    "Documents and Settings/*/NTUSER.DAT",
    "Windows/ServiceProfiles/*/NTUSER.DAT",
    "Windows/System32/config/DEFAULT",
];
/// Where in a profile the second hive is, since Windows Vista and before.
const CLASSES: &[&str] = &[
    "AppData/Local/Microsoft/Windows/UsrClass.dat",
    "Local Settings/Application Data/Microsoft/Windows/UsrClass.dat",
];

fn users(root: &Root, registry: &mut Registry, layers: Option<&[LayerHive]>) {
    let profiles = profiles(registry);
    let loaded: Vec<String> = registry.users.iter().map(|user| user.key.clone()).collect();
    let mut seen: Vec<RealPath> = Vec::new();
    for found in USERS.iter().flat_map(|pattern| root.glob(pattern)) {
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
        let mut user = user(root, registry, &profiles, &found.path);
        // Loaded by the running system, which keeps the file locked.
        if loaded.iter().any(|known| known.eq_ignore_ascii_case(&user.key)) {
            continue;
        }
        let is_known = name_apart(registry, &mut user);
        let is_layered = mount_layers(root, registry, &user.key, &found.path, layers);
        let is_empty = layers.is_some() && found.stat.size == 0;
        if (is_empty || !mount(root, registry, &user.key, &found.path)) && !is_layered || is_known {
            continue;
        }
        mount_classes(root, registry, &user, parent(&found.path));
        registry.users.push(user.clone());
        add_user(registry, user);
    }
    let default = r"HKU\S-1-5-18";
    let config = b"Windows/System32/config/DEFAULT";
    if !registry.users.iter().any(|user| user.key == default)
        && mount_layers(root, registry, default, config, layers)
    {
        let user = user(root, registry, &profiles, config);
        registry.users.push(user.clone());
        add_user(registry, user);
    }
    elsewhere(registry, &profiles);
    if layers.is_none() {
        let homes: Vec<Vec<u8>> = seen.iter().map(|hive| parent(hive).to_vec()).collect();
        without_hive(root, registry, &profiles, &homes);
    }
}

/// Gives a user whose hive no other one's may hide a key of its own. Returns whether the hive is another one of the
/// same profile.
fn name_apart(registry: &Registry, user: &mut User) -> bool {
    let own = user.key.clone();
    for number in 2.. {
        match registry.users.iter().find(|known| known.key.eq_ignore_ascii_case(&user.key)) {
            None => break,
            Some(known) if known.profile == user.profile => return true,
            Some(_) => user.key = format!("{own} ({number})"),
        }
    }
    false
}

fn mount_classes(root: &Root, registry: &mut Registry, user: &User, home: &[u8]) {
    for classes in CLASSES {
        let classes = join(home, classes.as_bytes());
        match root.find_strictly(&classes) {
            Ok(found) if found.is_file() => {
                mount(root, registry, &format!(r"{}\Software\Classes", user.key), &classes);
                return;
            }
            Ok(_) => {}
            Err(crate::fs::root::Fault::Absent) if root.find_no_follow(&classes).is_ok() => {
                let detail = "a link to a hive that is not there".to_owned();
                registry.faults.push(Fault { kind: GapKind::BrokenLink, place: shown(&classes), detail });
            }
            Err(fault) => note(registry, fault),
        }
    }
}

/// Users whose folder is there and whose hive is not: what it would name is not known. `homes`: those with a hive.
fn without_hive(root: &Root, registry: &mut Registry, profiles: &[Profile], homes: &[Vec<u8>]) {
    let mut missing: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut add = |path: Vec<u8>, real: Vec<u8>| {
        if !homes.contains(&real) && !missing.iter().any(|(_, known)| *known == real) {
            missing.push((path, real));
        }
    };
    // The hive of the system itself is `DEFAULT`.
    for profile in profiles.iter().filter(|profile| profile.sid != "S-1-5-18") {
        if registry.users.iter().any(|user| {
            user.sid.as_deref() == Some(profile.sid.as_str())
                && user.profile.as_deref() == Some(profile.folder.as_str())
        }) {
            continue;
        }
        let Some(path) = registry.on_target(&profile.folder) else { continue };
        match root.find(&path) {
            Ok(found) if found.is_directory() => add(found.path, found.real.into_bytes()),
            Ok(_) => {}
            Err(fault) => note(registry, fault),
        }
    }
    for classes in
        root.glob(&format!("Users/*/{}", CLASSES.first().copied().unwrap_or_default())).into_iter().flatten()
    {
        let above = |path: &[u8]| (0..5).fold(path.to_vec(), |path, _| parent(&path).to_vec());
        add(above(&classes.path), above(&classes.real));
    }
    for (path, _) in missing {
        let hive = join(&path, b"NTUSER.DAT");
        let detail = "this profile has no hive of its own: what is installed for its user alone is not known"
            .to_owned();
        registry.faults.push(Fault { kind: GapKind::SourceMissing, place: shown(&hive), detail });
        let mut user = user(root, registry, profiles, &hive);
        name_apart(registry, &mut user);
        mount_classes(root, registry, &user, &path);
        registry.users.push(user.clone());
        add_user(registry, user);
    }
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
    let own = registry.windows_path(folder);
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
