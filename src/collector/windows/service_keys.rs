//! Keys of services and drivers, which lie side by side.
//!
//! Source: "HKLM\SYSTEM\CurrentControlSet\Services Registry Tree" of Microsoft's documentation, winnt.h for the bits.

use super::registered::{command, is_gone};
use crate::artifact::{Artifact, Field, State};
use crate::collector::Sink;
use crate::target::Target;
use crate::target::registry::{Key, Values};

/// Where services and drivers are registered.
pub(super) const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\*";

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
}

/// Every key below `Services`.
pub(super) fn all<'r>(target: &'r Target, sink: &mut Sink<'_>) -> Vec<ServiceKey<'r>> {
    let keys = sink.keys(target.registry(), SERVICES);
    let mut services = Vec::with_capacity(keys.len());
    for key in keys {
        let values = sink.values(&key);
        let kind = kind(&values);
        services.push(ServiceKey { key, values, kind });
    }
    services
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
    /// What is known of it. One that is switched off is disabled, one whose program is gone is a remnant.
    pub(super) fn artifact(&self, target: &Target, sink: &mut Sink<'_>) -> Artifact {
        let registry = target.registry();
        let values = &self.values;
        let image = values.text("ImagePath").map(|image| registry.expand(&image, None));
        let started = image.as_deref().and_then(|image| command(target, image, None));
        let file = match (&started, self.kind) {
            (Some(started), _) => Some(windows_path(target, &started.program)),
            // The kernel looks for a driver under its own name.
            (None, Kind::Driver) => Some(
                registry.expand(&format!(r"%SystemRoot%\System32\drivers\{}.sys", self.key.name()), None),
            ),
            (None, _) => None,
        };
        let parameters = sink.registry(self.key.key("Parameters"));
        let parameters = parameters.first().map(|key| sink.values(key)).unwrap_or_default();
        let library = parameters.text("ServiceDll").or_else(|| values.text("ServiceDll"));
        let library = library.map(|library| registry.expand(&library, None));
        // A service of svchost is its library.
        let is_gone = match (&library, &file) {
            (Some(library), _) => is_gone(target, library, None),
            (None, Some(file)) => is_gone(target, file, None),
            (None, None) => true,
        };
        let start = values.number("Start");
        let state = match (is_gone, start) {
            (true, _) => State::Remnant,
            (false, Some(4)) => State::Disabled,
            _ => State::Installed,
        };
        super::registered::artifact(sink, registry, &self.key)
            .with(Field::Name, self.key.name())
            .with_many(Field::DisplayName, values.texts("DisplayName").iter().map(|name| name.trim()))
            .with_some(Field::Description, values.text("Description"))
            .with_some(Field::Path, file)
            .with_some(Field::Cmdline, image)
            .with_some(Field::Program, library)
            .with_some(Field::StartType, start.map(start_type))
            .with_many(Field::ServiceType, type_words(values.number("Type").unwrap_or_default()))
            .with_some(Field::User, values.text("ObjectName"))
            .with_many(Field::Depends, values.texts("DependOnService"))
            .with_some(Field::Section, values.text("Group"))
            .state(state)
    }
}

/// Paths that the kernel writes in its own way as everybody else writes them.
fn windows_path(target: &Target, path: &str) -> String {
    let registry = target.registry();
    let is_plain = path.get(1..2) == Some(":");
    match registry.on_target(path).filter(|_| !is_plain) {
        Some(path) => registry
            .expand(&format!(r"%SystemDrive%\{}", crate::artifact::text_of(&path).replace('/', "\\")), None),
        None => path.to_owned(),
    }
}
