//! Keys that name programs to start, of the machine and of every user.
//!
//! Sources: "Run and RunOnce Registry Keys", "Winlogon Registry Entries", "AppInit DLLs", "Image File Execution
//! Options", "Session Manager" of Microsoft's documentation. `StartupApproved` is what the Task Manager writes when
//! someone switches an entry off: the first byte is odd then.

use std::collections::BTreeSet;

use super::super::registered::{artifact, icon_file, launch, state};
use super::{event_logs, scripts};
use crate::collector::Sink;
use crate::model::{Field, State};
use crate::registry::{Key, Software, Values};
use crate::target::Target;
use crate::text::wildcard;

/// Keys of which each value is a command line, below `Software`.
const RUN: &[(&str, &str)] = &[
    (r"Microsoft\Windows\CurrentVersion\Run", "run"),
    (r"Microsoft\Windows\CurrentVersion\RunOnce", "run-once"),
    (r"Microsoft\Windows\CurrentVersion\RunOnceEx\*", "run-once"),
    (r"Microsoft\Windows\CurrentVersion\RunOnceEx\*\Depend", "run-once"),
    (r"Microsoft\Windows\CurrentVersion\RunServices", "run-services"),
    (r"Microsoft\Windows\CurrentVersion\RunServicesOnce", "run-services"),
    (r"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", "policy-run"),
    (
        r"Microsoft\Windows NT\CurrentVersion\Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\Run",
        "run",
    ),
];

/// Keys of which single values name programs or libraries, below `Software`.
const VALUES: &[(&str, &[&str], &str)] = &[
    (
        r"Microsoft\Windows NT\CurrentVersion\Winlogon",
        &["Shell", "Userinit", "Taskman", "VmApplet", "System", "GinaDLL", "UIHost", "AppSetup"],
        "winlogon",
    ),
    (r"Microsoft\Windows NT\CurrentVersion\Winlogon\AlternateShells\AvailableShells", &["*"], "winlogon"),
    (r"Microsoft\Windows NT\CurrentVersion\Winlogon\Notify\*", &["DLLName"], "winlogon-notify"),
    (
        r"Microsoft\Windows NT\CurrentVersion\Windows",
        &["AppInit_DLLs", "Load", "Run", "IconServiceLib"],
        "appinit",
    ),
    (
        r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*",
        &["Debugger", "VerifierDlls"],
        "image-file-execution",
    ),
    (
        r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*\*",
        &["Debugger", "FilterFullPath", "VerifierDlls"],
        "image-file-execution",
    ),
    (r"Microsoft\Windows NT\CurrentVersion\SilentProcessExit\*", &["MonitorProcess"], "silent-process-exit"),
    (r"Microsoft\Windows NT\CurrentVersion\AeDebug", &["Debugger"], "debugger"),
    (r"Microsoft\Internet Explorer\Extensions\*", &["Exec", "Script"], "internet-explorer-extension"),
    (r"Microsoft\Active Setup\Installed Components\*", &["StubPath"], "active-setup"),
    (r"Microsoft\Command Processor", &["AutoRun"], "command-processor"),
    (r"Microsoft\Windows NT\CurrentVersion\Winlogon\GPExtensions\*", &["DllName"], "group-policy-extension"),
    (r"Microsoft\Windows NT\CurrentVersion\Drivers32", &["*"], "codec"),
    (r"Microsoft\Windows\CurrentVersion\Policies\System", &["Shell"], "policy-run"),
    (r"Policies\Microsoft\Windows\System\Scripts\*\*\*", &["Script"], "group-policy-script"),
    (r"Microsoft\Windows\CurrentVersion\Group Policy\Scripts\*\*\*", &["Script"], "group-policy-script"),
    (
        r"Microsoft\Windows\CurrentVersion\Group Policy\State\*\Scripts\*\*\*",
        &["Script"],
        "group-policy-script",
    ),
    (r"Microsoft\Netsh", &["*"], "netsh-helper"),
    (
        r"Microsoft\Windows NT\CurrentVersion\AppCompatFlags\InstalledSDB\*",
        &["DatabasePath"],
        "compatibility-database",
    ),
    (
        r"Microsoft\Windows\CurrentVersion\WINEVT\Publishers\*",
        &["MessageFileName", "ResourceFileName"],
        "event-source",
    ),
    (r"Microsoft\Windows\CurrentVersion\Control Panel\Cpls", &["*"], "control-panel"),
    (r"Microsoft\Windows\CurrentVersion\Explorer\AutoplayHandlers\Handlers\*", &["DefaultIcon"], "autoplay"),
    (r"Microsoft\Windows\CurrentVersion\Explorer\VolumeCaches\*", &["Folder"], CLEANED),
    (r"Microsoft\Terminal Server Client\Default\AddIns\*", &["Name"], "terminal-client"),
    (r"Microsoft\Cryptography\Defaults\Provider\*", &["Image Path"], "cryptography"),
    (r"Microsoft\Cryptography\OID\*\*\*", &["Dll"], "cryptography"),
    (r"Microsoft\Cryptography\Providers\Trust\*\*", &["$DLL"], "cryptography"),
    (r"Microsoft\.NETFramework", &["DbgManagedDebugger"], "debugger"),
    (r"Microsoft\Office test\Special\Perf", &[""], "office-addin"),
    (r"Microsoft\Office\*\Excel\Options", &["OPEN*"], "office-addin"),
    (r"Microsoft\Exchange\Client\Extensions", &["*"], OUTLOOK),
    (r"Microsoft\Internet Explorer\MenuExt\*", &[""], "internet-explorer-extension"),
    (r"Microsoft\Internet Explorer\Low Rights\ElevationPolicy\*", &["AppPath"], SEARCHED),
    (r"Mozilla\PKCS11Modules\*", &[""], "browser-module"),
    (r"Microsoft\AppV\Client\Packages\*\Versions\*\Catalog", &["Path", "Folder"], VIRTUAL),
];

/// Keys of which each value's name is a library or program, below `Software`.
const NAMED: &[(&str, &str)] = &[
    (r"Microsoft\Windows\Windows Error Reporting\RuntimeExceptionHelperModules", "debugger"),
    (r"Microsoft\Windows NT\CurrentVersion\MiniDumpAuxiliaryDlls", "debugger"),
];

/// Values of the machine outside `Software`.
const SYSTEM: &[(&str, &[&str], &str)] = &[
    (
        r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager",
        &["BootExecute", "BootShell", "SetupExecute", "Execute", "S0InitialCommand"],
        "boot-execute",
    ),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot", &["AlternateShell"], "boot-execute"),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager",
        &["PendingFileRenameOperations", "PendingFileRenameOperations2"],
        PENDING,
    ),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment", PROFILERS, "profiler"),
    (r"HKU\*\Environment", PROFILERS, "profiler"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment", &["Path"], SEARCHED),
    (r"HKU\*\Environment", &["Path"], SEARCHED),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\AppCertDlls", &["*"], "appcert"),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa",
        &["Authentication Packages", "Notification Packages", "Security Packages"],
        "lsa",
    ),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa\OSConfig", &["Security Packages"], "lsa"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders", &["SecurityProviders"], "lsa"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Monitors\*", &["Driver"], "print-monitor"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Providers\*", &["Name"], "print-provider"),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Environments\*\Print Processors\*",
        &["Driver"],
        "print-processor",
    ),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Environments\*\Drivers\*\*",
        &["Driver", "Configuration File", "Monitor"],
        "print-driver",
    ),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\*", &["DllName"], "time-provider"),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\*\Performance", &["Library"], "performance-library"),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\*\*", &["EventMessageFile"], "event-source"),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\*\NetworkProvider", &["ProviderPath"], "network-provider"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\KnownDLLs", &["*"], "known-dll"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\Wds\rdpwd", &["StartupPrograms"], "run"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\BootVerificationProgram", &["ImagePath"], "boot-execute"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control", &["ServiceControlManagerExtension"], "boot-execute"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\ServiceControlManagerExtension", &[""], "boot-execute"),
    (r"HKLM\BCD00000000\Objects\*\Elements\12000002", &["Element"], LOADED),
    (r"HKLM\SYSTEM\Setup", &["CmdLine"], "setup"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\WOW", &["cmdline", "wowcmdline"], "boot-execute"),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Services\RasMan\PPP\EAP\*",
        &["Path", "ConfigUIPath", "IdentityPath"],
        "network-logon",
    ),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Services\Eaphost\Methods\*\*",
        &["PeerDllPath", "PeerConfigUIPath", "PeerIdentityPath"],
        "network-logon",
    ),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\RemoteAccess\RouterManagers\*", &["DLLPath"], "network-logon"),
    (
        r"HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters\AppId_Catalog\*",
        &["AppFullPath"],
        "winsock-program",
    ),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\WMI\Autologger\*", &["FileName"], TRACED),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment", &["*"], VARIABLE),
    (r"HKU\*\Environment", &["*"], VARIABLE),
    (r"HKU\*\Environment", &["UserInitMprLogonScript"], "logon-script"),
    (r"HKU\*\Control Panel\Desktop", &["SCRNSAVE.EXE"], "screen-saver"),
];

/// Libraries that .NET loads into every process.
const PROFILERS: &[&str] = &[
    "COR_PROFILER_PATH",
    "COR_PROFILER_PATH_32",
    "COR_PROFILER_PATH_64",
    "CORECLR_PROFILER_PATH",
    "CORECLR_PROFILER_PATH_32",
    "CORECLR_PROFILER_PATH_64",
];
/// Folders in which programs are searched, separated by semicolons.
const SEARCHED: &str = "search-path";
/// What Windows removes or renames when it starts next: on its way out, even where its file is still there.
const PENDING: &str = "pending-rename";
/// Kinds whose value is a list, and what separates it.
const LISTS: &[(&str, char)] = &[
    ("winlogon", ','),
    ("appinit", ','),
    (SEARCHED, ';'),
    (VARIABLE, ';'),
    (OUTLOOK, ';'),
    (CLEANED, '|'),
    ("event-source", ';'),
];

/// Kinds whose lists hold files and folders, not command lines.
const WHOLE: &[&str] = &[
    SEARCHED,
    PENDING,
    VARIABLE,
    OUTLOOK,
    CLEANED,
    TRACED,
    VIRTUAL,
    LOADED,
    "autoplay",
    "winsock-program",
    "event-source",
];
/// Packages of App-V.
const VIRTUAL: &str = "app-v-package";
/// What the boot manager starts. Source: Microsoft, "BCD reference" (`BcdLibraryString_ApplicationPath`).
const LOADED: &str = "boot-loader";
/// Any variable of the environment that holds a path.
const VARIABLE: &str = "environment";
/// Extensions of Outlook: `4.0;LIBRARY;1;...`.
const OUTLOOK: &str = "outlook-extension";
/// Folders that the disk cleanup empties.
const CLEANED: &str = "disk-cleanup";
/// Files that events are recorded in while Windows starts.
const TRACED: &str = "trace-session";
/// Kinds of which only what holds a path counts.
const PATHS: &[&str] = &[VARIABLE, OUTLOOK, TRACED];
/// Values that say what the others are of.
const LABELS: &[&str] = &[
    "",
    "ComponentID",
    "Name",
    "DisplayName",
    "FriendlyName",
    "DatabaseDescription",
    "Deployment Name",
    "Provider",
];
/// Components of Active Setup, below `Software`.
const COMPONENTS: &str = r"Microsoft\Active Setup\Installed Components\*";
/// Programs that group policy installs. Source: "Group Policy Software Installation" ([MS-GPSI]).
const DEPLOYED: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\AppMgmt\*";
const SHADOW_COPIES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\VSS\Providers\*";

/// The keys of this file, for `keys`.
pub(super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run*",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run*",
    r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Run*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\*",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SilentProcessExit\*",
    r"HKLM\SOFTWARE\Microsoft\Active Setup\Installed Components\*",
    r"HKLM\SOFTWARE\Microsoft\Command Processor",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa",
    r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Print\*\*",
    r"HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
    r"HKLM\SYSTEM\CurrentControlSet\Services\*\Performance",
    r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\*\*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\*",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AeDebug",
    r"HKLM\SOFTWARE\Microsoft\Internet Explorer\Extensions\*",
    r"HKLM\SYSTEM\CurrentControlSet\Control\BootVerificationProgram",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\Wds\rdpwd",
    r"HKLM\SYSTEM\CurrentControlSet\Services\*\NetworkProvider",
    SHADOW_COPIES,
    DEPLOYED,
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\InstalledSDB\*",
    event_logs::PUBLISHERS,
    event_logs::LOGS[0],
    event_logs::LOGS[1],
    r"HKLM\BCD00000000\Objects\*\Elements\12000002",
    r"HKLM\SOFTWARE\Microsoft\AppV\Client\Packages\*\Versions\*\Catalog",
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows\System\Scripts\*\*\*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\Scripts\*\*\*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\State\*\Scripts\*\*\*",
    r"HKLM\SOFTWARE\Microsoft\Netsh",
    r"HKU\*\Environment",
    r"HKU\*\Control Panel\Desktop",
];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for place in registry.software() {
        let off = switched_off(target, sink, &place);
        for (below, kind) in RUN {
            for key in sink.keys(registry, &format!(r"{}\{below}", place.key)) {
                for value in sink.values(&key).iter() {
                    let state = off.contains(&value.name.to_lowercase()).then_some(State::Disabled);
                    for line in value.texts() {
                        entry(target, sink, &key, &value.name, &line, kind, state);
                    }
                }
            }
        }
        for (below, names, kind) in VALUES {
            single(target, sink, &format!(r"{}\{below}", place.key), names, kind);
        }
        for (below, kind) in NAMED {
            by_name(target, sink, &format!(r"{}\{below}", place.key), kind);
        }
    }
    for (path, names, kind) in SYSTEM {
        single(target, sink, path, names, kind);
    }
    named(target, sink);
    event_logs::run(target, sink);
}

fn single(target: &Target, sink: &mut Sink<'_>, pattern: &str, names: &[&str], kind: &'static str) {
    for key in sink.keys(target.registry(), pattern) {
        let values = sink.values(&key);
        let wanted = |name: &str| {
            names
                .iter()
                .any(|known| wildcard(known.to_uppercase().as_bytes(), name.to_uppercase().as_bytes()))
        };
        // What has a kind of its own.
        let is_own = |name: &str| {
            let own = |known: &&str| known.eq_ignore_ascii_case(name);
            kind == VARIABLE
                && (PROFILERS.iter().any(own) || ["Path", "UserInitMprLogonScript"].iter().any(own))
        };
        for value in values.iter().filter(|value| wanted(&value.name) && !is_own(&value.name)) {
            let lines = value.texts();
            let separator = LISTS.iter().find(|(list, _)| *list == kind).map(|(_, separator)| *separator);
            let parts =
                lines.iter().flat_map(|line| line.split(move |c| Some(c) == separator)).map(str::trim);
            for line in parts.filter(|line| !line.is_empty() && (!PATHS.contains(&kind) || holds_path(line)))
            {
                // The last component of these keys says what it is about.
                let name = if pattern.ends_with('*') { key.name() } else { &value.name };
                let state = (kind == PENDING).then_some(State::Remnant);
                let line = line.trim_start_matches('!');
                let line = ["res://", "/R "]
                    .iter()
                    .find_map(|start| line.strip_prefix(start))
                    .unwrap_or(line)
                    .trim_start();
                let line = if kind == "autoplay" { icon_file(line) } else { line };
                let line = if kind == VARIABLE { path_in(line) } else { line };
                // Blanks end nothing in a list of files or folders.
                let quoted = format!("\"{}\"", line.trim_matches('"'));
                let line = if WHOLE.contains(&kind) { &quoted } else { line };
                labelled(target, sink, &key, (name, &label_of(&values, names)), line, kind, state);
            }
        }
    }
}

/// Whether a text holds the path of a file or folder on a drive, or one that a variable begins.
fn holds_path(text: &str) -> bool {
    text.contains(":\\") || text.contains("%\\")
}

/// The path in a text: from the letter of its drive on, or the whole.
fn path_in(text: &str) -> &str {
    let start =
        text.find(":\\").and_then(|at| at.checked_sub(1)).and_then(|at| text.get(at..)).unwrap_or(text);
    start.split('"').next().unwrap_or(start)
}

/// Values whose names are libraries or programs.
fn by_name(target: &Target, sink: &mut Sink<'_>, pattern: &str, kind: &'static str) {
    for key in sink.keys(target.registry(), pattern) {
        for value in sink.values(&key).iter().filter(|value| holds_path(&value.name)) {
            entry(target, sink, &key, &value.name, &format!("\"{}\"", value.name), kind, None);
        }
    }
}

/// Names that a key gives what its values start.
fn label_of(values: &Values, names: &[&str]) -> Vec<String> {
    let others = LABELS.iter().filter(|label| !names.contains(label));
    others.filter_map(|label| values.text(label)).filter(|text| !text.trim().is_empty()).collect()
}

/// Keys that only say what something is called.
fn named(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    let software = registry.software();
    let components = software.iter().map(|place| format!(r"{}\{COMPONENTS}", place.key));
    for (pattern, kind) in components
        .map(|pattern| (pattern, "active-setup"))
        .chain([(SHADOW_COPIES.to_owned(), "vss-provider"), (DEPLOYED.to_owned(), "group-policy-software")])
    {
        for key in sink.keys(registry, &pattern) {
            let values = sink.values(&key);
            let labels = label_of(&values, &[]);
            if labels.is_empty() || values.text("StubPath").is_some() {
                continue;
            }
            let artifact = artifact(sink, registry, &key)
                .with_many(Field::Name, labels)
                .with(Field::Type, kind)
                .state(State::Installed);
            sink.artifact(artifact);
        }
    }
}

fn entry(
    target: &Target,
    sink: &mut Sink<'_>,
    key: &Key<'_>,
    name: &str,
    line: &str,
    kind: &'static str,
    known: Option<State>,
) {
    labelled(target, sink, key, (name, &[]), line, kind, known);
}

fn labelled(
    target: &Target,
    sink: &mut Sink<'_>,
    key: &Key<'_>,
    (name, labels): (&str, &[String]),
    line: &str,
    kind: &'static str,
    known: Option<State>,
) {
    let registry = target.registry();
    let user = registry.user_of(key);
    let started = launch(target, line, user);
    let is_gone = started.as_ref().is_some_and(|started| started.is_gone);
    let (mut programs, decoded) = started.map(|one| (one.programs, one.decoded)).unwrap_or_default();
    let scripted = scripts::named_by(target, sink, &programs);
    programs.extend(scripted);
    let artifact = artifact(sink, registry, key)
        .with(Field::Name, name)
        .with_many(Field::Description, labels)
        .with_many(Field::Program, programs)
        .with_many(Field::Cmdline, [registry.expand(line, user)].into_iter().chain(decoded))
        .with(Field::Type, kind)
        .state(known.filter(|_| !is_gone).unwrap_or(state(is_gone)));
    sink.artifact(artifact);
}

/// Names of entries that someone switched off, in lower case.
fn switched_off(target: &Target, sink: &mut Sink<'_>, place: &Software<'_>) -> BTreeSet<String> {
    // The 32-bit view is switched off in a key of the 64-bit one.
    let base = place.key.strip_suffix(r"\WOW6432Node").unwrap_or(&place.key);
    let list = if place.is_32_bit { "Run32" } else { "Run" };
    let mut off = BTreeSet::new();
    let path = format!(r"{base}\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\{list}");
    for key in sink.keys(target.registry(), &path) {
        for value in sink.values(&key).iter() {
            if value.data.first().is_some_and(|first| first & 1 == 1) {
                off.insert(value.name.to_lowercase());
            }
        }
    }
    off
}

#[cfg(test)]
mod tests;
