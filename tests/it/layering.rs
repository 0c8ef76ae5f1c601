//! The rooms of the source, enforced: a file uses only rooms below its own, no two files use each other in a circle, and
//! every room is used.
//!
//! An edge from a file to another is a `use` or a path reference outside of comments and tests. A parent's `mod` and
//! `pub use` of its own children are none: they only say that the children are there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground floor up: each may use those before it, and itself.
const ROOMS: &[&str] = &[
    "text",
    "model",
    "bytes",
    "process",
    "http",
    "format",
    "fs",
    "registry",
    "image",
    "host",
    "target",
    "collector",
    "scan",
    "signature",
    "finding",
    "write",
    "report",
    "plan",
    "attest",
    "fleet",
    "osquery",
    "command",
];
/// What no room may use although it lies below: artifacts know no vendors, the matcher touches no file, writers see no target.
const BARRED: &[(&str, &[&str])] = &[
    ("format", &["model", "process"]),
    ("fs", &["process"]),
    ("registry", &["process"]),
    ("image", &["registry"]),
    ("signature", &["scan", "target", "host", "image", "registry", "fs", "format"]),
    ("finding", &["scan", "target", "host", "image", "registry", "fs", "format"]),
    (
        "write",
        &["scan", "target", "host", "image", "registry", "fs", "format", "collector", "signature", "finding"],
    ),
    // It reads documents, too: bills of materials in XML by the reader of all XML.
    ("report", &["scan", "target", "host", "image", "registry", "fs", "collector", "process"]),
    ("plan", &["scan", "target", "host", "image", "registry", "fs", "format", "collector"]),
    ("attest", &["scan", "target", "host", "image", "registry", "fs", "format", "collector"]),
    ("fleet", &["scan", "target", "host", "image", "registry", "fs", "collector"]),
    ("osquery", &["scan", "target", "host", "image", "registry", "fs", "format"]),
];

struct Source {
    /// Each file's module path: `["format", "container", "tar"]`.
    files: BTreeMap<Vec<String>, PathBuf>,
    /// For each file, the files that it uses and the path by which.
    uses: BTreeMap<Vec<String>, BTreeMap<Vec<String>, String>>,
}

fn source() -> Source {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    rust_files(&top, &mut paths);
    assert!(paths.len() > 100, "no sources found");
    let mut files = BTreeMap::new();
    for path in paths {
        let relative = path.strip_prefix(&top).unwrap().with_extension("");
        let mut module: Vec<String> =
            relative.components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let is_top = matches!(module.as_slice(), [one] if one == "lib" || one == "main");
        let is_test = module.last().is_some_and(|last| last == "tests");
        if !is_top && !is_test {
            files.insert(module, path);
        }
    }
    let texts: Texts = files
        .iter()
        .map(|(module, path)| {
            let text = fs::read_to_string(path).unwrap();
            (module.clone(), (uses(&text), passed_on(&text)))
        })
        .collect();
    let uses = texts.keys().map(|module| (module.clone(), used_files(module, &texts))).collect();
    Source { files, uses }
}

/// What each file uses, and what it passes on.
type Texts = BTreeMap<Vec<String>, (BTreeSet<String>, Vec<(String, String)>)>;

/// The files that a file uses. A path leads to the deepest file that it names; to the item's own file where a parent only
/// passes it on (`pub use`).
fn used_files(module: &[String], texts: &Texts) -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    for used in &texts[module].0 {
        let Some(absolute) = absolute(module, used, texts) else { continue };
        let target = owner(&absolute, texts, 0);
        if let Some(target) = target.filter(|target| target != module) {
            found.insert(target, used.clone());
        }
    }
    found
}

/// The path from the top of the crate; `None` for paths of other crates.
fn absolute(module: &[String], used: &str, texts: &Texts) -> Option<Vec<String>> {
    let mut parts: Vec<String> = used.split("::").map(str::to_owned).collect();
    let mut at: Vec<String> = match parts.first()?.as_str() {
        "crate" => Vec::new(),
        "super" | "self" => module.to_vec(),
        first => {
            let mut child = module.to_vec();
            child.push(first.to_owned());
            if !texts.contains_key(&child) {
                return None;
            }
            module.to_vec()
        }
    };
    while let Some(first) = parts.first().cloned() {
        match first.as_str() {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            _ => break,
        }
        parts.remove(0);
    }
    at.extend(parts);
    Some(at)
}

/// The file that a path's item is written in.
fn owner(path: &[String], texts: &Texts, depth: usize) -> Option<Vec<String>> {
    let length = (1..=path.len()).rev().find(|length| texts.contains_key(&path[..*length]))?;
    let module = &path[..length];
    let Some(item) = path.get(length).filter(|_| depth < 8) else { return Some(module.to_vec()) };
    for (name, leads_to) in &texts[module].1 {
        if name == item || name == "*" {
            let Some(mut further) = absolute(module, leads_to, texts) else { continue };
            if name == "*" {
                further.pop();
                further.push(item.clone());
            }
            return owner(&further, texts, depth + 1);
        }
    }
    Some(module.to_vec())
}

#[test]
fn rooms_use_only_rooms_below() {
    let source = source();
    let mut wrong = Vec::new();
    for (module, used) in &source.uses {
        let Some(own) = ROOMS.iter().position(|room| *room == module[0]) else {
            wrong.push(format!("src/{}: no such room in this test", module.join("/")));
            continue;
        };
        let barred = BARRED.iter().find(|(room, _)| *room == module[0]).map_or(&[][..], |(_, barred)| barred);
        for (target, path) in used {
            let above = ROOMS.iter().position(|room| *room == target[0]).is_none_or(|room| room > own);
            if above || barred.contains(&target[0].as_str()) {
                wrong.push(format!("src/{} must not use {path}", module.join("/")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} arrows upward:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let source = source();
    let circles = circles(&source.uses);
    let mut lines = Vec::new();
    for circle in &circles {
        lines.push(circle.iter().map(|module| module.join("/")).collect::<Vec<_>>().join(", "));
        for module in circle {
            for (target, path) in source.uses[module].iter().filter(|(target, _)| circle.contains(target)) {
                lines.push(format!("    {} -> {} by {path}", module.join("/"), target.join("/")));
            }
        }
    }
    assert!(circles.is_empty(), "{} circles:\n{}", circles.len(), lines.join("\n"));
}

#[test]
fn every_room_is_used() {
    let source = source();
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    for room in ROOMS {
        let is_used = source
            .uses
            .iter()
            .any(|(module, used)| module[0] != *room && used.keys().any(|target| target[0] == *room));
        assert!(is_used || main.contains(&format!("debar::{room}::")), "nothing uses src/{room}");
        assert!(source.files.keys().any(|module| module[0] == *room), "there is no room {room}");
    }
    let rooms: BTreeSet<&String> = source.files.keys().map(|module| &module[0]).collect();
    assert!(rooms.len() <= 22, "{} rooms", rooms.len());
}

/// Groups of files that lead to each other (Tarjan's strongly connected components with more than one member).
fn circles(uses: &BTreeMap<Vec<String>, BTreeMap<Vec<String>, String>>) -> Vec<Vec<Vec<String>>> {
    struct Walk<'a> {
        uses: &'a BTreeMap<Vec<String>, BTreeMap<Vec<String>, String>>,
        index: BTreeMap<&'a Vec<String>, (usize, usize)>,
        stack: Vec<&'a Vec<String>>,
        found: Vec<Vec<Vec<String>>>,
    }
    fn visit<'a>(walk: &mut Walk<'a>, node: &'a Vec<String>) {
        let number = walk.index.len();
        walk.index.insert(node, (number, number));
        walk.stack.push(node);
        for next in walk.uses.get(node).into_iter().flat_map(BTreeMap::keys) {
            if !walk.index.contains_key(next) {
                visit(walk, next);
                let low = walk.index[next].1.min(walk.index[node].1);
                walk.index.get_mut(node).unwrap().1 = low;
            } else if walk.stack.contains(&next) {
                let low = walk.index[next].0.min(walk.index[node].1);
                walk.index.get_mut(node).unwrap().1 = low;
            }
        }
        if walk.index[node].0 == walk.index[node].1 {
            let at = walk.stack.iter().position(|other| *other == node).unwrap();
            let group: Vec<Vec<String>> = walk.stack.split_off(at).into_iter().cloned().collect();
            if group.len() > 1 {
                walk.found.push(group);
            }
        }
    }
    let mut walk = Walk { uses, index: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for node in uses.keys() {
        if !walk.index.contains_key(node) {
            visit(&mut walk, node);
        }
    }
    walk.found
}

/// A file is read in one sitting; clippy counts the lines of functions (clippy.toml).
#[test]
fn no_file_is_longer_than_500_lines() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests/it", "tests/bench", "tests/fuzz/src"] {
        rust_files(&top.join(folder), &mut files);
    }
    assert!(files.len() > 500, "{}", files.len());
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    let long: Vec<_> =
        files.iter().map(|path| (lines(path), path)).filter(|(lines, _)| *lines > 500).collect();
    assert!(long.is_empty(), "split by what they are about: {long:#?}");
}

#[test]
fn the_reader_of_use_lines_reads_them() {
    let text = "use crate::a::{b, c::{self, d}};\nlet x = crate::e::f();\n// crate::comment\n\
        pub use child::Thing;\nuse super::other::Item;\n#[cfg(test)]\nmod tests { use crate::g; }\n";
    let found = uses(text);
    for expected in
        ["crate::a::b", "crate::a::c::self", "crate::a::c::d", "crate::e::f", "super::other::Item"]
    {
        assert!(found.contains(expected), "{expected} in {found:?}");
    }
    assert!(
        !found.iter().any(|path| path.contains("comment") || path.contains("::g") || path.contains("child"))
    );
    assert!(passed_on(text).contains(&("Thing".to_owned(), "child::Thing".to_owned())));
    let circle = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")];
    let graph =
        circle.map(|(from, to)| (vec![from.to_owned()], [(vec![to.to_owned()], String::new())].into()));
    assert_eq!(circles(&graph.into()).len(), 1);
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

/// The names that a file passes on: `pub use` to all, `use` to its children. With the paths that they lead to.
fn passed_on(text: &str) -> Vec<(String, String)> {
    let code = code(text);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = code[line..at].trim_start();
        if !(before.is_empty() || before.starts_with("pub")) {
            continue;
        }
        let mut paths = BTreeSet::new();
        expand("", &code[at + 4..], &mut paths);
        for path in paths {
            let name = path.trim_end_matches("::self").rsplit("::").next().unwrap().to_owned();
            found.push((name, path));
        }
    }
    found
}

/// The code of a file without comments and tests. In a module inside of the file `super` is the file itself.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut is_inside = false;
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let is_module = line.trim_start_matches("pub(super) ").trim_start_matches("pub ").starts_with("mod ");
        is_inside = is_inside && line != "}" || is_module && line.ends_with('{');
        let line = if is_inside { line.replacen("super::", "self::", 1) } else { line.to_owned() };
        let line = without_visibility(&line);
        code.push_str(&line);
        code.push('\n');
    }
    without_tests(&code)
}

/// A line without `pub(in path)`, which says who may use an item and uses nothing.
fn without_visibility(line: &str) -> String {
    let Some((before, after)) = line.split_once("pub(in ") else { return line.to_owned() };
    let after = after.split_once(')').map_or("", |(_, after)| after);
    format!("{before}pub{after}")
}

/// Every path of this crate that the code names, outside comments, tests and `pub use`.
fn uses(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '_' | '$' | ':')) {
                continue;
            }
            let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
            if code[line..at].trim_start().starts_with("pub") && code[line..at].contains("use ") {
                continue;
            }
            expand("", &code[at..], &mut found);
        }
    }
    // A parent that calls its child by name.
    for (at, _) in code.match_indices("::") {
        let name: String =
            code[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let name: String = name.chars().rev().collect();
        let before = code[..at - name.len()].chars().next_back();
        let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
        let is_passed_on = code[line..at].trim_start().starts_with("pub") && code[line..at].contains("use ");
        if before != Some(':') && !is_passed_on && name.chars().next().is_some_and(char::is_lowercase) {
            let mut path = BTreeSet::new();
            expand("", &code[at - name.len()..], &mut path);
            found.extend(
                path.into_iter().filter(|path| !path.starts_with("crate") && !path.starts_with("super")),
            );
        }
    }
    found
}

/// Drops `#[cfg(test)]` modules, which end their file here, and single items under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some((before, after)) = rest.split_once("#[cfg(test)]\n") {
        kept.push_str(before);
        if after.trim_start().starts_with("mod tests {") {
            return kept;
        }
        // One item: a declaration, or up to its closing brace in the first column.
        let first = after.lines().next().unwrap_or_default();
        let end = if first.ends_with(';') { "\n" } else { "\n}\n" };
        rest = after.split_once(end).map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Expands the path, or the tree of paths, that a text begins with; returns the length read.
fn expand(prefix: &str, text: &str, found: &mut BTreeSet<String>) -> usize {
    let length = text.len()
        - text.trim_start_matches(|char: char| char.is_alphanumeric() || matches!(char, '_' | '*')).len();
    let path =
        if prefix.is_empty() { text[..length].to_owned() } else { format!("{prefix}::{}", &text[..length]) };
    let rest = &text[length..];
    let Some(after) = rest.strip_prefix("::") else {
        found.insert(path);
        let alias = rest.strip_prefix(" as ").map_or(0, |alias| {
            4 + alias.len()
                - alias.trim_start_matches(|char: char| char.is_alphanumeric() || char == '_').len()
        });
        return length + alias;
    };
    if after.starts_with('<') {
        found.insert(path);
        return length + 2;
    }
    let Some(tree) = after.strip_prefix('{') else {
        return length + 2 + expand(&path, after, found);
    };
    let mut at = 0;
    loop {
        at += tree[at..].len() - tree[at..].trim_start_matches([' ', '\n', ',']).len();
        if tree[at..].starts_with('}') || at >= tree.len() {
            return length + 3 + at + 1;
        }
        at += expand(&path, &tree[at..], found).max(1);
    }
}
