//! Whether what an indicator asks of a path can be met: by a path that one of its collectors can see, which is one that fits
//! what the collector reads, or lies below what it walks.

use super::model::Texts;
use super::normalise::normalise;
use super::{Condition, Indicator};
use crate::collector::{Collector, named};
use crate::model::{Field, FieldKind};

/// Collectors whose paths are places where they saw something. Those of others stand in records, and may be any.
const OF_PLACES: &[&str] = &[
    "program_files",
    "program_folders",
    "privileged_helpers",
    "vscode_extensions",
    "jetbrains_plugins",
    "ai_models",
];
/// Folders that a Windows has by other names: in Windows XP, in other languages.
const RENAMED: &[(&str, &[&str])] = &[
    (
        "users/*/appdata/local/",
        &[
            "documents and settings/*/local settings/application data/",
            "dokumente und einstellungen/*/lokale einstellungen/anwendungsdaten/",
        ],
    ),
    (
        "users/*/appdata/roaming/",
        &["documents and settings/*/application data/", "dokumente und einstellungen/*/anwendungsdaten/"],
    ),
    ("users/*/", &["documents and settings/*/", "dokumente und einstellungen/*/"]),
    ("programdata/", &["documents and settings/all users/application data/"]),
    (
        "program files/",
        &["archivos de programa/", "arquivos de programas/", "programme/", "programmi/", "programmes/"],
    ),
];

/// A part of a set of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    One(char),
    /// Any characters of a name.
    Name,
    /// Any characters.
    Any,
}

impl Part {
    fn takes(self, char: char) -> bool {
        match self {
            Part::One(own) => own == char,
            Part::Name => char != '/',
            Part::Any => true,
        }
    }

    fn repeats(self) -> bool {
        !matches!(self, Part::One(_))
    }
}

/// What is asked of paths that nothing can meet, each with the reason.
pub(super) fn missing(indicator: &Indicator) -> Vec<String> {
    let Some(condition) = indicator.conditions.get(&Field::Path) else { return Vec::new() };
    let collectors: Vec<&Collector> = indicator.collectors.iter().filter_map(|name| named(name)).collect();
    if collectors.is_empty() || collectors.iter().any(|one| !OF_PLACES.contains(&one.name)) {
        return Vec::new();
    }
    let places: Vec<Vec<Part>> = collectors.iter().flat_map(|one| places(one)).collect();
    let mut missing = Vec::new();
    for (text, asked) in asked(condition) {
        if !places.iter().any(|place| meet(place, &asked)) {
            missing.push(format!("no witness: no collector of it reads a path that `{text}` is met by"));
        } else if let Some(inside) =
            text.strip_prefix("**").or(Some(text.as_str())).filter(|text| text.starts_with("/."))
        {
            // A folder whose name begins with a dot lies in a home.
            let at_home = parts(&format!("/home/*{inside}**"));
            if !places.iter().any(|place| meet(place, &at_home)) {
                missing.push(format!("`{text}`: on hosts only with --deep, as homes are not walked there"));
            }
        }
    }
    missing
}

/// Every path that a collector can see.
fn places(collector: &Collector) -> Vec<Vec<Part>> {
    let folders_only = collector.name == "program_folders";
    let mut patterns: Vec<String> = collector.walks.iter().map(|place| format!("{place}/**")).collect();
    for read in collector.reads.iter().map(|pattern| pattern.trim_end_matches('/')) {
        patterns.push(read.to_owned());
        // What lies in a folder may be reported by the folder.
        let mut around = if folders_only { None } else { read.rsplit_once('/') };
        while let Some((folder, _)) = around {
            patterns.push(folder.to_owned());
            around = folder.rsplit_once('/');
        }
    }
    let mut places = Vec::new();
    for pattern in patterns.iter().map(|pattern| pattern.to_lowercase()) {
        let renamed =
            RENAMED.iter().filter_map(|(usual, others)| Some((pattern.strip_prefix(usual)?, others)));
        let renamed =
            renamed.flat_map(|(rest, others)| others.iter().map(move |other| format!("{other}{rest}")));
        for one in renamed.chain([pattern.clone()]) {
            places.push(parts(&format!("/{one}")));
            places.push(parts(&format!("*:/{one}")));
        }
    }
    places
}

/// Each text that a condition may be met by, with the texts that meet it.
fn asked(condition: &Condition) -> Vec<(String, Vec<Part>)> {
    let plain = |text: &str| normalise(FieldKind::Path, text).chars().map(Part::One).collect::<Vec<_>>();
    let mut asked = Vec::new();
    for text in condition.equals.iter().chain(condition.any_of.iter().flatten()) {
        asked.push((text.clone(), plain(text)));
    }
    let mut each = |texts: &Option<Texts>, before: bool, after: bool| {
        for text in texts.as_ref().map(Texts::as_slice).unwrap_or_default() {
            let any = |is: bool| is.then_some(Part::Any);
            asked
                .push((text.clone(), any(before).into_iter().chain(plain(text)).chain(any(after)).collect()));
        }
    };
    each(&condition.prefix, false, true);
    each(&condition.suffix, true, false);
    each(&condition.contains, true, true);
    for text in condition.glob.as_ref().map(Texts::as_slice).unwrap_or_default() {
        asked.push((text.clone(), parts(&normalise(FieldKind::Path, text))));
    }
    asked
}

/// The texts of a pattern: `*` for a part of a name, `**` for anything, `?` for one character of a name.
fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        parts.push(match char {
            '*' if chars.next_if_eq(&'*').is_some() => Part::Any,
            '*' | '?' => Part::Name,
            char => Part::One(char),
        });
    }
    parts
}

/// Whether one text is in both sets.
fn meet(left: &[Part], right: &[Part]) -> bool {
    let width = right.len() + 1;
    let mut seen = vec![false; (left.len() + 1) * width];
    let mut pending = vec![(0, 0)];
    while let Some((at, on)) = pending.pop() {
        match seen.get_mut(at * width + on) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let (a, b) = (left.get(at).copied(), right.get(on).copied());
        if a.is_none() && b.is_none() {
            return true;
        }
        if a.is_some_and(Part::repeats) {
            pending.push((at + 1, on));
        }
        if b.is_some_and(Part::repeats) {
            pending.push((at, on + 1));
        }
        let (Some(a), Some(b)) = (a, b) else { continue };
        let char = match (a, b) {
            (Part::One(char), _) | (_, Part::One(char)) => char,
            _ => 'x',
        };
        if a.takes(char) && b.takes(char) {
            pending.push((at + usize::from(!a.repeats()), on + usize::from(!b.repeats())));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn missing_of(collectors: &[&str], path: &Value) -> Vec<String> {
        let indicator = json!({"id": "i", "collectors": collectors, "strength": "conclusive", "source": "s",
            "where": {"path": path}});
        missing(&serde_json::from_value(indicator).unwrap())
    }

    #[test]
    fn paths_that_collectors_read_have_a_witness() {
        for (collector, path) in [
            ("program_folders", json!({"contains": "/appdata/roaming/acme"})),
            ("program_folders", json!({"suffix": "/Program Files/Acme/Tool"})),
            ("program_folders", json!({"glob": "**/application data/acme/**"})),
            ("program_folders", json!({"glob": "**/dokumente und einstellungen/*/anwendungsdaten/acme"})),
            ("program_folders", json!({"equals": "/opt/acme"})),
            ("program_files", json!({"contains": "/acme/bin/"})),
            ("services", json!({"contains": "/nowhere/at/all/in/the/world/"})),
        ] {
            assert_eq!(missing_of(&[collector], &path), [""; 0], "{collector} {path}");
        }
    }

    #[test]
    fn paths_that_nothing_reads_have_none() {
        for path in [
            json!({"equals": "/opt/acme/tool/deep/down"}),
            json!({"prefix": "/proc/acme"}),
            json!({"contains": "/opt/acme/tool/deep/"}),
            json!({"any_of": ["/opt/acme", "/nowhere/acme"]}),
            json!({"glob": "/boot/*"}),
        ] {
            let found = missing_of(&["program_folders"], &path);
            assert!(found.len() == 1 && found[0].contains("no witness"), "{path}: {found:?}");
        }
        assert_eq!(missing_of(&["program_folders", "services"], &json!({"prefix": "/proc/acme"})), [""; 0]);
    }

    #[test]
    fn folders_of_homes_that_are_not_walked_need_a_deep_scan() {
        let found = missing_of(&["program_files"], &json!({"contains": "/.acme/deep/data/"}));
        assert!(found.len() == 1 && found[0].contains("--deep"), "{found:?}");
        assert_eq!(missing_of(&["program_files"], &json!({"contains": "/.local/acme/"})), [""; 0]);
    }
}
