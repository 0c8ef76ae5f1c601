//! PKCS #7 / CMS signed data: the identity of signers and of the certificates that came along.
//!
//! Identity only: no digest, signature, validity or trust is checked. A forged or expired signature reads like
//! a good one, which is what an inventory wants to know; it must never be used to trust a file. Signatures
//! nested in an unsigned attribute (Authenticode's second, newer signature) are read too; time stamps are not,
//! since they name the time stamping authority. Format: RFC 5652; nesting: Microsoft's 1.3.6.1.4.1.311.2.4.1.

use super::asn1::{Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET};
use super::x509::{Certificate, Name};
use crate::bytes::{Damage, DamageKind, Salvaged, limited};

/// 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
/// 1.3.6.1.4.1.311.2.4.1.
const NESTED_SIGNATURE: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 4, 1];
/// More signed data in one signature than this is not read; dual signatures have two.
const MAX_NESTED: usize = 16;
/// More certificates or signers in one signature than this are not read; chains have up to ten.
const MAX_MEMBERS: usize = 256;

/// One signer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signer {
    /// Issuer of the signer's certificate, if it is named so.
    pub issuer: Option<Name>,
    /// Serial number of the signer's certificate, if it is named so.
    pub serial: Vec<u8>,
    /// Subject key identifier of the signer's certificate, if it is named so.
    pub key_id: Option<Vec<u8>>,
    /// Subject of the signer's certificate, if the certificate came along.
    pub subject: Option<Name>,
}

/// The identities in a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedData {
    /// The signers, those of nested signatures after the outer ones.
    pub signers: Vec<Signer>,
    /// The certificates that came along, in order.
    pub certificates: Vec<Certificate>,
}

impl SignedData {
    /// What the signers are known by: common names and organisations, each once.
    pub fn signer_names(&self) -> Vec<String> {
        distinct(self.signers.iter().filter_map(|signer| signer.subject.as_ref()))
    }

    /// What the subjects of all certificates are known by, each once.
    pub fn certificate_names(&self) -> Vec<String> {
        distinct(self.certificates.iter().map(|certificate| &certificate.subject))
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a Name>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names.flat_map(Name::known_as) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Reads signed data; bytes after it (padding) do not matter.
///
/// Damage is Corrupt when it is no signed data or a part of it does not fit, OverLimit when there are absurdly
/// many parts.
pub fn read(bytes: &[u8]) -> Salvaged<SignedData> {
    let mut out = Salvaged::whole(SignedData::default());
    let mut pending = vec![bytes];
    let mut count = 0;
    while let Some(bytes) = pending.pop() {
        count += 1;
        if count > MAX_NESTED {
            let what = format!("more than {MAX_NESTED} nested signatures");
            out.damage.push(Damage::new(DamageKind::OverLimit, None, what));
            break;
        }
        if read_one(bytes, &mut out, &mut pending).is_none() {
            let what = "the signature is no PKCS #7 signed data or is cut";
            out.damage.push(Damage::new(DamageKind::Corrupt, None, what));
        }
    }
    out
}

/// `None` if the structure ends before its signers.
fn read_one<'a>(bytes: &'a [u8], out: &mut Salvaged<SignedData>, pending: &mut Vec<&'a [u8]>) -> Option<()> {
    let mut content_info = Elements::new(bytes).next().filter(|outer| outer.tag == SEQUENCE)?.children();
    content_info.next_if(OBJECT_IDENTIFIER).filter(|oid| oid.content == SIGNED_DATA)?;
    let mut parts = content_info.next_if(0xa0)?.children().next_if(SEQUENCE)?.children();
    parts.next_if(INTEGER)?;
    parts.next_if(SET)?;
    parts.next_if(SEQUENCE)?;
    let first = out.value.certificates.len();
    if let Some(set) = parts.next_if(0xa0) {
        certificates(&set, out);
    }
    let _revocations = parts.next_if(0xa1);
    let signers = parts.next_if(SET)?;
    let certificates: Vec<Certificate> = out.value.certificates.get(first..).unwrap_or_default().to_vec();
    for element in limited(signers.children(), MAX_MEMBERS, "signers", &mut out.damage) {
        let mut signer = signer(&element, pending)?;
        let certificate = certificates.iter().find(|certificate| signer.is_of(certificate));
        signer.subject = certificate.map(|certificate| certificate.subject.clone());
        out.value.signers.push(signer);
    }
    Some(())
}

fn certificates(set: &Element<'_>, out: &mut Salvaged<SignedData>) {
    let mut elements = set.children();
    for element in limited(elements.by_ref(), MAX_MEMBERS, "certificates", &mut out.damage) {
        // Other kinds of certificates (attribute certificates) have context tags.
        if element.tag == SEQUENCE {
            match Certificate::from_element(&element) {
                Some(certificate) => out.value.certificates.push(certificate),
                None => out.damage.push(Damage::new(DamageKind::Corrupt, None, "a certificate is damaged")),
            }
        }
    }
    if !elements.rest().is_empty() {
        out.damage.push(Damage::new(DamageKind::Corrupt, None, "the certificates do not fit their set"));
    }
}

fn signer<'a>(element: &Element<'a>, pending: &mut Vec<&'a [u8]>) -> Option<Signer> {
    let mut parts = element.children();
    parts.next_if(INTEGER)?;
    let id = parts.next()?;
    let mut signer = Signer::default();
    if id.tag == SEQUENCE {
        let mut id = id.children();
        signer.issuer = Some(Name::read(&id.next_if(SEQUENCE)?));
        signer.serial = id.next_if(INTEGER)?.content.to_vec();
    } else {
        signer.key_id = Some(id.content.to_vec());
    }
    let attributes = parts.find(|part| part.tag == 0xa1);
    for attribute in attributes.iter().flat_map(Element::children) {
        let mut attribute = attribute.children();
        if attribute.next_if(OBJECT_IDENTIFIER).is_some_and(|oid| oid.content == NESTED_SIGNATURE) {
            // Each value of the set is a whole signature.
            let values = attribute.next_if(SET)?;
            let mut rest = values.children();
            while !rest.rest().is_empty() {
                pending.push(rest.rest());
                rest.next()?;
            }
        }
    }
    Some(signer)
}

impl Signer {
    fn is_of(&self, certificate: &Certificate) -> bool {
        match (&self.issuer, &self.key_id) {
            (Some(issuer), _) => *issuer == certificate.issuer && self.serial == certificate.serial,
            (None, Some(key_id)) => certificate.key_id.as_ref() == Some(key_id),
            (None, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INDEFINITE: &[u8] = include_bytes!("../../../tests/fixtures/executables/cms-indefinite.ber");

    #[test]
    fn indefinite_lengths_and_a_signer_named_by_key_id() {
        let signed = read(INDEFINITE);
        assert_eq!(signed.damage, []);
        assert_eq!(signed.value.signer_names(), ["Example Lab JSC", "Example Lab"]);
        assert_eq!(signed.value.signers[0].issuer, None);
        assert_eq!(
            signed.value.certificate_names(),
            ["Example Code Signing CA", "Example Trust", "Example Lab JSC", "Example Lab"]
        );
    }

    #[test]
    fn other_bytes_are_damage() {
        assert_eq!(read(b"").damage[0].kind, DamageKind::Corrupt);
        assert_eq!(read(&INDEFINITE[..400]).damage[0].kind, DamageKind::Corrupt);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_change_never_panics(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = read(&bytes);
            let mut bytes = INDEFINITE.to_vec();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = read(&bytes);
        }
    }
}
