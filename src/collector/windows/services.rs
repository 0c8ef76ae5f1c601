//! `services`: services of Windows, as they are registered, and on a running system what they do now.

use super::service_keys::{self, Kind, SERVICES};
use crate::collector::{Applies, Collector, Sink};
use crate::model::Field;
use crate::registry::HIVES;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "services",
    about: "Services: program and library, start type, account, whether they run; also what is left of the registration of removed ones.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[SERVICES, service_keys::OTHER_SETS, service_keys::SAFE_MODE],
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
        Field::Key,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for service in service_keys::all(target, sink) {
        if service.kind != Kind::Driver {
            let artifact = service.artifact(target, sink);
            sink.artifact(artifact);
        }
    }
    service_keys::elsewhere(target, sink, Kind::Service);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::drivers;
    use crate::collector::windows::testing::complete;
    use crate::model::State;
    use crate::registry::Memory;

    const CURRENT: &str = r"HKLM\SYSTEM\CurrentControlSet\Services";

    #[test]
    fn services_and_drivers_with_what_starts_them() {
        let registry = Memory::new()
            .value(&format!(r"{CURRENT}\AVP21.3"), "Type", 0x10u32)
            .value(&format!(r"{CURRENT}\AVP21.3"), "Start", 2u32)
            .value(&format!(r"{CURRENT}\AVP21.3"), "DisplayName", "Антивирус")
            .expandable(&format!(r"{CURRENT}\AVP21.3"), "ImagePath", r#""%ProgramFiles%\Vendor\avp.exe" -r"#)
            .value(&format!(r"{CURRENT}\hosted"), "Type", 0x20u32)
            .value(&format!(r"{CURRENT}\hosted"), "Start", 4u32)
            .expandable(
                &format!(r"{CURRENT}\hosted"),
                "ImagePath",
                r"%SystemRoot%\system32\svchost.exe -k netsvcs",
            )
            .expandable(
                &format!(r"{CURRENT}\hosted\Parameters"),
                "ServiceDll",
                r"%SystemRoot%\System32\hosted.dll",
            )
            .value(&format!(r"{CURRENT}\klif"), "Type", 2u32)
            .value(&format!(r"{CURRENT}\klif"), "Start", 1u32)
            .value(&format!(r"{CURRENT}\klif"), "ImagePath", r"\SystemRoot\System32\DRIVERS\klif.sys")
            .value(&format!(r"{CURRENT}\klgone"), "Type", 1u32)
            .value(&format!(r"{CURRENT}\klgone"), "Start", 0u32)
            .key(&format!(r"{CURRENT}\kltail\Parameters"))
            .key(&format!(r"{CURRENT}\.NET CLR Data\Performance"));
        let files =
            complete().file("Program Files/Vendor/avp.exe", "").file("Windows/System32/hosted.dll", "");
        let target = files.file("Windows/System32/drivers/klif.sys", "").target(registry);
        let (services, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let of = |name: &str| services.iter().find(|one| one.text(Field::Name) == Some(name)).unwrap();
        let avp = of("AVP21.3");
        assert_eq!(avp.state, State::Installed);
        assert_eq!(avp.text(Field::Path), Some(r"C:\Program Files\Vendor\avp.exe"));
        assert_eq!(avp.text(Field::StartType), Some("auto"));
        assert_eq!(
            avp.location.registry_key.as_deref(),
            Some(r"HKLM\SYSTEM\CurrentControlSet\Services\AVP21.3")
        );
        assert_eq!(of("hosted").state, State::Disabled);
        assert_eq!(of("hosted").text(Field::Program), Some(r"C:\Windows\System32\hosted.dll"));
        assert_eq!(of("kltail").state, State::Remnant);
        let (found, _) = collect(&drivers::COLLECTOR, &target);
        let states: Vec<_> = found.iter().map(|one| (one.text(Field::Name).unwrap(), one.state)).collect();
        assert_eq!(
            states,
            [("klif", State::Installed), ("klgone", State::Remnant), ("kltail", State::Remnant)]
        );
        assert_eq!(found[0].text(Field::Path), Some(r"C:\Windows\System32\DRIVERS\klif.sys"));
        assert_eq!(found[1].text(Field::Path), Some(r"C:\Windows\System32\drivers\klgone.sys"));
    }

    #[test]
    fn of_hives_alone_nothing_is_gone() {
        let registry = Memory::new().value(&format!(r"{CURRENT}\a"), "Type", 0x10u32).value(
            &format!(r"{CURRENT}\a"),
            "ImagePath",
            r"C:\a.exe",
        );
        let files = crate::fs::memory::Memory::new().directory("Windows/System32/config");
        let (services, _) = collect(&COLLECTOR, &files.target(registry));
        assert_eq!(services[0].state, State::Installed);
    }
}
