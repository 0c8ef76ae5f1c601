//! `polkit_actions`: what programs ask polkit to let users do, with who made them and the program that `pkexec` runs.
//!
//! An action whose program is gone is what an uninstaller forgot, so it is a remnant.

use crate::collector::support::program;
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::polkit_policy::{self, PolkitAction};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "polkit_actions",
    about: "Actions that programs declare to polkit, with their vendors and programs.",
    applies: Applies::LINUX,
    // Source: polkitd(8), the folders of actions in their order.
    reads: &[
        "etc/polkit-1/actions/*.policy",
        "run/polkit-1/actions/*.policy",
        "usr/local/share/polkit-1/actions/*.policy",
        "usr/share/polkit-1/actions/*.policy",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Identifier,
        Field::Vendor,
        Field::Homepage,
        Field::Description,
        Field::Program,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, 1 << 20) else { continue };
        let parsed = polkit_policy::parse(&bytes);
        sink.damage(&found.path, &parsed.damage);
        for action in parsed.value {
            let artifact = artifact(target, sink, &found, action);
            sink.artifact(artifact);
        }
    }
}

fn artifact(target: &Target, sink: &Sink<'_>, found: &Found, action: PolkitAction) -> Artifact {
    let is_left = program::are_gone(&target.root, action.program.as_deref().map(str::as_bytes));
    Artifact::new(sink.collector(), Location::record(&found.path, format!("action {}", action.id)))
        .state(if is_left { State::Remnant } else { State::Installed })
        .with(Field::Name, name_of(found).trim_end_matches(".policy"))
        .with(Field::Identifier, action.id)
        .with_some(Field::Vendor, action.vendor)
        .with_some(Field::Homepage, action.vendor_url)
        .with_many(Field::Description, [action.description, action.message].into_iter().flatten())
        .with_some(Field::Program, action.program)
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    fn policy(id: &str, program: &str) -> String {
        format!(
            "<policyconfig><vendor>Vendor</vendor><action id=\"{id}\"><message>Run?</message>\
             <annotate key=\"org.freedesktop.policykit.exec.path\">{program}</annotate></action></policyconfig>"
        )
    }

    #[test]
    fn an_action_whose_program_is_gone_is_a_remnant() {
        let tree = Memory::new()
            .file("usr/share/polkit-1/actions/com.v.policy", policy("com.v.run", "/opt/v/run"))
            .file("etc/polkit-1/actions/com.w.policy", policy("com.w.run", "/opt/w/run"))
            .file("usr/share/polkit-1/actions/com.v.policy.dpkg-old", policy("com.x", "/opt/x"))
            .executable("opt/v/run", "");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let [left, run] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((left.text(Field::Identifier), left.state), (Some("com.w.run"), State::Remnant));
        assert_eq!((run.text(Field::Name), run.state), (Some("com.v"), State::Installed));
        assert_eq!((run.text(Field::Vendor), run.text(Field::Program)), (Some("Vendor"), Some("/opt/v/run")));
    }

    #[test]
    fn a_damaged_file_keeps_its_vendor_and_is_a_gap() {
        let tree = Memory::new().file(
            "usr/share/polkit-1/actions/v.policy",
            "<policyconfig><vendor>Vendor</vendor><action id=\"com.v.run\"><message>x</message>",
        );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!((artifacts.len(), gaps.len()), (1, 1));
        assert_eq!(artifacts[0].text(Field::Vendor), Some("Vendor"));
    }
}
