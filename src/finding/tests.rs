//! When matches make a finding, and of what: the line between a missed product and a false alarm.

use serde_json::{Value as Json, json};

use super::*;
use crate::finding::matcher::Matcher;
use crate::model::{Artifact, Field, Location};
use crate::signature::SignatureSet;
use crate::signature::{Status, Strength};

fn product(id: &str, indicators: &[Json]) -> Json {
    json!({"id": id, "name": id, "status": "banned", "platforms": ["linux"], "indicators": indicators})
}

fn indicator(id: &str, strength: &str, name: &str) -> Json {
    json!({"id": id, "collectors": ["deb_packages", "rpm_packages", "processes", "program_files",
        "program_folders", "prefetch", "tcc_grants", "install_history"], "strength": strength,
        "where": {"name": {"equals": name}}, "source": "s"})
}

fn seen(collector: &'static str, name: &str, path: &str) -> Artifact {
    Artifact::new(collector, Location { path: Some(path.to_owned()), ..Location::default() })
        .with(Field::Name, name)
}

fn found(set: &SignatureSet, artifacts: &[Artifact]) -> Vec<Finding> {
    grouped(set, artifacts).findings
}

fn grouped(set: &SignatureSet, artifacts: &[Artifact]) -> Grouped {
    let matcher = Matcher::new(set);
    let matches: Vec<Match> = artifacts
        .iter()
        .map(|artifact| Match { hits: matcher.hits(artifact), artifact: artifact.clone() })
        .filter(|matched| !matched.hits.is_empty())
        .collect();
    let how = Grouping { as_of: jiff::civil::date(2026, 1, 1), rules: None, os: None, is_image: false };
    group(&matcher, set, &matches, &how)
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.product.name.as_str()).collect()
}

#[test]
fn one_conclusive_match_suffices_and_supporting_ones_are_possible_traces() {
    let set = SignatureSet::of_products(&json!([
        product("sure", &[indicator("a", "conclusive", "sure"), indicator("d", "supporting", "vague")]),
        product("vague", &[indicator("b", "supporting", "vague"), indicator("c", "supporting", "vague")]),
    ]));
    assert_eq!(ids(&found(&set, &[seen("prefetch", "sure", "/a")])), ["sure"]);
    // However many sources agree, weak signs are no finding.
    for collectors in [&["deb_packages"][..], &["deb_packages", "rpm_packages", "processes"]] {
        let artifacts: Vec<Artifact> =
            collectors.iter().map(|collector| seen(collector, "vague", "/a")).collect();
        let grouped = grouped(&set, &artifacts);
        assert_eq!((grouped.findings.len(), grouped.also_here.len()), (0, 0));
        assert_eq!(ids(&grouped.possible).len(), 1, "one trace for the same artifacts");
        let trace = &grouped.possible[0];
        assert_eq!((trace.confidence, trace.evidence.len()), (Confidence::Possible, collectors.len()));
        assert!(!trace.counts() && !trace.fails());
    }
    // They back up a finding of the same product, and are no trace of another one then.
    let both = grouped(&set, &[seen("prefetch", "sure", "/a"), seen("deb_packages", "vague", "/b")]);
    assert_eq!((ids(&both.findings), both.findings[0].evidence.len()), (vec!["sure"], 2));
    assert!(both.possible.is_empty());
}

#[test]
fn what_does_not_bind_is_listed_apart_and_guards_nothing() {
    let guard = |id: &str| {
        let mut guard = product(id, &[indicator(id, "conclusive", id), indicator("w", "supporting", "weak")]);
        guard["antivirus"] = true.into();
        guard
    };
    let mut set = SignatureSet::of_products(&json!([guard("judged"), guard("listed")]));
    set.files[0].file.products[1].status = Status::Banned;
    set.unbound.insert("v/listed".to_owned());
    let both = grouped(&set, &[seen("deb_packages", "judged", "/a"), seen("deb_packages", "listed", "/b")]);
    assert_eq!((ids(&both.findings), ids(&both.also_here)), (vec!["judged"], vec!["listed"]));
    assert_eq!(both.findings[0].warnings.len(), 1, "a listed antivirus is no replacement");
    let listed = &both.also_here[0];
    assert!(!listed.binds && !listed.counts() && listed.status == Status::Banned && listed.in_force);
    let alone = grouped(&set, &[seen("deb_packages", "listed", "/b")]);
    assert_eq!((ids(&alone.findings), ids(&alone.also_here)), (vec![], vec!["listed"]));
    set.unbound.insert("v/judged".to_owned());
    assert_eq!(grouped(&set, &[seen("deb_packages", "weak", "/b")]), Grouped::default());
}

/// A product with a record in the list of programs, in a folder, with what the vendor's products share around it.
#[test]
#[expect(clippy::too_many_lines, reason = "one world, and what each addition to it changes")]
fn one_installation_is_one_product() {
    let on = |id: &str, collector: &str, field: &str, text: &str| {
        json!({"id": id, "collectors": [collector], "strength": "conclusive",
            "where": {field: {"contains": text}}, "source": "s"})
    };
    let mut any = product(
        "any",
        &[
            on("a", "drivers", "name", "vdrv"),
            on("b", "program_folders", "path", "vendor"),
            on("c", "program_files", "path", "/vendor/"),
            on("d", "programs", "publisher", "Vendor"),
            on("e", "services", "path", "/vendor/"),
        ],
    );
    any["fallback"] = true.into();
    let set = SignatureSet::of_products(&json!([
        any,
        product("suite", &[on("f", "programs", "name", "Vendor Suite")]),
        product("agent", &[on("g", "programs", "name", "Vendor Agent")]),
        product("basic", &[on("h", "services", "name", "VSVC")]),
    ]));
    let program = |name: &str, folder: &str| {
        Artifact::new("programs", Location { registry_key: Some(name.to_owned()), ..Location::default() })
            .with(Field::Name, name)
            .with(Field::Publisher, "Vendor")
            .with(Field::InstallLocation, format!("C:\\Program Files\\Vendor\\{folder}\\"))
    };
    let service = |folder: &str| {
        Artifact::new("services", Location { registry_key: Some("VSVC".to_owned()), ..Location::default() })
            .with(Field::Name, "VSVC")
            .with(Field::Path, format!("/Program Files/Vendor/{folder}/v.exe"))
    };
    let driver = Artifact::new("drivers", Location { registry_key: Some("d".into()), ..Location::default() })
        .with(Field::Name, "vdrv")
        .with(Field::Path, "/Windows/System32/drivers/vdrv.sys");
    let folder = |path: &str| {
        let mut folder = seen("program_folders", "x", path).with(Field::Path, path);
        folder.state = State::Remnant;
        folder
    };
    let file = |path: &str| seen("program_files", "x", path).with(Field::Path, path);
    let data = folder("/ProgramData/Vendor");
    let one =
        found(&set, &[program("Vendor Suite", "Suite"), service("Suite"), driver.clone(), data.clone()]);
    assert_eq!(ids(&one), ["suite"]);
    let shared: Vec<&str> =
        one[0].evidence.iter().filter(|one| one.shared).map(|one| one.collector.as_str()).collect();
    assert_eq!(shared, ["drivers", "services", "program_folders"]);
    let two = [
        program("Vendor Suite", "Suite"),
        program("Vendor Agent", "Agent"),
        service("Suite"),
        driver.clone(),
    ];
    assert_eq!(ids(&found(&set, &two)), ["agent", "suite"]);
    // The service of another place, an unlisted program and its files are products of their own.
    assert_eq!(ids(&found(&set, &[program("Vendor Suite", "Suite"), service("Other")])), ["basic", "suite"]);
    let unlisted = [program("Vendor Suite", "Suite"), program("Vendor Unknown", "Unknown"), data.clone()];
    assert_eq!(ids(&found(&set, &unlisted)), ["any", "suite"]);
    let stray = [program("Vendor Suite", "Suite"), file("/Program Files/Vendor/Unknown/u.exe")];
    assert_eq!(ids(&found(&set, &stray)), ["any", "suite"]);
    // Without an installation they stand for themselves.
    assert_eq!(ids(&found(&set, &[driver, data])), ["any"]);
}

#[test]
fn what_a_listed_product_has_the_vendors_own_does_not_repeat() {
    let mut any =
        product("any", &[indicator("a", "conclusive", "listed"), indicator("b", "conclusive", "new")]);
    any["fallback"] = true.into();
    let set = SignatureSet::of_products(&json!([
        any,
        product("listed", &[indicator("c", "conclusive", "listed")])
    ]));
    assert_eq!(ids(&found(&set, &[seen("deb_packages", "listed", "/a")])), ["listed"]);
    let both = [seen("deb_packages", "listed", "/opt/v/listed"), seen("program_files", "new", "/opt/w")];
    assert_eq!(ids(&found(&set, &both)), ["any", "listed"]);
    // A folder around what a listed product has is that product's, and so is a folder of the vendor beside it.
    let around = [seen("deb_packages", "listed", "/opt/v/listed"), seen("program_folders", "new", "/opt/v")];
    assert_eq!(ids(&found(&set, &around)), ["listed"]);
    let beside = [seen("deb_packages", "listed", "/opt/v2/x"), seen("program_folders", "new", "/opt/v")];
    assert_eq!(ids(&found(&set, &beside)), ["listed"]);
    let placeless = Artifact::new("program_files", Location::default()).with(Field::Name, "new");
    assert_eq!(ids(&found(&set, &[both[0].clone(), placeless])), ["any", "listed"]);
}

#[test]
fn what_another_vendor_claims_is_still_its_own() {
    let mut two =
        SignatureSet::of_products(&json!([product("mine", &[indicator("a", "conclusive", "tool")])]));
    let mut theirs =
        SignatureSet::of_products(&json!([product("theirs", &[indicator("a", "conclusive", "tool")])]))
            .files
            .remove(0);
    theirs.file.vendor.id = "w".to_owned();
    theirs.file.products[0].fallback = true;
    two.files.push(theirs);
    assert_eq!(ids(&found(&two, &[seen("deb_packages", "tool", "/a")])), ["mine", "theirs"]);
}

#[test]
fn the_gravest_state_and_the_strongest_evidence_come_first() {
    let set = SignatureSet::of_products(&json!([
        product("a", &[indicator("a", "conclusive", "a"), indicator("b", "supporting", "other")]),
        product("b", &[indicator("c", "conclusive", "b")]),
        {"id": "c", "name": "c", "status": "informational", "platforms": ["linux"],
         "indicators": [indicator("d", "conclusive", "c")]},
    ]));
    let in_state = |mut artifact: Artifact, state| {
        artifact.state = state;
        artifact
    };
    let findings = found(
        &set,
        &[
            in_state(seen("processes", "c", "/c"), State::Running),
            seen("deb_packages", "a", "/z"),
            seen("deb_packages", "a", "/y"),
            in_state(seen("processes", "other", "/x"), State::Running),
            in_state(seen("deb_packages", "a", "/w"), State::Remnant),
            in_state(seen("deb_packages", "b", "/b"), State::Remnant),
        ],
    );
    assert_eq!(ids(&findings), ["a", "b", "c"], "banned ones first, then the graver state");
    let states: Vec<State> = findings.iter().map(|finding| finding.state).collect();
    assert_eq!(states, [State::Running, State::Remnant, State::Running]);
    let places: Vec<&str> =
        findings[0].evidence.iter().map(|one| one.location.path.as_deref().unwrap()).collect();
    assert_eq!(places, ["/y", "/z", "/w", "/x"]);
    assert_eq!(findings[0].evidence[0].indicators, ["a"]);
    assert_eq!(findings[0].evidence[3].strength, Strength::Supporting);
    assert!(findings[0].counts() && findings[0].fails() && !findings[2].counts() && !findings[2].fails());
}

#[test]
fn a_rule_counts_from_its_day_and_when_it_was_chosen() {
    let built_in = crate::signature::load(&[]).unwrap();
    let rule = |binding| {
        let rules = built_in.rules.values();
        let mut in_force = rules.filter(|rule| {
            let applied = rule.applied(jiff::civil::Date::MAX, |_| true);
            applied.in_force && applied.binding == binding
        });
        in_force.next().unwrap().id.clone()
    };
    let (law, advice) = (rule(true), rule(false));
    let named = product("a", &[indicator("a", "conclusive", "a")]);
    let of = |rules: Json, as_of, chosen: Option<&str>| {
        let mut named = named.clone();
        named["rules"] = rules;
        let mut set = SignatureSet::of_products(&json!([named]));
        set.rules = built_in.rules.clone();
        let chosen = chosen.map(|id| BTreeSet::from([id.to_owned()]));
        let matcher = Matcher::new(&set);
        let artifact = seen("deb_packages", "a", "/a");
        let matches = [Match { hits: matcher.hits(&artifact), artifact }];
        let how = Grouping { as_of, rules: chosen.as_ref(), os: None, is_image: false };
        let finding = group(&matcher, &set, &matches, &how).findings.remove(0);
        (finding.in_force, finding.rules.len())
    };
    let (late, early) = (jiff::civil::Date::MAX, jiff::civil::date(1900, 1, 1));
    assert_eq!(of(json!([law]), late, None), (true, 1));
    assert_eq!(of(json!([law]), early, None), (false, 1));
    assert_eq!(of(json!([advice]), late, None), (false, 1), "advice forbids nothing");
    assert_eq!(of(json!([law, advice]), late, None), (true, 2));
    assert_eq!(of(json!([law, advice]), late, Some(&advice)), (false, 1));
    // A house rule needs no law; anyone who chooses rules has no other.
    assert_eq!(of(json!([]), early, None), (true, 0));
}

#[test]
fn evidence_has_an_id_of_its_own_that_lasts() {
    let set = SignatureSet::of_products(&json!([product("a", &[indicator("a", "conclusive", "a")])]));
    let ids = |artifacts: &[Artifact]| -> Vec<String> {
        found(&set, artifacts).remove(0).evidence.into_iter().map(|one| one.id).collect()
    };
    let plain = seen("processes", "a", "/a");
    let first = ids(std::slice::from_ref(&plain));
    assert!(first[0].starts_with("ev-") && first[0].len() == 19, "{first:?}");
    assert_eq!(ids(&[plain.clone().with(Field::Version, "2")]), first, "an update changes nothing");
    let again = format!("{}-2", first[0]);
    assert_eq!(ids(&[plain.clone(), plain.clone()]), [first[0].clone(), again]);
    for other in [
        seen("processes", "a", "/b"),
        seen("deb_packages", "a", "/a"),
        plain.clone().with(Field::User, "u"),
        Artifact {
            location: Location { record: Some("r".into()), ..plain.location.clone() },
            ..plain.clone()
        },
        Artifact {
            location: Location { registry_key: Some("k".into()), ..plain.location.clone() },
            ..plain.clone()
        },
    ] {
        assert_ne!(ids(&[other]), first);
    }
    let mut given = found(&set, &[plain]).remove(0).evidence;
    given[0].id = "kept".to_owned();
    identify(&mut given);
    assert_eq!(given[0].id, "kept");
}

#[test]
fn more_evidence_than_is_listed_is_counted() {
    let set = SignatureSet::of_products(&json!([product("a", &[indicator("a", "conclusive", "a")])]));
    let many: Vec<Artifact> =
        (0..MAX_EVIDENCE + 3).map(|at| seen("program_files", "a", &format!("/{at}"))).collect();
    let finding = found(&set, &many).remove(0);
    assert_eq!((finding.evidence.len(), finding.evidence_omitted), (MAX_EVIDENCE, 3));
    assert!(serde_json::to_string(&finding).unwrap().contains("\"evidence_omitted\":3"));
    let mut known = found(&set, &many[..1]).remove(0);
    known.in_baseline = true;
    assert!(serde_json::to_string(&known).unwrap().contains("\"in_baseline\":true"));
    let text = serde_json::to_string(&found(&set, &many[..1])).unwrap();
    assert!(!text.contains("evidence_omitted") && !text.contains("in_baseline"), "{text}");
}

#[test]
fn exceptions_stand_in_the_words_of_openvex() {
    for (status, word) in [
        (VexStatus::Affected, "affected"),
        (VexStatus::NotAffected, "not_affected"),
        (VexStatus::UnderInvestigation, "under_investigation"),
    ] {
        assert_eq!(status.word(), word);
        assert_eq!(serde_json::to_value(status).unwrap(), word, "reports and words are the same");
    }
}

#[test]
fn only_an_antivirus_without_another_beside_it_is_warned_of() {
    let guard = |id: &str, status: &str| {
        let mut guard = product(id, &[indicator(id, "conclusive", id)]);
        guard["antivirus"] = true.into();
        guard["status"] = status.into();
        guard
    };
    let set = SignatureSet::of_products(&json!([
        guard("banned", "banned"),
        guard("other", "informational"),
        product("tool", &[indicator("t", "conclusive", "tool")]),
    ]));
    let came = |seen_ones: &[(&str, State)]| -> Vec<(String, usize)> {
        let artifacts: Vec<Artifact> = seen_ones
            .iter()
            .map(|(name, state)| Artifact { state: *state, ..seen("deb_packages", name, "/a") })
            .collect();
        let findings = found(&set, &artifacts).into_iter();
        findings.map(|finding| (finding.product.name, finding.warnings.len())).collect()
    };
    let expected = |list: &[(&str, usize)]| -> Vec<(String, usize)> {
        list.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    let (running, installed, remnant) = (State::Running, State::Installed, State::Remnant);
    assert_eq!(came(&[("banned", running), ("tool", running)]), expected(&[("banned", 1), ("tool", 0)]));
    assert_eq!(came(&[("banned", installed)]), expected(&[("banned", 1)]));
    assert_eq!(came(&[("banned", remnant)]), expected(&[("banned", 0)]), "nothing is lost with it");
    assert_eq!(came(&[("banned", running), ("other", installed)]), expected(&[("banned", 0), ("other", 0)]));
    assert_eq!(came(&[("banned", running), ("other", remnant)]), expected(&[("banned", 1), ("other", 0)]));
    // On a host without a banned one, another antivirus is nobody's finding.
    assert_eq!(came(&[("other", running), ("tool", running)]), expected(&[("tool", 0)]));
    assert_eq!(came(&[("other", running)]), expected(&[]));
}

#[test]
fn the_examples_of_the_built_in_set_hold_and_a_wrong_one_is_named() {
    let mut built_in = crate::signature::load(&[]).unwrap();
    let (tried, failures) = examples::run(&built_in);
    assert!(tried > 400, "{tried}");
    assert_eq!(failures, Vec::<String>::new());
    let examples = &mut built_in.files[0].file.products[0].examples;
    std::mem::swap(&mut examples.positive, &mut examples.negative);
    let wrong = examples.positive.len() + examples.negative.len();
    let (again, failures) = examples::run(&built_in);
    assert_eq!((again, failures.len()), (tried, wrong), "{failures:?}");
    assert!(failures.iter().any(|line| line.contains("is not found in example")), "{failures:?}");
    assert!(failures.iter().any(|line| line.contains("is found in example")), "{failures:?}");
}
