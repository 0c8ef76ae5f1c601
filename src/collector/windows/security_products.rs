//! `security_products`: antivirus, firewall and antispyware that registered themselves with the Security Center.
//!
//! Source: the providers that Windows' Security Center keeps below its own key; the state is a number of three
//! bytes, of which the middle one says whether the product is on (0x10), as WMI's `productState`.

use super::registered::{artifact, command, state};
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Field, State};
use crate::registry::HIVES;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "security_products",
    about: "Antivirus, firewall and antispyware products registered with the Security Center.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[
        r"HKLM\SOFTWARE\Microsoft\Security Center\Provider\*\*",
        r"HKLM\SOFTWARE\Microsoft\Security Center\Monitoring\*",
    ],
    yields: &[
        Field::Name,
        Field::Identifier,
        Field::Type,
        Field::Program,
        Field::Cmdline,
        Field::Enabled,
        Field::Status,
        Field::Key,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for kind in sink.keys(registry, r"HKLM\SOFTWARE\Microsoft\Security Center\Provider\*") {
        let word = match kind.name().to_lowercase().as_str() {
            "av" => "antivirus",
            "fw" => "firewall",
            "as" => "antispyware",
            _ => "other",
        };
        for key in sink.registry(kind.subkeys()) {
            let values = sink.values(&key);
            let line = values.text("REPORTINGEXE").or_else(|| values.text("PRODUCTEXE"));
            let started = line.as_deref().and_then(|line| command(target, line, None));
            let number = values.number("STATE");
            let is_on = number.map(|number| number >> 8 & 0x10 != 0);
            let is_gone = started.as_ref().is_some_and(|started| started.is_gone);
            let installed = if is_on == Some(false) { State::Disabled } else { State::Installed };
            let artifact = artifact(sink, registry, &key)
                .with(Field::Name, values.text("DISPLAYNAME").unwrap_or_else(|| key.name().to_owned()))
                .with_some(Field::Identifier, values.text("GUID").or_else(|| Some(key.name().to_owned())))
                .with(Field::Type, word)
                .with_some(Field::Program, started.map(|started| started.program))
                .with_some(Field::Cmdline, line)
                .with_some(Field::Enabled, is_on.map(|on| if on { "yes" } else { "no" }))
                .with_some(Field::Status, number.map(|number| format!("0x{number:06x}")))
                .state(if is_gone { state(true) } else { installed });
            sink.artifact(artifact);
        }
    }
    // Products that Windows XP's Security Center watched.
    for key in sink.keys(registry, r"HKLM\SOFTWARE\Microsoft\Security Center\Monitoring\*") {
        let artifact = artifact(sink, registry, &key)
            .with(Field::Name, key.name())
            .with(Field::Type, "monitoring")
            .state(State::Remnant);
        sink.artifact(artifact);
    }
}
