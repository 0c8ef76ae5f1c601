//! Whether what makes a finding names its vendor. A bare name is anybody's: other firms have products, packages and
//! services of the same name. So a conclusive indicator must ask for something that only the vendor's own software has.

use crate::model::{CollectorId, Field, FieldKind};

use super::model::Texts;
use super::{Condition, Indicator, Product, Status, Strength, Vendor, literal};

/// A name or firm with fewer letters needs a second fact of another kind.
const MIN_WORD: usize = 6;
/// A folder path with fewer letters does, too.
const MIN_FOLDER: usize = 8;

/// What a condition says about where software comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fact {
    /// Only the vendor can have it: a signature, a product code, an identifier below its domain.
    Identity,
    /// The firm that calls itself its maker.
    Firm,
    /// A folder it lies in.
    Folder,
    /// What it is called.
    Name,
    /// Kind, version, state: nothing about its maker.
    Other,
}

/// Why a conclusive indicator of a banned product may find another vendor's software; `None` when it names a fact about
/// its own, or gives its reason.
pub(super) fn lacking(vendor: &Vendor, product: &Product, indicator: &Indicator) -> Option<String> {
    let decides = product.status == Status::Banned && indicator.strength == Strength::Conclusive;
    if !decides || indicator.reason.is_some() || indicator.conditions.is_empty() {
        return None;
    }
    let facts: Vec<(Fact, usize)> = indicator
        .conditions
        .iter()
        .map(|(field, condition)| (fact(*field, condition), shortest(condition)))
        .collect();
    let long =
        |fact: Fact, least: usize| facts.iter().any(|(kind, letters)| *kind == fact && *letters >= least);
    let is_authored = indicator.conditions.contains_key(&Field::Author);
    // What agrees in two fields is not by chance: a service of that name in that folder, a package of that maker.
    let several = facts.iter().filter(|(fact, _)| *fact != Fact::Other).count() > 1;
    let is_managed =
        indicator.collectors.iter().all(|name| CollectorId::of(name).is_some_and(CollectorId::is_managed));
    let suffices = facts.iter().any(|(fact, _)| *fact == Fact::Identity)
        || several
        || (long(Fact::Firm, MIN_WORD) && !is_authored)
        || long(Fact::Folder, MIN_FOLDER)
        || (is_managed && long(Fact::Name, MIN_WORD) && is_whole(indicator))
        || names_vendor(vendor, indicator);
    if suffices {
        return None;
    }
    Some(if is_authored {
        "an author alone is no fact about the vendor; add the name".to_owned()
    } else {
        "a name alone is anybody's; add the publisher, signer, folder, code or identifier that only the \
              vendor's software has, or give a `reason`"
            .to_owned()
    })
}

/// Whether a name says enough to be one firm's alone.
pub(super) fn is_firm(name: &str) -> bool {
    letters(name) >= MIN_WORD
}

fn fact(field: Field, condition: &Condition) -> Fact {
    match field {
        Field::Signer
        | Field::SignerChain
        | Field::TeamIdentifier
        | Field::IdentifyingNumber
        | Field::UpgradeCode
        | Field::PackageCode
        | Field::PackageFamilyName
        | Field::Sha1
        | Field::Serial
        | Field::Digest
        | Field::Namespace
        | Field::Module
        | Field::Dependencies
        | Field::UpdateUrl => Fact::Identity,
        // Below a domain, or an extension's id of thirty-two letters.
        Field::BundleIdentifier
        | Field::Identifier
        | Field::Label
        | Field::Homepage
        | Field::Source
        | Field::Reference => {
            let is_id = |text: &str| text.contains(['.', '/', '@', '{']) || text.len() >= 32;
            if texts(condition).all(is_id) { Fact::Identity } else { Fact::Name }
        }
        Field::Publisher
        | Field::Vendor
        | Field::Maintainer
        | Field::Packager
        | Field::Company
        | Field::Copyright
        | Field::Subject
        | Field::Issuer
        | Field::Author => Fact::Firm,
        Field::Name
        | Field::DisplayName
        | Field::Product
        | Field::FileDescription
        | Field::OriginalFilename
        | Field::InternalName
        | Field::Service
        | Field::Description
        | Field::Soname => Fact::Name,
        _ if field.kind() == FieldKind::Path => {
            // `Key` ends in a product's code or key, which is a name unless it is a code.
            let is_code = |text: &str| text.contains('{');
            let is_folder = |text: &str| text.trim_matches(['/', '\\']).contains(['/', '\\']);
            match field {
                Field::Key if texts(condition).all(is_code) => Fact::Identity,
                _ if texts(condition).all(|text| is_folder(text) || text.ends_with(['/', '\\'])) => {
                    Fact::Folder
                }
                _ => Fact::Name,
            }
        }
        _ => Fact::Other,
    }
}

/// Whether its names are asked for whole, or by a beginning: a part may be part of anything.
fn is_whole(indicator: &Indicator) -> bool {
    let named =
        indicator.conditions.iter().filter(|(field, _)| matches!(field, Field::Name | Field::Identifier));
    named.map(|(_, condition)| condition).all(|condition| {
        condition.equals.is_some()
            || condition.any_of.is_some()
            || condition.prefix.is_some()
            || condition.regex.as_deref().is_some_and(|pattern| pattern.starts_with('^'))
    })
}

/// Whether each name it asks for holds the vendor's name and a word more: `Acme Backup`.
fn names_vendor(vendor: &Vendor, indicator: &Indicator) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let names: Vec<String> = std::iter::once(&vendor.name)
        .chain(&vendor.aliases)
        .map(|name| lower(name))
        .filter(|name| letters(name) >= MIN_WORD)
        .collect();
    let is_both = |text: &str| {
        let text = lower(text);
        let is_followed = |name: &String| letters(&text) > letters(name) || text.ends_with(' ');
        names.iter().any(|name| text.contains(name) && is_followed(name))
    };
    let mut of_names = indicator
        .conditions
        .iter()
        .filter(|(field, condition)| fact(**field, condition) == Fact::Name)
        .map(|(_, condition)| condition);
    of_names.any(|condition| texts(condition).next().is_some() && texts(condition).all(is_both))
}

/// Every text that a condition names but those of expressions, whose parts are no names.
fn texts(condition: &Condition) -> impl Iterator<Item = &str> {
    let many = [&condition.prefix, &condition.suffix, &condition.contains, &condition.glob];
    let many = many.into_iter().flatten().flat_map(Texts::as_slice);
    let any_of = condition.any_of.iter().flatten();
    condition.equals.iter().chain(any_of).chain(many).map(String::as_str)
}

/// The letters that every match has at least.
fn shortest(condition: &Condition) -> usize {
    let of_texts = texts(condition).map(letters).min();
    let of_regex = condition.regex.as_deref().and_then(literal::of_regex);
    let of_regex = of_regex.and_then(|texts| texts.iter().map(|text| letters(text)).min());
    of_texts.max(of_regex).unwrap_or_default()
}

/// Letters and digits; one of a script that writes words with it, as Chinese does, says as much as two.
fn letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphanumeric()).map(weight).sum()
}

/// How much a character says, in letters.
pub(super) fn weight(letter: char) -> usize {
    if ('\u{2e80}'..='\u{ffef}').contains(&letter) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn lacks(collector: &str, conditions: &Value) -> bool {
        let vendor =
            serde_json::from_value(json!({"id": "acme", "name": "Acme Corp", "aliases": ["Akme"]})).unwrap();
        let product = json!({"id": "p", "name": "P", "status": "banned", "platforms": ["windows"], "indicators": [
            {"id": "i", "collectors": [collector], "strength": "conclusive", "where": conditions, "source": "s"}]});
        let product: Product = serde_json::from_value(product).unwrap();
        lacking(&vendor, &product, &product.indicators[0]).is_some()
    }

    #[test]
    fn a_name_alone_is_anybodys() {
        for (collector, conditions) in [
            ("programs", json!({"name": {"equals": "Backup Tool"}})),
            ("programs", json!({"name": {"prefix": "Akme"}})),
            ("services", json!({"name": {"equals": "AcmeSvc"}})),
            ("services", json!({"path": {"suffix": "/mms.exe"}})),
            ("programs", json!({"publisher": {"contains": "Acm"}})),
            ("program_files", json!({"path": {"contains": "/kcs/"}})),
            ("deb_packages", json!({"name": {"equals": "kics"}})),
            ("deb_packages", json!({"name": {"contains": "backup"}})),
            ("python_packages", json!({"author": {"contains": "Acme Corporation"}})),
            ("launchd", json!({"label": {"equals": "backup"}})),
            ("programs", json!({"name": {"equals": "Backup Tool"}, "version": {"version": ">=1"}})),
        ] {
            assert!(lacks(collector, &conditions), "{collector} {conditions}");
        }
    }

    #[test]
    fn a_fact_about_the_vendor_suffices() {
        for (collector, conditions) in [
            ("programs", json!({"name": {"equals": "CPS"}, "publisher": {"contains": "Acm"}})),
            ("programs", json!({"publisher": {"contains": "Acme Corporation"}})),
            ("programs", json!({"name": {"prefix": "Acme Corp Backup"}})),
            ("services", json!({"display_name": {"prefix": "Acme Corp "}})),
            ("services", json!({"name": {"equals": "mms"}, "path": {"contains": "acme"}})),
            ("programs", json!({"identifying_number": {"equals": "{1}"}})),
            ("programs", json!({"key": {"suffix": "/{0D1B2C3A}_is1"}})),
            ("program_files", json!({"signer": {"contains": "Acme"}})),
            ("program_files", json!({"path": {"contains": "/opt/acmebackup/"}})),
            ("deb_packages", json!({"name": {"any_of": ["acme-backup", "acmebackup"]}})),
            ("python_packages", json!({"name": {"regex": "^acmecloudsdk[a-z]+$"}})),
            ("python_packages", json!({"name": {"equals": "acme"}, "author": {"contains": "Acme"}})),
            ("apps", json!({"bundle_identifier": {"prefix": "com.acme."}})),
            ("npm_packages", json!({"namespace": {"equals": "@acme"}})),
            ("scoop_packages", json!({"name": {"equals": "qq"}, "homepage": {"contains": "im.acme.com"}})),
            ("programs", json!({"name": {"equals": "金山毒霸"}, "publisher": {"contains": "金山"}})),
            ("programs", json!({"publisher": {"contains": "金山软件"}})),
        ] {
            assert!(!lacks(collector, &conditions), "{collector} {conditions}");
        }
    }

    #[test]
    fn a_reason_or_a_lesser_claim_is_let_pass() {
        let vendor = serde_json::from_value(json!({"id": "acme", "name": "Acme Corp"})).unwrap();
        let indicator = json!({"id": "i", "collectors": ["services"], "strength": "conclusive", "source": "s",
            "where": {"name": {"equals": "AcmeSvc"}}});
        for (status, key, value) in [
            ("banned", "reason", json!("a registered trade mark")),
            ("banned", "strength", json!("supporting")),
            ("informational", "id", json!("i")),
        ] {
            let mut indicator = indicator.clone();
            indicator[key] = value;
            let product: Product = serde_json::from_value(json!({"id": "p", "name": "P", "status": status,
                "platforms": ["windows"], "indicators": [indicator]}))
            .unwrap();
            assert_eq!(lacking(&vendor, &product, &product.indicators[0]), None, "{status} {key}");
        }
    }
}
