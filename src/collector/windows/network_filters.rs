//! `network_filters`: what sits in the network stack: the filtering platform's persistent objects, NDIS components,
//! Winsock providers. They outlive the programs that put them there.
//!
//! Sources: "Windows Filtering Platform" (objects are kept by the Base Filtering Engine, serialised, with their
//! names as UTF-16 text), "Network INF files" (class GUIDs of NDIS components), winsock2.h (`WSAPROTOCOL_INFOW`).

use super::registered::{artifact, is_gone, state};
use crate::collector::{Applies, Collector, Sink};
use crate::format::database::regf::utf16;
use crate::model::{Artifact, Field, State};
use crate::registry::{HIVES, Key};
use crate::target::Target;

/// Persistent objects of the filtering platform.
const WFP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\BFE\Parameters\Policy\Persistent\*";
const WFP_BOOT: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\BFE\Parameters\Policy\BootTime\*";
/// Protocols, clients and services of the network; filters are services.
const NDIS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Network\{4d36e97*}\{*}";
const PROTOCOLS: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters\*\Catalog_Entries*\*";
/// Components of the network since Windows 10.
const SETUP: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\NetworkSetup2\*\*\Kernel";
/// Rules of the firewall, each a text of `NAME=VALUE` between bars: of the machine, and of its policy.
const RULES: [&str; 2] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules",
    r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\FirewallRules",
];
/// Programs that the firewall of Windows XP lets through: each value's name is a path, its data
/// `PATH:SCOPE:Enabled:NAME`.
const PROGRAMS: [&str; 2] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\*\AuthorizedApplications\List",
    r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\*\AuthorizedApplications\List",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "network_filters",
    about: "Components in the network stack: persistent providers, filters and callouts of the filtering platform, NDIS filters and protocols, Winsock providers, programs in rules of the firewall.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[WFP, WFP_BOOT, NDIS, SETUP, PROTOCOLS, RULES[0], RULES[1], PROGRAMS[0], PROGRAMS[1]],
    yields: &[
        Field::Name,
        Field::Description,
        Field::Identifier,
        Field::Service,
        Field::Program,
        Field::Source,
        Field::Type,
        Field::Key,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for pattern in [WFP, WFP_BOOT] {
        for key in sink.keys(registry, pattern) {
            for value in sink.values(&key).iter() {
                let artifact = filter(target, sink, &key, &value.name, &value.data);
                sink.artifact(artifact);
            }
        }
    }
    let components = [sink.keys(registry, NDIS), sink.keys(registry, SETUP)].concat();
    for key in components {
        let values = sink.values(&key);
        let ndi = sink.registry(key.key("Ndi"));
        let ndi = ndi.first().map(|key| sink.values(key)).unwrap_or_default();
        let Some(name) = values.text("Description").or_else(|| values.text("ComponentId")) else { continue };
        let artifact = artifact(sink, registry, &key)
            .with(Field::Name, name)
            .with_some(Field::Identifier, values.text("ComponentId"))
            .with_some(Field::Description, ndi.text("HelpText"))
            .with_some(Field::Service, ndi.text("Service"))
            .with_some(Field::Source, values.text("InfPath"))
            .with(Field::Type, "ndis")
            .state(State::Remnant);
        sink.artifact(artifact);
    }
    for key in sink.keys(registry, PROTOCOLS) {
        let values = sink.values(&key);
        let library =
            values.text("LibraryPath").or_else(|| values.bytes("PackedCatalogItem").and_then(library));
        let name =
            values.text("DisplayString").or_else(|| values.bytes("PackedCatalogItem").and_then(protocol));
        let is_gone = library.as_deref().is_some_and(|library| is_gone(target, library, None));
        let artifact = artifact(sink, registry, &key)
            .with_some(Field::Name, name)
            .with_some(Field::Program, library.map(|library| registry.expand(&library, None)))
            .with(Field::Type, "winsock")
            .state(state(is_gone));
        sink.artifact(artifact);
    }
    rules(target, sink);
}

/// Programs that rules of the firewall name.
fn rules(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    // A rule is left when its program is gone; where it is there, others find it.
    let rule = |sink: &Sink<'_>, key: &Key<'_>, record: &str, program: &str| {
        let mut artifact = artifact(sink, registry, key)
            .with(Field::Program, registry.expand(program, None))
            .with(Field::Type, "firewall-rule")
            .state(state(is_gone(target, program, None)));
        artifact.location.record = Some(record.to_owned());
        artifact
    };
    for key in [sink.keys(registry, RULES[0]), sink.keys(registry, RULES[1])].concat() {
        for value in sink.values(&key).iter() {
            let text = value.text().unwrap_or_default();
            let part = |name: &str| text.split('|').find_map(|part| part.strip_prefix(name));
            let Some(program) = part("App=") else { continue };
            let artifact = rule(sink, &key, &value.name, program)
                .with_some(Field::Name, part("Name="))
                .with_some(Field::Description, part("Desc="));
            sink.artifact(artifact);
        }
    }
    for key in [sink.keys(registry, PROGRAMS[0]), sink.keys(registry, PROGRAMS[1])].concat() {
        for value in sink.values(&key).iter().filter(|value| value.name.contains('\\')) {
            let name = value.text().and_then(|text| Some(text.rsplit_once(':')?.1.to_owned()));
            let artifact = rule(sink, &key, &value.name, &value.name).with_some(Field::Name, name);
            sink.artifact(artifact);
        }
    }
}

/// An object of the filtering platform: its name and description are the first texts of its data.
fn filter(target: &Target, sink: &Sink<'_>, key: &Key<'_>, name: &str, data: &[u8]) -> Artifact {
    let texts = texts(data);
    let mut artifact = artifact(sink, target.registry(), key)
        .with_many(Field::Name, texts.first().cloned().or_else(|| Some(name.to_owned())))
        .with_many(Field::Description, texts.iter().skip(1).cloned())
        .with(Field::Identifier, name)
        .with(Field::Type, format!("wfp-{}", key.name().to_lowercase()))
        .state(State::Remnant);
    artifact.location.record = Some(name.to_owned());
    artifact
}

/// Runs of at least four letters, digits, blanks and signs in UTF-16, each ended by a zero.
fn texts(data: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut run: Vec<u8> = Vec::new();
    for pair in data.chunks_exact(2) {
        let unit = pair.first_chunk().map_or(0, |pair| u16::from_le_bytes(*pair));
        // What serialised data is filled up with.
        let char = char::from_u32(u32::from(unit)).filter(|_| unit != 0xcccc);
        if char.is_some_and(|char| char.is_alphanumeric() || char == ' ' || char.is_ascii_punctuation()) {
            run.extend_from_slice(pair);
            continue;
        }
        if unit == 0 && run.len() >= 8 && texts.len() < 8 {
            texts.push(utf16(&run));
        }
        run.clear();
    }
    texts
}

/// The library of a packed catalogue entry: the first 260 bytes.
fn library(packed: &[u8]) -> Option<String> {
    let path = packed.get(..260).unwrap_or(packed).split(|&byte| byte == 0).next()?;
    Some(crate::text::text_of(path)).filter(|path| !path.is_empty())
}

/// The name of the protocol: the last 512 bytes of the structure behind the library.
fn protocol(packed: &[u8]) -> Option<String> {
    let name = utf16(packed.get(260 + 116..)?.get(..512)?);
    name.split('\0').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_filters_lie_in_their_data() {
        let mut data = vec![1, 16, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc];
        for text in ["Vendor Фильтр", "x", "Second text"] {
            data.extend(text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        }
        assert_eq!(texts(&data), ["Vendor Фильтр", "Second text"]);
    }

    #[test]
    fn programs_of_rules_of_the_machine_its_policy_and_windows_xp() {
        use crate::collector::collect;
        use crate::collector::windows::testing::complete;
        use crate::registry::Memory;

        let rule = |name: &str| format!(r"v2.30|Action=Allow|App=C:\Vendor Lab\{name}.exe|Name={name}|");
        let list = PROGRAMS[0].replace('*', "StandardProfile");
        let registry = Memory::new()
            .value(RULES[0], "{1}", rule("machine").as_str())
            .value(RULES[0], "{2}", "v2.30|Action=Block|RA4=10.0.0.1|Name=Vendor|")
            .value(RULES[1], "{3}", rule("policy").as_str())
            .value(&list, r"C:\Vendor Lab\xp.exe", r"C:\Vendor Lab\xp.exe:*:Enabled:xp");
        let (found, gaps) = collect(&COLLECTOR, &complete().target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let names: Vec<_> = found.iter().filter_map(|one| one.text(Field::Name)).collect();
        assert_eq!(names, ["machine", "policy", "xp"]);
    }
}
