//! `kext_policy`: kernel extensions and teams that someone approved, and those that were loaded since. Both stay
//! when the extension is removed, so each is a remnant by itself.
//!
//! Source: spctl(8), "kext-consent"; the schema of `KextPolicy`, macOS 10.13 and later.

use super::rows;
use crate::collector::{Applies, Collector, Sink};
use crate::format::database::sqlite::Value;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

const DATABASE: &str = "private/var/db/SystemPolicyConfiguration/KextPolicy";
/// Approvals of people, of device management, and extensions that were loaded.
const TABLES: &[&str] = &["kext_policy", "kext_policy_mdm", "kext_load_history_v3"];
const KINDS: &[&str] = &["approval", "managed-approval", "load-history"];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "kext_policy",
    about: "Teams and kernel extensions that were approved, and kernel extensions that were loaded.",
    applies: Applies::MACOS,
    reads: &[
        DATABASE,
        "private/var/db/SystemPolicyConfiguration/KextPolicy-wal",
        "private/var/db/SystemPolicyConfiguration/KextPolicy-journal",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::BundleIdentifier,
        Field::TeamIdentifier,
        Field::Publisher,
        Field::Enabled,
        Field::Type,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[DATABASE]) {
        let mut all = Vec::new();
        rows(&target.root, sink, &found, TABLES, &mut |table, row| {
            let text = |column: &str| row.get(column).and_then(Value::text).map(str::to_owned);
            let bundle = text("bundle_id").unwrap_or_default();
            let allowed = row.get("allowed").and_then(Value::integer);
            all.push(
                Artifact::new(COLLECTOR.name, Location::record(&found.path, &bundle))
                    .state(State::Remnant)
                    .with(Field::BundleIdentifier, bundle)
                    .with_some(Field::TeamIdentifier, text("team_id"))
                    .with_some(Field::Publisher, text("developer_name"))
                    .with_some(Field::Enabled, allowed.map(|allowed| if allowed != 0 { "yes" } else { "no" }))
                    .with_some(Field::Type, KINDS.get(table).copied())
                    .with_some(Field::Path, text("path")),
            );
        });
        all.into_iter().for_each(|one| sink.artifact(one));
    }
}
