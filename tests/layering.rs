//! The line that data follows, enforced: each module may use only what lies before it.
//!
//! target → collectors → artifacts → matcher → findings → report → reporters. Collectors never see signatures,
//! the matcher never touches a file, reporters never see a target, formats know nothing of debar.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use of this crate. A name stands for itself and everything below it.
const ALLOWED: &[(&str, &[&str])] = &[
    ("hex", &[]),
    ("format", &["format", "hex"]),
    ("artifact", &["artifact"]),
    ("coverage", &["coverage", "format"]),
    ("target", &["target", "artifact", "coverage", "format", "hex"]),
    ("collector", &["collector", "target", "artifact", "coverage", "format", "hex"]),
    ("error", &[]),
    // Signatures name collectors, fields and systems; they read nothing of them.
    (
        "signature",
        &["signature", "artifact", "collector::all", "collector::named", "target::Os", "error", "signing"],
    ),
    ("matcher", &["matcher", "artifact", "signature"]),
    (
        "finding",
        &[
            "finding",
            "hex",
            "matcher",
            "artifact",
            "signature",
            "remedy",
            "collector::named",
            "collector",
            "target::Os",
        ],
    ),
    (
        "remedy",
        &[
            "remedy",
            "finding",
            "artifact",
            "quote",
            "signature",
            "target::Os",
            "target::TargetKind",
            "collector::named",
        ],
    ),
    ("quote", &[]),
    ("scan", &["scan", "collector", "artifact", "coverage", "target"]),
    (
        "report",
        &[
            "report",
            "finding",
            "artifact",
            "compare",
            "coverage",
            "hex",
            "signature",
            "target::OsIdentity",
            "target::TargetKind",
        ],
    ),
    ("attest", &["attest", "report", "finding", "coverage", "signature"]),
    ("compare", &["compare", "report", "finding", "artifact", "coverage", "signature"]),
    (
        "exceptions",
        &[
            "exceptions",
            "report",
            "finding",
            "signature",
            "error",
            "target::TargetKind",
            "target::root::wildcard",
        ],
    ),
    (
        "plan",
        &[
            "plan",
            "report",
            "finding",
            "artifact",
            "quote",
            "remedy",
            "signature",
            "target::Os",
            "target::TargetKind",
        ],
    ),
    ("fleet", &["fleet", "report", "finding", "artifact", "coverage", "signature::Status", "output"]),
    ("osquery", &["osquery", "report", "artifact", "coverage", "collector::named"]),
    ("exit", &["report", "artifact", "coverage"]),
    ("export", &["export", "hex", "signature", "artifact", "target::Os"]),
    ("output", &[]),
    ("signing", &[]),
    (
        "cli",
        &[
            "cli",
            "exit",
            "report::FORMATS",
            "report::comparison",
            "plan::WRITERS",
            "signature::Audience",
            "export::LANGUAGES",
        ],
    ),
    ("config", &["cli", "error"]),
    ("generate", &["attest", "cli", "compare", "exceptions", "plan", "report", "signature"]),
];
/// Where everything comes together.
const ANYTHING: &[&str] = &["command", "lib", "main"];

#[test]
fn modules_use_only_what_lies_before_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    assert!(files.len() > 20, "no sources found");
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&source).unwrap();
        let module = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        if ANYTHING.contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("src/{}: module `{module}` has no line in this test", relative.display()));
            continue;
        };
        for used in uses(&fs::read_to_string(&file).unwrap()) {
            let fits = |allowed: &str| used == allowed || used.starts_with(&format!("{allowed}::"));
            if !allowed.iter().any(|name| fits(name)) {
                wrong.push(format!("src/{}: must not use crate::{used}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_use_lines_reads_them() {
    let text = "use crate::a::{b, c::{self, d}};\nlet x = crate::e::f();\n// crate::comment\n\
        #[cfg(test)]\nmod tests { use crate::g; }\n";
    let expected: BTreeSet<String> =
        ["a::b", "a::c::self", "a::c::d", "e::f"].into_iter().map(str::to_owned).collect();
    assert_eq!(uses(text), expected);
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Every path of this crate that the code names, outside comments and tests.
fn uses(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let code = without_tests(&code);
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|char| char.is_alphanumeric() || char == '_' || char == '$') {
            continue;
        }
        expand("", &code[at + "crate::".len()..], &mut found);
    }
    found
}

/// Drops `#[cfg(test)]` modules, which end their file here, and single items under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some((before, after)) = rest.split_once("#[cfg(test)]\n") {
        kept.push_str(before);
        if after.trim_start().starts_with("mod tests") {
            return kept;
        }
        // One item: up to its closing brace in the first column.
        rest = after.split_once("\n}\n").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Expands the path, or the tree of paths, that a text begins with; returns the length read.
fn expand(prefix: &str, text: &str, found: &mut BTreeSet<String>) -> usize {
    let length =
        text.len() - text.trim_start_matches(|char: char| char.is_alphanumeric() || char == '_').len();
    let path =
        if prefix.is_empty() { text[..length].to_owned() } else { format!("{prefix}::{}", &text[..length]) };
    let rest = &text[length..];
    let Some(after) = rest.strip_prefix("::") else {
        found.insert(path);
        return length;
    };
    let Some(tree) = after.strip_prefix('{') else {
        return length + 2 + expand(&path, after, found);
    };
    let mut at = 0;
    loop {
        at += tree[at..].len() - tree[at..].trim_start_matches([' ', '\n', ',']).len();
        if tree[at..].starts_with('}') {
            return length + 3 + at + 1;
        }
        at += expand(&path, &tree[at..], found);
    }
}
