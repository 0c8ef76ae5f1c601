//! Layers that were read before, in a folder that the user names: their names, and the bytes that collectors asked
//! for. Signatures are matched again on every run, so a new set of them needs no layer to be read again.
//!
//! An entry is for the bytes of one layer (its digest, which was verified when it was read) and for what this very
//! program asks of layers. One that is damaged, cut or for anything else is not used. Anyone who may write to the
//! folder may forge one; so a folder of another account, or that a group or everybody may write to, is refused.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::bodies::Budget;
use super::body::Body;
use super::cache_folder;
use super::cached_layer::{DIGEST, Fetched, MAGIC, read, tables};
use super::layer::{LayerIndex, LayerKind};
use crate::text::hex::hex;

/// A folder of layers.
pub struct Cache {
    folder: PathBuf,
    identity: String,
    /// Layers that the folder has and that were verified.
    good: Mutex<BTreeSet<String>>,
}

impl Cache {
    /// Opens a folder, which is made if it is not there. `identity` says which program asks what of layers: entries
    /// of another are not used.
    ///
    /// # Errors
    /// When it cannot be made, is none, or others may write to it.
    pub fn open(folder: &Path, identity: String) -> io::Result<Cache> {
        // A confined process may not make folders, not even one that is there.
        if !folder.is_dir() {
            cache_folder::make(folder)?;
        }
        // No link of another account may lead it elsewhere.
        crate::process::output::is_of_others(folder)?;
        let metadata = std::fs::metadata(folder)?;
        if !metadata.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        #[cfg(unix)]
        if let Some(who) = cache_folder::who_else(&metadata) {
            let what = format!("{who} may write to it, and could so make images look clean");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
        }
        Ok(Cache { folder: folder.to_owned(), identity, good: Mutex::default() })
    }

    fn key(&self, digest: &str, kind: LayerKind) -> String {
        format!("{} {kind:?} {digest}", self.identity)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{}.layer", hex(&Sha256::digest(key))))
    }

    fn is_good(&self, key: &str) -> bool {
        self.good.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// A layer, if it is there whole.
    pub(super) fn load(&self, digest: &str, kind: LayerKind, budget: &Budget) -> Option<LayerIndex> {
        let key = self.key(digest, kind);
        let index = read(File::open(self.path(&key)).ok()?, &key, budget)?;
        self.good.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        Some(index)
    }

    /// Keeps a layer whose digest was verified, unless something of it could not be read.
    pub(super) fn store(&self, digest: &str, kind: LayerKind, index: &LayerIndex) {
        let key = self.key(digest, kind);
        if !digest.is_empty() && is_whole(index) && self.write(&key, index, &|_| None).is_ok() {
            self.good.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        }
    }

    /// Keeps what a second pass over a layer fetched, so that the next run needs none.
    pub(super) fn complete(
        &self,
        digest: &str,
        kind: LayerKind,
        index: &LayerIndex,
        fetched: &dyn Fn(u64) -> Option<Fetched>,
    ) {
        let key = self.key(digest, kind);
        if self.is_good(&key) {
            // Without it the next run makes that pass again.
            drop(self.write(&key, index, fetched));
        }
    }

    fn write(
        &self,
        key: &str,
        index: &LayerIndex,
        fetched: &dyn Fn(u64) -> Option<Fetched>,
    ) -> io::Result<()> {
        let (tables, bodies) = tables(key, index, fetched);
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut hash = Sha256::new();
        file.write_all(MAGIC)?;
        file.write_all(&[0; DIGEST])?;
        let mut write = |bytes: &[u8]| {
            hash.update(bytes);
            file.write_all(bytes)
        };
        write(&tables)?;
        for (bytes, size) in bodies {
            let mut at = 0;
            while at < size {
                let count = usize::try_from(size - at).unwrap_or(usize::MAX).min(1 << 18);
                let part = bytes.read_vec(at, count)?;
                if part.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                write(&part)?;
                at += part.len() as u64;
            }
        }
        let digest_of_all = hash.finalize();
        io::Seek::seek(&mut file, io::SeekFrom::Start(MAGIC.len() as u64))?;
        file.write_all(&digest_of_all)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Whether nothing of a layer was left out: what one run had no room for another may have.
fn is_whole(index: &LayerIndex) -> bool {
    index.damage.is_empty() && index.members.iter().all(|member| member.body() != Body::OverLimit)
}

#[cfg(test)]
mod tests {
    use super::super::{Asked, Interest};
    use std::sync::Arc;

    use super::*;
    use crate::bytes::ReadAt;
    use crate::image::layer::Member;

    const PLAIN: LayerKind = LayerKind::Plain;

    struct Everything;

    impl Interest for Everything {
        fn folder(&self, _: &[u8]) -> Asked {
            Asked::default()
        }
        fn wants(&self, _: &Asked, path: &[u8], _: bool) -> bool {
            !path.ends_with(b"later")
        }
    }

    /// A layer with files of several sizes, a link and a folder, compressed.
    fn layer() -> Arc<dyn ReadAt> {
        let mut tar = Vec::new();
        for (path, kind, size) in [
            ("a/one", b'0', 700),
            ("a/two", b'0', 2_000_000),
            ("b", b'5', 0),
            ("c", b'2', 0),
            ("later", b'0', 90),
        ] {
            let mut block = [0; 512];
            block[..path.len()].copy_from_slice(path.as_bytes());
            block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
            block[156] = kind;
            block[157..160].copy_from_slice(b"a/x");
            block[257..263].copy_from_slice(b"ustar\0");
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            tar.extend_from_slice(&block);
            tar.resize(tar.len() + usize::try_from(size).unwrap(), path.as_bytes()[0]);
            tar.resize(tar.len().div_ceil(512) * 512, 0);
        }
        tar.resize(tar.len() + 1024, 0);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&tar).unwrap();
        Arc::new(encoder.finish().unwrap())
    }

    /// Everything that an index says, with the bytes that it kept.
    fn members(index: &LayerIndex) -> Vec<String> {
        let member = |member: &Member| {
            let path = [index.folder_path(member.folder), index.name(member.name).to_vec()].concat();
            let bytes = index
                .kept
                .open(member.body(), member.size)
                .map(|bytes| bytes.read_vec(0, 3_000_000).unwrap());
            let bytes = bytes.map(|bytes| (bytes.len(), bytes.first().copied()));
            format!(
                "{} {:?} {} {} {bytes:?}",
                String::from_utf8(path).unwrap(),
                member.kind,
                member.size,
                member.executable
            )
        };
        index.members.iter().map(member).collect()
    }

    #[test]
    fn what_is_kept_comes_back_and_what_is_damaged_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let budget = Budget::default();
        let index = LayerIndex::read(&layer(), PLAIN, &Everything, &budget);
        let cache = Cache::open(folder.path(), "one".to_owned()).unwrap();
        cache.store("sha256:1", PLAIN, &index);
        let back = cache.load("sha256:1", PLAIN, &budget).unwrap();
        assert_eq!(members(&back), members(&index));
        assert!(members(&index)[1].contains("(2000000, Some(97))"), "{:?}", members(&index));
        // Another kind, another layer, and another program.
        assert!(cache.load("sha256:1", LayerKind::Windows, &budget).is_none());
        assert!(cache.load("sha256:2", PLAIN, &budget).is_none());
        let other = Cache::open(folder.path(), "two".to_owned()).unwrap();
        assert!(other.load("sha256:1", PLAIN, &budget).is_none());
        std::fs::copy(cache.path(&cache.key("sha256:1", PLAIN)), other.path(&other.key("sha256:1", PLAIN)))
            .unwrap();
        assert!(other.load("sha256:1", PLAIN, &budget).is_none(), "an entry says itself what it is of");
        std::fs::copy(cache.path(&cache.key("sha256:1", PLAIN)), cache.path(&cache.key("sha256:2", PLAIN)))
            .unwrap();
        assert!(cache.load("sha256:2", PLAIN, &budget).is_none());
        // Any bit, any length.
        let good = std::fs::read(cache.path(&cache.key("sha256:1", PLAIN))).unwrap();
        for at in (0..good.len()).step_by(good.len() / 50) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            std::fs::write(cache.path(&cache.key("sha256:1", PLAIN)), &bad).unwrap();
            assert!(cache.load("sha256:1", PLAIN, &budget).is_none(), "byte {at}");
            std::fs::write(cache.path(&cache.key("sha256:1", PLAIN)), &good[..at]).unwrap();
            assert!(cache.load("sha256:1", PLAIN, &budget).is_none(), "length {at}");
        }
    }

    #[test]
    fn what_is_not_whole_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), "one".to_owned()).unwrap();
        let over = LayerIndex::read(&layer(), PLAIN, &Everything, &Budget::new(1 << 20, 0, 1 << 30));
        assert!(over.members.iter().any(|member| member.body() == Body::OverLimit));
        cache.store("sha256:1", PLAIN, &over);
        let half: Vec<u8> = layer().read_vec(0, 2_000).unwrap();
        let cut =
            LayerIndex::read(&(Arc::new(half) as Arc<dyn ReadAt>), PLAIN, &Everything, &Budget::default());
        cache.store("sha256:2", PLAIN, &cut);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_for_everybody_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
        assert!(Cache::open(folder.path(), String::new()).is_err());
        assert!(Cache::open(&folder.path().join("a/b"), String::new()).is_ok());
    }
}
