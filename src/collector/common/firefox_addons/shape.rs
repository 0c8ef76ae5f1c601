//! Profiles of relatives that no list names, recognised by their shape: a list of add-ons, or `prefs.js` beside a folder
//! of them.

use super::super::places::{leads_to, program_of};
use super::places::PROFILES;
use super::profile::profile;
use crate::collector::Sink;
use crate::fs::tree::{file_name, join, parent};
use crate::fs::{Entry, Found};
use crate::target::Target;

/// Defines folders of profiles right in homes, whose names begin with a dot.
macro_rules! hidden {
    ($($folder:literal)*) => {
        const HIDDEN: &[&str] = &[$(concat!($folder, "/"),)*];
        pub(super) const READS: &[&str] = &[$(
            concat!($folder, "/extensions.json"),
            concat!($folder, "/prefs.js"),
            concat!($folder, "/extensions/*/"),
        )*];
    };
}

hidden! {
    "home/*/.*/*" "home/*/.*/Profiles/*" "home/*/.*/firefox/*" "home/*/.mozilla/*/*"
    "root/.*/*" "root/.*/Profiles/*" "root/.*/firefox/*" "root/.mozilla/*/*"
    "Users/*/.*/*" "Users/*/.*/Profiles/*"
}

/// Profiles right in homes.
pub(super) fn hidden(target: &Target, sink: &mut Sink<'_>) -> Vec<Found> {
    let folders: Vec<Found> = HIDDEN.iter().flat_map(|pattern| sink.glob(&target.root, pattern)).collect();
    folders.into_iter().filter(|folder| folder.is_directory() && is_profile(target, &folder.path)).collect()
}

/// Every file that says that there is a profile, and what lies in it.
pub(super) fn wants(entry: &Entry<'_>) -> bool {
    match entry.name() {
        b"prefs.js" => true,
        b"extensions.json" => !is_extensions(parent(entry.path())),
        _ => entry.has_ending(&[".xpi"]) && is_extensions(parent(entry.path())),
    }
}

/// Reads the profile that a file belongs to.
pub(super) fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = parent(entry.path());
    match entry.name() {
        b"prefs.js" => {}
        b"extensions.json" if !target.root.exists(&join(path, b"prefs.js")) => {}
        _ => return,
    }
    match target.root.find(path) {
        Ok(folder) if is_profile(target, path) && !is_read(target, &folder) => {
            profile(target, sink, &name(path), &folder);
        }
        Ok(_) => {}
        Err(fault) => sink.fault(fault),
    }
}

/// The relative that a profile belongs to.
pub(super) fn name(profile: &[u8]) -> String {
    let name = program_of(parent(profile));
    match name.trim_start_matches('.') {
        "" => "firefox".to_owned(),
        name => name.to_owned(),
    }
}

fn is_extensions(folder: &[u8]) -> bool {
    file_name(folder).eq_ignore_ascii_case(b"extensions")
}

fn is_profile(target: &Target, path: &[u8]) -> bool {
    let list = join(path, b"extensions.json");
    let has = |name: &[u8]| target.root.exists(&join(path, name));
    if is_extensions(path) {
        return false;
    }
    if has(b"prefs.js") {
        return target.root.exists(&list) || has(b"extensions");
    }
    // Editors have lists of this name, too, which are arrays.
    let is_object = |bytes: &[u8]| bytes.trim_ascii_start().starts_with(b"{");
    target.root.exists(&list) && target.root.read(&list, 64).is_ok_and(|head| is_object(&head.bytes))
}

/// Whether the list of known relatives leads here, or a folder in a home does, so that the profile is read already.
fn is_read(target: &Target, folder: &Found) -> bool {
    let listed = PROFILES.iter().map(|(_, pattern)| *pattern);
    listed
        .chain(HIDDEN.iter().copied())
        .any(|pattern| leads_to(&target.root, pattern.trim_end_matches('/'), &folder.real))
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Field, TargetKind};

    const LIST: &str = r#"{"schemaVersion": 36, "addons": [{"id": "a@example.com", "version": "1", "type": "extension",
        "active": true, "defaultLocale": {"name": "Example"}}]}"#;

    fn browsers(tree: Memory) -> Vec<String> {
        let (artifacts, gaps) =
            collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))));
        assert_eq!(gaps, []);
        artifacts.iter().map(|it| it.text(Field::Browser).unwrap().to_owned()).collect()
    }

    #[test]
    fn profiles_of_relatives_that_no_list_names_are_read() {
        for (profile, browser) in [
            ("home/u/.zen/a1.Default", "zen"),
            ("home/u/.invented/Profiles/a1.default", "invented"),
            ("root/.mullvad/a1.default", "mullvad"),
            ("home/u/.var/app/org.example.Web/.web/a1.default", "web"),
            ("home/u/.local/share/torbrowser/tbb/TorBrowser/Data/Browser/profile.default", "browser"),
            ("Users/u/AppData/Roaming/Floorp/Profiles/a1.default", "floorp"),
            ("Users/u/Library/Application Support/zen/Profiles/a1.default", "zen"),
            (
                "Users/u/Library/Containers/com.example.web/Data/Library/Application Support/Web/Profiles/a1",
                "web",
            ),
            ("PortableApps/FirefoxPortable/Data/profile", "firefoxportable"),
            ("home/u/.mozilla/firefox/a1.default", "firefox"),
        ] {
            let listed = Memory::new().file(format!("{profile}/extensions.json"), LIST);
            assert_eq!(browsers(listed), [browser], "{profile}");
            let lying = Memory::new()
                .file(format!("{profile}/prefs.js"), "")
                .file(format!("{profile}/extensions/b@example.com.xpi"), "PK");
            assert_eq!(browsers(lying), [browser], "{profile}");
        }
    }

    #[test]
    fn lists_of_other_programs_are_none() {
        let tree = Memory::new()
            .file("home/u/.config/Code/User/profiles/1a2b/extensions.json", "[]")
            .file("home/u/.vscode/extensions/extensions.json", "[]")
            .file("home/u/.config/app/prefs.js", "");
        assert_eq!(browsers(tree), [""; 0]);
    }
}
