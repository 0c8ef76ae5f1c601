//! Property lists: XML, binary, and the old text form that `.strings` files are still written in.
//!
//! An own reader, because the one crate there is gives all or nothing: a damaged `Info.plist` still names its app
//! in the part that can be read, and a binary list whose objects refer to each other may unfold to any size. What
//! is read here is bounded by [`MAX_VALUES`] and [`MAX_DEPTH`], whatever the bytes. Formats: Apple's
//! `PropertyList-1.0.dtd`, `CFBinaryPList.c` and `CFOldStylePList.c` (CoreFoundation).

mod binary;
mod text;
mod value;
mod xml;

use crate::bytes::{Damage, DamageKind, Salvaged};
use value::{APPLE_EPOCH, Budget, broken, decoded, is_data};
pub use value::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, Value};

/// Reads a property list in any of its forms. The value is an empty dictionary when nothing could be read.
pub fn read(bytes: &[u8]) -> Salvaged<Value> {
    if bytes.starts_with(b"bplist") {
        return binary::read(bytes);
    }
    if bytes.len() < 6 && b"bplist".starts_with(bytes) && !bytes.is_empty() {
        return broken(DamageKind::Truncated, "the property list ends inside its first word");
    }
    let text = decoded(bytes);
    let start = text.trim_start();
    if start.is_empty() {
        return broken(DamageKind::Corrupt, "no property list: it is empty");
    }
    if start.starts_with('<') && !is_data(start) {
        return xml::read(start);
    }
    text::read(&text)
}

#[cfg(test)]
mod tests;
