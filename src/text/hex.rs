//! Hexadecimal digits, as digests and identifiers are written, and UUIDs of them. Any module may use it.

/// The bytes as lower-case hexadecimal digits, two for each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An identifier that stays the same for the same digest: the first 16 bytes of it in the form of RFC 9562, version 8.
pub(crate) fn uuid(digest: &[u8]) -> String {
    let digits = hex(digest.get(..16).unwrap_or_default());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
