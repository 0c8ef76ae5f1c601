//! Targets: what is scanned.
//!
//! [`Root`] gives collectors read-only access to a target's files, whatever kind of [`crate::fs::tree::Tree`] is below:
//! a directory of this host, a tree in memory, an image.

use std::sync::{Arc, OnceLock};

use crate::fs::Root;
use crate::host::os;
use crate::image;
use crate::model::{Gap, Os, OsIdentity, TargetKind};
use crate::registry::Registry;

/// Names at the top of a system's disk; `bin` and `lib` alone are those of many a build folder.
const SYSTEM_NAMES: &[&str] = &[
    "$Extend",
    "$Recycle.Bin",
    "$WINDOWS.~BT",
    "boot",
    "bootmgr",
    "dev",
    "Documents and Settings",
    "etc",
    "home",
    "Library",
    "lost+found",
    "pagefile.sys",
    "private",
    "proc",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
    "Recovery",
    "RECYCLER",
    "root",
    "sbin",
    "swapfile.sys",
    "sys",
    "System",
    "System Volume Information",
    "System32",
    "Users",
    "usr",
    "var",
    "Volumes",
    "Windows",
    "Windows.old",
    "WinNT",
];
/// How long a registry is waited for before places are the usual ones.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What is scanned.
pub struct Target {
    /// What kind of thing it is.
    pub kind: TargetKind,
    /// What the user called it; `this host` for the live one.
    pub name: String,
    /// Where it lies on this machine: an absolute path as `debar scan` takes it.
    pub place: Option<String>,
    /// The operating system recognised from its files; [`Target::identity`] knows more of a Windows.
    pub os: OsIdentity,
    /// The families of operating systems that there are signs of, its own first; empty when there are none.
    pub families: Vec<Os>,
    /// Its files.
    pub root: Arc<Root>,
    /// Walk the whole target, not only the places where programs are installed.
    pub deep: bool,
    registry: OnceLock<Registry>,
    /// Whether it is known where things lie.
    learnt: OnceLock<()>,
    /// For images: what is known besides the files.
    pub image: Option<Arc<image::ImageInfo>>,
    /// For images: what later layers removed or replaced.
    pub lost: Vec<Arc<Root>>,
    /// What could not be read when the target was opened.
    pub gaps: Vec<Gap>,
    /// For images: the archive or folder that holds it.
    source: Option<Arc<Root>>,
    /// Whether these are only the files that later layers of an image removed or replaced.
    pub is_earlier: bool,
}

impl Target {
    /// A target over a root; its operating system is recognised from its files.
    pub fn new(kind: TargetKind, name: impl Into<String>, root: Root) -> Self {
        let recognised = os::identify(&root);
        Target::recognised(kind, name, root, recognised)
    }

    /// The running system: which one it is, its files do not decide.
    pub fn running(name: impl Into<String>, root: Root) -> Self {
        let recognised =
            os::running().map_or_else(|| os::identify(&root), |os| os::identify_running(&root, os));
        Target::recognised(TargetKind::Host, name, root, recognised)
    }

    fn recognised(
        kind: TargetKind,
        name: impl Into<String>,
        mut root: Root,
        recognised: os::Recognised,
    ) -> Self {
        if recognised.families.contains(&Os::Windows) {
            root.fold_case();
        }
        if recognised.families.contains(&Os::Macos) {
            root.fold_names();
        }
        if let Some(windows) = &recognised.windows {
            root.set_windows(windows);
        }
        if kind == TargetKind::Image {
            root.set_whole();
        }
        Target {
            kind,
            name: name.into(),
            os: recognised.identity,
            families: recognised.families,
            root: Arc::new(root),
            deep: false,
            registry: OnceLock::new(),
            learnt: OnceLock::new(),
            image: None,
            lost: Vec::new(),
            gaps: Vec::new(),
            source: None,
            is_earlier: false,
            place: None,
        }
    }

    /// Whether it is a folder of files that never was a system: some files, and nothing at its top that systems have. The
    /// root of a disk without its system files has such names, and an empty mount point has no files.
    pub fn is_folder(&self) -> bool {
        if self.kind != TargetKind::Directory || self.os.os.is_some() {
            return false;
        }
        let Ok(names) = self.root.list(b"") else { return false };
        let of_system =
            |name: &[u8]| SYSTEM_NAMES.iter().any(|system| name.eq_ignore_ascii_case(system.as_bytes()));
        !names.is_empty() && !names.iter().any(|listed| of_system(&listed.name))
    }

    /// Its operating system; of a Windows whose registry was opened also version and edition.
    pub fn identity(&self) -> OsIdentity {
        let mut os = self.os.clone();
        if let Some(registry) = self.opened_registry().filter(|_| os.os == Some(Os::Windows)) {
            os::refine(&mut os, registry);
        }
        os
    }

    /// Gives the target a registry other than that of its hive files; for tests.
    #[must_use]
    pub fn with_registry(self, registry: impl Into<Registry>) -> Self {
        Target { registry: OnceLock::from(registry.into()), ..self }
    }

    /// Its registry, if the caller has opened it: to ask for more may take long on a sick disk.
    pub fn opened_registry(&self) -> Option<&Registry> {
        self.registry.get()
    }

    /// Opens the registry on a thread of its own and waits for it no longer than this.
    pub fn open_registry_within(self: &Arc<Self>, limit: Option<std::time::Duration>) {
        let (sender, receiver) = std::sync::mpsc::channel();
        let target = Arc::clone(self);
        let opening = std::thread::Builder::new().name("registry".to_owned()).spawn(move || {
            target.registry();
            // Dropping it ends the waiting.
            drop(sender);
        });
        if opening.is_ok() {
            let _: Result<(), _> = match limit {
                Some(limit) => receiver.recv_timeout(limit).map_err(drop),
                None => receiver.recv().map_err(drop),
            };
        }
    }

    /// Waits until it is known where this system keeps users, programs and their data: patterns hold there only then.
    /// A registry that does not open, on a sick disk, is waited for a while only.
    pub fn learn_places(self: &Arc<Self>) {
        if self.may_be(Os::Windows) && self.registry.get().is_none() {
            self.open_registry_within(Some(PATIENCE));
        }
        self.learnt.get_or_init(|| crate::host::places::learn(&self.root, &self.families, self.is_live()));
    }

    /// Its registry, opened when it is first asked for; empty where there is none.
    pub fn registry(&self) -> &Registry {
        self.registry.get_or_init(|| Registry::of(self.kind, &self.root))
    }

    /// The reads that failed and that no gap reports; see [`crate::fs::ledger`].
    pub fn unreported<'a>(&self, gaps: impl Iterator<Item = &'a Gap> + Clone) -> Vec<Gap> {
        let mut unreported = self.root.ledger().unreported(gaps.clone());
        if let Some(source) = &self.source {
            unreported.extend(source.ledger().unreported(gaps.clone()));
        }
        if let Some(registry) = self.registry.get() {
            unreported.extend(registry.ledger().unreported(gaps));
        }
        unreported
    }

    /// An image that was opened.
    pub fn of_image(
        name: impl Into<String>,
        image: image::Image,
        mut prepare: impl FnMut(&mut Root),
    ) -> Self {
        let mut root = Root::new(Box::new(image.tree));
        prepare(&mut root);
        let mut target = Target::new(TargetKind::Image, name, root);
        let fold = target.may_be(Os::Windows);
        let lost = image.lost.into_iter().map(|tree| {
            let mut root = Root::new(Box::new(tree));
            prepare(&mut root);
            if fold {
                root.fold_case();
            }
            root.set_windows(target.root.windows());
            root.set_whole();
            Arc::new(root)
        });
        target.lost = lost.collect();
        target.gaps = image.gaps;
        target.source = Some(image.source);
        target.image = Some(Arc::new(image.info));
        target
    }

    /// The target with the files of an earlier state instead of its own.
    pub fn earlier(&self, root: &Arc<Root>) -> Self {
        Target {
            kind: self.kind,
            name: self.name.clone(),
            os: self.os.clone(),
            families: self.families.clone(),
            root: Arc::clone(root),
            deep: self.deep,
            registry: OnceLock::new(),
            learnt: OnceLock::new(),
            image: None,
            lost: Vec::new(),
            gaps: Vec::new(),
            source: None,
            is_earlier: true,
            place: None,
        }
    }

    /// Whether there are signs of a family of operating systems.
    pub fn may_be(&self, os: Os) -> bool {
        self.families.contains(&os)
    }

    /// Whether it is the live host.
    pub fn is_live(&self) -> bool {
        self.kind == TargetKind::Host
    }
}
