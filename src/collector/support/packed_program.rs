//! Programs that are archives, perhaps with a script before them: executable jars, zipapps, pex and shiv.

use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::container::zip::{Archive, is_zip};

/// How much of a script is searched for the archive behind it.
const SCRIPT: usize = 64 << 10;
/// How much of the end of a script is searched for what no script has.
const TAIL: usize = 256;

/// Whether the name of a program does not say what it is: `app`, `app-1.0`, `app.sh`.
pub fn has_no_ending(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else { return true };
    let ending = name.get(dot + 1..).unwrap_or_default();
    ending.first().is_some_and(u8::is_ascii_digit)
        || ["sh", "run", "bin"].iter().any(|it| ending.eq_ignore_ascii_case(it.as_bytes()))
}

/// Whether a program is an archive.
///
/// # Errors
/// Damage when it is one that is cut off, or cannot be read.
pub fn is_archive(file: &dyn ReadAt) -> Result<bool, Damage> {
    let head = file.read_vec(0, 4)?;
    if is_zip(&head) {
        return Ok(true);
    }
    // The end of an archive has zeros in it, that of a script has none.
    if !head.starts_with(b"#!") || !file.read_vec(file.size().saturating_sub(TAIL as u64), TAIL)?.contains(&0)
    {
        return Ok(false);
    }
    match Archive::open(file) {
        Ok(_) => Ok(true),
        Err(_) if memchr::memmem::find(&file.read_vec(0, SCRIPT)?, b"PK\x03\x04").is_some() => {
            Err(Damage::new(DamageKind::Truncated, None, "the archive behind the script is cut off"))
        }
        Err(_) => Ok(false),
    }
}
