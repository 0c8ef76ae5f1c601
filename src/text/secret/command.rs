//! Command lines: `-password value`, `-u name:value`, and passwords by the programs that take them.

use super::name::{is_deed, is_secret_name};
use super::paired::{is_mixed, paired};
use super::programs::{
    NAMES, ORACLE, PLACES, PUTTING, Place, SAMBA, SIGN, TAKES, WITH_GROUP, WITH_USER, names,
};
use super::sent;
use super::word::{Cuts, Word, split};
use super::zabbix;

/// Commands within commands (`sh -c "..."`) are read so deep.
const DEPTH: u8 = 4;
/// How many words back a word can give another one its meaning.
const FAR: usize = 128;
/// What stands between two commands.
const BETWEEN: &[&str] = &["|", "||", "&&", "&", ";"];

/// Cuts the secrets out of the commands of a text. Of prose, only what options announce.
pub(super) fn commands(text: &str, is_prose: bool, cuts: &mut Cuts) {
    within_commands(text, 0, 0, is_prose, cuts);
}

/// As [`commands`], of a part that begins at a place of the whole text.
fn within_commands(text: &str, offset: usize, depth: u8, is_prose: bool, cuts: &mut Cuts) {
    let words = split(text, offset);
    let commands: Vec<&[Word<'_>]> = words.split(|word| BETWEEN.contains(&word.bare)).collect();
    let mut sent: Cuts = Vec::new();
    for command in commands {
        one_command(command, is_prose, cuts);
        if sent::is_fed(command) {
            cuts.append(&mut sent);
        }
        sent::here(command, cuts);
        sent::substituted(command, cuts);
        sent::on(command, &mut sent);
    }
    for word in words.iter().filter(|word| word.bare.contains(char::is_whitespace)).filter(|_| depth < DEPTH)
    {
        // What is between its own marks, or behind the first: `-c "..."`, `/v"..."`.
        let (start, raw) = word.raw;
        let Some(at) = raw.find(['"', '\'']) else { continue };
        let inside = raw.get(at + 1..).unwrap_or_default();
        let inside = inside.strip_suffix(['"', '\'']).unwrap_or(inside);
        within_commands(inside, start + at + 1, depth + 1, is_prose, cuts);
    }
}

fn one_command(words: &[Word<'_>], is_prose: bool, cuts: &mut Cuts) {
    let mut program = String::new();
    let mut begins = 0;
    let mut before: Option<Word<'_>> = None;
    for (at, word) in words.iter().enumerate() {
        let file = word.program();
        if program.is_empty() || names().any(|name| name == file) {
            (program, begins) = (file, at);
        }
        let behind = words.get(begins.max(at.saturating_sub(FAR))..at).unwrap_or_default();
        let due = before.and_then(|before| {
            let value = if is_prose { None } else { of_name(before, *word, &program, behind) };
            value.or_else(|| after(before, *word, &program, behind))
        });
        let cut = due.or_else(|| within(*word, &program, behind));
        cuts.extend(cut);
        before = Some(*word);
    }
    let behind = words.get(begins + 1..).unwrap_or_default();
    if !is_prose {
        places(&program, behind, cuts);
        own(&program, behind, cuts);
        paired(&program, words.get(begins..).unwrap_or_default(), cuts);
    }
}

/// What a word is because the one before it is a name, and no option.
fn of_name(before: Word<'_>, word: Word<'_>, program: &str, behind: &[Word<'_>]) -> Option<(usize, usize)> {
    // `IDENTIFIED BY 'VALUE'`, `PASSWORD 'VALUE'` of SQL and AppleScript, `login NAME password VALUE` of a .netrc.
    let last = before.bare.to_ascii_lowercase();
    let is_behind = |wanted: &str| behind.iter().any(|word| word.bare.eq_ignore_ascii_case(wanted));
    let is_word = matches!(last.as_str(), "password" | "passwd" | "passphrase")
        && (word.is_quoted() || is_behind("login") && is_behind("machine"))
        || last == "by" && word.is_quoted() && is_behind("identified");
    let has = |verb: &str| behind.iter().any(|word| word.is(verb));
    let puts = || behind.iter().any(|word| PUTTING.iter().any(|verb| word.bare.eq_ignore_ascii_case(verb)));
    let is_value = !before.bare.starts_with('-')
        && is_secret_name(before.bare)
        && !is_deed(before.bare)
        && (NAMES.iter().any(|(name, verb)| *name == program && verb.is_none_or(has)) || puts());
    ((is_value || is_word) && !word.is_option()).then(|| word.whole())
}

/// What a word is because of the option before it.
fn after(before: Word<'_>, word: Word<'_>, program: &str, behind: &[Word<'_>]) -> Option<(usize, usize)> {
    if before.bare.eq_ignore_ascii_case("bearer") && word.bare.len() >= 12 {
        return Some(word.whole());
    }
    let flag = before.bare.strip_prefix(['-', '/']).filter(|flag| !flag.contains(['=', ':', '/', '\\']));
    let is_own = |place: &Place| place.programs.contains(&program) && place.verb == Some(before.bare);
    let is_short = |flag: &str| {
        flag.len() <= 8 && flag.ends_with("pw") && flag.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let is_named =
        flag.is_some_and(|flag| is_secret_name(flag) || is_short(flag)) && !PLACES.iter().any(is_own);
    let has = |verb: &str| behind.iter().any(|word| word.is(verb));
    let takes = TAKES.iter().filter(|takes| takes.next && takes.programs.contains(&program));
    let mut takes = takes.filter(|takes| takes.verb.is_none_or(has));
    let is_taken = takes.any(|takes| takes.options.iter().any(|option| before.is(option)));
    if (is_named || is_taken) && !word.is_option() && !word.is_call() {
        return Some(word.whole());
    }
    // `--password-command "echo VALUE"`
    let is_of_password = before.bare.starts_with('-') && before.bare.to_ascii_lowercase().contains("pass");
    if let Some(secret) = word.bare.strip_prefix("echo ").filter(|_| is_of_password) {
        return Some(word.from(word.bare.len() - secret.len()));
    }
    let with_a = ["http", "https", "xh", "check_http", "wbinfo"].contains(&program) && before.bare == "-a";
    if with_a || WITH_USER.iter().any(|option| before.bare.eq_ignore_ascii_case(option)) {
        return pair(word, 0, program);
    }
    (before.bare == "--from-literal").then(|| pair(word, 0, "kubectl")).flatten()
}

/// A secret within a word.
fn within(word: Word<'_>, program: &str, behind: &[Word<'_>]) -> Option<(usize, usize)> {
    let bare = word.bare;
    let has = |verb: &str| behind.iter().any(|word| word.is(verb));
    let takes = TAKES.iter().filter(|takes| takes.joined && takes.programs.contains(&program));
    for option in takes.filter(|takes| takes.verb.is_none_or(has)).flat_map(|takes| takes.options) {
        if let Some(rest) = bare.strip_prefix(option).filter(|rest| !rest.is_empty()) {
            let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start_matches(['"', '\'']);
            return Some(word.from(bare.len() - rest.len()));
        }
    }
    let options =
        ["--user=", "--proxy-user=", "--creds=", "--src-creds=", "--dest-creds=", "--from-literal="];
    if let Some(option) = options.iter().find(|option| bare.starts_with(**option)) {
        let program = if *option == "--from-literal=" { "kubectl" } else { program };
        return pair(word, option.len(), program);
    }
    // `-ubob:VALUE`, and behind letters that take nothing: `-sSubob:VALUE`.
    let letters = bare.strip_prefix('-').filter(|_| program == "curl" && !bare.starts_with("--"));
    let at =
        letters.and_then(|letters| letters.find(|char: char| !"sSfkLvigIGjNnOpRqZaB0123469#".contains(char)));
    if let Some(at) = at.filter(|at| {
        letters.is_some_and(|letters| letters.get(*at..).is_some_and(|rest| rest.starts_with(['u', 'U'])))
    }) {
        return pair(word, at + 2, program);
    }
    if SAMBA.contains(&program) {
        let named = ["user=", "username="].iter().find_map(|name| Some(bare.find(name)? + name.len()));
        let at = named.or_else(|| bare.starts_with("-U").then_some(2));
        let end = at.and_then(|at| bare.get(at..)).map(|rest| rest.find(',').unwrap_or(rest.len()));
        let (at, end) = at.zip(end)?;
        let (name, secret) = bare.get(at..at + end)?.split_once('%')?;
        let start = word.start + at + name.len() + 1;
        return (!name.is_empty()).then_some((start, start + secret.len()));
    }
    if program.starts_with("impacket-") || program.ends_with(".py") {
        // `domain/name:secret@host`
        let (logon, _) = bare.rsplit_once('@')?;
        let (name, secret) = logon.split_once(':').filter(|_| !bare.contains("://"))?;
        return (name.contains('/') && !secret.contains('/')).then(|| {
            let start = word.start + name.len() + 1;
            (start, start + secret.len())
        });
    }
    ORACLE.contains(&program).then(|| of_oracle(word)).flatten()
}

/// `name:secret` from a place of a word on.
fn pair(word: Word<'_>, at: usize, program: &str) -> Option<(usize, usize)> {
    let own = SIGN.iter().find(|(programs, _)| programs.contains(&program)).map(|(_, sign)| *sign);
    let (_, secret) = word.bare.get(at..)?.split_once(own.unwrap_or(':'))?;
    let is_id =
        own.is_none() && (WITH_GROUP.contains(&program) || secret.bytes().all(|byte| byte.is_ascii_digit()));
    (!is_id && !word.bare.contains("://")).then(|| word.from(word.bare.len() - secret.len()))
}

/// `name/secret@database`.
fn of_oracle(word: Word<'_>) -> Option<(usize, usize)> {
    let logon = match word.bare.split_once('=') {
        Some((name, logon)) => ["userid", "target", "connect"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
            .then_some(logon)?,
        None => word.bare,
    };
    let (name, rest) = logon.split_once('/')?;
    let secret = rest.split('@').next().unwrap_or(rest);
    let is_name = |char: char| char.is_alphanumeric() || "_$#\".".contains(char);
    let start = word.start + word.bare.len() - rest.len();
    let is_one = !name.is_empty() && name.chars().all(is_name) && !secret.contains('/');
    is_one.then_some((start, start + secret.len()))
}

/// Passwords that are known by their place.
fn places(program: &str, behind: &[Word<'_>], cuts: &mut Cuts) {
    let is_of_windows = program.starts_with("net");
    for place in PLACES.iter().filter(|place| place.programs.contains(&program)) {
        let from = match place.verb {
            Some(verb) => match behind.iter().position(|word| is_verb(word, verb, is_of_windows)) {
                Some(at) => at + 1,
                None => continue,
            },
            None => 0,
        };
        let is_plain =
            |word: &&Word<'_>| !(word.bare.starts_with('-') || is_of_windows && word.bare.starts_with('/'));
        let plain = behind.get(from..).unwrap_or_default().iter().filter(is_plain);
        let count = if place.on { usize::MAX } else { 1 };
        let found =
            plain.skip(place.at).take(count).filter(|word| word.bare != "*" && !word.bare.contains('='));
        cuts.extend(found.map(Word::whole));
    }
}

/// Whether a word is this verb of a program; to those of Windows case means nothing.
fn is_verb(word: &Word<'_>, verb: &str, is_of_windows: bool) -> bool {
    word.is(verb) || is_of_windows && word.bare.eq_ignore_ascii_case(verb)
}

/// Programs with rules of their own.
fn own(program: &str, behind: &[Word<'_>], cuts: &mut Cuts) {
    let plain = || behind.iter().filter(|word| !word.bare.starts_with('-'));
    match program {
        // `net use X: \\server\share PASSWORD`, `smbclient //server/share PASSWORD`
        "net" | "net1"
            if behind.first().is_some_and(|word| word.is("use") || word.bare.eq_ignore_ascii_case("use")) =>
        {
            let is_place = |word: &Word<'_>| {
                word.bare.starts_with('\\')
                    || word.bare.starts_with('/')
                    || word.bare.ends_with(':')
                    || word.bare == "*"
            };
            cuts.extend(behind.iter().skip(1).find(|word| !is_place(word)).map(Word::whole));
        }
        "smbclient" => {
            let share =
                behind.iter().position(|word| word.bare.starts_with("//") || word.bare.starts_with(r"\\"));
            let word = share.and_then(|at| behind.get(at + 1)).filter(|word| !word.bare.starts_with('-'));
            cuts.extend(word.map(Word::whole));
        }
        // `htpasswd -b FILE NAME PASSWORD`
        "htpasswd" | "mosquitto_passwd"
            if behind.iter().any(|word| word.bare.starts_with('-') && word.bare.contains('b')) =>
        {
            cuts.extend(plain().next_back().map(Word::whole));
        }
        "curl" => {
            let next = |options: &[&str]| {
                let at = behind.iter().position(|word| options.iter().any(|option| word.is(option)));
                at.and_then(|at| behind.get(at + 1))
            };
            let cookie = next(&["-b", "--cookie"]).filter(|word| word.bare.contains('='));
            cuts.extend(cookie.map(Word::whole));
            // `--cert FILE:PASSWORD`; the colon of a drive is none.
            let cert = next(&["-E", "--cert", "--proxy-cert"]);
            cuts.extend(cert.and_then(|word| {
                let (file, secret) = word.bare.rsplit_once(':')?;
                (file.len() > 1 && !secret.starts_with(['\\', '/']))
                    .then(|| word.from(word.bare.len() - secret.len()))
            }));
        }
        // `reg add KEY /v DefaultPassword /d VALUE`, `iscsiadm -n node.session.auth.password -v VALUE`,
        // `klscflag -fset -n KLNAG_PROXY_PASSWORD -v VALUE`
        "reg" | "iscsiadm" | "klscflag" => {
            let next = |option: &str| {
                let at = behind.iter().position(|word| word.is(option));
                at.and_then(|at| behind.get(at + 1))
            };
            let (name, value) = if program == "reg" { ("/v", "/d") } else { ("-n", "-v") };
            let is_named = next(name).is_some_and(|word| is_secret_name(word.bare));
            let is_odd = |word: &&Word<'_>| program == "klscflag" && is_mixed(word.bare);
            cuts.extend(next(value).filter(|word| is_named || is_odd(word)).map(Word::whole));
        }
        _ => further(program, behind, cuts),
    }
}

/// As [`own`].
fn further(program: &str, behind: &[Word<'_>], cuts: &mut Cuts) {
    let plain = || behind.iter().filter(|word| !word.bare.starts_with('-'));
    match program {
        "mkpasswd" => cuts.extend(plain().next_back().map(Word::whole)),
        // `zabbix_get -k KEY`, `zabbix_agentd -t KEY`
        "zabbix_get" | "zabbix_agentd" | "zabbix_agent2" => {
            let option = if program == "zabbix_get" { ["-k", "--key"] } else { ["-t", "--test"] };
            let at = behind.iter().position(|word| option.iter().any(|option| word.is(option)));
            cuts.extend(at.and_then(|at| behind.get(at + 1)).and_then(|word| zabbix::of_item(*word)));
        }
        // `composer config http-basic.HOST NAME VALUE`
        "poetry" | "composer" => {
            let kinds = ["http-basic.", "github-oauth.", "gitlab-token.", "bearer.", "pypi-token."];
            let at = plain().position(|word| kinds.iter().any(|kind| word.bare.starts_with(kind)));
            cuts.extend(at.and_then(|at| plain().skip(at + 1).last()).map(Word::whole));
        }
        "nuget" if behind.first().is_some_and(|word| word.bare == "push") => {
            let key = behind.get(2).filter(|word| !word.bare.starts_with('-'));
            cuts.extend(key.map(Word::whole));
        }
        "bundle" => cuts.extend(plain().filter_map(|word| pair(*word, 0, "bundle"))),
        "netsh" | "curlftpfs" => cuts.extend(behind.iter().filter_map(|word| {
            let (name, value) = word.bare.split_once('=')?;
            match name {
                "key" => Some(word.from(4)),
                "user" => value.split_once(':').map(|(_, secret)| word.from(word.bare.len() - secret.len())),
                _ => None,
            }
        })),
        // `qpdf --encrypt USER OWNER 256 --`
        "qpdf" => {
            let at = behind.iter().position(|word| word.is("--encrypt"));
            let both = at.and_then(|at| behind.get(at + 1..)).unwrap_or_default().iter().take(2);
            cuts.extend(both.filter(|word| !word.bare.starts_with('-')).map(Word::whole));
        }
        _ => {}
    }
}
