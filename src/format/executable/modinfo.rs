//! Kernel modules: what a Linux module says of itself, and who signed it.
//!
//! The `.modinfo` section is a list of `key=value` texts; a signature, if any, is appended behind the ELF file.
//! Signatures of modules carry no certificates, so the signer is the name of the issuer, as `modinfo` shows it.
//! Nothing is verified. Format: Linux `include/linux/module.h` and `include/linux/module_signature.h`.

use super::elf;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::certificate::pkcs7;
use crate::format::executable::{ByteOrder, c_string, exact, text};

/// The section is read up to this many bytes; modules with thousands of aliases have a hundred thousand.
const MAX_SECTION: u64 = 4 << 20;
/// A signature is read up to this many bytes; real ones have less than a thousand.
const MAX_SIGNATURE: u64 = 64 << 10;
/// What ends a signed module.
const MARKER: &[u8] = b"~Module signature appended~\n";
/// `PKEY_ID_PKCS7`.
const PKCS7: u8 = 2;

/// What a kernel module says it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModInfo {
    /// Every key and value, in order.
    pub entries: Vec<(String, String)>,
    /// Who signed it.
    pub signer: Option<String>,
}

impl ModInfo {
    /// The first value of a key: `name`, `description`, `license`, `version`, `vermagic`, `srcversion`.
    pub fn first(&self, key: &str) -> Option<&str> {
        self.all(key).next().filter(|value| !value.is_empty())
    }

    /// Every value of a key: `author`, `alias`, `firmware`.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(move |(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    /// The modules it needs.
    pub fn depends(&self) -> impl Iterator<Item = &str> {
        self.first("depends").unwrap_or_default().split(',').filter(|name| !name.is_empty())
    }

    /// Whether it was built with the kernel, not by someone else.
    pub fn is_in_tree(&self) -> bool {
        self.first("intree").is_some()
    }

    /// The entries of a `.modinfo` section.
    fn from_section(bytes: &[u8]) -> ModInfo {
        let entry = |entry: &[u8]| {
            let at = entry.iter().position(|&byte| byte == b'=')?;
            Some((text(entry.get(..at)?), text(entry.get(at + 1..)?)))
        };
        ModInfo { entries: bytes.split(|&byte| byte == 0).filter_map(entry).collect(), signer: None }
    }
}

/// Reads a kernel module (uncompressed); `None` if it is no ELF file or has no `.modinfo`.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<ModInfo>> {
    let elf = elf::read(file)?;
    let info = read_elf(file, &elf.value);
    // A module has sections and nothing else; what is cut off lacks the table of them.
    if info.is_none() && elf.value.kind == elf::Kind::Relocatable && !elf.damage.is_empty() {
        return Some(Salvaged { value: ModInfo::default(), damage: elf.damage });
    }
    info
}

/// As [`read`], for an ELF file that was read already.
pub fn read_elf(file: &dyn ReadAt, elf: &elf::Elf) -> Option<Salvaged<ModInfo>> {
    let section = elf.layout.section(".modinfo")?;
    let mut out = Salvaged::whole(ModInfo::default());
    let size = usize::try_from(section.size.min(MAX_SECTION)).ok()?;
    match exact(file, section.offset, size, "the module information") {
        Ok(bytes) => out.value = ModInfo::from_section(&bytes),
        Err(damage) => out.damage.push(damage),
    }
    match signer(file) {
        Ok(signer) => out.value.signer = signer,
        Err(damage) => out.damage.push(damage),
    }
    Some(out)
}

/// Who signed, if there is a signature.
fn signer(file: &dyn ReadAt) -> Result<Option<String>, Damage> {
    // Lengths of names and signature stand in 12 bytes before the marker.
    let Some(trailer_at) = file.size().checked_sub(MARKER.len() as u64 + 12) else {
        return Ok(None);
    };
    let trailer = exact(file, trailer_at, MARKER.len() + 12, "the signature's trailer")?;
    if !trailer.ends_with(MARKER) {
        return unended(file);
    }
    let corrupt = || Damage::new(DamageKind::Corrupt, trailer_at, "the module's signature does not fit");
    let byte = |at: usize| trailer.get(at).copied().ok_or_else(corrupt);
    let signature_size = u64::from(ByteOrder::Big.u32(&trailer, 8).ok_or_else(corrupt)?);
    let signature_at = trailer_at.checked_sub(signature_size).ok_or_else(corrupt)?;
    if byte(2)? == PKCS7 {
        let size = usize::try_from(signature_size.min(MAX_SIGNATURE)).map_err(|_| corrupt())?;
        let signed = pkcs7::read(&exact(file, signature_at, size, "the signature")?).value;
        let name = signed.signers.first().and_then(|signer| {
            let issuer = signer.issuer.as_ref().and_then(|name| name.common_name());
            Some(issuer.or_else(|| signer.subject.as_ref()?.common_name())?.to_owned())
        });
        return Ok(name);
    }
    // Before Linux 4.3: the signer's name in plain text.
    let (name_size, key_size) = (u64::from(byte(3)?), u64::from(byte(4)?));
    let name_at = signature_at.checked_sub(name_size + key_size).ok_or_else(corrupt)?;
    let name = exact(file, name_at, usize::try_from(name_size).map_err(|_| corrupt())?, "the signer's name")?;
    Ok(Some(text(c_string(&name, 0).unwrap_or_default())).filter(|name| !name.is_empty()))
}

/// No signer, or that the signature behind the sections does not end: the table of sections is the last part of a module.
fn unended(file: &dyn ReadAt) -> Result<Option<String>, Damage> {
    let head = file.read_vec(0, 64)?;
    let order = if head.get(5) == Some(&2) { ByteOrder::Big } else { ByteOrder::Little };
    let (start, at) = match head.get(4) {
        Some(2) => (order.u64(&head, 40), 58),
        _ => (order.u32(&head, 32).map(u64::from), 46),
    };
    let sizes = order.u16(&head, at).zip(order.u16(&head, at + 2));
    let end = start.zip(sizes).map(|(start, (size, count))| start + u64::from(size) * u64::from(count));
    match end.filter(|end| *end > 0 && *end < file.size()) {
        Some(end) if file.read_vec(end, 64)?.iter().any(|&byte| byte != 0) => {
            let what = "the signature behind the module is cut off";
            Err(Damage::new(DamageKind::Truncated, end, what))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNED: &[u8] = include_bytes!("../../../tests/fixtures/executables/examplefs.ko");

    #[test]
    fn a_module_names_itself_and_its_signer() {
        let info = read(&SIGNED).unwrap();
        assert_eq!(info.damage, []);
        let info = info.value;
        assert_eq!(info.first("name"), Some("examplefs"));
        assert_eq!(info.first("version"), Some("1.4.2"));
        assert_eq!(info.all("author").count(), 2);
        assert_eq!(info.depends().collect::<Vec<_>>(), ["redirfs", "fanotify"]);
        assert!(!info.is_in_tree());
        assert_eq!(info.signer.as_deref(), Some("Example Code Signing CA"));
        assert!(elf::read(&SIGNED).unwrap().value.is_kernel_module());
    }

    #[test]
    fn an_old_signature_names_its_signer_in_plain_text() {
        let trailer = SIGNED.len() - MARKER.len() - 12;
        let size = u32::from_be_bytes(*SIGNED[trailer + 8..].first_chunk().unwrap());
        let unsigned = trailer - size as usize;
        let mut bytes = SIGNED[..unsigned].to_vec();
        bytes.extend_from_slice(b"Example key\xaa\xbb");
        bytes.extend_from_slice(&[7; 16]);
        bytes.extend_from_slice(&[0, 4, 1, 11, 2, 0, 0, 0, 0, 0, 0, 16]);
        bytes.extend_from_slice(MARKER);
        assert_eq!(read(&bytes).unwrap().value.signer.as_deref(), Some("Example key"));
    }

    #[test]
    fn a_signature_longer_than_the_file_is_damage() {
        let mut bytes = SIGNED.to_vec();
        let at = bytes.len() - MARKER.len() - 4;
        bytes[at] = 0x7f;
        let info = read(&bytes).unwrap();
        assert_eq!(info.value.first("name"), Some("examplefs"));
        assert_eq!(info.damage[0].kind, DamageKind::Corrupt);
    }

    #[test]
    fn a_library_is_no_module() {
        let library = include_bytes!("../../../tests/fixtures/executables/elf64-shared.so");
        assert_eq!(read(&library.as_slice()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_change_never_panics(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        ) {
            let mut bytes = SIGNED.to_vec();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = read(&bytes);
        }
    }
}
