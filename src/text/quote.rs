//! Quoting: text from hostile machines as exactly one word of a shell. The only place that knows how: removal steps for
//! people and the scripts of plans both come here.

use super::escape::hidden;

/// One word of a POSIX shell, whatever it holds; `None` for a NUL, which no word can hold.
pub fn posix(text: &str) -> Option<String> {
    // Between single quotes nothing is special but the single quote itself (POSIX, Shell Command Language 2.2.2).
    if text.contains('\0') {
        return None;
    }
    if text.contains(hidden) {
        return Some(unseen(text));
    }
    // Two number signs in a row begin commands of build servers, which read scripts that a job prints: they are two words.
    Some(format!("'{}'", text.replace('\'', "'\\''").replace("##", "#''#")))
}

/// One word with characters that a terminal obeys or hides, written so that a script shows none of them: `printf %b` makes
/// them. Newlines at the end, which command substitution drops, follow in quotes.
fn unseen(text: &str) -> String {
    let ends = text.len() - text.trim_end_matches('\n').len();
    let text = text.trim_end_matches('\n');
    let mut word = String::with_capacity(text.len() * 2);
    for char in text.chars() {
        match char {
            '\\' => word.push_str("\\\\"),
            '\'' => word.push_str("'\\''"),
            '#' if word.ends_with('#') => word.push_str("''#"),
            char if hidden(char) => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    word.push_str(&format!("\\0{byte:03o}"));
                }
            }
            char => word.push(char),
        }
    }
    let end = if ends > 0 { format!("'{}'", "\n".repeat(ends)) } else { String::new() };
    format!("\"$(printf '%b' '{word}')\"{end}")
}

/// The same for people to read and copy: without quotes where a word needs none.
pub fn posix_short(text: &str) -> Option<String> {
    let plain = |char: char| char.is_ascii_alphanumeric() || "._-+:/@".contains(char);
    if !text.is_empty() && text.chars().all(plain) { Some(text.to_owned()) } else { posix(text) }
}

/// One argument on a command line of `cmd.exe`, for people; `None` for what cannot be quoted there: `%` and `!` stand for
/// variables even between quotation marks.
pub fn cmd(text: &str) -> Option<String> {
    let plain = |char: char| char.is_ascii_alphanumeric() || "._-+:/@~{}\\".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        return Some(text.to_owned());
    }
    // A backslash before the closing mark would escape it for most programs.
    let hostile =
        text.contains(['"', '%', '!']) || text.chars().any(char::is_control) || text.ends_with('\\');
    (!hostile).then(|| format!("\"{text}\""))
}

/// A path on a command line of `cmd.exe`, always between quotation marks.
pub fn cmd_path(path: &str) -> Option<String> {
    let short = cmd(path)?;
    Some(if short.starts_with('"') { short } else { format!("\"{short}\"") })
}

/// The path of Windows that a path of a report stands for: `/Program Files/x` is on the system's drive (`C:`), `/D:/x` on
/// another; what is one of Windows already stays. `None` for names that Windows cannot have there, and for relative ones.
pub fn windows_path(path: &str) -> Option<String> {
    let path = path.replace('/', "\\");
    let is_drive = |text: &str| matches!(text.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic());
    if let Some(share) = path.strip_prefix(r"\\?\UNC\") {
        return is_windows_name(share).then(|| path.clone());
    }
    let inner = path.strip_prefix(r"\\?\").unwrap_or(&path);
    if let Some(share) = inner.strip_prefix(r"\\") {
        // A server and a share, not a device (`\\.\`).
        return (share.contains('\\') && is_windows_name(share)).then(|| path.clone());
    }
    let (bare, rooted) = match inner.strip_prefix('\\') {
        Some(bare) => (bare, true),
        None => (inner, false),
    };
    let (first, rest) = bare.split_once('\\').unwrap_or((bare, ""));
    let (drive, rest) = match (is_drive(first), rooted) {
        (true, _) => (first.to_ascii_uppercase(), rest),
        (false, true) => ("C:".to_owned(), bare),
        (false, false) => return None,
    };
    let long = if inner.len() < path.len() { r"\\?\" } else { "" };
    (rest.is_empty() || is_windows_name(rest)).then(|| format!(r"{long}{drive}\{rest}"))
}

/// The longest path that programs of Windows take without being asked to.
const MAX_PATH: usize = 247;

/// Whether every program of Windows takes a path, and takes it for what it says: no longer path, no name that stands for a
/// device, and none whose end Windows leaves out (`x.` and `x ` are `x`).
pub fn is_plain_windows_path(path: &str) -> bool {
    let devices = ["con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$"];
    let is_plain = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
        let stem = stem.trim_end_matches(|char: char| char.is_ascii_digit());
        !part.ends_with(['.', ' ']) && !devices.contains(&stem)
    };
    path.encode_utf16().count() <= MAX_PATH && path.split('\\').all(is_plain)
}

/// Whether each part of a path is a name that Windows can have.
fn is_windows_name(path: &str) -> bool {
    path.split('\\').all(|part| {
        !matches!(part, "" | "." | "..")
            && !part.contains(['<', '>', ':', '"', '|', '?', '*'])
            && !part.chars().any(char::is_control)
    })
}

/// One expression of PowerShell, in ASCII: what is not printable ASCII becomes `[char]0x…`, so that neither the
/// encoding of the file nor the quotation marks that PowerShell takes for its own (U+2018 to U+201B) matter.
pub fn powershell(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    let mut plain = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\'') => plain.push_str("''"),
            // As in `posix`.
            Ok(b'#') if plain.ends_with('#') => {
                parts.push(format!("'{}'", std::mem::take(&mut plain)));
                parts.push("[char]0x0023".to_owned());
            }
            Ok(byte @ 0x20..=0x7e) => plain.push(char::from(byte)),
            _ => {
                parts.push(format!("'{}'", std::mem::take(&mut plain)));
                parts.push(format!("[char]0x{unit:04X}"));
            }
        }
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("'{plain}'"));
    }
    Some(match parts.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(" + ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_windows_takes_for_others_are_not_plain() {
        let long = format!(r"C:\{}\x", "a\\b".repeat(90));
        for other in [r"C:\Program Files\V.\x", r"C:\V \x", r"C:\V\con", r"C:\V\NUL.txt", r"C:\V\com1", &long]
        {
            assert!(!is_plain_windows_path(other), "{other}");
        }
        for plain in [r"C:\Program Files (x86)\V 1.2\x", r"D:\V\.cache\console", r"\\server\share\x"] {
            assert!(is_plain_windows_path(plain), "{plain}");
        }
    }
    use proptest::prelude::*;

    /// What PowerShell makes of the expression: an independent reading of its grammar.
    fn evaluated(expression: &str) -> Vec<u16> {
        let mut units = Vec::new();
        let inner =
            expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(expression);
        let mut rest = inner;
        loop {
            if let Some(hex) = rest.strip_prefix("[char]0x") {
                units.push(u16::from_str_radix(&hex[..4], 16).unwrap());
                rest = &hex[4..];
            } else {
                rest = rest.strip_prefix('\'').unwrap();
                loop {
                    let end = rest.find('\'').unwrap();
                    units.extend(rest[..end].encode_utf16());
                    rest = &rest[end + 1..];
                    match rest.strip_prefix('\'') {
                        Some(after) => {
                            units.push(u16::from(b'\''));
                            rest = after;
                        }
                        None => break,
                    }
                }
            }
            match rest.strip_prefix(" + ") {
                Some(after) => rest = after,
                None => break,
            }
        }
        assert_eq!(rest, "");
        units
    }

    #[test]
    fn words_for_people() {
        assert_eq!(posix_short("kesl").as_deref(), Some("kesl"));
        assert_eq!(posix_short("").as_deref(), Some("''"));
        assert_eq!(posix_short("a'; rm -rf /").as_deref(), Some("'a'\\''; rm -rf /'"));
        assert_eq!(posix_short("~{a}").as_deref(), Some("'~{a}'"), "what a shell expands");
        assert_eq!(cmd("{1A-2B}").as_deref(), Some("{1A-2B}"), "a product code needs no quotes");
        assert_eq!(cmd("a & b").as_deref(), Some("\"a & b\""));
        assert_eq!(cmd(r"C:\a").as_deref(), Some(r"C:\a"));
        for hostile in ["\"%PATH%\"", "%PATH%", "a\"b", "!x! y", "a b\\", "a\nb"] {
            assert_eq!(cmd(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn paths_of_windows() {
        let is = |path: &str| windows_path(path).unwrap_or_default();
        assert_eq!(is("/ProgramData/Kaspersky Lab"), r"C:\ProgramData\Kaspersky Lab");
        assert_eq!(is("/D:/Program Files/V"), r"D:\Program Files\V");
        assert_eq!(is(r"d:\a/b"), r"D:\a\b");
        assert_eq!(is(r"\\?\C:\a\b."), r"\\?\C:\a\b.");
        assert_eq!(is(r"\\?\UNC\server\share\x"), r"\\?\UNC\server\share\x");
        assert_eq!(is(r"\\server\share\x"), r"\\server\share\x");
        for wrong in ["a/b", "/a/../b", "/a//b", r"\\.\C:", "/a:b", "/a\"b", "/a|b", "/a\nb", "", r"\\server"]
        {
            assert_eq!(windows_path(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn powershell_reads_back_what_was_quoted(text in "[^\u{0}]{0,20}|[`$'\"%();&|\\\\\n\u{2018}\u{2019}\u{201a}\u{201b} a]{0,20}") {
            let quoted = powershell(&text).unwrap();
            prop_assert!(quoted.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
            prop_assert_eq!(evaluated(&quoted), text.encode_utf16().collect::<Vec<_>>());
        }
    }
}
