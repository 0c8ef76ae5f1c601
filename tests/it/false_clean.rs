//! A world with a product, one mutation of its bytes or names: the verdict is not clean without a gap.
//!
//! Each world has its product in one source. A verdict may be clean when the mutation is explained: it changed bytes that
//! every indicator that had matched compares. The harness decides that by looking for the compared texts in the bytes
//! that were changed.
//!
//! `DEBAR_MUTATIONS=1000000 cargo test --test it false_clean` does the long run, `DEBAR_MUTATION_SEED` begins elsewhere,
//! and `DEBAR_MUTATION_KEEP` names a folder for what nothing explains.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use crate::support::image;
use crate::support::planted::{self, Planted, Sense};
use crate::support::random::Random;
use crate::support::world::{self, Kind, Name};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use debar::collector::support::interest::AllCollectors;
use debar::finding::matcher::Matcher;
use debar::finding::{self, Grouping, Match};
use debar::fs::Root;
use debar::fs::memory::Memory;
use debar::image::{ImageOptions, Wanted, open_folder};
use debar::model::{Grade, TargetKind};
use debar::scan::{Options, observe};
use debar::signature::{self, SignatureSet, Strength};
use debar::target::Target;

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// The product is reported.
    Found,
    /// Something could not be read.
    Gap,
    /// The scan did not begin.
    Error,
    Clean,
    /// The mutation explains whatever came; nothing was scanned.
    Explained,
}

struct Judge {
    set: &'static SignatureSet,
    matcher: Arc<Matcher<'static>>,
}

fn judge() -> &'static Judge {
    static JUDGE: OnceLock<Judge> = OnceLock::new();
    JUDGE.get_or_init(|| {
        let mut set = signature::load(&[]).unwrap();
        set.files.retain(|loaded| loaded.file.vendor.id == "kaspersky");
        set.bind(None);
        let set: &'static SignatureSet = Box::leak(Box::new(set));
        Judge { set, matcher: Arc::new(Matcher::new(set)) }
    })
}

/// The collectors to run; all when `None`.
type Only<'a> = Option<&'a BTreeSet<String>>;

/// Scans, and gives what matched.
fn scan(target: Target, only: Only<'_>) -> (Came, Vec<Match>) {
    let Judge { set, matcher } = judge();
    let options = Options { threads: 1, only: only.cloned(), ..Options::default() };
    let in_threads = Arc::clone(matcher);
    let observed = observe(&Arc::new(target), &options, &Arc::default(), move |artifact| {
        let hits = in_threads.hits(&artifact);
        (!hits.is_empty()).then_some(Match { artifact, hits })
    });
    let how = Grouping { as_of: jiff::civil::date(2026, 1, 1), rules: None, os: None, is_image: false };
    let is_found =
        !observed.kept.is_empty() && !finding::group(matcher, set, &observed.kept, &how).findings.is_empty();
    let came = match is_found {
        true => Came::Found,
        false if observed.gaps.iter().any(|gap| gap.kind.grade() == Grade::Blind) => Came::Gap,
        false => Came::Clean,
    };
    (came, observed.kept)
}

fn scan_names(names: &[Name], only: Only<'_>) -> (Came, Vec<Match>) {
    let root = Root::new(Box::new(world::in_memory(names)));
    scan(Target::new(TargetKind::Directory, "world", root), only)
}

/// Scans a folder as an OCI layout.
fn scan_layout(tree: Memory, only: Only<'_>) -> (Came, Vec<Match>) {
    // What the collectors ask for is the same for every image, and building it takes longer than such a small scan.
    static ASKED: OnceLock<Arc<AllCollectors>> = OnceLock::new();
    let asked = Arc::clone(ASKED.get_or_init(|| Arc::new(AllCollectors::new(false))));
    let options = Arc::new(ImageOptions::new(asked, None));
    match open_folder(&Arc::new(Root::new(Box::new(tree))), Wanted::OCI, &options) {
        Ok(Some(images)) => {
            let mut all = (Came::Error, Vec::new());
            for image in images {
                let (came, kept) = scan(Target::of_image("world", image, |_| ()), only);
                all.1.extend(kept);
                all.0 = match (&all.0, came) {
                    (Came::Found, _) | (_, Came::Found) => Came::Found,
                    (Came::Gap, _) | (_, Came::Gap) => Came::Gap,
                    (_, came) => came,
                };
            }
            all
        }
        Ok(None) | Err(_) => (Came::Error, Vec::new()),
    }
}

/// Bytes that mean something in some format.
const SIGNS: &[u8] = b"\0\n\r\t #;:,\"'\\/<>{}[]()=%&-.0AZz\x7f\x80\xff\xfe";

/// Changes some bytes; gives what it did and which of the old bytes it changed.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) -> (String, Range<usize>) {
    let length = bytes.len();
    let at = random.below(length);
    let end = (at + 1 + random.below(16)).min(length);
    match random.below(16) {
        0 => {
            bytes.truncate(at);
            (format!("cut at {at}"), at..length)
        }
        1 => {
            bytes[at..end].fill(0);
            (format!("zeros at {at}..{end}"), at..end)
        }
        2 => {
            bytes.drain(at..end);
            (format!("removed {at}..{end}"), at..end)
        }
        3 => {
            let sign = SIGNS[random.below(SIGNS.len())];
            let count = 1 + random.below(3);
            bytes.splice(at..at, std::iter::repeat_n(sign, count));
            (format!("put {count} of {sign:#04x} before {at}"), at..at)
        }
        4 => {
            let from = random.below(length);
            let block: Vec<u8> = bytes[from..(from + end - at).min(length)].to_vec();
            let end = at + block.len();
            bytes.splice(at..end.min(length), block);
            (format!("copied {from} over {at}..{end}"), at..end)
        }
        5..=8 => {
            let sign = SIGNS[random.below(SIGNS.len())];
            let old = std::mem::replace(&mut bytes[at], sign);
            (format!("byte {at} from {old:#04x} to {sign:#04x}"), at..at + 1)
        }
        _ => {
            let bit = random.below(8);
            bytes[at] ^= 1 << bit;
            (format!("byte {at} bit {bit}"), at..at + 1)
        }
    }
}

/// Where a text lies in some bytes, in any case and in 8 or 16 bits.
fn places(text: &str, bytes: &[u8]) -> Vec<Range<usize>> {
    let lower: Vec<u8> = bytes.to_ascii_lowercase();
    let narrow = text.to_lowercase().into_bytes();
    let wide: Vec<u16> = text.to_lowercase().encode_utf16().collect();
    let little: Vec<u8> = wide.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = wide.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let mut found = Vec::new();
    for needle in [narrow, little, big].iter().filter(|needle| needle.len() > 2) {
        found.extend(memchr::memmem::find_iter(&lower, needle).map(|at| at..at + needle.len()));
    }
    found
}

/// The texts that each conclusive match compares.
fn compared(kept: &[Match]) -> Vec<Vec<String>> {
    let matcher = &judge().matcher;
    let mut all = Vec::new();
    for matched in kept {
        for hit in &matched.hits {
            let indicator = matcher.indicator(*hit).unwrap();
            if indicator.strength != Strength::Conclusive {
                continue;
            }
            let fields = indicator.conditions.keys();
            let values = fields.filter_map(|field| matched.artifact.fields.get(field));
            all.push(values.flat_map(|value| value.texts()).map(str::to_owned).collect());
        }
    }
    all
}

/// What of a source may change without anybody noticing.
struct Spans {
    /// For each match the places of the texts that it compares.
    by_match: Vec<Vec<Range<usize>>>,
    texts: BTreeSet<String>,
    /// Members of an archive, each from its header to the end of its body: it may end between them.
    members: Option<Vec<Range<usize>>>,
    /// The collectors of the matches.
    collectors: BTreeSet<String>,
}

impl Spans {
    fn of(world: &Planted, bytes: &[u8], kept: &[Match]) -> Self {
        let compared = compared(kept);
        let place = |text: &String| {
            let whole = places(text, bytes);
            let lengths: Vec<_> = whole.iter().filter_map(|span| length_of_name(span, bytes)).collect();
            let spans = whole.into_iter().map(|span| match world.sense {
                Sense::Lines => lines(span, bytes),
                // What is put beside a text belongs to it, as does what stands between it and its key.
                Sense::Record => span.start.saturating_sub(2)..span.end + 2,
                Sense::Database => with_blanks(span, bytes),
            });
            spans.chain(lengths).collect::<Vec<_>>()
        };
        let keys: Vec<String> = world.keys().iter().map(|&key| key.to_owned()).collect();
        let by_match =
            compared.iter().map(|texts| texts.iter().chain(&keys).flat_map(place).collect()).collect();
        let collectors = kept.iter().map(|matched| matched.artifact.collector.to_owned()).collect();
        let members = (world.source == LAYER).then(|| members(bytes));
        Spans { by_match, texts: compared.into_iter().flatten().collect(), members, collectors }
    }

    fn explain(&self, changed: &Range<usize>) -> bool {
        let touches = |span: &Range<usize>| {
            // What is put at the end of a text makes it longer.
            let end = span.end + usize::from(changed.is_empty());
            let starts_before_its_end =
                if changed.is_empty() { span.start < changed.start } else { span.start < changed.end };
            starts_before_its_end && changed.start < end
        };
        !self.by_match.is_empty() && self.by_match.iter().all(|spans| spans.iter().any(touches))
    }

    /// Whether an archive that was cut is a whole one with fewer members: container engines demand neither an end mark
    /// nor the padding of the last body.
    fn ends_well(&self, cut: usize) -> bool {
        self.members.as_ref().is_some_and(|all| !all.iter().any(|one| one.start < cut && cut < one.end))
    }

    /// Whether a name is compared.
    fn has_name(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.texts.iter().any(|text| text.to_lowercase().contains(&name))
    }
}

/// The members of an archive of tar, each from its header to the end of its body.
fn members(tar: &[u8]) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(digits) = tar.get(at + 124..at + 135).filter(|digits| digits[0] != 0) {
        let size = usize::from_str_radix(std::str::from_utf8(digits).unwrap(), 8).unwrap();
        all.push(at..at + 512 + size);
        at += 512 + size.div_ceil(512) * 512;
    }
    all
}

/// Where the length of a value's name stands in a hive: it makes another name of it.
fn length_of_name(name: &Range<usize>, bytes: &[u8]) -> Option<Range<usize>> {
    let value = name.start.checked_sub(20)?;
    bytes[value..].starts_with(b"vk").then_some(value + 2..value + 4)
}

/// A span and the blanks beside it: a letter in place of one belongs to the text.
fn with_blanks(span: Range<usize>, bytes: &[u8]) -> Range<usize> {
    let is_blank = |byte: &&u8| **byte == b' ' || **byte == b'\t';
    let before = bytes[..span.start].iter().rev().take_while(is_blank).count();
    let behind = bytes[span.end..].iter().take_while(is_blank).count();
    span.start - before..span.end + behind
}

/// The lines that a span lies in, with the break before them.
fn lines(span: Range<usize>, bytes: &[u8]) -> Range<usize> {
    let is_break = |at: &usize| bytes[*at] == b'\n';
    let start = (0..span.start).rev().find(is_break).unwrap_or(0);
    let end = (span.end..bytes.len()).find(is_break).unwrap_or(bytes.len());
    // The head of its section decides what a line means.
    let head = (0..start).rev().find(|at| bytes[*at] == b'[').unwrap_or(start);
    // A backslash before the break would take it in.
    head.saturating_sub(2)..(end + 2).min(bytes.len())
}

/// The only name of a world that is the layer of an image.
const LAYER: &str = "layer.tar";

/// How the names of a world are scanned.
type Scan = fn(&[Name], Only<'_>) -> (Came, Vec<Match>);

/// One mutated world.
struct Case {
    what: String,
    names: Vec<Name>,
    is_explained: bool,
}

fn bytes_of(kind: &mut Kind) -> Option<&mut Vec<u8>> {
    match kind {
        Kind::File(bytes) | Kind::Executable(bytes) => Some(bytes),
        _ => None,
    }
}

/// A world with one mutation.
fn case(world: &Planted, spans: &Spans, random: &mut Random) -> Case {
    let mut names = world.names.clone();
    let source = names.iter().position(|(path, _)| path == world.source.as_bytes()).unwrap();
    // What is beside the source may hide it, too.
    let at = if random.below(8) == 0 { random.below(names.len()) } else { source };
    let (path, kind) = &mut names[at];
    let place = String::from_utf8_lossy(path).into_owned();
    if random.below(12) > 0 {
        let Some(bytes) = bytes_of(kind).filter(|bytes| !bytes.is_empty()) else {
            return Case { what: place, names, is_explained: true };
        };
        let (what, changed) = mutate(bytes, random);
        let ends_well = what.starts_with("cut") && spans.ends_well(changed.start);
        let is_explained = at == source && (spans.explain(&changed) || ends_well);
        return Case { what: format!("{place}: {what}"), names, is_explained };
    }
    // A record that is gone or was moved is not where its program looks for it any more.
    let is_free = at == source && world.sense != Sense::Database;
    match random.below(4) {
        0 => {
            *kind = Kind::Fifo;
            Case { what: format!("{place} is a pipe"), names, is_explained: is_free }
        }
        1 => {
            *kind = Kind::Link("/nowhere/loop");
            names.push((b"nowhere/loop".to_vec(), Kind::Link("/nowhere/loop")));
            Case { what: format!("{place} is a link that leads in a circle"), names, is_explained: is_free }
        }
        _ => {
            let mut parts: Vec<String> = place.split('/').map(str::to_owned).collect();
            let which = random.below(parts.len());
            let before = parts[which].clone();
            let mut name = before.clone().into_bytes();
            let letter = random.below(name.len());
            name[letter] = SIGNS[random.below(SIGNS.len())];
            let is_name = name != b"." && name != b".." && !name.contains(&b'/') && !name.contains(&0);
            let Some(name) = String::from_utf8(name).ok().filter(|_| is_name) else {
                return Case { what: place, names, is_explained: true };
            };
            parts[which] = name;
            let new = parts.join("/");
            *path = new.clone().into_bytes();
            let is_explained = is_free || spans.has_name(&before);
            Case { what: format!("{place} is called {new}"), names, is_explained }
        }
    }
}

/// What became of mutated worlds.
#[derive(Default)]
struct Tally {
    /// How many came to what.
    came: BTreeMap<Came, usize>,
    /// The unexplained clean verdicts, each with its world.
    silent: Vec<String>,
}

/// Mutates the worlds in turn.
fn run(worlds: &[Planted], scan: Scan, count: usize) -> Tally {
    let seed = std::env::var("DEBAR_MUTATION_SEED").map_or(1, |seed| seed.parse().unwrap());
    let spans: Vec<Spans> = worlds.iter().map(|world| sound(world, scan)).collect();
    let next = AtomicUsize::new(0);
    let tally: Mutex<Tally> = Mutex::default();
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let which = number % worlds.len();
            let number = u64::try_from(number).unwrap() + seed * 1_000_000_007;
            let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
            random.below(2);
            let case = case(&worlds[which], &spans[which], &mut random);
            let came = came_of(&case, &spans[which], scan);
            let mut tally = tally.lock().unwrap();
            *tally.came.entry(came).or_default() += 1;
            if came == Came::Clean {
                keep(&worlds[which], &case);
                tally.silent.push(format!("{}: {}", worlds[which].name, case.what));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    tally.into_inner().unwrap()
}

fn came_of(case: &Case, spans: &Spans, scan: Scan) -> Came {
    if case.is_explained {
        return Came::Explained;
    }
    // The collectors that had found it see most, in a fraction of the time; the others are asked only then.
    match scan(&case.names, Some(&spans.collectors)).0 {
        Came::Clean => scan(&case.names, None).0,
        came => came,
    }
}

/// Writes the source of a case that nothing explains to a folder, to find the reason.
fn keep(world: &Planted, case: &Case) {
    let Some(folder) = std::env::var_os("DEBAR_MUTATION_KEEP") else { return };
    let source = case.names.iter().find(|(path, _)| path == world.source.as_bytes());
    let bytes = source.and_then(|(_, kind)| bytes_of(&mut kind.clone()).cloned());
    let name = format!("{} {}", world.name, case.what).replace('/', "-");
    std::fs::write(std::path::Path::new(&folder).join(name), bytes.unwrap_or_default()).unwrap();
}

/// Scans a world without a mutation, which finds the product.
fn sound(world: &Planted, scan: Scan) -> Spans {
    let (came, kept) = scan(&world.names, None);
    assert_eq!(came, Came::Found, "{}", world.name);
    let bytes = world.names.iter().find(|(path, _)| path == world.source.as_bytes());
    let mut kind = bytes.unwrap().1.clone();
    Spans::of(world, bytes_of(&mut kind).unwrap(), &kept)
}

fn count(usual: usize) -> usize {
    std::env::var("DEBAR_MUTATIONS").map_or(usual, |count| count.parse::<usize>().unwrap())
}

fn check(worlds: &[Planted], scan: Scan, count: usize) {
    let start = std::time::Instant::now();
    let Tally { came, silent } = run(worlds, scan, count);
    eprintln!("{count} mutations in {:?}: {came:?}", start.elapsed());
    assert!(silent.is_empty(), "{} of {count}:\n{}", silent.len(), silent.join("\n"));
}

#[test]
fn no_mutation_of_a_linux_is_clean_without_a_gap() {
    check(&planted::linuxes(), scan_names, count(1_200));
}

#[test]
fn no_mutation_of_a_windows_disk_is_clean_without_a_gap() {
    check(&planted::windows_disks(), scan_names, count(900));
}

#[test]
fn no_mutation_of_a_mac_is_clean_without_a_gap() {
    check(&planted::macs(), scan_names, count(600));
}

fn as_file(path: &str, bytes: Vec<u8>) -> Name {
    (path.as_bytes().to_vec(), Kind::File(bytes))
}

/// The archive of a layer, whose digests are made of it as it is.
fn scan_layer(names: &[Name], only: Only<'_>) -> (Came, Vec<Match>) {
    let Kind::File(tar) = &names[0].1 else { return (Came::Error, Vec::new()) };
    let layer = image::Layer { tar: tar.clone(), stored: tar.clone() };
    let files = image::oci_files("linux", &[layer]);
    let tree = files.into_iter().fold(Memory::new(), |tree, (path, bytes)| tree.file(path, bytes));
    scan_layout(tree, only)
}

fn scan_layout_names(names: &[Name], only: Only<'_>) -> (Came, Vec<Match>) {
    scan_layout(world::in_memory(names), only)
}

fn archive(world: &Planted) -> Vec<u8> {
    let mut tar = Vec::new();
    world.names.iter().for_each(|name| image::add(&mut tar, name));
    tar.resize(tar.len() + 1024, 0);
    tar
}

#[test]
fn no_mutation_of_a_layer_is_clean_without_a_gap() {
    let worlds =
        planted::linuxes().into_iter().filter(|world| ["dpkg", "unit", "program"].contains(&world.name));
    let as_layer =
        |world: Planted| Planted { names: vec![as_file(LAYER, archive(&world))], source: LAYER, ..world };
    check(&worlds.map(as_layer).collect::<Vec<_>>(), scan_layer, count(200));
}

#[test]
fn no_mutation_of_a_layout_is_clean_without_a_gap() {
    let dpkg = planted::linuxes().remove(0);
    let layers = [image::gzipped(archive(&dpkg)), image::gzipped(Vec::new())];
    let files = image::oci_files("linux", &layers);
    let names: Vec<Name> = files.into_iter().map(|(path, bytes)| as_file(&path, bytes)).collect();
    let whole = |source: &Name| Planted {
        name: "layout",
        names: names.clone(),
        source: String::leak(String::from_utf8(source.0.clone()).unwrap()),
        sense: Sense::Database,
    };
    check(&names.iter().map(whole).collect::<Vec<_>>(), scan_layout_names, count(100));
}
