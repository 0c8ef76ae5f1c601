//! A directory of the scanning host as a target: the live root, a mounted disk, a chroot.
//!
//! On Unix every look starts at one handle on the directory. On Linux no path is followed through a link, not even
//! one that is swapped in between looking and opening: `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`, or,
//! where the kernel has none (before 5.6) or a filter forbids it, a chain of handles, one component at a time.
//! Directories and files are opened without blocking and without changing their access time where that is
//! allowed (`O_NOATIME`: root and the owner). Reading a link changes the link's own access time; Linux has no
//! way to prevent that.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod parents;

#[cfg(target_os = "linux")]
use super::tree::OverlayMark;
use super::tree::{Kind, Listed, ListedKind, Stat, Tree};
use crate::bytes::ReadAt;

/// A directory of the scanning host.
#[derive(Debug)]
pub struct Directory {
    #[cfg(not(unix))]
    path: PathBuf,
    #[cfg(unix)]
    handle: rustix::fd::OwnedFd,
    /// Whether the kernel resolves whole paths without links (`openat2`).
    #[cfg(target_os = "linux")]
    whole_paths: bool,
    #[cfg(target_os = "linux")]
    id: parents::Id,
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
        #[cfg(unix)]
        let handle = {
            use rustix::fs::{Mode, OFlags};
            rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?
        };
        Ok(Directory {
            #[cfg(target_os = "linux")]
            whole_paths: linux::open_whole(&handle, b".", linux::LOOK).is_ok(),
            #[cfg(target_os = "linux")]
            id: parents::Id::next(),
            #[cfg(unix)]
            handle,
            #[cfg(not(unix))]
            path: path.to_owned(),
        })
    }

    #[cfg(not(unix))]
    fn host_path(&self, path: &[u8]) -> io::Result<PathBuf> {
        if path.is_empty() {
            return Ok(self.path.clone());
        }
        joined(&self.path, path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Opens a file or directory for reading; no link is followed.
    #[cfg(target_os = "linux")]
    fn open_beneath(&self, path: &[u8], more: rustix::fs::OFlags) -> io::Result<rustix::fd::OwnedFd> {
        linux::unseen(linux::READ | more, |flags| self.at(path, flags)).map_err(linux::io_error)
    }

    #[cfg(target_os = "linux")]
    fn at(&self, path: &[u8], flags: rustix::fs::OFlags) -> rustix::io::Result<rustix::fd::OwnedFd> {
        let path: &[u8] = if path.is_empty() { b"." } else { path };
        if self.whole_paths {
            linux::open_whole(&self.handle, path, flags)
        } else {
            linux::open_by_steps(&self.handle, path, flags)
        }
    }

    /// A handle on a directory, to look at what lies in it.
    #[cfg(target_os = "linux")]
    fn directory(&self, path: &[u8]) -> rustix::io::Result<rustix::fd::OwnedFd> {
        use rustix::fs::OFlags;
        self.at(path, linux::LOOK.union(OFlags::DIRECTORY)).map_err(|error| self.explained(path, error))
    }

    /// Opens a directory for listing; from its parent, where that is among the last that were looked into.
    #[cfg(target_os = "linux")]
    fn listable(&self, path: &[u8]) -> rustix::io::Result<std::rc::Rc<rustix::fd::OwnedFd>> {
        use rustix::fs::{Mode, OFlags};
        let parent = match path.iter().rposition(|&byte| byte == b'/') {
            Some(at) => parents::known(self.id, path.get(..at).unwrap_or_default())
                .map(|handle| (handle, path.get(at + 1..).unwrap_or_default())),
            None => None,
        };
        let open = |flags| match &parent {
            Some((handle, name)) => {
                rustix::fs::openat(&**handle, linux::only_down(name)?, flags, Mode::empty())
            }
            None => self.at(path, flags),
        };
        linux::unseen(linux::READ | OFlags::DIRECTORY, open)
            .map(|handle| parents::remember(self.id, path, handle))
            .map_err(|error| self.explained(path, error))
    }

    /// A link where a directory was is not "no directory": it must be reported.
    #[cfg(target_os = "linux")]
    fn explained(&self, path: &[u8], error: rustix::io::Errno) -> rustix::io::Errno {
        use rustix::fs::{FileType, fstat};
        use rustix::io::Errno;
        let is_link = || {
            let stat = self.at(path, linux::LOOK).and_then(fstat);
            stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
        };
        if error == Errno::NOTDIR && is_link() { Errno::LOOP } else { error }
    }

    #[cfg(all(unix, not(target_os = "linux")))]
    fn open_beneath(&self, path: &[u8], more: rustix::fs::OFlags) -> io::Result<rustix::fd::OwnedFd> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
        let path: &[u8] = if path.is_empty() { b"." } else { path };
        Ok(rustix::fs::openat(&self.handle, path, flags | more, Mode::empty())?)
    }
}

impl Directory {
    /// An entry of a directory; `None` for the directory itself and its parent.
    #[cfg(unix)]
    fn listed(&self, directory: &[u8], name: &[u8], kind: rustix::fs::FileType) -> Option<Listed> {
        use rustix::fs::FileType;
        let kind = match kind {
            _ if matches!(name, b"." | b"..") => return None,
            FileType::Directory => ListedKind::Directory,
            FileType::RegularFile => ListedKind::File,
            FileType::Symlink => ListedKind::Link,
            // Some file systems do not say.
            FileType::Unknown => self.listed_kind(&super::tree::join(directory, name)),
            _ => ListedKind::Special,
        };
        Some(Listed { name: name.to_vec(), kind })
    }

    #[cfg(unix)]
    fn listed_kind(&self, path: &[u8]) -> ListedKind {
        match self.stat(path).map(|stat| stat.kind) {
            Ok(Kind::Directory) => ListedKind::Directory,
            Ok(Kind::File) => ListedKind::File,
            Ok(Kind::Link(_)) => ListedKind::Link,
            // Checked as a file, so that what is wrong with it is reported.
            Err(_) => ListedKind::File,
            Ok(Kind::Special) => ListedKind::Special,
        }
    }
}

impl Tree for Directory {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        #[cfg(unix)]
        {
            use rustix::fs::{AtFlags, FileType, readlinkat, statat};
            let direct = if path.is_empty() { b"." } else { path };
            #[cfg(target_os = "linux")]
            let parent;
            #[cfg(target_os = "linux")]
            let (handle, name) = match direct.iter().rposition(|&byte| byte == b'/') {
                Some(at) => {
                    let (above, name) = direct.split_at(at);
                    parent =
                        parents::handle(self.id, above, || self.directory(above)).map_err(linux::io_error)?;
                    (&*parent, name.get(1..).unwrap_or_default())
                }
                None => (&self.handle, direct),
            };
            #[cfg(target_os = "linux")]
            let name = linux::only_down(name)?;
            #[cfg(not(target_os = "linux"))]
            let (handle, name) = (&self.handle, direct);
            let stat = statat(handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let kind = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Directory,
                FileType::Symlink => Kind::Link(readlinkat(handle, name, Vec::new())?.into_bytes()),
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
        self.list_into(path, &mut names)?;
        Ok(names)
    }

    fn list_into(&self, path: &[u8], names: &mut Vec<Listed>) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let handle = self.listable(path).map_err(linux::io_error)?;
            let mut buffer = Vec::with_capacity(32 << 10);
            let mut entries = rustix::fs::RawDir::new(&*handle, buffer.spare_capacity_mut());
            while let Some(entry) = entries.next() {
                let entry = entry?;
                names.extend(self.listed(path, entry.file_name().to_bytes(), entry.file_type()));
            }
        }
        #[cfg(all(unix, not(target_os = "linux")))]
        for entry in rustix::fs::Dir::new(self.open_beneath(path, rustix::fs::OFlags::DIRECTORY)?)? {
            let entry = entry?;
            names.extend(self.listed(path, entry.file_name().to_bytes(), entry.file_type()));
        }
        // Listing a folder that is only in the cloud would fetch it.
        #[cfg(windows)]
        if is_placeholder(&fs::symlink_metadata(self.host_path(path)?)?) {
            return Err(placeholder());
        }
        #[cfg(not(unix))]
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
        Ok(())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        #[cfg(unix)]
        let file = File::from(self.open_beneath(path, rustix::fs::OFlags::empty())?);
        #[cfg(not(unix))]
        let file = {
            let mut options = File::options();
            options.read(true);
            // FILE_FLAG_OPEN_NO_RECALL: should it have become a placeholder since it was checked.
            #[cfg(windows)]
            std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, 0x0010_0000);
            options.open(self.host_path(path)?)?
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok(Box::new(OpenFile { size: metadata.len(), file }))
    }

    #[cfg(target_os = "linux")]
    fn overlay_mark(&self, path: &[u8]) -> io::Result<OverlayMark> {
        use rustix::fs::{FileType, OFlags};
        let looked = self.at(path, linux::LOOK).map_err(linux::io_error)?;
        let stat = rustix::fs::fstat(&looked)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::CharacterDevice if stat.st_rdev == 0 => Ok(OverlayMark::Whiteout),
            FileType::Directory => linux::mark(&self.open_beneath(path, OFlags::DIRECTORY)?, true),
            FileType::RegularFile => linux::mark(&self.open_beneath(path, OFlags::empty())?, false),
            _ => Ok(OverlayMark::None),
        }
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
    Ok(Stat { kind, size: metadata.len(), executable: true, placeholder: is_placeholder(metadata) })
}

/// Whether opening a file, or listing a folder, would fetch it from elsewhere.
pub fn is_placeholder(metadata: &Metadata) -> bool {
    #[cfg(windows)]
    {
        is_recalled(std::os::windows::fs::MetadataExt::file_attributes(metadata))
    }
    #[cfg(not(windows))]
    {
        let _ = metadata;
        false
    }
}

/// `FILE_ATTRIBUTE_OFFLINE`, `RECALL_ON_OPEN` and `RECALL_ON_DATA_ACCESS` ("File Attribute Constants").
#[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "only Windows has such attributes"))]
fn is_recalled(attributes: u32) -> bool {
    attributes & (0x1000 | 0x4_0000 | 0x40_0000) != 0
}

/// The error for a place that is not read because that would fetch it.
pub fn placeholder() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "a cloud placeholder: opening it would fetch it")
}

/// A path of a target below a directory of the host, component by component: behind Windows' prefix for paths as
/// they are, a slash is a character like any other. `None` if a name is not one that the host can have.
pub fn joined(directory: &Path, path: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Some(directory.join(std::ffi::OsStr::from_bytes(path)))
    }
    #[cfg(not(unix))]
    {
        let mut joined = directory.to_owned();
        for name in std::str::from_utf8(path).ok()?.split('/') {
            // A name with a backslash or a colon would be a path or a stream.
            if name.contains(['\\', ':']) {
                return None;
            }
            joined.push(name);
        }
        Some(joined)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_mean_elsewhere() {
        // OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS; and ARCHIVE | REPARSE_POINT | PINNED, which do not.
        assert!([0x1000, 0x4_0000, 0x40_0000].into_iter().all(is_recalled));
        assert!(!is_recalled(0x20 | 0x400 | 0x8_0000));
    }

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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_kernel_without_openat2_is_as_safe() {
        let scratch = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir_all(scratch.path().join("a/b")).unwrap();
        for path in [scratch.path().join("a/b/file"), outside.path().join("file")] {
            fs::write(path, b"x").unwrap();
        }
        std::os::unix::fs::symlink(outside.path(), scratch.path().join("a/out")).unwrap();
        std::os::unix::fs::symlink("b", scratch.path().join("a/in")).unwrap();
        let opened = Directory::open(scratch.path()).unwrap();
        let by_steps = Directory { whole_paths: false, ..Directory::open(scratch.path()).unwrap() };
        assert!(opened.whole_paths || std::env::var_os("DEBAR_TEST_ALL").is_none(), "no openat2 here");
        for tree in [opened, by_steps] {
            assert_eq!(tree.open(b"a/b/file").unwrap().size(), 1);
            assert_eq!(tree.stat(b"a/b/file").unwrap().size, 1);
            assert_eq!(tree.stat(b"").unwrap().kind, Kind::Directory);
            assert_eq!(tree.list(b"a/b").unwrap().len(), 1);
            assert_eq!(tree.list(b"").unwrap().len(), 1);
            assert_eq!(tree.list(b"a").unwrap().len(), 3);
            assert_eq!(tree.stat(b"a/in").unwrap().kind, Kind::Link(b"b".to_vec()));
            for path in [&b"a/out/file"[..], b"a/in/file"] {
                let errors = [tree.open(path).err(), tree.stat(path).err(), tree.list(path).err()];
                for error in errors {
                    // Not "not found": a link where a directory was is reported.
                    assert!(error.unwrap().to_string().contains("took the place"), "{path:?}");
                }
            }
            for path in [&b"a/out"[..], b"a/in"] {
                let errors = [tree.open(path).err(), tree.list(path).err()];
                for error in errors {
                    assert!(error.unwrap().to_string().contains("took the place"), "{path:?}");
                }
            }
            for path in [&b"../x"[..], b"..", b"a/../../x"] {
                assert!(tree.stat(path).is_err() && tree.open(path).is_err() && tree.list(path).is_err());
            }
            assert_eq!(tree.stat(b"a/none").unwrap_err().kind(), io::ErrorKind::NotFound);
            assert_eq!(tree.stat(b"a/b/file/none").unwrap_err().kind(), io::ErrorKind::NotADirectory);
        }
    }
}
