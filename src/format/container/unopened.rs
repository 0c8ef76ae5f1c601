//! Archives and images of disks that debar does not open, by the bytes that they begin or end with: such a file may hold a
//! setup.
//!
//! Sources: 7-Zip's `7zFormat.txt`; RARLAB's "RAR 5.0 archive format"; Microsoft's "Cabinet format" and "VHD"/"MS-VHDX"; ECMA-119
//! (ISO 9660); ECMA-167 (UDF); squashfs(7) of the kernel; QEMU's `qcow2.txt`; VMware's "Virtual Disk Format"; VirtualBox'
//! `VDICore.h`; cpio(5); the database of file(1).

use super::system_image::MACHINES;
use super::system_image::is_ext;
use crate::bytes::ReadAt;

/// A cabinet.
pub const CABINET: &str = "cabinet";
/// The image of a disc.
pub const DISC: &str = "disc image";
const DISK: &str = "disk image";

/// Where what stands, and what a file with it is.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (0, b"Rar!\x1a\x07", "RAR archive"),
    (0, b"MSCF\0\0\0\0", CABINET),
    (0, b"ISc(", "cabinet of InstallShield"),
    (0, b"MSWIM\0\0\0", "image of Windows"),
    (0, b"hsqs", "SquashFS image"),
    (0, b"flatpak\0", "Flatpak bundle"),
    (0, b"\x1f\x9d", "file of compress"),
    (0, b"LZIP\x01", "file of lzip"),
    (0, b"\x04\x22\x4d\x18", "file of lz4"),
    (0, b"070701", "cpio archive"),
    (0, b"070702", "cpio archive"),
    (0, b"070707", "cpio archive"),
    (0, b"COWD", DISK),
    (0x8001, b"CD001", DISC),
    (0x8001, b"BEA01", DISC),
];
/// The footer of a fixed VHD.
const FOOTER: u64 = 512;

/// What an archive or image is that debar does not open; `None` for other files. `head`: the first bytes of the file.
pub fn kind(head: &[u8], file: &dyn ReadAt) -> Option<&'static str> {
    let has = |at: u64, magic: &[u8]| {
        let within = usize::try_from(at).ok().and_then(|at| head.get(at..)?.get(..magic.len()));
        match within {
            Some(bytes) => bytes == magic,
            None => file.read_vec(at, magic.len()).is_ok_and(|bytes| bytes == magic),
        }
    };
    let by_magic = MAGIC.iter().find(|(at, magic, _)| has(*at as u64, magic)).map(|(_, _, what)| *what);
    let is_machine = || MACHINES.iter().any(|(at, magic)| has(*at as u64, magic));
    let is_fixed = || file.size().checked_sub(FOOTER).is_some_and(|at| has(at, b"conectix"));
    by_magic.or_else(|| (is_machine() || is_fixed() || is_ext(head)).then_some(DISK))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind_of(bytes: &[u8]) -> Option<&'static str> {
        kind(bytes.get(..4096).unwrap_or(bytes), &bytes)
    }

    #[test]
    fn each_kind_is_known_wherever_its_magic_stands() {
        let machines = MACHINES.iter().map(|(at, magic)| (at, magic, &DISK));
        for (at, magic, what) in MAGIC.iter().map(|(at, magic, what)| (at, magic, what)).chain(machines) {
            let bytes = [vec![b'x'; *at], magic.to_vec()].concat();
            assert_eq!(kind_of(&bytes), Some(*what));
            assert_eq!(kind_of(&bytes[..bytes.len() - 1]), None, "{what}");
        }
        let fixed = [vec![b'x'; 6000], b"conectix".to_vec(), vec![0; 504]].concat();
        assert_eq!(kind_of(&fixed), Some(DISK));
        let mut ext = vec![0; 4096];
        ext[0x438..0x43a].copy_from_slice(b"\x53\xef");
        assert_eq!(kind_of(&ext), Some(DISK));
        ext[1024 + 24] = 9;
        assert_eq!(kind_of(&ext), None, "no size of blocks");
        assert_eq!((kind_of(b""), kind_of(b"text")), (None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            kind_of(&bytes);
        }
    }
}
