//! Authenticode: the certificate table of a PE file, and who signed.
//!
//! Identity only; nothing is verified (see [`super::pkcs7`]). The table lies at a file offset behind the image
//! and may hold several signatures, each with further ones nested. Format: Microsoft's "Attribute Certificate
//! Table" of "PE Format" and "Windows Authenticode Portable Executable Signature Format".

use super::pkcs7::{self, SignedData};
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::{ByteOrder, exact};

const LE: ByteOrder = ByteOrder::Little;
/// `WIN_CERT_TYPE_PKCS_SIGNED_DATA`.
const PKCS_SIGNED_DATA: u16 = 2;
/// One signature is read up to this many bytes; real ones have 5 to 50 thousand.
const MAX_SIGNATURE: usize = 1 << 20;
/// More entries than this are not read; there is nearly always one.
const MAX_ENTRIES: usize = 8;
/// The first read: header and, for nearly every file, the whole signature.
const FIRST: usize = 16 << 10;

/// Reads the identities of every signature in the certificate table at `offset`, `size` bytes long.
///
/// Damage is Truncated when the file ends before the table, Corrupt when a signature is no PKCS #7.
pub fn read(file: &dyn ReadAt, offset: u64, size: u64) -> Salvaged<SignedData> {
    let mut out = Salvaged::whole(SignedData::default());
    let mut at = offset;
    let end = offset.saturating_add(size);
    for _ in 0..MAX_ENTRIES {
        // A table ends with its last entry; less than a header is padding.
        let Some(rest) = end.checked_sub(at).filter(|rest| *rest >= 8) else {
            break;
        };
        match entry(file, at, rest, &mut out) {
            Ok(Some(length)) => at = at.saturating_add(length.next_multiple_of(8)),
            Ok(None) => break,
            Err(damage) => {
                out.damage.push(damage);
                break;
            }
        }
    }
    out
}

/// Reads one entry and returns its length; `None` at the end of the table.
fn entry(
    file: &dyn ReadAt,
    at: u64,
    rest: u64,
    out: &mut Salvaged<SignedData>,
) -> Result<Option<u64>, Damage> {
    let available = file.size().saturating_sub(at).min(rest);
    let first = usize::try_from(available).unwrap_or(FIRST).clamp(8, FIRST);
    let mut bytes = exact(file, at, first, "the certificate table")?;
    let length = u64::from(LE.u32(&bytes, 0).unwrap_or(0));
    if length <= 8 {
        return Ok(None);
    }
    if LE.u16(&bytes, 6) == Some(PKCS_SIGNED_DATA) {
        let wanted = usize::try_from(length.min(rest)).unwrap_or(usize::MAX);
        if wanted > bytes.len() {
            // A larger entry than the limit has padding behind its signature; the signature says its own length.
            bytes = exact(file, at, wanted.min(MAX_SIGNATURE), "the certificate table")?;
        }
        let signature = pkcs7::read(bytes.get(8..wanted.min(bytes.len())).unwrap_or_default());
        out.value.signers.extend(signature.value.signers);
        out.value.certificates.extend(signature.value.certificates);
        let placed = |damage: Damage| Damage { offset: Some(at), ..damage };
        let is_cut = wanted > MAX_SIGNATURE && !signature.damage.is_empty();
        out.damage.extend(signature.damage.into_iter().map(placed));
        if is_cut {
            let what = format!("a signature of more than {MAX_SIGNATURE} bytes");
            out.damage.push(Damage::new(DamageKind::OverLimit, at, what));
        }
    }
    Ok(Some(length))
}
