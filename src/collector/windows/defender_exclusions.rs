//! `defender_exclusions`: what Windows Defender is set not to scan. Names of a vendor's folders and programs
//! stay there when the vendor's program is removed.

use super::registered::artifact;
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Field, State};
use crate::registry::HIVES;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "defender_exclusions",
    about: "Paths, programs and file name endings that Windows Defender was told to leave out, by setting or policy.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[
        r"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\*",
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions\*",
    ],
    yields: &[Field::Name, Field::Path, Field::Type, Field::Source, Field::Key],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for (pattern, source) in [
        (r"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\*", "setting"),
        (r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Exclusions\*", "policy"),
    ] {
        for key in sink.keys(registry, pattern) {
            let kind = key.name().to_lowercase();
            for value in sink.values(&key).iter().filter(|value| !value.name.is_empty()) {
                let is_path = kind.contains("path") || kind.contains("process");
                let text = registry.expand(&value.name, None);
                let mut artifact = artifact(sink, registry, &key)
                    .with(Field::Name, text.as_str())
                    .with_some(Field::Path, is_path.then_some(text))
                    .with(Field::Type, kind.trim_end_matches('s'))
                    .with(Field::Source, source)
                    .state(State::Remnant);
                artifact.location.record = Some(value.name.clone());
                sink.artifact(artifact);
            }
        }
    }
}
