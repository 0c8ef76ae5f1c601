//! Programs that were installed with Wine, on Linux and macOS: each of its folders has a registry and a drive of its own.

use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::collector::windows::registered::icon_file;
use crate::format::package::packed_guid;
use crate::format::text::wine_registry::{self, Key};
use crate::fs::tree::{join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

/// Registries of Wine, and of programs that come with one.
pub(super) const READS: [&str; 29] = [
    "home/*/.wine*/*.reg",
    "home/*/.*wine*/*/*.reg",
    "root/.wine*/*.reg",
    "root/.*wine*/*/*.reg",
    "home/*/Games/*/*/*.reg",
    "home/*/Games/*/*/*/*.reg",
    "home/*/snap/*/common/.wine/*.reg",
    "home/*/.var/app/*/data/wine/*.reg",
    "home/*/.var/app/*/.local/share/Steam/steamapps/compatdata/*/pfx/*.reg",
    "home/*/.local/share/wineprefixes/*/*.reg",
    "home/*/.steam/steam/steamapps/compatdata/*/pfx/*.reg",
    "home/*/.local/share/Steam/steamapps/compatdata/*/pfx/*.reg",
    "home/*/Games/*/*.reg",
    "home/*/.PlayOnLinux/wineprefix/*/*.reg",
    "home/*/.var/app/*/data/bottles/bottles/*/*.reg",
    "home/*/.local/share/bottles/bottles/*/*.reg",
    "home/*/.cxoffice/*/*.reg",
    "Users/*/.wine/*.reg",
    "Users/*/Library/Application Support/CrossOver/Bottles/*/*.reg",
    "Users/*/Library/Containers/*/Bottles/*/*.reg",
    "home/*/Games/*/*/*/*/*.reg",
    "home/*/Games/*/*/*/*/pfx/*.reg",
    "home/*/.var/app/*/config/heroic/prefixes/*/*.reg",
    "home/*/.var/app/*/config/heroic/prefixes/*/pfx/*.reg",
    "home/*/.var/app/*/config/heroic/prefixes/*/*/pfx/*.reg",
    "home/*/.local/share/lutris/prefixes/*/*.reg",
    "home/*/.local/share/umu/*/*.reg",
    "home/*/.steam/root/steamapps/compatdata/*/pfx/*.reg",
    "home/*/snap/*/common/.local/share/Steam/steamapps/compatdata/*/pfx/*.reg",
];
/// Bytes read of one registry.
const LIMIT: usize = 64 << 20;
/// Where a program says that it is installed, in lower case.
const UNINSTALL: &str = r"\microsoft\windows\currentversion\uninstall\";

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &READS) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let is_entry = |path: &str| {
            let path = path.to_lowercase();
            path.split_once(UNINSTALL).is_some_and(|(_, name)| !name.is_empty() && !name.contains('\\'))
        };
        let read = wine_registry::keys(&bytes, is_entry);
        sink.damage(&found.path, &read.damage);
        for key in read.value {
            let artifact = program(target, sink, &found.path, &key);
            sink.artifact(artifact);
        }
    }
}

fn program(target: &Target, sink: &Sink<'_>, registry: &[u8], key: &Key) -> Artifact {
    let code = key.path.rsplit('\\').next().unwrap_or_default();
    let text = |name: &str| key.text(name).map(str::to_owned);
    let named = ["InstallLocation", "DisplayIcon"].iter().filter_map(|name| key.text(name));
    let mut places = named.filter_map(|path| on_drive(parent(registry), icon_file(path))).peekable();
    let is_gone = places.peek().is_some() && places.all(|path| !is_there(target, &path));
    Artifact::new(sink.collector(), Location::record(registry, &key.path))
        .with(Field::Name, text("DisplayName").unwrap_or_else(|| code.to_owned()))
        .with_some(Field::Version, text("DisplayVersion"))
        .with_some(Field::Publisher, text("Publisher"))
        .with_some(Field::Description, text("Comments"))
        .with_many(Field::Homepage, ["URLInfoAbout", "HelpLink"].iter().filter_map(|name| text(name)))
        .with_some(Field::InstallLocation, text("InstallLocation"))
        .with_some(Field::UninstallString, text("UninstallString"))
        .with_some(Field::IdentifyingNumber, packed_guid::is_guid(code).then(|| code.to_uppercase()))
        .with(Field::Key, key.path.as_str())
        .with(Field::Type, "wine")
        .with(Field::Scope, "user")
        .with_some(Field::User, home_owner(registry))
        .state(if is_gone { State::Remnant } else { State::Installed })
}

/// The path of the target that a path of Wine's drive `C:` has.
fn on_drive(prefix: &[u8], path: &str) -> Option<Vec<u8>> {
    let below = path.trim_matches('"').get(2..).filter(|_| path.to_ascii_lowercase().starts_with("c:\\"))?;
    Some(join(&join(prefix, b"drive_c"), below.replace('\\', "/").trim_matches('/').as_bytes()))
}

/// Whether a path is there in any case: Wine compares names as Windows does. What cannot be listed may be.
fn is_there(target: &Target, path: &[u8]) -> bool {
    let mut at = Vec::new();
    for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        let next = join(&at, name);
        at = if target.root.exists(&next) {
            next
        } else {
            let Ok(listed) = target.root.list(&at) else { return true };
            match listed.iter().find(|one| one.name.eq_ignore_ascii_case(name)) {
                Some(one) => join(&at, &one.name),
                None => return false,
            }
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::collector::common::places::PROGRAM_PLACES;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn drives_that_are_searched_have_their_registry_read_and_the_other_way_round() {
        let mut drives: Vec<&str> =
            PROGRAM_PLACES.iter().filter_map(|place| place.strip_suffix("/drive_c")).collect();
        let mut registries: Vec<&str> =
            READS.iter().filter_map(|pattern| pattern.strip_suffix("/*.reg")).collect();
        drives.sort_unstable();
        registries.sort_unstable();
        assert_eq!(drives, registries);
    }

    #[test]
    fn programs_of_wine_are_there_or_left() {
        let entry = |name: &str, folder: &str| {
            format!(
                "[Software\\\\Wow6432Node\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Uninstall\\\\{name}] 1\n\
                \"DisplayName\"=\"Vendor {name}\"\n\"Publisher\"=\"Vendor\"\n\"InstallLocation\"=\"C:\\\\Program Files\\\\{folder}\"\n\n"
            )
        };
        let text = format!("WINE REGISTRY Version 2\n\n{}{}", entry("a", "here"), entry("b", "gone"));
        let tree = Memory::new()
            .file("etc/os-release", "ID=debian\n")
            .file("home/u/.wine/system.reg", text)
            .directory("home/u/.wine/drive_c/Program Files/Here");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<_> = artifacts
            .iter()
            .map(|one| (one.text(Field::Name).unwrap(), one.state, one.text(Field::User)))
            .collect();
        assert_eq!(
            seen,
            [("Vendor a", State::Installed, Some("u")), ("Vendor b", State::Remnant, Some("u"))]
        );
    }
}
