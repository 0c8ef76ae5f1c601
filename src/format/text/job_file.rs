//! `.job` files of the first Task Scheduler. Format: Microsoft's "Task Scheduler Remoting Protocol" ([MS-TSCH] 2.4).

use crate::bytes::{Damage, DamageKind, Salvaged};

/// Bytes of the section of fixed length.
const FIXED: usize = 0x44;
/// Flag of a task that is switched off.
const DISABLED: u32 = 0x0000_0004;

/// A task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Job {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub parameters: String,
    /// The folder that it starts in.
    pub folder: String,
    /// Who made it.
    pub author: String,
    /// What it is for.
    pub comment: String,
    /// Whether it is switched off.
    pub is_disabled: bool,
}

/// Reads a task; what comes before damage is kept.
pub fn read(bytes: &[u8]) -> Salvaged<Job> {
    let mut job = Job::default();
    let number = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let flags = bytes.get(0x30..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes));
    job.is_disabled = flags.is_some_and(|flags| flags & DISABLED != 0);
    // The version of the file is 1; behind the fixed part, the running instances come before the texts.
    let mut at = FIXED + 2;
    if number(2) != Some(1) {
        let what = "it is no task of a version that is known";
        return Salvaged { value: job, damage: vec![Damage::new(DamageKind::Unsupported, 2, what)] };
    }
    let mut damage = Vec::new();
    for text in [&mut job.program, &mut job.parameters, &mut job.folder, &mut job.author, &mut job.comment] {
        let read = number(at).and_then(|count| bytes.get(at + 2..)?.get(..usize::from(count) * 2));
        let Some(read) = read else {
            damage.push(Damage::new(DamageKind::Truncated, at as u64, "a text of the task is cut off"));
            break;
        };
        at += 2 + read.len();
        // Each text that is there ends with a zero, its only one.
        let ends = read.chunks_exact(2).position(|unit| unit == [0, 0]).map(|at| (at + 1) * 2);
        if !read.is_empty() && ends != Some(read.len()) {
            let what = "a text of the task does not end where its length says";
            damage.push(Damage::new(DamageKind::Corrupt, at as u64, what));
        }
        *text = crate::format::database::regf::utf16(read).trim_end_matches('\0').to_owned();
    }
    Salvaged { value: job, damage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_flags_and_where_it_is_cut() {
        let mut bytes = vec![0x01, 0x06, 0x01, 0x00];
        bytes.resize(FIXED, 0);
        if let Some(flags) = bytes.get_mut(0x30) {
            *flags = 4;
        }
        bytes.extend([0, 0]);
        for text in [r"C:\Tool\a.exe", "/x", "", "Vendor", "Weekly"] {
            let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
            let units = if text.is_empty() { Vec::new() } else { units };
            bytes.extend((units.len() as u16).to_le_bytes());
            bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        }
        let whole = read(&bytes);
        assert!(whole.damage.is_empty() && whole.value.is_disabled);
        assert_eq!((whole.value.program.as_str(), whole.value.author.as_str()), (r"C:\Tool\a.exe", "Vendor"));
        let cut = read(&bytes[..bytes.len() - 3]);
        assert_eq!((cut.value.program.as_str(), cut.damage.len()), (r"C:\Tool\a.exe", 1));
        bytes[FIXED + 2] -= 2;
        assert_eq!(read(&bytes).damage[0].kind, DamageKind::Corrupt);
        assert_eq!(read(b"text").damage[0].kind, DamageKind::Unsupported);
    }
}
