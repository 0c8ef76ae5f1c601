//! Small encodings that several formats share.

/// The bytes of base64 text; `None` if it is none.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for &byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    // A last group of one character has not even a byte.
    (bits < 6).then_some(bytes)
}

/// The text of an entity that XML itself defines; others stay as they are written, and are never looked up.
pub fn entity(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(char)) = reference.resolve_char_ref() {
        return char.to_string();
    }
    let name = String::from_utf8_lossy(reference);
    match quick_xml::escape::resolve_predefined_entity(&name) {
        Some(text) => text.to_owned(),
        None => format!("&{name};"),
    }
}

/// Whether a document type defines entities of its own, whose texts a reader that looks nothing up does not know.
pub fn defines_entities(doctype: &quick_xml::events::BytesText<'_>) -> bool {
    doctype.windows(8).any(|part| part == b"<!ENTITY")
}

/// What such a document lacks.
pub const OWN_ENTITIES: &str = "it defines entities of its own, which are not put in their places";
