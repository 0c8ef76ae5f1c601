//! What lies in the unit folders: unit files, links among them, drop-ins.

use std::collections::{BTreeMap, BTreeSet};

use crate::collector::Sink;
use crate::format::text::systemd_unit::Unit;
use crate::fs::tree::{Kind as NodeKind, Listed, ListedKind, file_name, join, parent};
use crate::fs::{Fault, Found, RealPath};
use crate::model::GapKind;
use crate::target::Target;
use crate::text::shown;

/// Bytes read of one unit file or drop-in.
const LIMIT: usize = 1 << 20;
/// The most unit files, links and drop-ins of one manager, and the most bytes of them: a hostile tree must not
/// cost memory.
const MAX_NODES: usize = 100_000;
const MAX_READ: usize = 64 << 20;

/// Defines the folders of both managers, and everything that is read in them.
macro_rules! unit_folders {
    (system: [$($system:literal)*] user: [$($user:literal)*]) => {
        const SYSTEM: &[&str] = &[$($system,)*];
        const USER: &[&str] = &[$($user,)*];
        /// What is listed and read.
        pub(super) const READS: &[&str] = &[
            $(concat!($system, "/*"),)* $(concat!($user, "/*"),)*
            $(concat!($system, "/*.d/*.conf"),)* $(concat!($user, "/*.d/*.conf"),)*
            $(concat!($system, "/*.wants/*"),)* $(concat!($user, "/*.wants/*"),)*
            $(concat!($system, "/*.requires/*"),)* $(concat!($user, "/*.requires/*"),)*
            $(concat!($system, "/*.upholds/*"),)* $(concat!($user, "/*.upholds/*"),)*
            "etc/default/*", "etc/sysconfig/*", "etc/conf.d/*",
        ];
    };
}

unit_folders! {
    system: [
        "etc/systemd/system.control" "run/systemd/system.control" "run/systemd/transient"
        "run/systemd/generator.early" "etc/systemd/system" "etc/systemd/system.attached"
        "run/systemd/system" "run/systemd/system.attached" "run/systemd/generator"
        "usr/local/lib/systemd/system" "usr/lib/systemd/system" "lib/systemd/system"
        "run/systemd/generator.late"
    ]
    user: [
        "home/*/.config/systemd/user.control" "home/*/.config/systemd/user" "root/.config/systemd/user"
        "etc/systemd/user" "etc/xdg/systemd/user" "run/systemd/user"
        "home/*/.local/share/systemd/user" "root/.local/share/systemd/user"
        "usr/local/share/systemd/user" "usr/share/systemd/user" "usr/local/lib/systemd/user"
        "usr/lib/systemd/user" "lib/systemd/user" "var/lib/flatpak/exports/share/systemd/user"
    ]
}

/// The kinds of unit that start programs or say where their files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Service,
    Timer,
    Socket,
    Path,
    Mount,
    Automount,
}

impl Kind {
    const ALL: &[(Kind, &str)] = &[
        (Kind::Service, "service"),
        (Kind::Timer, "timer"),
        (Kind::Socket, "socket"),
        (Kind::Path, "path"),
        (Kind::Mount, "mount"),
        (Kind::Automount, "automount"),
    ];

    /// Whether units of this kind start others.
    pub(super) fn starts(self) -> bool {
        matches!(self, Kind::Timer | Kind::Socket | Kind::Path)
    }

    /// The kind that a unit's name says; `None` for targets and what is no unit.
    pub(super) fn of(name: &[u8]) -> Option<Kind> {
        let ending = name.iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > 0)?;
        let ending = name.get(ending + 1..)?;
        Kind::ALL.iter().find(|(_, word)| word.as_bytes() == ending).map(|(kind, _)| *kind)
    }

    pub(super) fn word(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// A unit file.
pub(super) struct UnitFile {
    pub name: Vec<u8>,
    pub kind: Kind,
    pub path: Vec<u8>,
    /// An empty file masks.
    pub is_empty: bool,
    pub unit: Unit,
}

/// What a link in a unit folder says.
pub(super) enum LinkKind {
    /// In a `.wants`, `.requires` or `.upholds` folder: something starts the unit of that name.
    Wanted,
    /// Another name of the unit named here.
    Alias(Vec<u8>),
    /// A link to `/dev/null`.
    Mask,
}

pub(super) struct Link {
    pub kind: LinkKind,
    pub name: Vec<u8>,
    pub path: Vec<u8>,
    /// Whether it was made on this machine, by an administrator or generator, and not shipped by a package.
    pub is_configured: bool,
}

/// A file that changes a unit.
pub(super) struct DropIn {
    pub path: Vec<u8>,
    pub bytes: Vec<u8>,
}

/// Everything in the folders of one manager, in the order of the load path.
#[derive(Default)]
pub(super) struct Scan {
    pub files: Vec<UnitFile>,
    pub links: Vec<Link>,
    /// By the unit that they change.
    pub drop_ins: BTreeMap<Vec<u8>, Vec<DropIn>>,
    /// Drop-ins that change several units, with the name of their folder.
    pub shared: Vec<(Vec<u8>, DropIn)>,
    seen: BTreeSet<RealPath>,
    folders: BTreeSet<RealPath>,
    read: usize,
}

/// The files that `EnvironmentFile=` names, each read once.
#[derive(Default)]
pub(super) struct Environment {
    files: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// The most files of environments.
const MAX_ENVIRONMENTS: usize = 1000;

impl Environment {
    /// What the files of a unit hold.
    pub(super) fn of(&mut self, target: &Target, sink: &mut Sink<'_>, unit: &Unit) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        for path in unit.environment_files.iter().filter(|path| path.starts_with(b"/")) {
            // A path with specifiers or wildcards is known to the running manager only.
            if path.iter().any(|byte| b"%*?[".contains(byte)) {
                continue;
            }
            let path = path.trim_ascii_end().strip_prefix(b"/").unwrap_or(path);
            if self.files.len() == MAX_ENVIRONMENTS && !self.files.contains_key(path) {
                let detail = format!("more than {MAX_ENVIRONMENTS} files of environments");
                sink.gap(GapKind::OverLimit, shown(path), detail);
                break;
            }
            if !self.files.contains_key(path) {
                let is_there = target.root.exists(path);
                let bytes = if is_there { sink.read_path(&target.root, path, LIMIT) } else { None };
                self.files.insert(path.to_vec(), bytes.unwrap_or_default());
            }
            files.extend(self.files.get(path).cloned());
        }
        files
    }
}

impl Scan {
    /// Reads the unit folders of the system's manager, or of the users' managers.
    pub(super) fn of(target: &Target, sink: &mut Sink<'_>, user: bool) -> Scan {
        let mut scan = Scan::default();
        let mut folders = Vec::new();
        for pattern in if user { USER } else { SYSTEM } {
            for found in sink.glob(&target.root, pattern) {
                // /lib may be /usr/lib.
                if found.is_directory() && scan.folders.insert(found.real.clone()) {
                    folders.push(found);
                }
            }
        }
        for folder in folders {
            for listed in scan.list(target, sink, &folder) {
                scan.node(target, sink, &folder, &listed);
            }
            if scan.is_full() {
                let detail = format!("more than {MAX_NODES} names or {MAX_READ} bytes of units");
                sink.gap(GapKind::OverLimit, shown(&folder.path), detail);
                break;
            }
        }
        scan
    }

    fn is_full(&self) -> bool {
        self.read > MAX_READ || self.seen.len() > MAX_NODES
    }

    fn list(&self, target: &Target, sink: &mut Sink<'_>, folder: &Found) -> Vec<Listed> {
        sink.list(&target.root, folder)
    }

    fn node(&mut self, target: &Target, sink: &mut Sink<'_>, folder: &Found, listed: &Listed) {
        if self.is_full() {
            return;
        }
        let name = listed.name.as_slice();
        let place = Place { path: join(&folder.path, name), real: folder.real.join(name) };
        if let Some(unit) = name.strip_suffix(b".d") {
            self.drop_in_folder(target, sink, &place, unit);
        } else if [".wants", ".requires", ".upholds"].iter().any(|ending| name.ends_with(ending.as_bytes())) {
            self.wants_folder(target, sink, &place);
        } else if let Some(kind) = Kind::of(name) {
            match listed.kind {
                ListedKind::Directory => {}
                ListedKind::Link => self.link(target, sink, &place, name, kind),
                ListedKind::File | ListedKind::Special => self.file(target, sink, &place, name, kind),
            }
        }
    }

    fn drop_in_folder(&mut self, target: &Target, sink: &mut Sink<'_>, place: &Place, unit: &[u8]) {
        // "service.d" changes every service, "a-.service.d" every one whose name starts so: not one unit's.
        let is_kind = Kind::ALL.iter().any(|(_, word)| word.as_bytes() == unit);
        let is_shared = is_kind || unit.windows(2).any(|pair| pair == b"-.");
        if Kind::of(unit).is_none() && !is_kind {
            return;
        }
        let Some(folder) = self.folder(target, sink, place) else { return };
        for listed in self.list(target, sink, &folder) {
            let real = folder.real.join(&listed.name);
            if self.is_full() || !listed.name.ends_with(b".conf") || !self.seen.insert(real) {
                continue;
            }
            let path = join(&folder.path, &listed.name);
            if let Some(bytes) = sink.read_path(&target.root, &path, LIMIT) {
                self.read += bytes.len();
                let drop_in = DropIn { path, bytes };
                if is_shared {
                    self.shared.push((unit.to_vec(), drop_in));
                } else {
                    self.drop_ins.entry(unit.to_vec()).or_default().push(drop_in);
                }
            }
        }
    }

    fn wants_folder(&mut self, target: &Target, sink: &mut Sink<'_>, place: &Place) {
        let Some(folder) = self.folder(target, sink, place) else { return };
        for listed in self.list(target, sink, &folder) {
            let real = folder.real.join(&listed.name);
            if !self.is_full() && Kind::of(&listed.name).is_some() && self.seen.insert(real) {
                let path = join(&folder.path, &listed.name);
                self.unit_of_wants(target, sink, &folder, &listed);
                self.links.push(Link::new(LinkKind::Wanted, listed.name, path));
            }
        }
    }

    /// What lies in such a folder itself, or outside of the unit folders: no unit folder has it.
    fn unit_of_wants(&mut self, target: &Target, sink: &mut Sink<'_>, folder: &Found, listed: &Listed) {
        let name = listed.name.as_slice();
        let place = Place { path: join(&folder.path, name), real: folder.real.join(name) };
        // Where it leads to nothing, the link is what is left.
        let Ok(found) = target.root.find(&place.real) else { return };
        let is_elsewhere = !self.folders.contains(parent(&found.real));
        let Some(kind) = Kind::of(name).filter(|_| is_elsewhere && !found.is_directory()) else { return };
        if found.real == place.real {
            self.unit(target, sink, &Found { path: place.path, ..found }, name, kind);
        } else {
            self.file(target, sink, &place, name, kind);
        }
    }

    fn folder(&self, target: &Target, sink: &mut Sink<'_>, place: &Place) -> Option<Found> {
        match target.root.find(&place.real) {
            Ok(found) if found.is_directory() => Some(Found { path: place.path.clone(), ..found }),
            Ok(_) => None,
            Err(fault) => {
                sink.fault(fault);
                None
            }
        }
    }

    fn file(&mut self, target: &Target, sink: &mut Sink<'_>, place: &Place, name: &[u8], kind: Kind) {
        match target.root.find(&place.real) {
            Ok(found) => {
                let found = Found { path: place.path.clone(), ..found };
                if self.seen.insert(found.real.clone()) {
                    self.unit(target, sink, &found, name, kind);
                }
            }
            Err(fault) => sink.fault(fault),
        }
    }

    fn unit(&mut self, target: &Target, sink: &mut Sink<'_>, found: &Found, name: &[u8], kind: Kind) {
        let mut unit = Unit::default();
        let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return };
        self.read += bytes.len();
        let parsed = unit.read(&bytes);
        sink.damage(&found.path, &parsed.damage);
        self.files.push(UnitFile {
            name: name.to_vec(),
            kind,
            path: found.path.clone(),
            is_empty: bytes.is_empty(),
            unit,
        });
    }

    /// A link masks, gives another name to a unit of these folders, or brings in a unit from elsewhere.
    fn link(&mut self, target: &Target, sink: &mut Sink<'_>, place: &Place, name: &[u8], kind: Kind) {
        let to = match target.root.find_no_follow(&place.real) {
            Ok(Found { stat, .. }) => match stat.kind {
                NodeKind::Link(to) => to,
                _ => return,
            },
            Err(fault) => return sink.fault(fault),
        };
        let mut push = |kind| self.links.push(Link::new(kind, name.to_vec(), place.path.clone()));
        if to.ends_with(b"/dev/null") {
            return push(LinkKind::Mask);
        }
        match target.root.find_strictly(&place.real) {
            Ok(found) if file_name(&found.real) != name && self.folders.contains(parent(&found.real)) => {
                push(LinkKind::Alias(file_name(&found.real).to_vec()));
            }
            Ok(found) if found.is_directory() => {}
            Ok(_) => self.file(target, sink, place, name, kind),
            // It leads to nothing: the unit that it named was removed.
            Err(Fault::Absent) if target.root.is_gone(&place.real) => match file_name(&to) {
                of if of == name || Kind::of(of).is_none() => push(LinkKind::Wanted),
                of => push(LinkKind::Alias(of.to_vec())),
            },
            // What another volume may have is not known; its name is.
            Err(fault) => {
                if matches!(fault, Fault::Unreadable { kind: GapKind::BrokenLink, .. }) {
                    push(LinkKind::Wanted);
                }
                sink.fault(fault);
            }
        }
    }
}

impl Link {
    fn new(kind: LinkKind, name: Vec<u8>, path: Vec<u8>) -> Link {
        let shipped = path.starts_with(b"usr/") || path.starts_with(b"lib/");
        Link { kind, name, path, is_configured: !shipped }
    }

    /// Whether it holds for every user of the manager.
    pub(super) fn is_for_all(&self) -> bool {
        !self.path.starts_with(b"home/") && !self.path.starts_with(b"root/")
    }
}

/// A name in a folder, as asked for and as the tree knows it.
struct Place {
    path: Vec<u8>,
    real: RealPath,
}
