//! The map for newcomers is true: what ARCHITECTURE.md and tests/README.md name is there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_function_that_the_walk_names_is_where_it_says() {
    let text = fs::read_to_string(top().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 200);
    let walk = text.split("## From dpkg's").nth(1).unwrap().split("\n## ").next().unwrap();
    let names: Vec<&str> = walk.split('`').skip(1).step_by(2).collect();
    let mut checked = 0;
    for pair in names.windows(2).filter(|pair| pair[0].starts_with("src/") && !pair[1].contains(['/', ' '])) {
        let code =
            fs::read_to_string(top().join(pair[0])).unwrap_or_else(|error| panic!("{}: {error}", pair[0]));
        let is_there =
            code.contains(&format!("fn {}(", pair[1])) || code.contains(&format!("fn {}<", pair[1]));
        assert!(
            is_there || !pair[1].chars().all(|char| char.is_lowercase() || char == '_') || pair[1] == "reads",
            "{} has no fn {}",
            pair[0],
            pair[1]
        );
        checked += usize::from(is_there);
    }
    assert!(checked >= 8, "{checked} functions found");
}

#[test]
fn every_room_is_on_the_map_and_every_module_of_tests_in_its_table() {
    let map = fs::read_to_string(top().join("ARCHITECTURE.md")).unwrap();
    for entry in fs::read_dir(top().join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_room = !["lib.rs", "main.rs"].contains(&name.as_str());
        assert!(!is_room || map.contains(&format!("`{name}")), "ARCHITECTURE.md does not name {name}");
    }
    let table = fs::read_to_string(top().join("tests/README.md")).unwrap();
    for entry in fs::read_dir(top().join("tests/it")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") {
            assert!(table.contains(&format!("| `{module}` |")), "tests/README.md does not name {module}");
        }
    }
}

/// Lines of code blocks that call debar, of the README and the documentation.
fn commands() -> Vec<(String, String)> {
    let mut pages = vec![top().join("README.md")];
    pages.extend(fs::read_dir(top().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut found = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for block in text.split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap();
            for line in block.lines() {
                let line = line.split(" #").next().unwrap().trim();
                if let Some(at) = line
                    .find("debar ")
                    .filter(|at| *at == 0 || line[..*at].ends_with("| ") || line[..*at].ends_with("sudo "))
                {
                    found.push((page.display().to_string(), line[at..].to_owned()));
                }
            }
        }
    }
    found
}

#[test]
fn every_command_of_the_documentation_is_one() {
    let commands = commands();
    assert!(commands.len() >= 20, "{}", commands.len());
    for (page, line) in commands {
        let result = <debar::command::cli::Cli as clap::Parser>::try_parse_from(line.split_whitespace());
        if let Err(error) = result {
            let is_help = matches!(
                error.kind(),
                clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
            );
            assert!(is_help, "{page}: {line}: {error}");
        }
    }
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file() {
    for entry in fs::read_dir(top().join("docs")).unwrap() {
        let page = entry.unwrap().path();
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http") && !link.starts_with('#')) {
            let link = link.split('#').next().unwrap();
            assert!(page.parent().unwrap().join(link).exists(), "{}: {link}", page.display());
        }
    }
}

/// Words that made comments read as translated; each has a plainer one.
const WORN: &[&str] = &["told", "tells", "whoever", "somebody", "anew", "looked at"];

#[test]
fn comments_are_plain_english() {
    let mut folders = vec![top().join("src"), top().join("tests/it")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let comments = text.lines().map(str::trim_start).filter(|line| line.starts_with("//"));
                for comment in comments {
                    let words: Vec<String> = comment
                        .split(|char: char| !char.is_alphabetic())
                        .filter(|word| !word.is_empty())
                        .map(str::to_lowercase)
                        .collect();
                    let is_worn = |worn: &&&str| {
                        let parts: Vec<&str> = worn.split(' ').collect();
                        words.windows(parts.len()).any(|window| window == parts)
                    };
                    if let Some(worn) = WORN.iter().find(is_worn) {
                        found.push(format!("{}: `{worn}` in {comment}", path.display()));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "say it plainer:\n{}", found.join("\n"));
}

/// What is private to other parsers, with the one whose target reaches it.
const WITHIN: &[(&str, &str)] = &[("archived", "deb::control")];

#[test]
fn every_parser_has_a_fuzz_target() {
    let targets = fs::read_to_string(top().join("tests/fuzz/src/main.rs")).unwrap();
    let mut without = Vec::new();
    let mut count = 0;
    for room in fs::read_dir(top().join("src/format")).unwrap().map(|entry| entry.unwrap().path()) {
        if !room.is_dir() {
            continue;
        }
        for entry in fs::read_dir(room).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if name == "mod" {
                continue;
            }
            count += 1;
            let through = WITHIN.iter().find(|(within, _)| *within == name);
            let call = through.map_or(format!("{name}::"), |(_, through)| (*through).to_owned());
            if !targets.contains(&call) {
                without.push(path.display().to_string());
            }
        }
    }
    assert!(count > 60, "{count} parsers found");
    assert!(without.is_empty(), "no target of tests/fuzz calls {}", without.join(", "));
}
