//! Certificates and code signatures (X.509, PKCS #7).

pub mod asn1;
pub mod authenticode;
pub mod certificate_blob;
pub mod pem;
pub mod pkcs7;
pub mod x509;
