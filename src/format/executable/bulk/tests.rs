use proptest::prelude::*;

use super::*;
use crate::bytes::ReadAt;
use crate::format::certificate::authenticode;
use crate::format::executable::{Headed, go_build_info};

#[path = "../../../../tests/it/support/large.rs"]
mod large;

/// A file without its bulk: anyone who asks for it gets an error.
struct WithoutBulk(Vec<u8>, Vec<Range<u64>>);

impl ReadAt for WithoutBulk {
    fn size(&self) -> u64 {
        self.0.size()
    }
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        match self.1.iter().find(|range| range.contains(&offset)) {
            Some(_) => Err(std::io::Error::other("asked for the bulk")),
            None => {
                let next = self.1.iter().map(|range| range.start).find(|start| *start > offset);
                let rest = next.map_or(usize::MAX, |next| usize::try_from(next - offset).unwrap());
                let end = buf.len().min(rest);
                self.0.read_at(offset, &mut buf[..end])
            }
        }
    }
}

fn without(bytes: &[u8]) -> WithoutBulk {
    let size = bytes.len() as u64;
    let bulk = ranges(&bytes[..HEAD.min(bytes.len())], size);
    assert!(bulk.iter().map(|range| range.end - range.start).sum::<u64>() > size / 2, "{bulk:?}");
    WithoutBulk(bytes.to_vec(), bulk)
}

#[test]
fn readers_of_identities_do_not_ask_for_the_bulk() {
    let bytes = large::shared_object(false);
    let whole = elf::read(&bytes).unwrap();
    assert_eq!(whole.value.soname.as_deref(), Some("libexample.so.1"));
    assert_eq!(elf::read(&without(&bytes)), Some(whole.clone()));
    assert_eq!(go_build_info::read(&without(&bytes), &whole.value.layout), Ok(None));
    let bytes = large::program(false);
    let whole = pe::read(&bytes).unwrap();
    assert!(whole.value.version.is_some());
    assert_eq!(pe::read(&without(&bytes)), Some(whole.clone()));
    let (offset, size) = whole.value.certificates.unwrap();
    let parts = without(&bytes);
    assert_eq!(authenticode::read(&parts, offset, size), authenticode::read(&bytes, offset, size));
    let head = &bytes[..4096];
    assert_eq!(go_build_info::read(&Headed::new(head, &parts), &whole.value.layout), Ok(None));
    without(&large::package());
}

#[test]
fn what_a_file_hides_in_its_bulk_is_asked_for() {
    let bytes = large::shared_object(true);
    assert_eq!(elf::read(&bytes).unwrap().value.soname.as_deref(), Some("libexample.so.1"));
    let damage = elf::read(&without(&bytes)).unwrap().damage;
    assert!(damage[0].what.contains("asked for the bulk"), "{damage:?}");
    let bytes = large::program(true);
    let version = pe::read(&bytes).unwrap().value.version.unwrap();
    assert_eq!(version.texts("ProductName"), ["Example Endpoint"]);
    let damage = pe::read(&without(&bytes)).unwrap().damage;
    assert!(damage[0].what.contains("asked for the bulk"), "{damage:?}");
}

#[test]
fn a_file_of_no_known_format_is_asked_for_whole() {
    assert_eq!(ranges(b"", 1 << 30), []);
    assert_eq!(ranges(&[b'x'; HEAD], 1 << 30), []);
    assert_eq!(ranges(b"#!/bin/sh\n", 1 << 30), []);
    assert_eq!(ranges(b"PK\x03\x04", 1 << 30), [], "the directory of an archive lies at its end");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_the_head_says_ranges_are_in_order_and_inside(
        fixture in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        cut in any::<prop::sample::Index>(),
        size in 0..1_u64 << 33,
    ) {
        let fixtures = [
            include_bytes!("../../../../tests/fixtures/executables/elf64-shared.so").to_vec(),
            include_bytes!("../../../../tests/fixtures/executables/pe64-signed.exe").to_vec(),
            deb::tests::package(300, 100_000),
        ];
        let mut head = fixtures[fixture].clone();
        for (at, value) in changes {
            let at = at.index(head.len());
            head[at] = value;
        }
        head.truncate(cut.index(head.len() + 1));
        let mut end = FRONT;
        for range in ranges(&head, size) {
            prop_assert!(range.start >= end && range.end <= size && range.end - range.start >= SMALLEST);
            end = range.end + 1;
        }
    }
}
