//! What is left out of large bodies while a compressed layer streams by, and how it is answered for.
//!
//! Anyone who asks for the bytes of files says, by the first bytes of each, which ranges nobody will ask for: the code of
//! a program, the payload of a package. They are most of what an image holds, and writing them to the temporary file
//! would cost a third of the time that decoding takes. A file may lie about itself; a read that meets what was left
//! out fetches the whole body with another pass over the layer.

use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::Arc;

use super::bodies::{Budget, Kept};
use super::body::Body;
use crate::bytes::ReadAt;
use crate::format::container::tar::{Piece, Spot};
use crate::format::executable::bulk;

/// Smaller bodies are kept whole.
const LARGE: u64 = 128 << 10;

/// Of which member how much was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sieved {
    /// Where its body begins in the decompressed archive.
    pub(super) offset: u64,
    /// What was kept, in order; one behind the other where the body lies.
    pub(super) pieces: Arc<[Piece]>,
}

impl Sieved {
    /// How many bytes were kept.
    pub(super) fn kept(&self) -> u64 {
        Piece::total(&self.pieces)
    }
}

/// Keeps the next `size` bytes of a stream without what `unread` says of them, and says which pieces were kept; `None`
/// for all of them.
pub(super) fn keep(
    kept: &mut Kept,
    stream: &mut impl BufRead,
    size: u64,
    budget: &Budget,
    unread: impl FnOnce(&[u8], u64) -> Vec<Range<u64>>,
) -> io::Result<(Body, Option<Arc<[Piece]>>)> {
    if size < LARGE {
        return Ok((kept.keep(stream, size, budget)?, None));
    }
    let mut head = Vec::with_capacity(bulk::HEAD);
    (&mut *stream).take(bulk::HEAD as u64).read_to_end(&mut head)?;
    let pieces = pieces(unread(&head, size), size);
    let mut stream = head.as_slice().chain(stream);
    let body = kept.keep_pieces(&mut stream, size, &pieces, budget)?;
    let is_whole = Piece::total(&pieces) == size;
    Ok((body, (!is_whole).then(|| pieces.into())))
}

/// What lies between ranges, which are taken in order.
fn pieces(unread: Vec<Range<u64>>, size: u64) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(unread.len() + 1);
    let mut at = 0;
    for range in unread.into_iter().chain(std::iter::once(size..size)) {
        if range.start > at {
            pieces.push(Piece { at, len: range.start.min(size) - at });
        }
        at = at.max(range.end.min(size));
    }
    pieces
}

/// Fetches a body whole.
pub(super) type Fetch = Box<dyn Fn() -> io::Result<Box<dyn ReadAt>> + Send + Sync>;

/// A body of which pieces were kept.
pub(super) struct Parts {
    pub(super) kept: Box<dyn ReadAt>,
    pub(super) pieces: Arc<[Piece]>,
    pub(super) size: u64,
    pub(super) whole: Fetch,
}

impl ReadAt for Parts {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match Piece::find(&self.pieces, offset) {
            Spot::Stored(at, length) => {
                let here = usize::try_from(length).unwrap_or(usize::MAX).min(buf.len());
                self.kept.read_at(at, buf.get_mut(..here).unwrap_or_default())
            }
            Spot::Between(_) if offset < self.size && !buf.is_empty() => (self.whole)()?.read_at(offset, buf),
            Spot::Between(_) => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::bodies::Blob;
    use super::super::cache::Cache;
    use super::super::layer::{Asked, Interest, LayerIndex, LayerKind};
    use super::super::merge::{Rules, merge};
    use super::super::tests::{Thing, layer};
    use super::super::tree::{ImageTree, Shared};
    use super::*;
    use crate::fs::tree::Tree;
    use crate::model::Layer;

    const SIZE: u64 = 300_000;
    const MIDDLE: Range<u64> = 100_000..200_000;

    /// Wants everything, and nothing of the middle of large files that begin with a `c`.
    struct NoMiddle;

    impl Interest for NoMiddle {
        fn folder(&self, _: &[u8]) -> Asked {
            Asked::default()
        }
        fn wants(&self, _: &Asked, _: &[u8], _: bool) -> bool {
            true
        }
        fn unread(&self, head: &[u8], size: u64) -> Vec<Range<u64>> {
            if head.first() == Some(&b'c') { vec![MIDDLE, size - 1000..size] } else { Vec::new() }
        }
    }

    fn body(first: u8) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..SIZE).map(|at| u8::try_from(at / 7 % 251).unwrap()).collect();
        bytes[0] = first;
        bytes
    }

    /// A compressed layer of four large files, three of them with a middle that nobody asks for.
    fn compressed() -> Vec<u8> {
        let members = ["a", "b", "c", "plain"]
            .map(|name| (name.to_owned(), Thing::File(body(if name == "plain" { b'p' } else { b'c' }))));
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&layer(&members)).unwrap();
        encoder.finish().unwrap()
    }

    /// A layer whose reads from its beginning are counted: one for each pass over it.
    struct Counted(Vec<u8>, Arc<AtomicUsize>);

    impl ReadAt for Counted {
        fn size(&self) -> u64 {
            self.0.size()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            // The first bytes tell the compression, before each pass.
            self.1.fetch_add(usize::from(offset == 0 && buf.len() == 512), Ordering::Relaxed);
            self.0.read_at(offset, buf)
        }
    }

    fn opened(blob: Vec<u8>, index: Option<LayerIndex>, budget: Budget) -> (ImageTree, Arc<AtomicUsize>) {
        let passes = Arc::new(AtomicUsize::new(0));
        let blob: Arc<dyn ReadAt> = Arc::new(Counted(blob, Arc::clone(&passes)));
        let budget = Arc::new(budget);
        let index = index.unwrap_or_else(|| LayerIndex::read(&blob, LayerKind::Plain, &NoMiddle, &budget));
        let merged = merge(vec![Arc::new(index)].into(), Rules { whiteouts: true, folds_case: false });
        let shared = Arc::new(Shared::new(vec![Layer::default()], vec![Blob::Open(blob)], budget));
        (ImageTree::new(merged, &shared), passes)
    }

    #[test]
    fn what_is_asked_needs_no_second_pass_and_what_was_left_out_is_fetched() {
        let (tree, passes) = opened(compressed(), None, Budget::default());
        let read =
            |name: &str, at: u64, len: usize| tree.open(name.as_bytes()).unwrap().read_vec(at, len).unwrap();
        let whole = body(b'c');
        for name in ["a", "b", "c"] {
            assert_eq!(tree.stat(name.as_bytes()).unwrap().size, SIZE);
            assert_eq!(read(name, 0, 100_000), whole[..100_000]);
            assert_eq!(read(name, 200_000, 99_000), whole[200_000..299_000]);
            assert!(read(name, SIZE, 10).is_empty());
            assert!(tree.is_at_hand(name.as_bytes()));
        }
        assert_eq!(read("plain", 0, 400_000), body(b'p'));
        assert_eq!(passes.load(Ordering::Relaxed), 1);
        // Into the middle, across its edges, and behind the last piece.
        assert_eq!(read("b", 150_000, 9), whole[150_000..150_009]);
        assert_eq!(read("b", 99_990, 100_020), whole[99_990..200_010]);
        assert_eq!(read("b", SIZE - 500, 1000), whole[299_500..]);
        assert_eq!(passes.load(Ordering::Relaxed), 2);
        // The next brings all others.
        assert_eq!(read("c", 0, 400_000), whole);
        assert_eq!(read("a", 0, 400_000), whole);
        assert_eq!(passes.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn what_was_left_out_counts_against_no_budget_until_it_is_asked_for() {
        // Room for the pieces of three files and one whole, in the temporary file, and nothing more.
        let pieces = SIZE - 1000 - (MIDDLE.end - MIDDLE.start);
        let (tree, _) = opened(compressed(), None, Budget::new(0, 3 * pieces + SIZE, 1 << 30));
        let file = tree.open(b"a").unwrap();
        assert_eq!(file.read_vec(200_000, 9).unwrap(), body(b'c')[200_000..200_009]);
        let error = file.read_vec(150_000, 9).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge, "{error}");
    }

    #[test]
    fn a_layer_that_is_gone_when_it_is_needed_again_is_an_error() {
        let budget = Budget::default();
        let blob: Arc<dyn ReadAt> = Arc::new(compressed());
        let index = LayerIndex::read(&blob, LayerKind::Plain, &NoMiddle, &budget);
        let half = compressed()[..2000].to_vec();
        let (tree, _) = opened(half, Some(index), budget);
        let file = tree.open(b"c").unwrap();
        assert_eq!(file.read_vec(0, 10).unwrap(), body(b'c')[..10]);
        assert!(file.read_vec(150_000, 9).is_err());
    }

    #[test]
    fn a_layer_cut_inside_what_is_left_out_is_damaged_as_any_other() {
        let members = [("c".to_owned(), Thing::File(body(b'c')))];
        let whole = layer(&members);
        for end in [512 + 30_000, 512 + 150_000, 512 + 250_000, 512 + 299_500] {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&whole[..end]).unwrap();
            let blob: Arc<dyn ReadAt> = Arc::new(encoder.finish().unwrap());
            let index = LayerIndex::read(&blob, LayerKind::Plain, &NoMiddle, &Budget::default());
            assert_eq!(index.damage.len(), 1, "{end}: {:?}", index.damage);
            assert_eq!(index.members.len(), 0);
        }
    }

    #[test]
    fn a_cache_keeps_the_pieces_and_then_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Arc::new(Cache::open(folder.path(), "one".to_owned()).unwrap());
        let (digest, kind) = ("sha256:1", LayerKind::Plain);
        let blob: Arc<dyn ReadAt> = Arc::new(compressed());
        let first = Arc::new(LayerIndex::read(&blob, kind, &NoMiddle, &Budget::default()));
        assert_eq!(first.sieved.len(), 3);
        cache.store(digest, kind, &first);
        let budget = || Budget::default();
        let again = cache.load(digest, kind, &budget()).unwrap();
        assert_eq!(again.sieved, first.sieved);
        // Read from the cache, a middle is asked for: it is fetched once, and the cache has it from then on.
        let merged = merge(vec![Arc::new(again)].into(), Rules { whiteouts: true, folds_case: false });
        let about = vec![Layer { digest: digest.to_owned(), ..Layer::default() }];
        let mut shared = Shared::new(about, vec![Blob::Open(blob)], Arc::new(budget()));
        shared.cache = Some((Arc::clone(&cache), kind, vec![first]));
        let tree = ImageTree::new(merged, &Arc::new(shared));
        assert_eq!(tree.open(b"b").unwrap().read_vec(0, 400_000).unwrap(), body(b'c'));
        drop(tree);
        let third = cache.load(digest, kind, &budget()).unwrap();
        assert_eq!(third.sieved.keys().copied().collect::<Vec<_>>(), [0, 2]);
        let (tree, passes) = opened(Vec::new(), Some(third), budget());
        assert_eq!(tree.open(b"b").unwrap().read_vec(0, 400_000).unwrap(), body(b'c'));
        assert_eq!(tree.open(b"c").unwrap().read_vec(0, 100_000).unwrap(), body(b'c')[..100_000]);
        assert_eq!(tree.open(b"plain").unwrap().read_vec(0, 400_000).unwrap(), body(b'p'));
        assert_eq!(passes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn ranges_that_contradict_each_other_lose_nothing() {
        let piece = |at, len| Piece { at, len };
        assert_eq!(pieces(Vec::new(), 10), [piece(0, 10)]);
        assert_eq!(pieces(vec![2..4, 3..6, 8..99], 10), [piece(0, 2), piece(6, 2)]);
        assert_eq!(pieces(vec![6..8, 2..4], 10), [piece(0, 6), piece(8, 2)]);
        assert_eq!(pieces(std::iter::once(0..10).collect(), 10), []);
    }
}
