//! Secrets in text from machines: passwords and tokens in command lines, uninstall strings, unit files, environments and
//! addresses. One rule for every output; a redacted text says that it was.

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

mod assigned;
mod calls;
mod command;
mod name;
mod paired;
mod programs;
mod sent;
mod token;
mod word;
mod zabbix;

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
    "otp=",
    "<(",
    "<<<",
    "@(",
    "@tcp(",
    "@unix(",
    "/p ",
    "/u ",
    "/u:",
    "/webhook",
    "/services/",
    "/bot",
    "sonar.login",
    "spawn ",
    "expect ",
    "impacket-",
    ".py",
];
/// Hosts whose addresses are a secret themselves, and what stands before the secret in them.
const HOOKS: &[(&str, &str)] = &[
    ("hooks.slack.com", "/services/"),
    ("hooks.slack.com", "/workflows/"),
    ("discord.com", "/api/webhooks/"),
    ("discordapp.com", "/api/webhooks/"),
    ("api.telegram.org", "/bot"),
    ("webhook.office.com", "/webhookb2/"),
    ("hooks.zapier.com", "/hooks/"),
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

/// A text is read in parts of this length, which share a quarter: what announces a secret is looked for in all that
/// stands before it, so that the time would grow with the square of a length that a user decides on.
const PART: usize = 16 * 1024;

/// Where the secrets are, in order.
fn cuts(text: &str, is_prose: bool) -> Vec<(usize, usize)> {
    if text.len() <= PART {
        return cuts_of_part(text, is_prose);
    }
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = text.floor_char_boundary(start + PART);
        let part = text.get(start..end).unwrap_or_default();
        cuts.extend(cuts_of_part(part, is_prose).iter().map(|(from, to)| (start + from, start + to)));
        if end >= text.len() {
            break;
        }
        start = text.floor_char_boundary(start + PART / 4 * 3);
    }
    cuts.sort_unstable();
    cuts
}

fn cuts_of_part(text: &str, is_prose: bool) -> Vec<(usize, usize)> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    if !can_hold_one(text) {
        return cuts;
    }
    assigned::assignments(text, &mut cuts);
    assigned::elements(text, &mut cuts);
    calls::calls(text, &mut cuts);
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
        let logon = text.get(at + driver.len()..text.floor_char_boundary(at + 512)).unwrap_or_default();
        let Some((user, rest)) = logon.split_once('/') else { continue };
        let Some((secret, _)) = rest.split_once('@') else { continue };
        let start = at + driver.len() + user.len() + 1;
        if !user.is_empty() && !user.contains(char::is_whitespace) && !secret.contains(char::is_whitespace) {
            cuts.push((start, start + secret.len()));
        }
    }
    // `name:password@tcp(host:port)/database`, as drivers of Go have it.
    for (at, _) in ["@(", "@tcp(", "@unix("].iter().flat_map(|sign| text.match_indices(sign)) {
        let before = text.get(text.ceil_char_boundary(at.saturating_sub(256))..at).unwrap_or_default();
        let from = before.rfind(|char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '=' | '/'));
        let logon = before.get(from.map_or(0, |from| from + 1)..).unwrap_or_default();
        cuts.extend(logon.split_once(':').map(|(_, secret)| (at - secret.len(), at)));
    }
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let stop = |char: char| char.is_whitespace() || matches!(char, '/' | '?' | '#' | '"' | '\'');
        hook(text, start, cuts);
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

/// An address to which anyone who knows it can write: what follows `/services/`, `/bot`, up to the next blank or option.
fn hook(text: &str, start: usize, cuts: &mut Vec<(usize, usize)>) {
    let rest = text.get(start..).unwrap_or_default();
    let host = rest.get(..rest.floor_char_boundary(256)).and_then(|rest| rest.split('/').next());
    let host = host.unwrap_or_default().to_ascii_lowercase();
    let stop = |char: char| char.is_whitespace() || matches!(char, '?' | '#' | '"' | '\'' | '<');
    for (_, before) in HOOKS.iter().filter(|(known, _)| host.ends_with(known)) {
        let rest = rest.get(..rest.floor_char_boundary(1024)).unwrap_or_default();
        let address = rest.get(..rest.find(stop).unwrap_or(rest.len())).unwrap_or_default();
        if let Some(at) = address.find(before).map(|at| at + before.len()) {
            // Of a bot the name of what it shall do follows.
            let secret = address.get(at..).unwrap_or_default();
            let end = if *before == "/bot" { secret.find('/') } else { None };
            cuts.push((start + at, start + at + end.unwrap_or(secret.len())));
        }
    }
}

/// Endings of files that hold keys and certificates.
const KEY_FILES: &[&str] = &[".pem", ".key", ".crt", ".cer", ".der", ".p12", ".pfx", ".jks", ".pub"];

/// What stands for a secret and is none: `<password>`, `%PASSWORD%`, `${PASSWORD}`, `$PASSWORD`, `***`, the path of a
/// file of keys, and a key of the registry.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let has_drive = lower.get(1..3).is_some_and(|rest| matches!(rest, ":\\" | ":/"));
    let is_path = has_drive || ["/", "./", "~/", "../"].iter().any(|start| lower.starts_with(start));
    if is_path && KEY_FILES.iter().any(|ending| lower.ends_with(ending)) {
        return true;
    }
    let hive = lower.split('\\').next().filter(|hive| hive.len() < lower.len()).unwrap_or_default();
    if matches!(hive, "hklm" | "hkcu" | "hkcr" | "hku" | "hkcc" | "software") || hive.starts_with("hkey_") {
        return true;
    }
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
