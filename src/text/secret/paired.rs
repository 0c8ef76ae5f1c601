//! Secrets that other words of the same command give away: `-u NAME -p SECRET`, `set-password NAME SECRET`.

use super::name::{is_secret_name, is_setter};
use super::word::{Cuts, Word};

/// Options that name the user of a logon.
const USERS: &[&str] = &["-u", "-U", "--user", "--username", "-username", "-user", "/u", "/user", "--login"];
/// Programs of which these options mean something else.
const OTHERS: &[&str] = &[
    "celery",
    "chown",
    "cp",
    "crontab",
    "diff",
    "docker",
    "find",
    "git",
    "gpg",
    "gpg2",
    "gunicorn",
    "install",
    "journalctl",
    "ls",
    "lsof",
    "mkdir",
    "nerdctl",
    "nmap",
    "patch",
    "perl",
    "pgrep",
    "pkill",
    "podman",
    "ps",
    "rsync",
    "runuser",
    "scp",
    "setpriv",
    "sort",
    "ssh",
    "start-stop-daemon",
    "su",
    "sudo",
    "systemctl",
    "systemd-run",
    "tar",
    "uwsgi",
    "xargs",
];

/// Cuts what a command gives away, from its program on.
pub(super) fn paired(program: &str, words: &[Word<'_>], cuts: &mut Cuts) {
    of_windows(program, words, cuts);
    if !OTHERS.contains(&program) && names_user(words) {
        with_user(words, cuts);
    }
    behind_setter(words, cuts);
}

/// Parts of names of programs that ask for a password before they remove something.
const REMOVERS: &[&str] = &["uninst", "unins0", "remov", "setup", "cleaner"];

/// Programs of Windows of which `/p` means something else.
const WITHOUT: &[&str] =
    &["chkdsk", "copy", "del", "dir", "erase", "more", "move", "print", "set", "shutdown", "xcopy"];

/// `uninstall.exe /s /p SECRET`: of an uninstaller any word, of other programs one that no device, file or port is.
fn of_windows(program: &str, words: &[Word<'_>], cuts: &mut Cuts) {
    if WITHOUT.contains(&program) {
        return;
    }
    let is_remover = REMOVERS.iter().any(|part| program.contains(part));
    for pair in words.windows(2) {
        let [before, word] = pair else { continue };
        if before.bare.eq_ignore_ascii_case("/p") && !word.is_option() && can_be_one(word.bare) {
            let is_device = ["com", "lpt", "prn", "win", "x"].iter().any(|name| {
                let rest = word.bare.get(name.len()..).unwrap_or_default();
                word.bare.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                    && rest.trim_end_matches(':').bytes().all(|byte| byte.is_ascii_digit())
            });
            if is_remover || word.bare.len() >= 6 && is_mixed(word.bare) && !is_device {
                cuts.push(word.whole());
            }
        }
    }
}

/// Whether a word is of letters and digits, and no file, setting or list.
pub(super) fn is_mixed(text: &str) -> bool {
    let has = |is: fn(char) -> bool| text.chars().any(is);
    has(|char| char.is_ascii_digit())
        && has(|char| char.is_ascii_alphabetic())
        && !has(|char| matches!(char, '.' | '=' | '\\' | '/' | ','))
}

/// Whether a command names the user of a logon.
fn names_user(words: &[Word<'_>]) -> bool {
    let is_user = |name: &str| {
        !name.is_empty()
            && !name.starts_with(['-', '/', '$', '%', '.'])
            && !name.contains("://")
            && !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    };
    words.iter().enumerate().any(|(at, word)| {
        let joined = USERS.iter().find_map(|option| word.bare.strip_prefix(option)?.strip_prefix(['=', ':']));
        let next = USERS.iter().any(|option| word.is(option)).then(|| words.get(at + 1)).flatten();
        joined.or(next.map(|word| word.bare)).is_some_and(is_user)
    })
}

/// `-p SECRET`, `-pSECRET` beside the name of a user.
fn with_user(words: &[Word<'_>], cuts: &mut Cuts) {
    let mut before = "";
    for word in words {
        if matches!(before, "-p" | "-P" | "/p" | "/P") && !word.is_option() && can_be_one(word.bare) {
            cuts.push(word.whole());
        }
        let joined = ["-p", "-P"].iter().find_map(|option| word.bare.strip_prefix(option));
        let assigned = joined.and_then(|rest| rest.strip_prefix('='));
        let is_mixed = |rest: &&str| {
            rest.len() >= 6 && rest.contains(|char: char| char.is_ascii_digit()) && !rest.contains('=')
        };
        if let Some(rest) = assigned.or(joined.filter(is_mixed)).filter(|rest| can_be_one(rest)) {
            cuts.push(word.from(word.bare.len() - rest.len()));
        }
        before = word.bare;
    }
}

/// Whether a value can be a password: no port, range, path, setting, or variable.
fn can_be_one(text: &str) -> bool {
    let is_number = |char: char| char.is_ascii_digit() || ".:,-/".contains(char);
    let is_map = text.starts_with(|char: char| char.is_ascii_digit()) && text.contains(':');
    let is_path = text.starts_with(['/', '~', '<', '-'])
        || text.starts_with("./")
        || text.get(1..).is_some_and(|rest| rest.starts_with(":\\"));
    !text.is_empty() && !text.chars().all(is_number) && !is_map && !is_path && text != "*"
}

/// `rabbitmqctl change_password NAME SECRET`, `neo4j-admin set-initial-password SECRET`: the last word that is no option.
fn behind_setter(words: &[Word<'_>], cuts: &mut Cuts) {
    let Some(at) = words.iter().skip(1).position(|word| is_setter(word.bare)) else { return };
    let behind = words.get(at + 2..).unwrap_or_default();
    let is_named = |word: &Word<'_>| {
        let name = word.bare.split(['=', ':']).next().unwrap_or_default();
        name.starts_with('-') && is_secret_name(name)
    };
    if behind.iter().any(is_named) {
        return;
    }
    let mut plain = behind.iter().enumerate().filter(|(at, word)| {
        let before = at.checked_sub(1).and_then(|at| behind.get(at));
        !word.bare.starts_with('-') && !before.is_some_and(|word| word.bare.starts_with('-'))
    });
    cuts.extend(plain.next_back().map(|(_, word)| word.whole()));
}
