//! A limit on how much is read or kept never cuts in silence: it is given to the helper that reports what was cut
//! (`bytes::limited`, `Sink::limited`), or stands below with the reason why nothing is lost.

use std::path::Path;

use regex::Regex;

/// Limits that cut without the helper, by file, with the reason.
const KNOWN: &[(&str, &str)] = &[
    ("bytes/mod.rs", "the helper itself"),
    ("collector/sink.rs", "the helper itself"),
    ("collector/common/processes.rs", "arguments of a process: its name and program are facts of their own"),
    ("format/text/background_items.rs", "the list of damage is full then, which is a gap"),
    (
        "format/text/shell_variables.rs",
        "variables over it are kept as they are written, in the line that names them",
    ),
    ("format/link/bookmark.rs", "parts of one path, of which macOS allows fewer"),
    ("format/text/polkit_policy.rs", "actions over it are damage, which is a gap"),
    ("format/text/yaml.rs", "a longer value is damage, which is a gap"),
    ("format/container/iso9660.rs", "files over it are damage, which is a gap"),
    ("collector/common/setup_packages/listed.rs", "setups over it are named as unread"),
    ("collector/common/setup_packages/packed.rs", "what lies behind the limit is named as unread"),
];

fn sources(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => sources(&path, all),
            false if path.extension().is_some_and(|ending| ending == "rs") => all.push(path),
            false => {}
        }
    }
}

#[test]
fn no_limit_cuts_in_silence() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let cut = Regex::new(r"\.(take|truncate)\((MAX_[A-Z_]+|[A-Z]+_?LIMIT|limit)\)|\.len\(\) < MAX_[A-Z_]+")
        .unwrap();
    let mut files = Vec::new();
    for room in ["bytes", "format", "collector"] {
        sources(&src.join(room), &mut files);
    }
    assert!(files.len() > 100, "{}", files.len());
    let mut found = Vec::new();
    for path in files {
        let name = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&path).unwrap();
        let own = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (at, line) in own.lines().enumerate().filter(|(_, line)| cut.is_match(line)) {
            if !KNOWN.iter().any(|(known, _)| *known == name) {
                found.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "use the helper, or give the reason in this test:\n{}", found.join("\n"));
}
