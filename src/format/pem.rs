//! PEM: DER between `-----BEGIN X-----` and `-----END X-----`, in base64 (RFC 7468, read leniently).
//!
//! Only certificates are wanted. Blanks, line lengths and text around the blocks do not matter; a block that
//! does not decode or does not end is damage, and the next one is read.

use super::{Damage, DamageKind, Salvaged};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
/// The most blocks read from one file.
const MAX_BLOCKS: usize = 10_000;

/// The certificates of a PEM file, as DER.
pub fn certificates(bytes: &[u8]) -> Salvaged<Vec<Vec<u8>>> {
    let mut out = Salvaged::whole(Vec::new());
    let mut block: Option<(u64, Vec<u8>)> = None;
    let mut offset = 0_u64;
    for line in bytes.split(|&byte| byte == b'\n') {
        let text = line.trim_ascii();
        if let Some(label) = text.strip_prefix(BEGIN) {
            unended(&mut out, block.take());
            let wanted =
                [b"CERTIFICATE-----".as_slice(), b"TRUSTED CERTIFICATE-----", b"X509 CERTIFICATE-----"];
            block = wanted.contains(&label).then(|| (offset, Vec::new()));
        } else if text.starts_with(END) {
            if let Some((at, base64)) = block.take() {
                match decoded(&base64) {
                    Some(der) => out.value.push(der),
                    None => {
                        out.damage.push(Damage::new(DamageKind::Corrupt, at, "a certificate is no base64"))
                    }
                }
            }
        } else if let Some((_, base64)) = &mut block {
            base64.extend_from_slice(text);
        }
        offset += line.len() as u64 + 1;
        if out.value.len() >= MAX_BLOCKS {
            out.damage.push(Damage::new(DamageKind::OverLimit, offset, "more certificates than are read"));
            return out;
        }
    }
    unended(&mut out, block);
    out
}

fn unended(out: &mut Salvaged<Vec<Vec<u8>>>, block: Option<(u64, Vec<u8>)>) {
    if let Some((at, _)) = block {
        out.damage.push(Damage::new(DamageKind::Truncated, at, "a certificate does not end"));
    }
}

/// The bytes of base64 text; `None` if it is none.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decoded(text.as_bytes()).unwrap(), bytes.as_bytes());
        }
        assert!(decoded(b"Z").is_none() && decoded(b"Zm9*").is_none());
    }

    #[test]
    fn only_certificates_and_the_next_after_a_bad_one() {
        let text = b"text\n-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n\
            -----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nZm\n9v\r\n-----END CERTIFICATE-----\n\
            -----BEGIN CERTIFICATE-----\nZm9v\n";
        let found = certificates(text);
        assert_eq!(found.value, [b"foo".to_vec()]);
        let kinds: Vec<_> = found.damage.iter().map(|damage| damage.kind).collect();
        assert_eq!(kinds, [DamageKind::Corrupt, DamageKind::Truncated]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            certificates(&[b"-----BEGIN CERTIFICATE-----\n".as_slice(), &bytes, b"\n-----END "].concat());
            decoded(&bytes);
        }
    }
}
