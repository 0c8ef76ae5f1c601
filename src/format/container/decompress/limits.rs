//! Bounds of every decoder.

/// Memory that a window of zstd or a dictionary of xz may take when a stream is decoded piece by piece: what the
/// command line tools decode without being asked twice.
pub(super) const MAX_WINDOW: u64 = 128 << 20;

/// A stream that grows to more than [`MAX_GROWN`] bytes and by more than this factor is made to take time without end;
/// gzip reaches 1,032.
pub(super) const MAX_GROWTH: u64 = 1_100;

pub(super) const MAX_GROWN: u64 = 16 << 30;
