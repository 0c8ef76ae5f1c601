//! What launchers of Linux and macOS run: shells, `env`, `open`, `osascript`.

use crate::text::file_name;

/// Programs of Linux and macOS that run what their arguments name.
const UNIX: &[&str] = &[
    "ash",
    "bash",
    "busybox",
    "chroot",
    "chrt",
    "dash",
    "doas",
    "daemonize",
    "env",
    "exec",
    "firejail",
    "flock",
    "ionice",
    "java",
    "kextload",
    "kextutil",
    "ksh",
    "launchctl",
    "nice",
    "node",
    "nohup",
    "nsenter",
    "open",
    "osascript",
    "perl",
    "php",
    "python",
    "python2",
    "python3",
    "numactl",
    "proot",
    "ruby",
    "run-parts",
    "runuser",
    "setsid",
    "sh",
    "start-stop-daemon",
    "stdbuf",
    "su",
    "sudo",
    "systemd-run",
    "taskset",
    "timeout",
    "unshare",
    "xargs",
    "zsh",
];

/// Whether a program of Linux or macOS runs what its arguments name.
pub fn is_unix_launcher(program: &str) -> bool {
    let name = file_name(program);
    UNIX.contains(&name)
        || UNIX.contains(&name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.'))
}

/// What the arguments of a launcher of Linux or macOS name; nothing for a program that is none.
pub fn in_unix_arguments(program: &str, arguments: &[String]) -> Vec<String> {
    let name = file_name(program);
    if name == "osascript" {
        return in_applescript(program, arguments);
    }
    if !is_unix_launcher(program) {
        return Vec::new();
    }
    let mut named = Vec::new();
    let mut add = |path: String| {
        if path != program && !named.contains(&path) {
            named.push(path);
        }
    };
    let mut before = "";
    for argument in arguments {
        if name == "open" && before == "-a" && !argument.contains('/') {
            add(application(argument));
        }
        // A whole argument is one path, blanks and all.
        if argument.starts_with('/') && argument.contains(' ') {
            add(argument.clone());
        }
        for word in unix_words(argument) {
            let bare = word.trim_start_matches(['<', '>', '(', '`']).trim_end_matches([')', '`', ',']);
            let is_path = bare.starts_with('/') && bare.len() > 1
                || bare.starts_with("$HOME/")
                || bare.starts_with("~/");
            if is_path && !bare.starts_with("/dev/") {
                add(bare.to_owned());
            }
        }
        before = argument;
    }
    named
}

/// What a script of osascript(1) starts: applications by their names, and commands of the shell.
fn in_applescript(program: &str, arguments: &[String]) -> Vec<String> {
    let mut named = Vec::new();
    for argument in arguments {
        if argument.starts_with('/') {
            named.push(argument.clone());
        }
        for (at, word) in ["application \"", "shell script \""].iter().enumerate() {
            for (start, _) in argument.match_indices(word) {
                let text = argument.get(start + word.len()..).unwrap_or_default();
                let end = text
                    .match_indices('"')
                    .map(|(at, _)| at)
                    .find(|at| text.get(..*at).is_some_and(|before| !before.ends_with('\\')));
                let text = text.get(..end.unwrap_or(text.len())).unwrap_or_default().replace("\\\"", "\"");
                if at == 0 {
                    named.push(application(&text));
                } else {
                    named.extend(unix_words(&text).into_iter().filter(|word| word.starts_with('/')));
                }
            }
        }
    }
    named.retain(|path| path != program);
    named
}

/// Where macOS has an application of a name.
fn application(name: &str) -> String {
    if name.starts_with('/') {
        name.to_owned()
    } else {
        format!("/Applications/{}.app", name.trim_end_matches(".app"))
    }
}

/// The words of a line as a shell of Unix splits them: quotes and backslashes are resolved.
pub fn unix_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match (char, quote) {
            ('\\', None | Some('"')) => word.extend(chars.next()),
            ('"' | '\'', None) => quote = Some(char),
            (_, Some(open)) if open == char => quote = None,
            (_, None) if char.is_whitespace() || matches!(char, ';' | '&' | '|') => {
                words.push(std::mem::take(&mut word));
            }
            _ => word.push(char),
        }
    }
    words.push(word);
    // A whole command in quotes is one word; its own words count, too.
    let inner: Vec<String> = words
        .iter()
        .filter(|word| word.contains([' ', ';', '&', '|']) && !word.starts_with('/'))
        .flat_map(|word| word.split([' ', '\t', ';', '&', '|', '"', '\'']).map(str::to_owned))
        .collect();
    words.extend(inner);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launchers_of_unix_name_what_they_run() {
        let named = |program: &str, arguments: &[&str]| {
            in_unix_arguments(program, &arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(named("/bin/sh", &["-c", "exec '/opt/Vendor Lab/run' --x"]), ["/opt/Vendor Lab/run"]);
        assert_eq!(named("/bin/sh", &["-c", "test -x /opt/a && /opt/b >/dev/null"]), ["/opt/a", "/opt/b"]);
        assert_eq!(named("/usr/bin/open", &["-a", "Vendor Tool"]), ["/Applications/Vendor Tool.app"]);
        assert_eq!(named("/usr/bin/python3.11", &["/opt/x/run.py"]), ["/opt/x/run.py"]);
        assert_eq!(
            named("/usr/bin/osascript", &["-e", "tell application \"Vendor Tool\" to launch"]),
            ["/Applications/Vendor Tool.app"]
        );
        assert_eq!(
            named("/usr/bin/osascript", &["-e", "do shell script \"\\\"/Library/Vendor Lab/x\\\" -d\""]),
            ["/Library/Vendor Lab/x"]
        );
        assert_eq!(named("/usr/bin/env", &["A=b", "/Library/Vendor Lab/x"])[0], "/Library/Vendor Lab/x");
        assert_eq!(named("/sbin/kextload", &["/Library/Extensions/x.kext"]), ["/Library/Extensions/x.kext"]);
        assert_eq!(named("/usr/sbin/backup", &["/opt/x"]), Vec::<String>::new());
    }
}
