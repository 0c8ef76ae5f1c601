//! The sandbox in effect during the scan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far something was in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Enforced {
    /// Not at all.
    #[default]
    No,
    /// As far as an older kernel can.
    Partly,
    /// As intended.
    Fully,
}

/// What kept debar itself within bounds while it looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Confinement {
    /// Whether nothing that would be started can gain rights (`no_new_privs` of Linux).
    pub no_new_privileges: bool,
    /// Whether files can only be read below the targets, and only be written where outputs go (Landlock).
    pub files: Enforced,
    /// Whether system calls that a scan does not need are refused (seccomp).
    pub system_calls: Enforced,
    /// Whether programs can be started: only for images from a registry, or where nothing refuses it.
    pub programs: bool,
    /// Whether connections can be opened: only for images from a registry, or where nothing refuses it.
    pub connections: bool,
    /// What else was in force, of systems other than Linux.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<String>,
    /// What is missing, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Confinement {
    /// None at all, for a reason.
    pub fn none(why: &str) -> Self {
        Confinement {
            programs: true,
            connections: true,
            notes: vec![why.to_owned()],
            ..Confinement::default()
        }
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        let means = [
            (self.files != Enforced::No, "Landlock"),
            (self.system_calls != Enforced::No, "seccomp"),
            (self.no_new_privileges, "no_new_privs"),
        ];
        let means = means.into_iter().filter_map(|(is, name)| is.then_some(name));
        let means: Vec<&str> = means.chain(self.measures.iter().map(String::as_str)).collect();
        let notes: String = self.notes.iter().map(|note| format!("; {note}")).collect();
        if means.is_empty() {
            return format!("Not confined{notes}.");
        }
        let rest = match (self.programs, self.connections) {
            (false, false) => "; no program, no connection",
            _ => "",
        };
        format!("Confined by {}{rest}{notes}.", means.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_on_confinement_promise_no_more_than_was_in_force() {
        let none = Confinement::none("no kernel for it");
        assert!(none.programs && none.connections && !none.no_new_privileges);
        assert_eq!(none.words(), "Not confined; no kernel for it.");
        let files = Confinement { files: Enforced::Partly, ..none };
        assert_eq!(files.words(), "Confined by Landlock; no kernel for it.");
        let calls = Confinement { system_calls: Enforced::Fully, ..Confinement::default() };
        assert_eq!(calls.words(), "Confined by seccomp; no program, no connection.");
        let windows = Confinement {
            measures: vec!["no child processes".into()],
            connections: true,
            ..Confinement::default()
        };
        assert_eq!(windows.words(), "Confined by no child processes.");
        for (programs, connections) in [(true, false), (false, true)] {
            let some = Confinement { programs, connections, no_new_privileges: true, ..calls.clone() };
            assert_eq!(some.words(), "Confined by seccomp, no_new_privs.");
        }
    }
}
