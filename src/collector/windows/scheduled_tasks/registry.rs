//! Tasks that the Task Scheduler has registered: what it runs, even where the file of a task was removed.

use std::collections::HashMap;

use super::super::registered::{artifact, state};
use super::actions::Started;
use crate::collector::Sink;
use crate::format::text::task_actions::{self, Action};
use crate::model::Field;
use crate::registry::Key;
use crate::target::Target;

/// Where the tasks are registered.
pub(super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\*",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree",
    r"HKLM\SOFTWARE\Classes\CLSID\*",
    r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID\*",
];
/// How deep the folders of tasks are followed.
const DEPTH: usize = 16;

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    let [tasks, tree, ..] = KEYS else { return };
    let mut names = HashMap::new();
    for top in sink.registry(registry.key(tree)) {
        below(sink, &top, "", 0, &mut names);
    }
    for key in sink.keys(registry, tasks) {
        let values = sink.values(&key);
        let actions = values.bytes("Actions").map(task_actions::read);
        let in_tree = names.remove(&key.name().to_lowercase());
        let path = values.text("Path").or_else(|| values.text("URI")).or(in_tree);
        let mut started = Started::default();
        for action in actions.as_ref().map(|actions| actions.value.as_slice()).unwrap_or_default() {
            match action {
                Action::Program { command, arguments, folder } => {
                    started.program(target, command, arguments, folder);
                }
                Action::Class { clsid } => started.class(target, sink, clsid),
            }
        }
        if let Some(damage) = actions.as_ref().and_then(|actions| actions.damage.first()) {
            sink.gap(crate::model::GapKind::Unsupported, key.path(), damage.what.clone());
        }
        let is_left = started.is_gone();
        // A task that hides has no name any more, and runs all the same.
        let name = path.as_deref().unwrap_or(key.name());
        let artifact = artifact(sink, registry, &key)
            .with(Field::Name, name)
            .with(Field::Path, path.as_deref().unwrap_or_default())
            .with_many(Field::Identifier, [key.name().to_owned()].into_iter().chain(started.classes))
            .with_many(Field::Program, started.programs)
            .with_many(Field::Cmdline, started.lines)
            .with_some(Field::Author, values.text("Author"))
            .with_some(Field::Description, values.text("Description"))
            .with_some(Field::Source, values.text("Source"))
            .with(Field::Status, if path.is_none() { "hidden" } else { "" })
            .state(state(is_left));
        sink.artifact(artifact);
    }
    // Names of tasks whose registration is gone.
    let mut left: Vec<(String, String)> = names.into_iter().collect();
    left.sort();
    for (id, name) in left {
        let key = format!("{tree}{name}");
        let artifact =
            crate::model::Artifact::new(sink.collector(), crate::model::Location::registry(key.as_str()))
                .with(Field::Name, name.as_str())
                .with(Field::Path, name)
                .with(Field::Identifier, id)
                .with(Field::Key, key)
                .state(crate::model::State::Remnant);
        sink.artifact(artifact);
    }
}

/// The paths of tasks below a folder of the tree, by their identifiers in lower case.
fn below(
    sink: &mut Sink<'_>,
    folder: &Key<'_>,
    path: &str,
    depth: usize,
    names: &mut HashMap<String, String>,
) {
    for key in sink.registry(folder.subkeys()) {
        let path = format!(r"{path}\{}", key.name());
        if let Some(id) = sink.values(&key).text("Id") {
            names.insert(id.to_lowercase(), path.clone());
        }
        if depth < DEPTH {
            below(sink, &key, &path, depth + 1, names);
        } else if !sink.registry(key.subkeys()).is_empty() {
            let detail = format!("folders of tasks lie more than {DEPTH} deep");
            sink.gap(crate::model::GapKind::OverLimit, key.path(), detail);
        }
    }
}
