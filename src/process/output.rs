//! Output files: they appear whole or not at all.

use std::ffi::{OsStr, OsString};
#[cfg(any(test, not(unix)))]
use std::fs;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
#[cfg(not(unix))]
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

#[cfg(unix)]
mod place;

/// The temporary file that is being written, for what ends the process in the middle.
static UNFINISHED: Mutex<Option<Temporary>> = Mutex::new(None);

/// Removes what was written of a file that is not whole yet; to be called right before the process ends.
pub fn remove_unfinished() {
    // Held for good: what ends after this removes nothing and renames nothing.
    let unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(temporary) = unfinished.as_ref() {
        temporary.remove();
    }
    std::mem::forget(unfinished);
}

/// Makes a write past the limit on the size of files (`RLIMIT_FSIZE`) an error as any other: its signal would end debar
/// with half a file left and nothing said. To be called before anything is written.
pub fn outlive_file_size_limit() {
    // A handler that sets a flag; without one the signal's default ends the process.
    #[cfg(unix)]
    drop(signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default()));
}

fn unfinished(temporary: Option<Temporary>) {
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = temporary;
}

/// What must be writable for an output to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// The folder in which a file is made and renamed.
    Folder,
    /// The pipe, device or descriptor that the path names.
    Itself,
}

/// Says what an output needs, before there is anything to write.
///
/// # Errors
/// When nothing can be written there, or should: see [`write_whole`].
pub fn check(path: &Path) -> io::Result<Writes> {
    #[cfg(unix)]
    {
        Ok(match place::Place::of(path)? {
            place::Place::File(..) => Writes::Folder,
            place::Place::Inherited(_) | place::Place::Stream(..) => Writes::Itself,
        })
    }
    #[cfg(not(unix))]
    {
        if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            let why = "it is a folder. Name a file in it";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let is_stream = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
        Ok(if is_stream { Writes::Itself } else { Writes::Folder })
    }
}

/// Whether another account could replace what is written into a folder: it owns the folder, or everybody may write there.
///
/// # Errors
/// When the folder cannot be reached, or a link on the way is another account's.
pub fn is_of_others(folder: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        place::is_of_others(folder)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        Ok(false)
    }
}

/// Writes a file through a temporary one beside it, so that a reader never sees half a report and a failed
/// scan leaves the old one in place. Pipes and devices are written to, not replaced, where the user can mean them.
///
/// # Errors
/// When the temporary file cannot be made, written or renamed; it is removed then. When a link of another account is
/// on the way, or a device, pipe or socket in the place that another account could have put there.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    #[cfg(unix)]
    let folder = match place::Place::of(path)? {
        place::Place::Inherited(descriptor) => return stream(descriptor.open()?, write),
        place::Place::Stream(folder, name) => return stream(place::open_stream(&folder, &name)?, write),
        place::Place::File(folder) => folder,
    };
    #[cfg(not(unix))]
    if check(path)? == Writes::Itself {
        return stream(fs::OpenOptions::new().write(true).open(path)?, write);
    }
    #[cfg(not(unix))]
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let (temporary, file) = Temporary::create(folder, name)?;
    unfinished(temporary.again().ok());
    let result = fill(file, write).and_then(|()| temporary.rename(name));
    if result.is_err() {
        temporary.remove();
    }
    unfinished(None);
    result
}

fn stream(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()
}

fn fill(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// How a folder is held: by a handle where the system has calls that take one.
#[cfg(unix)]
type Folder = std::os::fd::OwnedFd;
#[cfg(not(unix))]
type Folder = PathBuf;

/// A file that is not whole yet, in the folder of the output.
struct Temporary {
    folder: Folder,
    name: OsString,
}

impl Temporary {
    /// A new file beside the one of this name; it follows no link that is in its place.
    fn create(folder: Folder, name: &OsStr) -> io::Result<(Temporary, File)> {
        let mut temporary = Temporary { folder, name: OsString::new() };
        for attempt in 0..100_u32 {
            temporary.name = OsString::from(".");
            temporary.name.push(name);
            temporary.name.push(format!(".{}-{attempt}.tmp", std::process::id()));
            #[cfg(unix)]
            let file = place::create(&temporary.folder, &temporary.name);
            #[cfg(not(unix))]
            let file = fs::OpenOptions::new().write(true).create_new(true).open(temporary.path());
            match file {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                file => return Ok((temporary, file?)),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    #[cfg(not(unix))]
    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// The same for the handler of signals.
    fn again(&self) -> io::Result<Temporary> {
        #[cfg(unix)]
        let folder = self.folder.try_clone()?;
        #[cfg(not(unix))]
        let folder = self.folder.clone();
        Ok(Temporary { folder, name: self.name.clone() })
    }

    fn rename(&self, name: &OsStr) -> io::Result<()> {
        #[cfg(unix)]
        {
            Ok(rustix::fs::renameat(&self.folder, &self.name, &self.folder, name)?)
        }
        #[cfg(not(unix))]
        {
            fs::rename(self.path(), self.folder.join(name))
        }
    }

    fn remove(&self) {
        #[cfg(unix)]
        let _ = rustix::fs::unlinkat(&self.folder, &self.name, rustix::fs::AtFlags::empty());
        #[cfg(not(unix))]
        drop(fs::remove_file(self.path()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write_whole(&path, |out| out.write_all(b"old")).unwrap();
        let failed = write_whole(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
