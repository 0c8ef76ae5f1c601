//! Removal: the steps of a signature, filled in from the evidence.
//!
//! debar never runs them. What comes from a hostile machine goes into a command only quoted for the shell of
//! its platform; what cannot be quoted safely is left out and the step says so.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Evidence;
use crate::model::{Field, Os, TargetKind};
use crate::signature::{Product, RemovalStep};
use crate::text::quote;

/// Commands of one step; a step that fits more artifacts says how many were left out.
const MAX_COMMANDS: usize = 50;

/// One step that removes a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removal {
    /// What it does.
    pub title: String,
    /// Commands to run, quoted for a POSIX shell or `cmd.exe`; one for each artifact it applies to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// What to know before or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The steps that apply to the evidence on an operating system, in the order of the signature.
pub fn steps(product: &Product, evidence: &[Evidence], os: Option<Os>) -> Vec<Removal> {
    let there = product.removal.iter().filter(|step| os.is_none_or(|os| os == step.platform));
    there.filter_map(|step| step_for(product, step, evidence)).collect()
}

fn step_for(product: &Product, step: &RemovalStep, evidence: &[Evidence]) -> Option<Removal> {
    let fits = |evidence: &&Evidence| {
        platform_of(evidence, &product.platforms).is_none_or(|os| os == step.platform)
            && (step.collectors.is_empty() || step.collectors.contains(&evidence.collector))
            && (step.states.is_empty() || step.states.contains(&evidence.state))
    };
    let evidence: Vec<&Evidence> = evidence.iter().filter(fits).collect();
    if evidence.is_empty() {
        return None;
    }
    let mut note = step.note.clone();
    let mut commands = Vec::new();
    if let Some(template) = &step.command {
        let mut seen = BTreeSet::new();
        let mut left_out = 0;
        for evidence in evidence {
            match fill(template, step.platform, evidence) {
                Some(command) if seen.insert(command.clone()) => commands.push(command),
                Some(_) => {}
                None => left_out += 1,
            }
        }
        if commands.len() > MAX_COMMANDS {
            left_out += commands.len() - MAX_COMMANDS;
            commands.truncate(MAX_COMMANDS);
        }
        if left_out > 0 {
            let text = format!("{left_out} more of its artifacts give no command here; see the evidence.");
            note = Some(note.map_or(text.clone(), |note| format!("{note} {text}")));
        }
    }
    Some(Removal { title: step.title.clone(), commands, note })
}

/// The platform that a piece of evidence belongs to, if it tells.
fn platform_of(evidence: &Evidence, platforms: &[Os]) -> Option<Os> {
    if evidence.location.registry_key.is_some() {
        return Some(Os::Windows);
    }
    match platforms {
        [only] => Some(*only),
        _ => crate::collector::named(&evidence.collector).and_then(|collector| match collector.applies.os {
            [only] => Some(*only),
            _ => None,
        }),
    }
}

/// Fills `{field}` placeholders; `None` when a field is absent or cannot be quoted.
fn fill(template: &str, platform: Os, evidence: &Evidence) -> Option<String> {
    let mut command = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let field = Field::ALL.iter().find(|field| field.name() == name)?;
        let text = evidence.fields.get(field)?.texts().next()?;
        command.push_str(before);
        command.push_str(&quote(platform, *field, text)?);
        rest = after;
    }
    command.push_str(rest);
    Some(command)
}

fn quote(platform: Os, field: Field, text: &str) -> Option<String> {
    // Quoted or not, a program takes an argument that begins with a dash for an option.
    if text.chars().any(char::is_control) || text.starts_with('-') {
        return None;
    }
    match platform {
        // An uninstall string is a command line already: shown as registered, for a person to judge.
        Os::Windows if matches!(field, Field::UninstallString | Field::QuietUninstallString) => {
            Some(text.to_owned())
        }
        Os::Windows => quote::cmd(text),
        _ => quote::posix_short(text),
    }
}

/// What comes before the commands when the target is not the running system: they name its own paths and packages.
pub fn elsewhere(kind: TargetKind) -> Option<Removal> {
    let title = match kind {
        TargetKind::Host => return None,
        TargetKind::Directory => {
            "Take these steps in the system that was scanned, not on this host: start it, or enter it with chroot"
        }
        TargetKind::Image => "Take these steps where the image is built, and build it anew; not on this host",
    };
    Some(Removal { title: title.to_owned(), commands: Vec::new(), note: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_one_argument() {
        assert_eq!(quote(Os::Linux, Field::Name, "a'; rm -rf /").as_deref(), Some("'a'\\''; rm -rf /'"));
        assert_eq!(quote(Os::Windows, Field::Name, "a & b").as_deref(), Some("\"a & b\""));
        for platform in [Os::Linux, Os::Windows] {
            assert_eq!(quote(platform, Field::Name, "a\nb"), None);
            assert_eq!(quote(platform, Field::Name, "-rf"), None, "an option, however it is quoted");
        }
    }
}
