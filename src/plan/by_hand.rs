//! Steps by hand, each with what the script sees that it is done by.

use std::collections::BTreeSet;

use super::action::is_elsewhere;
use super::{Action, Check, Phase, Step};
use crate::finding::recheck::Kept;
use crate::model::Field;
use crate::text::quote::{is_plain_windows_path, windows_path};
use crate::text::secret::REDACTED;

/// Sources of packages whose managers can be asked.
const PACKAGES: &[&str] =
    &["deb_packages", "rpm_packages", "apk_packages", "pacman_packages", "snap_packages"];

/// Kinds of extensions that are values of a key that all of them share.
const CLASS_LISTS: &[&str] = &[
    "internet-explorer-toolbar",
    "shell-execute-hook",
    "approved-shell-extension",
    "shell-service-object",
    "shared-task-scheduler",
];

/// What shows that something of a registry key is still there: the key, where it is the product's own; else the value
/// or the part of one that is about the product, as others keep theirs in the same key.
fn in_key(kept: &Kept, key: String) -> Option<Check> {
    let text = |field: Field| kept.text(field).map(str::to_owned);
    let record = kept.evidence.location.record.clone();
    let data = |text: Option<String>| {
        let text = text.filter(|text| text.len() >= 3 && !text.contains(REDACTED))?;
        Some(Check::Data { key: key.clone(), text })
    };
    let kind = text(Field::Type).unwrap_or_default();
    match (kept.evidence.collector.as_str(), kind.as_str()) {
        ("network_filters" | "defender_exclusions" | "userassist", _) if record.is_some() => {
            record.map(|value| Check::Value { key, value })
        }
        ("startup_items", _) => {
            let is_run = |part: &str| part.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("run"));
            if key.rsplit('\\').take(2).any(is_run) {
                return text(Field::Name).map(|value| Check::Value { key, value });
            }
            // Of its path, what no variable stands for.
            let program = text(Field::Program).or_else(|| text(Field::Cmdline))?;
            data(program.rsplit(['\\', '/']).next().map(str::to_owned))
        }
        ("driver_bindings", "upper-filter" | "lower-filter") => data(text(Field::Name)),
        ("driver_bindings", "device") => data(text(Field::Company)),
        ("com_extensions", kind) if CLASS_LISTS.contains(&kind) => data(record),
        _ => Some(Check::Key { key }),
    }
}

/// What shows that a piece of evidence is still there; `None` where nothing does.
pub(super) fn check(kept: &Kept, is_windows: bool) -> Option<Check> {
    let location = &kept.evidence.location;
    // A script looks at its own host, in the parts of the registry that it can open.
    let hives = ["HKLM\\", "HKEY_LOCAL_MACHINE\\", "HKU\\", "HKEY_USERS\\"];
    let is_open = |key: &String| hives.iter().any(|hive| key.to_ascii_uppercase().starts_with(hive));
    if is_elsewhere(kept) || location.registry_key.as_ref().is_some_and(|key| !is_open(key)) {
        return None;
    }
    let source = kept.evidence.collector.as_str();
    let name = kept.text(Field::Name).map(str::to_owned);
    if PACKAGES.contains(&source) {
        return Some(Check::Package { source: source.to_owned(), name: name? });
    }
    if source == "kernel_modules" && kept.text(Field::Type) == Some("loaded") {
        return Some(Check::Module { name: name? });
    }
    if let Some(key) = location.registry_key.clone() {
        return in_key(kept, key);
    }
    let path = location.path.clone().filter(|path| !path.contains("\\x"))?;
    // What a script cannot see would seem to be gone.
    let path =
        if is_windows { windows_path(&path).filter(|path| is_plain_windows_path(path))? } else { path };
    if location.record.is_none() {
        return Some(Check::Path { path });
    }
    let facts =
        [Field::Cmdline, Field::Program, Field::UpdateUrl, Field::Source, Field::Identifier, Field::Name];
    let text = facts.into_iter().find_map(|field| kept.text(field))?;
    // A secret is not part of the plan: what stands before it has to do.
    let text = text.split(REDACTED).next().unwrap_or(text).lines().next().unwrap_or_default().trim();
    (text.len() >= 3).then(|| Check::Text { path, text: text.to_owned() })
}

/// Brings a step by hand for a Mac to where it belongs: the vendor's uninstaller before the folders that it lies in, what
/// unloads extensions before their bundles. No package manager of a Mac removes a product by a step of its own.
pub(super) fn in_order_of_macs(kept: &[Kept], is_agent: bool, is_sentence: bool, step: &mut Step) {
    let ids: BTreeSet<String> = step.evidence.iter().cloned().collect();
    let about = |kept: &&Kept| ids.contains(&kept.evidence.id);
    let apps = kept.iter().filter(about).filter(|kept| kept.evidence.collector == "apps");
    let checks: BTreeSet<Check> = apps.filter_map(|kept| check(kept, false)).collect();
    let is_first = |kept: &Kept| matches!(kept.evidence.collector.as_str(), "apps" | "homebrew_packages");
    let is_loaded =
        |kept: &Kept| matches!(kept.evidence.collector.as_str(), "kernel_extensions" | "system_extensions");
    let all = |is: &dyn Fn(&Kept) -> bool| kept.iter().filter(about).all(is);
    let product = if is_agent { Phase::Agent } else { Phase::Product };
    if is_sentence && !checks.is_empty() {
        step.phase = product;
        // What it leaves behind is of the steps that follow, which wait for it.
        step.action = Action::Manual { commands: Vec::new(), checks: checks.into_iter().collect() };
    } else if !is_sentence && all(&is_first) {
        step.phase = product;
    } else if !is_sentence && all(&is_loaded) {
        step.phase = Phase::Filter;
    } else if !is_sentence && all(&|kept: &Kept| kept.evidence.collector == "launchd") {
        step.phase = Phase::Service;
    }
}
