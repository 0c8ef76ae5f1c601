//! Where the bytes of a member are.

/// Where the bytes of a member are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// It has none: no regular file, or an empty one.
    None,
    /// In the uncompressed archive, from this offset.
    Archive(u64),
    /// Kept in memory, from this offset.
    Memory(u32),
    /// Kept in the temporary file, from this offset.
    File(u64),
    /// Not kept; it lies at this offset of the decompressed archive.
    Unread(u64),
    /// Not kept, because it is over the limit.
    OverLimit,
}

/// A [`Body`] in eight bytes, its kind in the highest three bits: images have a million members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedBody(u64);

impl PackedBody {
    const SHIFT: u32 = 61;
    const LARGEST: u64 = (1 << Self::SHIFT) - 1;

    pub(super) fn body(self) -> Body {
        let value = self.0 & Self::LARGEST;
        match self.0 >> Self::SHIFT {
            0 => Body::None,
            1 => Body::Archive(value),
            2 => Body::Memory(u32::try_from(value).unwrap_or(u32::MAX)),
            3 => Body::File(value),
            4 => Body::Unread(value),
            _ => Body::OverLimit,
        }
    }
}

impl From<Body> for PackedBody {
    /// An offset that no disk holds is over the limit.
    fn from(body: Body) -> Self {
        let (kind, value) = match body {
            Body::None => (0, 0),
            Body::Archive(offset) => (1, offset),
            Body::Memory(offset) => (2, u64::from(offset)),
            Body::File(offset) => (3, offset),
            Body::Unread(offset) => (4, offset),
            Body::OverLimit => (5, 0),
        };
        let (kind, value) = if value > Self::LARGEST { (5, 0) } else { (kind, value) };
        PackedBody((kind << Self::SHIFT) | value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_body_is_the_body() {
        let offsets = [0, 1, 512, u64::from(u32::MAX), 1 << 40, PackedBody::LARGEST];
        let mut all = vec![Body::None, Body::OverLimit, Body::Memory(0), Body::Memory(u32::MAX)];
        all.extend(offsets.iter().flat_map(|&at| [Body::Archive(at), Body::File(at), Body::Unread(at)]));
        for body in all {
            assert_eq!(PackedBody::from(body).body(), body);
        }
        assert_eq!(PackedBody::from(Body::Archive(PackedBody::LARGEST + 1)).body(), Body::OverLimit);
    }
}
