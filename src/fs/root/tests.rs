use super::*;
use crate::fs::memory::Memory;
use crate::text::wildcard;
use proptest::prelude::*;

fn root(tree: Memory) -> Root {
    Root::new(Box::new(tree))
}

#[test]
fn each_error_of_a_system_is_the_fault_that_it_means() {
    let kind = |error: io::Error| match Fault::from_io(b"etc/x", &error) {
        Fault::Absent => None,
        Fault::Unreadable { kind, place, detail } => {
            assert_eq!((place.as_slice(), detail), (&b"etc/x"[..], error.to_string()));
            Some(kind)
        }
    };
    for (error, expected) in [
        (io::ErrorKind::NotFound, None),
        (io::ErrorKind::NotADirectory, None),
        (io::ErrorKind::PermissionDenied, Some(GapKind::Denied)),
        (io::ErrorKind::InvalidInput, Some(GapKind::SpecialFile)),
        (io::ErrorKind::UnexpectedEof, Some(GapKind::Truncated)),
        (io::ErrorKind::TimedOut, Some(GapKind::TimedOut)),
        (io::ErrorKind::FileTooLarge, Some(GapKind::OverLimit)),
        (io::ErrorKind::InvalidData, Some(GapKind::Corrupt)),
        (io::ErrorKind::Unsupported, Some(GapKind::Unsupported)),
        (io::ErrorKind::Other, Some(GapKind::Unreadable)),
    ] {
        assert_eq!(kind(error.into()), expected, "{error:?}");
    }
    #[cfg(unix)]
    for (errno, expected) in [
        (rustix::io::Errno::LOOP, GapKind::LinkLoop),
        (rustix::io::Errno::IO, GapKind::Unreadable),
        (rustix::io::Errno::ACCESS, GapKind::Denied),
    ] {
        assert_eq!(kind(errno.into()), Some(expected), "{errno}");
    }
}

#[test]
fn what_could_not_be_read_is_a_gap_and_what_is_not_there_is_none() {
    assert_eq!(Fault::Absent.into_gap("apk_packages"), None);
    let denied = Fault::from_io(b"etc/x", &io::ErrorKind::PermissionDenied.into());
    let gap = denied.into_gap("apk_packages").unwrap();
    assert_eq!(
        (gap.kind, gap.collector.as_str(), gap.place.as_str()),
        (GapKind::Denied, "apk_packages", "/etc/x")
    );
    assert!(!gap.detail.is_empty());
}

#[test]
fn what_is_left_out_or_denied_is_not_gone() {
    let tree = Memory::new()
        .link("opt/there", "/mnt/share/program")
        .link("opt/dangling", "nowhere")
        .failing("opt/secret", io::ErrorKind::PermissionDenied)
        .file("mnt/share/program", b"");
    let mut root = Root::new(Box::new(tree));
    root.skip(b"mnt/share", "network");
    assert!(root.is_gone(b"/opt/missing/program") && root.is_gone(b"opt/dangling"));
    assert!(!root.is_gone(b"opt/there") && !root.is_gone(b"opt/secret") && !root.is_gone(b"opt"));
}

#[test]
fn absolute_links_restart_at_the_targets_root() {
    let root = root(Memory::new().file("etc/passwd", b"target").link("a/b/link", "/etc/passwd"));
    assert_eq!(root.read(b"a/b/link", 100).unwrap().bytes, b"target");
}

#[test]
fn a_link_is_found_itself_when_it_is_not_followed() {
    let root = root(Memory::new().file("a/x", b"1").link("b", "a").link("c", "b/x"));
    let itself = root.find_no_follow(b"b/../c").unwrap();
    assert_eq!((itself.real.as_slice(), itself.stat.kind), (&b"c"[..], Kind::Link(b"b/x".to_vec())));
    let followed = root.find(b"c").unwrap();
    assert_eq!((followed.real.as_slice(), followed.stat.kind), (&b"a/x"[..], Kind::File));
    // On the way it is followed all the same.
    assert_eq!(root.find_no_follow(b"b/x").unwrap().real, b"a/x");
}

#[test]
fn as_many_links_are_followed_as_linux_follows() {
    // path_resolution(7): 40 links, and no more.
    let chain = (1..=41).fold(Memory::new().file("l0", b"end"), |tree, number| {
        tree.link(format!("l{number}"), format!("l{}", number - 1))
    });
    let root = root(chain);
    assert_eq!(root.find(b"l40").unwrap().real, b"l0");
    assert!(matches!(root.find(b"l41"), Err(Fault::Unreadable { kind: GapKind::LinkLoop, .. })));
}

#[test]
fn dot_dot_stops_at_the_root() {
    let root = root(Memory::new().file("x", b"1").link("a/up", "../../../../x"));
    assert_eq!(root.find(b"a/up").unwrap().real, b"x");
    assert_eq!(root.find(b"../../x").unwrap().real, b"x");
}

#[test]
fn dot_dot_after_a_link_is_taken_from_where_the_link_leads() {
    let root = root(Memory::new().file("deep/er/file", b"").file("deep/other", b"").link("short", "deep/er"));
    assert_eq!(root.find(b"short/../other").unwrap().real, b"deep/other");
}

#[test]
fn a_link_loop_is_a_fault_and_a_dangling_link_is_nothing() {
    let root = root(Memory::new().link("a", "b").link("b", "a").link("gone", "nowhere"));
    assert!(matches!(root.find(b"a"), Err(Fault::Unreadable { kind: GapKind::LinkLoop, .. })));
    assert_eq!(root.find(b"gone"), Err(Fault::Absent));
}

#[test]
fn a_special_file_is_a_fault_and_not_opened() {
    let root = root(Memory::new().special("dev/zero").link("var/lib/dpkg/status", "/dev/zero"));
    let fault = root.read(b"var/lib/dpkg/status", 10).unwrap_err();
    assert!(matches!(fault, Fault::Unreadable { kind: GapKind::SpecialFile, .. }));
}

#[test]
fn a_file_over_the_limit_gives_its_start_and_says_so() {
    let root = root(Memory::new().file("big", vec![7; 100]));
    let content = root.read(b"big", 10).unwrap();
    assert_eq!((content.bytes.len(), content.cut_from), (10, Some(100)));
    assert_eq!(root.read(b"big", 100).unwrap().cut_from, None);
}

#[test]
fn patterns_match_within_a_component_and_follow_links() {
    let root = root(
        Memory::new()
            .file("home/a/x.conf", b"")
            .file("home/b/x.conf", b"")
            .file("home/b/y.txt", b"")
            .link("home/c", "/home/a"),
    );
    let found: Vec<_> = root.glob("home/*/*.conf").into_iter().map(|found| found.unwrap().path).collect();
    assert_eq!(found, [b"home/a/x.conf".to_vec(), b"home/b/x.conf".to_vec()], "one file is one place");
}

#[test]
fn a_directory_that_cannot_be_listed_is_a_fault_of_the_pattern() {
    let root = root(Memory::new().file("home/a/x", b"").failing("home/b/x", io::ErrorKind::PermissionDenied));
    let results = root.glob("home/*/x");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().any(|r| matches!(r, Err(Fault::Unreadable { kind: GapKind::Denied, .. }))));
}

#[test]
fn windows_names_compare_without_case() {
    let mut root = root(Memory::new().file("Windows/System32/config/SOFTWARE", b"regf"));
    assert!(!root.exists(b"windows/system32/config/software"));
    root.fold_case();
    assert!(root.exists(b"windows/system32/config/software"));
    assert_eq!(root.glob("WINDOWS/*/config/soft*").len(), 1);
}

#[test]
fn junctions_stay_on_the_drive() {
    let tree = Memory::new()
        .file("Data/x", b"")
        .link("a", "\\??\\C:\\Data")
        .link("b", "c:/data")
        .link("relative", "Data")
        .link("no letter", "1:\\Data")
        .link("other", "\\??\\D:\\Data")
        .link("share", "\\\\server\\Data")
        .link("volume", "\\\\?\\Volume{0}\\Data");
    let mut root = root(tree);
    root.fold_case();
    assert!(root.exists(b"A/X") && root.exists(b"b/x") && root.exists(b"Relative/x"));
    assert!(root.is_gone(b"no letter"), "a name like any other, and nothing there");
    for elsewhere in [b"other/x".as_slice(), b"share/x", b"volume/x"] {
        assert!(!root.exists(elsewhere) && !root.is_gone(elsewhere));
    }
}

#[test]
fn programs_and_users_are_on_any_drive_and_windows_on_one() {
    let tree = Memory::new()
        .file("Windows/x", b"")
        .file("Program Files/x", b"")
        .link("Users/a", "E:\\Users\\b")
        .file("E:/Windows/x", b"")
        .file("E:/Program Files/x", b"")
        .file("E:/Users/b/x", b"")
        .file("E:/x", b"")
        .file("F:/Program Files/x", b"");
    let mut root = root(tree);
    root.fold_case();
    root.set_drives('C', vec![b"E:".to_vec()]);
    let paths = |pattern| -> Vec<String> {
        let found = root.glob(pattern).into_iter().map(|found| found.unwrap());
        found.filter(Found::is_file).map(|found| String::from_utf8(found.path).unwrap()).collect()
    };
    assert_eq!(paths("Windows/*"), ["Windows/x"]);
    assert_eq!(paths("Program Files/*"), ["Program Files/x", "E:/Program Files/x"]);
    assert_eq!(paths("Users/*/x"), ["Users/a/x"], "one file is one place");
    assert_eq!(paths("*"), ["E:/x"]);
}

#[test]
fn skipped_places_are_absent_even_through_links() {
    let mut root = root(Memory::new().file("mnt/nfs/x", b"").link("opt/x", "/mnt/nfs/x"));
    root.skip(b"/mnt/nfs/", "network mount");
    assert_eq!(root.find(b"opt/x"), Err(Fault::Absent));
}

#[test]
fn patterns_of_an_image_name_the_same_as_those_of_a_disk() {
    let tree = || {
        let accounts = "u:x:1000:1000::/data/u:/bin/sh\n";
        Memory::new().file("etc/passwd", accounts).file("data/u/x", b"").file("data/y", b"").link("l", "etc")
    };
    let (mut image, disk) = (root(tree()), root(tree()));
    image.set_whole();
    for root in [&image, &disk] {
        root.also_at("opt", "data");
    }
    for pattern in [
        "etc/*",
        "l/*",
        "opt/*",
        "srv/*",
        "srv",
        "home/*/",
        "home/*/x",
        "*",
        "*/passwd",
        "./etc/*",
        "/etc/*",
        "a/../etc/*",
        "../etc/*",
        "Etc/*",
        "",
    ] {
        assert_eq!(image.glob(pattern), disk.glob(pattern), "{pattern}");
    }
    assert_eq!(image.glob("home/*/x").len(), 1);
    assert_eq!(image.glob("opt/*").len(), 2);
}

#[test]
fn wildcards() {
    assert!(wildcard(b"*", b""));
    assert!(wildcard(b"a*b*c", b"a__b__c"));
    assert!(!wildcard(b"a*b*c", b"a__c__b"));
    assert!(wildcard(b"*.conf", b".conf"));
    assert!(!wildcard(b"ab*ab", b"ab"));
    assert!(!wildcard(b"ab", b"abc"));
}

proptest! {
    #[test]
    fn resolving_never_leaves_the_root(links in proptest::collection::vec(("[ab]/[ab]", "(/|)(\\.\\./|[ab]/|\\./){0,4}[ab]?"), 0..6), path in "(\\.\\./|[ab]/){0,6}[ab]") {
        let mut tree = Memory::new().file("a/b/file", b"").directory("b");
        for (from, to) in links {
            tree = tree.link(from, to.into_bytes());
        }
        if let Ok(found) = root(tree).find(path.as_bytes()) {
            prop_assert!(components(&found.real).all(|component| component != b".."));
            prop_assert!(found.real.first() != Some(&b'/'));
        }
    }

    #[test]
    fn a_wildcard_agrees_with_a_regular_expression(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
        let regex = regex::Regex::new(&format!("^{}$", pattern.replace('*', ".*"))).unwrap();
        prop_assert_eq!(wildcard(pattern.as_bytes(), name.as_bytes()), regex.is_match(&name));
    }
}

fn kind_of(found: Result<Found, Fault>) -> Option<GapKind> {
    match found {
        Err(Fault::Unreadable { kind, .. }) => Some(kind),
        _ => None,
    }
}

#[test]
fn a_link_that_the_mount_cannot_read_is_there_and_unreadable() {
    let tree = Memory::new()
        .link("Users/a/setup.exe", "unsupported reparse tag 0x80000017")
        .link("Users/a/alias.exe", "unsupported reparse tag 0x8000001b");
    let root = root(tree);
    assert_eq!(kind_of(root.find(b"Users/a/setup.exe")), Some(GapKind::Unsupported));
    assert!(!root.is_gone(b"Users/a/setup.exe"));
    assert_eq!(root.find(b"Users/a/alias.exe"), Err(Fault::Absent), "the alias of an app has no content");
    assert!(root.glob("Users/*/setup.exe").iter().any(Result::is_err));
}

#[test]
fn a_link_to_what_another_volume_may_have_is_a_fault_and_one_within_a_folder_is_none() {
    let tree = Memory::new()
        .link("opt/vendor", "/mnt/data/vendor")
        .link("home", "/data/home")
        .link("opt/tool", "tool-2")
        .link("lib32", "usr/lib32")
        .directory("usr/lib")
        .directory("mnt");
    let missing = Some(GapKind::BrokenLink);
    let own = root(tree.clone());
    assert_eq!(kind_of(own.find_strictly(b"opt/vendor")), missing);
    assert_eq!(kind_of(own.find_strictly(b"opt/tool")), None);
    assert!(!own.is_gone(b"opt/vendor/x") && own.is_gone(b"opt/tool"));
    assert_eq!(kind_of(own.glob("home").remove(0)), missing);
    assert!(own.glob("lib32").is_empty(), "nothing is missing of a merged /usr");
    let mut image = root(tree);
    image.set_whole();
    assert!(image.glob("home").is_empty() && image.find_strictly(b"opt/vendor") == Err(Fault::Absent));
}

#[test]
fn two_spellings_of_a_folder_are_one_folder() {
    let tree = Memory::new().file("Program Files/a/x", b"").file("program files/b/x", b"");
    let mut root = root(tree);
    root.fold_case();
    assert!(root.exists(b"Program Files/b/x") && root.exists(b"PROGRAM FILES/A/x"));
    assert_eq!(root.glob("Program Files/*/x").len(), 2);
}

#[test]
fn a_short_name_leads_to_the_long_one_that_has_the_file() {
    let tree = Memory::new().file("Program Files/x", b"").file("Program Files (x86)/Vendor Tools/a.exe", b"");
    let mut root = root(tree);
    root.fold_case();
    assert_eq!(
        root.find(b"PROGRA~2/VENDOR~1/A.EXE").unwrap().real,
        b"Program Files (x86)/Vendor Tools/a.exe"
    );
    assert!(root.is_gone(b"PROGRA~1/VENDOR~1/B.EXE"));
}

#[test]
fn a_file_that_is_read_by_its_name_and_is_none_is_a_failed_read() {
    let tree = Memory::new().directory("etc/passwd/x").link("etc/fstab", "/data/none").directory("data/x");
    let tree = tree.link("app/active", "1").file("app/1/x", b"");
    let root = root(tree.clone());
    for path in ["etc/passwd", "etc/fstab", "etc/none", "app/active/none"] {
        assert!(root.read(path.as_bytes(), 16).is_err());
    }
    let noted: Vec<_> =
        root.ledger().unreported(std::iter::empty()).into_iter().map(|gap| gap.place).collect();
    assert_eq!(noted, ["/etc/fstab", "/etc/passwd"]);
    let mut image = super::Root::new(Box::new(tree));
    image.set_whole();
    assert_eq!(image.read(b"etc/fstab", 16), Err(Fault::Absent), "an image has no other volumes");
}
