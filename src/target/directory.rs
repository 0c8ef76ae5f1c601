//! A directory of the scanning host as a target: the live root, a mounted disk, a chroot.
//!
//! On Unix every open goes through `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`, so that a link swapped
//! in between looking and opening cannot lead out of the target (kernels before 5.6 fall back to `O_NOFOLLOW`).
//! Files are opened without blocking and without changing their access time where that is allowed.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::tree::{Kind, Listed, ListedKind, Stat, Tree};
use crate::format::ReadAt;

/// A directory of the scanning host.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    #[cfg(unix)]
    handle: rustix::fd::OwnedFd,
}

/// An open regular file of the scanning host.
struct OpenFile {
    file: File,
    size: u64,
}

impl ReadAt for OpenFile {
    fn size(&self) -> u64 {
        self.size
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buf, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buf, offset)
    }
}

impl Directory {
    /// Opens a directory as the root of a target.
    ///
    /// # Errors
    /// When it does not exist, is not a directory or may not be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        if !fs::metadata(path)?.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a directory"));
        }
        Ok(Directory {
            #[cfg(unix)]
            handle: {
                use rustix::fs::{Mode, OFlags};
                rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?
            },
            path: path.to_owned(),
        })
    }

    fn host_path(&self, path: &[u8]) -> io::Result<PathBuf> {
        if path.is_empty() {
            return Ok(self.path.clone());
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            Ok(self.path.join(std::ffi::OsStr::from_bytes(path)))
        }
        #[cfg(not(unix))]
        {
            let text = std::str::from_utf8(path).map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
            Ok(self.path.join(text))
        }
    }

    #[cfg(unix)]
    fn open_beneath(&self, path: &[u8]) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::ResolveFlags;
            use rustix::io::Errno;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            let open = |flags| rustix::fs::openat2(&self.handle, path, flags, Mode::empty(), resolve);
            let opened = match open(flags | OFlags::NOATIME) {
                Err(Errno::PERM) => open(flags),
                other => other,
            };
            match opened {
                // No openat2 (old kernel, or a seccomp filter that does not know it): the fallback below.
                Err(Errno::NOSYS) => {}
                other => return Ok(File::from(other?)),
            }
        }
        Ok(File::from(rustix::fs::openat(&self.handle, path, flags, Mode::empty())?))
    }
}

impl Tree for Directory {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        #[cfg(unix)]
        {
            use rustix::fs::{AtFlags, FileType};
            let name: &[u8] = if path.is_empty() { b"." } else { path };
            let stat = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let kind = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Directory,
                FileType::Symlink => {
                    Kind::Link(rustix::fs::readlinkat(&self.handle, name, Vec::new())?.into_bytes())
                }
                _ => Kind::Special,
            };
            Ok(Stat {
                kind,
                size: u64::try_from(stat.st_size).unwrap_or(0),
                executable: stat.st_mode & 0o111 != 0,
                placeholder: false,
            })
        }
        #[cfg(not(unix))]
        {
            let path = self.host_path(path)?;
            stat_of(&fs::symlink_metadata(&path)?, &path)
        }
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.host_path(path)?)? {
            let entry = entry?;
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_dir() => ListedKind::Directory,
                Ok(kind) if kind.is_file() => ListedKind::File,
                Ok(kind) if kind.is_symlink() => ListedKind::Link,
                _ => ListedKind::Special,
            };
            names.push(Listed { name: name_bytes(&entry.file_name()), kind });
        }
        Ok(names)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        #[cfg(unix)]
        let file = self.open_beneath(path)?;
        #[cfg(not(unix))]
        let file = File::open(self.host_path(path)?)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok(Box::new(OpenFile { size: metadata.len(), file }))
    }

    fn host_directory(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

/// The bytes of a name: as stored on Unix, UTF-8 (with unpaired surrogates replaced) on Windows.
pub fn name_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        name.as_bytes().to_vec()
    }
    #[cfg(not(unix))]
    {
        name.to_string_lossy().into_owned().into_bytes()
    }
}

/// The stat of a file of the host from its metadata (which must not have followed a link).
///
/// # Errors
/// When it is a link that cannot be read.
#[cfg_attr(unix, expect(dead_code, reason = "Unix asks by directory handle instead"))]
fn stat_of(metadata: &Metadata, path: &Path) -> io::Result<Stat> {
    let kind = if metadata.is_symlink() {
        Kind::Link(fs::read_link(path)?.to_string_lossy().replace('\\', "/").into_bytes())
    } else if metadata.is_dir() {
        Kind::Directory
    } else if metadata.is_file() {
        Kind::File
    } else {
        Kind::Special
    };
    #[cfg(windows)]
    let placeholder = {
        // FILE_ATTRIBUTE_OFFLINE | RECALL_ON_OPEN | RECALL_ON_DATA_ACCESS: opening would fetch the file.
        const RECALL: u32 = 0x1000 | 0x4_0000 | 0x40_0000;
        std::os::windows::fs::MetadataExt::file_attributes(metadata) & RECALL != 0
    };
    #[cfg(not(windows))]
    let placeholder = false;
    Ok(Stat { kind, size: metadata.len(), executable: true, placeholder })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn open_refuses_links_and_pipes_without_blocking() {
        let scratch = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), scratch.path().join("link")).unwrap();
        fs::create_dir(scratch.path().join("real")).unwrap();
        fs::write(scratch.path().join("real/file"), b"x").unwrap();
        std::os::unix::fs::symlink("real", scratch.path().join("dirlink")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            scratch.path().join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let tree = Directory::open(scratch.path()).unwrap();
        assert!(tree.open(b"link").is_err());
        assert!(tree.open(b"dirlink/file").is_err(), "a link in the middle leads nowhere");
        assert!(tree.open(b"../x").is_err());
        assert!(tree.open(b"pipe").is_err());
        assert_eq!(tree.open(b"real/file").unwrap().size(), 1);
        assert_eq!(tree.stat(b"pipe").unwrap().kind, Kind::Special);
    }
}
