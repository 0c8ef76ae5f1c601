//! Text files that people write or redirect: UTF-8, with or without a byte order mark, and the UTF-16 of PowerShell's `>`.

use std::borrow::Cow;

/// The text in the bytes of a file as UTF-8, without its byte order mark.
pub fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let units: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    let rest = bytes.get(2..).unwrap_or_default();
    let units = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(units));
    let text: String =
        char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// As [`utf8`], but damaged UTF-16 is `None`, and a text may lack its mark: a zero beside a first character that
/// `may_begin` allows is UTF-16, too.
pub fn utf8_strictly(bytes: &[u8], may_begin: impl Fn(u8) -> bool) -> Option<Cow<'_, [u8]>> {
    let (wide, encoding) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, encoding_rs::UTF_16LE),
        [0xfe, 0xff, rest @ ..] => (rest, encoding_rs::UTF_16BE),
        [0xef, 0xbb, 0xbf, rest @ ..] => return Some(Cow::Borrowed(rest)),
        [first, 0, ..] if may_begin(*first) => (bytes, encoding_rs::UTF_16LE),
        [0, first, ..] if may_begin(*first) => (bytes, encoding_rs::UTF_16BE),
        _ => return Some(Cow::Borrowed(bytes)),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(wide)?;
    Some(Cow::Owned(text.into_owned().into_bytes()))
}

/// Reads a text file that the user names.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn read(path: &std::path::Path) -> std::io::Result<String> {
    text(std::fs::read(path)?)
}

/// The text in bytes that the user gave.
///
/// # Errors
/// When they are no text.
pub fn text(bytes: Vec<u8>) -> std::io::Result<String> {
    let no_text =
        |_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is no text in UTF-8; save it as such");
    String::from_utf8(utf8(&bytes).into_owned()).map_err(no_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks_are_no_text() {
        assert_eq!(&*utf8(b"\xef\xbb\xbfroot\n"), b"root\n");
        assert_eq!(&*utf8(b"\xff\xfer\0\xe9\0"), "ré".as_bytes());
        assert_eq!(&*utf8(b"\xfe\xff\0r\0\xe9"), "ré".as_bytes());
        assert_eq!(&*utf8(b"root"), b"root");
        assert!(text(vec![0xff, 0xfe, 0x00, 0xd8]).is_ok_and(|text| text == "\u{fffd}"));
        assert!(text(vec![0xe9]).is_err());
    }

    #[test]
    fn wide_text_may_lack_its_mark_and_not_be_damaged() {
        let strictly =
            |bytes: &'static [u8]| utf8_strictly(bytes, |first| first == b'{').map(Cow::into_owned);
        assert_eq!(strictly(b"\xef\xbb\xbf{}").unwrap(), b"{}");
        assert_eq!(strictly(b"\xff\xfe{\0}\0").unwrap(), b"{}");
        assert_eq!(strictly(b"{\0}\0").unwrap(), b"{}");
        assert_eq!(strictly(b"\0{\0}").unwrap(), b"{}");
        assert_eq!(strictly(b"x\0y").unwrap(), b"x\0y");
        assert_eq!(strictly(b"\xff\xfe\0\xd8"), None);
    }
}
