//! Logs of events, and the programs that write them: both stay registered when a program is removed.
//!
//! Source: "Eventlog Key" and "Windows Event Log Reference" of Microsoft's documentation.

use super::super::registered::artifact;
use crate::collector::Sink;
use crate::model::{Field, State};
use crate::target::Target;

/// Logs, each a key of its name.
pub(super) const LOGS: [&str; 2] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\*",
];
/// Who writes events; the default value is the name.
pub(super) const PUBLISHERS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Publishers\*";

/// Logs and writers by their names; Windows' own say nothing.
pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    let mut named = Vec::new();
    for pattern in LOGS {
        named.extend(sink.keys(registry, pattern).into_iter().map(|key| (key.name().to_owned(), key)));
    }
    for key in sink.keys(registry, PUBLISHERS) {
        named.extend(sink.values(&key).text("").map(|name| (name, key)));
    }
    named.retain(|(name, _)| !name.starts_with("Microsoft-") && !name.starts_with("Windows "));
    for (name, key) in named {
        let artifact = artifact(sink, registry, &key)
            // `Vendor-Product-Part` is how writers are named.
            .with_many(Field::Name, [name.replace('-', " "), name])
            .with(Field::Type, "event-log")
            .state(State::Remnant);
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    #[test]
    fn logs_and_writers_of_events_are_left_behind() {
        let registry = Memory::new()
            .key(r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Vendor Log")
            .key(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\Microsoft-Windows-X/Admin")
            .value(
                r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Publishers\{1}",
                "",
                "Vendor-Endpoint-Security",
            );
        let (found, gaps) = collect(&COLLECTOR, &complete().target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<_> = found
            .iter()
            .filter(|one| one.text(Field::Type) == Some("event-log"))
            .map(|one| (one.text(Field::Name), one.state))
            .collect();
        assert_eq!(
            seen,
            [(Some("Vendor Log"), State::Remnant), (Some("Vendor Endpoint Security"), State::Remnant)]
        );
    }
}
