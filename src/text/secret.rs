//! Secrets in text from machines: passwords and tokens in command lines, uninstall strings, unit files, environments and
//! addresses. One rule for every output; a redacted text says that it was.

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

mod assigned;
mod command;
mod name;
mod programs;
mod token;

pub use name::is_secret_name;

/// What stands in place of a secret.
pub const REDACTED: &str = "<redacted>";

/// Texts of which one is in everything that can hold a secret, beside the names of programs that take one: the others are
/// not read further.
const SIGNS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "code",
    "credential",
    "creds",
    "bearer",
    "auth",
    "cookie",
    "signature",
    "jwt",
    "sig=",
    "psk",
    "keymaterial",
    "pswd",
    "/p:",
    "-p:",
    "pw:",
    "pw=",
    "pw ",
    "pin:",
    "pin=",
    "-pin ",
    "-pw ",
    "://",
    "-u",
    "--user",
    "kennwort",
    "парол",
    "contrase",
    "senha",
    "wachtwoord",
    "haslo",
    "hasło",
    "heslo",
    "parola",
    "salasana",
    "losenord",
    "lösenord",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
    "thin:",
    "%",
];

/// A text without its secrets: a command, a path, an address, what a file says.
pub fn redacted(text: &str) -> Cow<'_, str> {
    without(text, false)
}

/// A text for people without its secrets: a word behind the name of a program is no argument there.
pub fn redacted_prose(text: &str) -> Cow<'_, str> {
    without(text, true)
}

fn without(text: &str, is_prose: bool) -> Cow<'_, str> {
    let cuts = cuts(text, is_prose);
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in cuts {
        if start >= at {
            shown.push_str(text.get(at..start).unwrap_or_default());
            shown.push_str(REDACTED);
        }
        at = at.max(end);
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(shown)
}

/// The secrets of a command that are long enough to be known again elsewhere.
pub fn secrets_of(text: &str) -> Vec<&str> {
    let secrets = cuts(text, false).into_iter().filter_map(|(start, end)| text.get(start..end));
    secrets.filter(|secret| secret.len() >= 6).collect()
}

/// A text without the words that are one of these secrets: what is made of a command no longer has what announced them.
pub fn without_words<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    if !text.split(char::is_whitespace).any(|word| secrets.iter().any(|secret| secret == word)) {
        return Cow::Borrowed(text);
    }
    let shown = |word| if secrets.iter().any(|secret| secret == word) { REDACTED } else { word };
    Cow::Owned(text.split(char::is_whitespace).map(shown).collect::<Vec<&str>>().join(" "))
}

/// Where the secrets are, in order.
fn cuts(text: &str, is_prose: bool) -> Vec<(usize, usize)> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    if !can_hold_one(text) {
        return cuts;
    }
    assigned::assignments(text, &mut cuts);
    assigned::elements(text, &mut cuts);
    command::commands(text, is_prose, &mut cuts);
    token::tokens(text, &mut cuts);
    addresses(text, &mut cuts);
    cuts.retain(|(start, end)| start < end && !is_placeholder(text.get(*start..*end).unwrap_or_default()));
    cuts.sort_unstable();
    cuts
}

/// Whether a text has a sign of a secret.
fn can_hold_one(text: &str) -> bool {
    static FINDER: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let finder = FINDER.get_or_init(|| {
        let signs = SIGNS.iter().copied().chain(programs::names()).chain(token::beginnings());
        AhoCorasickBuilder::new().ascii_case_insensitive(true).build(signs).ok()
    });
    let Some(finder) = finder else { return true };
    finder.is_match(text) || !text.is_ascii() && finder.is_match(&text.to_lowercase())
}

/// Whether a text holds a secret, or did until it was redacted.
pub fn is_secret(text: &str) -> bool {
    text.contains(REDACTED) || matches!(redacted(text), Cow::Owned(_))
}

/// `scheme://name:password@host`, `jdbc:oracle:thin:name/password@host`.
fn addresses(text: &str, cuts: &mut Vec<(usize, usize)>) {
    for (at, driver) in text.match_indices(":thin:").chain(text.match_indices(":oci:")) {
        let logon = text.get(at + driver.len()..).unwrap_or_default();
        let Some((user, rest)) = logon.split_once('/') else { continue };
        let Some((secret, _)) = rest.split_once('@') else { continue };
        let start = at + driver.len() + user.len() + 1;
        if !user.is_empty() && !user.contains(char::is_whitespace) && !secret.contains(char::is_whitespace) {
            cuts.push((start, start + secret.len()));
        }
    }
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let stop = |char: char| char.is_whitespace() || matches!(char, '/' | '?' | '#' | '"' | '\'');
        let authority = rest.get(..rest.find(stop).unwrap_or(rest.len())).unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        match user.split_once(':') {
            Some((name, _)) => cuts.push((start + name.len() + 1, start + user.len())),
            // A token in place of the name.
            None if user.len() >= 20 => cuts.push((start, start + user.len())),
            None => {}
        }
    }
}

/// What stands for a secret and is none: `<password>`, `%PASSWORD%`, `${PASSWORD}`, `$PASSWORD`, `***`.
fn is_placeholder(text: &str) -> bool {
    let between = |open: &str, close: &str| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|name| name.chars().all(|char| char.is_alphanumeric() || "_- ".contains(char)))
    };
    let is_variable = text.strip_prefix('$').is_some_and(|name| {
        name.len() >= 3
            && name.chars().all(|char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_')
    });
    is_variable
        || between("<", ">")
        || between("%", "%")
        || between("${", "}")
        || text.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests;
