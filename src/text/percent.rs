//! Percent-encoding of addresses (RFC 3986, section 2.1).

/// The text behind percent-encoding; what is no encoding stays.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let encoded = digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(encoded.unwrap_or(byte));
        rest = if encoded.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encodings_are_decoded() {
        for (text, expected) in [("a%20b", "a b"), ("%D0%9A", "К"), ("100%", "100%"), ("%zz%4", "%zz%4")] {
            assert_eq!(decoded(text), expected);
        }
    }
}
