//! Profiles of browsers that no list names, recognised by their shape: `Preferences` beside
//! `Extensions/<identifier>/`.
//!
//! Chromium has hundreds of relatives, and programs that embed it keep the same folders. The list of known browsers
//! only gives their names. A cache without extensions is no browser.

use super::places::DATA;
use super::profile;
use crate::collector::Sink;
use crate::collector::common::places::{leads_to, program_of};
use crate::fs::tree::{file_name, join, parent};
use crate::fs::{Entry, Fault, Found};
use crate::target::Target;

/// Defines folders of profiles right in homes, whose names begin with a dot, and what is read there.
macro_rules! hidden {
    ($($folder:literal)*) => {
        const HIDDEN: &[&str] = &[$(concat!($folder, "/Extensions/"),)*];
        pub(super) const READS: &[&str] = &[$(
            concat!($folder, "/Extensions/"),
            concat!($folder, "/Preferences"),
            concat!($folder, "/Secure Preferences"),
            concat!($folder, "/Extensions/*/*/manifest.json"),
            concat!($folder, "/Extensions/*/*/_locales/*/messages.json"),
        )*];
    };
}

hidden! { "home/*/.*/*" "home/*/.*/*/Default" "root/.*/*" "root/.*/*/Default" "Users/*/.*/*" "Users/*/.*/*/Default" }

/// Folders with a dot that are walked.
const WALKED: &[&[u8]] = &[b".config", b".local", b".var"];

/// Reads profiles right in homes.
pub(super) fn hidden(target: &Target, sink: &mut Sink<'_>) {
    let folders = HIDDEN.iter().flat_map(|pattern| sink.glob(&target.root, pattern)).collect::<Vec<_>>();
    for extensions in folders {
        let profile = parent(&extensions.path).to_vec();
        let is_walked = profile.split(|&byte| byte == b'/').any(|folder| WALKED.contains(&folder));
        let has = |name: &[u8]| target.root.exists(&join(&profile, name));
        if is_walked || !(has(b"Preferences") || has(b"Secure Preferences")) {
            continue;
        }
        match target.root.find(&profile) {
            Ok(folder) if has_extensions(target, sink, &folder) && !is_listed(target, &folder) => {
                profile::read(target, sink, &name(&profile), &folder);
            }
            Ok(_) => {}
            Err(fault) => sink.fault(fault),
        }
    }
}

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
    DATA.iter().any(|(_, pattern)| data.iter().any(|real| leads_to(&target.root, pattern, real)))
}

/// The name of a browser that is not listed: that of its own folder.
fn name(profile: &[u8]) -> String {
    let program = program_of(parent(profile)).trim_start_matches('.').to_owned();
    Some(program).filter(|name| !name.is_empty()).unwrap_or_else(|| "chromium".to_owned())
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
            (
                "Users/u/Library/Containers/com.example.web/Data/Library/Application Support/Invented/Default",
                "invented",
            ),
            ("PortableApps/InventedPortable/Data/profile/Default", "inventedportable"),
            ("home/u/.var/app/org.example.Web/config/web/Profile 2", "web"),
            ("home/u/snap/web/common/web/Default", "web"),
            ("root/.config/invented/Default", "invented"),
            ("home/u/.invented/profile", "invented"),
            ("root/.invented/data/Default", "invented"),
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
