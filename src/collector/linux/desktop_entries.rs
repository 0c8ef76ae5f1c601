//! `desktop_entries`: what the menus of desktops show and what their sessions start by themselves.
//!
//! An entry whose program is gone is what an uninstaller forgot, so it is a remnant.

use crate::collector::support::{launched, program};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::desktop_entry::{self, DesktopEntry};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "desktop_entries",
    about: "Applications in the menus of desktops and of KDE's file manager, and programs that sessions start.",
    applies: Applies::LINUX,
    reads: &[
        "usr/share/applications/*.desktop",
        "usr/share/applications/*/*.desktop",
        "usr/local/share/applications/*.desktop",
        "home/*/.local/share/applications/*.desktop",
        "root/.local/share/applications/*.desktop",
        "var/lib/flatpak/exports/share/applications/*.desktop",
        "home/*/.local/share/flatpak/exports/share/applications/*.desktop",
        "var/lib/snapd/desktop/applications/*.desktop",
        "etc/xdg/autostart/*.desktop",
        "usr/share/autostart/*.desktop",
        "usr/share/gnome/autostart/*.desktop",
        "home/*/.config/autostart/*.desktop",
        "root/.config/autostart/*.desktop",
        "home/*/*/*.desktop",
        "root/*/*.desktop",
        "usr/share/kio/servicemenus/*.desktop",
        "usr/share/kservices5/ServiceMenus/*.desktop",
        "usr/share/kde4/services/ServiceMenus/*.desktop",
        "usr/local/share/kio/servicemenus/*.desktop",
        "home/*/.local/share/kio/servicemenus/*.desktop",
        "home/*/.local/share/kservices5/ServiceMenus/*.desktop",
        "root/.local/share/kio/servicemenus/*.desktop",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Description,
        Field::Program,
        Field::Cmdline,
        Field::Mime,
        Field::Type,
        Field::Enabled,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of one entry.
const LIMIT: usize = 1 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for pattern in COLLECTOR.reads {
        let kind = match pattern {
            pattern if pattern.contains("autostart/") => "autostart",
            pattern if pattern.to_ascii_lowercase().contains("servicemenus/") => "file-manager-menu",
            _ => "application",
        };
        for found in sink.files(&target.root, &[pattern]) {
            let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
            let parsed = desktop_entry::parse(&bytes);
            sink.damage(&found.path, &parsed.damage);
            let artifact = artifact(target, sink, &found, &parsed.value).with(Field::Type, kind);
            sink.artifact(artifact);
        }
    }
}

fn artifact(target: &Target, sink: &Sink<'_>, found: &Found, entry: &DesktopEntry) -> Artifact {
    let program = entry.program();
    let gone = |program: &[u8]| program::are_gone(&target.root, [program]);
    // `sh -c "..."` starts what it names.
    let words = launched::unix_words(&text_of(&entry.exec));
    let named = launched::in_unix_arguments(&text_of(&program), words.get(1..).unwrap_or_default());
    let is_left = !named.is_empty() && named.iter().all(|named| gone(named.as_bytes()));
    let state =
        if gone(&program) || gone(&entry.try_exec) || is_left { State::Remnant } else { State::Installed };
    let names = [&entry.name].into_iter().chain(&entry.localised_names);
    Artifact::new(sink.collector(), Location::path(&found.path))
        .state(state)
        .with(Field::Name, name_of(found).trim_end_matches(".desktop"))
        .with_many(Field::DisplayName, names.map(|name| text_of(name)))
        .with_many(Field::Description, [&entry.generic_name, &entry.comment].map(|text| text_of(text)))
        .with_many(
            Field::Program,
            [&program, &entry.try_exec].map(|text| text_of(text)).into_iter().chain(named),
        )
        .with(Field::Cmdline, text_of(&entry.exec))
        .with_many(Field::Mime, entry.mime.iter().map(|mime| text_of(mime)))
        .with(Field::Enabled, if entry.hidden { "no" } else { "yes" })
        .with_some(Field::User, super::home_owner(&found.path))
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn a_shell_starts_what_it_names() {
        let tree = Memory::new().file(
            "home/a/Bureau/x.desktop",
            "[Desktop Entry]\nName=X\nExec=sh -c \"sleep 5; /opt/vendor/gui\"\n",
        );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, _) = collect(&COLLECTOR, &target);
        let programs: Vec<&str> = artifacts[0].fields[&Field::Program].texts().collect();
        assert_eq!(programs, ["sh", "/opt/vendor/gui"]);
        assert_eq!(artifacts[0].state, State::Remnant);
    }

    #[test]
    fn applications_and_autostart_of_users() {
        let entry =
            "[Desktop Entry]\nName=Vendor\nName[ru]=Поставщик\nExec=/opt/vendor/gui %U\nMimeType=a/b;\n";
        let tree = Memory::new()
            .file("usr/share/applications/vendor.desktop", entry)
            .file("usr/share/applications/mimeinfo.cache", "[MIME Cache]\n")
            .file("home/a/.config/autostart/v.desktop", "[Desktop Entry]\nName=V\nExec=v\nHidden=true\n")
            .file("usr/share/kio/servicemenus/scan.desktop", "[Desktop Action a]\nExec=/opt/vendor/gui %F\n")
            .file("etc/xdg/autostart/left.desktop", "[Desktop Entry]\nName=L\nExec=/opt/left/x\n")
            .link("opt/vendor/gui", "gui.real")
            .executable("opt/vendor/gui.real", "");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty());
        let [vendor, left, v, menu] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(vendor.state, State::Installed);
        assert_eq!(vendor.fields[&Field::DisplayName].texts().collect::<Vec<_>>(), ["Vendor", "Поставщик"]);
        assert_eq!(
            (vendor.text(Field::Program), vendor.text(Field::Mime)),
            (Some("/opt/vendor/gui"), Some("a/b"))
        );
        assert_eq!((left.state, left.text(Field::Type)), (State::Remnant, Some("autostart")));
        assert_eq!(
            (menu.text(Field::Type), menu.text(Field::Program)),
            (Some("file-manager-menu"), Some("/opt/vendor/gui"))
        );
        assert_eq!((v.text(Field::Enabled), v.text(Field::User)), (Some("no"), Some("a")));
    }
}
