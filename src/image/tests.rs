//! The merge, held against a naive one that unpacks layer by layer.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::bodies::Blob;
use super::merge::{Rules, merge};
use super::tree::Shared;
use super::*;
use crate::bytes::ReadAt;
use crate::format::container::tar;
use crate::fs::tree::{Kind, ListedKind, Tree, join};
use crate::model::Layer;

struct Nothing;

impl Interest for Nothing {
    fn folder(&self, _: &[u8]) -> Asked {
        Asked::default()
    }
    fn wants(&self, _: &Asked, _: &[u8], _: bool) -> bool {
        false
    }
}

/// What a member of a test's layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Thing {
    File(Vec<u8>),
    Folder,
    Link(String),
    HardLink(String),
}

pub(super) fn layer(members: &[(String, Thing)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, thing) in members {
        let (kind, link, bytes) = match thing {
            Thing::File(bytes) => (b'0', "", bytes.as_slice()),
            Thing::Folder => (b'5', "", [].as_slice()),
            Thing::Link(to) => (b'2', to.as_str(), [].as_slice()),
            Thing::HardLink(to) => (b'1', to.as_str(), [].as_slice()),
        };
        let mut block = [0; 512];
        block[..path.len()].copy_from_slice(path.as_bytes());
        block[100..107].copy_from_slice(b"0000644");
        block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        block[156] = kind;
        block[157..157 + link.len()].copy_from_slice(link.as_bytes());
        block[257..263].copy_from_slice(b"ustar\0");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend_from_slice(&block);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().div_ceil(512) * 512, 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn merged(layers: &[Vec<(String, Thing)>]) -> (ImageTree, Vec<ImageTree>) {
    let blobs: Vec<Arc<dyn ReadAt>> =
        layers.iter().map(|members| Arc::new(layer(members)) as Arc<dyn ReadAt>).collect();
    let budget = Arc::new(Budget::default());
    let indexes: Vec<Arc<LayerIndex>> = blobs
        .iter()
        .map(|blob| Arc::new(LayerIndex::read(blob, LayerKind::Plain, &Nothing, &budget)))
        .collect();
    for index in &indexes {
        assert_eq!(index.damage, []);
    }
    let merged = merge(indexes.into(), Rules { whiteouts: true, folds_case: false });
    let (lost, omitted) = merged.lost_trees(64);
    assert_eq!(omitted, 0);
    let about = (0..layers.len()).map(|index| Layer { index, ..Layer::default() }).collect();
    let shared = Arc::new(Shared::new(about, blobs.into_iter().map(Blob::Open).collect(), budget));
    let tree = |merged, removed_in| ImageTree { removed_in, ..ImageTree::new(merged, &shared) };
    let lost = lost.into_iter().map(|(merged, removed_in)| tree(merged, removed_in)).collect();
    (tree(merged, Vec::new()), lost)
}

/// Every path with what is there; a file with its bytes.
fn listing(tree: &ImageTree) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![Vec::new()];
    while let Some(folder) = pending.pop() {
        for listed in tree.list(&folder).unwrap() {
            let path = join(&folder, &listed.name);
            let what = match tree.stat(&path).unwrap().kind {
                Kind::File => format!("{:?}", tree.open(&path).unwrap().read_vec(0, 100).unwrap()),
                Kind::Directory => "folder".to_owned(),
                Kind::Link(to) => format!("-> {}", String::from_utf8(to).unwrap()),
                Kind::Special => "special".to_owned(),
            };
            if listed.kind == ListedKind::Directory {
                pending.push(path.clone());
            }
            assert_eq!(found.insert(String::from_utf8(path).unwrap(), what), None, "listed once");
        }
    }
    found
}

/// A file system that layers are unpacked into, as plainly as engines do it.
#[derive(Default)]
struct Naive {
    /// What is at each path, with a number of its own.
    tree: BTreeMap<String, (usize, String)>,
    /// What the layer at hand removed: number of its folder, name, its own number, and what it was.
    gone: Vec<(usize, String, usize, String)>,
    last: usize,
}

impl Naive {
    fn number(&self, path: &str) -> usize {
        self.tree.get(path).map_or(0, |(number, _)| *number)
    }

    fn remove(&mut self, path: &str, itself: bool) {
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let is_it = |at: &str| itself && at == path || at.starts_with(&below);
        let paths: Vec<String> = self.tree.keys().filter(|at| is_it(at)).cloned().collect();
        let gone = paths.iter().map(|at| {
            let (folder, name) = at.rsplit_once('/').unwrap_or(("", at));
            let (number, what) = self.tree[at].clone();
            (self.number(folder), name.to_owned(), number, what)
        });
        let gone: Vec<_> = gone.collect();
        self.gone.extend(gone);
        self.tree.retain(|at, _| !paths.contains(at));
    }

    fn insert(&mut self, path: &str, what: String) {
        self.last += 1;
        self.tree.insert(path.to_owned(), (self.last, what));
    }

    /// What is at a path, or was until the layer at hand removed it.
    fn find(&self, path: &str) -> Option<String> {
        let (mut at, mut so_far, mut found) = (0, String::new(), None);
        for name in path.split('/') {
            so_far = if so_far.is_empty() { name.to_owned() } else { format!("{so_far}/{name}") };
            let folder = so_far.rsplit_once('/').map_or("", |(folder, _)| folder);
            let here = self.tree.get(&so_far).filter(|_| self.number(folder) == at);
            let gone = || self.gone.iter().rev().find(|(folder, is, ..)| *folder == at && is == name);
            let (number, what) =
                here.cloned().or_else(|| gone().map(|(_, _, number, what)| (*number, what.clone())))?;
            (at, found) = (number, Some(what));
        }
        found
    }

    /// Makes the folders above a path, in place of whatever else is there.
    fn make_parents(&mut self, path: &str) {
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            if self.tree.get(folder).is_none_or(|(_, there)| there != "folder") {
                self.remove(folder, true);
                self.insert(folder, "folder".to_owned());
            }
        }
    }
}

/// Unpacks layer after layer; a layer's whiteouts come before what it has.
fn naive(layers: &[Vec<(String, Thing)>]) -> BTreeMap<String, String> {
    let mut naive = Naive::default();
    for members in layers {
        naive.gone.clear();
        for (path, _) in members {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            if name == ".wh..wh..opq" {
                naive.remove(folder, false);
            } else if let Some(hidden) = name.strip_prefix(".wh.") {
                naive.remove(&format!("{below}{hidden}"), true);
            }
        }
        for (path, thing) in members {
            if path.rsplit('/').next().unwrap().starts_with(".wh.") {
                continue;
            }
            naive.make_parents(path);
            let what = match thing {
                Thing::File(bytes) => format!("{bytes:?}"),
                Thing::Folder => "folder".to_owned(),
                Thing::Link(to) => format!("-> {to}"),
                Thing::HardLink(to) => match naive.find(to).filter(|what| what != "folder") {
                    Some(what) => what,
                    None => continue,
                },
            };
            if !(what == "folder" && naive.tree.get(path).is_some_and(|(_, there)| there == "folder")) {
                naive.remove(path, true);
                naive.insert(path, what);
            }
        }
    }
    naive.tree.into_iter().map(|(path, (_, what))| (path, what)).collect()
}

fn file(path: &str, bytes: &str) -> (String, Thing) {
    (path.to_owned(), Thing::File(bytes.as_bytes().to_vec()))
}

#[test]
fn a_whiteout_hides_what_lower_layers_have_and_not_its_own() {
    let (tree, lost) = merged(&[
        vec![file("a/x", "1"), file("a/y", "2")],
        vec![file("a/.wh.x", ""), file("a/.wh.z", ""), file("a/z", "3")],
    ]);
    let paths: Vec<_> = listing(&tree).into_keys().collect();
    assert_eq!(paths, ["a", "a/y", "a/z"]);
    assert_eq!(listing(&lost[0]).into_keys().collect::<Vec<_>>(), ["a", "a/x"]);
    let layer = lost[0].layer(b"a/x").unwrap();
    assert_eq!((layer.index, layer.removed_in), (0, Some(1)));
}

#[test]
fn every_version_of_a_replaced_file_stays_known() {
    let (tree, lost) = merged(&[vec![file("db", "one")], vec![file("db", "two")], vec![file("db", "three")]]);
    assert_eq!(tree.open(b"db").unwrap().read_vec(0, 10).unwrap(), b"three");
    let versions: Vec<_> =
        lost.iter().map(|tree| tree.open(b"db").unwrap().read_vec(0, 10).unwrap()).collect();
    assert_eq!(versions, [b"two".to_vec(), b"one".to_vec()]);
    assert_eq!(lost[1].layer(b"db").unwrap().removed_in, Some(1));
}

#[test]
fn members_below_a_link_of_a_lower_layer_land_where_it_leads() {
    let link = |path: &str, to: &str| (path.to_owned(), Thing::Link(to.to_owned()));
    let (tree, _) = merged(&[
        vec![
            file("usr/lib/a", ""),
            link("lib", "usr/lib"),
            link("up", "../../../usr"),
            link("gone", "nowhere"),
        ],
        vec![file("lib/b", ""), file("up/c", ""), file("gone/d", "")],
    ]);
    let paths: Vec<_> = listing(&tree).into_keys().collect();
    assert_eq!(paths, ["gone", "gone/d", "lib", "up", "usr", "usr/c", "usr/lib", "usr/lib/a", "usr/lib/b"]);
}

#[test]
fn as_many_links_are_followed_as_linux_follows() {
    // path_resolution(7): 40 links, and no more.
    let mut lower = vec![("l0".to_owned(), Thing::Folder)];
    lower.extend((1..=41).map(|number| (format!("l{number}"), Thing::Link(format!("l{}", number - 1)))));
    let (tree, _) = merged(&[lower, vec![file("l40/a", "1"), file("l41/b", "2")]]);
    let names: Vec<String> = listing(&tree).into_keys().filter(|path| path.contains('/')).collect();
    assert_eq!(names, ["l0/a", "l41/b"]);
}

#[test]
fn a_link_loop_in_a_lower_layer_does_not_hide_what_a_later_one_puts_below_it() {
    let link = |path: &str, to: &str| (path.to_owned(), Thing::Link(to.to_owned()));
    let (tree, _) = merged(&[vec![link("a", "b"), link("b", "a")], vec![file("a/x", "")]]);
    assert!(tree.stat(b"a/x").is_ok());
}

#[test]
fn hard_links_share_content_across_layers_and_to_nothing_are_told() {
    let hard = |path: &str, to: &str| (path.to_owned(), Thing::HardLink(to.to_owned()));
    let (tree, _) = merged(&[vec![file("a", "x")], vec![hard("b/c", "/a"), hard("d", "nowhere")]]);
    assert_eq!(tree.open(b"b/c").unwrap().read_vec(0, 10).unwrap(), b"x");
    assert!(tree.stat(b"d").is_err());
    assert_eq!(tree.merged.dangling.len(), 1);
    assert_eq!(tree.layer(b"b/c").unwrap().index, 1);
}

#[test]
fn a_hard_link_may_name_what_its_own_layer_removes() {
    let hard = |path: &str, to: &str| (path.to_owned(), Thing::HardLink(to.to_owned()));
    let lower = vec![file("o/a", "x"), file("p/q/a", "y")];
    let upper = vec![hard("b", "o/a"), file("o/.wh.a", ""), hard("c", "p/q/a"), file(".wh.p", "")];
    let (tree, lost) = merged(&[lower, upper, vec![hard("d", "o/a")]]);
    assert_eq!(tree.open(b"b").unwrap().read_vec(0, 10).unwrap(), b"x");
    assert_eq!(tree.open(b"c").unwrap().read_vec(0, 10).unwrap(), b"y");
    assert!(tree.stat(b"o/a").is_err() && lost.iter().any(|tree| tree.stat(b"o/a").is_ok()));
    // To a later layer it is gone.
    assert_eq!(tree.merged.dangling.len(), 1);
}

#[test]
fn paths_that_leave_the_image_are_taken_from_its_root_and_told() {
    let blob: Arc<dyn ReadAt> =
        Arc::new(layer(&[file("../../etc/x", ""), file("/abs", ""), file("./a/../b", "")]));
    let budget = Arc::new(Budget::default());
    let index = Arc::new(LayerIndex::read(&blob, LayerKind::Plain, &Nothing, &budget));
    assert_eq!(index.damage.len(), 1);
    let (tree, _) = archive::plain(index, LayerKind::Plain, blob, &budget);
    let paths: Vec<_> = listing(&tree).into_keys().collect();
    assert_eq!(paths, ["abs", "b", "etc", "etc/x"]);
}

#[test]
fn windows_layers_meet_in_any_letters() {
    let layers = [
        layer(&[
            file("Files/Windows/System32/a.dll", "1"),
            file("Files/Windows/b", "2"),
            file("Hives/Sam_Delta", "s"),
        ]),
        layer(&[file("files/WINDOWS/system32/A.DLL", "3"), file("Files/windows/.wh.B", "")]),
    ];
    let blobs = layers.map(|layer| Arc::new(layer) as Arc<dyn ReadAt>);
    let budget = Arc::new(Budget::default());
    let read = |blob| Arc::new(LayerIndex::read(blob, LayerKind::Windows, &Nothing, &budget));
    let indexes: Vec<_> = blobs.iter().map(read).collect();
    let merged = merge(indexes.into(), Rules { whiteouts: true, folds_case: true });
    let shared = Arc::new(Shared::new(Vec::new(), blobs.map(Blob::Open).into(), budget));
    let paths: Vec<_> = listing(&ImageTree::new(merged, &shared)).into_iter().collect();
    let folder = || "folder".to_owned();
    let expected = [
        ("Windows".to_owned(), folder()),
        ("Windows/System32".to_owned(), folder()),
        ("Windows/System32/A.DLL".to_owned(), "[51]".to_owned()),
    ];
    assert_eq!(paths, expected);
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..3).prop_map(Thing::File),
        2 => Just(Thing::Folder),
        // Links lead to files only: what a link to a folder does is recognised by the tests above.
        1 => Just(Thing::Link("nowhere".to_owned())),
        2 => "[ab](/[ab]){0,2}".prop_map(Thing::HardLink),
    ]
}

fn member() -> impl Strategy<Value = (String, Thing)> {
    prop_oneof![
        6 => ("[abc](/[abc]){0,3}", thing()),
        2 => ("([abc]/){0,2}\\.wh\\.[abc]", Just(Thing::File(Vec::new()))),
        1 => ("([abc]/){1,2}\\.wh\\.\\.wh\\.\\.opq", Just(Thing::File(Vec::new()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn merging_is_unpacking_layer_by_layer(layers in prop::collection::vec(prop::collection::vec(member(), 0..8), 1..5)) {
        let (tree, _) = merged(&layers);
        prop_assert_eq!(listing(&tree), naive(&layers));
    }

    #[test]
    fn nothing_that_a_layer_has_is_forgotten(layers in prop::collection::vec(prop::collection::vec(("[ab](/[ab]){0,2}", prop::collection::vec(any::<u8>(), 1..4).prop_map(Thing::File)), 1..5), 1..4)) {
        let (tree, lost) = merged(&layers);
        let kept: Vec<String> = std::iter::once(&tree).chain(&lost).flat_map(|tree| listing(tree).into_values()).collect();
        for (_, thing) in layers.iter().flatten() {
            let Thing::File(bytes) = thing else { continue };
            let is_kept = kept.contains(&format!("{:?}", bytes));
            prop_assert!(is_kept);
        }
    }
}

#[test]
fn what_is_too_long_for_linux_is_reported_and_not_followed() {
    let long = vec![b'd'; 255].into_iter().chain([b'/']).cycle().take(4200).collect::<Vec<u8>>();
    let target = b"d/../".repeat(820);
    let member = |path: &[u8], link: &[u8], kind| tar::Member {
        path: path.to_vec(),
        link: link.to_vec(),
        kind,
        size: 0,
        executable: false,
        offset: 0,
        stored: 0,
        sparse: None,
    };
    let members = [
        member(b"kept", b"", tar::MemberKind::File),
        member(&long, b"", tar::MemberKind::File),
        member(b"link", &target, tar::MemberKind::Link),
    ];
    let index = LayerIndex::of_members(members.into_iter(), &Nothing, &Budget::default());
    assert_eq!(index.members.len(), 1);
    let kinds: Vec<_> = index.damage.iter().map(|damage| damage.kind).collect();
    assert_eq!(kinds, [crate::bytes::DamageKind::OverLimit; 2]);
}

#[test]
fn room_on_the_disk_is_given_back_with_what_was_kept_there() {
    use super::bodies::Kept;
    use super::body::Body;
    let budget = Budget::new(0, 5_000, 1 << 30);
    let bytes = [7; 4_000];
    for _ in 0..10 {
        let (mut kept, mut more) = (Kept::default(), Kept::default());
        assert_eq!(kept.keep(&mut bytes.as_slice(), 4_000, &budget).unwrap(), Body::File(0));
        assert!(budget.is_scarce());
        assert_eq!(more.keep(&mut bytes.as_slice(), 4_000, &budget).unwrap(), Body::OverLimit);
    }
    assert!(!budget.is_scarce());
}
