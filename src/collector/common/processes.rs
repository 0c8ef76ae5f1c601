//! `processes`: what runs now.
//!
//! The system's own list of processes, with the least that it can be asked for. A process that ends while it is
//! checked is nothing; executables that the system hides from this account are one gap, with their number,
//! and the process is still recognised by its name and command line. debar leaves itself out.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use sysinfo::{
    Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, ThreadKind, UpdateKind, Users,
};

use super::program_files;
use crate::collector::{Applies, Collector, Sink};
use crate::host::{Executable, ProcessPlace, in_pid_namespace, process_place};
use crate::model::{Artifact, Field, GapKind, Location, Os, State, Value};
use crate::process::account;
use crate::target::Target;
use crate::text::text_of;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "processes",
    about: "Running processes: executable, command line, start, user, container.",
    applies: Applies::LIVE,
    reads: &["etc/passwd"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Path,
        Field::Cmdline,
        Field::Pid,
        Field::Parent,
        Field::User,
        Field::Uid,
        Field::StartTime,
        Field::OnDisk,
        Field::Container,
        Field::Version,
        Field::Company,
        Field::Product,
        Field::FileDescription,
        Field::OriginalFilename,
        Field::InternalName,
        Field::Signer,
        Field::SignerChain,
    ],
    run,
    visit: None,
};

/// The longest command line kept, in bytes.
const MAX_CMDLINE: usize = 1 << 16;
/// What a process takes over from the identity of its image; the rest is reported of the file.
const IMAGE: &[Field] = &[
    Field::Version,
    Field::Company,
    Field::Product,
    Field::FileDescription,
    Field::OriginalFilename,
    Field::InternalName,
    Field::Signer,
    Field::SignerChain,
];
/// Bytes read of the list of accounts.
const MAX_PASSWD: usize = 16 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut system = match System::new() {
        Ok(system) => system,
        Err(error) => return sink.gap(GapKind::Unreadable, "list of processes", error.to_string()),
    };
    let wanted = ProcessRefreshKind::nothing()
        .with_exe(UpdateKind::Always)
        .with_cmd(UpdateKind::Always)
        .with_user(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
    if system.processes().is_empty() {
        return sink.gap(GapKind::Denied, "list of processes", "the system shows no process");
    }
    if hides_others(target.os.os, |pid| system.process(Pid::from_u32(pid)).is_some()) {
        let detail =
            "the system shows only some processes (not the first one): /proc is mounted with hidepid";
        sink.gap(GapKind::Denied, "list of processes", detail);
    }
    let mut accounts = Accounts::of(target);
    let mut processes: Vec<&Process> = system.processes().values().collect();
    processes.sort_by_key(|process| process.pid());
    let (mut hidden, mut others) = (Vec::new(), 0);
    let mut images = Images::default();
    for process in processes {
        // Threads show as processes of their own.
        let is_thread = process.thread_kind() == Some(ThreadKind::Userland);
        if is_thread || process.pid().as_u32() == std::process::id() {
            continue;
        }
        others += 1;
        // Kernel threads and zombies have no executable, whatever the system answers.
        let place = if process.thread_kind() == Some(ThreadKind::Kernel) {
            ProcessPlace { executable: Executable::None, container: None }
        } else {
            process_place(process.pid().as_u32(), process.exe())
        };
        if place.executable == Executable::Denied && process.status() != ProcessStatus::Zombie {
            hidden.push(process.pid().to_string());
        }
        let artifact = artifact(sink, process, place, &mut accounts);
        let artifact = images.identify(target, artifact);
        sink.artifact(artifact);
    }
    if in_pid_namespace() {
        let (kind, detail) = namespace_gap(others);
        sink.gap(kind, "list of processes", detail);
    }
    hidden_gaps(sink, hidden);
}

/// Adds gaps for the processes whose executables the system hides.
fn hidden_gaps(sink: &mut Sink<'_>, mut hidden: Vec<String>) {
    let (_, elevated) = account();
    // Containers and sandboxes hide the first process even from root, who could not see it by another account either.
    if elevated && let Some(at) = hidden.iter().position(|pid| pid == "1") {
        hidden.remove(at);
        let detail = "the system does not show its executable, even to root";
        sink.gap(GapKind::HiddenExecutable, "process 1", detail);
    }
    if !hidden.is_empty() {
        let count = hidden.len();
        hidden.truncate(5);
        let more = if count > hidden.len() { ", …" } else { "" };
        let noun = if count == 1 { "executable" } else { "executables" };
        let detail = format!("the system hides {count} {noun} (of pid {}{more})", hidden.join(", "));
        sink.gap(GapKind::Denied, "list of processes", detail);
    }
}

/// What a list of processes lacks inside a namespace of them. Where nothing but debar is to be seen, nothing was read.
fn namespace_gap(others: usize) -> (GapKind, String) {
    match others {
        0 => (GapKind::Denied, "only debar itself is visible, in a namespace of its own".to_owned()),
        1 => (GapKind::PidNamespace, "only this container's 1 process is visible".to_owned()),
        count => (GapKind::PidNamespace, format!("only this container's {count} processes are visible")),
    }
}

/// Whether the list leaves out other accounts' processes: on Linux there is always a first one, also in a container,
/// unless `/proc` is mounted with `hidepid=invisible` (proc(5)), which hides them without any error.
fn hides_others(os: Option<Os>, is_listed: impl Fn(u32) -> bool) -> bool {
    os == Some(Os::Linux) && !is_listed(1)
}

fn artifact(sink: &Sink<'_>, process: &Process, place: ProcessPlace, accounts: &mut Accounts) -> Artifact {
    let text = |text: &OsStr| text_of(text.as_encoded_bytes());
    let uid = process.user_id().map(|uid| uid.to_string());
    let mut artifact = Artifact::new(sink.collector(), Location::pid(process.pid().as_u32()))
        .state(State::Running)
        .with(Field::Name, text(process.name()))
        .with(Field::Cmdline, cmdline(process.cmd()))
        .with(Field::Pid, process.pid().to_string())
        .with_some(Field::Parent, process.parent().map(|pid| pid.to_string()))
        .with_some(Field::User, uid.as_deref().and_then(|uid| accounts.name(uid)))
        .with_some(Field::Uid, uid)
        .with_some(Field::StartTime, start_time(process.start_time()))
        .with_some(Field::Container, place.container);
    if let Executable::File { path, on_disk } = place.executable {
        artifact.set(Field::Path, text_of(&path));
        if let Some(on_disk) = on_disk {
            artifact.set(Field::OnDisk, if on_disk { "yes" } else { "no" });
        }
    }
    artifact
}

fn cmdline(arguments: &[std::ffi::OsString]) -> String {
    let mut line = Vec::new();
    for argument in arguments {
        if !line.is_empty() {
            line.push(b' ');
        }
        line.extend_from_slice(argument.as_encoded_bytes());
        if line.len() > MAX_CMDLINE {
            line.truncate(MAX_CMDLINE);
            break;
        }
    }
    text_of(&line)
}

/// RFC 3339, UTC, of seconds since 1970; `None` when the system does not tell.
fn start_time(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// What the files say that processes run; many processes run the same one.
#[derive(Default)]
struct Images {
    known: BTreeMap<String, BTreeMap<Field, Value>>,
}

impl Images {
    /// The process with the identity of its image. On Windows only: elsewhere files carry no vendor's name, and the
    /// walk covers the rest.
    fn identify(&mut self, target: &Target, mut artifact: Artifact) -> Artifact {
        let Some(path) = artifact.text(Field::Path).map(str::to_owned) else { return artifact };
        if target.os.os != Some(Os::Windows) {
            return artifact;
        }
        let Some(real) = target.registry().on_target(&path) else { return artifact };
        let identity = self.known.entry(path).or_insert_with(|| {
            let mut fields =
                program_files::identity_of(target, &real).map(|file| file.fields).unwrap_or_default();
            fields.retain(|field, _| IMAGE.contains(field));
            fields
        });
        artifact.fields.extend(identity.clone());
        artifact
    }
}

/// Names of accounts by their ids.
struct Accounts {
    names: BTreeMap<String, String>,
    asked_system: bool,
}

impl Accounts {
    /// From the list of accounts in the target, where it has one.
    fn of(target: &Target) -> Self {
        let content = target.root.read(b"etc/passwd", MAX_PASSWD).map(|content| content.bytes);
        let mut names = BTreeMap::new();
        for line in content.unwrap_or_else(|_| Vec::new()).split(|&byte| byte == b'\n') {
            let mut parts = line.split(|&byte| byte == b':').map(text_of);
            if let (Some(name), Some(uid)) = (parts.next(), parts.nth(1)) {
                names.entry(uid).or_insert(name);
            }
        }
        Accounts { names, asked_system: false }
    }

    /// The name of an id; the system is asked once, when the list in the target does not know one.
    fn name(&mut self, uid: &str) -> Option<String> {
        if !self.names.contains_key(uid) && !self.asked_system {
            self.asked_system = true;
            for user in Users::new_with_refreshed_list().iter().flat_map(|users| users.iter()) {
                self.names.entry(user.id().to_string()).or_insert_with(|| user.name().to_owned());
            }
        }
        self.names.get(uid).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn a_namespace_with_nothing_but_debar_is_blind() {
        use crate::model::Grade;
        let of = |others| namespace_gap(others).0.grade();
        assert_eq!((of(0), of(1), of(7)), (Grade::Blind, Grade::Limited, Grade::Limited));
    }

    #[test]
    fn this_process_is_left_out_and_its_child_is_seen() {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let child = command.args(["--exact", "never", "--list", "--format", "terse"]);
        let mut child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let target = Target::new(TargetKind::Host, "test", Root::new(Box::new(Memory::new())));
        let (artifacts, _) = collect(&COLLECTOR, &target);
        let seen = |pid: u32| artifacts.iter().find(|artifact| artifact.location.pid == Some(pid));
        assert!(seen(std::process::id()).is_none());
        // A child that was not waited for stays in the list.
        let found = seen(child.id()).expect("the child is listed");
        assert_eq!(found.state, State::Running);
        assert_eq!(found.text(Field::Parent), Some(std::process::id().to_string().as_str()));
        assert!(found.text(Field::StartTime).unwrap().ends_with('Z'));
        assert!(found.fields.keys().all(|field| COLLECTOR.yields.contains(field)));
        child.wait().unwrap();
    }

    #[test]
    fn a_list_without_the_first_process_is_not_the_whole() {
        assert!(hides_others(Some(Os::Linux), |pid| pid == 4711));
        assert!(
            !hides_others(Some(Os::Linux), |pid| pid == 1) && !hides_others(Some(Os::Windows), |_| false)
        );
    }

    #[test]
    fn accounts_are_named_by_the_targets_own_list() {
        let root = Root::new(Box::new(Memory::new().file("etc/passwd", "a:x:12:1::/:/bin/false\nbad\n")));
        let mut accounts = Accounts::of(&Target::new(TargetKind::Host, "test", root));
        assert_eq!(accounts.name("12").as_deref(), Some("a"));
        assert!(!accounts.asked_system && accounts.name("no such id").is_none());
    }

    #[test]
    fn a_process_of_windows_has_the_identity_of_its_image() {
        let signed = include_bytes!("../../../tests/fixtures/executables/pe64-signed.exe");
        let tree = Memory::new().directory("Windows/System32").file("Program Files/A/a.exe", &signed[..]);
        let target = Target::new(TargetKind::Host, "test", Root::new(Box::new(tree)));
        let process = |path: &str| {
            let artifact = Artifact::new(COLLECTOR.name, Location::pid(1)).with(Field::Path, path);
            Images::default().identify(&target, artifact)
        };
        let seen = process("C:\\program files\\A\\a.exe");
        assert!(seen.text(Field::Company).is_some() && seen.text(Field::Signer).is_some(), "{seen:?}");
        assert!(seen.fields.keys().all(|field| COLLECTOR.yields.contains(field)));
        assert_eq!(process("D:\\a.exe").fields.len(), 1);
    }

    #[test]
    fn long_command_lines_are_cut() {
        let arguments = vec![std::ffi::OsString::from("x".repeat(MAX_CMDLINE)), "y".into(), "z".into()];
        assert_eq!(cmdline(&arguments).len(), MAX_CMDLINE);
        assert_eq!(start_time(0), None);
        assert_eq!(start_time(86_400).as_deref(), Some("1970-01-02T00:00:00Z"));
    }
}
