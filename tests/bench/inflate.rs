//! What decompressing an image costs and nothing else: the layers of an OCI folder through debar's own decoders, on
//! as many threads as debar uses, the largest first. `cargo bench --bench inflate -- FOLDER`; `tests/bench/images.sh`
//! runs it in turns with debar.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use debar::format::container::decompress::{Compression, reader};
use rayon::prelude::*;

const BUFFER: usize = 128 << 10;

fn main() {
    let Some(folder) = std::env::args().skip(1).find(|argument| argument != "--bench") else {
        println!("usage: inflate OCI-FOLDER");
        return;
    };
    let blobs = std::fs::read_dir(PathBuf::from(folder).join("blobs/sha256")).unwrap();
    let mut blobs: Vec<(u64, PathBuf)> = blobs
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.metadata().unwrap().len(), entry.path()))
        .collect();
    blobs.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let bytes: u64 = blobs.into_iter().par_bridge().map(|(_, path)| inflate(&path)).sum();
    println!("{bytes} bytes");
}

/// How many bytes come out of a blob; manifests and configs are not compressed.
fn inflate(path: &PathBuf) -> u64 {
    let mut start = Vec::new();
    File::open(path).unwrap().take(512).read_to_end(&mut start).unwrap();
    let Some(compression) = Compression::of(&start) else { return 0 };
    let mut stream = reader(File::open(path).unwrap(), compression, BUFFER).unwrap();
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => return total,
            count => total += count as u64,
        }
    }
}
