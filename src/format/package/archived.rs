//! Small members at the front of compressed tar archives: the control files of packages.

use std::io::Read as _;

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::container::decompress::{self, Compression};
use crate::format::container::tar::{Dialect, MemberKind, Next, Reader, Seeking};

/// Bytes read and unpacked in the search for a member.
const MAX_SEARCH: usize = 16 << 20;
/// Bytes of a member.
const MAX_MEMBER: u64 = 4 << 20;

/// The first member called one of the names, `./` in front or not, of the archive that a file is. Damage behind the member
/// does not matter; damage before it is returned.
pub(super) fn member(file: &dyn ReadAt, names: &[&str]) -> Salvaged<Option<Vec<u8>>> {
    let mut out = Salvaged::whole(None);
    let bytes = match file.read_vec(0, MAX_SEARCH) {
        Ok(bytes) => bytes,
        Err(error) => return Salvaged::lost(error),
    };
    let (bytes, mut before) = match Compression::of(&bytes) {
        Some(compression) => {
            let unpacked = decompress::bounded(&bytes, compression, MAX_SEARCH);
            (unpacked.value, unpacked.damage)
        }
        None => (bytes, Vec::new()),
    };
    let mut reader = Reader::new(Seeking::new(bytes), Dialect::Gnu);
    loop {
        match reader.next_member() {
            Next::Member(member) if member.kind == MemberKind::File => {
                let name = member.path.strip_prefix(b"./").unwrap_or(&member.path);
                if !names.iter().any(|wanted| wanted.as_bytes() == name) {
                    continue;
                }
                let mut text = Vec::new();
                let read = reader.body().take(member.stored.min(MAX_MEMBER)).read_to_end(&mut text);
                let is_cut = read.is_err() || (text.len() as u64) < member.stored;
                if is_cut {
                    let what = format!("{} is cut off", String::from_utf8_lossy(name));
                    out.damage.push(Damage::new(DamageKind::Truncated, None, what));
                    out.damage.append(&mut before);
                }
                out.value = Some(text);
                return out;
            }
            Next::Member(_) => {}
            Next::Damaged(damage) => before.push(damage),
            Next::End(damage) => {
                out.damage.append(&mut before);
                out.damage.extend(damage);
                return out;
            }
        }
    }
}
