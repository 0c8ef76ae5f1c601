//! Builds a plan from reports: evidence becomes actions that are bound to it, the rest steps by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{self, action};
use super::by_hand::{check, in_order_of_macs};
use super::collected::Steps;
use super::wording::{changes, filter_title, title};
use super::{Action, Check, HostPlan, Phase, Plan, Settled, Step, uninstall};
use crate::finding::matcher::Matcher;
use crate::finding::recheck::{Kept, recheck};
use crate::finding::remedy::{self, Fitting};
use crate::finding::{Evidence, Finding};
use crate::model::{Field, Os, State, TargetKind, Value};
use crate::report::ScanReport;
use crate::signature::{Product, Status, Strength};
use crate::text::file_name;
use crate::text::quote::windows_path;

/// Places and refusals that are shown one by one; the rest is counted.
const MAX_SHOWN: usize = 50;
const ALONE: &str = "This is the only antivirus on this machine. Install a replacement before you remove it.";
const ENCRYPTED: &str =
    "This product can encrypt disks and files. Decrypt them with it first: without it their content is lost.";

/// The plan for the banned products of reports, as far as the signatures match them again. Findings with an exception
/// are skipped, exempt products too.
pub fn plan(reports: &[ScanReport], matcher: &Matcher<'_>) -> Plan {
    Plan { hosts: reports.iter().map(|report| host(report, matcher)).collect(), ..Plan::empty() }
}

/// A product of the signatures with the evidence that matches it again.
struct Found<'f, 's> {
    finding: &'f Finding,
    /// `vendor/product`.
    id: String,
    product: &'s Product,
    kept: Vec<Kept>,
    /// What only possible traces show: it may belong to something else.
    weak: Vec<Kept>,
    matcher: &'f Matcher<'s>,
}

impl<'s> Found<'_, 's> {
    /// The product that lists a piece of evidence: a part of the installation can be another one's.
    fn lists(&self, kept: &Kept) -> &'s Product {
        self.matcher.product(kept.product).map_or(self.product, |candidate| candidate.product)
    }

    /// The products whose steps apply, each with the evidence that they are about: its own to all, those of parts to these.
    fn products(&self) -> Vec<(&'s Product, Vec<&Kept>)> {
        let mut parts: BTreeMap<usize, Vec<&Kept>> = BTreeMap::new();
        for kept in self.kept.iter().filter(|kept| !std::ptr::eq(self.lists(kept), self.product)) {
            parts.entry(kept.product).or_default().push(kept);
        }
        let parts = parts.into_values().filter_map(|kept| Some((self.lists(kept.first()?), kept)));
        std::iter::once((self.product, self.kept.iter().collect())).chain(parts).collect()
    }
}

fn host(report: &ScanReport, matcher: &Matcher<'_>) -> HostPlan {
    let wanted = |finding: &&Finding| finding.status == Status::Banned && finding.exception.is_none();
    let mut refused = Vec::new();
    let mut found: Vec<Found<'_, '_>> = Vec::new();
    for finding in report.findings.iter().filter(wanted) {
        match recheck(matcher, finding) {
            Err(why) => refused.push(why),
            Ok(rechecked) => {
                refused.extend(rechecked.refused);
                let (vendor, product) = (rechecked.candidate.vendor, rechecked.candidate.product);
                let id = format!("{}/{}", vendor.id, product.id);
                let is_sure = |kept: &Kept| kept.strength == Strength::Conclusive;
                let (kept, weak) = rechecked.kept.into_iter().partition(is_sure);
                found.push(Found { finding, id, product, kept, weak, matcher });
            }
        }
    }
    found.retain(|found| !found.kept.is_empty());
    let more = refused.len().saturating_sub(MAX_SHOWN);
    refused.truncate(MAX_SHOWN);
    if more > 0 {
        refused.push(format!("and {more} more pieces of evidence"));
    }
    HostPlan {
        host: report.target.host.clone(),
        target: report.target.place.as_ref().unwrap_or(&report.target.name).clone(),
        target_kind: report.target.kind,
        os: report.target.os.os,
        scanned: report.finished.clone(),
        steps: ordered(steps_of(report, matcher, &found)),
        refused,
    }
}

/// By phase; within it agents first, services before drivers, then as found: the deeper folder before the one around it.
fn ordered(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by_key(|step| {
        let depth = match &step.action {
            Action::Folder { path } | Action::File { path, .. } => path.matches(['/', '\\']).count(),
            _ => 0,
        };
        let is_driver = matches!(step.action, Action::WindowsService { driver: true, .. });
        (step.phase, !is_agent(&step.product), is_driver, std::cmp::Reverse(depth))
    });
    restart_before_driver_files(&mut steps);
    let width = steps.len().to_string().len().max(2);
    for (at, step) in steps.iter_mut().enumerate() {
        step.id = format!("s{:0width$}", at + 1);
    }
    steps
}

fn steps_of(report: &ScanReport, matcher: &Matcher<'_>, found: &[Found<'_, '_>]) -> Vec<Step> {
    let mut steps = Steps::default();
    if report.target.kind == TargetKind::Image {
        found.iter().for_each(|found| rebuild(found, &mut steps));
        return steps.into_list();
    }
    if report.target.kind == TargetKind::Sbom {
        for found in found {
            let ids = found.kept.iter().map(|kept| kept.evidence.id.clone()).collect();
            let action = Action::Manual { commands: Vec::new(), checks: Vec::new() };
            steps.add(draft(found, ids, action, remedy::of_sbom(&found.product.name).title));
        }
        return steps.into_list();
    }
    for found in found {
        product_steps(found, report.target.os.os, &mut steps);
    }
    let mut steps = steps.into_list();
    within_folders(&mut steps);
    keep_data(&mut steps);
    let mut steps = filters_first(steps);
    mark_restarts(found, &mut steps);
    let mut steps = Steps::of(steps);
    settle_first(report, matcher, found, &mut steps);
    steps.into_list()
}

/// Whether a product is a management agent, by the words of its id.
fn is_agent(product: &str) -> bool {
    file_name(product).split('-').any(|word| word == "agent")
}

/// An image is not repaired but built again: a step for each layer, whatever number of products it has.
fn rebuild(found: &Found<'_, '_>, steps: &mut Steps) {
    let evidence: Vec<Evidence> = found.kept.iter().map(|kept| kept.evidence.clone()).collect();
    for removal in remedy::rebuild(&found.product.name, &evidence) {
        let of_layer = |one: &&Evidence| {
            let index = one.location.layer.as_ref().map(|layer| layer.index);
            index.is_none_or(|index| removal.title.contains(&format!("layer {index}")))
        };
        let ids = evidence.iter().filter(of_layer).map(|one| one.id.clone()).collect();
        let action = Action::Manual { commands: Vec::new(), checks: Vec::new() };
        steps.add(draft(found, ids, action, removal.title.clone()));
    }
}

fn product_steps(found: &Found<'_, '_>, os: Option<Os>, steps: &mut Steps) {
    let is_windows = os == Some(Os::Windows);
    let mut by_action: BTreeMap<Action, Vec<&Kept>> = BTreeMap::new();
    let mut unbound: Vec<&Kept> = Vec::new();
    for kept in &found.kept {
        match action(found.lists(kept), kept, is_windows) {
            Some(action) => by_action.entry(action).or_default().push(kept),
            None => unbound.push(kept),
        }
    }
    let of = |kept: &[&Kept]| -> Vec<String> { kept.iter().map(|kept| kept.evidence.id.clone()).collect() };
    let (mut notes, by_hand) = steps_of_signature(found, &unbound, os, steps);
    for (action, kept) in by_action {
        let ids = of(&kept);
        let title = title(&action, &found.product.name);
        let mut step = draft(found, ids.clone(), action, title);
        let about: BTreeSet<String> =
            ids.iter().filter_map(|id| notes.remove(id.as_str())).flatten().collect();
        step.notes.extend(about);
        steps.add(step);
    }
    // Processes end with their product; everything else that no step stands for is shown.
    unbound.retain(|kept| kept.evidence.collector != "processes" && !by_hand.contains(&kept.evidence.id));
    // What sits in the network stack or at the logon needs its driver or library until it is taken out of there.
    let (stack, rest): (Vec<&Kept>, Vec<&Kept>) =
        unbound.into_iter().partition(|kept| in_stack(kept).is_some());
    let mut by_place: BTreeMap<(&str, &str), Vec<&Kept>> = BTreeMap::new();
    for kept in stack.iter().copied() {
        by_place.entry(in_stack(kept).unwrap_or_default()).or_default().push(kept);
    }
    for ((place, how), kept) in by_place {
        let mut step = remains(found, &kept, is_windows);
        step.title = format!("Take what {} registered in {place} out of there", found.product.name);
        step.notes.insert(0, how.to_owned());
        step.phase = Phase::Filter;
        steps.add(step);
    }
    if !rest.is_empty() {
        steps.add(remains(found, &rest, is_windows));
    }
    let weak: Vec<&Kept> = found.weak.iter().filter(|kept| kept.evidence.collector != "processes").collect();
    if !weak.is_empty() {
        let mut step = remains(found, &weak, is_windows);
        step.title = format!("See whether these are of {}: only their names say so", found.product.name);
        // Nobody has to delete them.
        step.action = Action::Manual { commands: Vec::new(), checks: Vec::new() };
        steps.add(step);
    }
}

/// Adds the steps of the signature that are for a person. Returns the notes of those that the plan's own actions stand for,
/// by evidence, and the evidence that the others are about.
fn steps_of_signature(
    found: &Found<'_, '_>,
    unbound: &[&Kept],
    os: Option<Os>,
    steps: &mut Steps,
) -> (BTreeMap<String, Vec<String>>, BTreeSet<String>) {
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut by_hand: BTreeSet<String> = BTreeSet::new();
    let unbound: BTreeSet<&str> = unbound.iter().map(|kept| kept.evidence.id.as_str()).collect();
    for (product, kept) in found.products() {
        let is_unbound = |one: &&Evidence| unbound.contains(one.id.as_str());
        let all: Vec<&Evidence> = kept.iter().map(|kept| &kept.evidence).collect();
        let rest: Vec<&Evidence> = all.iter().copied().filter(is_unbound).collect();
        let (commands, sentences): (Vec<Fitting<'_>>, Vec<Fitting<'_>>) =
            remedy::fitting(product, &all, os).into_iter().partition(|fitting| fitting.is_command);
        for Fitting { about, note, .. } in commands {
            for one in about.into_iter().filter(|one| !is_unbound(one)) {
                notes.entry(one.id.clone()).or_default().extend(note.clone());
            }
        }
        let commands = remedy::fitting(product, &rest, os).into_iter();
        let commands = commands.filter(|fitting| fitting.is_command && !fitting.removal.commands.is_empty());
        for fitting in commands.chain(sentences) {
            let is_sentence = !fitting.is_command;
            let mut step = step_by_hand(found, fitting, os == Some(Os::Windows));
            if os == Some(Os::Macos) {
                in_order_of_macs(&found.kept, is_agent(&found.id), is_sentence, &mut step);
            }
            by_hand.extend(step.evidence.iter().cloned());
            steps.add(step);
        }
    }
    (notes, by_hand)
}

/// A step of the signature for a person.
fn step_by_hand(found: &Found<'_, '_>, fitting: Fitting<'_>, is_windows: bool) -> Step {
    let Fitting { removal, about, .. } = fitting;
    let ids: Vec<String> = about.iter().map(|one| one.id.clone()).collect();
    let about: BTreeSet<&str> = about.iter().map(|one| one.id.as_str()).collect();
    let of_step = found.kept.iter().filter(|kept| about.contains(kept.evidence.id.as_str()));
    let checks: BTreeSet<Check> = of_step.filter_map(|kept| check(kept, is_windows)).collect();
    let action = Action::Manual { commands: removal.commands, checks: checks.into_iter().collect() };
    let mut step = draft(found, ids, action, removal.title);
    step.notes.extend(removal.note);
    step
}

/// Where in the network stack or at the logon evidence is registered, and how it is taken out of there; `None` elsewhere.
fn in_stack(kept: &Kept) -> Option<(&'static str, &'static str)> {
    let kind = kept.evidence.fields.get(&Field::Type).map(Value::joined).unwrap_or_default();
    match kept.evidence.collector.as_str() {
        "network_filters" if kind.starts_with("wfp") => Some((
            "the filtering platform",
            "The vendor's uninstaller or removal tool takes them out; Windows has no command for it. While they are there \
             and their driver is not, traffic can be blocked.",
        )),
        "network_filters" if kind == "winsock" => Some((
            "Winsock",
            "netsh winsock show catalog lists them, netsh winsock remove provider NUMBER takes one out. Restart afterwards.",
        )),
        "network_filters" if kind != "firewall-rule" => Some((
            "the network",
            "Take it out of the properties of the network adapters, or by netcfg.exe -u COMPONENT.",
        )),
        "com_extensions" if kind.contains("credential") => Some((
            "the logon",
            "Log on by another way first. Then delete its key here; its library goes after the next start.",
        )),
        _ => None,
    }
}

/// The step for evidence that no other step is about.
fn remains(found: &Found<'_, '_>, unbound: &[&Kept], is_windows: bool) -> Step {
    let title = format!("Remove what else shows {}", found.product.name);
    let checks: BTreeSet<Check> = unbound.iter().filter_map(|kept| check(kept, is_windows)).collect();
    let action = Action::Manual { commands: Vec::new(), checks: checks.into_iter().collect() };
    let ids = unbound.iter().map(|kept| kept.evidence.id.clone()).collect();
    let mut step = draft(found, ids, action, title);
    let place = |kept: &&&Kept| {
        let path = kept.evidence.location.path.as_deref().filter(|_| is_windows).and_then(windows_path);
        let place = path.unwrap_or_else(|| kept.evidence.location.to_string());
        format!("{}: {place}", kept.evidence.collector)
    };
    step.notes.extend(unbound.iter().take(MAX_SHOWN).map(|kept| place(&kept)));
    if unbound.len() > MAX_SHOWN {
        step.notes.push(format!("and {} more; see the report", unbound.len() - MAX_SHOWN));
    }
    step
}

fn draft(found: &Found<'_, '_>, evidence: Vec<String>, action: Action, title: String) -> Step {
    let notes = match &action {
        Action::UninstallByHand { user: Some(_), .. } => vec![
            "A user registered this command. Run it only as that user, never as administrator, or let the user \
             uninstall it in Settings, Apps."
                .to_owned(),
        ],
        Action::UninstallByHand { command, .. } => {
            uninstall::risk(command).map(str::to_owned).into_iter().collect()
        }
        _ => Vec::new(),
    };
    Step {
        id: String::new(),
        phase: action::phase(&action, is_agent(&found.id)),
        title,
        product: found.id.clone(),
        evidence,
        changes: changes(&action),
        action,
        reboot_after: false,
        notes,
    }
}

/// What lies in a folder that goes as a whole needs no step of its own.
fn within_folders(steps: &mut Vec<Step>) {
    let folded = |path: &str| path.replace('\\', "/").trim_end_matches('/').to_lowercase();
    let folders: BTreeSet<String> = steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Folder { path } => Some(folded(path)),
            _ => None,
        })
        .collect();
    let above = |path: &str| {
        let path = folded(path);
        let ends = path.match_indices('/').map(|(at, _)| at).collect::<Vec<_>>();
        ends.into_iter().find_map(|at| folders.get(path.get(..at)?).cloned())
    };
    let mut moved: Vec<(String, Vec<String>)> = Vec::new();
    steps.retain(|step| {
        let (Action::Folder { path } | Action::File { path, .. }) = &step.action else { return true };
        let around = above(path);
        moved.extend(around.clone().map(|around| (around, step.evidence.clone())));
        around.is_none()
    });
    let mut moved_into: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (around, ids) in moved {
        moved_into.entry(around).or_default().extend(ids);
    }
    for step in steps {
        let Action::Folder { path } = &step.action else { continue };
        step.evidence.extend(moved_into.remove(&folded(path)).unwrap_or_default());
        step.evidence.dedup();
    }
}

/// Each folder that goes is searched for data first: an uninstaller would delete that, too.
fn keep_data(steps: &mut Vec<Step>) {
    let keep = |step: &Step| {
        let Action::Folder { path } = &step.action else { return None };
        let action = Action::Keep { path: path.clone(), all: action::is_data(path) };
        let title = match &action {
            Action::Keep { all: true, .. } => format!("Keep a copy of the folder {path}"),
            _ => format!("Keep a copy of the data in {path}"),
        };
        let notes = step.notes.clone();
        let (phase, changes) = (action::phase(&action, false), changes(&action));
        Some(Step { action, title, phase, changes, notes, reboot_after: false, ..step.clone() })
    };
    let kept: Vec<Step> = steps.iter().filter_map(keep).collect();
    steps.extend(kept);
}

/// A driver that a list of filters names must leave it before it goes, or its devices fail at the next start.
fn filters_first(steps: Vec<Step>) -> Vec<Step> {
    let filter = |step: &Step| {
        let Action::WindowsService { name, driver: true, .. } = &step.action else { return None };
        let action = Action::DriverFilter { name: name.clone() };
        let title = filter_title(name);
        let (phase, changes) = (action::phase(&action, false), changes(&action));
        Some(Step { action, title, phase, changes, notes: Vec::new(), reboot_after: false, ..step.clone() })
    };
    let filters: Vec<Step> = steps.iter().filter_map(filter).collect();
    let mut steps = Steps::of(steps);
    filters.into_iter().for_each(|step| steps.add(step));
    steps.into_list()
}

/// A driver's file goes after the restart that unloads it.
fn restart_before_driver_files(steps: &mut [Step]) {
    let is_driver_file = |step: &Step| matches!(&step.action, Action::File { path, .. } if path.to_lowercase().ends_with(".sys"));
    if !steps.iter().any(is_driver_file) {
        return;
    }
    let drivers =
        steps.iter_mut().filter(|step| matches!(step.action, Action::WindowsService { driver: true, .. }));
    if let Some(last) = drivers.last() {
        last.reboot_after = true;
    }
}

/// A product with a loaded kernel module or a driver is only gone after a restart; one for all products of the vendor,
/// after the last. The drivers can be a finding of their own.
fn mark_restarts(found: &[Found<'_, '_>], steps: &mut [Step]) {
    let is_loaded = |kept: &Kept| {
        let kind = kept.evidence.fields.get(&Field::Type).map(Value::joined);
        (kept.evidence.collector == "drivers" && kept.evidence.state > State::Remnant)
            || (kept.evidence.collector == "kernel_modules" && kind.as_deref() == Some("loaded"))
    };
    let with_drivers = found.iter().filter(|found| found.kept.iter().any(is_loaded));
    let vendors: BTreeSet<&str> = with_drivers.map(|found| super::vendor_of(&found.id)).collect();
    for vendor in vendors {
        let of_vendor = steps.iter_mut().filter(|step| step.is_first() && step.vendor() == vendor);
        // The order of equal phases is that of the drafts, agents first.
        let Some(last) = of_vendor.max_by_key(|step| (step.phase, !is_agent(&step.product))) else {
            continue;
        };
        last.reboot_after = true;
        if matches!(last.action, Action::UninstallByHand { .. }) {
            last.notes.push("Restart the host afterwards, then run the plan again.".to_owned());
        }
    }
}

/// What cannot be undone stops the script until a person settled it.
fn settle_first(report: &ScanReport, matcher: &Matcher<'_>, found: &[Found<'_, '_>], steps: &mut Steps) {
    let works = |state: State| matches!(state, State::Installed | State::Running);
    let is_guard = |finding: &Finding| {
        let mut products = matcher.products().iter().filter(|candidate| candidate.product.antivirus);
        products.any(|guard| finding.id == format!("{}/{}", guard.vendor.id, guard.product.id))
    };
    let other = |finding: &Finding| {
        finding.status == Status::Informational && works(finding.state) && is_guard(finding)
    };
    let is_windows = report.target.os.os == Some(Os::Windows);
    let has_other = report.findings.iter().any(other);
    let mut confirm = |found: &Found<'_, '_>, what: Settled, title: &str| {
        let ids = found.kept.iter().map(|kept| kept.evidence.id.clone()).collect();
        let checks: BTreeSet<Check> = found.kept.iter().filter_map(|kept| check(kept, is_windows)).collect();
        let action = Action::Confirm { what, checks: checks.into_iter().collect() };
        steps.add(draft(found, ids, action, title.to_owned()));
    };
    for found in found {
        if found.product.antivirus && works(found.finding.state) && !has_other {
            confirm(found, Settled::Replacement, ALONE);
        }
        let encrypts = |kept: &Kept| {
            let mut names = kept.evidence.fields.get(&Field::Name).into_iter().flat_map(Value::texts);
            let works = kept.evidence.state > State::Remnant
                || matches!(kept.evidence.collector.as_str(), "drivers" | "driver_bindings");
            let listed =
                [found.product, found.lists(kept)].into_iter().flat_map(|product| &product.encryption);
            let listed: Vec<&String> = listed.collect();
            works && names.any(|name| listed.iter().any(|known| is_named(name, known)))
        };
        if found.kept.iter().any(encrypts) {
            confirm(found, Settled::Decrypted, ENCRYPTED);
        }
    }
}

/// Whether a name is this one, or begins so where it ends in `*`.
fn is_named(name: &str, known: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
        None => name.eq_ignore_ascii_case(known),
    }
}
