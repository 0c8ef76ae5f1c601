//! Whole compressed files in memory, never more than a stated limit: compressed kernel modules, small databases.
//!
//! A bomb costs the limit and is damage; a cut stream gives what came before the cut. Formats: RFC 1950 (zlib),
//! RFC 1952 (gzip), RFC 8878 (zstd), the `.xz` format 1.2.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

mod limits;
#[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
mod ruzstd;
#[cfg(feature = "zstd")]
mod zstd;

#[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
use self::ruzstd::Frames;
#[cfg(feature = "zstd")]
use self::zstd::Frames;
#[cfg(not(any(feature = "zstd", feature = "ruzstd")))]
compile_error!("choose a zstd decoder: feature `zstd`, or `ruzstd` for builds without an assembler");

use crate::bytes::{Damage, DamageKind, Salvaged};
use limits::{MAX_GROWN, MAX_GROWTH, MAX_WINDOW};

/// A kind of compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip, all members.
    Gzip,
    /// xz, all streams.
    Xz,
    /// zstd, all frames.
    Zstd,
    /// bzip2, all streams.
    Bzip2,
    /// A bare zlib stream; has no magic, so it is never detected.
    Zlib,
}

impl Compression {
    /// The kind whose magic some bytes start with.
    pub fn of(bytes: &[u8]) -> Option<Compression> {
        // zstd:chunked and eStargz may begin with a frame that readers skip.
        let skippable = bytes.first().is_some_and(|byte| byte & 0xf0 == 0x50)
            && bytes.get(1..4) == Some(&[0x2a, 0x4d, 0x18]);
        if bytes.starts_with(&[0x1f, 0x8b]) {
            Some(Compression::Gzip)
        } else if bytes.starts_with(b"\xfd7zXZ\0") {
            Some(Compression::Xz)
        } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || skippable {
            Some(Compression::Zstd)
        } else if bytes.starts_with(b"BZh")
            && [Some(&b"1AY&SY"[..]), Some(b"\x17rE8P\x90")].contains(&bytes.get(4..10))
        {
            // A block, or the end of a stream without one.
            Some(Compression::Bzip2)
        } else {
            None
        }
    }
}

/// Decompresses up to `limit` bytes.
///
/// Damage is OverLimit when there is more (or the decoder would need much more memory than the limit),
/// Truncated when the input ends early, Corrupt when it is wrong; the bytes before that are kept.
pub fn bounded(bytes: &[u8], compression: Compression, limit: usize) -> Salvaged<Vec<u8>> {
    match compression {
        Compression::Gzip => drained(flate2::read::MultiGzDecoder::new(bytes), limit),
        Compression::Zlib => drained(flate2::read::ZlibDecoder::new(bytes), limit),
        Compression::Xz => {
            let memory = u32::try_from(limit / 1024).unwrap_or(u32::MAX).max(256 << 10);
            drained(lzma_rust2::XzReader::new_mem_limit(bytes, true, memory), limit)
        }
        Compression::Bzip2 => drained(bzip2::read::MultiBzDecoder::new(bytes), limit),
        Compression::Zstd => drained(Frames::new(bytes), limit),
    }
}

/// Counts what is read through it, for another to see.
pub struct Counted<R> {
    /// Where it reads.
    pub stream: R,
    /// How many bytes came so far.
    pub count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buf)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Ends a stream that grows out of all proportion.
struct Grown<R> {
    stream: R,
    count: u64,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Grown<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let taken = || self.taken.load(Ordering::Relaxed).max(1);
        if self.count > MAX_GROWN && self.count / MAX_GROWTH > taken() {
            let what = format!(
                "{} compressed bytes grow to more than {}; the rest was not read",
                taken(),
                self.count
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        let count = self.stream.read(buf)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// Decodes a stream piece by piece, every member, stream and frame of it, in bounded memory; reads `buffer` bytes of
/// it at once.
///
/// # Errors
/// When the beginning cannot be read.
pub fn reader<'a>(
    stream: impl Read + Send + 'a,
    compression: Compression,
    buffer: usize,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    let taken: Arc<AtomicU64> = Arc::default();
    let stream = Counted { stream, count: Arc::clone(&taken) };
    let stream = io::BufReader::with_capacity(buffer, stream);
    fn bounded<'a>(stream: impl Read + Send + 'a, taken: Arc<AtomicU64>) -> Box<dyn Read + Send + 'a> {
        Box::new(Grown { stream, count: 0, taken })
    }
    Ok(match compression {
        Compression::Gzip => bounded(flate2::bufread::MultiGzDecoder::new(stream), taken),
        Compression::Zlib => bounded(flate2::bufread::ZlibDecoder::new(stream), taken),
        Compression::Bzip2 => bounded(bzip2::bufread::MultiBzDecoder::new(stream), taken),
        Compression::Xz => {
            let memory = u32::try_from(MAX_WINDOW / 1024).unwrap_or(u32::MAX);
            bounded(lzma_rust2::XzReader::new_mem_limit(stream, true, memory), taken)
        }
        Compression::Zstd => bounded(Frames::new(stream), taken),
    })
}

fn drained(mut decoder: impl Read, limit: usize) -> Salvaged<Vec<u8>> {
    let mut out = Salvaged::whole(Vec::new());
    let result = decoder.by_ref().take(limit as u64).read_to_end(&mut out.value);
    // One byte more distinguishes a full limit from an exact fit.
    let is_over = result.is_ok() && out.value.len() == limit && matches!(decoder.read(&mut [0]), Ok(1));
    if is_over {
        let what = format!("more than {limit} bytes after decompression");
        out.damage.push(Damage::new(DamageKind::OverLimit, None, what));
    }
    if let Err(error) = result {
        let kind = match error.kind() {
            io::ErrorKind::UnexpectedEof => DamageKind::Truncated,
            io::ErrorKind::OutOfMemory => DamageKind::OverLimit,
            _ => DamageKind::Corrupt,
        };
        out.damage.push(Damage::new(kind, None, format!("compressed data: {error}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    /// 4,000 times "debar\n", by `xz -9e` and `zstd -19`.
    const XZ: &[u8] = include_bytes!("../../../tests/fixtures/compressed/debar.xz");
    const ZSTD: &[u8] = include_bytes!("../../../tests/fixtures/compressed/debar.zst");

    fn gzip() -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&b"debar\n".repeat(4000)).unwrap();
        encoder.finish().unwrap()
    }

    fn each() -> [(Vec<u8>, Compression); 3] {
        [(gzip(), Compression::Gzip), (XZ.to_vec(), Compression::Xz), (ZSTD.to_vec(), Compression::Zstd)]
    }

    #[test]
    fn each_kind_is_detected_and_read() {
        for (bytes, compression) in each() {
            assert_eq!(Compression::of(&bytes), Some(compression));
            let out = bounded(&bytes, compression, 24_000);
            assert_eq!(out.damage, [], "{compression:?}");
            assert_eq!(out.value, b"debar\n".repeat(4000));
        }
    }

    #[test]
    fn a_byte_over_the_limit_is_damage_and_the_limit_is_kept() {
        for (bytes, compression) in each() {
            let out = bounded(&bytes, compression, 23_999);
            assert_eq!(out.value.len(), 23_999);
            assert_eq!(out.damage[0].kind, DamageKind::OverLimit, "{compression:?}");
        }
    }

    #[test]
    fn a_cut_stream_is_damage() {
        for (bytes, compression) in each() {
            let out = bounded(&bytes[..bytes.len() - 12], compression, 1 << 20);
            assert!(!out.damage.is_empty(), "{compression:?}");
            assert!(out.value.len() <= 24_000);
        }
    }

    /// A frame of one raw block with a content checksum, by the format's own rules: this is `xxh64("debar\n")`.
    const SUMMED: &[u8] = &[
        0x28, 0xb5, 0x2f, 0xfd, 0x24, 6, 0x31, 0, 0, b'd', b'e', b'b', b'a', b'r', b'\n', 0xe2, 0x3c, 0x2f,
        0xab,
    ];
    /// A frame that decoders skip, of three bytes.
    const SKIPPED: &[u8] = &[0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];

    fn zstd(parts: &[&[u8]]) -> (Vec<u8>, Vec<DamageKind>) {
        let out = bounded(&parts.concat(), Compression::Zstd, 1 << 20);
        (out.value, out.damage.iter().map(|damage| damage.kind).collect())
    }

    #[test]
    fn all_frames_of_zstd_are_read_and_those_without_content_skipped() {
        assert_eq!(zstd(&[SKIPPED, SUMMED, SKIPPED, SUMMED, SKIPPED]), (b"debar\ndebar\n".to_vec(), vec![]));
        assert_eq!(zstd(&[SKIPPED]), (vec![], vec![]));
        let cut = &SKIPPED[..9];
        assert_eq!(zstd(&[SUMMED, cut]), (b"debar\n".to_vec(), vec![DamageKind::Truncated]));
        assert_eq!(zstd(&[SUMMED, b"garbage!"]), (b"debar\n".to_vec(), vec![DamageKind::Corrupt]));
    }

    #[test]
    fn a_changed_byte_under_a_content_checksum_is_damage() {
        let mut changed = SUMMED.to_vec();
        changed[9] = b'D';
        assert_eq!(zstd(&[&changed]).1, [DamageKind::Corrupt]);
    }

    #[test]
    fn a_window_over_the_limit_is_over_the_limit() {
        // A window of 2 GiB, and a block that repeats one byte.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 0x2b, 0, 0, b'A'];
        assert_eq!(zstd(&[&frame]).1, [DamageKind::OverLimit]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_change_never_panics(
            kind in 0_usize..3,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let (mut bytes, compression) = each()[kind].clone();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            prop_assert!(bounded(&bytes, compression, 100_000).value.len() <= 100_000);
        }
    }
}
