//! Builds a plan from reports: evidence becomes actions that are bound to it, the rest steps for a person.

use std::collections::{BTreeMap, BTreeSet};

use super::uninstall::{self, Command};
use super::{Action, HostPlan, Phase, Plan, Step};
use crate::finding::{Evidence, Finding, remedy};
use crate::model::{Field, State, TargetKind};
use crate::report::{SCHEMA_VERSION, ScanReport, TargetInfo};
use crate::signature::Status;

/// Commands of signatures that the plan's own actions stand for.
const COVERED: &[&str] = &[
    "dpkg",
    "apt-get",
    "apt",
    "rpm",
    "dnf",
    "yum",
    "zypper",
    "apk",
    "pacman",
    "snap",
    "flatpak",
    "systemctl",
    "rm",
    "msiexec",
    "msiexec.exe",
    "sc",
    "sc.exe",
    "rmdir",
    "rd",
    "del",
];
/// Folders that hold more than one product, and their like: never deleted as a whole.
const SHARED: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "lib32",
    "lib64",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "snap",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
    "Applications",
    "Library",
    "System",
    "Users",
    "Windows",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
];

/// The plan for the banned products of reports. Findings with an exception are left out, exempt products too.
pub fn plan(reports: &[ScanReport]) -> Plan {
    let hosts = reports.iter().map(host).collect();
    Plan { schema_version: SCHEMA_VERSION.to_owned(), debar: env!("CARGO_PKG_VERSION").to_owned(), hosts }
}

fn host(report: &ScanReport) -> HostPlan {
    let wanted = |finding: &&Finding| finding.status == Status::Banned && finding.exception.is_none();
    let mut drafts: Vec<Step> = Vec::new();
    for finding in report.findings.iter().filter(wanted) {
        if report.target.kind == TargetKind::Image {
            drafts.push(rebuild(finding));
        } else {
            steps(finding, &report.target, &mut drafts);
        }
    }
    mark_restarts(report, &mut drafts);
    // By phase; within it agents first, services before drivers, then as found: the deeper folder before the one around it.
    drafts.sort_by_key(|step| {
        let depth = match &step.action {
            Action::Folder { path } | Action::File { path, .. } => path.matches('/').count(),
            _ => 0,
        };
        let is_driver = matches!(step.action, Action::WindowsService { driver: true, .. });
        (step.phase, !is_agent(&step.product), is_driver, std::cmp::Reverse(depth))
    });
    let width = drafts.len().to_string().len().max(2);
    for (at, step) in drafts.iter_mut().enumerate() {
        step.id = format!("s{:0width$}", at + 1);
    }
    HostPlan {
        host: report.target.host.clone(),
        target: report.target.name.clone(),
        target_kind: report.target.kind,
        os: report.target.os.os,
        scanned: report.finished.clone(),
        steps: drafts,
    }
}

/// Whether a product is a management agent, by the words of its id.
fn is_agent(product: &str) -> bool {
    product.rsplit('/').next().unwrap_or(product).split('-').any(|word| word == "agent")
}

/// An image is not repaired but built anew.
fn rebuild(finding: &Finding) -> Step {
    let mut layers: BTreeSet<String> = BTreeSet::new();
    for evidence in &finding.evidence {
        if let Some(layer) = &evidence.location.layer {
            let by = layer.created_by.as_deref().unwrap_or("an unknown step");
            layers.insert(format!("Layer {} ({}) came with: {by}", layer.index, layer.digest));
        }
    }
    let ids = finding.evidence.iter().map(|evidence| evidence.id.clone()).collect();
    let title =
        format!("Build the image without {}, and deploy it in place of this one", finding.product.name);
    let mut step = draft(finding, ids, Action::Manual { commands: Vec::new() }, title);
    step.notes.extend(layers);
    step
}

fn steps(finding: &Finding, target: &TargetInfo, drafts: &mut Vec<Step>) {
    let mut by_action: BTreeMap<Action, Vec<&Evidence>> = BTreeMap::new();
    let mut unbound: Vec<&Evidence> = Vec::new();
    for evidence in &finding.evidence {
        match action(finding, evidence) {
            Some(action) => by_action.entry(action).or_default().push(evidence),
            None => unbound.push(evidence),
        }
    }
    let ids = |evidence: &[&Evidence]| evidence.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    for (action, evidence) in by_action {
        let title = title(&action, finding);
        drafts.push(draft(finding, ids(&evidence), action, title));
    }
    // The commands that stand in a step of their own.
    let by_hand: BTreeSet<String> = drafts
        .iter()
        .filter_map(|step| match &step.action {
            Action::UninstallByHand { command, .. } => Some(command.clone()),
            _ => None,
        })
        .collect();
    // The scripts see to it that they run in the system that was scanned.
    let elsewhere = remedy::elsewhere(target.kind);
    for removal in finding.removal.iter().filter(|removal| Some(*removal) != elsewhere.as_ref()) {
        let covered = |command: &String| {
            let program = command.split(' ').next().unwrap_or_default();
            COVERED.iter().any(|covered| covered.eq_ignore_ascii_case(program))
                || by_hand.contains(&uninstall::redacted(command))
        };
        if !removal.commands.is_empty() && removal.commands.iter().all(covered) {
            continue;
        }
        let commands = removal.commands.iter().map(|command| uninstall::redacted(command)).collect();
        let mut step = draft(finding, Vec::new(), Action::Manual { commands }, removal.title.clone());
        step.notes.extend(removal.note.clone());
        drafts.push(step);
    }
    // Processes end with their product; everything else that no action stands for is told.
    unbound.retain(|evidence| evidence.collector != "processes");
    if !unbound.is_empty() {
        let title = format!("Look at what else shows {}", finding.product.name);
        let mut step = draft(finding, ids(&unbound), Action::Manual { commands: Vec::new() }, title);
        step.notes.extend(unbound.iter().take(50).map(|one| format!("{}: {}", one.collector, one.location)));
        if unbound.len() > 50 {
            step.notes.push(format!("and {} more; see the report", unbound.len() - 50));
        }
        drafts.push(step);
    }
}

fn draft(finding: &Finding, evidence: Vec<String>, action: Action, title: String) -> Step {
    let phase = match &action {
        Action::Unit { .. } | Action::WindowsService { .. } => Phase::Service,
        Action::Folder { .. } | Action::File { .. } => Phase::Remnant,
        Action::Manual { .. } => Phase::Manual,
        _ if is_agent(&finding.product.id) => Phase::Agent,
        _ => Phase::Product,
    };
    Step {
        id: String::new(),
        phase,
        title,
        product: finding.product.id.clone(),
        evidence,
        changes: changes(&action),
        action,
        reboot_after: false,
        notes: Vec::new(),
    }
}

/// A product with a loaded kernel module or a driver is only gone after a restart; one for all products of the vendor,
/// after the last. The drivers can be a finding of their own.
fn mark_restarts(report: &ScanReport, drafts: &mut [Step]) {
    let is_loaded = |evidence: &Evidence| {
        let kind = evidence.fields.get(&Field::Type).map(crate::model::Value::joined);
        (evidence.collector == "drivers" && evidence.state > State::Remnant)
            || (evidence.collector == "kernel_modules" && kind.as_deref() == Some("loaded"))
    };
    let with_drivers = report.findings.iter().filter(|finding| finding.evidence.iter().any(is_loaded));
    let vendors: BTreeSet<&str> = with_drivers.map(|finding| super::vendor_of(&finding.product.id)).collect();
    for vendor in vendors {
        let steps = drafts.iter_mut().filter(|step| step.is_first() && step.vendor() == vendor);
        // The order of equal phases is that of the drafts, agents first.
        let Some(last) = steps.max_by_key(|step| (step.phase, !is_agent(&step.product))) else { continue };
        last.reboot_after = true;
        if matches!(last.action, Action::UninstallByHand { .. }) {
            last.notes.push("Restart the host afterwards, then run the plan again.".to_owned());
        }
    }
}

fn title(action: &Action, finding: &Finding) -> String {
    let name = &finding.product.name;
    match action {
        Action::Deb { name: package, version, .. }
        | Action::Apk { name: package, version }
        | Action::Pacman { name: package, version }
        | Action::Snap { name: package, version } => {
            format!("Remove the package {package} {version} of {name}")
        }
        Action::Rpm { name: package, version, release, .. } => {
            format!("Remove the package {package} {version}-{release} of {name}")
        }
        Action::Flatpak { name: id } => format!("Uninstall the Flatpak {id} of {name}"),
        Action::Unit { name: unit, .. } => format!("Disable and delete the unit {unit} of {name}"),
        Action::Folder { path } => format!("Delete the folder {path} of {name}"),
        Action::File { path, .. } => format!("Delete the file {path} of {name}"),
        Action::Msi { name: program, version, .. } => {
            format!("Remove {program} {version} by Windows Installer")
        }
        Action::Uninstaller { name: program, .. } => format!("Run the uninstaller of {program}"),
        Action::UninstallByHand { name: program, .. } => {
            format!("Run the uninstaller of {program}, which asks questions")
        }
        Action::WindowsService { name: service, driver, .. } => {
            let kind = if *driver { "driver" } else { "service" };
            format!("Stop and delete the {kind} {service} of {name}, if it was left")
        }
        Action::Manual { .. } => name.clone(),
    }
}

fn changes(action: &Action) -> String {
    match action {
        Action::Deb { .. } => "the package's files, configuration, and its entry in the database of dpkg",
        Action::Rpm { .. } => "the package's files, and its entry in the database of rpm",
        Action::Apk { .. } => "the package's files, and its entry in the database of apk",
        Action::Pacman { .. } => {
            "the package's files and configuration, and its entry in the database of pacman"
        }
        Action::Snap { .. } => "the snap with its data, without a snapshot of it",
        Action::Flatpak { .. } => "the application; what users stored stays",
        Action::Unit { .. } => "the unit's links and its file",
        Action::Folder { path } if path.contains("/opt/") => {
            "the folder with everything below it; also the vendor's folder around it, once that is empty"
        }
        Action::Folder { .. } => "the folder with everything below it",
        Action::File { .. } => "this file",
        Action::Msi { .. } => "what the product's installer installed",
        Action::Uninstaller { .. } | Action::UninstallByHand { .. } => {
            "what the program's own uninstaller removes"
        }
        Action::WindowsService { driver: true, .. } => "the driver's entry in the registry",
        Action::WindowsService { .. } => "the service's entry in the registry",
        Action::Manual { .. } => "nothing by itself: a person decides",
    }
    .to_owned()
}

/// The action that a piece of evidence is enough for.
fn action(finding: &Finding, evidence: &Evidence) -> Option<Action> {
    let text = |field: Field| -> Option<String> {
        let value = evidence.fields.get(&field)?;
        value.texts().next().map(str::to_owned)
    };
    let word = |field: Field| text(field).filter(|text| is_package_word(text));
    let optional = |field: Field| match text(field) {
        None => Some(String::new()),
        Some(text) => is_package_word(&text).then_some(text),
    };
    match evidence.collector.as_str() {
        "deb_packages" => Some(Action::Deb {
            name: word(Field::Name)?,
            version: word(Field::Version)?,
            arch: optional(Field::Arch)?,
        }),
        "rpm_packages" => Some(Action::Rpm {
            name: word(Field::Name)?,
            epoch: optional(Field::Epoch)
                .map(|epoch| if epoch.is_empty() { "0".to_owned() } else { epoch })?,
            version: word(Field::Version)?,
            release: word(Field::Release)?,
            arch: optional(Field::Arch)?,
        }),
        "apk_packages" => Some(Action::Apk { name: word(Field::Name)?, version: word(Field::Version)? }),
        "pacman_packages" => {
            Some(Action::Pacman { name: word(Field::Name)?, version: word(Field::Version)? })
        }
        "snap_packages" if evidence.state > State::Remnant => {
            Some(Action::Snap { name: word(Field::Name)?, version: word(Field::Version)? })
        }
        "flatpak_packages" if evidence.state > State::Remnant && text(Field::User).is_none() => {
            Some(Action::Flatpak { name: word(Field::Identifier).or_else(|| word(Field::Name))? })
        }
        "systemd_units" => {
            let name = text(Field::Name).filter(|name| !name.starts_with('-') && !name.contains('/'))?;
            Some(Action::Unit { name, path: deletable(evidence, 2)? })
        }
        "program_folders" => Some(Action::Folder { path: deletable(evidence, 2)? }),
        "program_files" | "appimages" => {
            Some(Action::File { path: deletable(evidence, 2)?, size: text(Field::Size) })
        }
        "desktop_entries" | "native_messaging" => {
            Some(Action::File { path: deletable(evidence, 3)?, size: None })
        }
        "programs" => program(finding, evidence),
        // What is registered: a driver's image may be left to Windows to find.
        "services" | "drivers" => Some(Action::WindowsService {
            name: text(Field::Name).filter(|name| !name.contains(['\\', '/', '"']))?,
            driver: evidence.collector == "drivers",
            command: text(Field::Cmdline).unwrap_or_default(),
        }),
        _ => None,
    }
}

fn program(finding: &Finding, evidence: &Evidence) -> Option<Action> {
    let text =
        |field: Field| evidence.fields.get(&field).and_then(|value| value.texts().next()).map(str::to_owned);
    let key = evidence.location.registry_key.clone()?;
    // The first is what the key itself says, or else the key's own name.
    let name = text(Field::Name)?;
    let commands =
        [("QuietUninstallString", Field::QuietUninstallString), ("UninstallString", Field::UninstallString)];
    let parsed = commands.into_iter().find_map(|(value, field)| {
        let command = text(field)?;
        Some((value, uninstall::parse(&command)?, command))
    });
    let code = text(Field::IdentifyingNumber).filter(|code| uninstall::is_product_code(code));
    match (parsed, code) {
        (Some((_, Command::Msi(product_code), _)), _) | (None, Some(product_code)) => {
            let removal = finding.removal.iter().flat_map(|removal| &removal.commands);
            let secrets: BTreeSet<String> = removal.flat_map(|command| uninstall::secrets(command)).collect();
            Some(Action::Msi {
                product_code: product_code.to_uppercase(),
                key,
                name,
                version: text(Field::Version).unwrap_or_default(),
                secrets: secrets.into_iter().collect(),
            })
        }
        // Without a quiet form it would wait for somebody at the screen.
        (Some((value, Command::Program(program, arguments), command)), _)
            if value == "QuietUninstallString" =>
        {
            Some(Action::Uninstaller { key, value: value.to_owned(), command, program, arguments, name })
        }
        // What is left of a program has nothing that could be run.
        _ if evidence.state == State::Remnant => None,
        _ => {
            let command = text(Field::UninstallString).or_else(|| text(Field::QuietUninstallString))?;
            Some(Action::UninstallByHand { key, name, command: uninstall::redacted(&command) })
        }
    }
}

/// Names and versions of packages have no others; what has is left to a person.
fn is_package_word(text: &str) -> bool {
    text.len() <= 256
        && text.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || "+-._~^:".contains(char))
}

/// The path of evidence if it may be deleted: absolute, at least so many components deep, no folder that others share,
/// and shown as it is on the disk (`\x` stands for bytes that are not UTF-8, or for itself).
fn deletable(evidence: &Evidence, depth: usize) -> Option<String> {
    let path = evidence.location.path.as_deref().filter(|_| evidence.location.record.is_none())?;
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let clean = parts.iter().all(|part| !part.is_empty() && *part != "." && *part != "..")
        && !path.contains("\\x")
        && !path.chars().any(char::is_control);
    let last = parts.last()?;
    let is_shared = parts.len() < depth
        || SHARED.contains(last)
        || (parts.len() == 2
            && parts.first().is_some_and(|first| ["home", "usr", "var", "etc", "Users"].contains(first)));
    (clean && !is_shared).then(|| path.to_owned())
}
