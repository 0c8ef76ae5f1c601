//! Command lines as Windows reads them.
//!
//! Sources: Microsoft's "CreateProcess" (how blanks in a command line are read). What variables and paths mean, the
//! target's registry knows.

use crate::fs::{Fault, Root};
use crate::registry::Registry;

/// Where names without a folder are looked up.
const SEARCHED: &[&str] = &["Windows/System32", "Windows", "Windows/SysWOW64"];

/// What a command line starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// The program, unquoted.
    pub(super) program: String,
    /// Whether the file is not there any more; false where that cannot be known.
    pub(super) is_gone: bool,
}

/// The program that a command line (its variables expanded) starts, as Windows reads it: quoted, or else the shortest
/// part up to a blank that is a file.
pub(super) fn command(root: &Root, registry: &Registry, line: &str) -> Option<Command> {
    let line = line.trim();
    if let Some(quoted) = line.strip_prefix('"') {
        return started(root, registry, quoted.split('"').next().unwrap_or_default().trim());
    }
    let ends = line.match_indices(' ').map(|(at, _)| at).chain([line.len()]);
    let mut first = None;
    // Real command lines have few blanks before the program ends.
    for end in ends.take(64) {
        let program = line.get(..end).unwrap_or_default().trim_end();
        if let Some(program) = there(root, registry, program) {
            return Some(Command { program, is_gone: false });
        }
        if first.is_none() && has_program_ending(program) && program.contains('\\') {
            first = Some(program);
        }
    }
    // None is there: the first that looks like a program, else what stands before the first argument.
    let named = first.or_else(|| before_arguments(line)).or_else(|| line.split(' ').next());
    started(root, registry, named.unwrap_or_default())
}

/// A whole path with blanks and without an ending, up to the first word that looks like an argument.
fn before_arguments(line: &str) -> Option<&str> {
    if !line.get(1..).is_some_and(|rest| rest.starts_with(":\\")) && !line.starts_with('\\') {
        return None;
    }
    let is_argument =
        |at: usize| line.get(at + 1..).is_some_and(|word| word.starts_with(['-', '/', '"', '%', '@']));
    let end = line.match_indices(' ').map(|(at, _)| at).find(|at| is_argument(*at)).unwrap_or(line.len());
    line.get(..end).map(str::trim_end).filter(|path| path.contains(' '))
}

/// What starting exactly this program means.
fn started(root: &Root, registry: &Registry, program: &str) -> Option<Command> {
    if let Some(program) = there(root, registry, program) {
        return Some(Command { program, is_gone: false });
    }
    let is_gone = registry.is_gone(root, program);
    (!program.is_empty()).then(|| Command { program: program.to_owned(), is_gone })
}

fn has_program_ending(program: &str) -> bool {
    let ending = program.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = [
        "ax", "bat", "cmd", "com", "cpl", "dll", "drv", "exe", "hta", "jar", "js", "jse", "msc", "msi",
        "ocx", "pif", "ps1", "py", "scr", "sys", "vbe", "vbs", "wsf",
    ];
    ending.is_some_and(|ending| known.contains(&ending.as_str()))
}

/// The program as it is called, if its file is there (or may be: one that cannot be read). One without an ending
/// may be an `.exe`; one without a folder is looked for.
fn there(root: &Root, registry: &Registry, program: &str) -> Option<String> {
    let is_file = |path: &[u8]| match root.find(path) {
        Ok(found) => found.is_file(),
        Err(fault) => fault != Fault::Absent || !root.is_gone(path),
    };
    let is_there = |path: &[u8]| is_file(path) || is_file(&[path, b".exe"].concat());
    if let Some(path) = registry.on_target(program) {
        return is_there(&path).then(|| program.to_owned());
    }
    if program.is_empty() || program.contains([':', '%']) || program.starts_with('\\') {
        return None;
    }
    let relative = program.replace('\\', "/");
    let found = SEARCHED.iter().map(|folder| format!("{folder}/{relative}"));
    found
        .into_iter()
        .find(|path| is_there(path.as_bytes()))
        .map(|path| registry.windows_path(path.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::windows::testing::complete;

    #[test]
    fn a_command_line_is_read_as_windows_reads_it() {
        let tree = complete()
            .file("Program Files/Some Vendor/Tool.exe", "")
            .file("Windows/System32/svchost.exe", "");
        let target = tree.target(crate::registry::Memory::new());
        let read = |line: &str| {
            let line = target.registry().expand(line, None);
            let command = command(&target.root, target.registry(), &line).unwrap();
            (command.program, command.is_gone)
        };
        let there = "C:\\Program Files\\Some Vendor\\tool.exe";
        assert_eq!(read("\"C:\\Program Files\\Some Vendor\\tool.exe\" -x"), (there.to_owned(), false));
        assert_eq!(read("C:\\Program Files\\Some Vendor\\tool.exe -x \"a b\""), (there.to_owned(), false));
        assert!(!read("%ProgramFiles%\\Some Vendor\\tool -x").1);
        assert_eq!(read("svchost -k x"), ("C:\\Windows\\System32\\svchost".to_owned(), false));
        let gone = "C:\\Program Files\\Gone Vendor\\a.exe";
        assert_eq!(read("C:\\Program Files\\Gone Vendor\\a.exe /b c.exe"), (gone.to_owned(), true));
        let bare = "C:\\Program Files (x86)\\Gone Vendor\\Gone Tool 2\\tool";
        for arguments in ["", " -r", " /quiet x", " \"%1\"", " %1", " @list"] {
            let line = format!("{bare}{arguments}");
            assert_eq!(read(&line).0, bare, "{arguments}");
        }
        assert_eq!(read("\"D:\\x.exe\" y"), ("D:\\x.exe".to_owned(), false));
        for line in
            ["D:\\Some Vendor\\a b.exe -x", r"\??\GLOBALROOT\Device\HarddiskVolume3\Some Vendor\a.sys x.exe"]
        {
            let program = read(line).0;
            assert!(
                program.ends_with(r"Some Vendor\a b.exe") || program.ends_with(r"Some Vendor\a.sys"),
                "{program}"
            );
        }
        assert_eq!(read("unknown.exe"), ("unknown.exe".to_owned(), false));
        assert_eq!(command(&target.root, target.registry(), "  "), None);
    }
}
