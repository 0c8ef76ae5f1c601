//! `tcc_grants`: which programs asked for protected data and what they were granted (Transparency, Consent and
//! Control). A grant stays when its program is removed, so it is a remnant by itself.
//!
//! The databases can be read with Full Disk Access only. Source: the schema of `TCC.db`, macOS 10.8 to 15.

mod lists;

use std::collections::BTreeMap;

use super::{home_owner, rows};
use crate::collector::{Applies, Collector, Sink};
use crate::format::database::sqlite::Value;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

const DATABASES: &[&str] = &[
    "Library/Application Support/com.apple.TCC/TCC.db",
    "Users/*/Library/Application Support/com.apple.TCC/TCC.db",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "tcc_grants",
    about: "Programs that were granted or denied access to protected data, such as the whole disk, and apps that the firewall, notifications and network settings name.",
    applies: Applies::MACOS,
    reads: &[
        "Library/Application Support/com.apple.TCC/TCC.db",
        "Library/Application Support/com.apple.TCC/TCC.db-wal",
        "Library/Application Support/com.apple.TCC/TCC.db-journal",
        "Users/*/Library/Application Support/com.apple.TCC/TCC.db",
        "Users/*/Library/Application Support/com.apple.TCC/TCC.db-wal",
        "Users/*/Library/Application Support/com.apple.TCC/TCC.db-journal",
        lists::READS[0],
        lists::READS[1],
        lists::READS[2],
        lists::READS[3],
        lists::READS[4],
        lists::READS[5],
        lists::READS[6],
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Program,
        Field::TeamIdentifier,
        Field::Permissions,
        Field::Enabled,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

/// What was granted to one program.
#[derive(Default)]
struct Grants {
    is_path: bool,
    services: Vec<String>,
    team: Option<String>,
    allowed: bool,
}

fn run(target: &Target, sink: &mut Sink<'_>) {
    lists::run(target, sink);
    for found in sink.files(&target.root, DATABASES) {
        let mut clients: BTreeMap<String, Grants> = BTreeMap::new();
        rows(&target.root, sink, &found, &["access"], &mut |_, row| {
            let Some(client) = row.get("client").and_then(Value::text) else { return };
            let grants = clients.entry(client.to_owned()).or_default();
            grants.is_path = row.get("client_type").and_then(Value::integer) == Some(1);
            grants.services.extend(row.get("service").and_then(Value::text).map(str::to_owned));
            // 2: allowed, 3: limited; up to macOS 10.15 a column of its own.
            let value = row.get("auth_value").or_else(|| row.get("allowed")).and_then(Value::integer);
            grants.allowed |= value.is_some_and(|value| value > 0);
            if let Some(Value::Blob(requirement)) = row.get("csreq") {
                grants.team = grants.team.take().or_else(|| team(requirement));
            }
        });
        for (client, grants) in clients {
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, &client))
                .state(State::Remnant)
                .with_some(Field::Program, Some(&client).filter(|_| grants.is_path))
                .with(Field::Identifier, client.as_str())
                .with_some(Field::TeamIdentifier, grants.team)
                .with_many(Field::Permissions, grants.services)
                .with(Field::Enabled, if grants.allowed { "yes" } else { "no" })
                .with_some(Field::User, home_owner(&found.path))
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

/// The team that a compiled code requirement asks for: after `subject.OU`, an operation and a counted text.
fn team(requirement: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(requirement, b"subject.OU")?;
    let rest = requirement.get(at + 10..)?;
    // Texts are padded to four bytes.
    let text = rest.windows(14).take(24).find(|window| window.starts_with(&[0, 0, 0, 10]))?.get(4..)?;
    let is_team = text.iter().all(u8::is_ascii_alphanumeric);
    is_team.then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_team_in_a_compiled_requirement() {
        let requirement =
            b"\xfa\xde\x0c\0\0\0\0\x40\0\0\0\x01\0\0\0\x0b\0\0\0\0\0\0\0\x0asubject.OU\0\0\0\0\0\x01\0\0\0\x0aEXAMPLE123\0\0";
        assert_eq!(team(requirement).as_deref(), Some("EXAMPLE123"));
        assert_eq!(team(b"subject.OU"), None);
    }
}
