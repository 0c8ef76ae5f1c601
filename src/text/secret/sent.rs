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

/// What follows `<<<` is sent to the command.
pub(super) fn here(command: &[Word<'_>], cuts: &mut Cuts) {
    for (at, word) in command.iter().enumerate() {
        match word.bare.strip_prefix("<<<") {
            Some("") => cuts.extend(command.get(at + 1).map(Word::whole)),
            Some(rest) => cuts.push(word.from(word.bare.len() - rest.len())),
            None => {}
        }
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
