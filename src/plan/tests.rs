//! Whatever a report says, a plan acts on nothing that the signatures do not match by what the plan itself names, and no
//! format writes a step that the plan does not have.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::{Action, Plan, build};
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
    "driver_bindings",
    "com_extensions",
    "kernel_modules",
    "crontab",
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
    r"HKLM\SYSTEM\CurrentControlSet\Control\Network\{4d36e974}\{1}",
    "Kaspersky Anti-Virus NDIS 6 Filter",
    "ndis",
    "wfp-provider",
    "upper-filter",
    "kl_klim6",
    "step 's01' 'x' 'y' 'z' 'first'",
    "\ndeb 'bash' '1' '' ''\n",
    "'\nRemove-Folder 'C:\\Windows' $true\n'",
    "1. Remove the package bash",
    "{{ lookup('pipe', 'reboot') }}",
    "1.0",
];
/// Products that a part may claim to be of.
const PARTS: &[&str] = &["kaspersky/drivers", "kaspersky/other", "kaspersky/vendor-code", "acme/nothing"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(TEXTS).prop_map(str::to_owned), 1 => "\\PC{0,16}"]
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let fields =
        prop::collection::btree_map(prop::sample::select(Field::ALL), text().prop_map(Value::One), 0..10);
    let place = (prop::option::of(text()), prop::option::of(text()), prop::option::of(text()));
    let part = (any::<bool>(), prop::option::of(prop::sample::select(PARTS)));
    (prop::sample::select(COLLECTORS), fields, place, any::<bool>(), part).prop_map(
        |(collector, fields, place, is_running, (shared, product))| {
            let (path, registry_key, record) = place;
            Evidence {
                id: "ev-1".into(),
                collector: collector.into(),
                indicators: vec!["x".into()],
                matched: "x".into(),
                strength: Strength::Conclusive,
                state: if is_running { State::Running } else { State::Installed },
                shared,
                product: product.map(str::to_owned),
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

/// Whether the signatures have a step: some banned product of the step's vendor matches what it names.
fn is_bound(matcher: &Matcher<'_>, product: &str, action: &Action) -> bool {
    let vendor = product.split('/').next().unwrap();
    let banned = matcher
        .products()
        .iter()
        .filter(|one| one.vendor.id == vendor && one.product.status == Status::Banned);
    let ids = banned.map(|one| format!("{}/{}", one.vendor.id, one.product.id));
    ids.into_iter().any(|id| {
        let is = |collector: &str, facts: &[(Field, &str)]| is_of_product(matcher, &id, collector, facts);
        match action {
            Action::Deb { .. } | Action::Rpm { .. } => is_package(&is, action),
            Action::Apk { name, .. } => is("apk_packages", &[(Field::Name, name)]),
            Action::Pacman { name, .. } => is("pacman_packages", &[(Field::Name, name)]),
            Action::Snap { name, .. } => is("snap_packages", &[(Field::Name, name)]),
            Action::Flatpak { name } => {
                is("flatpak_packages", &[(Field::Name, name), (Field::Identifier, name)])
            }
            Action::Unit { .. } | Action::Folder { .. } | Action::Keep { .. } | Action::File { .. } => {
                is_place(&is, action)
            }
            // They act on nothing.
            Action::Confirm { .. } | Action::UninstallByHand { .. } | Action::Manual { .. } => true,
            _ => is_registered(&is, action),
        }
    })
}

type Is<'a> = dyn Fn(&str, &[(Field, &str)]) -> bool + 'a;

fn is_package(is: &Is<'_>, action: &Action) -> bool {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
    match action {
        Action::Deb { name, maintainer, arch, .. } => {
            let maintainer = or_none(maintainer);
            is("deb_packages", &[(Field::Name, name), (Field::Maintainer, &maintainer), (Field::Arch, arch)])
        }
        Action::Rpm { name, vendor, packager, arch, .. } => {
            let (vendor, packager) = (or_none(vendor), or_none(packager));
            let facts = [
                (Field::Name, name.as_str()),
                (Field::Vendor, &vendor),
                (Field::Packager, &packager),
                (Field::Arch, arch),
            ];
            is("rpm_packages", &facts)
        }
        _ => false,
    }
}

fn is_place(is: &Is<'_>, action: &Action) -> bool {
    let unix = |path: &str| path.strip_prefix("C:").unwrap_or(path).replace('\\', "/");
    match action {
        Action::Unit { name, path, program, .. } => {
            let program = program.as_deref().unwrap_or_default();
            path.ends_with(&format!("/{name}"))
                && is("systemd_units", &[(Field::Name, name), (Field::Path, path), (Field::Program, program)])
        }
        Action::Folder { path } | Action::Keep { path, .. } => {
            let path = unix(path);
            let name = path.rsplit('/').next().unwrap_or_default();
            is("program_folders", &[(Field::Path, &path), (Field::Name, name)])
        }
        Action::File { path, holds, .. } => {
            let (path, program) = (unix(path), holds.as_deref().unwrap_or_default());
            let name = path.rsplit('/').next().unwrap_or_default();
            let facts = [(Field::Path, path.as_str()), (Field::Name, name), (Field::Program, program)];
            ["program_files", "appimages", "desktop_entries"]
                .into_iter()
                .any(|collector| is(collector, &facts))
        }
        _ => false,
    }
}

fn is_registered(is: &Is<'_>, action: &Action) -> bool {
    match action {
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
                .any(|one| is(one, &[(Field::Name, name), (Field::Path, path)]))
        }
        // A driver's name, with a path that it can have.
        Action::DriverFilter { name } => {
            let path = format!(r"C:\Windows\System32\drivers\{name}.sys");
            let named = |one: &str| {
                is(one, &[(Field::Name, name)]) || is(one, &[(Field::Name, name), (Field::Path, &path)])
            };
            ["driver_bindings", "drivers"].into_iter().any(named)
        }
        Action::NetworkComponent { key, component, values } => {
            let name = values.get("Description").unwrap_or(component);
            let facts = [
                (Field::Name, name.as_str()),
                (Field::Identifier, component),
                (Field::Type, "ndis"),
                (Field::Key, key),
            ];
            is("network_filters", &facts)
        }
        _ => false,
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

/// The text of a plan in a format.
fn written(plan: &Plan, format: &str) -> String {
    let (_, write) = super::WRITERS.iter().find(|(name, _)| *name == format).unwrap();
    let mut out = Vec::new();
    write(plan, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A script behind its runtime with each quoted text as `Q`: what the report cannot have written.
fn skeleton(script: &str, runtime: &str, quoted: &str) -> String {
    let (_, tail) = script.split_once(runtime).unwrap();
    regex::Regex::new(quoted).unwrap().replace_all(tail, "Q").into_owned()
}

const SH: &str = r"(?x)^(|if\ \[\ .\$here.\ =\ Q\ \];\ then|known=yes|\[\ .\$named.\ =\ yes\ \]\ \|\|\ \{\ say\ Q;\ exit\ 2;\ \}
    |say\ Q(;\ exit\ 2)?|plan=Q|prepare|step\ Q\ Q\ Q\ Q\ (keep|first|filter|after)|note\ Q|reboot_point|fi|ended|\}|else\ gone;\ fi
    |(held\ \|\|\ |blocked\ \|\|\ )?(deb|rpm_package|apk_package|pacman_package|snap_package|flatpak_app|unit|keep|folder|file)(\ Q)+
    |(stated\ \|\|\ )?(manual\ Q|confirm\ (replacement|decrypted)|\{)|(if|\ )\ still(\ Q)+(\ \|\||;\ then))$";
const PS1: &str = r"(?x)^(|if\ \(Test-HostName\ Q\)\ \{|\$script:Known\ =\ \$true|if\ \(-not\ \$script:Named\)\ \{\ Write-Host\ Q;\ exit\ 2\ \}
    |Write-Host\ Q;\ exit\ 2|Initialize-Data|Say\ Q|Step\ Q\ Q\ Q\ Q\ Q|Note\ Q|RebootPoint|\}|Complete-Plan
    |try\ \{\ (if\ \(-not\ \(Test-(Held|Blocked)\)\)\ \{\ )?CALL(\ \})?\ \}\ catch\ \{\ Fail\ \(\[string\]\$_\)\ \})$";
const CALL: &str = r"(?x)(Remove-Msi(\ Q){5}\ LIST\ LIST|Invoke-Uninstaller(\ Q){6}\ LIST|Wait-ForPerson\ Q\ Q\ Q|Remove-Filter\ Q
    |Remove-Component\ Q\ Q\ LIST|Remove-LeftService\ Q\ Q\ BOOL|Copy-Kept\ Q\ BOOL|Remove-Folder\ Q\ BOOL|Remove-File\ Q\ Q\ Q
    |(if\ \(STILL(\ -or\ STILL)*\)\ \{\ )?(Confirm-Settled\ Q\ \$\w+|Manual\ Q(;\ Manual\ Q)*)(\ \}\ else\ \{\ Gone\ \})?
    |if\ \(-not\ \(Test-Stated\)\)\ \{\ Manual\ Q(;\ Manual\ Q)*\ \})";

/// Checks that a script has just the plan's steps, and nothing else in which a report has a word.
fn check_script(plan: &Plan, format: &str) -> Result<(), TestCaseError> {
    let script = written(plan, format);
    let steps = plan.hosts[0].steps.len();
    let (skeleton, line, step) = if format == "sh" {
        let quoted = r#"'[^']*'|\\'"#;
        let text = skeleton(&script, super::sh::RUNTIME, quoted);
        // A word is quoted pieces one behind the other; what a terminal obeys is made by printf.
        let text = regex::Regex::new(r#"(Q|"\$\(printf [%b\\sQ ]*\)")+"#)
            .unwrap()
            .replace_all(&text, "Q")
            .into_owned();
        (text, SH.to_owned(), "step ")
    } else {
        let text = skeleton(
            &script,
            "Set-StrictMode -Version 2\n",
            r"\((?:'(?:[^']|'')*'|\[char\]0x[0-9A-F]{4}| \+ )+\)|'(?:[^']|'')*'",
        );
        let (_, text) = text.split_once("return $true\n}\nif (Test-HostName").unwrap_or(("", &text));
        let text = format!("if (Test-HostName{text}");
        let text = regex::Regex::new(r"Q \$(true|false)").unwrap().replace_all(&text, "Q BOOL").into_owned();
        let text = regex::Regex::new(r"@\((Q(, Q)*)?\)").unwrap().replace_all(&text, "LIST").into_owned();
        let text = text.replace("(Test-Still Q Q Q)", "STILL");
        (text, PS1.replace("CALL", CALL), "Step ")
    };
    let line = regex::Regex::new(&line).unwrap();
    for one in skeleton.lines() {
        prop_assert!(line.is_match(one), "{}: {:?}", format, one);
    }
    prop_assert_eq!(skeleton.lines().filter(|line| line.starts_with(step)).count(), steps, "{}", format);
    Ok(())
}

/// Checks the formats for people, for programs and for Ansible.
fn check_pages(plan: &Plan) -> Result<(), TestCaseError> {
    let steps = plan.hosts[0].steps.len();
    let numbered = |text: &str, pattern: &str| {
        let pattern = regex::Regex::new(pattern).unwrap();
        text.lines().filter(|line| pattern.is_match(line)).count()
    };
    prop_assert_eq!(numbered(&written(plan, "text"), r"^ *[0-9]+\. "), steps);
    prop_assert_eq!(numbered(&written(plan, "markdown"), r"^[0-9]+\. \*\*"), steps);
    let read: Plan = serde_json::from_str(&written(plan, "json")).unwrap();
    prop_assert_eq!(&read, plan);
    let playbook = written(plan, "ansible");
    let is_there = super::deploy::pattern(&plan.hosts[0].host).is_ok() && steps > 0;
    prop_assert_eq!(playbook.matches("\n- name: Remove banned software\n").count(), usize::from(is_there));
    // Only the name and the script come from the report.
    let fixed = |line: &&str| !line.contains("        content: !unsafe ") && !line.starts_with("  hosts: ");
    let open = playbook
        .lines()
        .skip(2)
        .filter(fixed)
        .find(|line| line.contains("{{") && !line.contains("debar_options"));
    prop_assert_eq!(open.filter(|line| !line.starts_with('#')), None);
    if let Some(content) =
        playbook.lines().find_map(|line| line.trim_start().strip_prefix("content: !unsafe "))
    {
        let script: String = serde_json::from_str(content).unwrap();
        let format = if plan.hosts[0].os == Some(Os::Windows) { "ps1" } else { "sh" };
        prop_assert_eq!(script, written(plan, format));
    }
    Ok(())
}

/// A report decides how much evidence it has.
#[test]
fn a_plan_costs_what_its_evidence_costs() {
    let package = |at: usize| Evidence {
        id: format!("ev-{at}"),
        collector: "deb_packages".into(),
        indicators: vec!["x".into()],
        matched: "x".into(),
        strength: Strength::Conclusive,
        state: State::Installed,
        shared: false,
        product: None,
        fields: [(Field::Name, "kesl".to_owned()), (Field::Version, format!("1.{at}"))]
            .map(|(field, text)| (field, Value::One(text)))
            .into(),
        location: Location { record: Some("kesl".into()), ..Location::default() },
    };
    let evidence = (0..20_000).map(package).collect();
    let report = report("kaspersky/endpoint-security-linux", Os::Linux, evidence, "h");
    let started = std::time::Instant::now();
    let plan = build::plan(std::slice::from_ref(&report), matcher());
    assert!(plan.hosts[0].steps.len() >= 20_000);
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_report_makes_a_step_that_the_signatures_do_not_have(
        product in prop::sample::select(vec!["kaspersky/endpoint-security-linux", "kaspersky/other", "kaspersky/drivers",
            "kaspersky/endpoint-security-windows", "kaspersky/vendor-code", "acme/nothing"]),
        os in prop::sample::select(vec![Os::Linux, Os::Windows]),
        evidence in prop::collection::vec(evidence(), 1..5),
        host in prop_oneof!["\\PC{1,12}", text()],
    ) {
        let report = report(product, os, evidence, &host);
        let plan = build::plan(std::slice::from_ref(&report), matcher());
        for step in &plan.hosts[0].steps {
            prop_assert_eq!(&step.product, product);
            prop_assert!(is_bound(matcher(), product, &step.action), "{:?}", step.action);
            prop_assert!(!step.title.contains("Run rm -rf"), "{}", step.title);
        }
        let formats: &[&str] = match os {
            Os::Windows => &["ps1", "intune-detect", "intune-remediate", "configmgr"],
            _ => &["sh"],
        };
        for format in formats.iter().filter(|format| !format.contains('-') && **format != "configmgr") {
            check_script(&plan, format)?;
        }
        check_pages(&plan)?;
        // What is for tools is the script with another beginning and end.
        for format in formats.iter().filter(|format| format.contains('-') || **format == "configmgr") {
            let of_host = |text: &str| {
                let start = text.find("\nif (Test-HostName ").unwrap();
                text.get(start..).unwrap().rsplit_once("\n}\n").unwrap().0.to_owned()
            };
            prop_assert_eq!(of_host(&written(&plan, format)), of_host(&written(&plan, "ps1")), "{}", format);
        }
    }
}
