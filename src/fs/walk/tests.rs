use super::*;
use crate::fs::directory::Directory;
use crate::fs::memory::Memory;
use crate::fs::tree::Tree;

fn walked(tree: impl Tree + 'static, places: &[(&str, Mask)]) -> Vec<(String, Mask)> {
    let root = Root::new(Box::new(tree));
    let places: Vec<Place> = places
        .iter()
        .filter_map(|(path, mask)| Some(Place { found: root.find(path.as_bytes()).ok()?, mask: *mask }))
        .collect();
    let files = Mutex::new(Vec::new());
    let observer = Observer {
        wants: &|_, _| true,
        file: &|entry, mask| {
            files.lock().unwrap().push((String::from_utf8(entry.path().to_vec()).unwrap(), mask));
        },
        fault: &|fault, _| files.lock().unwrap().push((format!("{fault:?}"), 0)),
        seen: &AtomicU64::new(0),
    };
    walk(&root, &places, &observer);
    let mut files = files.into_inner().unwrap();
    files.sort();
    files
}

#[test]
fn a_place_inside_a_place_adds_its_collectors() {
    let tree = Memory::new().file("opt/x", b"").file("opt/a/b/c/d/e", b"").file("opt/a/b/c/y", b"");
    let files = walked(tree, &[("opt", 1), ("opt/a/b/c/d", 2)]);
    assert_eq!(files, [("opt/a/b/c/d/e".into(), 3), ("opt/a/b/c/y".into(), 1), ("opt/x".into(), 1)]);
}

#[test]
fn links_to_directories_elsewhere_are_followed_once_and_never_upwards() {
    let tree = Memory::new()
        .file("data/app/bin", b"")
        .link("opt/app", "/data/app")
        .link("opt/again", "/data/app")
        .link("opt/up", "/")
        .link("opt/self", ".");
    assert_eq!(walked(tree, &[("opt", 1)]), [("opt/again/bin".into(), 1)]);
}

#[test]
fn programs_behind_a_link_have_its_name_although_a_walk_meets_them_elsewhere() {
    let tree = Memory::new()
        .file("srv/kesl/bin/kesl", b"")
        .link("srv/kesl/again", ".")
        .link("opt/vendor/kesl", "/srv/kesl")
        .link("opt/vendor/whole", "/srv");
    let files = walked(tree, &[("opt", 1), ("srv", 1)]);
    assert_eq!(files, [("opt/vendor/kesl/bin/kesl".into(), 1), ("srv/kesl/bin/kesl".into(), 1)]);
    let tree =
        Memory::new().file("usr/lib/opt/vendor/x", b"").file("usr/lib/y", b"").link("opt", "usr/lib/opt");
    let files = walked(tree, &[("opt", 1), ("usr", 2)]);
    assert_eq!(files, [("opt/vendor/x".into(), 3), ("usr/lib/y".into(), 2)]);
}

#[test]
fn links_into_each_other_are_renamed_once() {
    let mut tree = Memory::new();
    for number in 0..50 {
        tree = tree.file(format!("srv/a/d{number}/f"), b"");
        tree = tree.link(format!("opt/v{number}"), format!("/srv/a/d{number}"));
        tree = tree.link(format!("srv/a/d{number}/l"), format!("/srv/a/d{}", (number + 1) % 50));
    }
    assert_eq!(walked(tree, &[("opt", 1), ("srv", 1)]).len(), 100);
}

#[test]
fn a_users_link_keeps_no_walk_from_the_directory_above() {
    let tree = Memory::new()
        .file("data/x/avp", b"")
        .file("data/x/sub/y", b"")
        .link("opt/x", "/data/x")
        .link("home/eve/Downloads", "/data/x/sub");
    let files = walked(tree, &[("opt", 1), ("home/eve/Downloads", 1)]);
    assert_eq!(files, [("opt/x/avp".into(), 1), ("opt/x/sub/y".into(), 1)]);
}

#[test]
fn a_file_behind_a_link_is_visited_unless_the_walk_meets_it() {
    let tree = Memory::new()
        .file("data/tool", b"")
        .link("opt/tool", "/data/tool")
        .file("opt/x", b"")
        .link("opt/y", "x");
    assert_eq!(walked(tree, &[("opt", 1)]), [("opt/tool".into(), 1), ("opt/x".into(), 1)]);
}

#[test]
fn memory_and_directory_give_the_same_walk() {
    let scratch = tempfile::tempdir().unwrap();
    let mut memory = Memory::new();
    for path in ["opt/a/1", "opt/a/b/c/2", "opt/a/b/c/d/e/3", "home/u/4", "opt/5"] {
        let host = scratch.path().join(path);
        std::fs::create_dir_all(host.parent().unwrap()).unwrap();
        std::fs::write(host, b"").unwrap();
        memory = memory.file(path, b"");
    }
    let places = [("opt", 1), ("home", 2), ("opt/a/b/c/d", 4)];
    let directory = Directory::open(scratch.path()).unwrap();
    assert_eq!(walked(memory, &places), walked(directory, &places));
}

#[test]
fn a_folder_behind_a_link_goes_by_the_name_of_the_link() {
    let tree = Memory::new()
        .file("data/opt/vendor/bin/x", b"")
        .link("opt", "/data/opt")
        .file("srv/v/y", b"")
        .link("usr/local/v", "/srv/v")
        .file("usr/local/z", b"");
    let files = walked(tree, &[("opt", 1), ("usr", 1), ("srv", 1)]);
    let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["opt/vendor/bin/x", "srv/v/y", "usr/local/z"]);
}

#[test]
fn a_link_of_a_user_hides_nothing_and_renames_nothing() {
    let tree = Memory::new()
        .file("data/x/sub/tool", b"")
        .file("data/x/other", b"")
        .link("opt/x", "/data/x")
        .link("home/eve/Downloads", "/data/x/sub");
    let files = walked(tree, &[("opt", 1), ("home/eve/Downloads", 2)]);
    assert_eq!(files, [("opt/x/other".into(), 1), ("opt/x/sub/tool".into(), 3)]);
}

#[test]
fn a_link_to_another_volume_is_told() {
    let tree = Memory::new().link("opt/vendor", "/mnt/data/vendor").directory("mnt").file("opt/x", b"");
    let files = walked(tree, &[("opt", 1)]);
    assert!(files[0].0.contains("BrokenLink") && files.contains(&("opt/x".into(), 1)), "{files:?}");
}

/// Each directory behind a link is compared with those above it, not with all others.
#[test]
fn links_of_a_user_cost_what_their_number_costs() {
    let walk_of = |count: u32| {
        let tree = (0..count).fold(Memory::new(), |tree, at| {
            let (link, to) = (format!("home/u/Downloads/{at}"), format!("/data/{at}"));
            tree.file(format!("data/{at}/x"), b"").link(link.as_str(), to.as_str())
        });
        let start = std::time::Instant::now();
        assert_eq!(walked(tree, &[("home/u/Downloads", 1)]).len(), count as usize);
        start.elapsed()
    };
    let (few, many) = (walk_of(5_000), walk_of(40_000));
    assert!(many < few * 24 + std::time::Duration::from_secs(1), "{few:?} for 5,000, {many:?} for 40,000");
}
