//! `com_extensions`: COM classes that Windows, Explorer and Internet Explorer load into their processes.
//!
//! Sources: "Antimalware Scan Interface", "Credential Providers in Windows", "Browser Helper Objects", "Creating Shell
//! Extension Handlers" of Microsoft's documentation.

use super::registered::{artifact, is_gone, state};
use crate::collector::{Applies, Collector, Sink};
use crate::model::Field;
use crate::registry::{HIVES, Key, Software};
use crate::target::Target;

/// Kind, key below `Software`, and where the class is named.
const PLACES: &[(&str, &str, Class)] = &[
    ("amsi-provider", r"Microsoft\AMSI\Providers\*", Class::Name),
    (
        "credential-provider",
        r"Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\*",
        Class::Name,
    ),
    (
        "credential-provider-filter",
        r"Microsoft\Windows\CurrentVersion\Authentication\Credential Provider Filters\*",
        Class::Name,
    ),
    (
        "browser-helper-object",
        r"Microsoft\Windows\CurrentVersion\Explorer\Browser Helper Objects\*",
        Class::Name,
    ),
    ("internet-explorer-extension", r"Microsoft\Internet Explorer\Extensions\*", Class::Name),
    (
        "icon-overlay",
        r"Microsoft\Windows\CurrentVersion\Explorer\ShellIconOverlayIdentifiers\*",
        Class::Default,
    ),
];
/// Keys of which each value's name is a class.
const LISTS: &[(&str, &str)] = &[
    ("internet-explorer-toolbar", r"Microsoft\Internet Explorer\Toolbar"),
    ("shell-execute-hook", r"Microsoft\Windows\CurrentVersion\Explorer\ShellExecuteHooks"),
    ("approved-shell-extension", r"Microsoft\Windows\CurrentVersion\Shell Extensions\Approved"),
];
/// Keys whose menus Explorer shows for every file, folder or drive.
const MENUS: &[&str] = &["*", "Directory", "Folder", "Drive", "AllFilesystemObjects"];

#[derive(Clone, Copy)]
enum Class {
    /// The key's name.
    Name,
    /// The key's default value, or its name.
    Default,
}

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "com_extensions",
    about: "COM classes that Windows loads: AMSI and credential providers, browser helper objects, toolbars, overlay icons, context menus.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[
        r"HKLM\SOFTWARE\Microsoft\AMSI\Providers\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\Credential Providers\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Browser Helper Objects\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\ShellIconOverlayIdentifiers\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Shell Extensions\Approved",
        r"HKLM\SOFTWARE\Microsoft\Internet Explorer\Toolbar",
        r"HKLM\SOFTWARE\Classes\CLSID\*",
        r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID\*",
        r"HKLM\SOFTWARE\WOW6432Node\Classes\CLSID\*",
    ],
    yields: &[
        Field::Name,
        Field::Description,
        Field::Identifier,
        Field::Program,
        Field::Type,
        Field::User,
        Field::Uid,
        Field::Key,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for place in registry.software() {
        for (kind, below, class) in PLACES {
            for key in sink.keys(registry, &format!(r"{}\{below}", place.key)) {
                let label = sink.values(&key).text("");
                let clsid = match (class, &label) {
                    (Class::Default, Some(label)) => label.clone(),
                    _ => key.name().to_owned(),
                };
                extension(target, sink, &place, &key, kind, &clsid, label);
            }
        }
        for menu in MENUS {
            // The key of all files is called `*` itself.
            for handlers in sink
                .registry(registry.key(&format!(r"{}\Classes\{menu}\shellex\ContextMenuHandlers", place.key)))
            {
                for key in sink.registry(handlers.subkeys()) {
                    let label = sink.values(&key).text("");
                    let clsid = label
                        .clone()
                        .filter(|label| label.starts_with('{'))
                        .unwrap_or_else(|| key.name().to_owned());
                    extension(
                        target,
                        sink,
                        &place,
                        &key,
                        "context-menu",
                        &clsid,
                        Some(key.name().to_owned()),
                    );
                }
            }
        }
        for (kind, below) in LISTS {
            for key in sink.registry(registry.key(&format!(r"{}\{below}", place.key))) {
                for value in sink.values(&key).iter().filter(|value| value.name.starts_with('{')) {
                    extension(target, sink, &place, &key, kind, &value.name, value.text());
                }
            }
        }
    }
}

/// An extension and the library that its class names.
fn extension(
    target: &Target,
    sink: &mut Sink<'_>,
    place: &Software<'_>,
    key: &Key<'_>,
    kind: &str,
    clsid: &str,
    label: Option<String>,
) {
    let registry = target.registry();
    let (mut name, mut library) = (None, None);
    let bases = [place.key.as_str(), r"HKLM\SOFTWARE"];
    let views = [r"Classes\CLSID", r"Classes\WOW6432Node\CLSID", r"WOW6432Node\Classes\CLSID"];
    for classes in bases.iter().flat_map(|base| views.map(|view| format!(r"{base}\{view}"))) {
        for class in sink.registry(registry.key(&format!(r"{classes}\{clsid}"))) {
            name = name.or(sink.values(&class).text(""));
            for server in ["InprocServer32", "LocalServer32"] {
                for server in sink.registry(class.key(server)) {
                    library = library.or(sink.values(&server).text(""));
                }
            }
        }
    }
    let is_gone = library.as_deref().is_some_and(|library| is_gone(target, library, place.user));
    let mut artifact = artifact(sink, registry, key)
        .with(Field::Name, name.clone().or_else(|| label.clone()).unwrap_or_else(|| clsid.to_owned()))
        .with_some(Field::Description, label)
        .with(Field::Identifier, clsid)
        .with_some(Field::Program, library.map(|library| registry.expand(&library, place.user)))
        .with(Field::Type, kind)
        .state(state(is_gone));
    artifact.location.record = Some(clsid.to_owned());
    sink.artifact(artifact);
}
