//! Keys of services and drivers, which lie side by side.
//!
//! Source: "HKLM\SYSTEM\CurrentControlSet\Services Registry Tree" of Microsoft's documentation, winnt.h for the bits.

use std::collections::{BTreeMap, BTreeSet};

use super::registered::{Launch, is_gone, launch};
use super::wrappers;
use crate::collector::Sink;
use crate::collector::support::launched;
use crate::host::{ServiceActivity, services};
use crate::model::{Artifact, Field, GapKind, State};
use crate::registry::{Key, Values};
use crate::target::Target;

/// Where services and drivers are registered.
pub(super) const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\*";

/// Services and drivers of every control set, also of those that Windows does not run with.
pub(super) const OTHER_SETS: &str = r"HKLM\SYSTEM\ControlSet*\Services\*";
/// What is started in safe mode, by its name.
pub(super) const SAFE_MODE: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot\*\*";

/// What a key below `Services` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Service,
    Driver,
    /// A key without a type: settings of something that is not registered here (any more).
    Untyped,
}

/// A key below `Services`.
pub(super) struct ServiceKey<'r> {
    pub(super) key: Key<'r>,
    pub(super) values: Values,
    pub(super) kind: Kind,
    /// What it does now, on a running system whose service manager knows it.
    activity: Option<ServiceActivity>,
    /// Programs that settings under its name, below another key, are to start.
    settings: Vec<String>,
}

/// Every key below `Services`, on a running system with what the service or driver does now.
pub(super) fn all<'r>(target: &'r Target, sink: &mut Sink<'_>) -> Vec<ServiceKey<'r>> {
    let keys = sink.keys(target.registry(), SERVICES);
    let mut activities = activities(target, sink);
    let mut services = Vec::with_capacity(keys.len());
    let settings = wrappers::Settings::of(target, sink);
    for key in keys {
        let values = sink.values(&key);
        let kind = kind(&values);
        let activity = activities.remove(&key.name().to_lowercase());
        let settings =
            if kind == Kind::Service { settings.named(target, sink, &key, &values) } else { Vec::new() };
        services.push(ServiceKey { key, values, kind, activity, settings });
    }
    services
}

/// Services or drivers that are registered elsewhere alone: in a control set that Windows does not run with, or for safe
/// mode. Each is what a removal left.
pub(super) fn elsewhere(target: &Target, sink: &mut Sink<'_>, wanted: Kind) {
    let registry = target.registry();
    let current = sink.keys(registry, SERVICES);
    let mut known: BTreeSet<String> = current.iter().map(|key| key.name().to_lowercase()).collect();
    for key in sink.keys(registry, OTHER_SETS) {
        if !known.contains(&key.name().to_lowercase()) {
            let values = sink.values(&key);
            let kind = kind(&values);
            if kind == wanted {
                known.insert(key.name().to_lowercase());
                let service = ServiceKey { key, values, kind, activity: None, settings: Vec::new() };
                let artifact = service.artifact(target, sink).state(State::Remnant);
                sink.artifact(artifact);
            }
        }
    }
    let gone: Vec<_> = current
        .iter()
        .flat_map(|key| sink.values(key).texts("DependOnService").into_iter().map(move |name| (name, key)))
        .filter(|(name, _)| !name.starts_with('+') && !known.contains(&name.to_lowercase()))
        .collect();
    for (name, key) in gone {
        // Whether a service or a driver was removed is not known: both report it.
        if known.insert(name.to_lowercase()) {
            let artifact = super::registered::artifact(sink, registry, key)
                .with(Field::Name, name)
                .with(Field::Status, "gone, and another service waits for it")
                .state(State::Remnant);
            sink.artifact(artifact);
        }
    }
    for key in sink.keys(registry, SAFE_MODE) {
        let is_wanted = match sink.values(&key).text("").as_deref() {
            Some("Service") => wanted == Kind::Service,
            Some("Driver") => wanted == Kind::Driver,
            _ => false,
        };
        let name = key.name().strip_suffix(".sys").unwrap_or(key.name());
        if is_wanted && known.insert(name.to_lowercase()) {
            let artifact = super::registered::artifact(sink, registry, &key)
                .with(Field::Name, name)
                .with(Field::Status, "safe mode")
                .state(State::Remnant);
            sink.artifact(artifact);
        }
    }
}

fn activities(target: &Target, sink: &mut Sink<'_>) -> BTreeMap<String, ServiceActivity> {
    if !target.is_live() {
        return BTreeMap::new();
    }
    services().unwrap_or_else(|error| {
        let (kind, next) = match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                (GapKind::Denied, "; run debar as administrator or SYSTEM")
            }
            _ => (GapKind::Unreadable, ""),
        };
        let detail = format!("which services and drivers run now cannot be told: {error}{next}");
        sink.gap(kind, "service manager", detail);
        BTreeMap::new()
    })
}

/// The word for what a service does, its process, and whether it is loaded.
fn activity_words(activity: ServiceActivity) -> (&'static str, Option<u32>, bool) {
    let some = |pid| Some(pid).filter(|pid| *pid != 0);
    match activity {
        ServiceActivity::Stopped => ("stopped", None, false),
        ServiceActivity::Running { pid } => ("running", some(pid), true),
        ServiceActivity::Changing { pid } => ("changing", some(pid), true),
    }
}

fn kind(values: &Values) -> Kind {
    let is_sys = || {
        let image = values.text("ImagePath").unwrap_or_default();
        image.trim().trim_matches('"').to_lowercase().ends_with(".sys")
    };
    match values.number("Type") {
        Some(bits) if bits & 0x0f != 0 => Kind::Driver,
        Some(bits) if bits & 0xf0 != 0 => Kind::Service,
        _ if is_sys() => Kind::Driver,
        _ if values.text("ImagePath").is_some() => Kind::Service,
        _ => Kind::Untyped,
    }
}

fn start_type(number: u64) -> &'static str {
    match number {
        0 => "boot",
        1 => "system",
        2 => "auto",
        3 => "demand",
        4 => "disabled",
        _ => "unknown",
    }
}

fn type_words(bits: u64) -> Vec<&'static str> {
    const WORDS: &[(u64, &str)] = &[
        (0x01, "kernel-driver"),
        (0x02, "file-system-driver"),
        (0x04, "adapter"),
        (0x08, "recognizer-driver"),
        (0x10, "own-process"),
        (0x20, "shared-process"),
        (0x40, "user-service"),
        (0x80, "user-service-instance"),
        (0x100, "interactive"),
    ];
    WORDS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word).collect()
}

impl ServiceKey<'_> {
    /// What is known of it. One that runs is running, whatever its files are; one that is switched off is disabled,
    /// one whose program is gone is a remnant.
    pub(super) fn artifact(&self, target: &Target, sink: &mut Sink<'_>) -> Artifact {
        let registry = target.registry();
        let values = &self.values;
        let image = values.text("ImagePath").map(|image| registry.expand(&image, None));
        let started = image.as_deref().and_then(|image| launch(target, image, None));
        let program = started.as_ref().and_then(|started| started.programs.first());
        let file = self.file(target, program);
        let parameters = sink.registry(self.key.key("Parameters"));
        let parameters = parameters.first().map(|key| sink.values(key)).unwrap_or_default();
        let library = parameters.text("ServiceDll").or_else(|| values.text("ServiceDll"));
        let library = library.map(|library| registry.expand(&library, None));
        // srvany, nssm and their kind run the program that is named here.
        let wrapped = parameters.text("Application").map(|line| self.wrapped(target, &parameters, &line));
        let wrapped = wrapped.flatten();
        // A service of svchost is its library, one of a wrapper its application.
        let is_gone = match (&library, &wrapped, &file) {
            (Some(library), ..) => is_gone(target, library, None),
            (None, Some(wrapped), _) => wrapped.is_gone,
            (None, None, Some(file)) => {
                is_gone(target, file, None) || started.as_ref().is_some_and(|started| started.is_gone)
            }
            (None, None, None) => true,
        };
        let wrapped = wrapped.into_iter().flat_map(|wrapped| wrapped.programs);
        let more = self.named(target, sink, started.as_ref(), &parameters);
        let named: Vec<String> = library.into_iter().chain(wrapped).chain(more).collect();
        let decoded = started.iter().flat_map(|started| started.decoded.iter().cloned());
        let is_to_be_deleted = values.number("DeleteFlag").is_some_and(|number| number != 0);
        let start = values.number("Start");
        let activity = self.activity.map(activity_words);
        let state = match (activity, is_gone, start) {
            (Some((.., true)), ..) => State::Running,
            _ if is_to_be_deleted => State::Remnant,
            (_, true, _) => State::Remnant,
            (_, false, Some(4)) => State::Disabled,
            _ => State::Installed,
        };
        super::registered::artifact(sink, registry, &self.key)
            .with(Field::Name, self.key.name())
            .with_many(Field::DisplayName, values.texts("DisplayName").iter().map(|name| name.trim()))
            .with_some(Field::Description, values.text("Description"))
            .with_many(Field::Path, file.into_iter().chain(named.iter().cloned()))
            .with_many(Field::Cmdline, image.into_iter().chain(decoded))
            .with_many(Field::Program, named)
            .with_some(Field::StartType, start.map(start_type))
            .with_many(
                Field::Status,
                activity
                    .map(|(word, ..)| word)
                    .into_iter()
                    .chain(is_to_be_deleted.then_some("to be deleted")),
            )
            .with_some(Field::Pid, activity.and_then(|(_, pid, _)| pid).map(|pid| pid.to_string()))
            .with_many(Field::ServiceType, type_words(values.number("Type").unwrap_or_default()))
            .with_some(Field::User, values.text("ObjectName"))
            .with_many(Field::Depends, values.texts("DependOnService"))
            .with_some(Field::Section, values.text("Group"))
            .state(state)
    }

    /// The programs that the key names beside the one that it starts: of events, failures, settings and wrappers.
    fn named(
        &self,
        target: &Target,
        sink: &mut Sink<'_>,
        started: Option<&Launch>,
        parameters: &Values,
    ) -> Vec<String> {
        let mut named = wrappers::on_events(target, sink, &self.key);
        named.extend(self.environment(target));
        named.extend(own_places(target, parameters));
        named.extend(started.map(|started| wrappers::configured(target, sink, started)).unwrap_or_default());
        // What Windows runs when the service fails.
        let on_failure = self.values.text("FailureCommand").and_then(|line| launch(target, &line, None));
        named.extend(on_failure.into_iter().flat_map(|started| started.programs));
        named.extend(self.library_of_text(target));
        named.extend(self.settings.iter().cloned());
        named.extend(started.iter().flat_map(|started| started.programs.iter().skip(1).cloned()));
        named
    }

    /// Folders and files that the variables of the service name: `NAME=PATH;PATH`.
    fn environment(&self, target: &Target) -> Vec<String> {
        let variables = self.values.texts("Environment");
        let values = variables.iter().filter_map(|variable| variable.split_once('='));
        let paths = values.flat_map(|(_, value)| value.split(';')).filter(|path| path.contains(":\\"));
        paths.map(|path| target.registry().expand(path.trim().trim_matches('"'), None)).collect()
    }

    /// The file that is run or loaded.
    fn file(&self, target: &Target, program: Option<&String>) -> Option<String> {
        match (program, self.kind) {
            (Some(program), _) => Some(windows_path(target, program)),
            // The kernel looks for a driver under its own name.
            (None, Kind::Driver) => {
                let path = format!(r"%SystemRoot%\System32\drivers\{}.sys", self.key.name());
                Some(target.registry().expand(&path, None))
            }
            (None, _) => None,
        }
    }

    /// The library that has the service's name as a text (`@LIBRARY,-NUMBER`), where it is none of Windows.
    fn library_of_text(&self, target: &Target) -> Option<String> {
        let registry = target.registry();
        let name = self.values.text("DisplayName")?;
        let library = name.trim().strip_prefix('@')?.rsplit_once(',')?.0;
        let path = library.contains('\\').then(|| registry.expand(library, None))?;
        let windows = registry.expand(r"%SystemRoot%\", None).to_lowercase();
        (!path.to_lowercase().starts_with(&windows)).then_some(path)
    }

    /// What the application of a wrapper starts, from its folder where it has no other.
    fn wrapped(&self, target: &Target, parameters: &Values, application: &str) -> Option<Launch> {
        let application = application.trim().trim_matches('"');
        let folder = parameters.text("AppDirectory").unwrap_or_default();
        let is_bare = !folder.is_empty() && !application.contains(['\\', '/', ':', '%']);
        let program = if is_bare {
            format!(r"{}\{application}", folder.trim().trim_matches('"').trim_end_matches('\\'))
        } else {
            application.to_owned()
        };
        let arguments = parameters.text("AppParameters").unwrap_or_default();
        let mut launch = launch(target, format!("\"{program}\" {arguments}").trim(), None)?;
        let folder = target.registry().expand(folder.trim().trim_matches('"'), None);
        let named = launched::in_windows_arguments(&format!("{application} {arguments}")).programs;
        launch.programs.extend(launched::joined(&[folder], &named));
        Some(launch)
    }
}

/// What names of settings hold that say where the program of a service lies.
const PLACES: &[&str] = &["dir", "folder", "home", "image", "install", "program", "root"];

/// Where the settings of a service say that its program lies.
fn own_places(target: &Target, parameters: &Values) -> Vec<String> {
    let is_place = |name: &str| {
        let name = name.to_lowercase();
        PLACES.iter().any(|part| name.contains(part)) && !name.contains("exclu")
    };
    let values = parameters.iter().filter(|value| is_place(&value.name));
    let paths = values.filter_map(crate::registry::Value::text).filter(|text| text.contains(":\\"));
    paths.map(|path| target.registry().expand(path.trim().trim_matches('"'), None)).collect()
}

/// Paths that the kernel writes in its own way as everybody else writes them.
fn windows_path(target: &Target, path: &str) -> String {
    let registry = target.registry();
    let is_plain = path.get(1..2) == Some(":");
    match registry.on_target(path).filter(|_| !is_plain) {
        Some(path) => registry.windows_path(&path),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::Yield;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    #[test]
    fn what_other_control_sets_and_safe_mode_have_alone_is_left() {
        let current = r"HKLM\SYSTEM\CurrentControlSet";
        let registry = Memory::new()
            .value(&format!(r"{current}\Services\a"), "Type", 2u32)
            .value(r"HKLM\SYSTEM\ControlSet002\Services\A", "Type", 2u32)
            .value(r"HKLM\SYSTEM\ControlSet002\Services\b", "Type", 2u32)
            .value(r"HKLM\SYSTEM\ControlSet002\Services\s", "Type", 0x10u32)
            .value(&format!(r"{current}\Control\SafeBoot\Minimal\c.sys"), "", "Driver")
            .value(&format!(r"{current}\Control\SafeBoot\Network\c.sys"), "", "Driver")
            .value(&format!(r"{current}\Control\SafeBoot\Network\t"), "", "Service");
        let target = complete().target(registry);
        for (wanted, names) in [(Kind::Driver, ["b", "c"]), (Kind::Service, ["s", "t"])] {
            let mut found = Vec::new();
            let mut out = |yielded: Yield| match yielded {
                Yield::Artifact(artifact) => {
                    found.push((artifact.text(Field::Name).unwrap().to_owned(), artifact.state))
                }
                Yield::Gap(gap) => panic!("{gap:?}"),
            };
            elsewhere(&target, &mut Sink::new("drivers", &mut out), wanted);
            assert_eq!(found, names.map(|name| (name.to_owned(), State::Remnant)));
        }
    }

    #[test]
    fn what_runs_is_running_even_when_its_file_is_gone() {
        let key = r"HKLM\SYSTEM\CurrentControlSet\Services\guard";
        let registry = Memory::new().value(key, "Type", 0x10u32).value(key, "Start", 4u32).value(
            key,
            "ImagePath",
            r"C:\Gone\guard.exe",
        );
        let target = complete().target(registry);
        let mut out = |yielded: Yield| panic!("{yielded:?}");
        let mut sink = Sink::new("services", &mut out);
        let mut states = Vec::new();
        for activity in [
            None,
            Some(ServiceActivity::Stopped),
            Some(ServiceActivity::Running { pid: 7 }),
            Some(ServiceActivity::Changing { pid: 0 }),
        ] {
            let mut service = all(&target, &mut sink).remove(0);
            service.activity = activity;
            let artifact = service.artifact(&target, &mut sink);
            let text = |field| artifact.text(field).map(str::to_owned);
            states.push((artifact.state, text(Field::Status), text(Field::Pid)));
        }
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            states,
            [
                (State::Remnant, None, None),
                (State::Remnant, text("stopped"), None),
                (State::Running, text("running"), text("7")),
                (State::Running, text("changing"), None),
            ]
        );
    }
}
