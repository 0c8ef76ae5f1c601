//! Read-only access to a target's Windows registry, live or from hive files: one tree of keys, whatever is below.
//!
//! [`Registry`] is a table of mounts: a key, the hive that answers below it, and where that hive is from. Several
//! hives may answer one key; the first has precedence. `HKLM` and `HKU` are the top; `HKLM\SYSTEM\CurrentControlSet`
//! and each user's `Software\Classes` are mounts of their own, as in Windows. Hives of container layers are stacked
//! above the hive of the base image and may delete what it has. A key that is missing is normal; what cannot be read
//! is a [`Fault`]. Names compare without case.
//!
//! ```
//! use debar::registry::{Memory, Registry};
//! let registry = Registry::from(Memory::new().value(r"HKLM\SOFTWARE\Vendor\Tool", "Version", "1.0"));
//! let key = registry.key(r"hklm\software\vendor\tool").items.remove(0);
//! assert_eq!(key.values().items.text("version").as_deref(), Some("1.0"));
//! assert_eq!(key.path(), r"HKLM\SOFTWARE\Vendor\Tool");
//! ```

mod environment;
mod folders;
mod hives;
mod link;
#[cfg(windows)]
mod live;
mod memory;
mod offline;
mod stack;
mod users;
mod value;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::format::database::regf::{Layering, same_name};
use crate::fs::ledger::Ledger;
use crate::fs::root::Root;
use crate::model::{Gap, GapKind, Layer, Location};
use crate::text::{shown, text_of, wildcard};

use environment::Environment;
use stack::{Part, Stack};

pub use hives::{HIVES, with_hives};
pub use memory::Memory;
pub use users::User;
pub use value::{Value, Values};

/// How many keys one pattern may name before the rest is a fault.
const MAX_KEYS: usize = 1_000_000;

/// Why a part of the registry could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub kind: GapKind,
    /// The key, or the file of the hive.
    pub place: String,
    /// What happened, and where in the hive.
    pub detail: String,
}

impl Fault {
    /// The gap that this fault is.
    pub fn into_gap(self, collector: &str) -> Gap {
        Gap { kind: self.kind, collector: collector.to_owned(), place: self.place, detail: self.detail }
    }
}

/// What could be read, and what could not.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// What could be read.
    pub items: T,
    /// What could not.
    pub faults: Vec<Fault>,
}

/// One key of one hive. Implementations: hive files, memory, the registry of the running system.
pub(crate) trait Node: Send + Sync {
    /// Its name as stored.
    fn name(&self) -> String;
    /// The subkey of a name, compared without case; an error when it cannot be known.
    fn subkey(&self, name: &str) -> Result<Option<Arc<dyn Node>>, Trouble>;
    /// Its subkeys, and what could not be read.
    fn subkeys(&self) -> (Vec<Arc<dyn Node>>, Vec<Trouble>);
    /// Its values, and what could not be read.
    fn values(&self) -> (Vec<Value>, Vec<Trouble>);
    /// When it was last written: 100 nanoseconds since 1601 (UTC).
    fn modified(&self) -> Option<u64> {
        None
    }
    /// The key that it is a link to, as the kernel names it; a live registry follows links by itself.
    fn link(&self) -> Option<String> {
        None
    }
    /// What it does to the same key of the hives below it.
    fn layering(&self) -> Layering {
        Layering::Merge
    }
}

/// What went wrong at a key: kind and detail; the place is known to who asked.
pub(crate) type Trouble = (GapKind, String);

/// Where the keys of a mount are from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The hive's file, from the target's root; `None` for the live registry and for memory.
    pub file: Option<Vec<u8>>,
    /// A note on how it was read, e.g. `completed from its transaction log`.
    pub note: Option<&'static str>,
    /// The image layer, where it is not that of the file.
    pub layer: Option<Layer>,
}

/// A hive and the key it answers for.
struct Mount {
    /// The key, e.g. `HKLM\SOFTWARE`.
    at: String,
    node: Arc<dyn Node>,
    origin: Arc<Origin>,
}

/// A target's registry.
#[derive(Default)]
pub struct Registry {
    mounts: Vec<Mount>,
    users: Vec<User>,
    faults: Vec<Fault>,
    environment: Environment,
    ledger: Ledger,
}

impl Registry {
    /// The reads that failed so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What went wrong at a key, written down.
    fn fault(&self, path: &str, origin: &Origin, (kind, detail): Trouble) -> Fault {
        let detail = match &origin.file {
            Some(file) => format!("{detail}, in {}", shown(file)),
            None => detail,
        };
        self.ledger.note(path.to_owned(), path.to_owned(), kind, detail.clone());
        Fault { kind, place: path.to_owned(), detail }
    }

    /// The registry of a target: what runs (`live`: top keys and their names), and the hive files of users who are
    /// not logged on; without anything that runs, all hive files. Hives that cannot be read are [`Registry::faults`].
    pub(crate) fn open(root: &Root, live: Vec<(&'static str, Arc<dyn Node>)>) -> Registry {
        hives::open(root, live)
    }

    /// The registry of a kind of target: what runs, of the live host, and hive files.
    pub(crate) fn of(kind: crate::model::TargetKind, root: &Root) -> Registry {
        let live = if kind == crate::model::TargetKind::Host { of_this_host() } else { Vec::new() };
        Registry::open(root, live)
    }

    fn mount(&mut self, at: impl Into<String>, node: Arc<dyn Node>, origin: Arc<Origin>) {
        self.mounts.push(Mount { at: at.into(), node, origin });
    }

    /// Whether there is no registry at all: not a Windows, or all of its hives are missing.
    pub fn is_empty(&self) -> bool {
        self.mounts.is_empty()
    }

    /// Hives that should have been read and were not, or not completely.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Each key that a hive is mounted at, and where the hive is from.
    pub fn mounts(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.mounts.iter().map(|mount| (mount.at.as_str(), mount.origin.as_ref()))
    }

    /// The users whose hives are there, and those that the registry knows without one.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// The user whose hive a key lies in.
    pub fn user_of(&self, key: &Key<'_>) -> Option<&User> {
        self.users.iter().find(|user| is_below(key.path(), &user.key))
    }

    /// Every place that corresponds to `Software`: of the machine in the 64- and the 32-bit view, and of every user
    /// in both.
    pub fn software(&self) -> Vec<Software<'_>> {
        let mut all = vec![
            Software { key: r"HKLM\SOFTWARE".to_owned(), user: None, is_32_bit: false },
            Software { key: r"HKLM\SOFTWARE\WOW6432Node".to_owned(), user: None, is_32_bit: true },
        ];
        for user in &self.users {
            // What older programs write to the machine without the right to goes to the store of their user.
            for (below, is_32_bit) in [
                (r"Software", false),
                (r"Software\WOW6432Node", true),
                (r"Software\Classes\VirtualStore\MACHINE\SOFTWARE", false),
                (r"Software\Classes\VirtualStore\MACHINE\SOFTWARE\WOW6432Node", true),
            ] {
                all.push(Software { key: format!(r"{}\{below}", user.key), user: Some(user), is_32_bit });
            }
        }
        all
    }

    /// The key of a path, one item or none. `HKEY_LOCAL_MACHINE` and `HKEY_USERS` may be written for `HKLM`, `HKU`.
    pub fn key(&self, path: &str) -> Read<Vec<Key<'_>>> {
        let mut faults = Vec::new();
        let key = self.through(path, &mut 0, &mut faults);
        Read { items: key.into_iter().collect(), faults }
    }

    /// The key of a path; `links` counts the links that the lookup follows.
    fn through<'r>(&'r self, path: &str, links: &mut usize, faults: &mut Vec<Fault>) -> Option<Key<'r>> {
        components(path)
            .try_fold(self.top(), |at, component| self.step_through(&at, component, links, faults))
    }

    /// Every key that a pattern names: components separated by `\`, with `*` inside a component for any run of
    /// characters. Each is named once, in the order of the hive.
    pub fn keys(&self, pattern: &str) -> Read<Vec<Key<'_>>> {
        let mut faults = Vec::new();
        let mut level = vec![self.top()];
        for component in components(pattern) {
            let mut next = Vec::new();
            for at in &level {
                if !component.contains('*') {
                    next.extend(self.step(at, component, &mut faults));
                    continue;
                }
                let pattern = component.to_lowercase();
                let mut subkeys = at.subkeys();
                faults.append(&mut subkeys.faults);
                let fits = |key: &Key<'_>| wildcard(pattern.as_bytes(), key.name().to_lowercase().as_bytes());
                next.extend(subkeys.items.into_iter().filter(fits));
                if next.len() > MAX_KEYS {
                    let detail = format!("more than {MAX_KEYS} keys match");
                    faults.push(Fault { kind: GapKind::OverLimit, place: pattern, detail });
                    next.truncate(MAX_KEYS);
                    break;
                }
            }
            level = next;
        }
        Read { items: level, faults }
    }

    fn top(&self) -> Key<'_> {
        Key { registry: self, path: String::new(), parts: Vec::new() }
    }

    /// The key one component below another.
    fn step<'r>(&'r self, at: &Key<'r>, name: &str, faults: &mut Vec<Fault>) -> Option<Key<'r>> {
        self.step_through(at, name, &mut 0, faults)
    }

    fn step_through<'r>(
        &'r self,
        at: &Key<'r>,
        name: &str,
        links: &mut usize,
        faults: &mut Vec<Fault>,
    ) -> Option<Key<'r>> {
        let asked = below(&at.path, name);
        let mut path = asked.clone();
        let mut stack = Stack::default();
        for mount in self.mounts.iter().filter(|mount| same_name(&mount.at, &asked)) {
            path.clone_from(&mount.at);
            stack.push(Arc::clone(&mount.node), &mount.origin);
        }
        let mut is_named = !stack.is_empty();
        for part in &at.parts {
            match part.node.subkey(name) {
                Ok(Some(child)) => {
                    if !is_named {
                        path = below(&at.path, &child.name());
                        is_named = true;
                    }
                    stack.push(child, &part.origin);
                }
                Ok(None) => {}
                Err(trouble) => faults.push(self.fault(&path, &part.origin, trouble)),
            }
        }
        let parts = self.followed(&path, stack.finish(), links, faults);
        let is_there = !parts.is_empty() || self.mounts.iter().any(|mount| is_below(&mount.at, &path));
        is_there.then_some(Key { registry: self, path, parts })
    }

    /// Expands variables such as `%ProgramFiles%` as Windows does for a user, or for the machine. Unknown ones stay.
    pub fn expand(&self, text: &str, user: Option<&User>) -> String {
        self.environment.expand(text, user)
    }

    /// Expands variables as for the user in whose profile a path of the target lies; else as for the machine.
    pub fn expand_at(&self, text: &str, path: &[u8]) -> String {
        let path = text_of(path);
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let (drive, parts) = match parts.as_slice() {
            [drive, rest @ ..] if drive.ends_with(':') => (Some(drive), rest),
            all => (None, all),
        };
        match parts {
            [users, name, ..] if users.eq_ignore_ascii_case("Users") => {
                let home = [drive.copied(), Some(*users), Some(*name)].into_iter().flatten();
                let profile = self.windows_path(home.collect::<Vec<_>>().join("/").as_bytes());
                self.environment.expand_for_profile(text, &profile, &self.users)
            }
            _ => self.expand(text, None),
        }
    }

    /// The path of Windows that a path of the target is known by, e.g. `C:\Windows`.
    pub fn windows_path(&self, path: &[u8]) -> String {
        self.environment.windows_path(path)
    }

    /// The path from the target's root that a path of its Windows leads to; `None` when it is relative to what is
    /// not known, on another drive or on the network.
    pub fn on_target(&self, path: &str) -> Option<Vec<u8>> {
        self.environment.on_target(path)
    }

    /// Whether a file that the registry names is gone for certain.
    pub fn is_gone(&self, root: &Root, path: &str) -> bool {
        self.environment.is_gone(root, path)
    }

    /// Whether the target has the files of its Windows, not only hives: else nothing is gone for certain.
    pub fn has_files(&self, root: &Root) -> bool {
        environment::is_whole(root)
    }

    /// The text of a value, if the key has it and it can be read.
    pub fn text(&self, key: &str, value: &str) -> Option<String> {
        self.key(key).items.first().and_then(|key| key.values().items.text(value))
    }

    /// The name of the machine.
    pub fn host_name(&self) -> Option<String> {
        let name = |path: &str, value: &str| self.text(path, value);
        name(r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", "Hostname").or_else(|| {
            name(r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", "ComputerName")
        })
    }
}

/// A place that corresponds to `Software`.
pub struct Software<'r> {
    /// Its key.
    pub key: String,
    /// Whose it is; `None` for the machine.
    pub user: Option<&'r User>,
    /// Whether it is what 32-bit programs see.
    pub is_32_bit: bool,
}

impl Software<'_> {
    /// `machine` or `user`.
    pub fn scope(&self) -> &'static str {
        if self.user.is_some() { "user" } else { "machine" }
    }
}

/// One key, answered by one hive or several.
#[derive(Clone)]
pub struct Key<'r> {
    registry: &'r Registry,
    path: String,
    /// The keys of the hives that answer, the first with precedence.
    parts: Vec<Part>,
}

impl<'r> Key<'r> {
    /// Its path from the top, e.g. `HKLM\SOFTWARE\Vendor`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('\\').next().unwrap_or_default()
    }

    /// Where it was seen: the key, and the file of the hive.
    pub fn location(&self) -> Location {
        let origin = self.parts.first().map(|part| &part.origin);
        let file = origin.and_then(|origin| origin.file.as_deref());
        let layer = origin.and_then(|origin| origin.layer.clone());
        Location { path: file.map(shown), layer, ..Location::registry(self.path.as_str()) }
    }

    /// When it was last written: 100 nanoseconds since 1601 (UTC).
    pub fn modified(&self) -> Option<u64> {
        self.parts.first().and_then(|part| part.node.modified())
    }

    /// The key a path below it leads to, one item or none.
    pub fn key(&self, path: &str) -> Read<Vec<Key<'r>>> {
        let mut faults = Vec::new();
        let key = components(path)
            .try_fold(self.clone(), |at, component| self.registry.step(&at, component, &mut faults));
        Read { items: key.into_iter().collect(), faults }
    }

    /// Its subkeys, each name once.
    pub fn subkeys(&self) -> Read<Vec<Key<'r>>> {
        let mut faults = Vec::new();
        let mut keys: Vec<Key<'r>> = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for mount in &self.registry.mounts {
            let Some(name) = next_component(&mount.at, &self.path) else { continue };
            if known.insert(name.to_lowercase()) {
                keys.extend(self.registry.step(self, name, &mut faults));
            }
        }
        // What several hives have under one name is one key; each hive is gone through once.
        let mut stacks: Vec<(String, Stack)> = Vec::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for part in &self.parts {
            let (children, trouble) = part.node.subkeys();
            faults.extend(
                trouble.into_iter().map(|trouble| self.registry.fault(&self.path, &part.origin, trouble)),
            );
            for child in children {
                let name = child.name();
                let folded = name.to_lowercase();
                // The mounts of this name were asked above, with everything that lies below them.
                if known.contains(&folded) {
                    continue;
                }
                // A damaged hive may list a name twice; both are reported.
                let number = match self.parts.len() {
                    1 => stacks.len(),
                    _ => *numbers.entry(folded).or_insert(stacks.len()),
                };
                if number == stacks.len() {
                    stacks.push((name, Stack::default()));
                }
                if let Some((_, stack)) = stacks.get_mut(number) {
                    stack.push(child, &part.origin);
                }
            }
        }
        for (name, stack) in stacks {
            let path = below(&self.path, &name);
            let parts = self.registry.followed(&path, stack.finish(), &mut 0, &mut faults);
            if !parts.is_empty() {
                keys.push(Key { registry: self.registry, path, parts });
            }
        }
        Read { items: keys, faults }
    }

    /// Its values; of several hives, the first that has a name answers it.
    pub fn values(&self) -> Read<Values> {
        let mut faults = Vec::new();
        let mut all: Vec<Value> = Vec::new();
        for part in self.parts.iter().filter(|part| part.has_values) {
            let (values, trouble) = part.node.values();
            faults.extend(
                trouble.into_iter().map(|trouble| self.registry.fault(&self.path, &part.origin, trouble)),
            );
            if all.is_empty() {
                all = values;
            } else {
                let new: Vec<Value> = values
                    .into_iter()
                    .filter(|value| !all.iter().any(|known| same_name(&known.name, &value.name)))
                    .collect();
                all.extend(new);
            }
        }
        all.retain(|value| !value.is_tombstone);
        Read { items: Values::new(all), faults }
    }
}

/// The components of a path; the two top keys in their short form.
fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('\\').filter(|component| !component.is_empty()).enumerate().map(|(index, component)| {
        match component {
            _ if index > 0 => component,
            _ if component.eq_ignore_ascii_case("HKEY_LOCAL_MACHINE") => "HKLM",
            _ if component.eq_ignore_ascii_case("HKEY_USERS") => "HKU",
            _ => component,
        }
    })
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}\\{name}") }
}

/// Whether a path is another or lies below it.
fn is_below(path: &str, of: &str) -> bool {
    next_component(path, of).is_some() || same_name(path, of)
}

/// The component of `path` that follows `of`, if it lies below.
fn next_component<'a>(path: &'a str, of: &str) -> Option<&'a str> {
    let count = of.split('\\').filter(|component| !component.is_empty()).count();
    let mut components = path.split('\\');
    let mut of = of.split('\\').filter(|component| !component.is_empty());
    for _ in 0..count {
        if !same_name(components.next()?, of.next()?) {
            return None;
        }
    }
    components.next()
}

/// The top keys of the running Windows' registry, with the names that they are mounted at; none elsewhere.
fn of_this_host() -> Vec<(&'static str, Arc<dyn Node>)> {
    #[cfg(windows)]
    {
        live::registry()
    }
    #[cfg(not(windows))]
    {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
