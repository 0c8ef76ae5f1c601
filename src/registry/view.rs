//! The registry of a target: every hive as one tree of keys.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::environment::{self, Environment};
use super::node::{Fault, Mount, Node, Origin, Read, Trouble};
use super::stack::{Part, Stack};
use super::user::User;
use super::value::{Value, Values};
use crate::format::database::regf::same_name;
use crate::fs::ledger::Ledger;
use crate::fs::root::Root;
use crate::model::{GapKind, Location};
use crate::text::{shown, text_of, wildcard};

/// How many keys one pattern may name before the rest is a fault.
pub(super) const MAX_KEYS: usize = 1_000_000;

/// A target's registry.
#[derive(Default)]
pub struct Registry {
    pub(super) mounts: Vec<Mount>,
    pub(super) users: Vec<User>,
    pub(super) faults: Vec<Fault>,
    pub(super) environment: Environment,
    pub(super) ledger: Ledger,
}

impl Registry {
    /// The reads that failed so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What went wrong at a key, written down.
    pub(super) fn fault(&self, path: &str, origin: &Origin, (kind, detail): Trouble) -> Fault {
        let detail = match &origin.file {
            Some(file) => format!("{detail}, in {}", shown(file)),
            None => detail,
        };
        self.ledger.note(path.to_owned(), path.to_owned(), kind, detail.clone());
        Fault { kind, place: path.to_owned(), detail }
    }

    pub(super) fn mount(&mut self, at: impl Into<String>, node: Arc<dyn Node>, origin: Arc<Origin>) {
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
    pub(super) fn through<'r>(
        &'r self,
        path: &str,
        links: &mut usize,
        faults: &mut Vec<Fault>,
    ) -> Option<Key<'r>> {
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

    pub(super) fn top(&self) -> Key<'_> {
        Key { registry: self, path: String::new(), parts: Vec::new() }
    }

    /// The key one component below another.
    pub(super) fn step<'r>(&'r self, at: &Key<'r>, name: &str, faults: &mut Vec<Fault>) -> Option<Key<'r>> {
        self.step_through(at, name, &mut 0, faults)
    }

    pub(super) fn step_through<'r>(
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
    pub(super) registry: &'r Registry,
    pub(super) path: String,
    /// The keys of the hives that answer, the first with precedence.
    pub(super) parts: Vec<Part>,
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
pub(super) fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('\\').filter(|component| !component.is_empty()).enumerate().map(|(index, component)| {
        match component {
            _ if index > 0 => component,
            _ if component.eq_ignore_ascii_case("HKEY_LOCAL_MACHINE") => "HKLM",
            _ if component.eq_ignore_ascii_case("HKEY_USERS") => "HKU",
            _ => component,
        }
    })
}

pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}\\{name}") }
}

/// Whether a path is another or lies below it.
pub(super) fn is_below(path: &str, of: &str) -> bool {
    next_component(path, of).is_some() || same_name(path, of)
}

/// The component of `path` that follows `of`, if it lies below.
pub(super) fn next_component<'a>(path: &'a str, of: &str) -> Option<&'a str> {
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
