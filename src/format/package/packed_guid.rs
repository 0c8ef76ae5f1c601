//! GUIDs, and their packed form in the registrations of Windows Installer: 32 hexadecimal digits, the first three
//! groups reversed, the rest with the digits of each byte swapped. Source: "Packed GUIDs" in public notes on Windows
//! Installer; checked against products whose code is known.

/// Where each digit of the packed form comes from, in the digits of the GUID.
const ORDER: [usize; 32] = [
    7, 6, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 15, 14, 13, 12, 17, 16, 19, 18, 21, 20, 23, 22, 25, 24, 27, 26, 29,
    28, 31, 30,
];

/// The GUID in braces and upper case that a packed one stands for; `None` for anything else.
pub fn unpack(packed: &str) -> Option<String> {
    let digits = packed.as_bytes();
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut guid = String::with_capacity(38);
    guid.push('{');
    // The order is its own inverse.
    for (index, &from) in ORDER.iter().enumerate() {
        if [8, 12, 16, 20].contains(&index) {
            guid.push('-');
        }
        guid.push(char::from(*digits.get(from)?).to_ascii_uppercase());
    }
    guid.push('}');
    Some(guid)
}

/// Whether a text is a GUID in braces.
pub fn is_guid(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    inner.is_some_and(|inner| {
        inner.len() == 36
            && inner.bytes().enumerate().all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_code_of_office_is_unpacked() {
        // Microsoft's article on product codes of Office 2007 names this pair.
        assert_eq!(
            unpack("00002109110000000000000000F01FEC").as_deref(),
            Some("{90120000-0011-0000-0000-0000000FF1CE}")
        );
        assert_eq!(unpack("00002109110000000000000000F01FE"), None);
        assert_eq!(unpack("0000210911000000000000000ЖF01FE"), None);
    }

    #[test]
    fn guids_are_told_from_names() {
        assert!(is_guid("{90120000-0011-0000-0000-0000000FF1CE}"));
        assert!(!is_guid("90120000-0011-0000-0000-0000000FF1CE") && !is_guid("{Adobe}"));
    }
}
