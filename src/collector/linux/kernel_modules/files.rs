//! The modules on disk, kernel by kernel.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{ReadAt, Salvaged};
use crate::collector::Sink;
use crate::format::container::decompress::{self, Compression};
use crate::format::executable::{
    ends_at_once,
    modinfo::{self, ModInfo},
};
use crate::format::text::kernel_lists::{self, canonical, module_name, uncompressed};
use crate::fs::Found;
use crate::fs::tree::join;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Bytes read of a list.
const MAX_LIST: usize = 32 << 20;
/// Bytes read of a compressed module, and of what comes out.
const MAX_MODULE: usize = 64 << 20;

/// Defines what is read below the folders that hold one folder a kernel.
macro_rules! kernel_reads {
    ($($folder:literal)*) => {
        const KERNELS: &[&str] = &[$(concat!($folder, "/*"),)*];
        /// What is listed and read.
        pub(super) const READS: &[&str] = &[
            "proc/modules",
            "sys/module/*/version",
            "etc/modules",
            "etc/modules-load.d/*.conf",
            "run/modules-load.d/*.conf",
            "usr/local/lib/modules-load.d/*.conf",
            "usr/lib/modules-load.d/*.conf",
            "lib/modules-load.d/*.conf",
            "var/lib/dkms/*/*/source/dkms.conf",
            "var/lib/dkms/*/*/",
            "usr/src/*/dkms.conf",
            $(
                concat!($folder, "/*/"),
                concat!($folder, "/*/modules.dep"),
                concat!($folder, "/*/modules.order"),
                concat!($folder, "/*/modules.builtin"),
                concat!($folder, "/*/extra/*.ko*"),
                concat!($folder, "/*/extra/*/*.ko*"),
                concat!($folder, "/*/extra/*/*/*.ko*"),
                concat!($folder, "/*/updates/*.ko*"),
                concat!($folder, "/*/updates/*/*.ko*"),
                concat!($folder, "/*/updates/*/*/*.ko*"),
                concat!($folder, "/*/weak-updates/*.ko*"),
                concat!($folder, "/*/weak-updates/*/*.ko*"),
                concat!($folder, "/*/misc/*.ko*"),
            )*
        ];
    };
}

kernel_reads! { "lib/modules" "usr/lib/modules" }

pub(super) const AUTOLOAD: &[&str] = &[
    "etc/modules",
    "etc/modules-load.d/*.conf",
    "run/modules-load.d/*.conf",
    "usr/local/lib/modules-load.d/*.conf",
    "usr/lib/modules-load.d/*.conf",
    "lib/modules-load.d/*.conf",
];
/// What DKMS built, by name and version, also where the sources are gone.
pub(super) const DKMS_BUILT: &str = "var/lib/dkms/*/*/";
pub(super) const DKMS: &[&str] = &["var/lib/dkms/*/*/source/dkms.conf", "usr/src/*/dkms.conf"];

/// What lies below the kernels' folders.
#[derive(Default)]
pub(super) struct Files {
    /// The modules that are not the kernel's own.
    pub modules: Vec<Artifact>,
    by_name: BTreeMap<Vec<u8>, usize>,
    /// Every module of every kernel, built-in ones too.
    names: BTreeSet<Vec<u8>>,
    /// Files that an artifact stands for.
    seen: BTreeSet<Vec<u8>>,
}

impl Files {
    pub(super) fn of(target: &Target, sink: &mut Sink<'_>) -> Files {
        let mut files = Files::default();
        // The folders for modules that do not come with the kernel.
        let others: Vec<&str> = READS.iter().copied().filter(|pattern| pattern.ends_with(".ko*")).collect();
        for found in sink.files(&target.root, &others) {
            files.read(target, sink, &found);
        }
        let mut kernels = BTreeSet::new();
        for pattern in KERNELS {
            for kernel in sink.glob(&target.root, pattern) {
                if kernel.is_directory() && kernels.insert(kernel.real.clone()) {
                    files.kernel(target, sink, &kernel);
                }
            }
        }
        files
    }

    /// The file of a module that is not the kernel's own.
    pub(super) fn module(&self, name: &[u8]) -> Option<&Artifact> {
        self.modules.get(*self.by_name.get(name)?)
    }

    /// Whether any kernel has a module of that name.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        let name = canonical(name);
        self.names.contains(&name) || self.by_name.contains_key(&name)
    }

    fn kernel(&mut self, target: &Target, sink: &mut Sink<'_>, kernel: &Found) {
        let list = |sink: &mut Sink<'_>, name: &[u8]| {
            sink.read_path(&target.root, &join(&kernel.path, name), MAX_LIST)
        };
        let builtin = list(sink, b"modules.builtin").unwrap_or_default();
        self.names.extend(kernel_lists::files(&builtin).filter_map(module_name));
        let Some(files) = list(sink, b"modules.dep") else { return };
        self.names.extend(kernel_lists::files(&files).filter_map(module_name));
        // Without the kernel's own list nothing shows which of them are its own.
        let Some(own) = list(sink, b"modules.order") else { return };
        let own: BTreeSet<&[u8]> = kernel_lists::files(&own).collect();
        for file in kernel_lists::files(&files).filter(|file| !own.contains(uncompressed(file))) {
            self.unread(target, sink, kernel, file);
        }
    }

    /// A module that was found and may be opened.
    fn read(&mut self, target: &Target, sink: &mut Sink<'_>, found: &Found) {
        let Some(name) = module_name(&found.path).filter(|_| self.seen.insert(found.real.to_vec())) else {
            return;
        };
        let info = target.root.open_found(found).map(|file| information(file.as_ref()));
        let info = info.unwrap_or_else(|fault| {
            sink.fault(fault);
            Salvaged::whole(ModInfo::default())
        });
        sink.damage(&found.path, &info.damage);
        let info = info.value;
        // A kernel's folder without the kernel's own files outlived it.
        let kernel = found.path.split(|&byte| byte == b'/').take_while(|name| !is_others(name));
        let kernel = kernel.collect::<Vec<_>>().join(&b'/');
        let own: [&[u8]; 2] = [b"kernel", b"modules.builtin"];
        let state = if own.iter().all(|name| target.root.is_gone(&join(&kernel, name))) {
            State::Remnant
        } else {
            State::Installed
        };
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(state)
            .with(Field::Name, text_of(&name))
            .with_some(Field::Version, info.first("version"))
            .with_many(Field::Description, info.all("description"))
            .with_many(Field::Author, info.all("author"))
            .with_some(Field::License, info.first("license"))
            .with_some(Field::Signer, info.signer.as_deref())
            .with_many(Field::Depends, info.depends())
            .with(Field::Type, "file")
            .with(Field::Path, shown(&found.path));
        self.push(name, artifact);
    }

    /// A module among the kernel's own files that is not one of them.
    fn unread(&mut self, target: &Target, sink: &Sink<'_>, kernel: &Found, file: &[u8]) {
        // Old lists have absolute paths.
        let path = if file.starts_with(b"/") { file.to_vec() } else { join(&kernel.path, file) };
        let found = target.root.find(&path);
        let real = found.as_ref().map_or(path.clone(), |found| found.real.to_vec());
        let Some(name) = module_name(file).filter(|_| self.seen.insert(real)) else { return };
        let path = crate::fs::root::normalise(&path);
        let state = if target.root.is_gone(&path) { State::Remnant } else { State::Installed };
        let artifact = Artifact::new(sink.collector(), Location::path(&path))
            .state(state)
            .with(Field::Name, text_of(&name))
            .with(Field::Type, "file")
            .with(Field::Path, shown(&path));
        self.push(name, artifact);
    }

    fn push(&mut self, name: Vec<u8>, artifact: Artifact) {
        self.by_name.entry(name).or_insert(self.modules.len());
        self.modules.push(artifact);
    }
}

fn is_others(name: &[u8]) -> bool {
    matches!(name, b"extra" | b"updates" | b"weak-updates" | b"misc")
}

/// What a module says of itself; compressed ones are unpacked first.
fn information(file: &dyn ReadAt) -> Salvaged<ModInfo> {
    let head = match file.read_vec(0, 8) {
        Ok(head) => head,
        Err(error) => return Salvaged::lost(error),
    };
    let (unpacked, mut damage) = match Compression::of(&head) {
        None => (None, Vec::new()),
        Some(compression) => match file.read_vec(0, MAX_MODULE) {
            Ok(bytes) => {
                let unpacked = decompress::bounded(&bytes, compression, MAX_MODULE);
                (Some(unpacked.value), unpacked.damage)
            }
            Err(error) => return Salvaged::lost(error),
        },
    };
    let info = match &unpacked {
        Some(bytes) => modinfo::read(bytes),
        None => modinfo::read(file),
    };
    match info {
        Some(info) => {
            damage.extend(info.damage);
            Salvaged { value: info.value, damage }
        }
        None => {
            damage.extend(ends_at_once(&head, true));
            Salvaged { value: ModInfo::default(), damage }
        }
    }
}
