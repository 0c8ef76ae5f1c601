//! Bytes of a target as text, without losing any.

/// Turns bytes of a target into text: undecodable bytes become `\xNN`, so that a name that is not UTF-8 stays
/// visible, matches on its readable parts, and JSON stays valid.
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// How a path of the target is shown: a leading slash, undecodable bytes escaped.
pub fn shown(path: &[u8]) -> String {
    format!("/{}", text_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undecodable_bytes_are_escaped_and_the_rest_stays() {
        assert_eq!(text_of(b"kaspersky\xff\xfe lab"), "kaspersky\\xff\\xfe lab");
        assert_eq!(text_of("Лаборатория".as_bytes()), "Лаборатория");
    }
}
