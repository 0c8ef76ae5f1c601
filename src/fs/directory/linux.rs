//! Opening without following links, whatever is swapped in on the way.

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, Result};

use crate::fs::tree::OverlayMark;

/// For reading, without waiting for the other end of a pipe.
pub const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NOCTTY);
/// For looking at a name: nothing is opened, and a link in the last place is itself.
pub const LOOK: OFlags = OFlags::PATH.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

pub fn open_whole(top: &OwnedFd, path: &[u8], flags: OFlags) -> Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    rustix::fs::openat2(top, path, flags, Mode::empty(), resolve)
}

/// Opens without changing the access time, where that is allowed: for root and the owner.
pub fn unseen(flags: OFlags, open: impl Fn(OFlags) -> Result<OwnedFd>) -> Result<OwnedFd> {
    match open(flags | OFlags::NOATIME) {
        Err(Errno::PERM) => open(flags),
        other => other,
    }
}

/// As [`open_whole`], one component at a time.
pub fn open_by_steps(top: &OwnedFd, path: &[u8], flags: OFlags) -> Result<OwnedFd> {
    let (middle, last) = match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (&[][..], path),
    };
    let mut handle: Option<OwnedFd> = None;
    for name in middle.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        let at = handle.as_ref().map_or(top.as_fd(), AsFd::as_fd);
        let next = rustix::fs::openat(at, only_down(name)?, LOOK, Mode::empty())?;
        if FileType::from_raw_mode(rustix::fs::fstat(&next)?.st_mode) == FileType::Symlink {
            return Err(Errno::LOOP);
        }
        handle = Some(next);
    }
    let at = handle.as_ref().map_or(top.as_fd(), AsFd::as_fd);
    rustix::fs::openat(at, only_down(last)?, flags, Mode::empty())
}

/// A name that leads nowhere but down.
pub fn only_down(name: &[u8]) -> Result<&[u8]> {
    if name == b".." { Err(Errno::XDEV) } else { Ok(name) }
}

/// How the extended attributes of an overlay file system mark a directory or file. `trusted.` ones show
/// themselves to root only, as does what they are on; `user.` ones are those of rootless engines.
pub fn mark(handle: &OwnedFd, is_directory: bool) -> std::io::Result<OverlayMark> {
    let names: &[(&str, OverlayMark)] = if is_directory {
        &[
            ("overlay.opaque", OverlayMark::Opaque),
            ("fuseoverlayfs.opaque", OverlayMark::Opaque),
            ("overlay.redirect", OverlayMark::Redirected),
        ]
    } else {
        &[("overlay.metacopy", OverlayMark::MetadataOnly)]
    };
    for namespace in ["trusted", "user"] {
        for (name, mark) in names {
            let mut value = [0; 256];
            match rustix::fs::fgetxattr(handle, format!("{namespace}.{name}"), &mut value) {
                Ok(_) if *mark == OverlayMark::Opaque && value.first() != Some(&b'y') => {}
                Ok(_) | Err(Errno::RANGE) => return Ok(*mark),
                // Not there, or a file system without attributes.
                Err(Errno::NODATA | Errno::NOTSUP | Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(OverlayMark::None)
}

/// Links were followed before a path comes here: one that is met now was put there in between.
pub fn io_error(error: Errno) -> std::io::Error {
    match error {
        Errno::LOOP => std::io::Error::other(
            "a link took the place of a file or directory while it was looked at; it was not followed",
        ),
        other => other.into(),
    }
}
