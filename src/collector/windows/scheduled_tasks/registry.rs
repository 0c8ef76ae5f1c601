//! Tasks that the Task Scheduler has registered: what it runs, even where the file of a task was removed.

use super::super::registered::{artifact, command, is_gone, state};
use crate::collector::Sink;
use crate::format::text::task_actions::{self, Action};
use crate::model::Field;
use crate::target::Target;

/// Where the tasks are registered.
pub(super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\*",
    r"HKLM\SOFTWARE\Classes\CLSID\*",
];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for key in sink.keys(registry, KEYS.first().copied().unwrap_or_default()) {
        let values = sink.values(&key);
        let actions = values.bytes("Actions").map(task_actions::read);
        let Some(path) = values.text("Path").or_else(|| values.text("URI")) else { continue };
        let (mut programs, mut lines, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for action in actions.as_ref().map(|actions| actions.value.as_slice()).unwrap_or_default() {
            match action {
                Action::Program { command: program, arguments } => {
                    lines.push(registry.expand(format!("{program} {arguments}").trim(), None));
                    // The program may hold blanks and no quotes.
                    let quoted = format!("\"{}\"", program.trim().trim_matches('"'));
                    if let Some(started) = command(target, &quoted, None) {
                        gone.push(started.is_gone);
                        programs.push(started.program);
                    }
                }
                Action::Class { clsid } => {
                    lines.push(clsid.clone());
                    let class = format!(r"HKLM\SOFTWARE\Classes\CLSID\{clsid}\InprocServer32");
                    for class in sink.registry(registry.key(&class)) {
                        if let Some(library) = sink.values(&class).text("") {
                            gone.push(is_gone(target, &library, None));
                            programs.push(registry.expand(&library, None));
                        }
                    }
                }
            }
        }
        if let Some(damage) = actions.as_ref().and_then(|actions| actions.damage.first()) {
            sink.gap(crate::model::GapKind::Unsupported, key.path(), damage.what.clone());
        }
        let is_left = !gone.is_empty() && gone.iter().all(|gone| *gone);
        let artifact = artifact(sink, registry, &key)
            .with(Field::Name, path.rsplit('\\').next().unwrap_or(&path))
            .with(Field::Path, path.as_str())
            .with(Field::Identifier, key.name())
            .with_many(Field::Program, programs)
            .with_many(Field::Cmdline, lines)
            .with_some(Field::Author, values.text("Author"))
            .with_some(Field::Description, values.text("Description"))
            .with_some(Field::Source, values.text("Source"))
            .state(state(is_left));
        sink.artifact(artifact);
    }
}
