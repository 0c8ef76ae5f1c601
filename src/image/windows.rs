//! Layers of Windows images: files lie below `Files/`, the registry below `Hives/`, and `UtilityVM/` is the Windows
//! that Hyper-V isolation starts.
//!
//! Microsoft's `hcsshim` writes and reads them (`pkg/ociwclayer`, `internal/wclayer`): the lowest layer has whole
//! hives among its files, each further one only what it changed (`Hives/Software_Delta` and so on). Those hives are
//! no files of the container; they are kept beside its tree and stacked by the registry.

use super::layer::inside;

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

/// The target of a symbolic link or junction as one from the root of the container: `C:\Users` is `/Users`.
pub(super) fn link(target: &[u8]) -> Vec<u8> {
    let slashes: Vec<u8> = target.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
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
    match place(inside(target).0) {
        Place::File(path) => path,
        // Nothing is linked to a hive; what is would be dangling, and told.
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
