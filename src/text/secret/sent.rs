//! Secrets that one command sends to another: `echo SECRET | chpasswd`, `kinit <<< SECRET`, `<(echo SECRET)`.

use super::word::{Cuts, Word};

/// Programs that read a password from what is sent to them, whatever their options.
pub(super) const FED: &[&str] = &[
    "chpasswd",
    "convertto-securestring",
    "cryptsetup",
    "cytool",
    "fdesetup",
    "firmwarepasswd",
    "kinit",
    "mariadb-secure-installation",
    "mysql_secure_installation",
    "openconnect",
    "passwd",
    "pdbedit",
    "runas",
    "sftp",
    "smbpasswd",
    "su",
    "vncpasswd",
    "vpncli",
];

fn is_writer(word: &Word<'_>) -> bool {
    matches!(word.program().as_str(), "echo" | "printf" | "yes")
}

/// Whether a command reads a password from what is sent to it: by its name, or by an option or word that says so.
pub(super) fn is_fed(command: &[Word<'_>]) -> bool {
    let is_sudo = command.iter().any(|word| word.program() == "sudo");
    let announces = |word: &Word<'_>| {
        let lower = word.bare.to_ascii_lowercase();
        let is_option = lower.starts_with('-');
        let speaks = |of: &&str| lower.contains(of);
        is_option && ["pass", "secret", "token", "password-stdin"].iter().any(speaks)
            || matches!(lower.as_str(), "--stdin" | "secret" | "secrets")
            || word.bare == "-S" && is_sudo
    };
    command.iter().any(|word| FED.contains(&word.program().as_str()) || announces(word))
}

/// Programs that work on a text: what is sent to them is that text.
const FILTERS: &[&str] = &[
    "awk",
    "base64",
    "bash",
    "bc",
    "cat",
    "column",
    "cut",
    "dc",
    "diff",
    "fgrep",
    "fold",
    "gawk",
    "grep",
    "egrep",
    "gzip",
    "head",
    "hexdump",
    "jq",
    "logger",
    "mapfile",
    "md5sum",
    "node",
    "od",
    "perl",
    "python",
    "python3",
    "read",
    "readarray",
    "rev",
    "ruby",
    "sed",
    "sh",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "sort",
    "tail",
    "tee",
    "tr",
    "uniq",
    "wc",
    "xargs",
    "xxd",
    "yq",
];

/// What follows `<<<` is sent to the command. One that is not known to read a password may do so, too, unless it works
/// on texts: of that a single word which is not a plain one counts.
pub(super) fn here(command: &[Word<'_>], cuts: &mut Cuts) {
    let is_fed = is_fed(command);
    let is_filter = command.iter().any(|word| FILTERS.contains(&word.program().as_str()));
    let is_odd = |text: &str| {
        text.len() >= 6
            && !text.contains(char::is_whitespace)
            && !text.starts_with(['/', '.', '~', '$', '{', '['])
            && text.contains(|char: char| !char.is_ascii_lowercase() && !"-_.:".contains(char))
            && text.contains(|char: char| char.is_alphabetic())
    };
    for (at, word) in command.iter().enumerate() {
        let found = match word.bare.strip_prefix("<<<") {
            Some("") => command.get(at + 1).map(|word| (word.bare, word.whole())),
            Some(rest) => Some((rest, word.from(word.bare.len() - rest.len()))),
            None => None,
        };
        cuts.extend(found.filter(|(text, _)| is_fed || !is_filter && is_odd(text)).map(|(_, place)| place));
    }
}

/// `--key-file <(echo -n SECRET)`: what is written out only to be read as a file.
pub(super) fn substituted(command: &[Word<'_>], cuts: &mut Cuts) {
    let mut words = command.iter();
    while let Some(word) = words.next() {
        let inner = word.bare.strip_prefix("<(");
        if !inner.is_some_and(|program| matches!(program, "echo" | "printf")) {
            continue;
        }
        for word in words.by_ref() {
            let (start, end) = word.whole();
            let plain = word.bare.trim_end_matches(['\'', '"', ')']);
            if !word.is_option() && !word.bare.starts_with('-') {
                cuts.push((start, end - (word.bare.len() - plain.len())));
            }
            if word.raw.1.ends_with(')') {
                break;
            }
        }
    }
}

/// What a command sends on, to one behind it that may read a password.
pub(super) fn on(command: &[Word<'_>], sent: &mut Cuts) {
    if let Some(at) = command.iter().position(is_writer) {
        let rest = command.get(at + 1..).unwrap_or_default();
        sent.extend(rest.iter().filter(|word| !word.is_option()).map(Word::whole));
        return;
    }
    let Some((start, raw)) = command.last().map(|word| word.raw) else { return };
    // The last text between quotation marks.
    let mark = raw.chars().next_back().filter(|char| matches!(char, '"' | '\''));
    let inside = mark.and_then(|mark| raw.strip_suffix(mark)?.rsplit_once(mark));
    sent.extend(
        inside.map(|(before, text)| (start + before.len() + 1, start + before.len() + 1 + text.len())),
    );
}
