//! Images of a made-up world: layers cut at random, written by a tar writer of this test's own.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::world::{Kind, Name};

/// One layer: its tar archive, and how it is stored in an OCI layout.
pub struct Layer {
    pub tar: Vec<u8>,
    pub stored: Vec<u8>,
}

/// A small generator of random numbers, so that a failure names its seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A member of an archive; long names as GNU tar writes them.
pub fn member(archive: &mut Vec<u8>, path: &[u8], kind: u8, mode: u32, link: &[u8], bytes: &[u8]) {
    for (long, flag) in [(link, b'K'), (path, b'L')] {
        if long.len() > 100 {
            let with_zero = [long, b"\0"].concat();
            header(archive, b"././@LongLink", flag, 0o644, b"", with_zero.len());
            padded(archive, &with_zero);
        }
    }
    header(archive, &path[..path.len().min(100)], kind, mode, &link[..link.len().min(100)], bytes.len());
    padded(archive, bytes);
}

/// The header of a member, whose bytes are to follow.
pub fn header(archive: &mut Vec<u8>, path: &[u8], kind: u8, mode: u32, link: &[u8], size: usize) {
    let mut block = [0; 512];
    block[..path.len()].copy_from_slice(path);
    block[100..107].copy_from_slice(format!("{mode:07o}").as_bytes());
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..263].copy_from_slice(b"ustar\0");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive.extend_from_slice(&block);
}

fn padded(archive: &mut Vec<u8>, bytes: &[u8]) {
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().div_ceil(512) * 512, 0);
}

/// Adds a name of a made-up world.
pub fn add(archive: &mut Vec<u8>, name: &Name) {
    let (path, kind) = name;
    match kind {
        Kind::File(bytes) => member(archive, path, b'0', 0o644, b"", bytes),
        Kind::Executable(bytes) => member(archive, path, b'0', 0o755, b"", bytes),
        Kind::Folder => member(archive, path, b'5', 0o755, b"", b""),
        Kind::Link(to) => member(archive, path, b'2', 0o777, to.as_bytes(), b""),
        Kind::Fifo => member(archive, path, b'6', 0o644, b"", b""),
    }
}

/// An image of some names: each in a layer of its own choosing, after lower layers put something else in its place
/// or hid it; some content under a second name first, linked hard.
pub fn of_names(names: &[Name], seed: u64) -> Vec<Layer> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let count = 1 + usize::try_from(random.below(4)).unwrap();
    let mut layers = vec![Vec::new(); count];
    for name in names {
        let at = usize::try_from(random.below(count as u64)).unwrap();
        let bytes = match &name.1 {
            Kind::File(bytes) | Kind::Executable(bytes) => Some(bytes),
            _ => None,
        };
        match bytes {
            // The first name lies where nobody looks, in this layer or a lower one.
            Some(bytes) if random.below(4) == 0 => {
                let first = format!("etc/systemd/first/{}", layers[at].len());
                let below = usize::try_from(random.below(at as u64 + 1)).unwrap();
                let unique = format!("{first}-{below}-{at}");
                let mode = if matches!(name.1, Kind::Executable(_)) { 0o755 } else { 0o644 };
                member(&mut layers[below], unique.as_bytes(), b'0', mode, b"", bytes);
                member(&mut layers[at], &name.0, b'1', mode, unique.as_bytes(), b"");
            }
            _ => add(&mut layers[at], name),
        }
        // A folder that a later layer makes opaque or hides.
        if at + 1 < count && random.below(10) == 0 {
            let hidden = format!("etc/systemd/hidden/{}", random.below(1000));
            member(&mut layers[at], format!("{hidden}/x").as_bytes(), b'0', 0o644, b"", b"hidden");
            member(&mut layers[at + 1], format!("{hidden}/.wh..wh..opq").as_bytes(), b'0', 0o644, b"", b"");
        }
    }
    let stored = |tar: &[u8], at: usize| match (at as u64 + seed) % 3 {
        0 => tar.to_vec(),
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(tar).unwrap();
            encoder.finish().unwrap()
        }
        // Several frames, as zstd:chunked has them, one of them to be skipped.
        _ => tar
            .chunks(300_000)
            .flat_map(|part| {
                let mut frame =
                    ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest);
                frame.extend_from_slice(&[0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
                frame
            })
            .collect(),
    };
    let finish = |(at, mut tar): (usize, Vec<u8>)| {
        tar.resize(tar.len() + 1024, 0);
        Layer { stored: stored(&tar, at), tar }
    };
    layers.into_iter().enumerate().map(finish).collect()
}

pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A layer stored with gzip.
pub fn gzipped(mut tar: Vec<u8>) -> Layer {
    tar.resize(tar.len() + 1024, 0);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&tar).unwrap();
    Layer { stored: encoder.finish().unwrap(), tar }
}

fn config(layers: &[Layer], os: &str) -> Vec<u8> {
    let ids: Vec<String> = layers.iter().map(|layer| format!("sha256:{}", digest(&layer.tar))).collect();
    let history: Vec<_> =
        (0..layers.len()).map(|at| serde_json::json!({"created_by": format!("RUN step {at}")})).collect();
    serde_json::json!({
        "architecture": "amd64", "os": os, "config": {"Labels": {"made": "by a test"}},
        "rootfs": {"type": "layers", "diff_ids": ids}, "history": history,
    })
    .to_string()
    .into_bytes()
}

/// As `docker save` writes it.
pub fn docker_archive(layers: &[Layer]) -> Vec<u8> {
    docker_archive_of("linux", layers)
}

/// As `docker save` writes it, of an image for an operating system.
pub fn docker_archive_of(os: &str, layers: &[Layer]) -> Vec<u8> {
    let config = config(layers, os);
    let config_name = format!("{}.json", digest(&config));
    let mut archive = Vec::new();
    let mut names = Vec::new();
    for layer in layers {
        let name = format!("{}/layer.tar", digest(&layer.tar));
        member(&mut archive, name.as_bytes(), b'0', 0o644, b"", &layer.tar);
        names.push(name);
    }
    member(&mut archive, config_name.as_bytes(), b'0', 0o644, b"", &config);
    let manifest = serde_json::json!([{"Config": config_name, "RepoTags": ["made:1"], "Layers": names}]);
    member(&mut archive, b"manifest.json", b'0', 0o644, b"", manifest.to_string().as_bytes());
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// An OCI layout in a folder.
pub fn oci_folder(layers: &[Layer], folder: &Path) {
    oci_folder_of("linux", layers, folder);
}

/// An OCI layout in a folder, of an image for an operating system.
pub fn oci_folder_of(os: &str, layers: &[Layer], folder: &Path) {
    std::fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
    for (path, bytes) in oci_files(os, layers) {
        std::fs::write(folder.join(path), bytes).unwrap();
    }
}

/// The files of an OCI layout.
pub fn oci_files(os: &str, layers: &[Layer]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut put = |bytes: &[u8], media_type: &str| {
        files.push((format!("blobs/sha256/{}", digest(bytes)), bytes.to_vec()));
        serde_json::json!({"mediaType": media_type, "digest": format!("sha256:{}", digest(bytes)), "size": bytes.len()})
    };
    let stored: Vec<_> =
        layers.iter().map(|layer| put(&layer.stored, "application/vnd.oci.image.layer.v1.tar")).collect();
    let config = put(&config(layers, os), "application/vnd.oci.image.config.v1+json");
    let manifest = serde_json::json!({"schemaVersion": 2, "config": config, "layers": stored}).to_string();
    let manifest = put(manifest.as_bytes(), "application/vnd.oci.image.manifest.v1+json");
    let index = serde_json::json!({"schemaVersion": 2, "manifests": [manifest]}).to_string();
    files.push(("index.json".to_owned(), index.into_bytes()));
    files.push(("oci-layout".to_owned(), r#"{"imageLayoutVersion":"1.0.0"}"#.into()));
    files
}
