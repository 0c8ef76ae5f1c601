//! Whatever a report says, a plan acts on nothing that the signatures do not match by what the plan itself names.

use proptest::prelude::*;

use super::{Action, build};
use crate::collector;
use crate::finding::matcher::Matcher;
use crate::finding::{Evidence, Finding, ProductName};
use crate::model::{Artifact, Field, Location, Os, State, TargetKind, Value};
use crate::report::ScanReport;
use crate::signature::{SignatureSet, Status, Strength};

const COLLECTORS: &[&str] = &[
    "deb_packages",
    "rpm_packages",
    "apk_packages",
    "pacman_packages",
    "snap_packages",
    "flatpak_packages",
    "systemd_units",
    "program_folders",
    "program_files",
    "appimages",
    "desktop_entries",
    "programs",
    "services",
    "drivers",
    "init_scripts",
    "network_filters",
    "processes",
    "nonsense",
];
/// Texts that match, that nearly match, and that must not become a step.
const TEXTS: &[&str] = &[
    "kesl",
    "klnagent64",
    "openssh-server",
    "AO Kaspersky Lab",
    "Kaspersky Endpoint Security for Windows",
    "klif",
    "/opt/kaspersky/kesl",
    "/var/lib/postgresql",
    "/opt/kaspersky/../postgresql",
    "/etc",
    "/usr/sbin/sshd",
    "/home/eve/.config/systemd/user/ssh.service",
    "/etc/systemd/system/kesl.service",
    "ssh.service",
    "/Program Files (x86)/Kaspersky Lab/KES",
    "/Windows/System32",
    "disk",
    r"C:\Windows\System32\drivers\klif.sys",
    r"C:\Windows\System32\drivers\disk.sys",
    r"C:\Users\eve\evil.exe /S",
    "MsiExec.exe /X{0123ABCD-0123-4567-89AB-0123456789AB}",
    "$(reboot)",
    "'; reboot; '",
    "user",
    "-rf",
    r"HKLM\SYSTEM\CurrentControlSet\Services\disk",
    r"HKLM\SYSTEM\CurrentControlSet\Services\klif",
    r"HKU\S-1-5-21-1\Software\Microsoft\Windows\CurrentVersion\Uninstall\x",
    r"HKLM\SOFTWARE\Uninstall\x",
    "1.0",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(TEXTS).prop_map(str::to_owned), 1 => "\\PC{0,16}"]
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let fields =
        prop::collection::btree_map(prop::sample::select(Field::ALL), text().prop_map(Value::One), 0..10);
    let place = (prop::option::of(text()), prop::option::of(text()), prop::option::of(text()));
    (prop::sample::select(COLLECTORS), fields, place, any::<bool>()).prop_map(
        |(collector, fields, place, is_running)| {
            let (path, registry_key, record) = place;
            Evidence {
                id: "ev-1".into(),
                collector: collector.into(),
                indicators: vec!["x".into()],
                matched: "x".into(),
                strength: Strength::Conclusive,
                state: if is_running { State::Running } else { State::Installed },
                shared: false,
                product: None,
                fields,
                location: Location { path, registry_key, record, ..Location::default() },
            }
        },
    )
}

fn report(product: &str, os: Os, evidence: Vec<Evidence>, host: &str) -> ScanReport {
    let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
    let mut report = crate::report::read::read(text.as_bytes()).unwrap().remove(0);
    report.target.kind = TargetKind::Host;
    report.target.os.os = Some(os);
    report.target.host = host.to_owned();
    let base = report.findings.remove(0);
    let name = ProductName { id: product.into(), vendor: "V".into(), name: "Run rm -rf /".into() };
    let finding = Finding { id: product.into(), product: name, status: Status::Banned, evidence, ..base };
    report.findings = vec![finding];
    report
}

/// Whether a product of the signatures matches an artifact that is made from nothing but what a step names.
fn is_of_product(matcher: &Matcher<'_>, product: &str, collector: &str, facts: &[(Field, &str)]) -> bool {
    let Some(collector) = collector::named(collector) else { return false };
    let mut artifact = Artifact::new(collector.name, Location::default());
    for (field, text) in facts {
        artifact.set(*field, *text);
    }
    matcher.hits(&artifact).iter().any(|hit| {
        let candidate = matcher.product(hit.product).unwrap();
        format!("{}/{}", candidate.vendor.id, candidate.product.id) == product
    })
}

fn is_bound(matcher: &Matcher<'_>, product: &str, action: &Action) -> bool {
    let is = |collector: &str, facts: &[(Field, &str)]| is_of_product(matcher, product, collector, facts);
    let unix = |path: &str| path.strip_prefix("C:").unwrap_or(path).replace('\\', "/");
    match action {
        Action::Deb { name, maintainer, arch, .. } => {
            let maintainer = maintainer.as_deref().unwrap_or_default();
            is(
                "deb_packages",
                &[
                    (Field::Name, name.as_str()),
                    (Field::Maintainer, maintainer),
                    (Field::Arch, arch.as_str()),
                ],
            )
        }
        Action::Rpm { name, vendor, packager, arch, .. } => {
            let [vendor, packager] = [vendor, packager].map(|text| text.as_deref().unwrap_or_default());
            let facts = [
                (Field::Name, name.as_str()),
                (Field::Vendor, vendor),
                (Field::Packager, packager),
                (Field::Arch, arch.as_str()),
            ];
            is("rpm_packages", &facts)
        }
        Action::Apk { name, .. } => is("apk_packages", &[(Field::Name, name.as_str())]),
        Action::Pacman { name, .. } => is("pacman_packages", &[(Field::Name, name.as_str())]),
        Action::Snap { name, .. } => is("snap_packages", &[(Field::Name, name.as_str())]),
        Action::Flatpak { name } => {
            is("flatpak_packages", &[(Field::Name, name.as_str()), (Field::Identifier, name.as_str())])
        }
        Action::Unit { name, path, program, .. } => {
            let program = program.as_deref().unwrap_or_default();
            path.ends_with(&format!("/{name}"))
                && is(
                    "systemd_units",
                    &[(Field::Name, name.as_str()), (Field::Path, path.as_str()), (Field::Program, program)],
                )
        }
        Action::Folder { path } | Action::Keep { path, .. } => {
            let path = unix(path);
            let name = path.rsplit('/').next().unwrap_or_default();
            is("program_folders", &[(Field::Path, path.as_str()), (Field::Name, name)])
        }
        Action::File { path, holds, .. } => {
            let (path, program) = (unix(path), holds.as_deref().unwrap_or_default());
            let name = path.rsplit('/').next().unwrap_or_default();
            let of = |collector: &str| {
                is(collector, &[(Field::Path, path.as_str()), (Field::Name, name), (Field::Program, program)])
            };
            ["program_files", "appimages", "desktop_entries"].into_iter().any(of)
        }
        Action::Msi { name, key, values, version, .. }
        | Action::Uninstaller { name, key, values, value: version, .. } => {
            let of = |name: &str| values.get(name).map(String::as_str).unwrap_or_default();
            let facts = [
                (Field::Name, name.as_str()),
                (Field::Key, key.as_str()),
                (Field::Publisher, of("Publisher")),
                (Field::InstallLocation, of("InstallLocation")),
                (Field::Version, version.as_str()),
            ];
            is("programs", &facts)
        }
        Action::WindowsService { name, command, .. } => {
            let system = format!(r"C:\Windows\System32\drivers\{name}.sys");
            let path = if command.is_empty() { system.as_str() } else { command.trim_matches('"') };
            ["services", "drivers"]
                .into_iter()
                .any(|one| is(one, &[(Field::Name, name.as_str()), (Field::Path, path)]))
        }
        // They act on what the steps beside them name, or on nothing.
        Action::DriverFilter { .. }
        | Action::Confirm { .. }
        | Action::UninstallByHand { .. }
        | Action::Manual { .. } => true,
    }
}

fn built_in() -> &'static SignatureSet {
    static SET: std::sync::OnceLock<SignatureSet> = std::sync::OnceLock::new();
    SET.get_or_init(|| crate::signature::load(&[]).unwrap())
}

fn matcher() -> &'static Matcher<'static> {
    static MATCHER: std::sync::OnceLock<Matcher<'static>> = std::sync::OnceLock::new();
    MATCHER.get_or_init(|| Matcher::new(built_in()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_report_makes_a_step_that_the_signatures_do_not_have(
        product in prop::sample::select(vec!["kaspersky/endpoint-security-linux", "kaspersky/other", "kaspersky/drivers",
            "kaspersky/endpoint-security-windows", "acme/nothing"]),
        os in prop::sample::select(vec![Os::Linux, Os::Windows]),
        evidence in prop::collection::vec(evidence(), 1..5),
        host in "\\PC{1,12}",
    ) {
        let report = report(product, os, evidence, &host);
        let plan = build::plan(std::slice::from_ref(&report), matcher());
        for step in &plan.hosts[0].steps {
            prop_assert_eq!(&step.product, product);
            prop_assert!(is_bound(matcher(), product, &step.action), "{:?}", step.action);
            prop_assert!(!step.title.contains("Run rm -rf"), "{}", step.title);
        }
    }
}
