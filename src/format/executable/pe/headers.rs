//! What the headers of a PE file place in the file.

use crate::format::executable::ByteOrder;

pub(super) const LE: ByteOrder = ByteOrder::Little;

/// One section header, as far as addresses are mapped by it.
pub(super) struct Mapped {
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
}

/// Headers of one file.
pub(super) struct Headers {
    pub(super) directories: Vec<(u64, u64)>,
    pub(super) mapped: Vec<Mapped>,
}

impl Headers {
    pub(super) fn directory(&self, index: usize) -> Option<(u64, u64)> {
        self.directories.get(index).copied().filter(|(address, size)| *address != 0 && *size != 0)
    }

    /// The file offset of a relative virtual address, and how many bytes of its section follow it in the file.
    pub(super) fn offset_of(&self, address: u64) -> Option<(u64, u64)> {
        self.mapped.iter().find_map(|section| {
            let into = address.checked_sub(section.address).filter(|into| *into < section.size)?;
            Some((section.offset.checked_add(into)?, section.size - into))
        })
    }
}
