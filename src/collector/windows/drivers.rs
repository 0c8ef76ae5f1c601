//! `drivers`: drivers, as they are registered, and the driver packages that Windows keeps.

use super::service_keys::{self, Kind, SERVICES};
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Field, State};
use crate::registry::HIVES;
use crate::target::Target;

/// Where Windows 8 and later list the packages of the driver store.
const PACKAGES: &[&str] =
    &[r"HKLM\SYSTEM\DriverDatabase\DriverPackages\*", r"HKLM\DRIVERS\DriverDatabase\DriverPackages\*"];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "drivers",
    about: "Drivers of the kernel and of file systems: file, start type, whether they are loaded; packages of the driver store; what is left of removed ones.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[
        SERVICES,
        service_keys::OTHER_SETS,
        service_keys::SAFE_MODE,
        r"HKLM\SYSTEM\DriverDatabase\DriverPackages\*",
        r"HKLM\DRIVERS\DriverDatabase\DriverPackages\*",
    ],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Description,
        Field::Path,
        Field::Cmdline,
        Field::Program,
        Field::StartType,
        Field::Status,
        Field::Pid,
        Field::ServiceType,
        Field::User,
        Field::Depends,
        Field::Section,
        Field::Publisher,
        Field::Source,
        Field::Key,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for service in service_keys::all(target, sink) {
        let is_left = || has_no(&service, "Performance");
        if service.kind == Kind::Driver || service.kind == Kind::Untyped && is_left() {
            let artifact = service.artifact(target, sink);
            sink.artifact(artifact);
        }
    }
    service_keys::elsewhere(target, sink, Kind::Driver);
    for pattern in PACKAGES {
        for key in sink.keys(target.registry(), pattern) {
            let values = sink.values(&key);
            // `name.inf_amd64_0123456789abcdef`.
            let name = key.name().rsplitn(3, '_').last().unwrap_or_default().to_owned();
            let artifact = super::registered::artifact(sink, target.registry(), &key)
                .with(Field::Name, name)
                .with_some(Field::Publisher, values.text("Provider"))
                .with_some(Field::Source, values.text(""))
                .with(Field::ServiceType, "driver-package")
                .state(State::Remnant);
            sink.artifact(artifact);
        }
    }
}

/// Keys of counters have no type either, and are no rest of a driver.
fn has_no(service: &service_keys::ServiceKey<'_>, subkey: &str) -> bool {
    service.key.key(subkey).items.is_empty()
}
