//! Certificates as Windows stores them in the registry: properties one behind the other, each with an identifier,
//! a reserved number and a length. Source: "CERT_CERT_PROP_ID" and its neighbours in wincrypt.h.

use crate::bytes::{Damage, DamageKind, Salvaged};

/// The certificate itself, in DER.
const CERTIFICATE: u32 = 32;
/// A name that an administrator gave it.
const FRIENDLY_NAME: u32 = 11;

/// What a stored certificate consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The certificate in DER, if it is there.
    pub certificate: Option<Vec<u8>>,
    /// The name it is shown by.
    pub friendly_name: Option<String>,
}

/// Reads the properties of a stored certificate.
pub fn read(bytes: &[u8]) -> Salvaged<Stored> {
    let mut stored = Salvaged::whole(Stored::default());
    let mut at = 0;
    while at < bytes.len() {
        let field = |offset| Some(u32::from_le_bytes(*bytes.get(at + offset..)?.first_chunk()?));
        let property = field(0).zip(field(8)).and_then(|(id, length)| {
            let data = bytes.get(at + 12..)?.get(..length as usize)?;
            Some((id, data))
        });
        let Some((id, data)) = property else {
            let what = "a property of a certificate is cut off";
            stored.damage.push(Damage::new(DamageKind::Truncated, at as u64, what));
            break;
        };
        match id {
            CERTIFICATE => stored.value.certificate = Some(data.to_vec()),
            FRIENDLY_NAME => {
                let name = crate::format::database::regf::utf16(data);
                stored.value.friendly_name = Some(name.trim_end_matches('\0').to_owned());
            }
            _ => {}
        }
        at += 12 + data.len();
    }
    stored
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(id: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = id.to_le_bytes().to_vec();
        bytes.extend(1u32.to_le_bytes());
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn the_certificate_lies_among_its_properties() {
        let mut bytes = property(3, &[7; 20]);
        bytes.extend(property(11, b"A\0\x16\x04\0\0"));
        bytes.extend(property(32, b"DER"));
        let stored = read(&bytes);
        assert!(stored.damage.is_empty());
        assert_eq!(stored.value.certificate.as_deref(), Some(b"DER".as_slice()));
        assert_eq!(stored.value.friendly_name.as_deref(), Some("AЖ"));
        let cut = read(&bytes[..bytes.len() - 1]);
        assert_eq!((cut.damage.len(), cut.value.certificate), (1, None));
        assert!(read(b"").damage.is_empty());
    }
}
