//! `launchd`: daemons and agents of the machine, of its users and inside of apps, whether their program is there,
//! and what launchd was set to do with them since.
//!
//! Source: launchd.plist(5), launchctl(1); overrides of `launchctl disable` lie in a list of their own.

use std::collections::BTreeMap;

use super::{dictionary, home_owner, is_gone};
use crate::collector::support::launched;
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::plist::Value;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// Jobs; those of apps since macOS 13.
const JOBS: &[&str] = &[
    "Library/LaunchDaemons/*.plist",
    "Library/LaunchAgents/*.plist",
    "System/Library/LaunchDaemons/*.plist",
    "System/Library/LaunchAgents/*.plist",
    "Users/*/Library/LaunchAgents/*.plist",
    "private/var/root/Library/LaunchAgents/*.plist",
    "Applications/*/Contents/Library/LaunchDaemons/*.plist",
    "Applications/*/Contents/Library/LaunchAgents/*.plist",
    "Applications/*/*/Contents/Library/LaunchDaemons/*.plist",
    "Applications/*/*/Contents/Library/LaunchAgents/*.plist",
    "Users/*/Applications/*/Contents/Library/LaunchAgents/*.plist",
    "Users/*/Applications/*/Contents/Library/LaunchDaemons/*.plist",
    "Applications/*/*/*/Contents/Library/LaunchDaemons/*.plist",
    "Applications/*/*/*/Contents/Library/LaunchAgents/*.plist",
];
/// Labels and whether they are disabled, of the machine and of each user by number.
const OVERRIDES: [&str; 4] = [
    "private/var/db/com.apple.xpc.launchd/disabled*.plist",
    // Before OS X 10.10.
    "private/var/db/launchd.db/com.apple.launchd/overrides.plist",
    "private/var/db/launchd.db/com.apple.launchd.peruser.*/overrides.plist",
    // Helpers that apps had started at login.
    "private/var/db/com.apple.xpc.launchd/loginitems.*.plist",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "launchd",
    about: "Daemons and agents that launchd starts, with their programs, and what is left of removed ones.",
    applies: Applies::MACOS,
    reads: &[
        "Library/LaunchDaemons/*.plist",
        "Library/LaunchAgents/*.plist",
        "System/Library/LaunchDaemons/*.plist",
        "System/Library/LaunchAgents/*.plist",
        "Users/*/Library/LaunchAgents/*.plist",
        "private/var/root/Library/LaunchAgents/*.plist",
        "Applications/*/Contents/Library/LaunchDaemons/*.plist",
        "Applications/*/Contents/Library/LaunchAgents/*.plist",
        "Applications/*/*/Contents/Library/LaunchDaemons/*.plist",
        "Applications/*/*/Contents/Library/LaunchAgents/*.plist",
        "Users/*/Applications/*/Contents/Library/LaunchAgents/*.plist",
        "Users/*/Applications/*/Contents/Library/LaunchDaemons/*.plist",
        "Applications/*/*/*/Contents/Library/LaunchDaemons/*.plist",
        "Applications/*/*/*/Contents/Library/LaunchAgents/*.plist",
        OVERRIDES[0],
        OVERRIDES[1],
        OVERRIDES[2],
        OVERRIDES[3],
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Label,
        Field::Program,
        Field::Cmdline,
        Field::OnDisk,
        Field::User,
        Field::StartType,
        Field::Enabled,
        Field::BundleIdentifier,
        Field::Type,
        Field::Scope,
        Field::Path,
    ],
    run,
    visit: None,
};

/// What launchd was set to do with a label: the lists that say so.
#[derive(Default)]
struct Override {
    disabled: Vec<Found>,
    enabled: Vec<Found>,
    known: bool,
}

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut overrides = overrides(target, sink);
    for found in sink.files(&target.root, JOBS) {
        let Some(list) = dictionary(&target.root, sink, &found) else { continue };
        let label = list
            .text("Label")
            .map_or_else(|| name_of(&found).trim_end_matches(".plist").to_owned(), str::to_owned);
        let switched = overrides.get_mut(&label);
        let artifact = job(target, sink, &found, &list, &label, switched.as_deref());
        if let Some(switched) = switched {
            switched.known = true;
        }
        sink.artifact(artifact);
    }
    for (label, switched) in overrides.iter().filter(|(_, switched)| !switched.known) {
        let lists = switched
            .disabled
            .iter()
            .map(|found| (found, "no"))
            .chain(switched.enabled.iter().map(|found| (found, "yes")));
        for (found, enabled) in lists {
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, label))
                .state(State::Remnant)
                .with(Field::Label, label)
                .with(Field::Type, "override")
                .with(Field::Enabled, enabled);
            sink.artifact(artifact);
        }
    }
}

fn overrides(target: &Target, sink: &mut Sink<'_>) -> BTreeMap<String, Override> {
    let mut overrides: BTreeMap<String, Override> = BTreeMap::new();
    for found in sink.files(&target.root, &OVERRIDES) {
        let Some(list) = dictionary(&target.root, sink, &found) else { continue };
        for (label, disabled) in list.entries() {
            let switched = overrides.entry(label.clone()).or_default();
            let disabled = disabled.get("Disabled").unwrap_or(disabled);
            match disabled.as_boolean() {
                Some(true) => switched.disabled.push(found.clone()),
                _ => switched.enabled.push(found.clone()),
            }
        }
    }
    overrides
}

/// The program that a job starts, with its folder where the list gives one.
fn program(found: &Found, list: &Value, arguments: &[&str]) -> Option<String> {
    // Of a job inside of an app: from the app's folder.
    let inside = list.text("BundleProgram").and_then(|program| {
        let end = found.path.windows(18).position(|part| part == b"/Contents/Library/")?;
        Some(format!("{}/{}", shown(found.path.get(..end)?), program.trim_start_matches('/')))
    });
    let program =
        inside.or_else(|| list.text("Program").or(arguments.first().copied()).map(str::to_owned))?;
    // A path from the folder that the job runs in.
    let folder = list.text("WorkingDirectory").unwrap_or_default().trim_end_matches('/');
    Some(match program.strip_prefix("./") {
        Some(below) if folder.starts_with('/') => format!("{folder}/{below}"),
        None if folder.starts_with('/') && !program.contains('/') => format!("{folder}/{program}"),
        _ => program,
    })
}

fn job(
    target: &Target,
    sink: &Sink<'_>,
    found: &Found,
    list: &Value,
    label: &str,
    switched: Option<&Override>,
) -> Artifact {
    let arguments = list.texts("ProgramArguments");
    let program = program(found, list, &arguments);
    let words: Vec<String> = arguments.iter().skip(1).map(|word| (*word).to_owned()).collect();
    let opened = opened(program.as_deref(), &words);
    let services = list.get("MachServices").map(Value::entries).unwrap_or_default();
    let named =
        program.as_deref().map(|program| launched::in_unix_arguments(program, &words)).unwrap_or_default();
    // A launcher is there; what it is to start may be gone. A job that starts nothing is what was left of one.
    let gone = program.as_deref().is_none_or(|program| is_gone(&target.root, program))
        || !named.is_empty() && named.iter().all(|named| is_gone(&target.root, named));
    let is_daemon = found.path.windows(14).any(|part| part == b"/LaunchDaemons");
    // The list of the job says how it starts out; what launchd was set to do later counts.
    let disabled = match switched {
        Some(switched) if !switched.disabled.is_empty() => switched.enabled.is_empty(),
        Some(_) => false,
        None => list.boolean("Disabled").unwrap_or(false),
    };
    let keeps = list.get("KeepAlive").is_some_and(|value| value.as_boolean() != Some(false));
    let start_type = match () {
        () if disabled => "disabled",
        () if keeps || list.boolean("RunAtLoad").unwrap_or(false) => "auto",
        () => "demand",
    };
    let state = match () {
        () if gone => State::Remnant,
        () if disabled => State::Disabled,
        () => State::Installed,
    };
    let scope = if home_owner(&found.path).is_some() { "user" } else { "machine" };
    let users = list.text("UserName").map(str::to_owned).into_iter().chain(home_owner(&found.path));
    Artifact::new(sink.collector(), Location::path(&found.path))
        .state(state)
        .with(Field::Name, name_of(found))
        .with_many(Field::Label, [label].into_iter().chain(services.iter().map(|(name, _)| name.as_str())))
        .with_many(Field::Program, program.iter().cloned().chain(named).chain(beside(list)))
        .with(Field::Cmdline, arguments.join(" "))
        .with_some(
            Field::OnDisk,
            program.as_ref().filter(|it| it.starts_with('/')).map(|_| if gone { "no" } else { "yes" }),
        )
        .with_many(Field::User, users)
        .with(Field::StartType, start_type)
        .with(Field::Enabled, if disabled { "no" } else { "yes" })
        .with_many(
            Field::BundleIdentifier,
            list.texts("AssociatedBundleIdentifiers").into_iter().map(str::to_owned).chain(opened),
        )
        .with(Field::Type, if is_daemon { "daemon" } else { "agent" })
        .with(Field::Scope, scope)
        .with(Field::Path, shown(&found.path))
}

/// What a job watches, runs in, writes to and loads: paths that say whose it is where its program does not.
fn beside(list: &Value) -> Vec<String> {
    const PATHS: &[&str] = &[
        "WatchPaths",
        "QueueDirectories",
        "WorkingDirectory",
        "RootDirectory",
        "StandardOutPath",
        "StandardErrorPath",
    ];
    let mut paths: Vec<String> = PATHS.iter().flat_map(|key| list.texts(key)).map(str::to_owned).collect();
    let kept = list.get("KeepAlive").and_then(|keep| keep.get("PathState"));
    paths.extend(kept.map(Value::entries).unwrap_or_default().iter().map(|(path, _)| path.clone()));
    let environment = list.get("EnvironmentVariables").map(Value::all_texts).unwrap_or_default();
    paths.extend(environment.iter().flat_map(|value| value.split(':')).map(str::to_owned));
    // Every Mac has these.
    let is_own = |path: &String| path.starts_with('/') && path.len() > 1 && !path.starts_with("/dev/");
    paths.retain(|path| is_own(path) && !super::is_systems(path));
    paths
}

/// The identifiers of apps that `open -b` starts.
fn opened(program: Option<&str>, words: &[String]) -> Vec<String> {
    if program.is_none_or(|program| !program.ends_with("/open")) {
        return Vec::new();
    }
    words
        .windows(2)
        .filter(|pair| pair.first().is_some_and(|word| word == "-b"))
        .filter_map(|pair| pair.get(1))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    fn list(label: &str, rest: &str) -> String {
        format!("<plist><dict><key>Label</key><string>{label}</string>{rest}</dict></plist>")
    }

    #[test]
    fn what_a_job_watches_and_loads() {
        let keys = "<key>Program</key><string>/usr/bin/true</string><key>WatchPaths</key><array><string>/Library/V/a</string>\
            </array><key>KeepAlive</key><dict><key>PathState</key><dict><key>/Library/V/b</key><true/></dict></dict>\
            <key>EnvironmentVariables</key><dict><key>A</key><string>/Library/V/c</string></dict>";
        let tree = Memory::new().file("Library/LaunchDaemons/a.plist", list("a", keys)).file(
            "Library/LaunchDaemons/b.PLIST",
            list(
                "b",
                "<key>ProgramArguments</key><array><string>run</string></array>\
                <key>WorkingDirectory</key><string>/Library/V</string>",
            ),
        );
        let mut root = Root::new(Box::new(tree));
        root.fold_names();
        let target = Target::new(TargetKind::Directory, "test", root);
        let (artifacts, _) = collect(&COLLECTOR, &target);
        let programs: Vec<Vec<&str>> =
            artifacts.iter().map(|job| job.fields[&Field::Program].texts().collect()).collect();
        assert_eq!(
            programs,
            [
                vec!["/usr/bin/true", "/Library/V/a", "/Library/V/b", "/Library/V/c"],
                vec!["/Library/V/run", "/Library/V"]
            ]
        );
    }

    #[test]
    fn programs_that_are_gone_and_jobs_that_are_disabled() {
        let program = |path: &str| {
            format!("<key>ProgramArguments</key><array><string>{path}</string><string>-d</string></array>")
        };
        let tree = Memory::new()
            .file("Library/LaunchDaemons/a.plist", list("a", &program("/opt/a")))
            .executable("opt/a", "x")
            .file("Library/LaunchDaemons/b.plist", list("b", &program("/Library/B/gone")))
            .file(
                "Library/LaunchAgents/c.plist",
                list("c", "<key>Program</key><string>/opt/a</string><key>RunAtLoad</key><true/>"),
            )
            .file(
                "Users/u/Library/LaunchAgents/d.plist",
                list("d", &(program("/usr/bin/open") + "<key>Disabled</key><true/>")),
            )
            .file(
                "Applications/E.app/Contents/Library/LaunchAgents/e.plist",
                list("e", "<key>BundleProgram</key><string>Contents/MacOS/e</string>"),
            )
            .executable("Applications/E.app/Contents/MacOS/e", "x")
            .file(
                "private/var/db/com.apple.xpc.launchd/disabled.plist",
                "<plist><dict><key>a</key><true/><key>c</key><false/><key>left</key><false/></dict></plist>",
            );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let of = |label: &str| artifacts.iter().find(|job| job.text(Field::Label) == Some(label)).unwrap();
        let states: Vec<_> = ["a", "b", "c", "d", "e", "left"]
            .map(|label| (of(label).state, of(label).text(Field::StartType), of(label).text(Field::Type)))
            .into_iter()
            .collect();
        assert_eq!(
            states,
            [
                (State::Disabled, Some("disabled"), Some("daemon")),
                (State::Remnant, Some("demand"), Some("daemon")),
                (State::Installed, Some("auto"), Some("agent")),
                (State::Disabled, Some("disabled"), Some("agent")),
                (State::Installed, Some("demand"), Some("agent")),
                (State::Remnant, None, Some("override")),
            ]
        );
        assert_eq!(of("e").text(Field::Program), Some("/Applications/E.app/Contents/MacOS/e"));
        assert_eq!((of("d").text(Field::User), of("b").text(Field::OnDisk)), (Some("u"), Some("no")));
    }
}
