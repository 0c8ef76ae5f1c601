//! Every read of a scan fails once, in every way that it can: no fault goes by without a gap or an error.
//!
//! A scan of a small world is watched first: each place that it looks at, lists, opens or reads is one point of the
//! sweep. Then the world is scanned again for each point and each error, which that point alone gives. A scan whose
//! gaps are the same as without the fault has hidden it.
//!
//! A part of the sweep runs by default; `DEBAR_FAULTS=all cargo test --test it faults` runs all of it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use crate::support::image;
use crate::support::world;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use debar::bytes::ReadAt;
use debar::collector::support::interest::AllCollectors;
use debar::fs::Root;
use debar::fs::tree::{Listed, Stat, Tree};
use debar::image::{ImageOptions, Wanted, open_folder};
use debar::model::Artifact;
use debar::model::TargetKind;
use debar::model::{Gap, GapKind};
use debar::registry::Memory as Registry;
use debar::scan::{Observed, Options, observe};
use debar::target::Target;
use rustix::io::Errno;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Stat,
    List,
    Open,
    Read,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// The operation gives this error.
    Error(Errno),
    /// A directory gives half of its names and then an error.
    Half,
    /// A file ends before its size says so.
    Cut,
    /// Reads give fewer bytes than asked for, which is no fault: nothing may change.
    Slow,
    /// The operation does not return.
    Hang,
}

/// Errors that a kernel gives for a place that is there. Not there (`ENOENT`) is an answer, except for a file that
/// was checked and is opened now.
const ERRORS: &[Errno] = &[Errno::ACCESS, Errno::IO, Errno::STALE, Errno::LOOP, Errno::NOMEM, Errno::MFILE];

impl Operation {
    fn faults(self) -> Vec<Wrong> {
        let mut faults: Vec<Wrong> = ERRORS.iter().copied().map(Wrong::Error).collect();
        match self {
            Operation::Stat => {}
            Operation::List => faults.push(Wrong::Half),
            Operation::Open => faults.push(Wrong::Error(Errno::NOENT)),
            Operation::Read => faults.extend([Wrong::Cut, Wrong::Slow]),
        }
        faults
    }
}

/// A place and what is done there.
type Point = (Operation, Vec<u8>);

#[derive(Debug)]
struct Plan {
    point: Point,
    wrong: Wrong,
    /// Only this one of the operations on the point, counted from 0; every one when `None`.
    only: Option<usize>,
}

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    /// Each point and how often it was come by.
    seen: Mutex<BTreeMap<Point, usize>>,
    hits: AtomicUsize,
    /// Set when the test is over: what hangs goes on.
    over: AtomicBool,
}

impl State {
    /// What goes wrong at an operation, if it is the one.
    fn at(&self, operation: Operation, path: &[u8]) -> Option<Wrong> {
        let before = {
            let mut seen = self.seen.lock().unwrap();
            let count = seen.entry((operation, path.to_vec())).or_insert(0);
            *count += 1;
            *count - 1
        };
        let plan = self.plan.as_ref()?;
        let is_it =
            plan.point.0 == operation && plan.point.1 == path && plan.only.is_none_or(|only| only == before);
        if !is_it {
            return None;
        }
        self.hits.fetch_add(1, Ordering::Relaxed);
        if plan.wrong == Wrong::Hang {
            while !self.over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Some(plan.wrong)
    }
}

fn fails(wrong: Option<Wrong>) -> io::Result<()> {
    match wrong {
        Some(Wrong::Error(errno)) => Err(io::Error::from_raw_os_error(errno.raw_os_error())),
        _ => Ok(()),
    }
}

/// A tree in which one point fails.
struct Faulty {
    tree: Arc<dyn Tree>,
    state: Arc<State>,
}

struct FaultyFile {
    file: Box<dyn ReadAt>,
    path: Vec<u8>,
    state: Arc<State>,
}

impl Tree for Faulty {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        fails(self.state.at(Operation::Stat, path))?;
        self.tree.stat(path)
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        let mut names = Vec::new();
        self.list_into(path, &mut names)?;
        Ok(names)
    }

    fn list_into(&self, path: &[u8], names: &mut Vec<Listed>) -> io::Result<()> {
        let wrong = self.state.at(Operation::List, path);
        fails(wrong)?;
        self.tree.list_into(path, names)?;
        if wrong == Some(Wrong::Half) {
            names.truncate(names.len() / 2);
            return Err(io::Error::from_raw_os_error(Errno::IO.raw_os_error()));
        }
        Ok(())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        fails(self.state.at(Operation::Open, path))?;
        let file = self.tree.open(path)?;
        Ok(Box::new(FaultyFile { file, path: path.to_vec(), state: Arc::clone(&self.state) }))
    }
}

impl ReadAt for FaultyFile {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let wrong = self.state.at(Operation::Read, &self.path);
        fails(wrong)?;
        match wrong {
            // A byte before its end. An empty file has none to lose.
            Some(Wrong::Cut) => {
                let left = self.size().saturating_sub(1).saturating_sub(offset);
                let length = usize::try_from(left).unwrap().min(buf.len());
                self.file.read_at(offset, &mut buf[..length])
            }
            Some(Wrong::Slow) => {
                let length = buf.len().min(1 + buf.len() / 2);
                self.file.read_at(offset, &mut buf[..length])
            }
            _ => self.file.read_at(offset, buf),
        }
    }
}

/// What a scan came to: an error before it began, or its artifacts and gaps.
#[derive(Debug, PartialEq)]
struct Came {
    artifacts: Vec<String>,
    gaps: BTreeSet<Gap>,
    error: Option<String>,
}

fn observed(target: Target, timeout: Option<Duration>) -> Came {
    let options = Options { timeout, threads: 2, ..Options::default() };
    let Observed { mut kept, gaps, .. } =
        observe(&Arc::new(target), &options, &Arc::default(), |artifact: Artifact| {
            Some(format!("{artifact:?}"))
        });
    kept.sort();
    Came { artifacts: kept, gaps: gaps.into_iter().collect(), error: None }
}

/// How a tree is scanned.
type Scan = fn(Root, Option<Duration>) -> Came;

fn as_directory(root: Root, timeout: Option<Duration>) -> Came {
    observed(Target::new(TargetKind::Directory, "world", root), timeout)
}

fn as_layout(root: Root, timeout: Option<Duration>) -> Came {
    let options = Arc::new(ImageOptions::new(Arc::new(AllCollectors::new(false)), None));
    let failed = |error: String| Came { artifacts: Vec::new(), gaps: BTreeSet::new(), error: Some(error) };
    match open_folder(&Arc::new(root), Wanted::OCI, &options) {
        Err(error) => failed(format!("{error:?}")),
        // Of a folder that names no image, the command says so and ends; `oci-dir:` means that it must.
        Ok(None) => failed("it has no index.json that lists an image".to_owned()),
        Ok(Some(mut images)) => {
            let target = Target::of_image("world", images.next().unwrap(), |_| ());
            observed(target, timeout)
        }
    }
}

struct Sweep {
    name: &'static str,
    tree: Arc<dyn Tree>,
    scan: Scan,
}

impl Sweep {
    fn run(&self, plan: Option<Plan>, timeout: Option<Duration>) -> (Came, Arc<State>) {
        let state = Arc::new(State { plan, ..State::default() });
        let tree = Faulty { tree: Arc::clone(&self.tree), state: Arc::clone(&state) };
        let came = (self.scan)(Root::new(Box::new(tree)), timeout);
        state.over.store(true, Ordering::Relaxed);
        (came, state)
    }

    /// Injects every fault at every point, or every `step`th; returns how many, and which went by in silence.
    fn sweep(&self, step: usize) -> (usize, Vec<String>) {
        let (sound, state) = self.run(None, None);
        assert_eq!(sound.error, None, "{}", self.name);
        let seen = state.seen.lock().unwrap().clone();
        let mut faults: Vec<(Point, Wrong, Option<usize>)> = Vec::new();
        for (point, count) in &seen {
            faults.extend(point.0.faults().into_iter().map(|wrong| (point.clone(), wrong, None)));
            // Once only: the other looks at the same place succeed and must not hide it.
            let once = (0..(*count).min(4)).map(|only| (point.clone(), Wrong::Error(Errno::IO), Some(only)));
            faults.extend(once.filter(|_| *count > 1));
        }
        let mut injected = 0;
        let mut silent = Vec::new();
        for (point, wrong, only) in faults.into_iter().step_by(step) {
            let plan = Plan { point: point.clone(), wrong, only };
            let (came, state) = self.run(Some(plan), None);
            if state.hits.load(Ordering::Relaxed) == 0 {
                continue;
            }
            let what = || {
                let only = only.map(|only| format!(" (time {only})")).unwrap_or_default();
                format!(
                    "{}: {wrong:?} at {:?} {}{only}",
                    self.name,
                    point.0,
                    String::from_utf8_lossy(&point.1)
                )
            };
            // Of an empty file, or of the head of a longer one, nothing was cut that is read.
            let same = came == sound;
            match wrong {
                Wrong::Slow if same => {}
                Wrong::Slow => silent.push(format!("{} changed the report", what())),
                _ => {
                    injected += 1;
                    let told = came.error.is_some() || came.gaps.difference(&sound.gaps).next().is_some();
                    let harmless = wrong == Wrong::Cut && same;
                    if !told && !harmless {
                        silent.push(what());
                    }
                }
            }
        }
        (injected, silent)
    }

    /// What is read when a target is opened, before the clock of its scan runs (the command has one around that).
    fn read_at_opening(&self) -> BTreeMap<Point, usize> {
        let state = Arc::<State>::default();
        let tree = Faulty { tree: Arc::clone(&self.tree), state: Arc::clone(&state) };
        drop(Target::new(TargetKind::Directory, "world", Root::new(Box::new(tree))));
        let seen = state.seen.lock().unwrap();
        seen.clone()
    }

    /// Lets operations hang, every `step`th point: the scan ends, and says at which place.
    fn hang(&self, step: usize) -> (usize, Vec<String>) {
        let (sound, state) = self.run(None, None);
        let seen: Vec<Point> = state.seen.lock().unwrap().keys().cloned().collect();
        let mut injected = 0;
        let mut silent = Vec::new();
        let opening = self.read_at_opening();
        for point in seen.into_iter().step_by(step).filter(|point| !opening.contains_key(point)) {
            let plan = Plan { point: point.clone(), wrong: Wrong::Hang, only: None };
            let start = Instant::now();
            let (came, state) = self.run(Some(plan), Some(Duration::from_millis(700)));
            if state.hits.load(Ordering::Relaxed) == 0 {
                continue;
            }
            injected += 1;
            let late = start.elapsed() > Duration::from_secs(30);
            let told = came.gaps.difference(&sound.gaps).any(|gap| gap.kind == GapKind::TimedOut);
            if late || !told {
                silent.push(format!(
                    "{}: a hang at {:?} {}, late: {late}",
                    self.name,
                    point.0,
                    String::from_utf8_lossy(&point.1)
                ));
            }
        }
        (injected, silent)
    }
}

fn all() -> bool {
    std::env::var_os("DEBAR_FAULTS").is_some_and(|value| value == "all")
}

fn check((injected, silent): (usize, Vec<String>), name: &str, at_least: usize) {
    eprintln!("{name}: {injected} faults injected, {} silent", silent.len());
    assert!(injected >= at_least, "{name}: only {injected} faults");
    assert!(silent.is_empty(), "{} of {injected}:\n{}", silent.len(), silent.join("\n"));
}

fn linux() -> Sweep {
    Sweep { name: "linux", tree: Arc::new(world::in_memory(&world::names())), scan: as_directory }
}

#[test]
fn no_fault_on_a_linux_is_silent() {
    check(linux().sweep(if all() { 1 } else { 61 }), "linux", if all() { 3_000 } else { 40 });
}

#[test]
fn no_hang_on_a_linux_is_silent() {
    check(linux().hang(if all() { 4 } else { 97 }), "linux, hanging", 5);
}

#[test]
fn no_fault_on_a_windows_disk_is_silent() {
    let tree = Arc::new(world::in_memory(&world::windows::names()));
    let sweep = Sweep { name: "windows", tree, scan: as_directory };
    check(sweep.sweep(if all() { 1 } else { 61 }), "windows", if all() { 1_000 } else { 15 });
}

#[test]
fn no_fault_on_a_mac_is_silent() {
    let tree = Arc::new(world::in_memory(&world::macos::names()));
    let sweep = Sweep { name: "macos", tree, scan: as_directory };
    check(sweep.sweep(if all() { 1 } else { 61 }), "macos", if all() { 1_000 } else { 15 });
}

/// An image as a folder: its index, manifest, configuration and layers fail.
#[test]
fn no_fault_in_an_image_is_silent() {
    let scratch = tempfile::tempdir().unwrap();
    let layout = scratch.path().join("layout");
    image::oci_folder(&image::of_names(&world::names(), 1), &layout);
    let tree = Arc::new(debar::fs::directory::Directory::open(&layout).unwrap());
    let sweep = Sweep { name: "image", tree, scan: as_layout };
    check(sweep.sweep(if all() { 1 } else { 7 }), "image", 10);
}

/// Hives of several blocks and their logs, in which each read fails by itself: the first may be whole and the last not.
#[test]
fn no_fault_of_a_single_read_of_a_hive_is_silent() {
    let names = large_hives();
    let hives: Vec<Vec<u8>> = names.iter().map(|(path, _)| path.clone()).collect();
    let tree = Arc::new(world::in_memory(&names));
    let sweep = Sweep { name: "hives", tree, scan: as_directory };
    let (sound, state) = sweep.run(None, None);
    assert!(sound.gaps.iter().all(|gap| !gap.place.contains("config")), "{:?}", sound.gaps);
    let seen = state.seen.lock().unwrap().clone();
    let (mut injected, mut silent) = (0, Vec::new());
    for path in hives {
        let point = (Operation::Read, path);
        let reads = seen.get(&point).copied().unwrap_or_default();
        assert!(reads > 2, "{} is read {reads} times", String::from_utf8_lossy(&point.1));
        // Whatever fails for good after the n-th read fails at the n-th, so each alone is the harder case.
        for at in 0..reads {
            for wrong in [Wrong::Error(Errno::IO), Wrong::Error(Errno::STALE), Wrong::Cut] {
                let (came, state) =
                    sweep.run(Some(Plan { point: point.clone(), wrong, only: Some(at) }), None);
                if state.hits.load(Ordering::Relaxed) == 0 {
                    continue;
                }
                injected += 1;
                let is_same = came.artifacts == sound.artifacts;
                // A read that gives too little is asked again: it may lose nothing.
                let may_be_whole = wrong == Wrong::Cut && is_same;
                if came.gaps.difference(&sound.gaps).next().is_none() && !may_be_whole {
                    silent.push(format!("{wrong:?} at read {at} of {}", String::from_utf8_lossy(&point.1)));
                }
            }
        }
    }
    check((injected, silent), "reads of hives", 20);
}

/// Hives of some hundred KiB, with what is looked for at both ends.
fn large_hives() -> Vec<world::Name> {
    let mut software = world::hive::Hive::new();
    let mut system = world::hive::Hive::new();
    software.text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows 10 Pro");
    system.number("Select", "Current", 1);
    for at in 0..600 {
        let uninstall = format!(r"Microsoft\Windows\CurrentVersion\Uninstall\Tool {at:04}");
        software.text(&uninstall, "DisplayName", &format!("Tool {at} {}", "x".repeat(100)));
        let service = format!(r"ControlSet001\Services\tool{at:04}");
        system.number(&service, "Type", 0x10);
        system.text(&service, "ImagePath", &format!(r"C:\Program Files\{}\{at}.exe", "y".repeat(60)));
    }
    let file = |path: &str, bytes| (path.as_bytes().to_vec(), world::Kind::File(bytes));
    vec![
        file("Windows/System32/config/SOFTWARE", software.bytes()),
        file("Windows/System32/config/SYSTEM", system.bytes()),
    ]
}

/// A registry in which every look at a key fails once.
#[test]
fn no_fault_in_a_registry_is_silent() {
    let scan = |fails_at: usize| {
        let looks = Arc::new(AtomicUsize::new(0));
        let files = world::in_memory(&world::windows::names());
        let target = Target::new(TargetKind::Directory, "world", Root::new(Box::new(files)))
            .with_registry(registry().failing_at(fails_at, Arc::clone(&looks)));
        let came = observed(target, None);
        (came, looks.load(Ordering::Relaxed))
    };
    let (sound, looks) = scan(usize::MAX);
    assert!(looks > 100, "{looks}");
    let mut silent = Vec::new();
    let mut injected = 0;
    for at in (0..looks).step_by(if all() { 1 } else { 17 }) {
        let (came, made) = scan(at);
        if made <= at {
            continue;
        }
        injected += 1;
        if came.gaps.difference(&sound.gaps).next().is_none() {
            silent.push(format!("look {at} of {looks}"));
        }
    }
    check((injected, silent), "registry", 10);
}

fn registry() -> Registry {
    let current = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
    Registry::new()
        .user("S-1-5-21-1", "u")
        .value(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows 10 Pro")
        .value(&format!(r"{current}\Uninstall\Tool"), "DisplayName", "Tool")
        .value(&format!(r"{current}\Run"), "Tool", r"C:\Program Files\Example\tool.exe /x")
        .value(r"HKLM\SOFTWARE\Microsoft\Security Center\Provider\Av\{1}", "DISPLAYNAME", "Antivirus")
        .value(r"HKLM\SOFTWARE\Microsoft\AMSI\Providers\{2}", "", "Example")
        .value(r"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\Paths", r"C:\Example", 0u32)
        .value(r"HKLM\SOFTWARE\ExampleVendor\Tool", "Version", "1")
        .value(r"HKLM\SYSTEM\Select", "Current", 1u32)
        .value(r"HKLM\SYSTEM\ControlSet001\Services\tool", "Type", 0x10u32)
        .value(r"HKLM\SYSTEM\ControlSet001\Services\tool", "ImagePath", r"C:\Program Files\tool.exe")
        .value(r"HKLM\SYSTEM\ControlSet001\Services\filter", "Type", 2u32)
        .value(r"HKU\S-1-5-21-1\Software\Example\Tool", "Version", "1")
        .value(r"HKU\S-1-5-21-1\Software\Google\Chrome\NativeMessagingHosts\example", "", r"C:\host.json")
}
