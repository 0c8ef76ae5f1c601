//! Blocks: the unit of an archive.

/// Headers and bodies come in blocks of this size.
pub const BLOCK: usize = 512;

/// Longer paths than this are damage; Linux opens none over 4,096 bytes.
pub const MAX_PATH: usize = 16 << 10;

pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}
