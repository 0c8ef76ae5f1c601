//! Digests: the one place where bytes are compared with the descriptor that names them.
//!
//! Source: the OCI image specification's `descriptor.md`. `sha256` and `sha512` are the algorithms that it registers
//! and that container engines implement; a blob that is named by another one cannot be verified, which is a gap.

use std::io::{self, Read};
use std::sync::Arc;

use sha2::{Digest as _, Sha256, Sha512};

use super::bodies::Sequential;
use super::manifest::Descriptor;
use crate::bytes::ReadAt;
use crate::model::GapKind;
use crate::text::hex::hex;

/// An algorithm that can be computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha512,
}

/// The proof that bytes have the digest that names them. Only this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verified {
    digest: String,
}

impl Verified {
    /// The digest that the bytes have.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }
}

/// Why bytes are not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unverified {
    pub(super) kind: GapKind,
    pub(super) detail: String,
}

impl Unverified {
    fn new(kind: GapKind, detail: impl Into<String>) -> Self {
        Unverified { kind, detail: detail.into() }
    }
}

/// Compares bytes with the descriptor that names them: its size, where it states one, and its digest.
///
/// # Errors
/// When they differ, or when the digest cannot be computed.
pub(super) fn verify(descriptor: &Descriptor, bytes: &[u8]) -> Result<Verified, Unverified> {
    let mut hasher = Hasher::of(&descriptor.digest)?;
    if descriptor.size != 0 && descriptor.size != bytes.len() as u64 {
        let detail = format!("it has {} bytes and should have {}", bytes.len(), descriptor.size);
        return Err(Unverified::new(GapKind::Corrupt, detail));
    }
    hasher.update(bytes);
    hasher.verify(&descriptor.digest)
}

/// Compares all bytes of a blob with its digest.
///
/// # Errors
/// As [`verify`], and when the blob cannot be read.
pub(super) fn verify_stream(digest: &str, bytes: &Arc<dyn ReadAt>) -> Result<Verified, Unverified> {
    let mut hasher = Hasher::of(digest)?;
    let mut stream = Sequential { bytes: Arc::clone(bytes), at: 0 };
    let mut buf = vec![0; 256 << 10];
    loop {
        match stream.read(&mut buf) {
            Ok(0) => return hasher.verify(digest),
            Ok(count) => hasher.update(buf.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Unverified::new(GapKind::Unreadable, error.to_string())),
        }
    }
}

/// The SHA-256 of bytes, as images write digests: their own name where nothing names them.
pub(super) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// Whether a text is a digest in the grammar of the specification, so that it can be part of a path or an address.
pub(super) fn is_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let of_encoded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'-');
    algorithm.split(['+', '.', '_', '-']).all(is_part)
        && !encoded.is_empty()
        && encoded.len() <= 256
        && encoded.bytes().all(of_encoded)
        && algorithm_of(text).is_none_or(|algorithm| {
            encoded.len() == algorithm.digits()
                && encoded.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
}

/// The algorithm of a digest; `None` for one that cannot be computed here.
fn algorithm_of(digest: &str) -> Option<Algorithm> {
    match digest.split_once(':')?.0 {
        "sha256" => Some(Algorithm::Sha256),
        "sha512" => Some(Algorithm::Sha512),
        _ => None,
    }
}

impl Algorithm {
    /// Hexadecimal digits of its digests.
    fn digits(self) -> usize {
        match self {
            Algorithm::Sha256 => 64,
            Algorithm::Sha512 => 128,
        }
    }
}

/// Computes the digest of bytes that come one after the other.
#[derive(Debug, Clone)]
pub(super) struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Hasher {
    /// A hasher by the algorithm of a digest.
    ///
    /// # Errors
    /// When the text is no digest, or names another algorithm.
    pub(super) fn of(digest: &str) -> Result<Hasher, Unverified> {
        if !is_digest(digest) {
            let shown = crate::text::text_of(digest.get(..80).unwrap_or(digest).as_bytes());
            let detail = format!("`{shown}` is no digest, so the content cannot be verified");
            return Err(Unverified::new(GapKind::Corrupt, detail));
        }
        match algorithm_of(digest) {
            Some(Algorithm::Sha256) => Ok(Hasher(State::Sha256(Sha256::new()))),
            Some(Algorithm::Sha512) => Ok(Hasher(State::Sha512(Box::new(Sha512::new())))),
            None => {
                let algorithm = digest.split(':').next().unwrap_or_default();
                let detail = format!(
                    "its digest is made by {algorithm}, which debar does not compute, so the content cannot be verified"
                );
                Err(Unverified::new(GapKind::Unsupported, detail))
            }
        }
    }

    /// Takes in the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(hash) => hash.update(bytes),
            State::Sha512(hash) => hash.update(bytes),
        }
    }

    /// Compares the digest of what came with the expected one.
    ///
    /// # Errors
    /// When they differ.
    pub(super) fn verify(self, expected: &str) -> Result<Verified, Unverified> {
        let digest = match self.0 {
            State::Sha256(hash) => format!("sha256:{}", hex(&hash.finalize())),
            State::Sha512(hash) => format!("sha512:{}", hex(&hash.finalize())),
        };
        if digest == expected {
            return Ok(Verified { digest });
        }
        let detail = format!("the digest of its bytes is {digest}, not {expected}");
        Err(Unverified::new(GapKind::Corrupt, detail))
    }
}

/// The id of a chain of layers: what is below, and the next layer, hashed together.
pub(super) fn chain_id(diff_ids: &[String]) -> Option<String> {
    let mut ids = diff_ids.iter();
    let first = ids.next()?.clone();
    Some(ids.fold(first, |chain, next| sha256(format!("{chain} {next}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(digest: &str, size: u64, bytes: &[u8]) -> Result<Verified, Unverified> {
        verify(&Descriptor { digest: digest.to_owned(), size, ..Descriptor::default() }, bytes)
    }

    const EMPTY_512: &str = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

    #[test]
    fn both_algorithms_are_computed() {
        let sha256 = sha256(b"abc");
        assert_eq!(sha256, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(of(&sha256, 3, b"abc").unwrap().digest(), sha256);
        assert_eq!(of(&sha256, 0, b"abc").unwrap().digest(), sha256);
        assert_eq!(of(EMPTY_512, 0, b"").unwrap().digest(), EMPTY_512);
    }

    #[test]
    fn other_bytes_and_sizes_are_refused() {
        for (digest, size) in [(sha256(b"abd"), 0), (EMPTY_512.to_owned(), 0), (sha256(b"abc"), 4)] {
            assert_eq!(of(&digest, size, b"abc").unwrap_err().kind, GapKind::Corrupt, "{digest}");
        }
    }

    #[test]
    fn other_algorithms_cannot_be_verified() {
        for digest in
            ["sha384:00", "blake3:00", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256+b64u:LCa0a2j"]
        {
            let unverified = of(digest, 0, b"").unwrap_err();
            assert_eq!(unverified.kind, GapKind::Unsupported, "{digest}");
            assert!(unverified.detail.contains("cannot be verified"), "{}", unverified.detail);
        }
    }

    #[test]
    fn what_is_no_digest_is_no_part_of_a_path() {
        let upper = sha256(b"").to_uppercase().replace("SHA256", "sha256");
        let long = format!("sha256:{}", "a".repeat(65));
        let more =
            ["", ":", "sha256", "sha256:", "sha256:ab", "sha256:../../x", "SHA256:aa", "a/b:cc", "x:a b"];
        for text in more.into_iter().chain([upper.as_str(), long.as_str()]) {
            assert!(!is_digest(text), "{text}");
            assert_eq!(of(text, 0, b"").unwrap_err().kind, GapKind::Corrupt, "{text}");
        }
        assert!(is_digest(EMPTY_512) && is_digest("blake3:ab-_="));
    }
}
