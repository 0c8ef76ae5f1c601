//! What is demanded of every shipped signature: a source that a reader can look up, examples, and that editors can
//! check it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};

use debar::collector;
use debar::model::Field;
use debar::signature::{self, Product, SignatureFile, Status, Strength};
use serde_json::Value;

fn files() -> Vec<SignatureFile> {
    signature::load(&[]).unwrap().files.into_iter().map(|loaded| loaded.file).collect()
}

fn products(files: &[SignatureFile]) -> impl Iterator<Item = (&SignatureFile, &Product)> {
    files.iter().flat_map(|file| file.products.iter().map(move |product| (file, product)))
}

/// Where something can be looked up: an address, not a hint at one.
fn is_address(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

#[test]
fn every_conclusive_indicator_has_a_source_to_look_up() {
    let files = files();
    let mut without = Vec::new();
    for (file, product) in products(&files) {
        for indicator in product.indicators.iter().filter(|one| one.strength == Strength::Conclusive) {
            let mut sources = indicator.source.as_slice().iter();
            if !sources.any(|key| file.sources.get(key).is_some_and(|source| is_address(source))) {
                without.push(format!("{}/{}/{}", file.vendor.id, product.id, indicator.id));
            }
        }
    }
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn no_source_stands_there_that_nothing_cites() {
    let mut idle = Vec::new();
    for file in files() {
        for key in file.sources.keys() {
            let indicators = file.products.iter().flat_map(|product| &product.indicators);
            let cited = indicators.map(|indicator| &indicator.source);
            let steps = file.products.iter().flat_map(|product| &product.removal).map(|step| &step.source);
            if !cited.chain(steps).any(|source| source.as_slice().contains(key)) {
                idle.push(format!("{}: {key}", file.vendor.id));
            }
        }
    }
    assert!(idle.is_empty(), "{idle:#?}");
}

#[test]
fn every_product_has_examples_of_both_kinds() {
    // An informational product that only weak signs show is never reported.
    let is_silent = |product: &&Product| {
        product.status == Status::Informational
            && product.indicators.iter().all(|indicator| indicator.strength == Strength::Supporting)
    };
    let files = files();
    let lacking: Vec<String> = products(&files)
        .filter(|(_, product)| {
            let examples = &product.examples;
            let shown = !examples.positive.is_empty() || !examples.possible.is_empty() || is_silent(product);
            !shown || examples.negative.is_empty()
        })
        .map(|(file, product)| format!("{}/{}", file.vendor.id, product.id))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn the_first_vendor_is_covered() {
    let files = files();
    let of_vendor: Vec<&Product> = products(&files)
        .filter(|(file, _)| file.vendor.id == "kaspersky")
        .map(|(_, product)| product)
        .collect();
    let conclusive = of_vendor.iter().flat_map(|product| &product.indicators);
    let conclusive = conclusive.filter(|indicator| indicator.strength == Strength::Conclusive).count();
    assert!(of_vendor.len() >= 60 && conclusive >= 600, "{} products, {conclusive}", of_vendor.len());
}

/// Fields that name whose software something is, and the facts of a maker that stand in them.
const MAKERS: &[(Field, &str)] = &[
    (Field::Publisher, "firms"),
    (Field::Vendor, "firms"),
    (Field::Packager, "firms"),
    (Field::Maintainer, "firms"),
    (Field::Author, "firms"),
    (Field::Company, "firms"),
    (Field::Copyright, "firms"),
    (Field::Signer, "firms"),
    (Field::SignerChain, "firms"),
    (Field::Subject, "firms"),
    (Field::TeamIdentifier, "teams"),
    (Field::BundleIdentifier, "bundles"),
    (Field::Homepage, "sites"),
    (Field::Reference, "images"),
];
/// Fields of these names that say something else.
const OTHER_MEANINGS: &[(&str, Field)] = &[
    // Who published a model, not software; asked by its namespace.
    ("ai_models", Field::Vendor),
    ("ai_models", Field::Author),
    // Who packed software of others.
    ("chocolatey_packages", Field::Packager),
    // A key that a program chose for itself; asked with what the key holds.
    ("registry_roots", Field::Vendor),
];
/// What makes an entry one of a program that is there.
const BESIDE: &[(Field, &str)] =
    &[(Field::Type, "activation"), (Field::OnDisk, "yes"), (Field::Format, "msi")];

/// A fact that a vendor's file states, as the value of a field.
fn stated(maker: &Value, facts: &str) -> Option<String> {
    let mut texts = maker[facts].as_array()?.iter().filter_map(Value::as_str);
    Some(match facts {
        "bundles" => format!("{}example", texts.next()?),
        "sites" => format!("https://{}/", texts.find(|site| !site.contains('/'))?),
        "images" => format!("{}/example:1", texts.next()?),
        _ => texts.next()?.to_owned(),
    })
}

/// Each vendor is known by every source and field that names a maker: its facts stand once in its file.
#[test]
fn every_vendor_is_found_by_every_field_that_names_one() {
    use debar::finding::matcher::Matcher;
    use debar::model::{Artifact, Location};

    let set = signature::load(&[]).unwrap();
    let matcher = Matcher::new(&set);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let (mut tried, mut silent) = (0, Vec::new());
    for file in &set.files {
        let vendor = &file.file.vendor.id;
        let raw: Value =
            serde_json::from_slice(&std::fs::read(folder.join(format!("{vendor}.json"))).unwrap()).unwrap();
        let products = raw["products"].as_array().unwrap();
        let makers: Vec<&Value> = products.iter().filter_map(|product| product.get("maker")).collect();
        // The products of many vendors, each named alone, so that no other one is advised beside it.
        assert!(!makers.is_empty() || vendor == "protection", "{vendor} states no maker");
        for maker in makers {
            assert!(stated(maker, "firms").is_some(), "{vendor} states no firm");
            for collector in collector::all() {
                for (field, facts) in MAKERS.iter().filter(|(field, _)| collector.yields.contains(field)) {
                    let Some(text) =
                        stated(maker, facts).filter(|_| !OTHER_MEANINGS.contains(&(collector.name, *field)))
                    else {
                        continue;
                    };
                    let artifact = Artifact::new(collector.name, Location::default());
                    let beside = BESIDE.iter().filter(|(field, _)| collector.yields.contains(field));
                    let artifact =
                        beside.fold(artifact, |artifact, (field, text)| artifact.with(*field, *text));
                    let hits = matcher.hits(&artifact.with(*field, text.as_str()));
                    let is_found = hits.iter().any(|hit| {
                        matcher.product(hit.product).is_some_and(|found| found.vendor.id == *vendor)
                    });
                    tried += 1;
                    if !is_found {
                        silent.push(format!("{vendor}: {} {field} {text}", collector.name));
                    }
                }
            }
        }
    }
    assert!(tried > 2_500, "{tried} pairs");
    assert!(silent.is_empty(), "{} of {tried}: {silent:#?}", silent.len());
}

/// Otherwise the test above would prove nothing.
#[test]
fn a_maker_that_no_vendor_states_is_found_nowhere() {
    use debar::finding::matcher::Matcher;
    use debar::model::{Artifact, Location};

    let set = signature::load(&[]).unwrap();
    let matcher = Matcher::new(&set);
    let other = serde_json::json!({"firms": ["Example Ltd"], "teams": ["ABCDE12345"], "bundles": ["com.example."],
        "sites": ["example.com"], "images": ["docker.io/example"]});
    for collector in collector::all() {
        for (field, facts) in MAKERS.iter().filter(|(field, _)| collector.yields.contains(field)) {
            let text = stated(&other, facts).unwrap();
            let artifact = Artifact::new(collector.name, Location::default()).with(*field, text);
            assert_eq!(matcher.hits(&artifact), [], "{} {field}", collector.name);
        }
    }
}

/// An editor finds the schema through `$schema`, and the schema accepts every file.
#[test]
fn editors_can_check_every_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let read = |path: PathBuf| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        seen += 1;
        let file = read(path.clone());
        let named = file["$schema"].as_str().unwrap_or_default();
        assert!(named.starts_with("schema/"), "{}: $schema is {named:?}", path.display());
        let schema = jsonschema::validator_for(&read(folder.join(named))).unwrap();
        let errors: Vec<String> = schema.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
    assert!(seen >= 35, "{seen} files");
}

/// What an editor shows while someone types: every field of the schema says what it is.
#[test]
fn the_schema_describes_every_field() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/schema");
    for name in ["signatures.schema.json", "rules.schema.json"] {
        let schema: Value = serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap();
        let definitions = schema["$defs"].as_object().unwrap().iter();
        let objects = definitions.map(|(key, value)| (key.as_str(), value)).chain([("file", &schema)]);
        for (object, value) in objects {
            let Some(fields) = value["properties"].as_object() else { continue };
            for (field, value) in fields {
                // What is a reference is described where it leads.
                let described = value.get("description").is_some() || value.get("$ref").is_some();
                assert!(described, "{name}: {object}.{field} says nothing");
            }
        }
    }
}
