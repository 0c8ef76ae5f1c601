//! PEM: DER between `-----BEGIN X-----` and `-----END X-----`, in base64 (RFC 7468, read leniently).
//!
//! Only certificates are wanted. Blanks, line lengths and text around the blocks do not matter; a block that
//! does not decode or does not end is damage, and the next one is read.

use crate::bytes::decode::base64;
use crate::bytes::{Damage, DamageKind, Salvaged};

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
            if let Some((at, text)) = block.take() {
                match base64(&text) {
                    Some(der) => out.value.push(der),
                    None => {
                        out.damage.push(Damage::new(DamageKind::Corrupt, at, "a certificate is no base64"))
                    }
                }
            }
        } else if let Some((_, collected)) = &mut block {
            collected.extend_from_slice(text);
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
            assert_eq!(base64(text.as_bytes()).unwrap(), bytes.as_bytes());
        }
        assert!(base64(b"Z").is_none() && base64(b"Zm9*").is_none());
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
            base64(&bytes);
        }
    }
}
