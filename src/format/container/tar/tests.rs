use proptest::prelude::*;

use super::*;

mod rules;

/// A header with a right checksum.
fn header(name: &[u8], kind: u8, size: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000755");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    sealed(block)
}

fn sealed(mut block: [u8; BLOCK]) -> [u8; BLOCK] {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn body(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().div_ceil(BLOCK) * BLOCK, 0);
    padded
}

fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    length = rest + length.to_string().len();
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

fn members(archive: &[u8]) -> (Vec<Member>, Vec<Damage>) {
    members_as(archive, Dialect::Go)
}

fn members_as(archive: &[u8], dialect: Dialect) -> (Vec<Member>, Vec<Damage>) {
    let seeking = read(Seeking::new(archive), dialect);
    let streaming = read(Streaming::new(archive, 1000), dialect);
    assert_eq!(seeking, streaming, "seeking and streaming agree");
    seeking
}

fn read(source: impl Source, dialect: Dialect) -> (Vec<Member>, Vec<Damage>) {
    let mut reader = Reader::new(source, dialect);
    let (mut members, mut damage) = (Vec::new(), Vec::new());
    loop {
        match reader.next_member() {
            Next::Member(member) => members.push(member),
            Next::Damaged(one) => damage.push(one),
            Next::End(end) => {
                damage.extend(end);
                return (members, damage);
            }
        }
    }
}

const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

#[test]
fn members_and_where_their_bytes_are() {
    let archive =
        [&header(b"a/", b'5', 0)[..], &header(b"a/b", b'0', 3), &body(b"xyz"), &header(b"c", 0, 0), &END]
            .concat();
    let (members, damage) = members(&archive);
    assert_eq!(damage, []);
    let names: Vec<_> = members.iter().map(|member| (member.path.as_slice(), member.kind)).collect();
    assert_eq!(
        names,
        [(b"a/".as_slice(), MemberKind::Directory), (b"a/b", MemberKind::File), (b"c", MemberKind::File)]
    );
    let offset = usize::try_from(members[1].offset).unwrap();
    assert_eq!(&archive[offset..offset + 3], b"xyz");
    assert!(members[1].executable);
}

#[test]
fn long_names_of_gnu_and_pax() {
    let long = [b'n'; 300];
    let gnu = [&header(b"././@LongLink", b'L', 301)[..], &body(&long), &header(b"nnn", b'0', 0)].concat();
    let pax = record("path", &long);
    let pax =
        [&header(b"PaxHeaders/x", b'x', pax.len() as u64)[..], &body(&pax), &header(b"nnn", b'0', 0), &END];
    let (members, damage) = members(&[gnu, pax.concat()].concat());
    assert_eq!(damage, []);
    assert_eq!(members.iter().map(|member| member.path.len()).collect::<Vec<_>>(), [300, 300]);
}

#[test]
fn a_large_size_is_base_256_or_pax() {
    let mut block = header(b"big", b'0', 0);
    block[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0]);
    let (found, damage) = members(&sealed(block));
    assert_eq!((found[0].size, damage[0].kind), (8 << 30, DamageKind::Truncated));
    let pax = record("size", b"9000000000");
    let archive = [&header(b"p", b'x', pax.len() as u64)[..], &body(&pax), &header(b"big", b'0', 0)].concat();
    assert_eq!(members(&archive).0[0].size, 9_000_000_000);
}

#[test]
fn a_gigabyte_of_pax_is_read_over_and_never_kept() {
    /// A PAX header of 1 GiB with one useless record, then a file; made as it is read.
    struct Endless(u64);
    impl ReadAt for Endless {
        fn size(&self) -> u64 {
            self.0 + 4 * BLOCK as u64
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            let head = [&header(b"p", b'x', self.0)[..], format!("{} comment=", self.0).as_bytes()].concat();
            let tail = [&header(b"file", b'0', 0)[..], &END].concat();
            for (at, byte) in buf.iter_mut().enumerate() {
                let at = offset + at as u64;
                let from_tail = at.checked_sub(self.0 + BLOCK as u64);
                *byte = match from_tail {
                    Some(at) => usize::try_from(at).ok().and_then(|at| tail.get(at)).copied().unwrap_or(0),
                    None => usize::try_from(at).ok().and_then(|at| head.get(at)).copied().unwrap_or(b'x'),
                };
            }
            Ok(buf.len().min(usize::try_from(self.size().saturating_sub(offset)).unwrap()))
        }
    }
    let (members, damage) = read(Seeking::new(Endless(1 << 30)), Dialect::Go);
    assert_eq!((members.len(), damage[0].kind), (0, DamageKind::OverLimit), "Go refuses it");
}

#[test]
fn a_path_over_the_limit_is_damage_and_the_next_member_is_read() {
    let pax = record("path", &[b'n'; MAX_PATH + 1]);
    let archive = [
        &header(b"p", b'x', pax.len() as u64)[..],
        &body(&pax),
        &header(b"long", b'0', 2),
        &body(b"ab"),
        &header(b"next", b'0', 0),
        &END,
    ];
    let (members, damage) = members(&archive.concat());
    assert_eq!((members.len(), members[0].path.as_slice()), (1, b"next".as_slice()));
    assert_eq!(damage[0].kind, DamageKind::OverLimit);
}

#[test]
fn a_wrong_checksum_ends_the_archive_as_damage() {
    let mut second = header(b"b", b'0', 0);
    second[0] = b'c';
    let (members, damage) = members(&[&header(b"a", b'0', 0)[..], &second, &END].concat());
    assert_eq!((members.len(), damage[0].kind), (1, DamageKind::Corrupt));
}

#[test]
fn a_cut_archive_is_damage() {
    let archive = [&header(b"a", b'0', 2000)[..], &body(&[1; 2000])].concat();
    let (members, damage) = members(&archive[..1500]);
    assert_eq!((members.len(), damage[0].kind), (1, DamageKind::Truncated));
}

#[test]
fn the_padding_after_the_last_body_may_be_left_out() {
    let archive = [&header(b"a", b'0', 700)[..], &[1; 700]].concat();
    let (members, damage) = members(&archive);
    assert_eq!((members.len(), damage.len()), (1, 0));
}

#[test]
fn sparse_files_of_pax_1_0_keep_their_map_in_the_body() {
    let pax = [
        record("GNU.sparse.major", b"1"),
        record("GNU.sparse.minor", b"0"),
        record("GNU.sparse.name", b"real"),
        record("GNU.sparse.realsize", b"100000"),
    ]
    .concat();
    let map = body(b"1\n4096\n5\n");
    let archive = [
        &header(b"p", b'x', pax.len() as u64)[..],
        &body(&pax),
        &header(b"GNUSparseFile.0/real", b'0', 512 + 5),
        &map,
        &body(b"hello"),
        &END,
    ]
    .concat();
    let (members, damage) = members(&archive);
    assert_eq!(damage, []);
    let file = &members[0];
    assert_eq!((file.path.as_slice(), file.size, file.stored), (b"real".as_slice(), 100_000, 5));
    assert_eq!(file.sparse, Some(vec![Piece { at: 4096, len: 5 }]));
    let offset = usize::try_from(file.offset).unwrap();
    assert_eq!(&archive[offset..offset + 5], b"hello");
}

proptest! {
    #[test]
    fn any_change_to_an_archive_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let pax = [record("path", b"x"), record("GNU.sparse.map", b"0,1,5,2")].concat();
        let mut archive = [
            &header(b"p", b'x', pax.len() as u64)[..], &body(&pax), &header(b"x", b'0', 3), &body(b"abc"),
            &header(b"l", b'L', 4), &body(b"long"), &header(b"l", b'2', 0), &END,
        ].concat();
        for (at, value) in changes {
            let at = at.index(archive.len());
            archive[at] = value;
        }
        archive.truncate(cut.index(archive.len()) + 1);
        members(&archive);
    }
}
