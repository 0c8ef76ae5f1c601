//! Where an output goes, found by handles: no link, device, pipe or socket that another account could have put there.
//!
//! Folders are opened one after the other without following links; a link counts only when root or this account made
//! it (as `CHASE_SAFE` of systemd has it). A file is made in the open folder and renamed there, whatever its path names
//! by then. What is no file is written to only where the user can mean it: see [`Place::of`].

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};

/// Links on the way to a folder; Linux itself follows as many.
const MAX_LINKS: usize = 40;

/// Where an output goes.
pub(super) enum Place {
    /// A descriptor that the shell opened: what writes there is in the user's hands.
    Inherited(Inherited),
    /// A pipe or a character device of this name in the folder.
    Stream(OwnedFd, OsString),
    /// A file in this folder, which is made, or replaced as a whole.
    File(OwnedFd),
}

/// A descriptor by the names that systems have for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inherited {
    Stdout,
    Stderr,
    Other(OsString),
}

impl Place {
    /// Where a path leads. Written to as they are: descriptors that the shell opened (`/dev/stdout`, `/dev/fd/63` of
    /// `>(...)`); pipes of this account and character devices of this account or root (`/dev/null`, `/dev/tty`), in
    /// folders where nobody else can replace them. Files, and links to files, are replaced.
    ///
    /// # Errors
    /// When the folder cannot be reached, a link on the way is another account's, or what is there is anything else.
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        if let Some(inherited) = inherited(path) {
            return Ok(Place::Inherited(inherited));
        }
        let (folder, name) = folder(path)?;
        let there = match rustix::fs::statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => there,
            Err(rustix::io::Errno::NOENT) => return Ok(Place::File(folder)),
            Err(error) => return Err(error.into()),
        };
        match kind(&there) {
            FileType::Directory => Err(is_folder(path)),
            FileType::RegularFile => Ok(Place::File(folder)),
            FileType::Symlink => {
                match rustix::fs::statat(&folder, &name, AtFlags::empty()).map(|to| kind(&to)) {
                    Ok(FileType::Directory) => Err(is_folder(path)),
                    Ok(FileType::RegularFile) | Err(_) => Ok(Place::File(folder)),
                    Ok(_) => Err(refused("it is a link to a device, pipe or socket; name that itself")),
                }
            }
            FileType::Fifo if owner(&there) != own() => {
                Err(refused("it is a pipe of another account, which could keep debar waiting for ever"))
            }
            FileType::CharacterDevice if !is_trusted(owner(&there)) => {
                Err(refused("it is a device of another account"))
            }
            FileType::Fifo | FileType::CharacterDevice if is_open_to_others(&folder)? => {
                Err(refused("it is a pipe or device in a folder where others can replace it"))
            }
            FileType::Fifo | FileType::CharacterDevice => Ok(Place::Stream(folder, name)),
            FileType::BlockDevice => Err(refused("it is a block device, whose content would be overwritten")),
            _ => Err(refused("it is neither a file nor a pipe")),
        }
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

fn is_folder(path: &Path) -> io::Error {
    let file = path.join("report.json");
    refused(&format!("it is a folder. Name a file in it, for example {}", file.display()))
}

// Types of fields differ between systems.
#[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn owner(stat: &Stat) -> u32 {
    stat.st_uid
}

fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn is_trusted(owner: u32) -> bool {
    owner == 0 || owner == own()
}

/// Whether another account can replace what is in a folder: its owner, or everybody who may write to it unless it is
/// sticky, as /tmp is.
fn is_open_to_others(folder: &OwnedFd) -> io::Result<bool> {
    let stat = rustix::fs::fstat(folder)?;
    let mode = Mode::from_raw_mode(stat.st_mode);
    let is_shared = mode.intersects(Mode::WGRP | Mode::WOTH) && !mode.contains(Mode::SVTX);
    Ok(!is_trusted(owner(&stat)) || is_shared)
}

/// Whether a folder is another account's, or everybody may replace what is in it.
pub(super) fn is_of_others(path: &Path) -> io::Result<bool> {
    let (folder, _) = folder(&path.join("x"))?;
    let stat = rustix::fs::fstat(&folder)?;
    let mode = Mode::from_raw_mode(stat.st_mode);
    Ok(!is_trusted(owner(&stat)) || mode.contains(Mode::WOTH) && !mode.contains(Mode::SVTX))
}

/// The descriptor that a path names, by its text alone.
fn inherited(path: &Path) -> Option<Inherited> {
    match path.to_str()? {
        "/dev/stdout" => return Some(Inherited::Stdout),
        "/dev/stderr" => return Some(Inherited::Stderr),
        _ => {}
    }
    let number =
        ["/dev/fd/", "/proc/self/fd/"].iter().find_map(|start| path.to_str()?.strip_prefix(start))?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match number {
        "1" => Some(Inherited::Stdout),
        "2" => Some(Inherited::Stderr),
        _ => is_number.then(|| Inherited::Other(path.into())),
    }
}

impl Inherited {
    /// A handle to what the descriptor is.
    pub(super) fn open(&self) -> io::Result<File> {
        let file = match self {
            Inherited::Stdout => io::stdout().as_fd().try_clone_to_owned()?.into(),
            Inherited::Stderr => io::stderr().as_fd().try_clone_to_owned()?.into(),
            // Opened again; what a shell's `3>file` has written is kept.
            Inherited::Other(path) => std::fs::OpenOptions::new().append(true).open(path)?,
        };
        if kind(&rustix::fs::fstat(&file)?) == FileType::BlockDevice {
            return Err(refused("it is a block device, whose content would be overwritten"));
        }
        Ok(file)
    }
}

/// Opens the pipe or device that [`Place::of`] saw, and no other that took its place.
pub(super) fn open_stream(folder: &OwnedFd, name: &OsStr) -> io::Result<File> {
    let before = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    let opened = rustix::fs::fstat(&file)?;
    let is_same = (before.st_dev, before.st_ino) == (opened.st_dev, opened.st_ino);
    match kind(&opened) {
        FileType::Fifo | FileType::CharacterDevice if is_same && is_trusted(owner(&opened)) => {
            Ok(file.into())
        }
        _ => Err(refused("it was replaced while it was opened")),
    }
}

/// Makes a file of this name, which must not be there.
pub(super) fn create(folder: &OwnedFd, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP | Mode::ROTH | Mode::WOTH;
    Ok(rustix::fs::openat(folder, name, flags, mode)?.into())
}

/// The folder of a path, open, and the name in it.
fn folder(path: &Path) -> io::Result<(OwnedFd, OsString)> {
    let name = path.file_name().filter(|_| !path.as_os_str().as_bytes().ends_with(b"/"));
    let no_name = || {
        let is_there = path.is_dir();
        if is_there {
            is_folder(path)
        } else {
            refused("it ends in `/`, so it names a folder. Name a file in it")
        }
    };
    let name = name.ok_or_else(no_name)?.to_owned();
    let mut steps: Vec<OsString> = Vec::new();
    push(&mut steps, path.parent().unwrap_or(Path::new("")));
    let mut folder = open(CWD, OsStr::new("."))?;
    let mut links = 0;
    while let Some(step) = steps.pop() {
        let error = match open(&folder, &step) {
            Ok(next) => {
                folder = next;
                continue;
            }
            Err(error) => error,
        };
        let stat = rustix::fs::statat(&folder, &step, AtFlags::SYMLINK_NOFOLLOW)?;
        if kind(&stat) != FileType::Symlink {
            return Err(error.into());
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(rustix::io::Errno::LOOP.into());
        }
        if !is_trusted(owner(&stat)) {
            let step = Path::new(&step).display();
            let why =
                format!("on the way to it `{step}` is a link of another account; name the folder itself");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let target = rustix::fs::readlinkat(&folder, &step, Vec::new())?;
        push(&mut steps, Path::new(OsStr::from_bytes(target.as_bytes())));
    }
    Ok((folder, name))
}

/// Puts the steps of a path on top, the first at the very top.
fn push(steps: &mut Vec<OsString>, path: &Path) {
    let of_path = path.components().rev().filter(|step| *step != Component::CurDir);
    steps.extend(of_path.map(|step| step.as_os_str().to_owned()));
}

fn open(folder: impl AsFd, name: &OsStr) -> rustix::io::Result<OwnedFd> {
    // By path alone where there is such a handle: a confined process may not list the folder, nor need it.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let access = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let access = OFlags::RDONLY;
    let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn mkfifo(path: &Path) {
        rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }

    fn why(path: &Path) -> String {
        Place::of(path).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn descriptors_are_known_by_their_names_alone() {
        assert_eq!(inherited(Path::new("/dev/stdout")), Some(Inherited::Stdout));
        assert_eq!(inherited(Path::new("/proc/self/fd/2")), Some(Inherited::Stderr));
        assert!(matches!(inherited(Path::new("/dev/fd/63")), Some(Inherited::Other(_))));
        for other in
            ["/dev/fd/", "/dev/fd/../sda", "/dev/fd/6x", "/dev/null", "dev/stdout", "/tmp/dev/stdout"]
        {
            assert_eq!(inherited(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn devices_of_the_system_stay_usable() {
        for device in ["/dev/null", "/dev/full"] {
            let Ok(Place::Stream(folder, name)) = Place::of(Path::new(device)) else { panic!("{device}") };
            open_stream(&folder, &name).unwrap();
        }
    }

    #[test]
    fn links_to_devices_and_pipes_are_refused_and_links_to_files_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        mkfifo(&at("pipe"));
        std::fs::write(at("file"), "x").unwrap();
        for (name, target) in
            [("to-null", "/dev/null"), ("to-pipe", "pipe"), ("to-file", "file"), ("dangling", "none")]
        {
            std::os::unix::fs::symlink(target, at(name)).unwrap();
        }
        assert!(why(&at("to-null")).contains("link to a device"));
        assert!(why(&at("to-pipe")).contains("link to a device"));
        assert!(matches!(Place::of(&at("to-file")), Ok(Place::File(..))));
        assert!(matches!(Place::of(&at("dangling")), Ok(Place::File(..))));
        std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        assert!(why(&at("socket")).contains("neither a file nor a pipe"));
        assert!(
            why(&at("none/x")).contains("No such file") && why(&at("file/x")).contains("Not a directory")
        );
        assert!(why(&at("file/")).contains("names a folder"));
    }

    #[test]
    fn a_pipe_is_written_to_only_where_nobody_else_can_replace_it() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mkfifo(&pipe);
        assert!(matches!(Place::of(&pipe), Ok(Place::Stream(..))));
        let set = |mode| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(folder.path(), mode).unwrap();
        };
        set(0o777);
        assert!(why(&pipe).contains("others can replace it"));
        set(0o1777);
        assert!(matches!(Place::of(&pipe), Ok(Place::Stream(..))));
    }

    #[test]
    fn what_another_account_made_leads_nowhere() {
        // Only root can give a file away.
        if own() != 0 {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::os::unix::fs::symlink("real", at("mine")).unwrap();
        std::os::unix::fs::symlink("real", at("theirs")).unwrap();
        std::os::unix::fs::lchown(at("theirs"), Some(12345), None).unwrap();
        mkfifo(&at("pipe"));
        std::os::unix::fs::lchown(at("pipe"), Some(12345), None).unwrap();
        assert!(matches!(Place::of(&at("mine/r.json")), Ok(Place::File(..))));
        assert!(why(&at("theirs/r.json")).contains("link of another account"));
        assert!(why(&at("pipe")).contains("pipe of another account"));
    }
}
