//! Background items of macOS (`.btm`): login items, agents and daemons that apps registered, and whether someone
//! switched them off.
//!
//! A keyed archive in two shapes: up to macOS 12 a list per user that holds bookmarks, since macOS 13 one of the
//! machine that holds records. Format: "Mac OS background item bookmark data format" (dtformats), sfltool(1)
//! `dumpbtm`.

use super::keyed_archive::Archive;
use super::plist::{self, Value};
use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::link::bookmark;

/// Items read of one file.
pub const MAX_ITEMS: usize = 20_000;

/// An item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Whose it is: the unique identifier of a user, since macOS 13.
    pub user: Option<String>,
    /// Its identifier, e.g. `2.com.example.app`.
    pub identifier: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Who signed it.
    pub developer: Option<String>,
    /// Apple's identifier of the team that signed it.
    pub team: Option<String>,
    /// Identifiers of its bundle and of those that it belongs to.
    pub bundles: Vec<String>,
    /// Where it lies: an app, a job's list.
    pub path: Option<String>,
    /// The program that it starts.
    pub program: Option<String>,
    /// Arguments of a job, the program first.
    pub arguments: Vec<String>,
    /// Its kind, e.g. `login-item`.
    pub kind: &'static str,
    /// Whether it is switched on and allowed.
    pub enabled: bool,
}

/// Kinds as `sfltool dumpbtm` names them. Bits; the first that is set counts.
const KINDS: &[(i64, &str)] = &[
    (0x20, "developer"),
    (0x10, "daemon"),
    (0x08, "agent"),
    (0x04, "login-item"),
    (0x02, "app"),
    (0x40, "spotlight"),
    (0x800, "quick-look"),
    (0x01, "user-item"),
];
/// Switched on, and allowed.
const ON: i64 = 0x3;

/// Reads the items of a file.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Item>> {
    let list = plist::read(bytes);
    let mut read = Salvaged { value: Vec::new(), damage: list.damage };
    let Some(archive) = Archive::of(&list.value) else {
        if read.damage.is_empty() {
            read.damage.push(Damage::new(DamageKind::Corrupt, 0, "no keyed archive"));
        }
        return read;
    };
    let users = archive.top("store").and_then(|store| archive.field(store, "itemsByUserIdentifier"));
    let containers = || {
        let items = archive.field(archive.top("root")?, "backgroundItems")?;
        archive.field(items, "allContainers")
    };
    if let Some(users) = users {
        for (user, items) in archive.entries(users) {
            for item in archive.items(items) {
                if !room(&mut read) {
                    return read;
                }
                read.value.push(record(archive, user, item));
            }
        }
    } else if let Some(containers) = containers() {
        for container in archive.items(containers) {
            let internal = archive.field(container, "internalItems").into_iter();
            for item in std::iter::once(container).chain(internal.flat_map(|items| archive.items(items))) {
                if !room(&mut read) {
                    return read;
                }
                chosen(archive, item, &mut read);
            }
        }
    } else {
        read.damage.push(Damage::new(DamageKind::Unsupported, None, "background items of an unknown shape"));
    }
    read
}

fn room(read: &mut Salvaged<Vec<Item>>) -> bool {
    let room = read.value.len() < MAX_ITEMS && read.damage.len() < MAX_ITEMS;
    if !room {
        let what = format!("more than {MAX_ITEMS} items; the rest was not read");
        read.damage.push(Damage::new(DamageKind::OverLimit, None, what));
    }
    room
}

/// A record of macOS 13 and later.
fn record(archive: Archive<'_>, user: &str, item: &Value) -> Item {
    let text = |name: &str| archive.text(item, name).map(str::to_owned);
    let texts = |name: &str| -> Vec<String> {
        let items = archive.field(item, name).into_iter().flat_map(|items| archive.items(items));
        items.filter_map(|item| archive.as_text(item)).map(str::to_owned).collect()
    };
    let kind = archive.integer(item, "type").unwrap_or_default();
    let mut bundles: Vec<String> = text("bundleIdentifier").into_iter().collect();
    bundles.extend(texts("associatedBundleIdentifiers"));
    Item {
        user: Some(user.to_owned()),
        identifier: text("identifier"),
        name: text("name"),
        developer: text("developerName"),
        team: text("teamIdentifier"),
        bundles,
        path: archive.text(item, "url").and_then(path_of),
        program: text("executablePath"),
        arguments: texts("programArguments"),
        kind: KINDS.iter().find(|(bit, _)| kind & bit != 0).map_or("item", |(_, kind)| kind),
        enabled: archive.integer(item, "disposition").is_none_or(|disposition| disposition & ON == ON),
    }
}

/// An item of macOS 10.13 to 12: a bookmark, plain or in an object of its own.
fn chosen(archive: Archive<'_>, item: &Value, read: &mut Salvaged<Vec<Item>>) {
    let inside = archive.field(item, "bookmark").and_then(|inner| archive.data(inner, "data"));
    let Some(bytes) = inside.or_else(|| archive.data(item, "bookmark")) else { return };
    let bookmark = bookmark::read(bytes);
    read.damage.extend(bookmark.damage);
    if bookmark.value != bookmark::Bookmark::default() {
        read.value.push(Item {
            name: bookmark.value.name,
            path: bookmark.value.path,
            kind: "login-item",
            enabled: true,
            ..Item::default()
        });
    }
}

/// The path of a `file:` address, without a slash at its end.
fn path_of(address: &str) -> Option<String> {
    let path = address.strip_prefix("file://").filter(|path| path.starts_with('/')).or_else(|| {
        // Items inside of an app name their place from the app's folder on.
        (!address.contains("://")).then_some(address)
    })?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(0));
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    let path = String::from_utf8_lossy(&bytes).into_owned();
    Some(path.trim_end_matches('/').to_owned()).filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bytes::fixture;

    #[test]
    fn records_of_macos_13_and_later() {
        let read = read(&fixture("macos/BackgroundItems-v16.btm"));
        assert_eq!(read.damage, []);
        let of = |kind: &str| read.value.iter().find(|item| item.kind == kind).unwrap();
        let app = of("app");
        assert_eq!(app.path.as_deref(), Some("/Applications/Example Tool ü.app"));
        assert_eq!((app.enabled, app.team.as_deref()), (true, Some("EXAMPLE123")));
        assert_eq!(app.bundles, ["com.example.tool"]);
        let daemon = of("daemon");
        assert_eq!(daemon.program.as_deref(), Some("/Library/PrivilegedHelperTools/com.example.helper"));
        assert_eq!(daemon.arguments.len(), 2);
        assert!(!daemon.enabled, "allowed, but switched off");
        assert_eq!(of("developer").name.as_deref(), Some("Example GmbH"));
        assert_eq!(read.value.len(), 4);
    }

    #[test]
    fn bookmarks_of_older_systems() {
        let read = read(&fixture("macos/backgrounditems.btm"));
        assert_eq!(read.damage, []);
        let paths: Vec<_> = read.value.iter().filter_map(|item| item.path.as_deref()).collect();
        assert_eq!(paths, ["/Applications/Example Tool.app", "/Volumes/Extra/Other.app"]);
    }

    #[test]
    fn other_lists_are_damage() {
        for bytes in [&b""[..], b"<plist><dict/></plist>", b"bplist00"] {
            assert_eq!(read(bytes).damage.len(), 1);
        }
    }

    proptest! {
        #[test]
        fn any_damage_is_survived(at in 0usize..3000, byte: u8, end in 0usize..3000) {
            for name in ["macos/BackgroundItems-v16.btm", "macos/backgrounditems.btm"] {
                let mut bytes = fixture(name);
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
                drop(read(&bytes));
                bytes.truncate(end);
                drop(read(&bytes));
            }
        }
    }
}
