//! Detached signatures beside a file, as minisign makes them (`FILE.minisig`), so that anyone who gets a file can tell
//! who made it without a server or a certificate.
//!
//! The format is that of minisign(1): Ed25519 over BLAKE2b of the content, with a signed comment. Keys are made
//! with `minisign -G`; debar makes none. Source: <https://jedisct1.github.io/minisign/>.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use minisign::{PublicKey, PublicKeyBox, SecretKeyBox, SignatureBox};

/// The ending of the file that a signature lies in, beside the signed file.
pub const EXTENSION: &str = "minisig";

/// Where the signature of a file lies.
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{EXTENSION}"));
    PathBuf::from(name)
}

/// Why a signature could not be made or does not hold: a lower-case fragment that follows the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

/// A public key that someone trusts.
#[derive(Debug, Clone)]
pub struct TrustedKey {
    key: PublicKey,
    id: String,
}

/// What a signature that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Id of the key, as minisign prints it: 16 hexadecimal digits.
    pub key: String,
    /// The comment under the signature.
    pub comment: String,
}

impl TrustedKey {
    /// Reads a key: the content of a `.pub` file, or its second line alone.
    ///
    /// # Errors
    /// When it is no minisign public key.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text = text.trim();
        let key = match text.lines().count() {
            1 => PublicKey::from_base64(text),
            _ => PublicKeyBox::from_string(text).and_then(PublicKeyBox::into_public_key),
        };
        let key = key.map_err(|_| Refused("it is no minisign public key".to_owned()))?;
        let id = key_id(key.keynum());
        Ok(TrustedKey { key, id })
    }

    /// The id of the key, as minisign prints it.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// A secret key that was opened.
pub struct SigningKey(minisign::SecretKey);

/// Opens a secret key (the content of minisign's key file). `password` opens an encrypted one; without it, it is asked
/// for on the terminal.
///
/// # Errors
/// When the key cannot be read or opened.
pub fn open_key(key: &str, password: Option<String>) -> Result<SigningKey, Refused> {
    let load = |open: &dyn Fn(SecretKeyBox) -> minisign::Result<minisign::SecretKey>| {
        SecretKeyBox::from_string(key).and_then(open)
    };
    // A key without a password is tried first, so that nobody is asked for one that there is not.
    let key = load(&SecretKeyBox::into_unencrypted_secret_key)
        .or_else(|_| load(&|key| key.into_secret_key(password.clone())))
        .map_err(|_| Refused("the secret key or its password is wrong".to_owned()))?;
    Ok(SigningKey(key))
}

/// Signs data and returns the text of a `.minisig` file.
///
/// # Errors
/// When the key cannot be used.
pub fn sign(key: &SigningKey, data: &[u8], comment: &str) -> Result<String, Refused> {
    // A line break in the comment would end the signed line.
    let comment: String = comment.chars().filter(|char| !char.is_control()).collect();
    let signature = minisign::sign(None, &key.0, Cursor::new(data), Some(&comment), None);
    let signature = signature.map_err(|_| Refused("nothing can be signed with it".to_owned()))?;
    Ok(signature.into_string())
}

/// Checks a signature (the text of a `.minisig` file) of data against the keys that are trusted.
///
/// # Errors
/// When it is no signature, was made by a key that is not among them, or does not fit the data.
pub fn verify(keys: &[TrustedKey], signature: &str, data: &[u8]) -> Result<Signed, Refused> {
    let signature = SignatureBox::from_string(signature)
        .map_err(|_| Refused("its signature file is no minisign signature".to_owned()))?;
    let id = key_id(signature.keynum());
    let Some(trusted) = keys.iter().find(|key| key.id == id) else {
        return Err(Refused(format!("it is signed by key {id}, which is not among the trusted keys")));
    };
    minisign::verify(&trusted.key, &signature, Cursor::new(data), true, false, false)
        .map_err(|_| Refused(format!("its signature by key {id} does not fit: the file was changed")))?;
    let comment = signature.trusted_comment().unwrap_or_else(|_| String::new());
    Ok(Signed { key: id, comment })
}

/// minisign prints the eight bytes of an id as one little-endian number.
fn key_id(bytes: &[u8]) -> String {
    bytes.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use minisign::KeyPair;

    use super::*;

    fn pair() -> (String, TrustedKey) {
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let public = TrustedKey::parse(&pair.pk.to_box().unwrap().into_string()).unwrap();
        (pair.sk.to_box(None).unwrap().into_string(), public)
    }

    #[test]
    fn a_signature_holds_for_its_data_and_its_key_only() {
        let ((secret, public), (_, other)) = (pair(), pair());
        let signature = sign(&open_key(&secret, None).unwrap(), b"data", "version 7\ninjected").unwrap();
        let signed = verify(&[other.clone(), public.clone()], &signature, b"data").unwrap();
        assert_eq!((signed.key.as_str(), signed.comment.as_str()), (public.id(), "version 7injected"));
        let changed = verify(std::slice::from_ref(&public), &signature, b"date").unwrap_err();
        assert!(changed.to_string().contains("was changed"), "{changed}");
        assert!(verify(&[other], &signature, b"data").unwrap_err().to_string().contains("not among"));
        let forged = signature.replace("version 7", "version 8");
        assert!(verify(&[public], &forged, b"data").is_err(), "the comment is signed, too");
    }

    #[test]
    fn a_key_with_a_password_opens_with_it_alone() {
        let pair = KeyPair::generate_encrypted_keypair(Some("of the test".to_owned())).unwrap();
        let secret = pair.sk.to_box(None).unwrap().into_string();
        let public = TrustedKey::parse(&pair.pk.to_base64()).unwrap();
        let signature = sign(&open_key(&secret, Some("of the test".to_owned())).unwrap(), b"x", "").unwrap();
        assert!(verify(&[public], &signature, b"x").is_ok());
        assert!(open_key(&secret, Some("wrong".to_owned())).is_err());
    }

    #[test]
    fn what_is_no_key_or_signature_is_refused() {
        assert!(TrustedKey::parse("").is_err() && TrustedKey::parse("RWQ").is_err());
        let (_, public) = pair();
        for text in ["", "untrusted comment: x\n", "untrusted comment: \nAAAA\ntrusted comment: \nAAAA"] {
            assert!(verify(std::slice::from_ref(&public), text, b"").is_err(), "{text:?}");
        }
    }
}
