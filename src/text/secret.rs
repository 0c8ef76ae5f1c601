//! Secrets in text from machines: passwords and tokens in command lines, uninstall strings, unit files, environments and
//! addresses. One rule for every output; a redacted text says that it was.

use std::borrow::Cow;

/// What stands in place of a secret.
pub const REDACTED: &str = "<redacted>";

/// Texts of which one is in everything that can hold a secret, in lower case: the others are not read further.
const SIGNS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "accesskey",
    "access_key",
    "accountkey",
    "credential",
    "bearer",
    "authorization",
    "/p:",
    "-pw ",
    "/rp ",
    "://",
    "-u ",
    "--user",
    "sig=",
    "ghp_",
    "glpat-",
    "akia",
    "xoxb-",
    "xoxp-",
    "eyj",
    "github_pat_",
];
/// Endings of names that speak of a secret and hold none.
const ABOUT: &[&str] = &[
    "publickeytoken",
    "bypass",
    "compass",
    "trespass",
    "surpass",
    "overpass",
    "underpass",
    "file",
    "path",
    "stdin",
    "prompt",
    "policy",
    "length",
    "manager",
    "url",
    "uri",
    "type",
    "age",
    "expires",
    "required",
];
/// Beginnings of tokens that services issue.
const TOKENS: &[&str] = &["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "eyJ"];

/// A text without its secrets.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    if !SIGNS.iter().any(|sign| lower.contains(sign)) {
        return Cow::Borrowed(text);
    }
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    assignments(text, &mut cuts);
    words(text, &mut cuts);
    addresses(text, &mut cuts);
    cuts.retain(|(start, end)| start < end && !is_placeholder(text.get(*start..*end).unwrap_or_default()));
    if cuts.is_empty() {
        return Cow::Borrowed(text);
    }
    cuts.sort_unstable();
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

/// Whether a text holds a secret, or did until it was redacted.
pub fn is_secret(text: &str) -> bool {
    text.contains(REDACTED) || matches!(redacted(text), Cow::Owned(_))
}

/// Whether a name is that of a password or token.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    let lower = name.to_ascii_lowercase();
    if ABOUT.iter().any(|about| lower.ends_with(about)) {
        return false;
    }
    let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    ["password", "passwd", "passphrase", "passcode", "secret"].iter().any(|word| plain.contains(word))
        || [
            "pass",
            "pwd",
            "token",
            "apikey",
            "accesskey",
            "accountkey",
            "credential",
            "credentials",
            "privatekey",
        ]
        .iter()
        .any(|word| plain.ends_with(word))
}

/// `NAME=value`, `/name:value`, `Authorization: Bearer value`.
fn assignments(text: &str, cuts: &mut Vec<(usize, usize)>) {
    for (at, sign) in text.char_indices().filter(|(_, char)| matches!(char, '=' | ':')) {
        let before = text.get(..at).unwrap_or_default();
        // `"name": value` of JSON.
        let bare = before.strip_suffix(['"', '\'']).unwrap_or(before);
        let is_name = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
        let name = bare.get(bare.trim_end_matches(is_name).len()..).unwrap_or_default();
        let opening = bare.get(..bare.len() - name.len()).unwrap_or_default();
        let start = at + 1;
        let after = text.get(start..).unwrap_or_default();
        let is_header =
            name.eq_ignore_ascii_case("authorization") || name.to_ascii_lowercase().starts_with("x-");
        if sign == ':' && after.starts_with(' ') {
            let quoted = bare.len() < before.len();
            if is_header && (name.eq_ignore_ascii_case("authorization") || is_secret_name(name)) {
                cuts.push((start + 1, header_end(text, start + 1, opening)));
            } else if quoted && is_secret_name(name) {
                cuts.push(value(text, start + 1, ""));
            }
            continue;
        }
        let is_property = || after.split_once('=').is_some_and(|(name, _)| name.chars().all(is_name));
        let is_password =
            sign == ':' && name.eq_ignore_ascii_case("p") && opening.ends_with('/') && !is_property();
        let is_signature = sign == '=' && name.eq_ignore_ascii_case("sig") && opening.ends_with(['?', '&']);
        if is_password || is_signature || is_secret_name(name) && !after.starts_with("//") {
            cuts.push(value(text, start, opening));
        }
    }
}

/// The value that begins at a place: up to the quotation mark that closes it, or to the next blank.
fn value(text: &str, start: usize, opening: &str) -> (usize, usize) {
    let after = text.get(start..).unwrap_or_default();
    let length = |rest: &str, stop: &dyn Fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
    for (mark, width) in [("\\\"", 2), ("\"", 1), ("'", 1)] {
        if let Some(inside) = after.strip_prefix(mark) {
            let end = inside.find(mark).unwrap_or(inside.len());
            return (start + width, start + width + end);
        }
    }
    // `"NAME=a value"`: the mark before the name closes it.
    if let Some(mark) = opening.chars().next_back().filter(|char| matches!(char, '"' | '\'')) {
        return (start, start + length(after, &|char| char == mark));
    }
    let word = opening.rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_query = word.contains("://") || word.contains('?');
    let stop =
        |char: char| char.is_whitespace() || char == '"' || is_query && matches!(char, '&' | '#' | '\'');
    (start, start + length(after, &stop))
}

/// The end of a header's value: the mark that closes it, or the end of the line.
fn header_end(text: &str, start: usize, opening: &str) -> usize {
    let after = text.get(start..).unwrap_or_default();
    let mark = opening.chars().next_back().filter(|char| matches!(char, '"' | '\''));
    let stop = |char: char| Some(char) == mark || char == '\n' || mark.is_none() && char == '"';
    start + after.find(stop).unwrap_or(after.len())
}

/// `-password value`, `-u name:value`, tokens by their beginning.
fn words(text: &str, cuts: &mut Vec<(usize, usize)>) {
    let mut after_secret = false;
    let mut after_user = false;
    let mut program = "";
    for (start, word) in split(text) {
        let bare = word.trim_matches(['"', '\'']);
        let offset = start + (word.len() - word.trim_start_matches(['"', '\'']).len());
        if program.is_empty() {
            program = bare;
        }
        if after_secret {
            cuts.push((offset, offset + bare.len()));
        } else if after_user
            && let Some((name, secret)) = bare.split_once(':')
            && !secret.is_empty()
            && !secret.bytes().all(|byte| byte.is_ascii_digit())
        {
            cuts.push((offset + name.len() + 1, offset + bare.len()));
        } else if bare.len() >= 20 && TOKENS.iter().any(|token| bare.starts_with(token)) {
            cuts.push((offset, offset + bare.len()));
        }
        let flag = bare.strip_prefix(['-', '/']).filter(|flag| !flag.contains(['=', ':', '/', '\\']));
        let runs = |name: &str| {
            let file = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
            file.strip_suffix(".exe").unwrap_or(&file) == name
        };
        after_secret = flag.is_some_and(|flag| {
            is_secret_name(flag)
                || flag.eq_ignore_ascii_case("pw")
                || flag.eq_ignore_ascii_case("rp") && runs("schtasks")
                || flag == "p" && runs("sshpass")
        });
        after_user = matches!(bare, "-u" | "--user" | "--proxy-user" | "-U");
    }
}

/// Words with their places; blanks between quotation marks do not part them.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let (mut start, mut mark) = (None, None);
    for (at, char) in text.char_indices() {
        match (mark, char) {
            (Some(open), char) if open == char => mark = None,
            (None, '"' | '\'') => mark = Some(char),
            (None, char) if char.is_whitespace() => {
                if let Some(start) = start.take() {
                    words.push((start, text.get(start..at).unwrap_or_default()));
                }
                continue;
            }
            _ => {}
        }
        start.get_or_insert(at);
    }
    if let Some(start) = start {
        words.push((start, text.get(start..).unwrap_or_default()));
    }
    words
}

/// `scheme://name:password@host`.
fn addresses(text: &str, cuts: &mut Vec<(usize, usize)>) {
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

/// What stands for a secret and is none: `<password>`, `%PASSWORD%`, `${PASSWORD}`, `***`.
fn is_placeholder(text: &str) -> bool {
    let between = |open: &str, close: &str| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|name| name.chars().all(|char| char.is_alphanumeric() || "_- ".contains(char)))
    };
    between("<", ">") || between("%", "%") || between("${", "}") || text.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_redacted() {
        for (text, shown) in [
            ("msiexec /x {A} KLPASSWD=hunter2 /qn", "msiexec /x {A} KLPASSWD=<redacted> /qn"),
            ("setup.exe KLUNINSTPASSWD=\"my pass\" /s", "setup.exe KLUNINSTPASSWD=\"<redacted>\" /s"),
            ("setup.exe \"KLPASSWD=my pass\" /s", "setup.exe \"KLPASSWD=<redacted>\" /s"),
            (r"C:\a\un.exe /p:hunter2 /s", r"C:\a\un.exe /p:<redacted> /s"),
            ("tool -password hunter2 -x", "tool -password <redacted> -x"),
            ("tool --password='a b' -x", "tool --password='<redacted>' -x"),
            ("tool /Password:hunter2", "tool /Password:<redacted>"),
            ("tool --db-pass hunter2", "tool --db-pass <redacted>"),
            ("Environment=KLPASSWD=hunter2", "Environment=KLPASSWD=<redacted>"),
            ("Environment=\"A=1\" \"DB_PASSWORD=x y\"", "Environment=\"A=1\" \"DB_PASSWORD=<redacted>\""),
            ("curl https://u:hunter2@h/x", "curl https://u:<redacted>@h/x"),
            ("curl https://h/x?access_token=abc&y=1", "curl https://h/x?access_token=<redacted>&y=1"),
            ("curl https://h/x?sv=1&sig=abc%3D&y=1", "curl https://h/x?sv=1&sig=<redacted>&y=1"),
            ("curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: <redacted>' x"),
            ("curl -u bob:hunter2 h", "curl -u bob:<redacted> h"),
            ("{\"password\": \"hunter2\"}", "{\"password\": \"<redacted>\"}"),
            ("Server=s;Password=hunter2", "Server=s;Password=<redacted>"),
            ("git clone https://ghp_0123456789abcdefghij@h/x", "git clone https://<redacted>@h/x"),
            ("x ghp_0123456789abcdefghij", "x <redacted>"),
            ("sshpass -p hunter2 ssh h", "sshpass -p <redacted> ssh h"),
            ("plink.exe -pw hunter2 h", "plink.exe -pw <redacted> h"),
            ("openssl rsa -passin pass:hunter2", "openssl rsa -passin pass:<redacted>"),
        ] {
            assert_eq!(redacted(text), shown, "{text}");
            assert_eq!(redacted(shown), shown, "again");
            assert!(is_secret(text) && is_secret(shown));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
            "server -p 8080",
            "docker run -u 1000:1000 x",
            "powershell -ExecutionPolicy Bypass -File a.ps1",
            "tool --password-file /etc/x --token-path /y",
            "msiexec /x {A} KLPASSWD=<password> /qn",
            "tool --password=%PASSWORD% --token ${TOKEN}",
            "msbuild /p:Configuration=Release",
            "https://host:8443/path",
            "Kaspersky Password Manager",
            "C:\\Program Files\\Pass\\a.exe",
            "mask.*** PASSWORD=***",
        ] {
            assert_eq!(redacted(text), text);
            assert!(!is_secret(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_password_never_stays(before in "[a-zA-Z ./\\\\-]{0,12}", secret in "[a-zA-Z0-9!#$.,;+-]{6,12}", name in "KLPASSWD=|KLUNINSTPASSWD=|/p:|-password |--password=|PASSWORD=") {
            let text = format!("{before} {name}Z9{secret} rest");
            let shown = redacted(&text).into_owned();
            prop_assert!(!shown.contains(&format!("Z9{secret}")), "{}", shown);
            prop_assert!(shown.contains(REDACTED));
        }

        #[test]
        fn no_text_is_too_strange(text in "[\"'=:/@?&<>%$ a-zP\u{e9}\u{1f600}-]{0,60}|password=\\PC{0,10}|https://\\PC{0,20}") {
            let shown = redacted(&text).into_owned();
            prop_assert!(shown == text || shown.contains(REDACTED));
        }
    }
}
