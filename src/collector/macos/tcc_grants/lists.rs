//! Property lists that keep what apps may do beside the databases: through the firewall, see where the Mac is, notify, filter
//! the network, and what a configuration profile granted. Entries outlive their apps.

use std::collections::BTreeSet;

use super::super::{dictionary, home_owner};
use crate::collector::Sink;
use crate::format::text::plist::Value;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// A list, and what its entries are allowed.
const LISTS: &[(&str, &str)] = &[
    (READS[0], "firewall"),
    (READS[1], "profile"),
    (READS[2], "location"),
    (READS[3], "notifications"),
    (READS[4], "network-extension"),
    (READS[5], "network-extension"),
    (READS[6], "network-service"),
];
/// What this file reads.
pub(super) const READS: [&str; 7] = [
    "Library/Preferences/com.apple.alf.plist",
    "Library/Application Support/com.apple.TCC/MDMOverrides.plist",
    "private/var/db/locationd/clients.plist",
    "Users/*/Library/Preferences/com.apple.ncprefs.plist",
    "Library/Preferences/com.apple.networkextension.plist",
    "Library/Preferences/com.apple.networkextension.uuidcache.plist",
    "Library/Preferences/SystemConfiguration/preferences.plist",
];
/// The most entries of one list.
const ENTRIES: usize = 10_000;

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    for (pattern, permission) in LISTS {
        for found in sink.files(&target.root, &[pattern]) {
            let Some(list) = dictionary(&target.root, sink, &found) else { continue };
            let mut named = BTreeSet::new();
            identifiers(&list, &mut named);
            for identifier in sink.limited(named, ENTRIES, &found.path, "apps of a list") {
                let artifact = Artifact::new(sink.collector(), Location::record(&found.path, &identifier))
                    .state(State::Remnant)
                    .with(Field::Identifier, identifier)
                    .with(Field::Permissions, *permission)
                    .with_some(Field::User, home_owner(&found.path))
                    .with(Field::Path, shown(&found.path));
                sink.artifact(artifact);
            }
        }
    }
}

/// Identifiers of bundles anywhere in a list, as keys and as values; Apple's own say nothing.
fn identifiers(value: &Value, named: &mut BTreeSet<String>) {
    let mut add = |text: &str| {
        // The location service writes `iID:`.
        let text = text.strip_suffix(':').and_then(|text| text.strip_prefix('i')).unwrap_or(text);
        let is_part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let is_identifier = text.matches('.').count() > 1
            && text.split('.').all(is_part)
            && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        if is_identifier && !text.to_ascii_lowercase().starts_with("com.apple.") {
            named.insert(text.to_owned());
        }
    };
    if let Some(text) = value.as_text() {
        add(text);
    }
    for (key, _) in value.entries() {
        add(key);
    }
    for value in value.items().iter().chain(value.entries().iter().map(|(_, value)| value)) {
        identifiers(value, named);
    }
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn apps_that_lists_allow_something() {
        let entry = |key: &str| {
            format!("<plist><dict><key>applications</key><array><dict>{key}</dict></array></dict></plist>")
        };
        let tree = Memory::new()
            .file(READS[0], entry("<key>bundleid</key><string>com.vendor.app</string>"))
            .file(READS[1], entry("<key>com.vendor.extension</key><true/>"))
            .file(READS[2], entry("<key>icom.vendor.place:</key><dict/>"))
            .file(
                READS[6],
                entry("<key>SubType</key><string>com.vendor.vpn</string><key>Name</key><string>192.168.1.1</string>"),
            )
            .file("Users/a/Library/Preferences/com.apple.ncprefs.plist", "cut");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (found, gaps) = collect(&COLLECTOR, &target);
        let seen: Vec<_> = found
            .iter()
            .map(|one| (one.text(Field::Identifier).unwrap(), one.text(Field::Permissions).unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                ("com.vendor.app", "firewall"),
                ("com.vendor.extension", "profile"),
                ("com.vendor.place", "location"),
                ("com.vendor.vpn", "network-service"),
            ]
        );
        assert_eq!(gaps.len(), 1, "the cut list: {gaps:?}");
    }
}
