//! ASN.1 elements in DER or BER, as far as certificates and signatures need them.
//!
//! Own code because real signatures are not all DER: Apple's use indefinite lengths, and a strict decoder would
//! lose the signer of all of them. Elements are slices of the input, nothing is copied and nothing recurses.
//! Encoding: ITU-T X.690.

/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `OCTET STRING`.
pub const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// `SEQUENCE` and `SEQUENCE OF`.
pub const SEQUENCE: u8 = 0x30;
/// `SET` and `SET OF`.
pub const SET: u8 = 0x31;

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet: class, constructed bit, tag number.
    pub tag: u8,
    /// The content, without the end mark of an indefinite length.
    pub content: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub fn children(&self) -> Elements<'a> {
        Elements { rest: self.content }
    }
}

/// The elements that follow each other in some bytes, up to the first that does not fit.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The elements of some bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Elements { rest: bytes }
    }

    /// What has not been read yet: empty at a clean end.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element if it has this tag; otherwise nothing is consumed.
    pub fn next_if(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.rest.first() != Some(&tag) {
            return None;
        }
        self.next()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, length, header) = header(self.rest)?;
        let body = self.rest.get(header..)?;
        let (content, end) = match length {
            Some(length) => (body.get(..length)?, length),
            None => {
                let end = end_of_indefinite(body)?;
                (body.get(..end)?, end.checked_add(2)?)
            }
        };
        self.rest = body.get(end..)?;
        Some(Element { tag, content })
    }
}

/// Tag, length (`None` if indefinite) and size of the header of the element that starts here.
fn header(bytes: &[u8]) -> Option<(u8, Option<usize>, usize)> {
    let tag = *bytes.first()?;
    // Tag numbers over 30 do not occur in certificates and signatures.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let first = *bytes.get(1)?;
    match first {
        0..=0x7f => Some((tag, Some(usize::from(first)), 2)),
        0x80 if tag & 0x20 != 0 => Some((tag, None, 2)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let length = bytes.get(2..2 + count)?.iter().fold(0_usize, |n, byte| n << 8 | usize::from(*byte));
            Some((tag, Some(length), 2 + count))
        }
        _ => None,
    }
}

/// Where the end mark that belongs to this content stands.
fn end_of_indefinite(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    let mut open = 0_usize;
    loop {
        let rest = bytes.get(at..)?;
        if rest.starts_with(&[0, 0]) {
            if open == 0 {
                return Some(at);
            }
            open -= 1;
            at += 2;
            continue;
        }
        let (_, length, header) = header(rest)?;
        at = at.checked_add(header)?;
        match length {
            Some(length) => at = at.checked_add(length)?,
            None => open += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_short_long_and_indefinite() {
        let bytes = [
            0x02, 0x01, 0x05, // short
            0x04, 0x81, 0x02, 0xaa, 0xbb, // long
            0x30, 0x80, 0x31, 0x80, 0x02, 0x01, 0x07, 0, 0, 0x02, 0x01, 0x08, 0,
            0, // indefinite, nested
            0x05, 0x00,
        ];
        let elements: Vec<_> = Elements::new(&bytes).collect();
        let tags: Vec<_> = elements.iter().map(|element| element.tag).collect();
        assert_eq!(tags, [INTEGER, OCTET_STRING, SEQUENCE, 0x05]);
        assert_eq!(elements[1].content, [0xaa, 0xbb]);
        let inner: Vec<_> = elements[2].children().collect();
        assert_eq!(inner.len(), 2);
        assert_eq!(inner[0].children().next().unwrap().content, [7]);
        assert_eq!(inner[1].content, [8]);
    }

    #[test]
    fn an_element_past_the_end_is_none() {
        for bytes in
            [&[0x30][..], &[0x30, 5, 1], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80, 2, 1, 1]]
        {
            assert_eq!(Elements::new(bytes).next(), None);
            assert!(!Elements::new(bytes).rest().is_empty());
        }
    }
}
