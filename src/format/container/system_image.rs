//! Files that hold a system of their own, recognised by their first bytes: disks of virtual machines, file systems,
//! images of containers, roots that were packed.
//!
//! Sources: the qcow2, VMDK, VHD, VHDX and VDI formats; squashfs, EROFS, ext4, XFS and ISO 9660; the partition tables of
//! MBR and UEFI; the Singularity Image Format; the ZFile of overlaybd; the layouts of `docker save`, OCI, LXC and Incus.

use super::decompress::{self, Compression};
use super::tar::{Dialect, Next, Reader, Seeking, is_tar};

/// How many first bytes decide.
pub const HEAD: usize = 36 << 10;

const MACHINE: &str = "the disk of a virtual machine";
const DISK: &str = "the image of a disk";
const FILES: &str = "the image of a file system";
const CONTAINERS: &str = "an archive of container images";
const ROOT: &str = "the archive of another root folder";

/// Endings of names that such files have; without one, a file is not worth opening.
pub const ENDINGS: &[&str] = &[
    ".qcow2",
    ".qcow",
    ".vmdk",
    ".vdi",
    ".vhd",
    ".vhdx",
    ".img",
    ".raw",
    ".wic",
    ".iso",
    ".squashfs",
    ".sqfs",
    ".sqsh",
    ".erofs",
    ".ext4",
    ".sif",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".tar.bz2",
    ".oci",
    ".ova",
    ".box",
    ".wsl",
    ".commit",
    ".wim",
    ".esd",
    ".swm",
];

/// Where the disks of virtual machines have which bytes: qcow2, VMDK, VHDX, VHD and VDI.
pub(super) const MACHINES: &[(usize, &[u8])] =
    &[(0, b"QFI\xfb"), (0, b"KDMV"), (0, b"vhdxfile"), (0, b"conectix"), (64, b"\x7f\x10\xda\xbe")];
/// Where other kinds of images have which bytes.
const SIGNS: &[(usize, &[u8], &str)] = &[
    (0, b"# Disk DescriptorFile", MACHINE),
    (0, b"hsqs", FILES),
    (0, b"XFSB", FILES),
    (1024, b"\xe2\xe1\xf5\xe0", FILES),
    (0x8001, b"CD001", FILES),
    (0, b"ZFile\0\x01", FILES),
    (0, b"MSWIM\0\0\0", "an image of Windows"),
    (32, b"SIF_MAGIC", "an image of Apptainer"),
    (512, b"EFI PART", DISK),
];

/// What a file holds whose first bytes ([`HEAD`] of them or all) are given; `None` when it is no system.
pub fn of(head: &[u8]) -> Option<&'static str> {
    let has = |at: usize, sign: &[u8]| head.get(at..at + sign.len()) == Some(sign);
    let is_machine = MACHINES.iter().any(|(at, sign)| has(*at, sign));
    let by_sign = || SIGNS.iter().find(|(at, sign, _)| has(*at, sign)).map(|(.., what)| *what);
    is_machine
        .then_some(MACHINE)
        .or_else(by_sign)
        .or_else(|| is_ext(head).then_some(FILES))
        .or_else(|| has_partitions(head).then_some(DISK))
        .or_else(|| of_archive(head))
        .or_else(|| {
            let compression = Compression::of(head)?;
            // What follows the cut is damage, and what came before it decides.
            of_archive(&decompress::bounded(head, compression, HEAD).value)
        })
}

/// Whether an ext2, ext3 or ext4 begins here: its magic, and a size of blocks that it can have.
pub(super) fn is_ext(head: &[u8]) -> bool {
    let block_size = head.get(1024 + 24).copied().unwrap_or(u8::MAX);
    head.get(1024 + 56..1024 + 58) == Some(b"\x53\xef")
        && block_size <= 6
        && head.get(1024 + 25..1024 + 28) == Some(&[0; 3])
}

/// Whether an MBR begins here whose first partition has a type, a place and a size.
fn has_partitions(head: &[u8]) -> bool {
    let entry = head.get(446..462).unwrap_or_default();
    let is_set = |at: usize| entry.get(at..at + 4).is_some_and(|field| field != [0; 4]);
    head.get(510..512) == Some(b"\x55\xaa")
        && entry.first().is_some_and(|status| matches!(status, 0 | 0x80))
        && entry.get(4).is_some_and(|&kind| kind != 0)
        && is_set(8)
        && is_set(12)
}

/// What an archive holds, by its first members.
fn of_archive(head: &[u8]) -> Option<&'static str> {
    const MEMBERS: usize = 256;
    if !is_tar(head) {
        return None;
    }
    let mut reader = Reader::new(Seeking::new(head.to_vec()), Dialect::Gnu);
    let (mut has_settings, mut has_kernel_folder) = (false, false);
    for _ in 0..MEMBERS {
        let Next::Member(member) = reader.next_member() else { return None };
        let path = member.path.strip_prefix(b"./").unwrap_or(&member.path);
        if is_of_images(path) {
            return Some(CONTAINERS);
        }
        if [&b".qcow2"[..], b".vmdk", b".vdi", b".ovf", b".vhd", b".vhdx"]
            .iter()
            .any(|end| path.ends_with(end))
            || path == b"disk.raw"
        {
            return Some(MACHINE);
        }
        let path = path.strip_prefix(b"rootfs/").unwrap_or(path);
        if path.ends_with(b"etc/os-release") || path.ends_with(b"usr/lib/os-release") {
            return Some(ROOT);
        }
        // A package has folders of a system, too, but none that only the kernel fills.
        has_settings |= path.starts_with(b"etc/");
        has_kernel_folder |= matches!(path, b"dev" | b"dev/" | b"proc" | b"proc/" | b"sys" | b"sys/");
        if has_settings && has_kernel_folder {
            return Some(ROOT);
        }
    }
    None
}

/// Whether a member is one of `docker save`, of what writes the same form, or of an OCI layout.
fn is_of_images(path: &[u8]) -> bool {
    let first = path.split(|&byte| byte == b'/').next().unwrap_or_default();
    let digits = first.strip_prefix(b"sha256:").unwrap_or(first);
    let is_digest = digits.len() >= 64
        && digits.get(..64).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        && matches!(digits.get(64..), Some(b"" | b".json" | b".tar" | b".tar.gz"));
    is_digest || first == b"oci-layout" || path.starts_with(b"blobs/sha256") || path.ends_with(b"/layer.tar")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// An archive of members without content.
    fn archive(paths: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for path in paths {
            let mut block = [0; 512];
            block[..path.len()].copy_from_slice(path.as_bytes());
            block[124..135].copy_from_slice(b"00000000000");
            block[156] = if path.ends_with('/') { b'5' } else { b'0' };
            block[257..265].copy_from_slice(b"ustar\x0000");
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            bytes.extend_from_slice(&block);
        }
        bytes.extend([0; 1024]);
        bytes
    }

    fn at(offset: usize, sign: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(sign);
        bytes.resize(bytes.len().max(2048), 0);
        bytes
    }

    #[test]
    fn disks_and_file_systems_by_their_signs() {
        for (offset, sign, what) in SIGNS {
            assert_eq!(of(&at(*offset, sign)), Some(*what));
        }
        for (offset, sign) in MACHINES {
            assert_eq!(of(&at(*offset, sign)), Some(MACHINE));
        }
        let mut disk = at(510, b"\x55\xaa");
        assert_eq!(of(&disk), None, "a boot sector without partitions");
        disk[446..462].copy_from_slice(&[0x80, 0, 2, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0]);
        assert_eq!(of(&disk), Some(DISK));
        let mut ext = at(1024 + 56, b"\x53\xef");
        ext[1024 + 24] = 2;
        assert_eq!(of(&ext), Some(FILES));
        assert_eq!(of(&at(1024 + 56, b"\x53\xef\xff")[1..]), None);
        assert_eq!((of(b""), of(b"text"), of(&[0; HEAD])), (None, None, None));
    }

    #[test]
    fn archives_by_their_first_members() {
        let digest = "0123456789abcdef".repeat(4);
        let saved = [format!("{digest}/"), format!("{digest}.json"), format!("sha256:{digest}")];
        for first in
            saved.iter().map(String::as_str).chain(["oci-layout", "blobs/sha256/", "./blobs/sha256/x"])
        {
            assert_eq!(of(&archive(&[first])), Some(CONTAINERS), "{first}");
        }
        for members in [
            &["./", "./bin/", "./dev/", "./etc/", "./etc/x"][..],
            &["metadata.yaml", "rootfs/usr/lib/os-release"],
        ] {
            assert_eq!(of(&archive(members)), Some(ROOT));
        }
        assert_eq!(of(&archive(&["metadata.json", "box.ovf"])), Some(MACHINE));
        // Sources and packages.
        for members in [
            &["tool-1.0/", "tool-1.0/README", "tool-1.0/etc/x"][..],
            &[".PKGINFO", "etc/x", "usr/bin/x"],
            &[],
        ] {
            assert_eq!(of(&archive(members)), None, "{members:?}");
        }
    }

    #[test]
    fn compressed_archives_as_they_are_without() {
        let mut bytes = archive(&["./etc/os-release"]);
        bytes.resize(4 * HEAD, 0);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).unwrap();
        let stored = encoder.finish().unwrap();
        assert_eq!(of(&stored), Some(ROOT));
        assert_eq!(of(&stored[..stored.len() / 2]), Some(ROOT), "cut");
        assert_eq!(of(&[0x1f, 0x8b, 8, 0]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..4096), start in 0..4_usize) {
            let mut bytes = bytes;
            if let Some(sign) = [&b"\x1f\x8b\x08\0"[..], b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"].get(start) {
                bytes.splice(0..0, sign.iter().copied());
            }
            let _ = of(&bytes);
        }
    }
}
