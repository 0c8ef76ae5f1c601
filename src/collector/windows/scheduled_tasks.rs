//! `scheduled_tasks`: what the Task Scheduler starts, by the files that it keeps of its tasks.
//!
//! The files lie as deep as their folders of tasks, so they are walked. A task whose programs are all gone is
//! what an uninstaller forgot.

mod actions;
mod jobs;
mod registry;

use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::text::scheduled_task::{self, Action, Task};
use crate::fs::Entry;
use crate::model::{Artifact, Field, Location, State};
use crate::registry::{HIVES, with_hives};
use crate::target::Target;
use crate::text::{shown, text_of};
use actions::Started;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "scheduled_tasks",
    about: "Tasks of the Task Scheduler: programs, triggers, accounts, whether they are switched off or hidden.",
    applies: Applies::WINDOWS,
    reads: &with_hives::<{ HIVES.len() + 4 }>(&[jobs::READS[0], jobs::READS[1], jobs::READS[2], FOLDERS]),
    walks: &["Windows/System32/Tasks", "Windows/SysWOW64/Tasks"],
    keys: registry::KEYS,
    yields: &[
        Field::Name,
        Field::Program,
        Field::Cmdline,
        Field::Schedule,
        Field::User,
        Field::Author,
        Field::Description,
        Field::Source,
        Field::Identifier,
        Field::Enabled,
        Field::Status,
        Field::Path,
        Field::Uid,
        Field::Key,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    registry::run(target, sink);
    jobs::run(target, sink);
    folders(target, sink);
}

/// Folders of tasks without any: they stay when a program takes its tasks away.
fn folders(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.glob(&target.root, FOLDERS) {
        if !found.is_directory() || !sink.list(&target.root, &found).is_empty() {
            continue;
        }
        let name = below_tasks(&found.path).map(|name| format!("\\{}\\", text_of(name)));
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(State::Remnant)
            .with_some(Field::Name, name)
            .with(Field::Status, "folder")
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

/// Folders of tasks.
const FOLDERS: &str = "Windows/System32/Tasks/*/";
/// Bytes read of one task; the service refuses larger ones.
const LIMIT: usize = 1 << 20;

/// The part of a task file's path that is the task's own.
fn below_tasks(path: &[u8]) -> Option<&[u8]> {
    ["Windows/System32/Tasks/", "Windows/SysWOW64/Tasks/"].iter().find_map(|folder| {
        let (start, rest) = path.split_at_checked(folder.len())?;
        start.eq_ignore_ascii_case(folder.as_bytes()).then_some(rest)
    })
}

fn wants(entry: &Entry<'_>) -> bool {
    below_tasks(entry.path()).is_some()
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    // A task that is being written; the service passes over it, too.
    if bytes.is_empty() {
        return;
    }
    let parsed = scheduled_task::parse(&bytes);
    sink.damage(entry.path(), &parsed.damage);
    let artifact = artifact(target, sink, entry.path(), &parsed.value);
    sink.artifact(artifact);
}

fn artifact(target: &Target, sink: &mut Sink<'_>, path: &[u8], task: &Task) -> Artifact {
    let own = below_tasks(path).map(|name| format!("\\{}", text_of(name).replace('/', "\\")));
    let mut started = Started::default();
    for action in &task.actions {
        match action {
            Action::Program { command, arguments, folder } => {
                started.program(target, command, arguments, folder);
            }
            Action::Class(class) => started.class(target, sink, class),
        }
    }
    let state = match (started.is_gone(), task.enabled) {
        (true, _) => State::Remnant,
        (false, false) => State::Disabled,
        (false, true) => State::Installed,
    };
    Artifact::new(sink.collector(), Location::path(path))
        .state(state)
        .with_many(Field::Name, own.into_iter().chain(task.uri.clone()))
        .with_many(Field::Program, started.programs)
        .with_many(Field::Cmdline, started.lines)
        .with_many(Field::Schedule, &task.triggers)
        .with_many(Field::User, &task.principals)
        .with_some(Field::Author, task.author.as_deref())
        .with_some(Field::Description, task.description.as_deref())
        .with_some(Field::Source, task.source.as_deref())
        .with_many(Field::Identifier, started.classes)
        .with(Field::Enabled, if task.enabled { "yes" } else { "no" })
        .with(Field::Status, if task.hidden { "hidden" } else { "" })
        .with(Field::Path, shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::fs::Root;
    use crate::model::TargetKind;

    #[test]
    fn tasks_that_run_that_are_off_and_that_were_left() {
        let task = |command: &str, enabled: bool| {
            let text = format!(
                "<Task><Settings><Enabled>{enabled}</Enabled></Settings><Actions><Exec><Command>{command}</Command></Exec></Actions></Task>"
            );
            let mut bytes = vec![0xff, 0xfe];
            bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        };
        let tasks = "Windows/System32/Tasks";
        let tree = complete()
            .file("Program Files/A B/a.exe", "")
            .file("Windows/System32/cmd.exe", "")
            .file(format!("{tasks}/Vendor/Deep/er/On"), task("C:\\Program Files\\A B\\a.exe", true))
            .file(format!("{tasks}/Off"), task("\"%ProgramFiles%\\A B\\a.exe\"", false))
            .file(format!("{tasks}/Left"), task("C:\\Program Files\\Gone\\a.exe", false))
            .file(format!("{tasks}/Name"), task("cmd.exe", true))
            .file(format!("{tasks}/Bad"), "text");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let states: Vec<_> =
            artifacts.iter().map(|one| (one.text(Field::Name).unwrap(), one.state)).collect();
        assert_eq!(
            states,
            [
                ("\\Bad", State::Installed),
                ("\\Left", State::Remnant),
                ("\\Name", State::Installed),
                ("\\Off", State::Disabled),
                ("\\Vendor\\Deep\\er\\On", State::Installed),
            ]
        );
        assert_eq!(gaps.len(), 1, "{gaps:?}");
    }
}
