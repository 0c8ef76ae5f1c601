//! Certificates: who they are for and who issued them. Nothing is verified.
//!
//! Names keep every attribute in every string type that real certificates use (also BMP and T61 strings), so
//! that an organisation in Cyrillic or Japanese matches. Format: RFC 5280; string types: X.520.

use std::fmt;

use super::asn1::{Element, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET};
use crate::format::executable::text;

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const COUNTRY: &[u8] = &[0x55, 4, 6];
const LOCALITY: &[u8] = &[0x55, 4, 7];
const STATE: &[u8] = &[0x55, 4, 8];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 4, 11];
/// 2.5.29.14.
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];

/// A distinguished name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Object identifier (content octets) and text of each attribute, in order.
    pub attributes: Vec<(Vec<u8>, String)>,
}

impl Name {
    /// The last common name, the most specific one.
    pub fn common_name(&self) -> Option<&str> {
        self.all(COMMON_NAME).last()
    }

    /// The organisation.
    pub fn organization(&self) -> Option<&str> {
        self.all(ORGANIZATION).last()
    }

    /// The organisational units; Apple keeps the team identifier there.
    pub fn organizational_units(&self) -> impl Iterator<Item = &str> {
        self.all(ORGANIZATIONAL_UNIT)
    }

    /// Common name and organisation, as far as present, each once: what a signer is known by.
    pub fn known_as(&self) -> Vec<String> {
        let mut names: Vec<String> = self.common_name().map(str::to_owned).into_iter().collect();
        names.extend(self.organization().filter(|name| Some(*name) != self.common_name()).map(str::to_owned));
        if names.is_empty() {
            names.extend(self.organizational_units().map(str::to_owned));
        }
        names
    }

    fn all(&self, oid: &[u8]) -> impl DoubleEndedIterator<Item = &str> {
        self.attributes.iter().filter(move |(key, _)| key == oid).map(|(_, value)| value.as_str())
    }

    pub(crate) fn read(element: &Element<'_>) -> Name {
        let mut attributes = Vec::new();
        for set in element.children().filter(|set| set.tag == SET) {
            for attribute in set.children() {
                let mut parts = attribute.children();
                if let (Some(oid), Some(value)) = (parts.next_if(OBJECT_IDENTIFIER), parts.next()) {
                    attributes.push((oid.content.to_vec(), string(&value)));
                }
            }
        }
        Name { attributes }
    }
}

/// As RFC 4514 writes it, in the order of the certificate, without escapes: `C=RU, O=…, CN=…`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (oid, value) in &self.attributes {
            let key = match oid.as_slice() {
                COMMON_NAME => "CN",
                COUNTRY => "C",
                LOCALITY => "L",
                STATE => "ST",
                ORGANIZATION => "O",
                ORGANIZATIONAL_UNIT => "OU",
                _ => continue,
            };
            write!(f, "{separator}{key}={value}")?;
            separator = ", ";
        }
        Ok(())
    }
}

/// The text of a directory string of any type.
fn string(value: &Element<'_>) -> String {
    match value.tag {
        // BMPString.
        0x1e => {
            let units = value
                .content
                .chunks_exact(2)
                .filter_map(|pair| Some(u16::from_be_bytes(*pair.first_chunk()?)));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        // UniversalString.
        0x1c => {
            let units = value
                .content
                .chunks_exact(4)
                .filter_map(|four| Some(u32::from_be_bytes(*four.first_chunk()?)));
            units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        // T61String is Latin-1 in practice, and the others are UTF-8 or ASCII.
        0x14 if std::str::from_utf8(value.content).is_err() => {
            value.content.iter().map(|&byte| char::from(byte)).collect()
        }
        _ => text(value.content),
    }
}

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Who it is for.
    pub subject: Name,
    /// Who issued it.
    pub issuer: Name,
    /// The serial number, most significant byte first, as stored.
    pub serial: Vec<u8>,
    /// The subject key identifier, if it has one.
    pub key_id: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads the certificate that some bytes start with; `None` if they are none.
    pub fn read(bytes: &[u8]) -> Option<Certificate> {
        Certificate::from_element(&Elements::new(bytes).next()?)
    }

    pub(crate) fn from_element(element: &Element<'_>) -> Option<Certificate> {
        if element.tag != SEQUENCE {
            return None;
        }
        let mut parts = element.children().next().filter(|signed| signed.tag == SEQUENCE)?.children();
        let _version = parts.next_if(0xa0);
        let serial = parts.next_if(INTEGER)?.content.to_vec();
        let _algorithm = parts.next_if(SEQUENCE)?;
        let issuer = Name::read(&parts.next_if(SEQUENCE)?);
        let _validity = parts.next_if(SEQUENCE)?;
        let subject = Name::read(&parts.next_if(SEQUENCE)?);
        let extensions = parts.find(|part| part.tag == 0xa3);
        let key_id = extensions.and_then(|extensions| key_id(&extensions.children().next()?));
        Some(Certificate { subject, issuer, serial, key_id })
    }
}

fn key_id(extensions: &Element<'_>) -> Option<Vec<u8>> {
    let extension = extensions.children().find(|extension| {
        extension.children().next().is_some_and(|oid| oid.content == SUBJECT_KEY_IDENTIFIER)
    })?;
    let value = extension.children().find(|part| part.tag == OCTET_STRING)?;
    Some(value.children().next().filter(|inner| inner.tag == OCTET_STRING)?.content.to_vec())
}
