//! Programs that run others as services: what their settings beside them name.
//!
//! WinSW reads `NAME.xml` or `NAME.yml` beside `NAME.exe`, other wrappers `NAME.ini`, `NAME.json` or a file that their command
//! line names. nssm runs what `AppEvents` names as well. Sources: the documentation of WinSW ("XML config file"), of nssm
//! ("Managing services from the command line") and of the Java Service Wrapper ("wrapper.conf").

use super::registered::{Launch, SETTINGS, launch};
use crate::collector::Sink;
use crate::collector::support::launched;
use crate::format::text::xml;
use crate::registry::Key;
use crate::target::Target;

/// Bytes read of one file of settings.
const LIMIT: usize = 256 << 10;
/// The most files of settings of one service.
const FILES: usize = 16;

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
}
