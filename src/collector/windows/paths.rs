//! Paths and command lines as Windows writes them, and where they lie in a target.
//!
//! A target is the system drive, which Windows calls `C:`: what is on another drive or on a share cannot be told
//! from here. Variables are those that a fresh Windows sets; they stay as they are where they are not known.
//! Sources: Microsoft's "CreateProcess" (how blanks in a command line are read), "Recognized environment
//! variables" of the User State Migration Tool, "Naming Files, Paths, and Namespaces".

use crate::target::{Fault, Root};

/// Folders that variables stand for.
const VARIABLES: &[(&str, &str)] = &[
    ("systemroot", "C:\\Windows"),
    ("windir", "C:\\Windows"),
    ("systemdrive", "C:"),
    ("homedrive", "C:"),
    ("programfiles", "C:\\Program Files"),
    ("programw6432", "C:\\Program Files"),
    ("programfiles(x86)", "C:\\Program Files (x86)"),
    ("commonprogramfiles", "C:\\Program Files\\Common Files"),
    ("commonprogramw6432", "C:\\Program Files\\Common Files"),
    ("commonprogramfiles(x86)", "C:\\Program Files (x86)\\Common Files"),
    ("programdata", "C:\\ProgramData"),
    ("allusersprofile", "C:\\ProgramData"),
    ("public", "C:\\Users\\Public"),
];

/// Folders of a user, from the user's own.
const USER_VARIABLES: &[(&str, &str)] = &[
    ("userprofile", ""),
    ("appdata", "\\AppData\\Roaming"),
    ("localappdata", "\\AppData\\Local"),
    ("temp", "\\AppData\\Local\\Temp"),
    ("tmp", "\\AppData\\Local\\Temp"),
    ("onedrive", "\\OneDrive"),
];

/// The text with its variables replaced; `home` is the user's folder (`C:\Users\name`), if it belongs to one.
/// Variables that are not known stay as they are.
pub fn expanded(text: &str, home: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match after.split_once('%').and_then(|(name, after)| Some((value_of(name, home)?, after))) {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn value_of(name: &str, home: Option<&str>) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let of = |table: &[(&str, &'static str)]| {
        table.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    };
    if let Some(value) = of(VARIABLES) {
        return Some(value.to_owned());
    }
    Some(format!("{}{}", home?, of(USER_VARIABLES)?))
}

/// The path from the target's root that an absolute Windows path names; `None` for what cannot be told: relative
/// paths, other drives, shares, unknown variables. Knows `\??\`, `\\?\`, `\SystemRoot\`, and both slashes.
pub fn in_root(path: &str) -> Option<Vec<u8>> {
    let path = path.trim().replace('/', "\\");
    let bare =
        ["\\??\\", "\\\\?\\", "\\\\.\\"].iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or(&path);
    let lower = bare.to_ascii_lowercase();
    let below = if lower.starts_with("c:\\") {
        bare.get(3..)?.to_owned()
    } else if lower.starts_with("\\systemroot\\") {
        format!("Windows\\{}", bare.get(12..)?)
    } else {
        return None;
    };
    if below.is_empty() || below.contains(['%', '*', '?', '"', '<', '>', '|']) {
        return None;
    }
    Some(below.replace('\\', "/").into_bytes())
}

/// The Windows path that a path of the target is known by.
pub fn as_windows(path: &[u8]) -> String {
    format!("C:\\{}", crate::artifact::text_of(path).trim_start_matches('/').replace('/', "\\"))
}

/// The folder of the user whom a path of the target belongs to, as Windows writes it.
pub fn home_of(path: &[u8]) -> Option<String> {
    let mut parts = path.split(|&byte| byte == b'/');
    let users = parts.next().filter(|part| part.eq_ignore_ascii_case(b"users"))?;
    let name = parts.next()?;
    Some(as_windows(&[users, b"/", name].concat()))
}

/// What a command line starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program, unquoted, variables replaced.
    pub program: String,
    /// Whether the file is not there any more; false where that cannot be told.
    pub is_gone: bool,
}

/// The program that a command line starts, as Windows reads it: quoted, or else the shortest part up to a blank
/// that is a file. `relative_to` is where names without a folder are looked up (from the target's root).
pub fn command(root: &Root, line: &str, home: Option<&str>, relative_to: &[&str]) -> Option<Command> {
    let line = expanded(line, home);
    let line = line.trim();
    if let Some(quoted) = line.strip_prefix('"') {
        let program = quoted.split('"').next().unwrap_or_default().trim();
        return known(root, program, relative_to).or_else(|| unknown(program));
    }
    let ends = line.match_indices(' ').map(|(at, _)| at).chain([line.len()]);
    let mut first = None;
    // Real command lines have few blanks before the program ends.
    for end in ends.take(64) {
        let program = line.get(..end).unwrap_or_default().trim_end();
        match known(root, program, relative_to) {
            Some(command) if !command.is_gone => return Some(command),
            Some(_) if first.is_none() && has_program_ending(program) => first = Some(program),
            _ => {}
        }
    }
    // None is there: the first that looks like a program, else the whole up to the first blank.
    let program = first.or_else(|| line.split(' ').next()).unwrap_or_default();
    known(root, program, relative_to).or_else(|| unknown(program))
}

fn unknown(program: &str) -> Option<Command> {
    (!program.is_empty()).then(|| Command { program: program.to_owned(), is_gone: false })
}

fn has_program_ending(program: &str) -> bool {
    let ending = program.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = ["exe", "com", "bat", "cmd", "sys", "dll", "scr", "ps1", "vbs", "js", "msc", "cpl"];
    ending.is_some_and(|ending| known.contains(&ending.as_str()))
}

/// A program whose place can be told. One without an ending may be an `.exe`.
fn known(root: &Root, program: &str, relative_to: &[&str]) -> Option<Command> {
    let found = |path: &[u8]| match root.find(path) {
        Ok(found) => found.is_file(),
        Err(fault) => fault != Fault::Absent || !root.is_gone(path),
    };
    let is_there = |path: &[u8]| found(path) || found(&[path, b".exe"].concat());
    if let Some(path) = in_root(program) {
        return Some(Command { program: program.to_owned(), is_gone: !is_there(&path) });
    }
    if program.is_empty() || program.contains([':', '%']) || program.starts_with('\\') {
        return None;
    }
    let relative = program.replace('\\', "/");
    let folder = relative_to.iter().find(|folder| is_there(format!("{folder}/{relative}").as_bytes()))?;
    Some(Command { program: as_windows(format!("{folder}/{relative}").as_bytes()), is_gone: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::memory::Memory;

    #[test]
    fn variables_of_the_machine_and_of_the_user() {
        let home = Some("C:\\Users\\Тест");
        assert_eq!(expanded("%SystemRoot%\\x", None), "C:\\Windows\\x");
        assert_eq!(expanded("%LocalAppData%\\x %1", home), "C:\\Users\\Тест\\AppData\\Local\\x %1");
        assert_eq!(expanded("%appdata%\\x", None), "%appdata%\\x");
        assert_eq!(expanded("100% of %ProgramFiles(x86)%", None), "100% of C:\\Program Files (x86)");
        assert_eq!(home_of(b"users/Anna/AppData/x").as_deref(), Some("C:\\users\\Anna"));
    }

    #[test]
    fn only_the_system_drive_can_be_told() {
        let at = |path| in_root(path).map(|path| String::from_utf8(path).unwrap());
        assert_eq!(at("C:\\Program Files\\a.exe").as_deref(), Some("Program Files/a.exe"));
        assert_eq!(at("\\??\\c:\\x/y").as_deref(), Some("x/y"));
        assert_eq!(
            at("\\SystemRoot\\System32\\drivers\\a.sys").as_deref(),
            Some("Windows/System32/drivers/a.sys")
        );
        for path in ["D:\\a.exe", "\\\\server\\share\\a.exe", "a.exe", "%unknown%\\a", "C:\\*"] {
            assert_eq!(at(path), None, "{path}");
        }
    }

    #[test]
    fn a_command_line_is_read_as_windows_reads_it() {
        let tree = Memory::new()
            .file("Program Files/Some Vendor/Tool.exe", "")
            .file("Windows/System32/svchost.exe", "");
        let mut root = Root::new(Box::new(tree));
        root.fold_case();
        let read = |line| {
            let command = command(&root, line, None, &["Windows/System32"]).unwrap();
            (command.program, command.is_gone)
        };
        let there = "C:\\Program Files\\Some Vendor\\tool.exe";
        assert_eq!(read("\"C:\\Program Files\\Some Vendor\\tool.exe\" -x"), (there.to_owned(), false));
        assert_eq!(read("C:\\Program Files\\Some Vendor\\tool.exe -x \"a b\""), (there.to_owned(), false));
        assert!(!read("%ProgramFiles%\\Some Vendor\\tool -x").1);
        assert_eq!(read("svchost -k x"), ("C:\\Windows\\System32\\svchost".to_owned(), false));
        let gone = "C:\\Program Files\\Gone Vendor\\a.exe";
        assert_eq!(read("C:\\Program Files\\Gone Vendor\\a.exe /b c.exe"), (gone.to_owned(), true));
        assert_eq!(read("\"D:\\x.exe\" y"), ("D:\\x.exe".to_owned(), false));
        assert_eq!(read("unknown.exe"), ("unknown.exe".to_owned(), false));
        assert_eq!(command(&root, "  ", None, &[]), None);
    }
}
