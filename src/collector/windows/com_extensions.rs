//! `com_extensions`: COM classes that Windows, Explorer and Internet Explorer load into their processes.
//!
//! Sources: "Antimalware Scan Interface", "Credential Providers in Windows", "Browser Helper Objects", "Creating Shell
//! Extension Handlers" of Microsoft's documentation.

use super::com_classes::{self, SERVERS};
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
    ("credential-provider", r"Microsoft\Windows\CurrentVersion\Authentication\PLAP Providers\*", Class::Name),
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
    ("mmc-snapin", r"Microsoft\MMC\SnapIns\*", Class::Name),
    // Of the Control Panel, desktops, computers and networks.
    ("shell-folder", r"Microsoft\Windows\CurrentVersion\Explorer\*\NameSpace\*", Class::Name),
    (
        "property-handler",
        r"Microsoft\Windows\CurrentVersion\PropertySystem\PropertyHandlers\*",
        Class::Default,
    ),
    (
        "icon-overlay",
        r"Microsoft\Windows\CurrentVersion\Explorer\ShellIconOverlayIdentifiers\*",
        Class::Default,
    ),
];
/// Menus, pages of properties and icons of kinds of files, folders and their backgrounds, below `Classes`.
const HANDLERS: &[&str] =
    &[r"*\shellex\*\*", r"Directory\Background\shellex\*\*", r"SystemFileAssociations\*\shellex\*\*"];
/// Keys of which each value's name is a class.
const LISTS: &[(&str, &str)] = &[
    ("internet-explorer-toolbar", r"Microsoft\Internet Explorer\Toolbar"),
    ("preview-handler", r"Microsoft\Windows\CurrentVersion\PreviewHandlers"),
    ("shell-execute-hook", r"Microsoft\Windows\CurrentVersion\Explorer\ShellExecuteHooks"),
    ("approved-shell-extension", r"Microsoft\Windows\CurrentVersion\Shell Extensions\Approved"),
];
/// Keys of which each value's data is a class.
const NAMED: &[(&str, &str)] = &[
    ("shell-service-object", r"Microsoft\Windows\CurrentVersion\ShellServiceObjectDelayLoad"),
    ("shared-task-scheduler", r"Microsoft\Windows\CurrentVersion\Explorer\SharedTaskScheduler"),
];
/// Add-ins of Office, by the name of their class.
const ADD_INS: &[&str] = &[r"Microsoft\Office\*\Addins\*", r"Microsoft\Office\*\*\Addins\*"];

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
    about: "COM classes, also those that Windows loads (AMSI and credential providers, toolbars, context menus), add-ins of Office, and the commands that open files.",
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
        com_classes::KEYS[0],
        com_classes::KEYS[1],
        com_classes::KEYS[2],
        com_classes::KEYS[3],
        com_classes::KEYS[4],
        r"HKLM\SOFTWARE\Classes\*\shellex\*\*",
        r"HKLM\SOFTWARE\Microsoft\MMC\SnapIns\*",
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
                let values = sink.values(&key);
                let label = values.text("").or_else(|| values.text("NameString"));
                let clsid = match (class, &label) {
                    (Class::Default, Some(label)) => label.clone(),
                    _ => key.name().to_owned(),
                };
                extension(target, sink, &place, &key, kind, &clsid, label);
            }
        }
        // Menus, pages of properties and icons, of every kind of file.
        for below in HANDLERS {
            for key in sink.keys(registry, &format!(r"{}\Classes\{below}", place.key)) {
                let label = sink.values(&key).text("");
                let clsid = label.as_ref().filter(|label| label.starts_with('{'));
                let clsid = clsid.cloned().unwrap_or_else(|| key.name().to_owned());
                let is_menu = key.path().to_lowercase().contains(r"\contextmenuhandlers\");
                let kind = if is_menu { "context-menu" } else { "shell-extension" };
                // A handler that is named by its class has its name as a text.
                let label =
                    label.filter(|label| !label.starts_with('{')).unwrap_or_else(|| key.name().to_owned());
                extension(target, sink, &place, &key, kind, &clsid, Some(label));
            }
        }
        for (kind, below) in LISTS {
            for key in sink.registry(registry.key(&format!(r"{}\{below}", place.key))) {
                for value in sink.values(&key).iter().filter(|value| value.name.starts_with('{')) {
                    extension(target, sink, &place, &key, kind, &value.name, value.text());
                }
            }
        }
        for (kind, below) in NAMED {
            for key in sink.registry(registry.key(&format!(r"{}\{below}", place.key))) {
                for value in sink.values(&key).iter() {
                    let class = value.text().filter(|class| class.starts_with('{'));
                    let class = class.unwrap_or_else(|| value.name.clone());
                    extension(target, sink, &place, &key, kind, &class, Some(value.name.clone()));
                }
            }
        }
        for below in ADD_INS {
            for key in sink.keys(registry, &format!(r"{}\{below}", place.key)) {
                add_in(target, sink, &place, &key);
            }
        }
        com_classes::run(target, sink, &place);
    }
}

/// An add-in of Office: its key is the name of a class.
fn add_in(target: &Target, sink: &mut Sink<'_>, place: &Software<'_>, key: &Key<'_>) {
    let values = sink.values(key);
    let label = values.text("FriendlyName").or_else(|| values.text("Description"));
    let mut class = None;
    for base in [place.key.as_str(), r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node"] {
        for named in sink.registry(target.registry().key(&format!(r"{base}\Classes\{}\CLSID", key.name()))) {
            class = class.or(sink.values(&named).text(""));
        }
    }
    let class = class.unwrap_or_else(|| key.name().to_owned());
    extension(target, sink, place, key, "office-addin", &class, label);
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
            for server in SERVERS {
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
