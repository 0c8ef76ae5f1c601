//! Scripts and jobs that start services without systemd: System V init with LSB headers, OpenRC, Upstart, runit.
//!
//! Scripts are never run; what they start is recognised by the variables and `exec` lines that such scripts
//! customarily have, so it may stay unknown.
//!
//! Sources: Linux Standard Base 5.0, "Comment Conventions for Init Scripts"; openrc-run(8); init(5) of Upstart.

use std::collections::HashSet;

use super::crontab;
use super::shell_assignments::{self, Assignment};
use super::shell_variables::Variables;
use crate::bytes::{Damage, DamageKind, last_line};

/// What a script says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitScript {
    /// `Provides:` of the LSB header.
    pub provides: Vec<Vec<u8>>,
    /// `Short-Description:` and `Description:`, or `description` of OpenRC and Upstart.
    pub description: Vec<Vec<u8>>,
    /// Absolute paths that it starts.
    pub programs: Vec<Vec<u8>>,
    /// Other absolute paths that its lines name.
    pub named: Vec<Vec<u8>>,
    /// Whether OpenRC runs it.
    pub is_openrc: bool,
}

/// Variables that hold what a script starts.
const PROGRAM: &[&str] =
    &["bin", "binary", "command", "daemon", "daemon_path", "exec", "executable", "prog", "program"];

/// Reads a script or job.
pub fn parse(bytes: &[u8]) -> InitScript {
    parse_with(b"", bytes)
}

/// What an LSB header begins with.
const BEGIN: &[u8] = b"### BEGIN INIT INFO";

/// That a script ends inside its LSB header, or inside its first word.
pub fn unended(bytes: &[u8]) -> Option<Damage> {
    let (_, last) = last_line(bytes);
    // A single `#` may be a comment, but not behind nothing else than the first line.
    let is_first = memchr::memchr_iter(b'\n', bytes).count() == 1 && bytes.starts_with(b"#!");
    let is_begin = !last.is_empty() && last.len() < BEGIN.len() && BEGIN.starts_with(last);
    if is_begin && (last.len() > 2 || is_first) {
        return Some(Damage::new(DamageKind::Truncated, None, "the script ends inside its header"));
    }
    let start = memchr::memmem::find(bytes, BEGIN)?;
    let mut rest = bytes.get(start..)?.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let is_in_header =
        rest.all(|line| line.starts_with(b"#") && !line.trim_ascii().starts_with(b"### END INIT INFO"));
    is_in_header.then(|| Damage::new(DamageKind::Truncated, None, "the script ends inside its header"))
}

/// Reads a script or job with the settings that it reads first.
pub fn parse_with(settings: &[u8], bytes: &[u8]) -> InitScript {
    let mut script = InitScript::default();
    let mut variables = Variables::default();
    for Assignment { name, value } in shell_assignments::parse(settings) {
        variables.set(&name, &value);
    }
    let lines = || bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    script.is_openrc = lines().next().is_some_and(|line| {
        line.starts_with(b"#!") && (line.ends_with(b"openrc-run") || line.ends_with(b"runscript"))
    });
    header(lines(), &mut script);
    for line in lines() {
        if let Some(text) = line.strip_prefix(b"description").filter(|text| text.starts_with(b" ")) {
            push(&mut script.description, text.trim_ascii().trim_ascii_start(), b"\"'");
        }
        if let Some(command) = commanded(line) {
            let paths = crontab::programs(command).into_iter().filter(|path| path.starts_with(b"/"));
            paths.take(1).for_each(|path| push(&mut script.programs, &path, b""));
        }
    }
    for Assignment { name, value } in shell_assignments::parse(bytes) {
        let value = variables.expand(&value);
        variables.set(&name, &value);
        let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
        if name == "description" {
            push(&mut script.description, &value, b"");
        }
        let starts = PROGRAM.iter().any(|known| name == *known || name.ends_with(&format!("_{known}")));
        if starts && value.starts_with(b"/") && value.len() > 1 {
            push(&mut script.programs, &value, b"");
        }
    }
    for line in lines().filter(|line| !line.starts_with(b"#")) {
        script.named.extend(named(&variables.expand(line)));
    }
    let programs: HashSet<&Vec<u8>> = script.programs.iter().collect();
    script.named.retain(|path| !programs.contains(path));
    for list in [&mut script.named, &mut script.provides, &mut script.description, &mut script.programs] {
        let mut seen = HashSet::new();
        list.retain(|value| seen.insert(value.clone()));
    }
    script
}

/// Paths with blanks, which stand in quotes or are escaped.
pub fn quoted(line: &[u8]) -> Vec<Vec<u8>> {
    if !line.contains(&b' ') || !line.iter().any(|byte| b"\"'\\".contains(byte)) {
        return Vec::new();
    }
    let mut paths = Vec::new();
    let mut word = Vec::new();
    let mut quote = None;
    let mut bytes = line.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, quote) {
            (b'\\', _) => word.extend(bytes.next()),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            (b' ' | b'\t' | b';' | b'&' | b'|' | b'=', None) => paths.push(std::mem::take(&mut word)),
            _ => word.push(byte),
        }
    }
    paths.push(word);
    // With an option it is a whole command in quotes, whose path ends at the blank.
    let has_option = |path: &[u8]| path.windows(2).any(|pair| pair == b" -");
    paths.retain(|path| path.contains(&b' ') && is_command(path) && !has_option(path));
    paths
}

/// Programs, libraries and scripts of their own folders that a line names, whatever separates them. What every system
/// has says nothing of one product.
pub fn named(line: &[u8]) -> Vec<Vec<u8>> {
    let words = line.split(|byte| byte.is_ascii_whitespace() || b"=\"',;:{}()[]|&<>`".contains(byte));
    words.filter(|word| is_command(word)).map(<[u8]>::to_vec).chain(quoted(line)).chain(whole(line)).collect()
}

/// A line that is nothing but one path with blanks.
fn whole(line: &[u8]) -> Option<Vec<u8>> {
    let is_path =
        line.contains(&b' ') && is_command(line) && !line.iter().any(|byte| b"\"'\\;&|".contains(byte));
    is_path.then(|| line.to_vec())
}

/// The command of a line that begins with one, by its path or behind `exec`: there, a path right below a folder of the
/// root is a program as well.
pub fn commanded(line: &[u8]) -> Option<&[u8]> {
    const NO_PROGRAMS: &[&[u8]] = &[b"/proc/", b"/run/", b"/sys/", b"/tmp/", b"/var/"];
    let path =
        line.split(|byte| byte.is_ascii_whitespace() || b";&|".contains(byte)).next().unwrap_or_default();
    let is_path = is_command(line)
        || !path.ends_with(b"/")
            && path.len() > 1
            && is_own(path)
            && !NO_PROGRAMS.iter().any(|folder| path.starts_with(folder));
    line.strip_prefix(b"exec ").or_else(|| is_path.then_some(line))
}

/// Whether a line starts a program by its path. What scripts of every service call says nothing of this one.
fn is_command(line: &[u8]) -> bool {
    line.split(|&byte| byte == b'/').count() > 3 && is_own(line)
}

/// Whether a path lies outside of the folders that every system has.
pub fn is_own(path: &[u8]) -> bool {
    const USUAL: &[&[u8]] = &[b"/bin", b"/sbin", b"/usr/bin", b"/usr/sbin", b"/etc", b"/dev", b"/lib"];
    let is_below = |usual: &&&[u8]| {
        path.strip_prefix(**usual).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    path.starts_with(b"/") && !USUAL.iter().any(|usual| is_below(&usual))
}

fn push(list: &mut Vec<Vec<u8>>, value: &[u8], quotes: &[u8]) {
    let value: Vec<u8> = value.iter().copied().filter(|byte| !quotes.contains(byte)).collect();
    if !value.is_empty() {
        list.push(value);
    }
}

/// The comment block between `### BEGIN INIT INFO` and `### END INIT INFO`.
fn header<'a>(lines: impl Iterator<Item = &'a [u8]>, script: &mut InitScript) {
    let lines = lines.skip_while(|line| !line.starts_with(b"### BEGIN INIT INFO")).skip(1);
    for line in lines.take_while(|line| line.starts_with(b"#") && !line.starts_with(b"### END")) {
        let line = line.strip_prefix(b"#").unwrap_or(line).trim_ascii();
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let (key, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        match key.to_ascii_lowercase().as_slice() {
            b"provides" => {
                for name in value.split(u8::is_ascii_whitespace) {
                    push(&mut script.provides, name, b"");
                }
            }
            b"short-description" | b"description" => push(&mut script.description, value, b""),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_lsb_header_and_the_daemon() {
        let script = parse(
            b"#!/bin/sh\n### BEGIN INIT INFO\n# Provides:\tone two\n# Short-Description: A thing\n# Default-Start: 2 3\n\
              ### END INIT INFO\nDAEMON=/opt/v/sbin/d\nPATH=/bin:/sbin\nPIDFILE=/run/d.pid\n",
        );
        assert_eq!(script.provides, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(script.description, [b"A thing".to_vec()]);
        assert_eq!(script.programs, [b"/opt/v/sbin/d".to_vec()]);
        assert!(!script.is_openrc);
    }

    #[test]
    fn a_command_by_its_path() {
        let script = parse(
            b"#!/bin/sh\n. /etc/opt/v/init\n/usr/bin/id -u\nstart)\n  /opt/v/bin/ctl start\n;;\nstop)\n  /opt/v/bin/ctl stop\n;;\n",
        );
        assert_eq!(script.programs, [b"/opt/v/bin/ctl".to_vec()]);
    }

    #[test]
    fn a_command_right_below_a_folder_of_the_root() {
        for line in [&b"/srv/agent -x"[..], b"exec /srv/agent", b"/agent", b"/srv/agent&"] {
            assert!(commanded(line).is_some(), "{}", String::from_utf8_lossy(line));
        }
        for line in [&b"/etc/x"[..], b"/var/lib", b"/opt/", b"echo /srv/agent", b"/tmp/x", b"/"] {
            assert_eq!(commanded(line), None, "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(
            parse(b"#!/usr/bin/execlineb -P\nwith-contenv\n/srv/agent -x\n").programs,
            [b"/srv/agent".to_vec()]
        );
    }

    #[test]
    fn paths_in_lines_of_any_form() {
        for line in [
            &b"ACTION==\"add\", RUN+=\"/opt/v/bin/x -y\""[..],
            b"Exec=/opt/v/bin/x",
            b"x:2:respawn:/opt/v/bin/x",
        ] {
            assert_eq!(named(line), [b"/opt/v/bin/x".to_vec()]);
        }
        assert!(named(b"RUN+=\"/usr/bin/x /dev/a/b\"").is_empty());
    }

    #[test]
    fn variables_of_the_script_and_of_its_settings() {
        let programs = |settings: &[u8], text: &[u8]| parse_with(settings, text).programs;
        assert_eq!(programs(b"", b"DIR=/opt/v\ncommand=\"${DIR}/bin/x\"\n"), [b"/opt/v/bin/x".to_vec()]);
        assert_eq!(programs(b"PROG=/opt/v/bin/x\n", b"command=$PROG\n"), [b"/opt/v/bin/x".to_vec()]);
        assert_eq!(
            parse(b"start() {\n start-stop-daemon --exec /opt/v/bin/x\n").named,
            [b"/opt/v/bin/x".to_vec()]
        );
        let mut variables = Variables::default();
        variables.set(b"A", b"1");
        assert_eq!(variables.expand(b"$A ${A} ${A:-2} $B ${C} $"), b"1 1 1 $B ${C} $");
    }

    #[test]
    fn a_script_that_ends_inside_its_header_is_cut() {
        let script = b"#!/bin/sh\n### BEGIN INIT INFO\n# Provides: a\n### END INIT INFO\nexit 0\n";
        for size in [11, 12, 15, 40, 48] {
            assert!(unended(&script[..size]).is_some(), "{size}");
        }
        for whole in [&script[..], &script[..10], b"#!/bin/sh\nexit 0\n#"] {
            assert_eq!(unended(whole), None, "{}", String::from_utf8_lossy(whole));
        }
    }

    #[test]
    fn paths_with_blanks_in_quotes() {
        let path = b"/Library/Application Support/Vendor Lab/x".to_vec();
        for line in [
            &b"'/Library/Application Support/Vendor Lab/x' -d"[..],
            b"bsexec 1 /Library/Application\\ Support/Vendor\\ Lab/x",
            b"/Library/Application Support/Vendor Lab/x",
        ] {
            assert!(named(line).contains(&path), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn openrc_and_upstart() {
        let script = parse(b"#!/sbin/openrc-run\ndescription=\"A thing\"\ncommand=\"/usr/bin/x\"\n");
        assert!(script.is_openrc && script.programs == [b"/usr/bin/x".to_vec()]);
        let job = parse(b"description \"A job\"\nstart on runlevel [2345]\nexec /usr/bin/y --z /a\n");
        assert_eq!((job.description, job.programs), (vec![b"A job".to_vec()], vec![b"/usr/bin/y".to_vec()]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
            parse(&[b"### BEGIN INIT INFO\n#".as_slice(), &bytes].concat());
        }
    }
}
