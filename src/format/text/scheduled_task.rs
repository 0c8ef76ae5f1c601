//! Tasks of Windows' Task Scheduler: what they start and when. Format: Microsoft's "Task Scheduler Schema"
//! ([MS-TSCH] 2.5); the service stores them in UTF-16.

use super::xml::{self, is_path};
use crate::bytes::Salvaged;

/// A task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// Its path among the tasks: `\Vendor\Update`.
    pub uri: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it counts as a part of.
    pub source: Option<String>,
    /// Accounts or groups that it runs as.
    pub principals: Vec<String>,
    /// Kinds of triggers with what they start at: `LogonTrigger`, `CalendarTrigger 2026-01-01T03:00:00`.
    pub triggers: Vec<String>,
    /// What it starts.
    pub actions: Vec<Action>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether it is hidden in the user interface.
    pub hidden: bool,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Starts a program.
    Program {
        /// The program, as written: variables and quotes kept.
        command: String,
        /// Its arguments.
        arguments: String,
        /// The folder that it starts in.
        folder: String,
    },
    /// Calls a COM object.
    Class(String),
}

/// Reads a task. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Task> {
    let mut task = Task { enabled: true, ..Task::default() };
    let mut arguments = String::new();
    let mut folder = String::new();
    let mut command = None;
    let mut start = String::new();
    let damage = xml::read(bytes, &mut |around, element| {
        let text = || Some(element.text.clone()).filter(|text| !text.is_empty());
        let name = element.name.as_str();
        if is_path(around, &["Task", "RegistrationInfo"]) {
            match name {
                "URI" => task.uri = text(),
                "Author" => task.author = text(),
                "Description" => task.description = text(),
                "Source" => task.source = text(),
                _ => {}
            }
        } else if is_path(around, &["Task", "Settings"]) {
            match name {
                "Enabled" => task.enabled = !is_false(&element.text),
                "Hidden" => task.hidden = !is_false(&element.text),
                _ => {}
            }
        } else if is_path(around, &["Task", "Principals", "Principal"]) {
            if matches!(name, "UserId" | "GroupId" | "DisplayName") {
                push(&mut task.principals, text());
            }
        } else if is_path(around, &["Task", "Triggers"]) {
            let at = std::mem::take(&mut start);
            push(&mut task.triggers, Some(format!("{name} {at}").trim().to_owned()));
        } else if around.len() == 3 && is_path(around.get(..2).unwrap_or_default(), &["Task", "Triggers"]) {
            if name == "StartBoundary" {
                start.clone_from(&element.text);
            }
        } else if is_path(around, &["Task", "Actions", "Exec"]) {
            match name {
                "Command" => command = text(),
                "Arguments" => arguments.clone_from(&element.text),
                "WorkingDirectory" => folder.clone_from(&element.text),
                _ => {}
            }
        } else if is_path(around, &["Task", "Actions", "ComHandler"]) && name == "ClassId" {
            add(&mut task.actions, text().map(Action::Class));
        } else if is_path(around, &["Task", "Actions"]) && name == "Exec" {
            let (arguments, folder) = (std::mem::take(&mut arguments), std::mem::take(&mut folder));
            let program = |command| Action::Program { command, arguments, folder };
            add(&mut task.actions, command.take().map(program));
        }
    });
    Salvaged { value: task, damage }
}

/// `xs:boolean`.
fn is_false(text: &str) -> bool {
    matches!(text, "false" | "0")
}

fn push(list: &mut Vec<String>, text: Option<String>) {
    add(list, text);
}

fn add<T>(list: &mut Vec<T>, one: Option<T>) {
    list.extend(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_as_the_service_stores_it() {
        let text = r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Author>Пример</Author><URI>\Vendor\Update</URI></RegistrationInfo>
  <Triggers><LogonTrigger id="a"><Enabled>true</Enabled></LogonTrigger>
    <CalendarTrigger><StartBoundary>2026-01-01T03:00:00</StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
  <Settings><Enabled>false</Enabled><Hidden>true</Hidden></Settings>
  <Actions Context="Author">
    <Exec><Command>"%ProgramFiles%\Vendor\update.exe"</Command><Arguments>/quiet</Arguments></Exec>
    <Exec><Command>second</Command></Exec>
    <ComHandler><ClassId>{11111111-2222-3333-4444-555555555555}</ClassId></ComHandler>
  </Actions>
</Task>"#;
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let task = parse(&bytes);
        assert!(task.damage.is_empty());
        let task = task.value;
        assert_eq!((task.uri.as_deref(), task.author.as_deref()), (Some("\\Vendor\\Update"), Some("Пример")));
        assert_eq!(task.triggers, ["LogonTrigger", "CalendarTrigger 2026-01-01T03:00:00"]);
        assert_eq!(task.principals, ["S-1-5-18"]);
        assert!(!task.enabled && task.hidden);
        let program = |command: &str, arguments: &str| Action::Program {
            command: command.into(),
            arguments: arguments.into(),
            folder: String::new(),
        };
        assert_eq!(
            task.actions,
            [
                program("\"%ProgramFiles%\\Vendor\\update.exe\"", "/quiet"),
                program("second", ""),
                Action::Class("{11111111-2222-3333-4444-555555555555}".into())
            ]
        );
    }

    #[test]
    fn a_cut_task_keeps_what_came_before() {
        let task = parse(b"<Task><Actions><Exec><Command>a</Command></Exec>");
        assert_eq!((task.value.actions.len(), task.damage.len()), (1, 1));
        assert!(task.value.enabled);
    }
}
