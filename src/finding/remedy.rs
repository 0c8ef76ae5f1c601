//! Removal: the steps of a signature, filled in from the evidence.
//!
//! debar never runs them. What comes from a hostile machine goes into a command only quoted for the shell of
//! its platform; what cannot be quoted safely is left out and the step says so.

use std::collections::BTreeSet;

use crate::finding::{Evidence, Removal};
use crate::model::{Field, FieldKind, Os, TargetKind};
use crate::signature::{Product, RemovalStep};
use crate::text::quote;

/// Commands of one step; a step that fits more artifacts says how many were left out.
const MAX_COMMANDS: usize = 50;

/// The steps that apply to the evidence on an operating system, in the order of the signature.
pub fn steps(product: &Product, evidence: &[Evidence], os: Option<Os>) -> Vec<Removal> {
    let evidence: Vec<&Evidence> = evidence.iter().collect();
    fitting(product, &evidence, os).into_iter().map(|fitting| fitting.removal).collect()
}

/// A step that applies.
pub struct Fitting<'e> {
    /// The step.
    pub removal: Removal,
    /// The evidence that it is about; of a step for the whole product, all of it.
    pub about: Vec<&'e Evidence>,
    /// The note of the signature.
    pub note: Option<String>,
    /// Whether it is a command for each piece of evidence, and not a sentence for a person.
    pub is_command: bool,
}

/// The steps that apply, with what they are about.
pub fn fitting<'e>(product: &Product, evidence: &[&'e Evidence], os: Option<Os>) -> Vec<Fitting<'e>> {
    let there = product.removal.iter().filter(|step| os.is_none_or(|os| os == step.platform));
    let fitting = |step: &RemovalStep| {
        let (removal, about) = step_for(product, step, evidence)?;
        Some(Fitting { removal, about, note: step.note.clone(), is_command: step.command.is_some() })
    };
    there.filter_map(fitting).collect()
}

fn step_for<'e>(
    product: &Product,
    step: &RemovalStep,
    evidence: &[&'e Evidence],
) -> Option<(Removal, Vec<&'e Evidence>)> {
    let fits = |evidence: &&&Evidence| {
        platform_of(evidence, &product.platforms).is_none_or(|os| os == step.platform)
            && (step.collectors.is_empty() || step.collectors.contains(&evidence.collector))
            && (step.states.is_empty() || step.states.contains(&evidence.state))
    };
    let evidence: Vec<&Evidence> = evidence.iter().filter(fits).copied().collect();
    if evidence.is_empty() {
        return None;
    }
    let mut note = step.note.clone();
    let mut commands = Vec::new();
    if let Some(template) = &step.command {
        let mut seen = BTreeSet::new();
        let mut left_out = 0;
        for evidence in &evidence {
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
    Some((Removal { title: step.title.clone(), commands, note }, evidence))
}

/// The platform that a piece of evidence belongs to, if it says so.
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
    let user = evidence.location.path.as_deref().filter(|_| platform != Os::Windows).and_then(user_of_home);
    match (command.strip_prefix("sudo "), user) {
        // What a user owns is done as that user: the system can have a job or unit of the same name.
        (Some(rest), Some(user)) => Some(format!("sudo -u {} {rest}", quote(platform, Field::User, user)?)),
        _ => Some(command),
    }
}

/// The user in whose home a path lies.
fn user_of_home(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("/Users/").or_else(|| path.strip_prefix("/home/"))?;
    inside.split_once('/').map(|(user, _)| user).filter(|user| !user.is_empty() && *user != "Shared")
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
        Os::Windows if text.starts_with('/') && field.kind() == FieldKind::Path => {
            let path = quote::windows_path(text)?;
            // A name that Windows would read as another one (`x.` as `x`) is taken as it is behind this prefix.
            let is_other = !quote::is_plain_windows_path(&path) && !path.starts_with('\\');
            quote::cmd_path(&if is_other { format!(r"\\?\{path}") } else { path })
        }
        Os::Windows => quote::cmd(text),
        _ => quote::posix_short(text),
    }
}

/// What comes before the commands when the target is a folder: they name its own paths and packages.
pub fn elsewhere(kind: TargetKind, os: Option<Os>) -> Option<Removal> {
    let title = match (kind, os) {
        (TargetKind::Directory, Some(Os::Windows)) => {
            "Start the Windows that was scanned, and take these steps there as administrator, not on this host"
        }
        (TargetKind::Directory, Some(Os::Macos)) => {
            "Start the Mac that was scanned, and take these steps there, not on this host"
        }
        (TargetKind::Directory, _) => {
            "Take these steps in the system that was scanned, not on this host: start it, or enter it with chroot"
        }
        _ => return None,
    };
    Some(Removal { title: title.to_owned(), commands: Vec::new(), note: None })
}

/// The step for a bill of materials, which is no machine.
pub fn of_sbom(product: &str) -> Removal {
    let title =
        format!("Remove {product} from what this bill of materials describes, and make a new bill of it");
    Removal { title, commands: Vec::new(), note: None }
}

/// The step for an image, which is not repaired but built again: one for each layer that has evidence.
pub fn rebuild(product: &str, evidence: &[Evidence]) -> Vec<Removal> {
    let mut layers: BTreeSet<(usize, Option<&str>, bool)> = BTreeSet::new();
    for layer in evidence.iter().filter_map(|evidence| evidence.location.layer.as_ref()) {
        let by = layer.created_by.as_deref().filter(|by| !by.trim().is_empty());
        layers.insert((layer.index, by, layer.base_image == Some(true)));
    }
    if layers.is_empty() {
        let title = format!("Build the image again without {product}, or take another base image");
        return vec![Removal { title, commands: Vec::new(), note: None }];
    }
    let step = |(index, by, is_base): (usize, Option<&str>, bool)| {
        let title = match (by, is_base) {
            (_, true) => format!(
                "Take another base image, or a version of it without {product} (layer {index}), and rebuild"
            ),
            (Some(by), false) => format!(
                "Remove this build step (`{by}`, layer {index}) or take another base image, and rebuild"
            ),
            (None, false) => format!(
                "Remove the build step that made layer {index} or take another base image, and rebuild"
            ),
        };
        Removal { title, commands: Vec::new(), note: None }
    };
    layers.into_iter().map(step).collect()
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

    #[test]
    fn what_a_user_owns_is_done_as_that_user() {
        let filled = |path: &str| {
            let location = crate::model::Location { path: Some(path.to_owned()), ..Default::default() };
            let fields = [(Field::Path, crate::model::Value::One(path.to_owned()))].into();
            let evidence = Evidence {
                id: "ev-1".into(),
                collector: "launchd".into(),
                indicators: Vec::new(),
                matched: String::new(),
                strength: crate::signature::Strength::Conclusive,
                state: crate::model::State::Installed,
                shared: false,
                product: None,
                fields,
                location,
            };
            fill("sudo launchctl unload -w {path}", Os::Macos, &evidence).unwrap()
        };
        assert_eq!(
            filled("/Library/LaunchDaemons/a.plist"),
            "sudo launchctl unload -w /Library/LaunchDaemons/a.plist"
        );
        let of_user = filled("/Users/eve/Library/LaunchAgents/a.plist");
        assert_eq!(of_user, "sudo -u eve launchctl unload -w /Users/eve/Library/LaunchAgents/a.plist");
        assert!(filled("/Users/$(x)/Library/a").starts_with("sudo -u '$(x)' "));
    }

    #[test]
    fn paths_on_windows_are_its_own() {
        let path = |text: &str| quote(Os::Windows, Field::Path, text);
        assert_eq!(path("/ProgramData/Kaspersky Lab").as_deref(), Some(r#""C:\ProgramData\Kaspersky Lab""#));
        assert_eq!(path("/D:/KES").as_deref(), Some(r#""D:\KES""#));
        assert_eq!(path("/a/%PATH%"), None);
        assert_eq!(path("/Program Files/KES.").as_deref(), Some(r#""\\?\C:\Program Files\KES.""#));
        let title = elsewhere(TargetKind::Directory, Some(Os::Windows)).unwrap().title;
        assert!(!title.contains("chroot"), "{title}");
    }
}
