//! All frames of a zstd stream: `zstd:chunked` layers are many frames, some of which only carry tables and are
//! skipped (RFC 8878, section 3.1.2). Content checksums are compared.

use std::io::{self, BufRead, Read};

use zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name, is_error_kind};

/// Decodes frame after frame.
pub struct Frames<R> {
    stream: R,
    decoder: Option<DCtx<'static>>,
    /// Whether a frame is under way.
    inside: bool,
}

impl<R: BufRead> Frames<R> {
    /// A decoder at the start of a stream.
    pub fn new(stream: R) -> Self {
        let window = DParameter::WindowLogMax(super::MAX_WINDOW.ilog2());
        let decoder = DCtx::try_create().and_then(|mut decoder| {
            let is_limited = decoder.set_parameter(window).is_ok();
            is_limited.then_some(decoder)
        });
        Frames { stream, decoder, inside: false }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let decoder = self.decoder.as_mut().ok_or(io::ErrorKind::OutOfMemory)?;
        loop {
            let input = self.stream.fill_buf()?;
            let is_at_end = input.is_empty();
            if buf.is_empty() || (is_at_end && !self.inside) {
                return Ok(0);
            }
            let mut source = InBuffer::around(input);
            let mut target = OutBuffer::around(&mut *buf);
            let step = decoder.decompress_stream(&mut target, &mut source);
            let (read, written) = (source.pos(), target.pos());
            self.stream.consume(read);
            // Zero where a frame ends and nothing of it is left to give.
            self.inside = step.map_err(failed)? != 0;
            if written > 0 {
                return Ok(written);
            }
            if is_at_end && self.inside {
                let what = "the zstd stream ends inside a frame";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
            }
        }
    }
}

fn failed(code: usize) -> io::Error {
    let is_too_large = is_error_kind(code, ZSTD_ErrorCode::ZSTD_error_frameParameter_windowTooLarge);
    let kind = if is_too_large { io::ErrorKind::OutOfMemory } else { io::ErrorKind::InvalidData };
    io::Error::new(kind, get_error_name(code))
}
