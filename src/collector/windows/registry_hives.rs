//! `registry_hives`: the hives that the registry is made of. What is wrong with a whole hive is reported here, once.

use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field, GapKind, Location, Os};
use crate::registry::HIVES;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "registry_hives",
    about: "Hives of the registry that were read: of the machine, of every user, logged on or not.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Path, Field::Key, Field::User, Field::Uid, Field::Status],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for fault in registry.faults() {
        sink.gap(fault.kind, fault.place.as_str(), fault.detail.as_str());
    }
    missing(target, sink);
    for (at, origin) in registry.mounts() {
        // Another view of a hive that has its own line.
        if at.ends_with("CurrentControlSet") {
            continue;
        }
        let file = origin.file.as_deref();
        let user =
            registry.users().iter().find(|user| at == user.key || at.starts_with(&format!(r"{}\", user.key)));
        let mut location = file.map(Location::path).unwrap_or_default();
        location.registry_key = Some(at.to_owned());
        let artifact = Artifact::new(sink.collector(), location)
            .with(Field::Name, at)
            .with(Field::Key, at)
            .with_some(Field::Path, file.map(crate::text::shown))
            .with_some(Field::User, user.map(|user| user.name.as_str()))
            .with_some(Field::Uid, user.and_then(|user| user.sid.as_deref()))
            .with_some(Field::Status, origin.note);
        sink.artifact(artifact);
    }
}

/// Hives that every Windows has.
const ALWAYS: &[(&str, &str)] = &[(r"HKLM\SOFTWARE", "SOFTWARE"), (r"HKLM\SYSTEM", "SYSTEM")];

/// Whether what is mounted at a key answers for another one: a running Windows does for all hives at once.
fn answers(mounted: &str, at: &str) -> bool {
    let (above, below) = at.split_at_checked(mounted.len()).unwrap_or_default();
    above.eq_ignore_ascii_case(mounted) && (below.is_empty() || below.starts_with('\\'))
}

/// A Windows without the hives that name its programs and services was not read.
fn missing(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    if target.os.os != Some(Os::Windows) || target.is_earlier {
        return;
    }
    for (at, name) in ALWAYS {
        let place = format!("/{}/System32/config/{name}", target.root.windows());
        let is_known = registry.mounts().any(|(mounted, _)| answers(mounted, at))
            || registry.faults().iter().any(|fault| fault.place.eq_ignore_ascii_case(&place));
        if !is_known {
            sink.gap(
                GapKind::SourceMissing,
                place,
                format!("{at}: every Windows has this hive, and it is not here"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answers;

    #[test]
    fn a_running_windows_answers_for_every_hive() {
        assert!(answers("HKLM", r"HKLM\SOFTWARE") && answers(r"hklm\software", r"HKLM\SOFTWARE"));
        assert!(!answers("HKU", r"HKLM\SOFTWARE") && !answers(r"HKLM\SOFT", r"HKLM\SOFTWARE"));
        assert!(!answers(r"HKLM\SOFTWARE\Classes", r"HKLM\SOFTWARE"));
    }
}
