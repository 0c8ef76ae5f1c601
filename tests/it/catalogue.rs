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

/// Fields of makers that hold something else than a name: a label with its key, a distinguished name.
const NOT_NAMES: &[Field] = &[Field::Label, Field::Subject];
/// Fields that name a vendor among other words.
const WEAK_MAKERS: &[Field] = &[Field::Copyright];

#[test]
fn a_field_that_names_the_first_vendor_is_enough_in_every_source() {
    use debar::finding::matcher::Matcher;
    use debar::model::{Artifact, Location};

    let set = signature::load(&[]).unwrap();
    let matcher = Matcher::new(&set);
    let (mut tried, mut silent) = (0, Vec::new());
    // The name of a key is a vendor's own spelling, and asked with what the key holds.
    for collector in collector::all().filter(|collector| collector.name != "registry_roots") {
        let makers = collector.yields.iter().filter(|field| {
            let is_maker = MAKERS.contains(field) || WEAK_MAKERS.contains(field);
            is_maker && !NOT_NAMES.contains(field) && !OTHER_MEANINGS.contains(&(collector.name, **field))
        });
        for field in makers {
            let name = if *field == Field::TeamIdentifier { "2Y8XE5CQ94" } else { "AO Kaspersky Lab" };
            let mut artifact = Artifact::new(collector.name, Location::default()).with(*field, name);
            // What makes an entry one of a program that is there.
            for (other, value) in [(Field::Type, "activation"), (Field::OnDisk, "yes")] {
                if collector.yields.contains(&other) {
                    artifact = artifact.with(other, value);
                }
            }
            tried += 1;
            let is_hit = matcher
                .hits(&artifact)
                .iter()
                .any(|hit| matcher.product(hit.product).is_some_and(|found| found.vendor.id == "kaspersky"));
            if !is_hit {
                silent.push(format!("{}: {field}", collector.name));
            }
        }
    }
    assert!(tried > 60, "{tried} fields");
    assert!(silent.is_empty(), "{silent:#?}");
}

/// A maker that a signature asks for alone, and the first text that it has to be or hold.
fn maker(indicator: &Value, collector: &str, field: &str) -> Option<String> {
    let of_it = indicator["collectors"].as_array()?.iter().any(|name| name == collector);
    let conditions = indicator["where"].as_object()?;
    if !of_it
        || conditions.len() != 1
        || indicator.get("unless").is_some()
        || indicator.get("state").is_some()
    {
        return None;
    }
    let condition = conditions.get(field)?;
    let texts = ["any_of", "contains", "equals", "prefix"].iter().find_map(|kind| condition.get(*kind))?;
    let first = texts.as_array().and_then(|list| list.first()).unwrap_or(texts);
    first.as_str().map(str::to_owned)
}

/// Where the same maker is known as in a package of rpm or dpkg, or in a program.
const ELSEWHERE: &[(&str, &str, &str, Field)] = &[
    ("rpm_packages", "vendor", "snap_packages", Field::Publisher),
    ("rpm_packages", "vendor", "flatpak_packages", Field::Vendor),
    ("rpm_packages", "vendor", "image", Field::Vendor),
    ("rpm_packages", "vendor", "jetbrains_plugins", Field::Vendor),
    ("rpm_packages", "vendor", "polkit_actions", Field::Vendor),
    ("deb_packages", "maintainer", "apk_packages", Field::Maintainer),
    ("program_files", "signer", "kernel_modules", Field::Signer),
    ("program_files", "signer", "driver_packages", Field::Signer),
    ("program_files", "signer", "apps", Field::Signer),
    ("program_files", "company", "driver_bindings", Field::Company),
];

#[test]
fn the_maker_of_a_package_is_the_maker_of_a_snap_and_of_a_driver() {
    use debar::finding::matcher::Matcher;
    use debar::model::{Artifact, Location};

    let set = signature::load(&[]).unwrap();
    let matcher = Matcher::new(&set);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let (mut vendors, mut tried, mut silent) = (std::collections::BTreeSet::new(), 0, Vec::new());
    for file in &set.files {
        let vendor = &file.file.vendor.id;
        let path = folder.join(format!("{vendor}.json"));
        let Ok(bytes) = std::fs::read(path) else { continue };
        let raw: Value = serde_json::from_slice(&bytes).unwrap();
        for product in raw["products"].as_array().unwrap() {
            for indicator in product["indicators"].as_array().into_iter().flatten() {
                for (source, asked, name, field) in ELSEWHERE {
                    let Some(text) = maker(indicator, source, asked) else { continue };
                    let artifact = Artifact::new(name, Location::default()).with(*field, text.as_str());
                    let is_hit = matcher.hits(&artifact).iter().any(|hit| {
                        let found = matcher.product(hit.product).unwrap();
                        found.vendor.id == *vendor
                            && Some(found.product.id.as_str()) == product["id"].as_str()
                    });
                    tried += 1;
                    vendors.insert(vendor.clone());
                    if !is_hit {
                        silent.push(format!("{vendor}/{}: {name} {field} {text}", product["id"]));
                    }
                }
            }
        }
    }
    assert!(vendors.len() >= 10 && tried > 50, "{tried} makers of {vendors:?}");
    assert!(silent.is_empty(), "{silent:#?}");
    for (_, _, name, field) in ELSEWHERE {
        let artifact = Artifact::new(name, Location::default()).with(*field, "Example Ltd");
        assert_eq!(matcher.hits(&artifact), [], "{name}");
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
