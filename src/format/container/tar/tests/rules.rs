//! The rules by which Go's archive/tar reads odd archives, each stated once more as a small oracle, over generated
//! archives.

use proptest::prelude::*;

use super::super::*;
use super::{END, body, header, members, members_as, record, sealed};

/// One thing before a member.
#[derive(Debug, Clone)]
enum Before {
    LongName(&'static str),
    LongLink(&'static str),
    Pax(Vec<(&'static str, &'static str)>),
    Global(Vec<(&'static str, &'static str)>),
}

/// A member and what comes before it.
#[derive(Debug, Clone)]
struct Made {
    before: Vec<Before>,
    flag: u8,
    name: &'static str,
    magic: &'static [u8; 8],
    prefix: &'static str,
    size: &'static [u8],
    blocks: usize,
}

fn pax(records: &[(&str, &str)], flag: u8) -> Vec<u8> {
    let records: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value.as_bytes())).collect();
    [&header(b"PaxHeaders/x", flag, records.len() as u64)[..], &body(&records)].concat()
}

fn long(name: &str, flag: u8) -> Vec<u8> {
    let mut block = header(b"././@LongLink", flag, name.len() as u64);
    block[257..265].copy_from_slice(b"ustar  \0");
    [&sealed(block)[..], &body(name.as_bytes())].concat()
}

impl Made {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for before in &self.before {
            bytes.extend(match before {
                Before::LongName(name) => long(name, b'L'),
                Before::LongLink(name) => long(name, b'K'),
                Before::Pax(records) => pax(records, b'x'),
                Before::Global(records) => pax(records, b'g'),
            });
        }
        let mut block = header(self.name.as_bytes(), self.flag, 0);
        block[124..136].fill(0);
        block[124..124 + self.size.len()].copy_from_slice(self.size);
        block[157..161].copy_from_slice(b"link");
        block[257..265].copy_from_slice(self.magic);
        block[345..345 + self.prefix.len()].copy_from_slice(self.prefix.as_bytes());
        bytes.extend(sealed(block));
        bytes.extend(vec![b'b'; self.blocks * BLOCK]);
        bytes
    }

    /// The records that hold: those of the last `x`, unless a global header follows it.
    fn value(&self, key: &str) -> &'static str {
        let is_reset = |before: &Before| matches!(before, Before::Pax(_) | Before::Global(_));
        let last = self.before.iter().rev().find(|before| is_reset(before));
        let Some(Before::Pax(records)) = last else { return "" };
        records.iter().rev().find(|(found, _)| *found == key).map_or("", |(_, value)| value)
    }

    /// The last long name, unless a global header follows it.
    fn long(&self, of: fn(&Before) -> Option<&'static str>) -> &'static str {
        let since = self.before.iter().rposition(|before| matches!(before, Before::Global(_)));
        let mut names = self.before.iter().skip(since.map_or(0, |at| at + 1)).filter_map(of);
        names.next_back().unwrap_or("")
    }

    /// The path, the link and how many bytes follow, as Go has them.
    fn expected(&self) -> (String, String, u64) {
        let own = match self.magic {
            b"ustar\x0000" if !self.prefix.is_empty() => format!("{}/{}", self.prefix, self.name),
            // The prefix is no octal number, so it is no time.
            b"ustar  \0" if self.prefix.starts_with(|first: char| !first.is_ascii_digit()) => {
                format!("{}/{}", self.prefix, self.name)
            }
            _ => self.name.to_owned(),
        };
        let name = self.long(|before| if let Before::LongName(name) = before { Some(name) } else { None });
        let link = self.long(|before| if let Before::LongLink(name) = before { Some(name) } else { None });
        let first = |names: [&str; 2], own: String| {
            names.iter().find(|name| !name.is_empty()).map_or(own, |name| (*name).to_owned())
        };
        let path = first([name, self.value("path")], own);
        let link = first([link, self.value("linkpath")], "link".to_owned());
        let is_bare = matches!(self.flag, b'1'..=b'6') || (self.flag == 0 && path.ends_with('/'));
        let size = if self.value("size").is_empty() { self.blocks as u64 * 512 } else { 512 };
        (path, link, if is_bare { 0 } else { size })
    }

    /// Whether Go, GNU tar, bsdtar and Python all come to the same.
    fn is_plain(&self) -> bool {
        let count = |is: fn(&Before) -> bool| self.before.iter().filter(|before| is(before)).count();
        let once = count(|before| matches!(before, Before::Pax(_))) < 2;
        let same = |of: fn(&Before) -> Option<&'static str>| {
            let names: Vec<_> = self.before.iter().filter_map(of).collect();
            names.windows(2).all(|pair| pair[0] == pair[1])
        };
        let once = once
            && same(|before| if let Before::LongName(name) = before { Some(name) } else { None })
            && same(|before| if let Before::LongLink(name) = before { Some(name) } else { None });
        let is_global = |before: &&Before| matches!(before, Before::Global(_));
        let no_global_between = !self.before.iter().skip_while(is_global).any(|before| is_global(&before));
        let filled = self.before.iter().all(|before| match before {
            Before::LongName(name) | Before::LongLink(name) => !name.is_empty(),
            Before::Pax(records) => records.iter().all(|(key, value)| match *key {
                "mtime" | "comment" => true,
                "GNU.sparse.name" => false,
                _ => !value.is_empty(),
            }),
            Before::Global(records) => records.iter().all(|(key, _)| matches!(*key, "comment" | "mtime")),
        });
        let mixes = count(|before| matches!(before, Before::LongName(_))) > 0
            && !self.value("path").is_empty()
            || count(|before| matches!(before, Before::LongLink(_))) > 0
                && !self.value("linkpath").is_empty();
        let (path, _, size) = self.expected();
        let stated = if self.value("size").is_empty() { self.blocks } else { 1 };
        let fits = size == stated as u64 * 512 && !(self.flag == b'0' && path.ends_with('/'));
        let own_prefix = self.prefix.is_empty()
            || self.magic == b"ustar\x0000"
            || self.magic == b"ustar  \0" && !self.prefix.starts_with(|first: char| first.is_ascii_digit());
        let number = self.size.first() != Some(&0) && !self.size.starts_with(b" \0");
        once && no_global_between && filled && !mixes && fits && own_prefix && number
    }
}

fn records(keys: &'static [&'static str]) -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let value = |key: &'static str| match key {
        "size" => prop::sample::select(vec!["512", ""]).boxed(),
        "mtime" => Just("1700000000.25").boxed(),
        _ => prop::sample::select(vec!["a/b", "other/", "", "z"]).boxed(),
    };
    prop::collection::vec(
        prop::sample::select(keys).prop_flat_map(move |key| value(key).prop_map(move |value| (key, value))),
        0..3,
    )
}

fn before() -> impl Strategy<Value = Before> {
    let name = || prop::sample::select(vec!["long/name", "x/", ""]);
    prop_oneof![
        2 => name().prop_map(Before::LongName),
        1 => name().prop_map(Before::LongLink),
        4 => records(&["path", "linkpath", "size", "mtime", "comment", "GNU.sparse.name"]).prop_map(Before::Pax),
        1 => records(&["path", "comment", "mtime"]).prop_map(Before::Global),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    let sizes: Vec<(usize, &'static [u8])> = vec![
        (0, b"00000000000\0"),
        (1, b"00000001000\0"),
        (1, b"\x80\0\0\0\0\0\0\0\0\0\x02\0"),
        (1, b"       1000 "),
        (1, b"\x001000\0"),
        (1, b" \x001000\0"),
        (2, b"00000002000\0"),
    ];
    (
        prop::collection::vec(before(), 0..4),
        prop::sample::select(vec![b'0', b'0', 0, b'1', b'2', b'5', b'6']),
        prop::sample::select(vec!["file", "dir/"]),
        prop::sample::select(vec![b"ustar\x0000", b"ustar\x0000", b"ustar  \0", b"\0\0\0\0\0\0\0\0"]),
        prop::sample::select(vec!["", "", "usr/src", "0123"]),
        prop::sample::select(sizes),
    )
        .prop_map(|(before, flag, name, magic, prefix, (blocks, size))| {
            let mut made = Made { before, flag, name, magic, prefix, size, blocks };
            // What follows is as long as Go takes the body to be.
            made.blocks = usize::try_from(made.expected().2 / 512).unwrap();
            if made.value("size").is_empty() && made.blocks != blocks {
                made.size = b"00000000000\0";
            }
            made
        })
}

proptest! {
    #[test]
    fn odd_archives_are_read_as_go_reads_them_and_every_difference_is_damage(
        all in prop::collection::vec(made(), 1..5),
    ) {
        let archive: Vec<u8> = all.iter().flat_map(Made::bytes).chain(END).collect();
        let (read, damage) = members(&archive);
        prop_assert_eq!(read.len(), all.len());
        for (member, made) in read.iter().zip(&all) {
            let (path, link, size) = made.expected();
            let found = (member.path.as_slice(), member.link.as_slice(), member.stored);
            prop_assert_eq!(found, (path.as_bytes(), link.as_bytes(), size));
        }
        let odd = all.iter().filter(|made| !made.is_plain()).count();
        prop_assert_eq!(damage.len(), odd, "{:?}", damage);
    }
}

/// Paths and whether there is damage.
fn paths(archive: &[Vec<u8>], dialect: Dialect) -> (Vec<String>, bool) {
    let (read, damage) = members_as(&[&archive.concat()[..], &END].concat(), dialect);
    let paths = read.iter().map(|member| String::from_utf8(member.path.clone()).unwrap());
    (paths.collect(), !damage.is_empty())
}

fn file(name: &str) -> Vec<u8> {
    header(name.as_bytes(), b'0', 0).to_vec()
}

#[test]
fn plain_archives_are_read_as_gnu_tar_reads_them() {
    let read = |archive: &[Vec<u8>]| {
        let (paths, is_damaged) = paths(archive, Dialect::Gnu);
        assert!(is_damaged);
        paths
    };
    assert_eq!(read(&[long("gnu", b'L'), pax(&[("path", "pax")], b'x'), file("x")]), ["pax"]);
    assert_eq!(read(&[pax(&[("path", "all")], b'g'), file("x"), file("y")]), ["all", "all"]);
    assert_eq!(read(&[pax(&[("path", "sun")], b'X'), file("x")]), ["sun"]);
    assert_eq!(read(&[pax(&[("GNU.sparse.name", "sparse")], b'x'), file("x")]), ["sparse"]);
    let mut old_docker = header(b"x", b'0', 0);
    old_docker[257..265].copy_from_slice(b"ustar  \0");
    old_docker[345..348].copy_from_slice(b"usr");
    assert_eq!(read(&[sealed(old_docker).to_vec()]), ["x"]);
    let slash = header(b"d/", b'0', 512).to_vec();
    assert_eq!(read(&[slash, file("inside")]), ["d/", "inside"]);
}

#[test]
fn comments_of_git_and_times_of_pax_are_no_damage() {
    for dialect in [Dialect::Go, Dialect::Gnu] {
        let git =
            [pax(&[("comment", "5f0e")], b'g'), pax(&[("mtime", "1.5"), ("uid", "7")], b'x'), file("a")];
        assert_eq!(paths(&git, dialect), (vec!["a".to_owned()], false));
    }
}

#[test]
fn a_prefix_of_star_has_131_bytes() {
    let mut block = header(b"acme", b'0', 0);
    block[345..348].copy_from_slice(b"usr");
    block[476..488].copy_from_slice(b"00000000000 ");
    block[508..512].copy_from_slice(b"tar\0");
    assert_eq!(paths(&[sealed(block).to_vec()], Dialect::Go), (vec!["usr/acme".to_owned()], false));
    block[345..476].fill(b'p');
    let (names, is_damaged) = paths(&[sealed(block).to_vec()], Dialect::Go);
    assert_eq!((names[0].len(), is_damaged), (131 + 5, true));
}

#[test]
fn what_go_cannot_read_is_damage() {
    let types = |flag: u8| vec![header(b"odd", flag, 0).to_vec(), file("next")];
    for flag in [b'7', b'X', b'A', b'V', b'M', b'N', b'D', 0xff] {
        assert!(paths(&types(flag), Dialect::Go).1, "type {flag}");
    }
    for (key, value) in
        [("uid", "x"), ("mtime", "1.x"), ("size", "-1"), ("size", "x"), ("GNU.sparse.major", "1")]
    {
        let (names, is_damaged) = paths(&[pax(&[(key, value)], b'x'), file("a")], Dialect::Go);
        assert_eq!((names, is_damaged), (vec!["a".to_owned()], true), "{key}={value}");
    }
    let mut time = header(b"a", b'0', 0);
    time[136..139].copy_from_slice(b"abc");
    assert!(paths(&[sealed(time).to_vec()], Dialect::Go).1);
    let cut = b"12 path=abcd".to_vec();
    let cut = [&header(b"x", b'x', cut.len() as u64)[..], &body(&cut)].concat();
    assert!(paths(&[cut, file("a")], Dialect::Go).1);
}

#[test]
fn what_follows_the_end_is_damage_and_zeros_are_not() {
    let zeros = [&file("a")[..], &END, &[0; 10_000]].concat();
    assert_eq!(members(&zeros).1, []);
    let image = [&[0_u8; 1024][..], &[0xe2, 0xe1, 0xf5, 0xe0]].concat();
    assert_eq!(members(&image).1.first().map(|damage| damage.offset), Some(Some(1024)));
    let after_one_block = [&file("a")[..], &[0; BLOCK], &file("b"), &END].concat();
    let (read, damage) = members(&after_one_block);
    assert_eq!((read.len(), damage.len()), (1, 1));
}
