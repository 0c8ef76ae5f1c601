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

/// Fields that name whose software something is.
const MAKERS: &[Field] = &[
    Field::Publisher,
    Field::Vendor,
    Field::Packager,
    Field::Maintainer,
    Field::Author,
    Field::Company,
    Field::Signer,
    Field::SignerChain,
    Field::TeamIdentifier,
    Field::Label,
    Field::Subject,
];
/// Fields of these names that say something else, or that another field of the same artifact says better.
const OTHER_MEANINGS: &[(&str, Field)] = &[
    // Who published a model, not software; asked by its namespace.
    ("ai_models", Field::Vendor),
    // Teams that a profile allows or denies: a profile that denies a vendor is none of its software.
    ("configuration_profiles", Field::TeamIdentifier),
    // The label of a job, asked by its name.
    ("launchd", Field::Label),
    // Who packed software of others.
    ("chocolatey_packages", Field::Packager),
    // A distinguished name whose parts are the publisher.
    ("appx_packages", Field::Subject),
    ("setup_packages", Field::Subject),
    // Addresses; the vendor is a field of its own.
    ("jetbrains_plugins", Field::Author),
    ("vscode_extensions", Field::Author),
];

#[test]
fn the_first_vendor_is_found_by_every_field_that_names_one() {
    let files = files();
    let mut asked = std::collections::BTreeSet::new();
    for (_, product) in products(&files).filter(|(file, _)| file.vendor.id == "kaspersky") {
        for indicator in &product.indicators {
            for name in indicator.collectors.iter().flat_map(|name| collector::matched(name)) {
                asked.extend(indicator.conditions.keys().map(|field| (name.to_owned(), *field)));
            }
        }
    }
    let mut silent = Vec::new();
    for collector in collector::all() {
        for field in collector.yields.iter().filter(|field| MAKERS.contains(field)) {
            if !OTHER_MEANINGS.contains(&(collector.name, *field))
                && !asked.contains(&(collector.name.to_owned(), *field))
            {
                silent.push(format!("{}: {field}", collector.name));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
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
