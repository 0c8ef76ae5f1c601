//! Profiles of browsers that no list names, recognised by their shape: `Preferences` beside
//! `Extensions/<identifier>/`.
//!
//! Chromium has hundreds of relatives, and programs that embed it keep the same folders. The list of known browsers
//! only gives their names. A cache without extensions is no browser.

use super::places::DATA;
use super::profile;
use crate::collector::Sink;
use crate::collector::common::places::PROGRAM_PLACES;
use crate::fs::tree::{file_name, join, parent};
use crate::fs::{Entry, Fault, Found};
use crate::target::Target;
use crate::text::text_of;

/// Where programs keep the data of users, which no other collector walks.
const USER_DATA: &[&str] =
    &["home/*/.config", "home/*/.var/app", "home/*/snap", "root/.config", "root/.var/app", "root/snap"];

/// Where profiles may be: the data of users, and wherever a portable program may lie.
pub(super) const WALKS: &[&str] = &{
    let mut all = [""; PROGRAM_PLACES.len() + USER_DATA.len()];
    let (programs, data) = all.split_at_mut(PROGRAM_PLACES.len());
    programs.copy_from_slice(PROGRAM_PLACES);
    data.copy_from_slice(USER_DATA);
    all
};

/// Folders between a program's own folder and its profiles, whose names say nothing.
const GENERIC: &[&str] = &[
    "user data",
    "userdata",
    "user-data",
    "browser-data",
    "browserdata",
    "host",
    "data",
    "profile",
    "profiles",
    "config",
    "common",
    "current",
    "localcache",
    "local",
    "roaming",
    "default",
    "cache",
];

/// Every file that a profile is read from: an image keeps no other.
pub(super) fn wants(entry: &Entry<'_>) -> bool {
    match entry.name() {
        b"Preferences" | b"Secure Preferences" => true,
        b"manifest.json" => is_extension(parent(parent(entry.path()))),
        b"messages.json" => {
            let locales = parent(parent(entry.path()));
            file_name(locales) == b"_locales" && is_extension(parent(parent(locales)))
        }
        _ => false,
    }
}

/// Reads the profile that a file of preferences belongs to.
pub(super) fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = parent(entry.path());
    match entry.name() {
        b"Preferences" => {}
        b"Secure Preferences" if !target.root.exists(&join(path, b"Preferences")) => {}
        _ => return,
    }
    match target.root.find(path) {
        Ok(folder) if has_extensions(target, sink, &folder) && !is_listed(target, &folder) => {
            profile::read(target, sink, &name(path), &folder);
        }
        Ok(_) => {}
        Err(fault) => sink.fault(fault),
    }
}

/// `Extensions/<identifier>`.
fn is_extension(path: &[u8]) -> bool {
    is_identifier(file_name(path)) && file_name(parent(path)) == b"Extensions"
}

/// 128 bits of a key's digest, a letter from a to p for four bits.
fn is_identifier(name: &[u8]) -> bool {
    name.len() == 32 && name.iter().all(|byte| (b'a'..=b'p').contains(byte))
}

fn has_extensions(target: &Target, sink: &mut Sink<'_>, folder: &Found) -> bool {
    match target.root.find(&join(&folder.path, b"Extensions")) {
        Ok(found) if found.is_directory() => {
            sink.list(&target.root, &found).iter().any(|listed| is_identifier(&listed.name))
        }
        Ok(_) | Err(Fault::Absent) => false,
        Err(fault) => {
            sink.fault(fault);
            false
        }
    }
}

/// Whether the list of known browsers leads here, so that the profile is read already.
fn is_listed(target: &Target, folder: &Found) -> bool {
    let data = [folder.real.as_slice(), parent(&folder.real)];
    DATA.iter().any(|(_, pattern)| {
        let below =
            pattern.strip_prefix("root/").or_else(|| pattern.splitn(3, '/').nth(2)).unwrap_or(pattern);
        let ends = |path: &&[u8]| {
            path.len()
                .checked_sub(below.len())
                .and_then(|start| path.get(start..))
                .is_some_and(|end| end.eq_ignore_ascii_case(below.as_bytes()))
        };
        data.iter().any(ends)
            && target.root.glob(pattern).iter().flatten().any(|found| data.contains(&found.real.as_slice()))
    })
}

/// The name of a browser that is not listed: that of its own folder.
fn name(profile: &[u8]) -> String {
    let mut folder = parent(profile);
    loop {
        let name = text_of(file_name(folder)).to_lowercase();
        if name.is_empty() || !GENERIC.contains(&name.as_str()) {
            return if name.is_empty() { "chromium".to_owned() } else { name };
        }
        folder = parent(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Field, TargetKind};

    const ID: &str = "aaaabbbbccccddddeeeeffffgggghhhh";

    fn browsers(tree: Memory) -> Vec<String> {
        let (artifacts, gaps) =
            collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))));
        assert_eq!(gaps, []);
        artifacts.iter().map(|it| it.text(Field::Browser).unwrap().to_owned()).collect()
    }

    fn with_extension(tree: Memory, profile: &str) -> Memory {
        tree.file(format!("{profile}/Preferences"), "{}").file(
            format!("{profile}/Extensions/{ID}/1.0_0/manifest.json"),
            r#"{"manifest_version": 3, "name": "x", "version": "1.0"}"#,
        )
    }

    #[test]
    fn profiles_of_browsers_that_no_list_names_are_read() {
        for (profile, browser) in [
            ("Users/u/AppData/Local/Maker/Comet/User Data/Default", "comet"),
            ("Users/u/AppData/Roaming/Invented", "appdata"),
            ("Users/u/AppData/Roaming/Maker/Invented Stable/Profile 1", "invented stable"),
            ("Users/u/AppData/Local/Packages/Maker_1/LocalCache/Local/Dia/User Data/Default", "dia"),
            (
                "Users/u/Library/Application Support/com.example.atlas/browser-data/host/Default",
                "com.example.atlas",
            ),
            ("Users/u/Downloads/Portable/Data/profile/Default", "portable"),
            ("home/u/.config/invented/Default", "invented"),
            ("home/u/.var/app/org.example.Web/config/web/Profile 2", "web"),
            ("home/u/snap/web/common/web/Default", "web"),
            ("root/.config/invented/Default", "invented"),
            ("Users/u/Downloads/old/.config/google-chrome/Default", "google-chrome"),
        ] {
            let found = browsers(with_extension(Memory::new(), profile));

            assert_eq!(found, [browser], "{profile}");
        }
    }

    #[test]
    fn a_listed_profile_is_read_once_and_a_cache_is_no_browser() {
        for profile in [
            "Users/u/AppData/Local/Google/Chrome/User Data/Default",
            "Users/u/AppData/Roaming/Opera Software/Opera Stable",
            "home/u/.config/chromium/Profile 1",
            "root/.config/chromium/Default",
        ] {
            assert_eq!(browsers(with_extension(Memory::new(), profile)).len(), 1, "{profile}");
        }
        let cache = Memory::new()
            .file("home/u/.config/Editor/Local State", "{}")
            .file("home/u/.config/Editor/Preferences", "{}")
            .file("home/u/.config/Editor/Extensions/notes/1/manifest.json", "{}");
        assert_eq!(browsers(cache), [""; 0]);
    }
}
