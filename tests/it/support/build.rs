//! Small files of many formats, written by this test's own hand.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::Write;

use super::image::member;

/// Members of an archive: their names and content.
pub type Members<'a> = &'a [(&'a str, &'a [u8])];

/// A ZIP archive whose members are stored.
pub fn zip(members: Members<'_>) -> Vec<u8> {
    packed(members, rawzip::CompressionMethod::STORE)
}

/// A ZIP archive whose members are compressed.
pub fn deflated(members: Members<'_>) -> Vec<u8> {
    packed(members, rawzip::CompressionMethod::DEFLATE)
}

fn packed(members: Members<'_>, method: rawzip::CompressionMethod) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (name, bytes) in members {
        let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
        if method == rawzip::CompressionMethod::STORE {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(bytes).unwrap();
            let (_, descriptor) = writer.finish().unwrap();
            entry.finish(descriptor).unwrap();
        } else {
            let packer = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut writer = config.wrap(packer);
            writer.write_all(bytes).unwrap();
            let (packer, descriptor) = writer.finish().unwrap();
            packer.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
    }
    archive.finish().unwrap();
    out
}

/// A tar archive.
pub fn tar(members: Members<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        member(&mut out, name.as_bytes(), b'0', 0o644, b"", bytes);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// Content compressed by gzip.
pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Content compressed by zstd.
pub fn zst(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// An archive of `ar`.
pub fn ar(members: Members<'_>) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        let size = bytes.len();
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, "100644").bytes());
        out.extend(*bytes);
        out.extend(std::iter::repeat_n(b'\n', size % 2));
    }
    out
}

/// A package of dpkg.
pub fn deb(control: &str) -> Vec<u8> {
    let control = gz(&tar(&[("./control", control.as_bytes())]));
    let data = gz(&tar(&[("./opt/x", b"x")]));
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.gz", &data)])
}

/// A package of rpm with these texts by tag.
pub fn rpm(tags: &[(u32, &str)]) -> Vec<u8> {
    const MAGIC: [u8; 8] = [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let (mut index, mut store) = (Vec::new(), Vec::new());
    for (tag, text) in tags {
        index.extend([tag.to_be_bytes(), number(6), number(store.len()), number(1)].concat());
        store.extend(text.bytes());
        store.push(0);
    }
    let mut out = vec![0xed, 0xab, 0xee, 0xdb, 3, 0];
    out.resize(96, 0);
    out.extend([&MAGIC[..], &[0; 8]].concat());
    out.extend([&MAGIC[..], &number(tags.len()), &number(store.len()), &index, &store].concat());
    out.extend(gz(b"070707"));
    out
}

/// A flat package of macOS: a xar archive with its description.
pub fn pkg(info: &str) -> Vec<u8> {
    let packed = |bytes: &[u8]| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let heap = packed(info.as_bytes());
    let toc = format!(
        "<?xml version=\"1.0\"?><xar><toc><file id=\"1\"><data><length>{}</length><offset>0</offset><size>{}</size>\
         <encoding style=\"application/x-gzip\"/></data><type>file</type><name>PackageInfo</name></file></toc></xar>",
        heap.len(),
        info.len()
    );
    let stored = packed(toc.as_bytes());
    let mut out = b"xar!\0\x1c\0\x01".to_vec();
    out.extend((stored.len() as u64).to_be_bytes());
    out.extend((toc.len() as u64).to_be_bytes());
    out.extend([0; 4]);
    out.extend(stored);
    out.extend(heap);
    out
}

/// An archive of Electron; each member lies in a folder of packages.
pub fn asar(packages: &[(&str, &str)]) -> Vec<u8> {
    let (mut files, mut content) = (Vec::new(), String::new());
    for (name, text) in packages {
        let (size, at) = (text.len(), content.len());
        files.push(format!(
            "\"{name}\": {{\"files\": {{\"package.json\": {{\"size\": {size}, \"offset\": \"{at}\"}}}}}}"
        ));
        content.push_str(text);
    }
    let directory = format!("{{\"files\": {{\"node_modules\": {{\"files\": {{{}}}}}}}}}", files.join(", "));
    let padded = directory.len().next_multiple_of(4);
    let mut out = Vec::new();
    for number in [4, padded + 8, padded + 4, directory.len()] {
        out.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    out.extend(directory.bytes());
    out.resize(16 + padded, 0);
    out.extend(content.bytes());
    out
}

/// A program of Go with its build information: ELF with that section alone.
pub fn go_program(modules: &str) -> Vec<u8> {
    let framed = [&[0x30_u8; 16][..], modules.as_bytes(), &[0x30; 16]].concat();
    let mut blob = b"\xff Go buildinf:\x08\x02".to_vec();
    blob.resize(32, 0);
    for text in [&b"go1.22.1"[..], &framed] {
        let mut length = text.len();
        while length > 127 {
            blob.push(u8::try_from(length & 127).unwrap() | 128);
            length >>= 7;
        }
        blob.push(u8::try_from(length).unwrap());
        blob.extend(text);
    }
    let names = b"\0.go.buildinfo\0.shstrtab\0";
    let (at, names_at) = (64, 64 + blob.len());
    let table = (names_at + names.len()).next_multiple_of(8);
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    for number in [0, 0, table as u64] {
        out.extend(number.to_le_bytes());
    }
    out.extend([0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 64, 0, 3, 0, 2, 0]);
    out.extend(&blob);
    out.extend(names);
    out.resize(table, 0);
    let section = |name: u32, kind: u32, at: usize, size: usize| {
        let mut bytes = [name.to_le_bytes(), kind.to_le_bytes()].concat();
        for number in [2, 0, at as u64, size as u64, 0, 1, 0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    };
    out.extend([0; 64]);
    out.extend(section(1, 1, at, blob.len()));
    out.extend(section(15, 3, names_at, names.len()));
    out
}
