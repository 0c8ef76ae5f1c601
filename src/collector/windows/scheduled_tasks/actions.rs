//! What the actions of a task start: programs, what launchers are to start, libraries of classes.

use super::super::registered::{Launch, is_gone, launch};
use crate::collector::Sink;
use crate::target::Target;

/// Programs and command lines of a task, and whether all that can be judged is gone.
#[derive(Default)]
pub(super) struct Started {
    pub(super) programs: Vec<String>,
    pub(super) lines: Vec<String>,
    pub(super) classes: Vec<String>,
    gone: Vec<bool>,
}

impl Started {
    /// Adds a program: the command is one program, blanks in it end nothing.
    pub(super) fn program(&mut self, target: &Target, command: &str, arguments: &str, folder: &str) {
        let registry = target.registry();
        let bare = command.trim().trim_matches('"');
        let line = |program: &str| format!("\"{program}\" {arguments}").trim().to_owned();
        // A name without a folder is looked for in the task's own folder, too.
        let folder = registry.expand(folder.trim().trim_matches('"').trim_end_matches('\\'), None);
        let own = format!(r"{folder}\{bare}");
        let is_own = !folder.is_empty() && !bare.contains(['\\', '/', ':', '%']);
        let started = launch(target, &line(bare), None);
        let is_found =
            started.as_ref().and_then(|one| one.programs.first()).is_some_and(|path| path.contains('\\'));
        let started = if is_own && !is_found { launch(target, &line(&own), None) } else { started };
        self.lines.push(registry.expand(format!("{command} {arguments}").trim(), None));
        if let Some(Launch { programs, decoded, is_gone, .. }) = started {
            self.gone.push(is_gone);
            self.programs.extend(programs);
            self.lines.extend(decoded);
        }
    }

    /// Adds a class, whose library is what runs.
    pub(super) fn class(&mut self, target: &Target, sink: &mut Sink<'_>, clsid: &str) {
        let registry = target.registry();
        self.classes.push(clsid.to_owned());
        let mut is_known = false;
        let servers = ["InprocServer32", "LocalServer32"].iter();
        for (server, view) in servers.flat_map(|server| [(server, ""), (server, r"WOW6432Node\")]) {
            let class = format!(r"HKLM\SOFTWARE\Classes\{view}CLSID\{clsid}\{server}");
            for class in sink.registry(registry.key(&class)) {
                if let Some(library) = sink.values(&class).text("") {
                    is_known = true;
                    self.gone.push(is_gone(target, &library, None));
                    self.programs.push(registry.expand(library.trim_matches('"'), None));
                }
            }
        }
        if !is_known {
            self.gone.push(false);
        }
    }

    /// Whether everything that the task starts is gone for certain.
    pub(super) fn is_gone(&self) -> bool {
        !self.gone.is_empty() && self.gone.iter().all(|gone| *gone)
    }
}
