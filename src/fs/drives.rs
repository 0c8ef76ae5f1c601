//! The drives of a Windows as one tree: its own at the root, each other one as a folder of the top by its letter
//! (`D:`), which is a name that no file or folder of Windows can have.

use std::io;

use super::tree::{Kind, Listed, ListedKind, Stat, Tree};
use crate::bytes::ReadAt;

/// Several drives.
pub struct Drives {
    system: Box<dyn Tree>,
    others: Vec<Drive>,
}

/// A drive beside that of Windows.
pub struct Drive {
    /// Its letter and a colon, e.g. `D:`.
    pub name: Vec<u8>,
    /// Its files, or why it cannot be opened (one that is locked, for example).
    pub tree: io::Result<Box<dyn Tree>>,
}

impl Drives {
    /// The drive of Windows and the others.
    pub fn new(system: Box<dyn Tree>, others: Vec<Drive>) -> Self {
        Drives { system, others }
    }

    /// The tree that a path lies in, and the path there.
    fn at<'t, 'p>(&'t self, path: &'p [u8]) -> io::Result<(&'t dyn Tree, &'p [u8])> {
        let (first, rest) = match path.iter().position(|&byte| byte == b'/') {
            Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
            None => (path, &b""[..]),
        };
        match self.others.iter().find(|drive| drive.name.eq_ignore_ascii_case(first)) {
            Some(Drive { tree: Ok(tree), .. }) => Ok((tree.as_ref(), rest)),
            Some(Drive { tree: Err(error), .. }) => Err(io::Error::new(error.kind(), error.to_string())),
            None => Ok((self.system.as_ref(), path)),
        }
    }
}

impl Tree for Drives {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        let (tree, path) = self.at(path)?;
        if path.is_empty() { Ok(Stat::of(Kind::Directory)) } else { tree.stat(path) }
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        let mut names = Vec::new();
        self.list_into(path, &mut names)?;
        Ok(names)
    }

    fn list_into(&self, path: &[u8], names: &mut Vec<Listed>) -> io::Result<()> {
        if path.is_empty() {
            let drives = self.others.iter().map(|drive| drive.name.clone());
            names.extend(drives.map(|name| Listed { name, kind: ListedKind::Directory }));
        }
        let (tree, path) = self.at(path)?;
        tree.list_into(path, names)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        let (tree, path) = self.at(path)?;
        tree.open(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;
    use crate::fs::tree::join;

    #[test]
    fn each_drive_is_a_folder_of_the_top() {
        let locked = io::Error::new(io::ErrorKind::PermissionDenied, "locked");
        let others = vec![
            Drive { name: b"D:".to_vec(), tree: Ok(Box::new(Memory::new().file("x/y", "yes"))) },
            Drive { name: b"E:".to_vec(), tree: Err(locked) },
        ];
        let drives = Drives::new(Box::new(Memory::new().file("x/y", "")), others);
        let names: Vec<_> = drives.list(b"").unwrap().into_iter().map(|listed| listed.name).collect();
        assert_eq!(names, [b"D:".as_slice(), b"E:", b"x"]);
        assert_eq!(drives.stat(b"d:").unwrap().kind, Kind::Directory);
        assert_eq!(drives.stat(b"D:/x/y").unwrap().size, 3);
        assert_eq!((drives.stat(b"x/y").unwrap().size, drives.open(b"D:/x/y").unwrap().size()), (0, 3));
        assert_eq!(drives.list(&join(b"D:", b"x")).unwrap().len(), 1);
        for path in [b"E:".as_slice(), b"E:/x"] {
            assert_eq!(drives.stat(path).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        }
    }
}
