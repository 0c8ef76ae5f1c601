//! Programs and a package so large that images keep only parts of them, made from small fixtures: some that are what
//! their headers say, and some whose names or versions lie in what the headers call code.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

/// Bytes of code of each.
const CODE: usize = 0x4_0000;

fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/executables");
    std::fs::read(folder.join(name)).unwrap()
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

fn get(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// A shared object with a segment of code behind its names; with `lies`, its names lie in the code.
pub fn shared_object(lies: bool) -> Vec<u8> {
    let mut bytes = fixture("elf64-shared.so");
    let code = bytes.len().next_multiple_of(0x1000);
    let address = 0x10_0000;
    // The first segment is only read; the mark of the stack makes room for another of code.
    let [first, stack] = [0, 4].map(|index| 64 + index * 56);
    put(&mut bytes, first + 4, 4);
    put(&mut bytes, stack, 1);
    put(&mut bytes, stack + 4, 5);
    for (field, number) in [(8, code), (16, address), (24, address), (32, CODE), (40, CODE)] {
        put(&mut bytes, stack + field, u32::try_from(number).unwrap());
    }
    let names = bytes[0x290..0x290 + 73].to_vec();
    bytes.resize(code, 0);
    bytes.resize(code + CODE, 0xc3);
    if lies {
        let at = CODE / 2;
        bytes[code + at..code + at + names.len()].copy_from_slice(&names);
        bytes[0x290..0x290 + 73].fill(b'x');
        let strings = (0..16).map(|entry| 0xf10 + entry * 16).find(|&entry| get(&bytes, entry) == 5).unwrap();
        put(&mut bytes, strings + 8, u32::try_from(address + at).unwrap());
    }
    bytes
}

/// A signed program with a large section of code; with `lies`, its version lies in it.
pub fn program(lies: bool) -> Vec<u8> {
    let mut bytes = fixture("pe64-signed.exe");
    let offset = bytes.len().next_multiple_of(0x200);
    bytes.resize(offset, 0);
    bytes.resize(offset + CODE, 0xc3);
    // The headers of `.text` and `.rsrc`.
    let (text, resources) = (0x188, 0x1d8);
    let address = 0x1_0000;
    for (field, number) in [(8, CODE), (12, address), (16, CODE), (20, offset)] {
        put(&mut bytes, text + field, u32::try_from(number).unwrap());
    }
    if lies {
        let (from, at) = (get(&bytes, resources + 12), get(&bytes, resources + 20) as usize);
        let mut moved = CODE / 2;
        for leaf in leaves(&bytes, at, 0) {
            let start = at + (get(&bytes, leaf) - from) as usize;
            let content = start..start + get(&bytes, leaf + 4) as usize;
            bytes.copy_within(content.clone(), offset + moved);
            bytes[content.clone()].fill(0);
            put(&mut bytes, leaf, u32::try_from(address + moved).unwrap());
            moved += content.len().next_multiple_of(16);
        }
    }
    bytes
}

/// Where the leaves of a resource tree lie.
fn leaves(bytes: &[u8], start: usize, directory: usize) -> Vec<usize> {
    let at = start + directory;
    let counts = get(bytes, at + 12);
    let entries =
        (0..(counts & 0xffff) + (counts >> 16)).map(|entry| get(bytes, at + 20 + entry as usize * 8));
    let below = |entry: u32| match entry & 0x8000_0000 {
        0 => vec![start + entry as usize],
        _ => leaves(bytes, start, (entry & 0x7fff_ffff) as usize),
    };
    entries.flat_map(below).collect()
}

/// A Debian package with a payload that nobody looks at.
pub fn package() -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, size) in [("debian-binary", 4), ("control.tar.xz", 900), ("data.tar.xz", CODE)] {
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 100_644);
        bytes.extend_from_slice(header.as_bytes());
        bytes.resize(bytes.len() + size, b'p');
    }
    bytes
}
