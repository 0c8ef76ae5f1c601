//! All frames of a zstd stream, decoded by ruzstd: slower, for builds without a linker that assembles.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Decodes frame after frame.
pub struct Frames<R> {
    stream: R,
    decoder: FrameDecoder,
    /// Whether a frame is under way.
    inside: bool,
}

impl<R: BufRead> Frames<R> {
    /// A decoder at the start of a stream.
    pub fn new(stream: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(super::MAX_WINDOW);
        Frames { stream, decoder, inside: false }
    }

    /// Enters the next frame; false at the end of the stream.
    fn enter(&mut self) -> io::Result<bool> {
        loop {
            if self.stream.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.stream) {
                Ok(()) => {
                    self.inside = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = io::copy(&mut (&mut self.stream).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
            }
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside && !self.enter()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let step = BlockDecodingStrategy::UptoBlocks(1);
                if let Err(error) = self.decoder.decode_blocks(&mut self.stream, step) {
                    let ended = self.stream.fill_buf().is_ok_and(<[u8]>::is_empty);
                    let kind = if ended { io::ErrorKind::UnexpectedEof } else { io::ErrorKind::InvalidData };
                    return Err(io::Error::new(kind, error.to_string()));
                }
            }
            let count = self.decoder.read(buf)?;
            if count > 0 {
                return Ok(count);
            }
            if self.decoder.is_finished() && self.decoder.can_collect() == 0 {
                let stated = self.decoder.get_checksum_from_data();
                if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                    let what = "the content checksum of a zstd frame does not hold";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                }
                self.inside = false;
            }
        }
    }
}
