//! A registry in memory: tests mount single values into an empty machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::user::User;
use super::value::{BINARY, DWORD, EXPAND_SZ, MULTI_SZ, QWORD, SZ, Value};
use super::{Node, Origin, Registry, Trouble, components, hives, same_name};
use crate::model::GapKind;

/// Keys, values and users in memory. `CurrentControlSet` is a key like any other.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    top: Entry,
    users: Vec<User>,
    fuse: Fuse,
}

/// Lets one of the looks at keys fail.
#[derive(Debug, Clone, Default)]
struct Fuse(Option<(usize, Arc<AtomicUsize>)>);

impl Fuse {
    fn trouble(&self) -> Option<Trouble> {
        let (at, looks) = self.0.as_ref()?;
        let is_it = looks.fetch_add(1, Ordering::Relaxed) == *at;
        is_it.then(|| (GapKind::Unreadable, "input/output error".to_owned()))
    }
}

#[derive(Debug, Clone, Default)]
struct Entry {
    name: String,
    children: Vec<Entry>,
    values: Vec<Value>,
    trouble: Option<Trouble>,
    link: Option<String>,
}

/// What a value can be made of.
pub trait IntoData {
    /// Type and data as stored.
    fn into_data(self) -> (u32, Vec<u8>);
}

impl IntoData for &str {
    fn into_data(self) -> (u32, Vec<u8>) {
        (SZ, text(self))
    }
}

impl IntoData for String {
    fn into_data(self) -> (u32, Vec<u8>) {
        self.as_str().into_data()
    }
}

impl IntoData for u32 {
    fn into_data(self) -> (u32, Vec<u8>) {
        (DWORD, self.to_le_bytes().to_vec())
    }
}

impl IntoData for u64 {
    fn into_data(self) -> (u32, Vec<u8>) {
        (QWORD, self.to_le_bytes().to_vec())
    }
}

impl IntoData for &[u8] {
    fn into_data(self) -> (u32, Vec<u8>) {
        (BINARY, self.to_vec())
    }
}

impl<const N: usize> IntoData for [&str; N] {
    fn into_data(self) -> (u32, Vec<u8>) {
        let mut data: Vec<u8> = self.iter().flat_map(|one| text(one)).collect();
        data.extend([0, 0]);
        (MULTI_SZ, data)
    }
}

fn text(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

impl Memory {
    /// An empty registry.
    pub fn new() -> Self {
        Memory::default()
    }

    /// Adds a key, with the keys above it.
    #[must_use]
    pub fn key(mut self, path: &str) -> Self {
        self.entry(path);
        self
    }

    /// Adds a value: text (`REG_SZ`), an array of texts (`REG_MULTI_SZ`), `u32`, `u64`, or bytes.
    #[must_use]
    pub fn value(mut self, path: &str, name: &str, data: impl IntoData) -> Self {
        let (kind, data) = data.into_data();
        self.entry(path).values.push(Value::new(name.to_owned(), kind, data));
        self
    }

    /// Adds a text in which variables are to be expanded.
    #[must_use]
    pub fn expandable(mut self, path: &str, name: &str, data: &str) -> Self {
        self.entry(path).values.push(Value::new(name.to_owned(), EXPAND_SZ, text(data)));
        self
    }

    /// Adds a key that is a link to another, which the kernel names: `\Registry\Machine\SOFTWARE\Vendor`.
    #[must_use]
    pub fn link(mut self, path: &str, to: &str) -> Self {
        self.entry(path).link = Some(to.to_owned());
        self
    }

    /// Adds a key whose subkeys and values cannot be read.
    #[must_use]
    pub fn failing(mut self, path: &str, kind: GapKind, detail: &str) -> Self {
        self.entry(path).trouble = Some((kind, detail.to_owned()));
        self
    }

    /// Makes the `n`th look at any key fail, from 0; `looks` counts them.
    #[must_use]
    pub fn failing_at(mut self, n: usize, looks: Arc<AtomicUsize>) -> Self {
        self.fuse = Fuse(Some((n, looks)));
        self
    }

    /// Adds a user, whose keys are those below `HKU\SID`.
    #[must_use]
    pub fn user(mut self, sid: &str, name: &str) -> Self {
        let key = format!(r"HKU\{sid}");
        self.entry(&key);
        self.users.push(User {
            sid: Some(sid.to_owned()),
            name: name.to_owned(),
            profile: Some(format!(r"C:\Users\{name}")),
            key,
        });
        self
    }

    fn entry(&mut self, path: &str) -> &mut Entry {
        let mut at = &mut self.top;
        for component in components(path) {
            let index = at.children.iter().position(|child| same_name(&child.name, component));
            let index = index.unwrap_or_else(|| {
                at.children.push(Entry { name: component.to_owned(), ..Entry::default() });
                at.children.len() - 1
            });
            #[expect(clippy::indexing_slicing, reason = "the index was found or made just now")]
            let next = &mut at.children[index];
            at = next;
        }
        at
    }
}

impl From<Memory> for Registry {
    fn from(memory: Memory) -> Registry {
        let mut registry = Registry { users: memory.users, ..Registry::default() };
        for child in memory.top.children {
            let name = child.name.clone();
            registry.mount(name, build(child, &memory.fuse), Arc::new(Origin::default()));
        }
        hives::finish(&mut registry, Vec::new());
        registry
    }
}

struct Built {
    name: String,
    children: Vec<Arc<dyn Node>>,
    values: Vec<Value>,
    trouble: Option<Trouble>,
    link: Option<String>,
    fuse: Fuse,
}

impl Built {
    fn trouble(&self) -> Option<Trouble> {
        self.trouble.clone().or_else(|| self.fuse.trouble())
    }
}

fn build(entry: Entry, fuse: &Fuse) -> Arc<dyn Node> {
    let mut entry = entry;
    let children = std::mem::take(&mut entry.children).into_iter().map(|child| build(child, fuse)).collect();
    let fuse = fuse.clone();
    let Entry { name, values, trouble, link, .. } = entry;
    Arc::new(Built { name, children, values, trouble, link, fuse })
}

impl Node for Built {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn subkey(&self, name: &str) -> Result<Option<Arc<dyn Node>>, Trouble> {
        match self.trouble() {
            Some(trouble) => Err(trouble),
            None => Ok(self.children.iter().find(|child| same_name(&child.name(), name)).cloned()),
        }
    }

    fn subkeys(&self) -> (Vec<Arc<dyn Node>>, Vec<Trouble>) {
        match self.trouble() {
            Some(trouble) => (Vec::new(), vec![trouble]),
            None => (self.children.clone(), Vec::new()),
        }
    }

    fn link(&self) -> Option<String> {
        self.link.clone()
    }

    fn values(&self) -> (Vec<Value>, Vec<Trouble>) {
        match self.trouble() {
            Some(trouble) => (Vec::new(), vec![trouble]),
            None => (self.values.clone(), Vec::new()),
        }
    }
}
