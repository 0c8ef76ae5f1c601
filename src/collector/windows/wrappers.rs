//! Programs that run others as services: what their settings beside them name.
//!
//! WinSW reads `NAME.xml` or `NAME.yml` beside `NAME.exe`, other wrappers `NAME.ini`, `NAME.json` or a file that their command
//! line names. nssm runs what `AppEvents` names as well. Sources: the documentation of WinSW ("XML config file"), of nssm
//! ("Managing services from the command line") and of the Java Service Wrapper ("wrapper.conf").

use std::collections::{BTreeMap, BTreeSet};

use super::registered::{Launch, SETTINGS, launch};
use crate::collector::Sink;
use crate::collector::support::launched;
use crate::format::text::xml;
use crate::model::GapKind;
use crate::registry::{Key, Values};
use crate::target::Target;

/// Bytes read of one file of settings.
const LIMIT: usize = 256 << 10;
/// The most files of settings of one service.
const FILES: usize = 16;

/// Keys below `Software` that are the system's.
const SYSTEM: &[&str] =
    &["Classes", "Clients", "Microsoft", "Policies", "RegisteredApplications", "WOW6432Node"];
/// How deep settings of services lie below the key of a vendor, and the most keys searched.
const DEPTH: usize = 3;
const KEYS: usize = 50_000;

/// What the settings of a service's program name: beside it, and where its command line names them.
pub(super) fn configured(target: &Target, sink: &mut Sink<'_>, started: &Launch) -> Vec<String> {
    let registry = target.registry();
    let Some(program) = started.programs.first() else { return Vec::new() };
    let windows = registry.expand(r"%SystemRoot%\", None).to_lowercase();
    let is_own = program.to_lowercase().starts_with(&windows) || !program.contains('\\');
    if is_own {
        return Vec::new();
    }
    let stem = program.rsplit_once('.').map_or(program.as_str(), |(stem, _)| stem);
    let beside = [stem, program.as_str()];
    let beside = beside.iter().flat_map(|name| SETTINGS.iter().map(move |ending| format!("{name}.{ending}")));
    let files = started.settings.iter().cloned().chain(beside);
    let mut named: Vec<String> = Vec::new();
    let mut read = 0;
    for path in files.filter_map(|file| registry.on_target(&file)) {
        if read == FILES || !target.root.exists(&path) {
            continue;
        }
        read += 1;
        let Some(bytes) = sink.read_path(&target.root, &path, LIMIT) else { continue };
        for program in launched::in_windows_text(&xml::decoded(&bytes)) {
            let program = registry.expand(&program, None);
            if !named.contains(&program) {
                named.push(program);
            }
        }
    }
    named
}

/// What nssm runs beside its application: `AppEvents\EVENT`, value by value.
pub(super) fn on_events(target: &Target, sink: &mut Sink<'_>, service: &Key<'_>) -> Vec<String> {
    let mut named = Vec::new();
    for events in sink.registry(service.key(r"Parameters\AppEvents")) {
        for event in sink.registry(events.subkeys()) {
            for value in sink.values(&event).iter() {
                let line = value.text().unwrap_or_default();
                named.extend(launch(target, &line, None).into_iter().flat_map(|started| started.programs));
            }
        }
    }
    named
}

/// Keys of other vendors below `Software` by their names: wrappers keep what a service runs below the service's name.
pub(super) struct Settings<'r> {
    keys: BTreeMap<String, Vec<Key<'r>>>,
}

impl<'r> Settings<'r> {
    /// Keys that may be settings of a service.
    pub(super) fn of(target: &'r Target, sink: &mut Sink<'_>) -> Settings<'r> {
        let registry = target.registry();
        let mut keys: BTreeMap<String, Vec<Key<'r>>> = BTreeMap::new();
        let mut left = KEYS;
        for place in registry.software().iter().filter(|place| place.user.is_none()) {
            for vendor in sink.keys(registry, &format!(r"{}\*", place.key)) {
                if SYSTEM.iter().any(|own| own.eq_ignore_ascii_case(vendor.name())) {
                    continue;
                }
                let mut level = vec![vendor];
                for _ in 0..DEPTH {
                    level = level.iter().flat_map(|key| sink.registry(key.subkeys())).collect();
                    for key in &level {
                        left = left.saturating_sub(1);
                        keys.entry(key.name().to_lowercase()).or_default().push(key.clone());
                    }
                    if left == 0 {
                        let detail = format!("more than {KEYS} keys of programs; the rest was not searched");
                        sink.gap(GapKind::OverLimit, place.key.clone(), detail);
                        return Settings { keys };
                    }
                }
            }
        }
        Settings { keys }
    }

    /// Programs that settings under the name of a service are to start.
    pub(super) fn named(
        &self,
        target: &Target,
        sink: &mut Sink<'_>,
        service: &Key<'_>,
        values: &Values,
    ) -> Vec<String> {
        let names = [Some(service.name().to_owned()), values.text("DisplayName")];
        let names = names.into_iter().flatten().map(|name| name.to_lowercase()).collect::<BTreeSet<_>>();
        let mut programs = Vec::new();
        for key in names.iter().filter_map(|name| self.keys.get(name)).flatten() {
            let below = sink.registry(key.subkeys());
            for key in std::iter::once(key).chain(&below) {
                for text in sink.values(key).iter().flat_map(|value| value.texts()) {
                    let text = target.registry().expand(&text, None);
                    programs.extend(launched::in_windows_text(&text));
                }
            }
        }
        programs
    }
}

#[cfg(test)]
mod tests {
    use crate::collector::collect;
    use crate::collector::windows::services;
    use crate::collector::windows::testing::complete;
    use crate::model::Field;
    use crate::registry::Memory;

    fn programs(image: &str, file: &str, text: &str, more: &[(&str, &str, &str)]) -> Vec<String> {
        let key = r"HKLM\SYSTEM\CurrentControlSet\Services\guard";
        let mut registry = Memory::new().value(key, "Type", 0x10u32).value(key, "ImagePath", image);
        for (below, name, value) in more {
            registry = registry.value(&format!(r"{key}\{below}"), name, *value);
        }
        let files = complete().file("svc/guard.exe", "MZ").file(file, text);
        let (found, gaps) = collect(&services::COLLECTOR, &files.target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let value = found.first().and_then(|one| one.fields.get(&Field::Program));
        value.map(|value| value.texts().map(str::to_owned).collect()).unwrap_or_default()
    }

    #[test]
    fn settings_beside_a_wrapper_name_what_it_runs() {
        let tool = r"C:\Vendor Lab\tool.exe";
        let xml = format!("<service><executable>{tool}</executable></service>");
        for (image, file) in [
            (r"C:\svc\guard.exe", "svc/guard.xml"),
            (r"C:\svc\guard.exe", "svc/guard.exe.xml"),
            (r#""C:\svc\guard.exe" run "C:\svc\my conf\g.xml""#, "svc/my conf/g.xml"),
            (r"C:\svc\guard.exe -s C:\svc\conf\g.xml", "svc/conf/g.xml"),
        ] {
            assert!(programs(image, file, &xml, &[]).contains(&tool.to_owned()), "{image} {file}");
        }
        assert!(programs(r"C:\svc\guard.exe", "svc/other.xml", &xml, &[]).is_empty());
    }

    #[test]
    fn events_and_folders_of_a_wrapper() {
        let events = (r"Parameters\AppEvents\Start", "Pre", r"C:\Vendor Lab\tool.exe");
        let application = (r"Parameters", "Application", r"C:\x\y.exe");
        let named = programs(r"C:\svc\guard.exe", "x", "", &[application, events]);
        assert!(named.contains(&events.2.to_owned()), "{named:?}");
        let application = (r"Parameters", "Application", r"cmd.exe /c start tool.exe");
        let folder = (r"Parameters", "AppDirectory", r"C:\Vendor Lab");
        let named = programs(r"C:\svc\guard.exe", "x", "", &[application, folder]);
        assert!(named.contains(&events.2.to_owned()), "{named:?}");
    }

    #[test]
    fn settings_under_the_name_of_a_service() {
        let tool = r"C:\Vendor Lab\tool.exe";
        let service = r"HKLM\SYSTEM\CurrentControlSet\Services\guard";
        let named = |key: &str| {
            let registry = Memory::new()
                .value(service, "Type", 0x10u32)
                .value(service, "ImagePath", r"C:\svc\guard.exe")
                .value(key, "Application", tool);
            let files = complete().file("svc/guard.exe", "MZ");
            let (found, gaps) = collect(&services::COLLECTOR, &files.target(registry));
            assert!(gaps.is_empty(), "{gaps:?}");
            found.iter().any(|one| one.text(Field::Program) == Some(tool))
        };
        assert!(named(r"HKLM\SOFTWARE\WOW6432Node\Wrapper Company\Wrapper\Guard"));
        assert!(named(r"HKLM\SOFTWARE\Wrapper\Guard\Settings"));
        assert!(!named(r"HKLM\SOFTWARE\Wrapper\Other"));
    }
}
