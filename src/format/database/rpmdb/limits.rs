//! Limits of reading a package database.

/// A header larger than this is no package (the largest real ones, of kernels and firmware, have a few MB).
pub const MAX_HEADER: usize = 64 << 20;
