//! A limit on how much is read or kept never cuts in silence: it is given to the helper that reports what was cut
//! (`bytes::limited`, `Sink::limited`), or stands below with the reason why nothing is lost.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

/// Limits that cut without the helper, and comparisons that look like one, by file, with the reason.
const KNOWN: &[(&str, &str)] = &[
    ("bytes/mod.rs", "the helper itself"),
    ("collector/common/processes.rs", "arguments of a process: its name and program are facts of their own"),
    ("collector/common/setup_packages/packed.rs", "what lies behind the limit is named as unread"),
    ("collector/linux/nix_packages.rs", "the digits of a hash, which has no more"),
    ("collector/linux/opkg_packages.rs", "gaps of one file, of which the first say as much as all"),
    ("collector/macos/safari_extensions.rs", "sites that one extension may see; the extension is reported"),
    ("collector/macos/tcc_grants.rs", "bytes in which one mark is looked for"),
    ("collector/sink.rs", "the helper itself"),
    ("collector/support/launched.rs", "words and folders of one command line, which is reported whole"),
    (
        "collector/windows/paths.rs",
        "places where a program's name may end in one command line, which is reported whole",
    ),
    (
        "collector/windows/startup_items/scripts.rs",
        "the loop ends at the limit that the helper reports behind it",
    ),
    ("collector/windows/userassist/traces.rs", "a gap is reported when the limit is reached"),
    ("command/delivery.rs", "the name of a file, made of that of a host"),
    ("command/fleet/lost.rs", "a line says how many more there are"),
    ("command/fleet/plan.rs", "a line says how many more there are"),
    ("command/meant.rs", "files that a misspelt name may have meant"),
    ("command/osquery.rs", "what a program wrote to its standard error"),
    ("command/signatures/check.rs", "a line says how many more there are"),
    ("finding/group.rs", "the number of the omitted pieces stands in the finding"),
    ("finding/remedy.rs", "a note says how many more there are"),
    ("fleet/documents.rs", "the beginning of a file that is no report, for a message"),
    ("fleet/due.rs", "duties of one host, of which rules have a few; the limit is for forged reports"),
    ("fleet/gather.rs", "files that are read at a time"),
    ("fleet/ingest.rs", "files that are read at a time; a signature is one line"),
    ("fleet/sighting.rs", "what the store keeps of one report, which stays whole in its file"),
    ("fleet/status.rs", "a line says how many more there are"),
    ("fleet/store.rs", "records that are read at a time"),
    ("format/container/tar/extension.rs", "the digits of a length, which has no more"),
    ("format/database/rpmdb/ndb.rs", "the size of a page"),
    ("format/database/sqlite/journal.rs", "the size of a head"),
    ("format/database/sqlite/mod.rs", "the size of a head"),
    ("format/database/sqlite/wal.rs", "the size of a head"),
    ("format/executable/pe.rs", "the size of a signature"),
    ("format/link/bookmark.rs", "parts of one path, of which macOS allows fewer"),
    ("format/package/gguf.rs", "the size of a signature"),
    ("format/package/library_script.rs", "the size of a head"),
    ("format/text/background_items.rs", "the list of damage is full then, which is a gap"),
    ("format/text/carved_paths.rs", "a path is no longer; the rest of the run is one of its own"),
    (
        "format/text/crontab.rs",
        "folders that a bare name is looked for in; the command line is reported whole",
    ),
    ("format/text/init_script.rs", "the size of a mark"),
    ("format/text/polkit_policy.rs", "actions over it are damage, which is a gap"),
    (
        "format/text/shell_variables.rs",
        "variables over it are kept as they are written, in the line that names them",
    ),
    ("format/container/iso9660.rs", "files over it are damage, which is a gap"),
    ("collector/common/setup_packages/listed.rs", "setups over it are named as unread"),
    ("format/text/task_actions.rs", "the size of an identifier"),
    ("fs/ledger.rs", "a gap says how many more failed reads there are"),
    ("fs/root/glob.rs", "a fault is reported first"),
    ("fs/root/places.rs", "whether there is room is returned, and the caller reports it"),
    ("http/deliver/send.rs", "the answer of a collector of reports"),
    ("image/assemble.rs", "what is over the limit is a gap, of files and of hives"),
    ("image/distribution/client.rs", "the answer of a registry, for a message"),
    ("image/distribution/credentials.rs", "a file that is too long is no JSON, which is an error"),
    ("image/gaps.rs", "a gap says how many more there are"),
    ("image/go_json.rs", "names that repeat; one of them is a gap"),
    ("image/layer.rs", "damage over it is counted, and the number is a gap"),
    (
        "image/layout/docker.rs",
        "a gap says that there are more images; of layers without a name the first make the verdict incomplete",
    ),
    ("image/layout/oci.rs", "gaps of one layout: the first hundred make its verdict incomplete"),
    ("image/store/containerd.rs", "the bytes of a number, which has no more"),
    ("image/store/folder.rs", "gaps of one store: the first hundred make its verdict incomplete"),
    ("image/store/mod.rs", "images that a message names"),
    ("plan/build.rs", "a note says how many more there are"),
    ("plan/folders.rs", "the name of a folder, made of that of a host"),
    ("process/windows/event_log.rs", "an entry of the event log; the report is whole"),
    ("registry/view.rs", "a fault is reported first"),
    ("report/junit.rs", "a line says how many more there are"),
    ("report/markdown.rs", "a line says how many more there are"),
    ("report/ocsf.rs", "the event has the number of all"),
    ("report/sarif.rs", "the message has the number of all"),
    ("report/syslog.rs", "the name of a host, as long as the format allows"),
    ("report/text.rs", "a line says how many more there are"),
    ("report/text/brief.rs", "the brief form; the number of all stands in it"),
    ("report/verdict.rs", "the sentence says how many more there are"),
    ("scan/coordinator.rs", "gaps over it are counted, and the number is a gap"),
    ("scan/identity.rs", "marks of a machine by which fleets know it again, not inventory"),
    ("signature/check.rs", "mistakes that get a suggestion"),
    ("signature/load.rs", "a line says how many more there are"),
    ("signature/locate.rs", "keys that stand twice: the first makes the file refused"),
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
    let cut =
        Regex::new(r"\.(take|truncate)\(([A-Z][A-Z_]+|[0-9_]{2,}|limit)\)|\.len\(\) < [A-Z][A-Z_]+").unwrap();
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 100, "{}", files.len());
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for path in files {
        let name = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        if name.ends_with("tests.rs") || name.ends_with("testing.rs") || name.ends_with("fuzz.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let own = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (at, line) in own.lines().enumerate().filter(|(_, line)| cut.is_match(line)) {
            if KNOWN.iter().any(|(known, _)| *known == name) {
                used.insert(name.clone());
            } else {
                found.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "use the helper, or give the reason in this test:\n{}", found.join("\n"));
    let unused: Vec<_> = KNOWN.iter().filter(|(known, _)| !used.contains(*known)).collect();
    assert!(unused.is_empty(), "these cut nothing any more: {unused:?}");
}
