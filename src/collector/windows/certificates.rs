//! Certificates in the registry: authorities and publishers that the machine, a policy or a user trusts.

use sha1::{Digest, Sha1};

use super::registered::artifact;
use crate::collector::Sink;
use crate::format::certificate::certificate_blob;
use crate::format::certificate::x509::Certificate;
use crate::model::{Field, State};
use crate::target::Target;
use crate::text::hex::hex;

/// Where stores of certificates are.
pub(in super::super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\SystemCertificates\*\Certificates\*",
    r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\*\Certificates\*",
    r"HKLM\SOFTWARE\Microsoft\EnterpriseCertificates\*\Certificates\*",
    r"HKU\*\Software\Microsoft\SystemCertificates\*\Certificates\*",
    r"HKU\*\Software\Policies\Microsoft\SystemCertificates\*\Certificates\*",
];
/// Stores of what is not trusted.
const DISTRUST: &[&str] = &["Disallowed"];

/// Yields every certificate in a store of the registry; alone it is what a removed program left.
pub(in super::super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for pattern in KEYS {
        for key in sink.keys(registry, pattern) {
            let store = key.path().rsplit('\\').nth(2).unwrap_or_default().to_owned();
            if DISTRUST.iter().any(|name| store.eq_ignore_ascii_case(name)) {
                continue;
            }
            let values = sink.values(&key);
            let Some(blob) = values.bytes("Blob") else { continue };
            let stored = certificate_blob::read(blob);
            if let Some(damage) = stored.damage.first() {
                sink.gap(crate::model::GapKind::Truncated, key.path(), damage.what.as_str());
            }
            let Some(der) = stored.value.certificate else { continue };
            let Some(certificate) = Certificate::read(&der) else {
                let what = "what is stored as a certificate is none";
                sink.gap(crate::model::GapKind::Corrupt, key.path(), what);
                continue;
            };
            let subject = certificate.subject.to_string();
            let name = certificate.subject.common_name().map_or_else(|| key.name().to_owned(), str::to_owned);
            let artifact = artifact(sink, registry, &key)
                .with(Field::Name, name)
                .with_some(Field::DisplayName, stored.value.friendly_name)
                .with(Field::Subject, subject)
                .with(Field::Issuer, certificate.issuer.to_string())
                .with(Field::Serial, hex(&certificate.serial))
                .with(Field::Sha1, hex(&Sha1::digest(&der)))
                .with(Field::Source, store)
                .state(State::Remnant);
            sink.artifact(artifact);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::{collect, named};
    use crate::format::certificate::pem;
    use crate::registry::Memory;

    #[test]
    fn authorities_of_machine_and_user_are_told_and_distrusted_ones_are_not() {
        let root = include_bytes!("../../../tests/fixtures/certificates/example-root.crt");
        let der = pem::certificates(root).value.remove(0);
        let mut blob: Vec<u8> = [32u32, 1, der.len() as u32].iter().flat_map(|n| n.to_le_bytes()).collect();
        blob.extend(&der);
        let blob = blob.as_slice();
        let registry = Memory::new()
            .user("S-1-5-21-1", "Анна")
            .value(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates\53F1", "Blob", blob)
            .value(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\Disallowed\Certificates\53F1", "Blob", blob)
            .value(
                r"HKU\S-1-5-21-1\Software\Microsoft\SystemCertificates\Root\Certificates\53F1",
                "Blob",
                blob,
            )
            .value(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\CA\Certificates\1", "Blob", &blob[..40]);
        let target = crate::collector::windows::testing::complete().target(registry);
        let (found, gaps) = collect(named("certificates").unwrap(), &target);
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        let stores: Vec<_> =
            found.iter().map(|one| (one.text(Field::Source), one.text(Field::User))).collect();
        assert_eq!(stores, [(Some("ROOT"), None), (Some("Root"), Some("Анна"))]);
        assert_eq!(found[0].text(Field::Subject), Some("O=АО Пример, CN=Example Root"));
    }
}
