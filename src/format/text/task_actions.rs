//! Actions of a scheduled task, as the Task Scheduler keeps them in the registry (`Actions` of `TaskCache\Tasks`).
//!
//! A version, the principal's name, then actions: a magic number each, and texts with their length in bytes before
//! them. Sources: public analyses of the Task Scheduler's cache (there is no specification); checked against
//! caches of Windows 7 and 10.

use crate::bytes::{Damage, DamageKind, Salvaged};

/// One action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Starts a program with arguments.
    Program {
        /// The program, variables not expanded.
        command: String,
        /// Its arguments.
        arguments: String,
        /// The folder that it starts in.
        folder: String,
    },
    /// Loads a COM class.
    Class {
        /// Class identifier in braces, upper case.
        clsid: String,
    },
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..count)?;
        self.at += count;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(*self.take(2)?.first_chunk()?))
    }

    fn text(&mut self) -> Option<String> {
        let length = u32::from_le_bytes(*self.take(4)?.first_chunk()?) as usize;
        Some(crate::format::database::regf::utf16(self.take(length)?).trim_end_matches('\0').to_owned())
    }
}

/// Reads the actions of a task.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Action>> {
    let mut reader = Reader { bytes, at: 0 };
    let mut actions = Salvaged::whole(Vec::new());
    let version = reader.number();
    let head = match version {
        // Windows 7 writes no principal.
        Some(1) => Some(String::new()),
        Some(2 | 3) => reader.text(),
        _ => None,
    };
    let mut ok = bytes.is_empty() || head.is_some();
    while ok && reader.at < bytes.len() {
        match action(&mut reader, version.unwrap_or_default()) {
            Some(Some(action)) => actions.value.push(action),
            Some(None) => {}
            None => ok = false,
        }
    }
    if !ok {
        let what = "an action of a task has a form that is not known";
        actions.damage.push(Damage::new(DamageKind::Unsupported, reader.at as u64, what));
    }
    actions
}

/// One action; `Some(None)` for one that starts nothing (mails, messages).
fn action(reader: &mut Reader<'_>, version: u16) -> Option<Option<Action>> {
    let kind = reader.number()?;
    let _id = reader.text()?;
    match kind {
        0x6666 => {
            let (command, arguments, folder) = (reader.text()?, reader.text()?, reader.text()?);
            if version >= 3 {
                reader.number()?;
            }
            Some(Some(Action::Program { command, arguments, folder }))
        }
        0x7777 => {
            let clsid = guid(reader.take(16)?)?;
            let _data = reader.text()?;
            Some(Some(Action::Class { clsid }))
        }
        // Mails: nine texts and no header in what Windows writes; messages: two texts.
        0x9999 => {
            reader.text()?;
            reader.text()?;
            Some(None)
        }
        _ => None,
    }
}

fn guid(bytes: &[u8]) -> Option<String> {
    let (a, rest) = bytes.split_first_chunk::<4>()?;
    let (b, rest) = rest.split_first_chunk::<2>()?;
    let (c, rest) = rest.split_first_chunk::<2>()?;
    let (d, e) = rest.split_at_checked(2)?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let (a, b, c) = (u32::from_le_bytes(*a), u16::from_le_bytes(*b), u16::from_le_bytes(*c));
    Some(format!("{{{a:08X}-{b:04X}-{c:04X}-{}-{}}}", hex(d), hex(e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
        bytes.extend(units);
        bytes
    }

    #[test]
    fn programs_and_classes() {
        let mut bytes = 3u16.to_le_bytes().to_vec();
        bytes.extend(text("LocalSystem"));
        bytes.extend(0x6666u16.to_le_bytes());
        for part in ["", r"%windir%\a.exe", "/x 日", ""] {
            bytes.extend(text(part));
        }
        bytes.extend([0, 0]);
        bytes.extend(0x7777u16.to_le_bytes());
        bytes.extend(text(""));
        bytes.extend(0..16);
        bytes.extend(text("data"));
        let read = read(&bytes);
        assert!(read.damage.is_empty(), "{:?}", read.damage);
        let expected = [
            Action::Program {
                command: r"%windir%\a.exe".to_owned(),
                arguments: "/x 日".to_owned(),
                folder: String::new(),
            },
            Action::Class { clsid: "{03020100-0504-0706-0809-0A0B0C0D0E0F}".to_owned() },
        ];
        assert_eq!(read.value, expected);
        let cut = super::read(&bytes[..bytes.len() - 3]);
        assert_eq!((cut.value.len(), cut.damage.len()), (1, 1));
    }
}
