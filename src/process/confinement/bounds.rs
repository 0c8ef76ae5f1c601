//! What a scan needs of the system.

use std::path::PathBuf;

/// What a scan needs.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    /// What may be read: files, and folders with everything below.
    pub read: Vec<PathBuf>,
    /// Where outputs are made: their folders, and pipes or devices themselves.
    pub write: Vec<PathBuf>,
    /// Where temporary files are made, to write and to read.
    pub scratch: Vec<PathBuf>,
    /// Folders in which an output makes and moves folders of its own.
    pub folders: Vec<PathBuf>,
    /// Whether connections are opened and helper programs started: images are fetched from a registry.
    pub network: bool,
}

impl Bounds {
    /// Adds others.
    pub fn extend(&mut self, other: Bounds) {
        let Bounds { read, write, scratch, folders, network } = other;
        self.read.extend(read);
        self.write.extend(write);
        self.scratch.extend(scratch);
        self.folders.extend(folders);
        self.network |= network;
    }
}
