//! `certificates`: certificate authorities that someone added to this machine's trust.
//!
//! Only the places for local additions are read, so the authorities that every system ships stay out. An
//! authority stays behind when the program that brought it is removed, so alone it is a remnant.

use sha1::{Digest, Sha1};

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::collector::windows::certificates as windows_certificates;
use crate::collector::{Applies, Collector, Sink};
use crate::format::certificate::pem;
use crate::format::certificate::x509::Certificate;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::fs::tree::{ListedKind, join};
use crate::model::{Artifact, Field, Location, Os, State};
use crate::registry::{HIVES, with_hives};
use crate::target::Target;
use crate::text::hex::hex;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "certificates",
    about: "Certificate authorities added to the machine's trust; on Windows every authority and publisher that the machine, a policy or a user trusts.",
    applies: Applies { os: &[Os::Linux, Os::Windows], live_only: false, image_only: false },
    reads: &with_hives::<{ HIVES.len() + FILES.len() }>(FILES),
    walks: &[],
    keys: windows_certificates::KEYS,
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Subject,
        Field::Issuer,
        Field::Serial,
        Field::Sha1,
        Field::Source,
        Field::Path,
        Field::User,
        Field::Uid,
        Field::Key,
    ],
    run,
    visit: None,
};

/// Places for local additions.
const FILES: &[&str] = &[
    "usr/local/share/ca-certificates/*",
    "usr/local/share/ca-certificates/*/*",
    "etc/pki/ca-trust/source/anchors/*",
    "usr/share/pki/ca-trust-source/anchors/*",
    "etc/pki/trust/anchors/*",
    "usr/share/pki/trust/anchors/*",
    "etc/ca-certificates/trust-source/anchors/*",
    "etc/ssl/certs/*",
];
/// The folder of all authorities: links to the shipped ones, and whatever was put there as a file.
const ALL: &str = "etc/ssl/certs";
/// Files there that hold all authorities together.
const BUNDLES: &[&[u8]] = &[b"ca-certificates.crt", b"ca-bundle.crt", b"ca-bundle.trust.crt", b"java"];
/// Bytes read of one file.
const LIMIT: usize = 1 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    windows_certificates::run(target, sink);
    let local: Vec<&str> = FILES.iter().copied().filter(|pattern| !pattern.starts_with(ALL)).collect();
    for found in sink.files(&target.root, &local) {
        file(target, sink, &found);
    }
    let Some(folder) = sink.glob(&target.root, ALL).into_iter().find(Found::is_directory) else { return };
    // Elsewhere the folder is a link to one that a tool fills with copies of the shipped authorities.
    if folder.real != *ALL.as_bytes() {
        return;
    }
    let names = sink.list(&target.root, &folder);
    for listed in names {
        if listed.kind == ListedKind::File && !BUNDLES.contains(&listed.name.as_slice()) {
            match target.root.find(&join(&folder.real, &listed.name)) {
                Ok(found) => file(target, sink, &found),
                Err(fault) => sink.fault(fault),
            }
        }
    }
}

fn file(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return };
    // DER is an ASN.1 sequence from the first byte on.
    let mut certificates = match bytes.first() {
        Some(0x30) => Salvaged::whole(vec![bytes.clone()]),
        _ => pem::certificates(&bytes),
    };
    if certificates.value.is_empty() && certificates.damage.is_empty() && bytes.starts_with(b"-") {
        let what = "the file ends inside its first line";
        certificates.damage.push(Damage::new(DamageKind::Truncated, None, what));
    }
    for der in certificates.value {
        match Certificate::read(&der) {
            Some(certificate) => {
                let artifact = artifact(sink, found, &der, &certificate);
                sink.artifact(artifact);
            }
            None => {
                let what = "a certificate that cannot be read";
                certificates.damage.push(Damage::new(DamageKind::Corrupt, None, what));
            }
        }
    }
    sink.damage(&found.path, &certificates.damage);
}

fn artifact(sink: &Sink<'_>, found: &Found, der: &[u8], certificate: &Certificate) -> Artifact {
    let sha1 = hex(&Sha1::digest(der));
    let subject = certificate.subject.to_string();
    let name = certificate.subject.common_name().map_or_else(|| name_of(found), str::to_owned);
    Artifact::new(sink.collector(), Location::record(&found.path, sha1.as_str()))
        .state(State::Remnant)
        .with(Field::Name, name)
        .with(Field::Subject, subject)
        .with(Field::Issuer, certificate.issuer.to_string())
        .with(Field::Serial, hex(&certificate.serial))
        .with(Field::Sha1, sha1)
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{GapKind, TargetKind};

    const ROOT: &[u8] = include_bytes!("../../../tests/fixtures/certificates/example-root.crt");

    fn run_on(tree: Memory) -> (Vec<Artifact>, Vec<crate::model::Gap>) {
        collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
    }

    #[test]
    fn added_authorities_are_told_and_shipped_ones_are_not() {
        let der = pem::certificates(ROOT).value.remove(0);
        let (artifacts, gaps) = run_on(
            Memory::new()
                .file("usr/local/share/ca-certificates/a/root.crt", ROOT)
                .file("etc/pki/ca-trust/source/anchors/root.der", der)
                .file("etc/pki/ca-trust/source/README", "text")
                .file("usr/share/ca-certificates/shipped.crt", ROOT)
                .link("etc/ssl/certs/shipped.pem", "/usr/share/ca-certificates/shipped.crt")
                .file("etc/ssl/certs/ca-certificates.crt", ROOT)
                .file("etc/ssl/certs/added.pem", ROOT),
        );
        assert!(gaps.is_empty(), "{gaps:?}");
        let paths: Vec<_> = artifacts.iter().filter_map(|artifact| artifact.text(Field::Path)).collect();
        assert_eq!(
            paths,
            [
                "/usr/local/share/ca-certificates/a/root.crt",
                "/etc/pki/ca-trust/source/anchors/root.der",
                "/etc/ssl/certs/added.pem"
            ]
        );
        for artifact in artifacts {
            assert_eq!(artifact.text(Field::Sha1), Some("53f12d084703f467985f47d37927aabe60af8eb3"));
            assert_eq!(artifact.text(Field::Subject), Some("O=АО Пример, CN=Example Root"));
            assert_eq!(
                (artifact.text(Field::Name), artifact.text(Field::Serial)),
                (Some("Example Root"), Some("1234"))
            );
        }
    }

    #[test]
    fn a_cut_certificate_is_a_gap() {
        let (artifacts, gaps) =
            run_on(Memory::new().file("usr/local/share/ca-certificates/x.crt", &ROOT[..ROOT.len() / 2]));
        assert!(artifacts.is_empty());
        assert_eq!(gaps[0].kind, GapKind::Truncated);
    }
}
