//! Scripts and settings that start programs: of startup folders, PowerShell's profiles, group policy, Windows' setup; and
//! what event consumers of WMI run.
//!
//! Scripts are never run; what they name by its whole path is what they start. Sources: "about_Profiles" of PowerShell,
//! "Scripts.ini" in Microsoft's [MS-GPSCR], "Add a custom script to Windows Setup", and `CommandLineEventConsumer` and
//! `ActiveScriptEventConsumer` of WMI, whose objects the repository keeps with their texts as they are.

use std::collections::BTreeSet;

use super::super::registered::launch;
use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::collector::support::launched;
use crate::collector::windows::registered::{is_gone, state};
use crate::format::text::xml;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, GapKind, Location};
use crate::target::Target;
use crate::text::shown;

/// Scripts and settings, and what they are.
const PLACES: &[(&str, &str)] = &[
    (READS[0], "powershell-profile"),
    (READS[1], "powershell-profile"),
    (READS[2], "powershell-profile"),
    (READS[3], "powershell-profile"),
    (READS[4], "powershell-profile"),
    (READS[5], "group-policy-script"),
    (READS[6], "group-policy-script"),
    (READS[7], "setup-script"),
    (READS[8], "win-ini"),
    (READS[9], "win-ini"),
    (READS[10], "autoexec"),
    (READS[11], "autorun"),
    (READS[12], "setup-answers"),
    (READS[13], "setup-answers"),
    (READS[20], "group-policy-script"),
    (READS[21], "group-policy-preference"),
    (READS[22], "group-policy-preference"),
    (READS[23], "group-policy-script"),
    (READS[24], "group-policy-script"),
    (READS[25], "group-policy-preference"),
];
/// What this file reads.
pub(super) const READS: [&str; 26] = [
    "Windows/System32/WindowsPowerShell/v1.0/*profile.ps1",
    "Windows/SysWOW64/WindowsPowerShell/v1.0/*profile.ps1",
    "Program Files/PowerShell/*/*profile.ps1",
    "Users/*/Documents/WindowsPowerShell/*profile.ps1",
    "Users/*/Documents/PowerShell/*profile.ps1",
    "Windows/System32/GroupPolicy/*/Scripts/*scripts.ini",
    "Windows/System32/GroupPolicy/*/Scripts/*/*",
    "Windows/Setup/Scripts/*.cmd",
    "Windows/win.ini",
    "Windows/wininit.ini",
    "autoexec.bat",
    "autorun.inf",
    "Windows/Panther/*nattend*.xml",
    "Windows/System32/Sysprep/*nattend*.xml",
    REPOSITORIES[0],
    REPOSITORIES[1],
    JOBS[0],
    JOBS[1],
    JOBS[2],
    JOBS[3],
    // Of the domain, on its controllers; and what a machine keeps of its policies.
    "Windows/SYSVOL/*/Policies/*/*/Scripts/*/*",
    "Windows/SYSVOL/*/Policies/*/*/Preferences/*/*.xml",
    "ProgramData/Microsoft/Group Policy/History/*/*/Preferences/*/*.xml",
    "Windows/SYSVOL/*/Policies/*/*/Scripts/*scripts.ini",
    // What a user's own policies left.
    "Users/*/AppData/Local/Microsoft/Group Policy/History/*/*/Scripts/*scripts.ini",
    "Users/*/AppData/Local/Microsoft/Group Policy/History/*/*/Preferences/*/*.xml",
];
/// Jobs of the Background Intelligent Transfer Service, which start a program when they end: since Windows 10, Windows
/// Vista and of Windows XP. Source: "SetNotifyCmdLine" of Microsoft's documentation.
const JOBS: [&str; 4] = [
    "ProgramData/Microsoft/Network/Downloader/qmgr.db",
    "ProgramData/Microsoft/Network/Downloader/qmgr.jfm",
    "ProgramData/Microsoft/Network/Downloader/qmgr*.dat",
    "Documents and Settings/All Users/Application Data/Microsoft/Network/Downloader/qmgr*.dat",
];
/// Bytes read of the jobs, and the most paths of them.
const JOB_LIST: usize = 64 << 20;
const JOB_PATHS: usize = 4096;
/// The repository of WMI: since Windows Vista, and of Windows XP.
const REPOSITORIES: [&str; 2] =
    ["Windows/System32/wbem/Repository/OBJECTS.DATA", "Windows/System32/wbem/Repository/FS/OBJECTS.DATA"];
/// Endings of scripts.
const SCRIPTS: &[&str] =
    &["bat", "cmd", "hta", "ini", "inf", "js", "ps1", "psm1", "py", "url", "vbs", "wsf", "website", "xml"];
/// Bytes read of one script.
const LIMIT: usize = 1 << 20;
/// The most scripts that one command line starts; it names few.
const SCRIPTS_OF_ONE: usize = 16;
/// The most programs of one script.
const PROGRAMS: usize = 256;
/// Bytes of the repository that are read at a time, and those that may belong to one object.
const PIECE: usize = 1 << 20;
const OBJECT: usize = 16 << 10;
/// Bytes read of a whole repository.
const REPOSITORY: u64 = 512 << 20;
/// The most consumers reported.
const CONSUMERS: usize = 1000;

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for (pattern, kind) in PLACES {
        for found in sink.files(&target.root, &[pattern]) {
            if !is_script(&name_of(&found)) || !seen.insert(found.real.clone()) {
                continue;
            }
            for program in programs(target, sink, &found) {
                let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                    .with(Field::Name, name_of(&found))
                    .with(Field::Type, *kind)
                    .with_some(Field::User, home_owner(&found.path))
                    .with(Field::Path, shown(&found.path))
                    .state(state(is_gone(target, &program, None)))
                    .with(Field::Program, program);
                sink.artifact(artifact);
            }
        }
    }
    // The service of WMI keeps its repository to itself while Windows runs.
    if !target.is_live() {
        for found in sink.files(&target.root, &REPOSITORIES) {
            consumers(target, sink, &found);
        }
        for found in sink.files(&target.root, &JOBS) {
            jobs(target, sink, &found);
        }
    }
}

/// The paths that jobs of the transfer service name: what they fetch, and what they start then.
fn jobs(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let Some(bytes) = sink.read(&target.root, found, JOB_LIST) else { return };
    let paths = crate::format::text::carved_paths::windows_paths(&bytes);
    for path in sink.limited(paths, JOB_PATHS, &found.path, "paths of jobs") {
        let Some(started) = launch(target, &path, None) else { continue };
        let artifact = Artifact::new(sink.collector(), Location::record(&found.path, path.clone()))
            .with(Field::Name, "transfer job")
            .with(Field::Type, "bits-job")
            .with(Field::Path, shown(&found.path))
            .with_many(Field::Program, started.programs)
            .with(Field::Cmdline, path)
            .state(crate::model::State::Remnant);
        sink.artifact(artifact);
    }
}

/// Whether a file is a script by its name.
pub(super) fn is_script(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| SCRIPTS.contains(&ending.as_str()))
}

/// The programs that a script names by their whole paths.
pub(super) fn programs(target: &Target, sink: &mut Sink<'_>, found: &Found) -> Vec<String> {
    let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return Vec::new() };
    let named = launched::in_windows_text(&xml::decoded(&bytes));
    let named = sink.limited(named, PROGRAMS, &found.path, "programs in one script");
    named.iter().map(|program| target.registry().expand_at(program, &found.path).replace('/', r"\")).collect()
}

/// What the scripts among some programs name.
pub(super) fn named_by(target: &Target, sink: &mut Sink<'_>, started: &[String]) -> Vec<String> {
    let scripts = started.iter().filter(|program| is_script(program));
    let paths = scripts.filter_map(|script| target.registry().on_target(script));
    let mut named = Vec::new();
    for path in sink.limited(paths, SCRIPTS_OF_ONE, b"", "scripts that one command line starts") {
        if let Ok(found) = target.root.find(&path)
            && found.is_file()
        {
            named.extend(programs(target, sink, &found));
        }
    }
    named
}

/// Each consumer of the repository that names a program.
fn consumers(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let file = match target.root.open_found(found) {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let mut lines: BTreeSet<String> = BTreeSet::new();
    let mut products: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut at = 0u64;
    let size = file.size().min(REPOSITORY);
    if file.size() > REPOSITORY {
        let detail = format!("{} bytes; the first {REPOSITORY} were read", file.size());
        sink.gap(GapKind::OverLimit, shown(&found.path), detail);
    }
    while at < size && lines.len() < CONSUMERS && products.len() < CONSUMERS {
        match target.root.during(&found.real, || file.read_vec(at, PIECE + OBJECT)) {
            Ok(piece) => {
                lines.extend(commands(&piece));
                products.extend(registered(&piece));
            }
            Err(error) => {
                sink.gap(GapKind::Unreadable, shown(&found.path), error.to_string());
                break;
            }
        }
        at += PIECE as u64;
    }
    for texts in sink.limited(products, CONSUMERS - 1, &found.path, "security products") {
        let is_path = |text: &&String| text.contains(r":\");
        let programs: Vec<&String> = texts.iter().filter(is_path).collect();
        let all_gone = programs.iter().all(|program| is_gone(target, program, None));
        let artifact = Artifact::new(sink.collector(), Location::record(&found.path, texts.join(", ")))
            .with_many(Field::Name, texts.iter().filter(|text| !is_path(text)))
            .with(Field::Type, "wmi-security-product")
            .with(Field::Path, shown(&found.path))
            .with_many(Field::Program, programs)
            .state(state(all_gone));
        sink.artifact(artifact);
    }
    for line in sink.limited(lines, CONSUMERS - 1, &found.path, "event consumers") {
        let Some(started) = launch(target, &line, None) else { continue };
        let named = launched::in_windows_text(&line);
        let artifact = Artifact::new(sink.collector(), Location::record(&found.path, line.clone()))
            .with(Field::Name, "event consumer")
            .with(Field::Type, "wmi-consumer")
            .with(Field::Path, shown(&found.path))
            .with_many(Field::Program, started.programs.into_iter().chain(named))
            .with(Field::Cmdline, line)
            .state(state(started.is_gone));
        sink.artifact(artifact);
    }
}

/// Texts with a path behind the name of a class of consumers.
fn commands(piece: &[u8]) -> Vec<String> {
    const CLASSES: [&str; 2] = ["CommandLineEventConsumer", "ActiveScriptEventConsumer"];
    let of_object = |texts: Vec<String>| texts.into_iter().filter(|text| text.contains(r":\")).take(8);
    objects(piece, &CLASSES).into_iter().flat_map(of_object).collect()
}

/// The texts of each product that registered with the Security Center: its name, its maker, its program.
fn registered(piece: &[u8]) -> Vec<Vec<String>> {
    const CLASSES: [&str; 3] = ["AntiVirusProduct", "AntiSpywareProduct", "FirewallProduct"];
    let mut products = objects(piece, &CLASSES);
    products.iter_mut().for_each(|texts| texts.truncate(8));
    // The definition of the class has no path.
    products.retain(|texts| texts.iter().any(|text| text.contains(r":\")));
    products
}

/// The texts behind each name of a class: in one byte a character, or in two.
fn objects(piece: &[u8], classes: &[&str]) -> Vec<Vec<String>> {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut objects = Vec::new();
    for (class, step) in classes.iter().flat_map(|class| [(class.as_bytes().to_vec(), 1), (wide(class), 2)]) {
        for start in memchr::memmem::find_iter(piece, &class) {
            let rest = piece.get(start + class.len()..).unwrap_or_default();
            let rest = rest.get(..OBJECT.min(rest.len())).unwrap_or_default();
            let text = if step == 1 {
                rest.iter().map(|byte| char::from(*byte)).collect::<String>()
            } else {
                crate::format::database::regf::utf16(rest)
            };
            let texts = text.split('\0').map(str::trim).filter(|text| text.len() > 4);
            objects.push(texts.map(str::to_owned).collect());
        }
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    const TOOL: &str = r"C:\Program Files (x86)\Vendor Lab\tool.exe";

    fn found_in(path: &str, content: Vec<u8>) -> Vec<String> {
        let (found, gaps) = collect(&COLLECTOR, &complete().file(path, content).target(Memory::new()));
        assert!(gaps.is_empty(), "{gaps:?}");
        let programs = |one: &Artifact| {
            let value = one.fields.get(&Field::Program);
            value.map(|value| value.texts().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default()
        };
        found.iter().flat_map(programs).collect()
    }

    #[test]
    fn scripts_name_what_they_start() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let startup = "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp";
        for (path, content) in [
            (format!("{startup}/a.cmd"), format!("@echo off\nstart \"\" \"{TOOL}\"\n").into_bytes()),
            (format!("{startup}/a.url"), format!("[InternetShortcut]\nURL=file:///{TOOL}\n").into_bytes()),
            ("Users/u/Documents/PowerShell/profile.ps1".into(), format!("& '{TOOL}'\n").into_bytes()),
            (
                "Windows/System32/GroupPolicy/Machine/Scripts/scripts.ini".into(),
                wide(&format!("\u{feff}[Startup]\r\n0CmdLine={TOOL}\r\n0Parameters=-r\r\n")),
            ),
            (
                "Windows/SYSVOL/domain/Policies/{1}/Machine/Scripts/scripts.ini".into(),
                wide(&format!("\u{feff}[Startup]\r\n0CmdLine={TOOL}\r\n0Parameters=-r\r\n")),
            ),
            (
                "Users/u/AppData/Local/Microsoft/Group Policy/History/{1}/User/Preferences/Registry/Registry.xml"
                    .into(),
                format!("<Registry name=\"x\"><Properties type=\"REG_SZ\" value=\"{TOOL}\"/></Registry>").into_bytes(),
            ),
            ("Windows/win.ini".into(), format!("[windows]\nload={TOOL}\n").into_bytes()),
        ] {
            let programs = found_in(&path, content);
            assert!(programs.iter().any(|program| program == TOOL), "{path}: {programs:?}");
        }
    }

    #[test]
    fn consumers_of_wmi_name_what_they_run() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let narrow = format!("CommandLineEventConsumer\0\0{TOOL} -r\0name\0");
        let repository = "Windows/System32/wbem/Repository/OBJECTS.DATA";
        for object in [narrow.clone().into_bytes(), wide(&narrow)] {
            for before in [10, PIECE - 20] {
                let content = [vec![0xff; before], object.clone(), vec![0; 100]].concat();
                let programs = found_in(repository, content);
                assert!(programs.iter().any(|program| program == TOOL), "{programs:?}");
            }
        }
        assert!(found_in(repository, vec![0; PIECE * 2]).is_empty());
    }

    #[test]
    fn jobs_of_the_transfer_service_name_what_they_start() {
        let wide: Vec<u8> = TOOL.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let content = [vec![7; 201], wide, vec![0; 90]].concat();
        assert_eq!(found_in(JOBS[0], content), [TOOL]);
    }

    #[test]
    fn products_that_registered_with_the_security_center() {
        let object = format!("AntiVirusProduct\0\0Vendor Anti-Virus\0{TOOL}\0");
        let repository =
            [vec![0; 500], object.into_bytes(), b"AntiVirusProduct\0displayName\0string\0".to_vec()].concat();
        let tree = complete().file("Windows/System32/wbem/Repository/OBJECTS.DATA", repository);
        let (found, gaps) = collect(&COLLECTOR, &tree.target(Memory::new()));
        assert!(gaps.is_empty(), "{gaps:?}");
        let names: Vec<_> = found.iter().map(|one| one.text(Field::Name).unwrap()).collect();
        assert_eq!(names, ["Vendor Anti-Virus"]);
    }

    #[test]
    fn what_a_key_starts_by_a_script_or_says_by_its_label() {
        const VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
        let registry = Memory::new()
            .value(&format!(r"{VERSION}\Run"), "x", r"C:\s\go.cmd")
            .value(r"HKLM\SOFTWARE\Microsoft\Active Setup\Installed Components\{1}", "", "Vendor component")
            .value(
                r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
                "Path",
                r"C:\Windows;C:\Program Files (x86)\Vendor Lab\Vendor 1.0\\",
            );
        let tree = complete().file("s/go.cmd", format!("start \"\" \"{TOOL}\"\n"));
        let (found, gaps) = collect(&COLLECTOR, &tree.target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let texts = |field| -> Vec<String> {
            let values = found.iter().filter_map(|one| one.fields.get(&field));
            values.flat_map(|value| value.texts().map(str::to_owned).collect::<Vec<_>>()).collect()
        };
        let (names, programs) = (texts(Field::Name), texts(Field::Program));
        assert!(names.contains(&"Vendor component".to_owned()), "{names:?}");
        assert!(programs.contains(&TOOL.to_owned()), "{programs:?}");
        let in_path = |program: &String| program.starts_with(r"C:\Program Files (x86)\Vendor Lab\Vendor 1.0");
        assert!(programs.iter().any(in_path), "{programs:?}");
    }
}
