//! `macports_packages`: ports in the registry of MacPorts. Source: MacPorts, `registry2.0/registry.h`, `sql.c`.

use super::rows;
use crate::collector::{Applies, Collector, Sink};
use crate::format::database::sqlite::Value;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

const REGISTRY: &str = "opt/local/var/macports/registry/registry.db";

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "macports_packages",
    about: "Ports that MacPorts installed.",
    applies: Applies::MACOS,
    reads: &[
        REGISTRY,
        "opt/local/var/macports/registry/registry.db-wal",
        "opt/local/var/macports/registry/registry.db-journal",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Release,
        Field::Status,
        Field::Arch,
        Field::InstallDate,
        Field::InstallLocation,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[REGISTRY]) {
        let mut ports = Vec::new();
        rows(&target.root, sink, &found, &["ports"], &mut |_, row| {
            let text = |column: &str| row.get(column).and_then(Value::text).map(str::to_owned);
            let number = |column: &str| row.get(column).and_then(Value::integer);
            let name = text("name").unwrap_or_default();
            let status = text("state").unwrap_or_default();
            let installed = number("date").and_then(|time| jiff::Timestamp::from_second(time).ok());
            let release = number("revision").map(|number| number.to_string()).or_else(|| text("revision"));
            ports.push(
                Artifact::new(COLLECTOR.name, Location::record(&found.path, &name))
                    // An image that is not activated is only kept.
                    .state(if status == "imaged" { State::Disabled } else { State::Installed })
                    .with(Field::Name, name)
                    .with_some(Field::Version, text("version"))
                    .with_some(Field::Release, release)
                    .with(Field::Status, status)
                    .with_some(Field::Arch, text("archs"))
                    .with_some(Field::InstallDate, installed.map(|time| time.to_string()))
                    .with_some(Field::InstallLocation, text("location")),
            );
        });
        ports.into_iter().for_each(|port| sink.artifact(port));
    }
}
