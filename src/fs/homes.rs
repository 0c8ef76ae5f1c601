//! Home folders that do not lie right below `/home`.
//!
//! Patterns say `home/*`; a user whose home is elsewhere is a user like any other. Two sources tell of such homes:
//! the list of accounts (passwd(5)), and folders of domains, which SSSD and Winbind put in between
//! (`/home/DOMAIN/user`, the default of `override_homedir` and `template homedir`) without any line in that list.

use std::collections::BTreeSet;

use super::root::{Found, Root};
use super::tree::join;

/// Bytes read of the list of accounts.
const MAX_PASSWD: usize = 16 << 20;
/// The lists of accounts: of the system, and of Debian's module for further ones.
const LISTS: &[&[u8]] = &[b"etc/passwd", b"var/lib/extrausers/passwd"];
/// Accounts of people begin here; older Red Hats began at 500 (login.defs(5), `UID_MIN`).
const FIRST_UID: u32 = 500;
/// `nobody`.
const NOBODY: u32 = 65534;
/// What every home has one of, and a domain's folder has none of.
const SIGNS: &[&[u8]] = &[
    b".bashrc",
    b".bash_history",
    b".bash_logout",
    b".bash_profile",
    b".profile",
    b".cache",
    b".config",
    b".local",
    b".ssh",
    b".zshrc",
];
/// Folders of the system, which an account may name as its home and which are none.
const NO_HOMES: &[&[u8]] =
    &[b"bin", b"boot", b"dev", b"etc", b"lib", b"lib64", b"proc", b"run", b"sbin", b"sys", b"usr"];

/// The homes that no `home/*` names, each once.
pub(super) fn elsewhere(root: &Root) -> Vec<Found> {
    let mut homes: Vec<Found> = Vec::new();
    for list in LISTS {
        let Ok(passwd) = root.read(list, MAX_PASSWD) else { continue };
        let paths = passwd.bytes.split(|&byte| byte == b'\n').filter_map(home_of);
        homes.extend(paths.filter_map(|path| root.find(path).ok()));
    }
    if let Ok(settings) = root.read(b"etc/default/useradd", MAX_PASSWD) {
        let lines = settings.bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        for base in
            lines.filter_map(|line| line.strip_prefix(b"HOME=/")).filter(|base| !base.starts_with(b"home"))
        {
            let names = root.list(base).into_iter().flatten();
            homes.extend(names.filter_map(|listed| root.find(&join(base, &listed.name)).ok()));
        }
    }
    homes.extend(of_domains(root));
    let mut seen = BTreeSet::new();
    homes.retain(|home| home.is_directory() && may_be_home(&home.real) && seen.insert(home.real.clone()));
    homes
}

/// The home of a person's account.
fn home_of(line: &[u8]) -> Option<&[u8]> {
    let mut fields = line.split(|&byte| byte == b':').skip(2);
    let uid: u32 = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let home = fields.nth(2)?;
    let shell = fields.next().unwrap_or_default();
    // An account of a program with a shell may have programs of its own.
    let has_shell = !shell.is_empty()
        && ![&b"nologin"[..], b"false", b"sync", b"halt", b"shutdown"]
            .iter()
            .any(|none| shell.ends_with(none));
    (uid != NOBODY && uid > 0 && (uid >= FIRST_UID || has_shell) && home.starts_with(b"/")).then_some(home)
}

/// Not the root, not a folder of the system, not one that `home/*` or `root` names already.
fn may_be_home(real: &[u8]) -> bool {
    let components: Vec<&[u8]> = real.split(|&byte| byte == b'/').collect();
    match components.as_slice() {
        [] | [b"" | b"root" | b"home"] | [b"home", _] => false,
        [b"var", _] | [b"var", b"lib" | b"spool" | b"cache", _] | [b"tmp" | b"nonexistent"] => false,
        [first, ..] => !NO_HOMES.contains(first),
    }
}

/// `/home/DOMAIN/user`: folders that look like homes, in folders that do not.
fn of_domains(root: &Root) -> Vec<Found> {
    let mut homes = Vec::new();
    for domain in root.list(b"home").into_iter().flatten() {
        let domain = join(b"home", &domain.name);
        let Ok(names) = root.list(&domain) else { continue };
        if names.iter().any(|listed| listed.name.starts_with(b".")) {
            continue;
        }
        for listed in names {
            let path = join(&domain, &listed.name);
            let is_home = |sign: &&[u8]| root.find_no_follow(&join(&path, sign)).is_ok();
            if SIGNS.iter().any(is_home) {
                homes.extend(root.find(&path));
            }
        }
    }
    homes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    fn paths(tree: Memory, pattern: &str) -> Vec<String> {
        let root = Root::new(Box::new(tree));
        let found = root.glob(pattern).into_iter().map(|found| found.unwrap().path);
        found.map(|path| String::from_utf8(path).unwrap()).collect()
    }

    #[test]
    fn homes_of_accounts_and_domains_are_homes() {
        let passwd = "root:x:0:0::/root:/bin/sh\na:x:1000:1000::/home/a:/bin/sh\nb:x:1001:1001::/data/people/b:/bin/sh\n\
            daemon:x:1:1::/usr/sbin:/bin/false\nodd:x:1002:1002::/:/bin/sh\nsys:x:1003:1003::/etc:/bin/sh\nbroken:x\n\
            twice:x:1004:1004::/data/people/b:/bin/sh\ngone:x:1005:1005::/data/people/gone:/bin/sh\n";
        let tree = Memory::new()
            .file("etc/passwd", passwd)
            .file("etc/x", "")
            .file("x", "")
            .file("home/a/x", "")
            .file("home/a/.bashrc", "")
            .file("home/a/src/.config/y", "")
            .file("data/people/b/x", "")
            .file("home/EXAMPLE.ORG/c/x", "")
            .file("home/EXAMPLE.ORG/c/.profile", "")
            .file("home/EXAMPLE.ORG/shared/x", "");
        assert_eq!(paths(tree.clone(), "home/*/x"), ["home/a/x", "data/people/b/x", "home/EXAMPLE.ORG/c/x"]);
        assert_eq!(
            paths(tree.clone(), "home/*/"),
            ["home/EXAMPLE.ORG", "home/a", "data/people/b", "home/EXAMPLE.ORG/c"]
        );
        assert_eq!(paths(tree, "root/x"), [""; 0]);
    }
}
