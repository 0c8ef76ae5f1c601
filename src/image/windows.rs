//! Layers of Windows images: files lie below `Files/`, the registry below `Hives/`, and `UtilityVM/` is the Windows
//! that Hyper-V isolation starts.
//!
//! Microsoft's `hcsshim` writes and reads them (`pkg/ociwclayer`, `internal/wclayer`): the lowest layer has whole
//! hives among its files, each further one only what it changed (`Hives/Software_Delta` and so on). Those hives are
//! no files of the container; they are kept beside its tree and stacked by the registry.

use super::layer::{LayerIndex, inside};

/// Whether a layer that was read as one of another system is of a Windows image.
pub(super) fn has_windows(layer: &LayerIndex) -> bool {
    let is_hive = |name: &[u8]| {
        let name = name.to_ascii_lowercase();
        name.ends_with(b"_delta") || name.ends_with(b"_base")
    };
    let folder = |member: u32| layer.folder_path(member).to_ascii_lowercase();
    let is_sign = |path: &[u8]| path == b"files/windows" || path.starts_with(b"files/windows/");
    layer.folders.iter().enumerate().any(|(number, folder_of)| {
        // Only what is called so is worth making its path for.
        layer.name(folder_of.name).eq_ignore_ascii_case(b"windows")
            && u32::try_from(number).is_ok_and(|number| is_sign(&folder(number)))
    }) || layer.members.iter().any(|member| {
        let name = layer.name(member.name);
        let with_backslash = [b"files\\".as_slice(), b"hives\\"]
            .iter()
            .any(|sign| name.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign)));
        with_backslash || (is_hive(name) && folder(member.folder) == b"hives")
    })
}

/// Whether a layer has what a Linux has.
pub(super) fn has_linux(layer: &LayerIndex) -> bool {
    const SIGNS: &[(&[u8], &[u8])] = &[
        (b"etc", b"os-release"),
        (b"usr/lib", b"os-release"),
        (b"var/lib/dpkg", b"status"),
        (b"lib/apk/db", b"installed"),
        (b"var/lib/rpm", b"rpmdb.sqlite"),
        (b"etc", b"passwd"),
    ];
    layer.members.iter().any(|member| {
        let name = layer.name(member.name);
        SIGNS.iter().any(|(folder, sign)| *sign == name && layer.folder_path(member.folder) == *folder)
    })
}

/// Where a member of a layer belongs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the container's files.
    File(Vec<u8>),
    /// Beside them: a hive of this layer.
    Hive(Vec<u8>),
    /// A folder of the layer's own.
    Nowhere,
}

/// Where the member at a path of the layer belongs; names compare without case.
pub(super) fn place(path: Vec<u8>) -> Place {
    let mut parts = path.splitn(2, |&byte| byte == b'/');
    let (first, rest) = (parts.next().unwrap_or_default(), parts.next());
    match rest {
        Some(rest) if first.eq_ignore_ascii_case(b"Files") => Place::File(rest.to_vec()),
        Some(name) if first.eq_ignore_ascii_case(b"Hives") && !name.contains(&b'/') => {
            Place::Hive(name.to_vec())
        }
        None if first.eq_ignore_ascii_case(b"Files") || first.eq_ignore_ascii_case(b"Hives") => {
            Place::Nowhere
        }
        _ => Place::File(path),
    }
}

/// A path with slashes of one kind.
pub(super) fn slashes(path: &[u8]) -> Vec<u8> {
    path.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
}

/// The target of a symbolic link or junction as one from the root of the container: `C:\Users` is `/Users`.
pub(super) fn link(target: &[u8]) -> Vec<u8> {
    let slashes = slashes(target);
    let path = [b"/??/".as_slice(), b"//?/"].iter().find_map(|prefix| slashes.strip_prefix(*prefix));
    let path = path.unwrap_or(&slashes);
    match path {
        [b'C' | b'c', b':'] => b"/".to_vec(),
        [b'C' | b'c', b':', rest @ ..] if rest.first() == Some(&b'/') => rest.to_vec(),
        _ => path.to_vec(),
    }
}

/// The target of a hard link, which is a path of the layer.
pub(super) fn hard_link(target: &[u8]) -> Vec<u8> {
    match place(inside(&slashes(target)).0) {
        Place::File(path) => path,
        // Nothing is linked to a hive; what is would be dangling, and reported.
        Place::Hive(_) | Place::Nowhere => target.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hives_and_the_rest() {
        let of = |path: &str| place(path.as_bytes().to_vec());
        assert_eq!(of("Files/Windows/x"), Place::File(b"Windows/x".to_vec()));
        assert_eq!(of("files/Hives/Software_Delta"), Place::File(b"Hives/Software_Delta".to_vec()));
        assert_eq!(of("Hives/Software_Delta"), Place::Hive(b"Software_Delta".to_vec()));
        assert_eq!((of("Files"), of("Hives")), (Place::Nowhere, Place::Nowhere));
        assert_eq!(of("UtilityVM/Files/x"), Place::File(b"UtilityVM/Files/x".to_vec()));
    }

    #[test]
    fn links_lead_from_the_root() {
        for target in [r"C:\Users\a", "c:/Users/a", r"\??\C:\Users\a", r"\\?\C:\Users\a"] {
            assert_eq!(link(target.as_bytes()), b"/Users/a", "{target}");
        }
        assert_eq!(link(br"..\Users"), b"../Users");
        assert_eq!(link(br"D:\x"), b"D:/x");
        assert_eq!(hard_link(b"Files/a/b"), b"a/b");
    }
}
