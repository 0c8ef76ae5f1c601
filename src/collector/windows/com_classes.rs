//! Registered COM classes, applications and type libraries outside of Windows itself, and the commands that open files,
//! folders and addresses.
//!
//! Sources: "InprocServer32", "LocalServer32", "AppID Key", "Registering a Type Library" and "Verbs and File Associations" of
//! Microsoft's documentation.

use super::registered::{artifact, icon_file, is_gone, launch, state};
use crate::collector::Sink;
use crate::model::{Field, State};
use crate::registry::{Key, Software};
use crate::target::Target;

/// The keys of this file, for `keys`.
pub(super) const KEYS: [&str; 5] = [
    r"HKLM\SOFTWARE\Classes\*\shell\*\command",
    r"HKLM\SOFTWARE\Classes\AppID\*",
    r"HKLM\SOFTWARE\Classes\TypeLib\*\*\*\*",
    r"HKLM\SOFTWARE\Clients\*\*\shell\open\command",
    r"HKLM\SOFTWARE\RegisteredApplications",
];
/// Where classes are registered, below `Software`.
const CLASSES: &[&str] = &[r"Classes\CLSID", r"Classes\WOW6432Node\CLSID"];
/// Where commands are registered, below `Software`.
const COMMANDS: &[&str] = &[
    r"Classes\*\shell\*\command",
    r"Classes\Applications\*\shell\*\command",
    r"Classes\SystemFileAssociations\*\shell\*\command",
    r"Classes\Directory\Background\shell\*\command",
    r"Microsoft\Windows\CurrentVersion\Explorer\CommandStore\shell\*\command",
    r"Clients\*\*\shell\*\command",
];

/// Icons of kinds of files, verbs and applications: key, value and the value with a name, below `Software`.
const ICONS: &[(&str, &str, &str)] = &[
    (r"Classes\*\DefaultIcon", "", "-"),
    (r"Classes\*\shell\*", "Icon", "MUIVerb"),
    (r"Classes\Directory\Background\shell\*", "Icon", "MUIVerb"),
    (r"Classes\AppUserModelId\*", "IconUri", "DisplayName"),
];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>, place: &Software<'_>) {
    let registry = target.registry();
    for below in CLASSES {
        for class in sink.keys(registry, &format!(r"{}\{below}\*", place.key)) {
            self::class(target, sink, place, &class);
        }
    }
    for below in COMMANDS {
        for key in sink.keys(registry, &format!(r"{}\{below}", place.key)) {
            command(target, sink, place, &key);
        }
    }
    for (below, value, label) in ICONS {
        for key in sink.keys(registry, &format!(r"{}\{below}", place.key)) {
            let values = sink.values(&key);
            let Some(icon) = values.text(value) else { continue };
            server(target, sink, place, &key, ("icon", values.text(label), icon_file(&icon)));
        }
    }
    for application in sink.keys(registry, &format!(r"{}\Classes\AppID\*", place.key)) {
        let values = sink.values(&application);
        if let Some(library) = values.text("DllSurrogate").filter(|library| !library.trim().is_empty()) {
            server(target, sink, place, &application, ("com-application", values.text(""), &library));
        } else if let Some(service) = values.text("LocalService").filter(|service| !service.trim().is_empty())
        {
            let names = values.text("").into_iter().chain([service]);
            let artifact = artifact(sink, registry, &application)
                .with_many(Field::Name, names)
                .with(Field::Identifier, application.name())
                .with(Field::Type, "com-service");
            sink.artifact(artifact);
        }
    }
    for key in sink.keys(registry, &format!(r"{}\RegisteredApplications", place.key)) {
        for value in sink.values(&key).iter() {
            let mut artifact = artifact(sink, registry, &key)
                .with(Field::Name, value.name.as_str())
                .with_some(Field::Identifier, value.text())
                .with(Field::Type, "registered-application");
            artifact.location.record = Some(value.name.clone());
            sink.artifact(artifact);
        }
    }
    for system in ["win32", "win64"] {
        for key in sink.keys(registry, &format!(r"{}\Classes\TypeLib\*\*\*\{system}", place.key)) {
            if let Some(library) = sink.values(&key).text("") {
                server(target, sink, place, &key, ("type-library", None, &library));
            }
        }
    }
}

/// A class, by each of its servers.
fn class(target: &Target, sink: &mut Sink<'_>, place: &Software<'_>, class: &Key<'_>) {
    let mut servers = Vec::new();
    for name in SERVERS {
        for key in sink.registry(class.key(name)) {
            let values = sink.values(&key);
            // A class of .NET names its library beside the one that loads it.
            let library = values.text("CodeBase").map(|path| path.replace("file:///", "").replace('/', r"\"));
            servers.extend(library.or_else(|| values.text("")));
        }
    }
    let name = || sink_text(target, class);
    // Of a class that nothing serves, the name is what is left.
    if let Some(name) = name().filter(|_| servers.is_empty()) {
        let artifact = artifact(sink, target.registry(), class)
            .with(Field::Name, name)
            .with(Field::Identifier, class.name())
            .with(Field::Type, "com-class")
            .state(State::Remnant);
        return sink.artifact(artifact);
    }
    for library in servers {
        server(target, sink, place, class, ("com-class", name(), &library));
    }
}

/// The name of a class; faults are reported with its servers.
fn sink_text(target: &Target, class: &Key<'_>) -> Option<String> {
    let name = class.values().items.text("")?;
    Some(target.registry().expand(&name, None))
}

/// A library or program that a key registers; those of Windows itself say nothing.
fn server(
    target: &Target,
    sink: &mut Sink<'_>,
    place: &Software<'_>,
    key: &Key<'_>,
    (kind, name, library): (&str, Option<String>, &str),
) {
    let registry = target.registry();
    if is_of_windows(target, library) {
        return;
    }
    let started = launch(target, library, place.user);
    let is_gone = started.as_ref().map_or_else(|| is_gone(target, library, place.user), |one| one.is_gone);
    let programs = started.map(|one| one.programs).unwrap_or_else(|| vec![library.to_owned()]);
    let artifact = artifact(sink, registry, key)
        .with(Field::Name, name.unwrap_or_else(|| key.name().to_owned()))
        .with(Field::Identifier, key.name())
        .with_many(Field::Program, programs)
        .with(Field::Type, kind)
        .state(state(is_gone));
    sink.artifact(artifact);
}

/// What opens files of a kind, folders, or addresses of a protocol.
fn command(target: &Target, sink: &mut Sink<'_>, place: &Software<'_>, key: &Key<'_>) {
    let Some(line) = sink.values(key).text("") else { return };
    if is_of_windows(target, &line) {
        return;
    }
    let Some(started) = launch(target, &line, place.user) else { return };
    let path = key.path();
    let mut parts = path.rsplit('\\').skip(1);
    let (verb, class) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
    let artifact = artifact(sink, target.registry(), key)
        .with(Field::Name, class)
        .with(Field::Description, verb)
        .with_many(Field::Program, started.programs)
        .with(Field::Type, "open-command")
        .state(state(started.is_gone));
    sink.artifact(artifact);
}

/// Whether a line names nothing but programs and libraries in the folder of Windows, or only by their names.
fn is_of_windows(target: &Target, line: &str) -> bool {
    let line = target.registry().expand(line, None).to_lowercase();
    let windows = target.registry().expand(r"%SystemRoot%\", None).to_lowercase();
    let paths = line.match_indices(r":\").filter_map(|(at, _)| line.get(at.checked_sub(1)?..));
    let mut others = paths.filter(|path| !path.starts_with(&windows));
    others.next().is_none() && !line.starts_with(r"\\")
}

/// Keys of a class that name what serves it.
pub(super) const SERVERS: [&str; 3] = ["InprocServer32", "LocalServer32", "InprocHandler32"];

#[cfg(test)]
mod tests {
    use crate::collector::collect;
    use crate::collector::windows::com_extensions::COLLECTOR;
    use crate::collector::windows::testing::complete;
    use crate::model::Field;
    use crate::registry::Memory;

    #[test]
    fn classes_commands_and_type_libraries_outside_of_windows() {
        const CLASSES: &str = r"HKLM\SOFTWARE\Classes";
        let library = r"C:\Vendor Lab\shell.dll";
        let registry = Memory::new()
            .value(&format!(r"{CLASSES}\CLSID\{{1}}"), "", "Vendor class")
            .value(&format!(r"{CLASSES}\CLSID\{{1}}\InprocServer32"), "", library)
            .value(
                &format!(r"{CLASSES}\CLSID\{{2}}\LocalServer32"),
                "",
                r#""C:\Vendor Lab\a.exe" -Embedding"#,
            )
            .value(&format!(r"{CLASSES}\CLSID\{{3}}\InprocServer32"), "", r"C:\Windows\System32\ole32.dll")
            .value(&format!(r"{CLASSES}\CLSID\{{4}}\InprocServer32"), "", "mscoree.dll")
            .value(
                &format!(r"{CLASSES}\CLSID\{{4}}\InprocServer32"),
                "CodeBase",
                "file:///C:/Vendor Lab/net.dll",
            )
            .value(&format!(r"{CLASSES}\AppID\{{5}}"), "DllSurrogate", library)
            .value(&format!(r"{CLASSES}\AppID\{{7}}"), "LocalService", "VendorService")
            .value(&format!(r"{CLASSES}\CLSID\{{8}}"), "", "Vendor name alone")
            .value(r"HKLM\SOFTWARE\RegisteredApplications", "Vendor", r"Software\Vendor Lab\Capabilities")
            .value(&format!(r"{CLASSES}\lnkfile\shellex\ContextMenuHandlers\Vendor menu"), "", "{9}")
            .value(&format!(r"{CLASSES}\TypeLib\{{6}}\1.0\0\win32"), "", library)
            .value(&format!(r"{CLASSES}\vfile\shell\open\command"), "", r#""C:\Vendor Lab\a.exe" "%1""#)
            .value(&format!(r"{CLASSES}\txtfile\shell\open\command"), "", r"%SystemRoot%\notepad.exe %1");
        let (found, gaps) = collect(&COLLECTOR, &complete().target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<String> = found
            .iter()
            .map(|one| {
                let text = |field| one.text(field).unwrap_or("-").to_owned();
                format!("{} {} {}", text(Field::Type), text(Field::Name), text(Field::Program))
            })
            .collect();
        assert_eq!(
            seen,
            [
                r"context-menu Vendor menu -",
                r"com-class Vendor class C:\Vendor Lab\shell.dll",
                r"com-class {2} C:\Vendor Lab\a.exe",
                r"com-class {4} C:\Vendor Lab\net.dll",
                r"com-class Vendor name alone -",
                r"open-command vfile C:\Vendor Lab\a.exe",
                r"com-application {5} C:\Vendor Lab\shell.dll",
                r"com-service VendorService -",
                r"registered-application Vendor -",
                r"type-library win32 C:\Vendor Lab\shell.dll",
            ]
        );
    }
}
