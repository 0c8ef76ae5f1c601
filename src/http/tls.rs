//! TLS: whom this machine trusts, and what it proves itself by.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

/// Files that TLS is set up from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    /// Authorities to trust instead of the system's.
    pub(crate) authorities: Option<PathBuf>,
    /// The client's certificate with its chain.
    pub(crate) certificate: Option<PathBuf>,
    /// Its key, when it is in another file.
    pub(crate) key: Option<PathBuf>,
}

/// Sets TLS up.
///
/// # Errors
/// When this processor cannot, no authority is known, or a file does not hold what it should.
pub(crate) fn config(identity: &Identity) -> Result<TlsConfig, String> {
    if !can_encrypt() {
        return Err(
            "this processor lacks the instructions (AES, AVX2 or their like) that TLS is done with here"
                .to_owned(),
        );
    }
    let provider = Arc::new(rustls_graviola::default_provider());
    Ok(TlsConfig::builder()
        .root_certs(authorities(identity.authorities.as_deref())?)
        .client_cert(client(identity)?)
        .unversioned_rustls_crypto_provider(provider)
        .build())
}

fn authorities(named: Option<&Path>) -> Result<RootCerts, String> {
    if let Some(path) = named {
        let (certificates, _) = pem(path)?;
        if certificates.is_empty() {
            return Err(format!("{} holds no certificate of an authority (PEM)", path.display()));
        }
        return Ok(RootCerts::from(certificates));
    }
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err("no trusted certificate authorities were found on this system. Install them (`ca-certificates`), or \
            name a file of them in SSL_CERT_FILE"
            .to_owned());
    }
    Ok(RootCerts::from(found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned())))
}

fn client(identity: &Identity) -> Result<Option<ClientCert>, String> {
    let Some(path) = &identity.certificate else { return Ok(None) };
    let (chain, own) = pem(path)?;
    if chain.is_empty() {
        return Err(format!("{} holds no certificate (PEM)", path.display()));
    }
    let key = match &identity.key {
        Some(path) => pem(path)?.1.ok_or_else(|| no_key(path))?,
        None => own.ok_or_else(|| no_key(path))?,
    };
    check(&chain, &key).map_err(|why| format!("cannot use {} with its key: {why}", path.display()))?;
    Ok(Some(ClientCert::new_with_certs(&chain, key)))
}

/// Checks that a certificate can be used and that the key is its own.
fn check(chain: &[Certificate<'static>], key: &PrivateKey<'static>) -> Result<(), String> {
    let key = PrivateKeyDer::try_from(key.der().to_vec())?;
    let chain = chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_client_auth_cert(chain, key);
    config.map(drop).map_err(|error| match error.to_string() {
        why if why.contains("UnsupportedCertVersion") => {
            format!("{why}. It must have version 3: give `openssl x509 -req` a file of extensions (-extfile)")
        }
        why => why,
    })
}

fn no_key(path: &Path) -> String {
    format!("{} holds no private key (PEM, without a password)", path.display())
}

/// The certificates and the first key of a file.
fn pem(path: &Path) -> Result<(Vec<Certificate<'static>>, Option<PrivateKey<'static>>), String> {
    let unusable = |why: &dyn std::fmt::Display| format!("cannot use {}: {why}", path.display());
    let bytes = std::fs::read(path).map_err(|error| unusable(&crate::model::plain(&error)))?;
    let (mut certificates, mut key) = (Vec::new(), None);
    for item in parse_pem(&bytes) {
        match item.map_err(|error| unusable(&error))? {
            PemItem::Certificate(certificate) => certificates.push(certificate),
            PemItem::PrivateKey(found) => key = key.or(Some(found)),
            _ => {}
        }
    }
    Ok((certificates, key))
}

/// Whether the processor has what the cryptography library needs; it would end the program otherwise.
fn can_encrypt() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        has!("aes")
            && has!("ssse3")
            && has!("pclmulqdq")
            && has!("avx")
            && has!("avx2")
            && has!("adx")
            && has!("bmi1")
            && has!("bmi2")
    }
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::is_aarch64_feature_detected as has;
        has!("neon") && has!("aes") && has!("pmull") && has!("sha2")
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        false
    }
}
