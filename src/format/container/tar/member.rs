//! What a member of an archive is.

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Another name of an earlier file.
    HardLink,
    /// A device or pipe.
    Special,
}

/// A piece of a sparse file that is stored; everything between pieces is zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where it belongs in the file.
    pub at: u64,
    /// Its length.
    pub len: u64,
}

/// Where a byte of a file lies among its pieces, which are stored one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// At this place of what is stored, with so many bytes of its piece from there on.
    Stored(u64, u64),
    /// In no piece; the next begins there, if one does.
    Between(Option<u64>),
}

impl Piece {
    /// How many bytes pieces have together.
    pub fn total(pieces: &[Piece]) -> u64 {
        pieces.iter().map(|piece| piece.len).fold(0, u64::saturating_add)
    }

    /// Where a byte of the file lies; the pieces are in order.
    pub fn find(pieces: &[Piece], offset: u64) -> Spot {
        let mut before = 0_u64;
        for piece in pieces {
            if offset < piece.at {
                return Spot::Between(Some(piece.at));
            }
            let inside = offset - piece.at;
            if inside < piece.len {
                return Spot::Stored(before.saturating_add(inside), piece.len - inside);
            }
            before = before.saturating_add(piece.len);
        }
        Spot::Between(None)
    }
}

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The path as stored.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// Where a link leads, as stored.
    pub link: Vec<u8>,
    /// Size of the file; for sparse files with its holes.
    pub size: u64,
    /// Whether someone may execute it.
    pub executable: bool,
    /// Where the stored bytes begin in the archive.
    pub offset: u64,
    /// How many bytes are stored.
    pub stored: u64,
    /// The stored pieces of a sparse file, in order.
    pub sparse: Option<Vec<Piece>>,
}

/// Whose reading counts where tools differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Go's archive/tar, with which container engines unpack layers.
    Go,
    /// GNU tar, with which people unpack file systems.
    Gnu,
}
