//! The code signature of a Mach-O file: identifiers and signers.

use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::certificate::pkcs7::{self, SignedData};
use crate::format::executable::{ByteOrder, c_string, exact, text};

const BE: ByteOrder = ByteOrder::Big;
const EMBEDDED_SIGNATURE: u32 = 0xfade_0cc0;
const CODE_DIRECTORY: u32 = 0xfade_0c02;
const BLOB_WRAPPER: u32 = 0xfade_0b01;
/// More blobs than this are not read; signatures have up to ten.
const MAX_BLOBS: u32 = 64;
/// A blob is read up to this many bytes; certificate chains have about nine thousand.
const MAX_BLOB: u32 = 1 << 20;
/// The front of a code directory, which holds its texts; page hashes follow.
const DIRECTORY_FRONT: u32 = 4096;
/// The first code directory version with a team identifier.
const WITH_TEAM: u32 = 0x2_0200;

/// The identities in a code signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeSignature {
    /// The signing identifier, usually the bundle identifier.
    pub identifier: Option<String>,
    /// The team identifier; absent in ad-hoc signatures.
    pub team_identifier: Option<String>,
    /// The signers; empty in ad-hoc signatures.
    pub signed: SignedData,
}

/// Reads the signature at `offset`; `None` when nothing of it can be read.
pub(super) fn read(
    file: &dyn ReadAt,
    offset: u64,
    size: u64,
    damage: &mut Vec<Damage>,
) -> Option<CodeSignature> {
    let mut signature = CodeSignature::default();
    match blobs(file, offset, size, &mut signature, damage) {
        Ok(()) => Some(signature),
        Err(error) => {
            damage.push(error);
            Some(signature).filter(|signature| *signature != CodeSignature::default())
        }
    }
}

fn blobs(
    file: &dyn ReadAt,
    offset: u64,
    size: u64,
    signature: &mut CodeSignature,
    damage: &mut Vec<Damage>,
) -> Result<(), Damage> {
    let corrupt = |what: &str| Damage::new(DamageKind::Corrupt, offset, what);
    let head = exact(file, offset, 12, "the code signature")?;
    if BE.u32(&head, 0) != Some(EMBEDDED_SIGNATURE) {
        return Err(corrupt("the code signature has another magic number"));
    }
    let count = BE.u32(&head, 8).unwrap_or(0);
    if count > MAX_BLOBS {
        return Err(corrupt("the code signature has too many parts"));
    }
    let index = exact(file, offset + 12, count as usize * 8, "the code signature")?;
    for entry in index.chunks_exact(8) {
        let at = BE.u32(entry, 4).map_or(0, u64::from);
        if at >= size {
            return Err(corrupt("a part of the code signature lies outside of it"));
        }
        let at = offset.saturating_add(at);
        let head = exact(file, at, 8, "the code signature")?;
        let length = BE.u32(&head, 4).unwrap_or(0);
        match BE.u32(&head, 0) {
            // Several directories differ in the hash only.
            Some(CODE_DIRECTORY) if signature.identifier.is_none() => {
                let front = exact(file, at, length.min(DIRECTORY_FRONT) as usize, "the code directory")?;
                directory(&front, signature);
            }
            // The wrapper of an ad-hoc signature is empty.
            Some(BLOB_WRAPPER) if length > 8 && signature.signed.signers.is_empty() => {
                let bytes =
                    exact(file, at + 8, length.min(MAX_BLOB) as usize - 8, "the signature's certificates")?;
                let read = pkcs7::read(&bytes);
                damage.extend(read.damage.into_iter().map(|damage| Damage { offset: Some(at), ..damage }));
                signature.signed = read.value;
            }
            _ => {}
        }
    }
    Ok(())
}

fn directory(front: &[u8], signature: &mut CodeSignature) {
    let string = |at: usize| {
        let at = BE.u32(front, at)? as usize;
        Some(text(c_string(front, at).filter(|_| at > 0)?)).filter(|text| !text.is_empty())
    };
    signature.identifier = string(20);
    if BE.u32(front, 8).is_some_and(|version| version >= WITH_TEAM) {
        signature.team_identifier = string(48);
    }
}
