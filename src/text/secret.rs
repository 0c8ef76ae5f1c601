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
    "-p:",
    "pw:",
    "pw=",
    "pin:",
    "pin=",
    "-pin ",
    "-pw ",
    "/rp ",
    "auth=",
    "cookie",
    "signature=",
    "key=",
    "code=",
    "jwt=",
    "://",
    "-u",
    "--user",
    "net u",
    "net.exe",
    "net1",
    "mysql",
    "mariadb",
    "psexec",
    "paexec",
    "redis-cli",
    "mongo",
    "7z",
    "rar ",
    "zip ",
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
/// Words for a password in names, in lower case.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "pswd",
    "passwort",
    "kennwort",
    "пароль",
    "contrasena",
    "contraseña",
    "senha",
    "wachtwoord",
    "haslo",
    "hasło",
    "heslo",
    "salasana",
    "losenord",
    "lösenord",
    "motdepasse",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
];
/// How a program takes a password that no name announces.
struct Takes {
    /// Names of the program without `.exe`.
    programs: &'static [&'static str],
    /// The option, as the program spells it.
    option: &'static str,
    /// Whether the password is part of the same word (`-pSECRET`), else it is the next one.
    joined: bool,
}
/// Source: the manual pages of these programs; "PsExec" and "schtasks" of Microsoft's documentation.
const TAKES: &[Takes] = &[
    Takes { programs: &["sshpass"], option: "-p", joined: false },
    Takes { programs: &["sshpass"], option: "-p", joined: true },
    Takes {
        programs: &["mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mariadb-admin"],
        option: "-p",
        joined: true,
    },
    Takes { programs: &["psexec", "psexec64", "paexec"], option: "-p", joined: false },
    Takes { programs: &["mongo", "mongosh", "mongodump"], option: "-p", joined: false },
    Takes { programs: &["redis-cli"], option: "-a", joined: false },
    Takes { programs: &["zip", "unzip"], option: "-P", joined: false },
    Takes { programs: &["7z", "7za", "7zr", "rar", "unrar"], option: "-p", joined: true },
    Takes { programs: &["rar", "unrar"], option: "-hp", joined: true },
    Takes { programs: &["schtasks"], option: "/rp", joined: false },
];
/// Beginnings of tokens that services issue.
const TOKENS: &[&str] = &["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "eyJ"];

/// A text without its secrets.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let lower = text.to_lowercase();
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
    let name = name.trim_matches(|char: char| !char.is_alphanumeric());
    let lower = name.to_lowercase();
    if ABOUT.iter().any(|about| lower.ends_with(about)) {
        return false;
    }
    let plain: String = lower.chars().filter(|char| char.is_alphanumeric()).collect();
    PASSWORDS.iter().any(|word| plain.contains(word))
        || matches!(plain.as_str(), "pw" | "pin" | "parola")
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

/// `NAME=value`, `NAME = value`, `/name:value`, `Authorization: Bearer value`.
fn assignments(text: &str, cuts: &mut Vec<(usize, usize)>) {
    for (at, sign) in text.char_indices().filter(|(_, char)| matches!(char, '=' | ':')) {
        let before = text.get(..at).unwrap_or_default();
        // `"name": value` of JSON.
        let bare = before.strip_suffix(['"', '\'']).unwrap_or(before);
        let is_name = |char: char| char.is_alphanumeric() || "_-.".contains(char);
        let spaced = bare.trim_end_matches(' ');
        let name = spaced.get(spaced.trim_end_matches(is_name).len()..).unwrap_or_default();
        let opening = spaced.get(..spaced.len() - name.len()).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        let blanks = after.len() - after.trim_start_matches(' ').len();
        let start = at + 1 + blanks;
        let in_quotes = opening.ends_with(['"', '\'']);
        if sign == ':'
            && (is_header(name) || blanks > 0 && in_quotes && is_secret_name(name) && bare == before)
        {
            cuts.push((start, header_end(text, start, opening)));
            continue;
        }
        if blanks > 0 || spaced.len() < bare.len() {
            // Of prose, what stands behind a colon is no value: only names as installers and JSON have them count.
            let is_strict = sign == '=' || bare.len() < before.len() || is_shouted(name);
            if is_strict && is_secret_name(name) {
                cuts.push(value(text, start, ""));
            }
            continue;
        }
        if is_named_value(sign, name, opening, after) {
            cuts.push(value(text, start, opening));
        }
    }
}

/// Whether a header holds a secret, whatever it is called in.
fn is_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "authorization" | "proxy-authorization" | "cookie" | "set-cookie")
        || lower.starts_with("x-") && is_secret_name(name)
}

/// Whether a name is written as properties of installers are.
fn is_shouted(name: &str) -> bool {
    name.len() >= 4 && !name.chars().any(char::is_lowercase)
}

/// Whether what stands right behind `NAME=` or `/name:` is a secret.
fn is_named_value(sign: char, name: &str, opening: &str, after: &str) -> bool {
    let is_name = |char: char| char.is_alphanumeric() || "_-.".contains(char);
    let bare = name.trim_start_matches('-');
    let is_option = opening.ends_with('/') || name.starts_with('-');
    let is_property = after.split_once('=').is_some_and(|(name, _)| name.chars().all(is_name));
    let word = after.split_whitespace().next().unwrap_or_default();
    let is_port = name.starts_with('-') && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_password = sign == ':' && bare.eq_ignore_ascii_case("p") && is_option && !is_property && !is_port;
    // Keys of addresses: signatures, codes that log on.
    let lower = name.to_ascii_lowercase();
    let is_query = sign == '=' && opening.ends_with(['?', '&']);
    let is_key = is_query
        && (lower.ends_with("signature")
            || matches!(lower.as_str(), "sig" | "key" | "auth" | "code" | "jwt"));
    is_password || is_key || is_secret_name(name) && !after.starts_with("//")
}

/// The value that begins at a place: up to the quotation mark that closes it, or to the next blank.
fn value(text: &str, start: usize, opening: &str) -> (usize, usize) {
    let after = text.get(start..).unwrap_or_default();
    // `"`, `'`, `\"` and `\\"` of a command in a command, `""` of one between quotation marks.
    let slashes = after.len() - after.trim_start_matches('\\').len();
    let doubled =
        after.strip_prefix("\"\"").is_some_and(|rest| !rest.starts_with(' ') && rest.contains("\"\""));
    let width = match after.get(slashes..).and_then(|rest| rest.chars().next()) {
        Some('"') if slashes == 0 && doubled => 2,
        Some('"' | '\'') => slashes + 1,
        _ => 0,
    };
    if let (1.., Some(mark)) = (width, after.get(..width)) {
        let inside = after.get(width..).unwrap_or_default();
        let end = closing(inside, mark).unwrap_or(inside.len());
        return (start + width, start + width + end);
    }
    // `"NAME=a value"`: the mark before the name closes it.
    if let Some(mark) = opening.chars().next_back().filter(|char| matches!(char, '"' | '\'')) {
        return (start, start + after.find(mark).unwrap_or(after.len()));
    }
    // `A=1;Password=a value;B=2` of a connection.
    if opening.ends_with(';')
        && let Some(end) = after
            .find([';', '"', '\'', '\n'])
            .filter(|end| after.get(*end..).is_some_and(|rest| rest.starts_with(';')))
    {
        return (start, start + end);
    }
    let word = opening.rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_query = word.contains("://") || word.contains('?');
    (start, start + bare_word(text, start, is_query))
}

/// Where a quotation mark closes; one that a backslash keeps from that is passed over.
fn closing(inside: &str, mark: &str) -> Option<usize> {
    let ends = inside.match_indices(mark).map(|(at, _)| at);
    let mut ends = ends.filter(|at| {
        let before = inside.get(..*at).unwrap_or_default();
        let slashes = before.len() - before.trim_end_matches('\\').len();
        mark.starts_with('\\') || mark == "'" || slashes % 2 == 0
    });
    ends.next()
}

/// The length of a word without quotation marks around it; marks in it that open there are part of it.
fn bare_word(text: &str, start: usize, is_query: bool) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let mut is_open = !before.matches('"').count().is_multiple_of(2);
    let is_within = is_open;
    let after = text.get(start..).unwrap_or_default();
    for (at, char) in after.char_indices() {
        let is_end = match char {
            '"' if is_within => true,
            '"' => {
                is_open = !is_open;
                false
            }
            '&' | '#' | '\'' => is_query,
            char => char.is_whitespace() && (is_within || !is_open),
        };
        if is_end {
            return at;
        }
    }
    after.len()
}

/// The end of a header's value: the mark that closes it, or the end of the line.
fn header_end(text: &str, start: usize, opening: &str) -> usize {
    let after = text.get(start..).unwrap_or_default();
    let mark = opening.chars().next_back().filter(|char| matches!(char, '"' | '\''));
    let stop = |char: char| Some(char) == mark || char == '\n' || mark.is_none() && char == '"';
    start + after.find(stop).unwrap_or(after.len())
}

/// `-password value`, `-u name:value`, tokens by their beginning, and passwords by the programs that take them.
fn words(text: &str, cuts: &mut Vec<(usize, usize)>) {
    let (mut after_secret, mut after_user, mut after_bearer) = (false, false, false);
    let mut program = String::new();
    for (start, word) in split(text) {
        let bare = word.trim_matches(['"', '\'']);
        let offset = start + (word.len() - word.trim_start_matches(['"', '\'']).len());
        let end = offset + bare.len();
        if after_secret || after_bearer && bare.len() >= 12 {
            cuts.push((offset, end));
        } else if let Some(at) = name_and_secret(bare, after_user, &program) {
            cuts.push((offset + at, end));
        } else if bare.len() >= 20 && TOKENS.iter().any(|token| bare.starts_with(token)) {
            cuts.push((offset, end));
        }
        if let Some(option) =
            options(&program, true).find(|option| bare.len() > option.len() && bare.starts_with(option))
        {
            cuts.push((offset + option.len(), end));
        }
        let flag = bare.strip_prefix(['-', '/']).filter(|flag| !flag.contains(['=', ':', '/', '\\']));
        after_bearer = bare.eq_ignore_ascii_case("bearer");
        after_secret = options(&program, false)
            .any(|option| option == bare || option.starts_with('/') && option.eq_ignore_ascii_case(bare))
            || flag.is_some_and(|flag| {
                is_secret_name(flag) || flag.trim_start_matches('-').eq_ignore_ascii_case("bearer")
            });
        after_user = matches!(bare, "-u" | "--user" | "--proxy-user" | "-U");
        let file = bare.rsplit(['/', '\\']).next().unwrap_or(bare).to_ascii_lowercase();
        let file = file.strip_suffix(".exe").unwrap_or(&file);
        if program.is_empty()
            || KNOWN.contains(&file)
            || TAKES.iter().any(|takes| takes.programs.contains(&file))
        {
            file.clone_into(&mut program);
        }
    }
    net(text, cuts);
}

/// The options by which a program takes a password.
fn options(program: &str, joined: bool) -> impl Iterator<Item = &'static str> {
    let of_program = move |takes: &&Takes| takes.joined == joined && takes.programs.contains(&program);
    TAKES.iter().filter(of_program).map(|takes| takes.option)
}

/// Further programs whose words are read in their own way.
const KNOWN: &[&str] = &["curl", "net", "net1", "smbclient"];

/// Where the secret begins in `name:secret`, after an option that asks for both or joined to it.
fn name_and_secret(word: &str, after_user: bool, program: &str) -> Option<usize> {
    let options = ["--user=", "--proxy-user="];
    let joined = options.iter().find_map(|option| word.strip_prefix(option));
    let joined =
        joined.or_else(|| word.strip_prefix("-u").filter(|rest| program == "curl" && !rest.is_empty()));
    let pair = joined.or(after_user.then_some(word))?;
    let sign = if program == "smbclient" { '%' } else { ':' };
    let (_, secret) = pair.split_once(sign)?;
    let is_id = secret.bytes().all(|byte| byte.is_ascii_digit());
    (!is_id).then_some(word.len() - secret.len())
}

/// `net use X: \\\\server\\share PASSWORD`, `net user NAME PASSWORD`.
fn net(text: &str, cuts: &mut Vec<(usize, usize)>) {
    let words = split(text);
    for (at, (_, word)) in words.iter().enumerate() {
        let file = word.trim_matches('"').rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let verb = words.get(at + 1).map(|(_, verb)| verb.to_ascii_lowercase()).unwrap_or_default();
        if !matches!(file.as_str(), "net" | "net.exe" | "net1" | "net1.exe")
            || !matches!(verb.as_str(), "use" | "user")
        {
            continue;
        }
        let rest = words.iter().skip(at + 2).take_while(|(_, word)| !matches!(*word, "&" | "&&" | "|" | ";"));
        let plain: Vec<&(usize, &str)> = rest.filter(|(_, word)| !word.starts_with('/')).collect();
        let is_place =
            |word: &str| word.trim_matches('"').starts_with('\\') || word.ends_with(':') || word == "*";
        let named =
            if verb == "user" { plain.get(1) } else { plain.iter().find(|(_, word)| !is_place(word)) };
        if let Some((start, word)) = named.filter(|(_, word)| *word != "*") {
            cuts.push((*start, start + word.len()));
        }
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
mod tests;
