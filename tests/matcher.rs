//! Laws of the matcher: whatever the indicators, it finds those whose conditions hold, told here by trying each
//! condition on each text without any index.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use debar::artifact::{Artifact, Field, Location};
use debar::matcher::Matcher;
use debar::signature::{LoadedFile, SignatureSet};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A test of one field: the kind of condition and its texts.
type Asked = (usize, Vec<String>);
/// Conditions on name and path, and what must not hold of the name.
type Indicator = (Option<Asked>, Option<Asked>, Option<Asked>);

const KINDS: [&str; 7] = ["equals", "any_of", "prefix", "suffix", "contains", "glob", "regex"];

/// Few letters, so that texts meet; upper case, wide and accented ones, so that normalisation matters.
fn text() -> impl Strategy<Value = String> {
    "[abAé/\\\\Ａ]{1,7}"
}

fn asked() -> impl Strategy<Value = Asked> {
    (0..KINDS.len(), vec(text(), 1..3))
}

fn indicator() -> impl Strategy<Value = Indicator> {
    let some = proptest::option::of;
    (some(asked()), some(asked()), proptest::option::weighted(0.2, asked()))
        .prop_filter("an indicator asks something", |(name, path, _)| name.is_some() || path.is_some())
}

fn condition((kind, texts): &Asked) -> Value {
    let name = KINDS[*kind];
    json!({ name: match name {
        "equals" => json!(texts[0]),
        "regex" => json!(format!("{}.?$", regex::escape(&texts[0]))),
        "glob" => json!(texts.iter().map(|text| format!("{text}*")).collect::<Vec<_>>()),
        _ => json!(texts),
    }})
}

fn set(indicators: &[Indicator]) -> SignatureSet {
    let indicators: Vec<Value> = indicators
        .iter()
        .enumerate()
        .map(|(at, (name, path, unless))| {
            let mut conditions = Map::new();
            conditions.extend(name.iter().map(|asked| ("name".to_owned(), condition(asked))));
            conditions.extend(path.iter().map(|asked| ("path".to_owned(), condition(asked))));
            let unless: Map<String, Value> =
                unless.iter().map(|asked| ("name".to_owned(), condition(asked))).collect();
            json!({"id": at.to_string(), "collectors": ["program_files"], "strength": "conclusive",
                "where": conditions, "unless": unless, "source": "s"})
        })
        .collect();
    let file = json!({"format": 1, "vendor": {"id": "a", "name": "A"}, "version": "1", "date": "2026-01-01",
        "sources": {"s": "made up"}, "rules": [], "products": [{"id": "p", "name": "P", "status": "banned",
        "platforms": ["linux"], "indicators": indicators}]});
    let loaded = LoadedFile {
        file: serde_json::from_value(file).unwrap(),
        origin: "test".to_owned(),
        signed_by: None,
    };
    SignatureSet { files: vec![loaded], ..SignatureSet::default() }
}

/// Lower case, compatibility forms, and in paths one kind of slash; all that the alphabet above needs.
fn plain(text: &str, is_path: bool) -> String {
    let text: String = text.chars().map(|char| if char == 'Ａ' { 'a' } else { char }).collect();
    let text = text.to_lowercase();
    if is_path { text.replace('\\', "/") } else { text }
}

fn holds((kind, texts): &Asked, value: &str, is_path: bool) -> bool {
    let value = plain(value, is_path);
    let all: Vec<String> = texts.iter().map(|text| plain(text, is_path)).collect();
    match KINDS[*kind] {
        "equals" => value == all[0],
        "any_of" => all.contains(&value),
        "prefix" => all.iter().any(|text| value.starts_with(text)),
        "suffix" => all.iter().any(|text| value.ends_with(text)),
        "contains" => all.iter().any(|text| value.contains(text)),
        // In paths a star stops at slashes.
        "glob" => all.iter().any(|text| {
            value.strip_prefix(text.as_str()).is_some_and(|rest| !is_path || !rest.contains('/'))
        }),
        // An expression is matched as it is, without case, and is not normalised itself.
        _ => {
            let wanted = texts[0].to_lowercase();
            let shorter = value.char_indices().next_back().map_or("", |(at, _)| &value[..at]);
            value.ends_with(&wanted) || shorter.ends_with(&wanted)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn the_matcher_finds_the_indicators_whose_conditions_hold(
        indicators in vec(indicator(), 1..12),
        names in vec(text(), 0..3),
        path in proptest::option::of(text()),
    ) {
        let set = set(&indicators);
        let matcher = Matcher::new(&set);
        let artifact = Artifact::new("program_files", Location::default())
            .with_many(Field::Name, names)
            .with_some(Field::Path, path);
        let found: Vec<String> = matcher
            .hits(&artifact)
            .into_iter()
            .map(|hit| matcher.indicator(hit).unwrap().id.clone())
            .collect();
        let of = |field: Field, asked: &Asked| {
            artifact.fields.get(&field).is_some_and(|value| {
                value.texts().any(|text| holds(asked, text, field == Field::Path))
            })
        };
        let expected: Vec<String> = indicators
            .iter()
            .enumerate()
            .filter(|(_, (name, path, unless))| {
                name.as_ref().is_none_or(|asked| of(Field::Name, asked))
                    && path.as_ref().is_none_or(|asked| of(Field::Path, asked))
                    && !unless.as_ref().is_some_and(|asked| of(Field::Name, asked))
            })
            .map(|(at, _)| at.to_string())
            .collect();
        prop_assert_eq!(found, expected);
    }
}
