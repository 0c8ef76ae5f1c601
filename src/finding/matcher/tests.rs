//! Laws of the matcher: whatever the indicators, it finds those whose conditions hold, computed here by trying each
//! condition on each text without any index.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::model::Location;

/// A test of one field: the kind of condition and its texts.
type Asked = (usize, Vec<String>);
/// Conditions on name and path, and what must not hold of the name.
type Asks = (Option<Asked>, Option<Asked>, Option<Asked>);

const KINDS: [&str; 7] = ["equals", "any_of", "prefix", "suffix", "contains", "glob", "regex"];

/// Few letters, so that texts meet; upper case, wide and accented ones, so that normalisation matters.
fn text() -> impl Strategy<Value = String> {
    "[abAé/\\\\Ａ]{1,7}"
}

fn asked() -> impl Strategy<Value = Asked> {
    (0..KINDS.len(), vec(text(), 1..3))
}

fn indicator() -> impl Strategy<Value = Asks> {
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

fn set(indicators: &[Asks]) -> SignatureSet {
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
    set_of(&[&indicators])
}

/// A set with a product for each list of indicators.
fn set_of(products: &[&[Value]]) -> SignatureSet {
    let products: Vec<Value> = products
        .iter()
        .enumerate()
        .map(|(at, indicators)| {
            json!({"id": format!("p{at}"), "name": "P", "status": "banned", "platforms": ["linux"],
                "indicators": indicators})
        })
        .collect();
    SignatureSet::of_products(&json!(products))
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

/// The products of a set that an artifact meets.
fn met(set: &SignatureSet, artifact: &Artifact) -> Vec<String> {
    let matcher = Matcher::new(set);
    let hits = matcher.hits(artifact);
    hits.into_iter().map(|hit| matcher.product(hit.product).unwrap().product.id.clone()).collect()
}

fn one(id: &str, collector: &str, conditions: &Value) -> Value {
    json!({"id": id, "collectors": [collector], "strength": "conclusive", "where": conditions, "source": "s"})
}

#[test]
fn an_indicator_is_its_products_and_looks_at_its_collectors_only() {
    let set = set_of(&[
        &[one("a", "deb_packages", &json!({"name": {"equals": "kesl"}}))],
        &[
            one("b", "rpm_packages", &json!({"name": {"prefix": "kes"}})),
            one("c", "deb_packages", &json!({"name": {"contains": "esl"}})),
        ],
        &[],
    ]);
    let named = |collector, name: &str| {
        met(&set, &Artifact::new(collector, Location::default()).with(Field::Name, name))
    };
    assert_eq!(named("deb_packages", "KESL"), ["p0", "p1"]);
    assert_eq!(named("deb_packages", "kesl-gui"), ["p1"]);
    assert_eq!(named("rpm_packages", "kesl"), ["p1"]);
    assert_eq!(named("apk_packages", "kesl"), Vec::<String>::new());
    // Databases that few vendors make packages for are held against what names packages of dpkg or rpm.
    for minor in crate::collector::MINOR {
        assert_eq!(named(minor, "KESL"), ["p0", "p1", "p1"], "{minor}");
    }
    let matcher = Matcher::new(&set);
    assert_eq!(matcher.products().len(), 3);
    assert!(matcher.product(3).is_none());
}

#[test]
fn all_parts_of_a_condition_hold_of_one_text() {
    let condition = json!({"name": {"prefix": "agent", "suffix": "64", "contains": "-x", "version": ">=1"}});
    let without = json!({"name": {"prefix": "agent", "suffix": "64", "contains": "-x"}});
    let set = set_of(&[
        &[one("a", "deb_packages", &condition)],
        &[one("b", "deb_packages", &without)],
        &[one("c", "deb_packages", &json!({"name": {"equals": "tool"}, "version": {"version": ">=2, <3"}}))],
        &[one("d", "deb_packages", &json!({"name": {"any_of": ["tool", "other"], "equals": "tool"}}))],
        &[one("e", "deb_packages", &json!({"name": {"glob": ["too?", "a**z"]}}))],
        &[one("f", "deb_packages", &json!({"path": {"glob": ["/opt/*/bin", "/usr/**/x", "/a?b"]}}))],
    ]);
    let package = |name: &str, version: &str| {
        Artifact::new("deb_packages", Location::default())
            .with(Field::Name, name)
            .with(Field::Version, version)
    };
    assert_eq!(met(&set, &package("agent-x64", "1")), ["p1"], "a name is no version");
    for half in ["agent-64", "my-agent-x64", "agent-x32"] {
        assert_eq!(met(&set, &package(half, "1")), Vec::<String>::new(), "{half}");
    }
    assert_eq!(met(&set, &package("tool", "2.5")), ["p2", "p3", "p4"]);
    assert_eq!(met(&set, &package("tool", "3.0")), ["p3", "p4"]);
    assert_eq!(met(&set, &package("other", "2.5")), Vec::<String>::new());
    assert_eq!(met(&set, &package("tools", "2.5")), Vec::<String>::new());
    assert_eq!(met(&set, &package("a/b\nz", "1")), ["p4"], "outside of paths a star is anything");
    let at = |path: &str| {
        met(&set, &Artifact::new("deb_packages", Location::default()).with(Field::Path, path)) == ["p5"]
    };
    assert!(at("/opt/a/bin") && at("/OPT/a/bin") && at("/usr/a/b/x") && at("/axb"));
    assert!(!at("/opt/a/b/bin") && !at("/usr/a/y") && !at("/a/b") && !at("/ab"));
}

/// What has no literal to be looked up by is tried on every artifact, and never left out.
#[test]
fn an_indicator_without_a_literal_is_found_too() {
    let set = set_of(&[
        &[one("a", "deb_packages", &json!({"name": {"regex": "^[a-z]{4}[0-9]$"}}))],
        &[one("b", "deb_packages", &json!({"version": {"version": ">=2"}}))],
        &[one("c", "deb_packages", &json!({"name": {"glob": "?????"}}))],
    ]);
    let artifact = Artifact::new("deb_packages", Location::default());
    let artifact = artifact.with(Field::Name, "kesl9").with(Field::Version, "2.1");
    assert_eq!(met(&set, &artifact), ["p0", "p1", "p2"]);
}

#[test]
fn an_indicator_is_looked_up_by_the_text_that_says_most() {
    let looked_up_by = |condition: Value| {
        let condition = serde_json::from_value(condition).unwrap();
        let anchor = Test::new(FieldKind::Text, &condition).anchor(&mut Literals::new());
        anchor.map(|anchor| (matches!(anchor, Anchor::Exact(_)), anchor.texts().join(" ")))
    };
    let (exact, literal) =
        (|text: &str| Some((true, text.to_owned())), |text: &str| Some((false, text.to_owned())));
    assert_eq!(looked_up_by(json!({"equals": "Agent", "prefix": "Age"})), exact("agent"));
    assert_eq!(looked_up_by(json!({"any_of": ["a", "b"], "equals": "a"})), exact("a"));
    assert_eq!(
        looked_up_by(json!({"prefix": ["Age"], "contains": ["gent", "agent"]})),
        literal("gent agent")
    );
    assert_eq!(looked_up_by(json!({"prefix": ["agent"], "contains": ["g"]})), literal("agent"));
    assert_eq!(looked_up_by(json!({"suffix": ["ent"], "regex": "^Agents?$"})), literal("agent"));
    assert_eq!(looked_up_by(json!({"glob": ["Agent-*"], "suffix": ["64"]})), literal("agent-"));
    // One text without a literal says nothing of the others.
    assert_eq!(looked_up_by(json!({"glob": ["*", "agent-*"]})), None);
    assert_eq!(looked_up_by(json!({"regex": ".*"})), None);
}

#[test]
fn an_artifact_that_knows_its_state_keeps_it() {
    let mut indicator: Indicator =
        serde_json::from_value(one("a", "deb_packages", &json!({"name": {"equals": "x"}}))).unwrap();
    let seen = |state, indicator: &Indicator| {
        let mut artifact = Artifact::new("deb_packages", Location::default());
        artifact.state = state;
        state_of(&artifact, indicator)
    };
    assert_eq!(seen(State::Installed, &indicator), State::Installed);
    assert_eq!(seen(State::Running, &indicator), State::Running);
    assert!(is_conclusive(&indicator));
    indicator.state = Some(State::Remnant);
    indicator.strength = Strength::Supporting;
    assert_eq!(seen(State::Installed, &indicator), State::Remnant);
    assert_eq!(seen(State::Running, &indicator), State::Running);
    assert!(!is_conclusive(&indicator));
}

#[test]
fn every_kind_of_condition_is_told_in_words() {
    let conditions = json!({
        "name": {"equals": "a", "any_of": ["b", "c"], "prefix": "d", "suffix": ["e", "f"], "contains": "g"},
        "path": {"glob": "/h/*", "regex": "i.*"},
        "version": {"version": ">=1"},
    });
    let indicator: Indicator = serde_json::from_value(one("a", "deb_packages", &conditions)).unwrap();
    assert_eq!(
        in_words(&indicator),
        "name equals a, name equals b or c, name begins with d, name ends with e or f, name contains g, \
         version is in >=1, path fits /h/*, path matches i.*"
    );
}

/// A name that others use too counts where nothing contradicts it, and no longer where someone else signs it.
#[test]
fn a_condition_may_hold_of_a_missing_field_as_well() {
    let named = json!({
        "name": {"equals": "agent"}, "publisher": {"contains": ["Acme", "Bolt"], "or_absent": true},
    });
    let set = set_of(&[&[one("a", "programs", &named)]]);
    let found = |publisher: Option<&str>| {
        let artifact = Artifact::new("programs", Location::default()).with(Field::Name, "Agent");
        !met(&set, &artifact.with_some(Field::Publisher, publisher.map(str::to_owned))).is_empty()
    };
    assert!(found(None) && found(Some("")) && found(Some(" ")) && found(Some("Bolt Ltd")));
    assert!(!found(Some("Other")));
    let nameless = Artifact::new("programs", Location::default()).with(Field::Publisher, "Acme");
    assert_eq!(met(&set, &nameless), Vec::<String>::new(), "the other condition still counts");
    let indicator = serde_json::from_value(one("a", "programs", &named)).unwrap();
    assert_eq!(in_words(&indicator), "name equals agent, publisher contains Acme or Bolt or is absent");
}
