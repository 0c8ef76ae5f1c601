//! From evidence to the action that it is enough for.
//!
//! An action is bound to facts that the script checks again on the host. Evidence whose match rests on other facts (a
//! signer, a version resource) is left to a person: a report could claim them of anything.

use std::collections::{BTreeMap, BTreeSet};

use super::uninstall::{self, Command};
use super::{Action, Phase};
use crate::finding::recheck::Kept;
use crate::model::{Field, State, Value};
use crate::signature::{Password, Product};
use crate::text::quote::{is_plain_windows_path, windows_path};
use crate::text::secret;

/// Folders that hold more than one product, and their like: never deleted as a whole.
const SHARED: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "lib32",
    "lib64",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "snap",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
    "Applications",
    "Library",
    "System",
    "Users",
    "Windows",
    "System32",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
];

/// Places that only show other things or belong to containers and their engines: what is deleted there is not what it
/// seems to be.
const ELSEWHERE: &[&str] = &[
    "dev/",
    "proc/",
    "run/",
    "sys/",
    "var/run/",
    "var/lib/containerd/",
    "var/lib/containers/",
    "var/lib/docker/",
    "var/lib/kubelet/",
    "var/lib/lxc/",
    "var/lib/lxd/",
    "var/lib/machines/",
    "var/lib/snapd/",
    "var/snap/lxd/",
];

/// Whether evidence lies in the file system of an image or container, which is another one's.
pub(super) fn is_elsewhere(kept: &Kept) -> bool {
    let location = &kept.evidence.location;
    let path = location.path.as_deref().unwrap_or_default().trim_start_matches('/');
    location.layer.is_some() || ELSEWHERE.iter().any(|place| path.starts_with(place))
}

/// The action that a piece of evidence is enough for.
pub(super) fn action(product: &Product, kept: &Kept, is_windows: bool) -> Option<Action> {
    let text = |field: Field| kept.text(field).map(str::to_owned);
    let word = |field: Field| text(field).filter(|text| is_package_word(text));
    let optional = |field: Field| match text(field) {
        None => Some(String::new()),
        Some(text) => is_package_word(&text).then_some(text),
    };
    let state = kept.evidence.state;
    if is_elsewhere(kept) {
        return None;
    }
    match kept.evidence.collector.as_str() {
        "deb_packages" => {
            let needed =
                kept.rests_only_on(&[Field::Name, Field::Version, Field::Arch, Field::Maintainer])?;
            let maintainer = text(Field::Maintainer).filter(|_| needed.contains(&Field::Maintainer));
            let (name, version) = (word(Field::Name)?, word(Field::Version)?);
            Some(Action::Deb { name, version, arch: optional(Field::Arch)?, maintainer })
        }
        "rpm_packages" => {
            let facts =
                [Field::Name, Field::Version, Field::Release, Field::Arch, Field::Vendor, Field::Packager];
            let needed = kept.rests_only_on(&facts)?;
            let epoch = optional(Field::Epoch)?;
            Some(Action::Rpm {
                name: word(Field::Name)?,
                epoch: if epoch.is_empty() { "0".to_owned() } else { epoch },
                version: word(Field::Version)?,
                release: word(Field::Release)?,
                arch: optional(Field::Arch)?,
                vendor: text(Field::Vendor).filter(|_| needed.contains(&Field::Vendor)),
                packager: text(Field::Packager).filter(|_| needed.contains(&Field::Packager)),
            })
        }
        "apk_packages" | "pacman_packages" | "snap_packages" => {
            kept.rests_only_on(&[Field::Name, Field::Version, Field::Arch])?;
            let (name, version) = (word(Field::Name)?, word(Field::Version)?);
            match kept.evidence.collector.as_str() {
                "apk_packages" => Some(Action::Apk { name, version }),
                "pacman_packages" => Some(Action::Pacman { name, version }),
                _ => (state > State::Remnant).then_some(Action::Snap { name, version }),
            }
        }
        "flatpak_packages" if state > State::Remnant && text(Field::User).is_none() => {
            let by = [Field::Identifier, Field::Name].into_iter();
            let mut by = by.filter(|field| kept.rests_only_on(&[*field]).is_some());
            Some(Action::Flatpak { name: word(by.next()?)? })
        }
        "programs" => program(product, kept),
        "services" | "drivers" => service(kept),
        "driver_bindings" => filter(kept),
        "network_filters" => component(kept),
        _ => at_place(kept, is_windows),
    }
}

/// The action for evidence that is a file or folder.
fn at_place(kept: &Kept, is_windows: bool) -> Option<Action> {
    let text = |field: Field| kept.text(field).map(str::to_owned);
    // Of a path that Windows takes for another one, or not at all, a person takes care.
    let own = |path: String| {
        if is_windows { windows_path(&path).filter(|path| is_plain_windows_path(path)) } else { Some(path) }
    };
    match kept.evidence.collector.as_str() {
        "systemd_units" => {
            let needed = kept.rests_only_on(&[Field::Name, Field::Path, Field::Program])?;
            let name = text(Field::Name).filter(|name| !name.starts_with('-') && !name.contains('/'))?;
            // One that starts other programs, too, is not the product's alone.
            let programs = kept.evidence.fields.get(&Field::Program).map_or(0, |value| value.texts().count());
            if needed.contains(&Field::Program) && programs > 1 {
                return None;
            }
            Some(Action::Unit {
                name,
                path: deletable(kept, 3, is_windows)?,
                program: text(Field::Program).filter(|_| needed.contains(&Field::Program)),
                user: text(Field::Scope).as_deref() == Some("user")
                    || !kept
                        .evidence
                        .location
                        .path
                        .as_deref()
                        .is_some_and(|path| path.contains("/systemd/system")),
            })
        }
        "program_folders" => {
            kept.rests_only_on(&[Field::Name, Field::Path])?;
            Some(Action::Folder { path: own(deletable(kept, 2, is_windows)?)? })
        }
        "program_files" | "appimages" => {
            kept.rests_only_on(&[Field::Name, Field::Path])?;
            Some(Action::File {
                path: own(deletable(kept, 2, is_windows)?)?,
                size: text(Field::Size),
                holds: None,
            })
        }
        "desktop_entries" => {
            let needed = kept.rests_only_on(&[Field::Path, Field::Program])?;
            let holds = text(Field::Program).filter(|_| needed.contains(&Field::Program));
            Some(Action::File { path: own(deletable(kept, 3, is_windows)?)?, size: None, holds })
        }
        _ => None,
    }
}

/// A driver that a class of devices or a device names in a list of filters.
fn filter(kept: &Kept) -> Option<Action> {
    let needed = kept.rests_only_on(&[Field::Name, Field::Path, Field::Type])?;
    let is_listed = matches!(kept.text(Field::Type), Some("upper-filter" | "lower-filter"));
    let name = kept.text(Field::Name).filter(|name| !name.contains(['\\', '/', '"', '*', '?']))?;
    (is_listed && needed.contains(&Field::Name)).then(|| Action::DriverFilter { name: name.to_owned() })
}

/// A filter or protocol of NDIS that Windows can unbind by its component id.
fn component(kept: &Kept) -> Option<Action> {
    let needed = kept.rests_only_on(&[Field::Name, Field::Identifier, Field::Type, Field::Key])?;
    let key =
        kept.evidence.location.registry_key.clone().filter(|key| {
            key.to_lowercase().starts_with(r"hklm\system\currentcontrolset\control\network\{")
        })?;
    let component = kept.text(Field::Identifier).filter(|id| is_package_word(id) && id.len() <= 64)?;
    let named = kept.text(Field::Name).filter(|name| needed.contains(&Field::Name) && *name != component);
    let values = named.map(|name| ("Description".to_owned(), name.to_owned())).into_iter().collect();
    let is_bound = needed.contains(&Field::Identifier) || needed.contains(&Field::Name);
    let is_ndis = kept.text(Field::Type) == Some("ndis");
    (is_bound && is_ndis).then(|| Action::NetworkComponent { key, component: component.to_owned(), values })
}

/// What is registered as a service or driver.
fn service(kept: &Kept) -> Option<Action> {
    let needed = kept.rests_only_on(&[Field::Name, Field::Path, Field::DisplayName, Field::Description])?;
    let mut values = BTreeMap::new();
    for (field, value) in [(Field::DisplayName, "DisplayName"), (Field::Description, "Description")] {
        let mut texts = kept.evidence.fields.get(&field).into_iter().flat_map(Value::texts);
        let text = texts.next().unwrap_or_default();
        if needed.contains(&field) {
            // Of several texts the script would see the first.
            texts.next().is_none().then(|| values.insert(value.to_owned(), text.to_owned()))?;
        }
    }
    let name = kept.text(Field::Name).filter(|name| !name.contains(['\\', '/', '"', '*', '?']))?;
    let command = kept.text(Field::Cmdline).unwrap_or_default();
    // A package of the driver store is no service, and a path must be what the command starts: signatures can leave out
    // services of other programs by it, so a command without one is no service that they have.
    let key = kept.evidence.location.registry_key.as_deref()?.to_lowercase();
    let is_service = key.ends_with(&format!(r"\services\{}", name.to_lowercase()));
    let starts = kept.text(Field::Path).map_or(command.is_empty(), |path| starts(command, path, name));
    (is_service && starts).then(|| Action::WindowsService {
        name: name.to_owned(),
        driver: kept.evidence.collector == "drivers",
        command: command.to_owned(),
        values,
    })
}

/// Whether a registered command starts this program; without a command Windows finds a driver by its name.
fn starts(command: &str, path: &str, name: &str) -> bool {
    let plain = |text: &str| text.trim_matches('"').to_lowercase().replace('/', "\\");
    let (command, path) = (plain(command), plain(path));
    if command.is_empty() {
        return path.ends_with(&format!(r"\system32\drivers\{}.sys", name.to_lowercase()));
    }
    let below = |text: &str| {
        let text = text.trim_start_matches(r"\??\");
        let text = text
            .strip_prefix(r"\systemroot\")
            .or_else(|| text.strip_prefix(r"%systemroot%\"))
            .unwrap_or(text);
        text.split_once(r":\windows\").map_or(text, |(_, rest)| rest).to_owned()
    };
    let (command, path) = (below(&command), below(&path));
    command.starts_with(&path) || command.trim_start_matches('"').starts_with(&path)
}

fn program(product: &Product, kept: &Kept) -> Option<Action> {
    let text = |field: Field| kept.text(field).map(str::to_owned);
    let key = kept.evidence.location.registry_key.clone()?;
    // The first is what the key itself says, or else the key's own name.
    let name = text(Field::Name)?;
    let command = text(Field::UninstallString).or_else(|| text(Field::QuietUninstallString));
    let by_hand = |user: Option<String>| {
        let command = command.clone().map(|command| secret::redacted(&command).into_owned());
        command.map(|command| Action::UninstallByHand { key: key.clone(), name: name.clone(), command, user })
    };
    // Anyone who owns the hive wrote the command: it must not run with the rights of an administrator.
    if is_of_user(kept) {
        let user = text(Field::User).or_else(|| text(Field::Uid)).or_else(|| user_of(&key));
        return by_hand(Some(user.unwrap_or_default()));
    }
    let is_machine =
        ["HKLM\\", "HKEY_LOCAL_MACHINE\\"].iter().any(|hive| key.to_ascii_uppercase().starts_with(hive));
    let facts = [Field::Name, Field::Version, Field::Key, Field::Publisher, Field::InstallLocation];
    if !is_machine {
        return by_hand(None);
    }
    let Some(needed) = kept.rests_only_on(&facts) else { return by_hand(None) };
    run(product, kept, key.clone(), name.clone(), values(kept, needed)).unwrap_or_else(|| by_hand(None))
}

/// The step that runs the uninstaller of a machine's program without asking. The outer `None`: nothing that a script
/// may run is there. The inner one: what is left of a program has nothing that could be run.
fn run(
    product: &Product,
    kept: &Kept,
    key: String,
    name: String,
    values: BTreeMap<String, String>,
) -> Option<Option<Action>> {
    let text = |field: Field| kept.text(field).map(str::to_owned);
    let commands = [
        ("QuietUninstallString", text(Field::QuietUninstallString)),
        ("UninstallString", text(Field::UninstallString)),
    ];
    let parsed = commands.into_iter().find_map(|(value, command)| {
        let command = command?;
        Some((value, uninstall::parse(&command)?, command))
    });
    let code = text(Field::IdentifyingNumber).filter(|code| uninstall::is_product_code(code));
    match (parsed, code) {
        (Some((_, Command::Msi(product_code), _)), _) | (None, Some(product_code)) => {
            let secrets: BTreeSet<&Password> =
                product.removal.iter().flat_map(|step| &step.passwords).collect();
            Some(Some(Action::Msi {
                product_code: product_code.to_uppercase(),
                key,
                name,
                version: text(Field::Version).unwrap_or_default(),
                values,
                secrets: secrets.into_iter().cloned().collect(),
            }))
        }
        // Without a quiet form it would wait for a person at the screen.
        (Some((value, Command::Program(program, arguments), command)), _)
            if value == "QuietUninstallString"
                && !uninstall::is_of_users(&program)
                && uninstall::stays_inside(&program, &arguments) =>
        {
            let value = value.to_owned();
            Some(Some(Action::Uninstaller { key, value, command, program, arguments, name, values }))
        }
        _ if kept.evidence.state == State::Remnant => Some(None),
        _ => None,
    }
}

/// The values of a program's key that the script compares because the signature goes by them.
fn values(kept: &Kept, needed: &BTreeSet<Field>) -> BTreeMap<String, String> {
    let names = [(Field::Publisher, "Publisher"), (Field::InstallLocation, "InstallLocation")];
    let needed = names.into_iter().filter(|(field, _)| needed.contains(field));
    needed.filter_map(|(field, name)| Some((name.to_owned(), kept.text(field)?.to_owned()))).collect()
}

/// Whether evidence lies in what a user owns.
pub(super) fn is_of_user(kept: &Kept) -> bool {
    let key = kept.evidence.location.registry_key.as_deref().unwrap_or_default().to_ascii_uppercase();
    let hives = ["HKU\\", "HKEY_USERS\\", "HKCU\\", "HKEY_CURRENT_USER\\"];
    kept.text(Field::Scope) == Some("user") || hives.iter().any(|hive| key.starts_with(hive))
}

fn user_of(key: &str) -> Option<String> {
    key.split('\\').nth(1).map(str::to_owned)
}

/// The phase of an action.
pub(super) fn phase(action: &Action, is_agent: bool) -> Phase {
    match action {
        Action::Confirm { .. } => Phase::Confirm,
        Action::Keep { .. } => Phase::Keep,
        Action::DriverFilter { .. } | Action::NetworkComponent { .. } => Phase::Filter,
        Action::Unit { .. } | Action::WindowsService { .. } => Phase::Service,
        Action::Folder { .. } | Action::File { .. } => Phase::Remnant,
        Action::Manual { .. } => Phase::Manual,
        _ if is_agent => Phase::Agent,
        _ => Phase::Product,
    }
}

/// Names and versions of packages have no others; what has is left to a person.
fn is_package_word(text: &str) -> bool {
    text.len() <= 256
        && text.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || "+-._~^:".contains(char))
}

/// The path of evidence if it may be deleted: absolute, at least so many components deep, no folder that others share,
/// and shown as it is on the disk (`\x` stands for bytes that are not UTF-8, or for itself).
fn deletable(kept: &Kept, depth: usize, is_windows: bool) -> Option<String> {
    let location = &kept.evidence.location;
    let path = location.path.as_deref().filter(|_| location.record.is_none())?;
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let clean = parts.iter().all(|part| !part.is_empty() && *part != "." && *part != "..")
        && is_spelled(&parts, is_windows)
        && !path.contains("\\x")
        && !path.chars().any(char::is_control);
    let last = parts.last()?;
    // The letter of a drive is none of the components.
    let first = parts.iter().find(|part| !part.ends_with(':'))?;
    let parts = parts.iter().filter(|part| !part.ends_with(':')).count();
    let is_shared = parts < depth
        || SHARED.iter().any(|shared| shared.eq_ignore_ascii_case(last))
        || (parts == 2 && ["home", "usr", "var", "etc", "Users", "Windows"].contains(first));
    (clean && !is_shared).then(|| path.to_owned())
}

/// Whether the folders that every system has are spelled as there: signatures compare without case, and elsewhere than on
/// Windows `/OPT` is another folder than `/opt`.
fn is_spelled(parts: &[&str], is_windows: bool) -> bool {
    let is_other =
        |part: &&str| !SHARED.contains(part) && SHARED.iter().any(|shared| shared.eq_ignore_ascii_case(part));
    is_windows || !parts.iter().take(2).any(is_other)
}

/// Whether all of a folder is data, and not programs.
pub(super) fn is_data(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let inner =
        path.split_once(":/").map_or(path.as_str(), |(_, rest)| rest).trim_start_matches('/').to_owned();
    let programs = ["opt/", "usr/", "Program Files", "Applications/", "Windows/"];
    !programs
        .iter()
        .any(|place| inner.get(..place.len()).is_some_and(|start| start.eq_ignore_ascii_case(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_what_its_command_starts() {
        let svc = r"C:\Windows\system32\svchost.exe -k NetworkService";
        assert!(!starts(svc, r"C:\Program Files\V\avp.exe", "Dnscache"));
        assert!(starts(r#""C:\Program Files\V\avp.exe" -r"#, r"C:\Program Files\V\avp.exe", "AVP"));
        assert!(starts(
            r"\SystemRoot\system32\DRIVERS\klif.sys",
            r"C:\Windows\system32\drivers\klif.sys",
            "klif"
        ));
        assert!(starts(r"System32\drivers\klif.sys", r"C:\Windows\System32\drivers\klif.sys", "klif"));
        assert!(starts("", r"C:\Windows\System32\drivers\klif.sys", "klif"));
        assert!(!starts("", r"C:\Windows\System32\drivers\klif.sys", "disk"));
    }

    #[test]
    fn a_folder_of_another_spelling_is_another_folder() {
        for (parts, is) in
            [(["opt", "kaspersky"], true), (["OPT", "kaspersky"], false), (["var", "Opt"], false)]
        {
            assert_eq!(is_spelled(&parts, false), is, "{parts:?}");
            assert!(is_spelled(&parts, true));
        }
        assert!(is_spelled(&["Applications", "Kaspersky.app"], false));
    }

    #[test]
    fn data_and_programs() {
        for data in
            ["/var/opt/kaspersky/kesl", "/var/log/v", r"C:\ProgramData\V", r"D:\V", "/home/a/.config/v"]
        {
            assert!(is_data(data), "{data}");
        }
        for programs in
            ["/opt/kaspersky/kesl", r"C:\Program Files (x86)\V", r"D:\Program Files\V", "/usr/lib/v"]
        {
            assert!(!is_data(programs), "{programs}");
        }
    }
}
