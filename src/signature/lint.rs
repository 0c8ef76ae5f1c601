//! What a correct signature file may still get wrong: indicators that say the same twice, that another one of the
//! product already covers, that can never match, or that find what another vendor's software may be called. None of
//! them makes a file unusable.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::check::Mistake;
use super::locate::Step;
use super::model::Texts;
use super::normalise::normalise;
use super::{Condition, Indicator, Product, SignatureFile, fact, witness};
use crate::collector::named;
use crate::model::FieldKind;

/// Everything questionable in a file: the indicator it is in, and why.
pub(super) fn signatures(file: &SignatureFile) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (at, product) in file.products.iter().enumerate() {
        for (index, indicator) in product.indicators.iter().enumerate() {
            let place: Vec<Step> = vec!["products".into(), at.into(), "indicators".into(), index.into()];
            if let Some(why) = dead(product, indicator) {
                found.push((place.clone(), format!("dead: {why}")));
            }
            found.extend(witness::missing(indicator).into_iter().map(|why| (place.clone(), why)));
            if let Some(why) = fact::lacking(&file.vendor, product, indicator) {
                found.push((place.clone(), format!("no vendor fact: {why}")));
            }
            if let Some((other, which)) = seen.get(&form(indicator)).copied() {
                let same = name_of(file, other, which);
                found.push((place.clone(), format!("duplicate: asks the same as `{same}`")));
            } else if let Some(by) = shadowed_by(product, index) {
                let why = format!("shadowed: whatever meets it meets `{by}`, too, which says as much");
                found.push((place, why));
            }
            seen.entry(form(indicator)).or_insert((at, index));
        }
    }
    found
}

fn name_of(file: &SignatureFile, product: usize, indicator: usize) -> String {
    let product = file.products.get(product);
    let indicator = product.and_then(|product| product.indicators.get(indicator));
    let id = |id: Option<&String>| id.cloned().unwrap_or_default();
    format!("{}/{}", id(product.map(|product| &product.id)), id(indicator.map(|indicator| &indicator.id)))
}

/// What an indicator asks, whatever the order it is written in.
fn form(indicator: &Indicator) -> String {
    let mut collectors: Vec<&str> = indicator.collectors.iter().map(String::as_str).collect();
    collectors.sort_unstable();
    format!("{collectors:?} {:?} {:?}", indicator.conditions, indicator.unless)
}

/// Why an indicator can never match.
fn dead(product: &Product, indicator: &Indicator) -> Option<String> {
    let exists = |name: &&String| {
        named(name).is_none_or(|collector| {
            let os = collector.applies.os;
            os.is_empty() || product.platforms.iter().any(|platform| os.contains(platform))
        })
    };
    if let Some(name) = indicator.collectors.iter().find(|name| !exists(name)) {
        let platforms: Vec<&str> = product.platforms.iter().map(|os| os.word()).collect();
        return Some(format!("`{name}` has nothing on {}, the product's platforms", platforms.join(" and ")));
    }
    for (field, condition) in &indicator.conditions {
        let kind = field.kind();
        if let Some(texts) = exact(kind, condition)
            && !texts.iter().any(|text| possible(kind, condition, text))
        {
            return Some(format!("no text meets all that is asked of `{field}`"));
        }
        if let Some(unless) = indicator.unless.get(field)
            && !condition.or_absent
            && implies(kind, condition, unless)
        {
            return Some(format!("`unless` takes back all that `where` asks of `{field}`"));
        }
    }
    None
}

/// Whether an exact text could meet the other operators of its condition that are plain comparisons.
fn possible(kind: FieldKind, condition: &Condition, text: &str) -> bool {
    let any = |texts: &Option<Texts>, holds: &dyn Fn(&str) -> bool| {
        texts
            .as_ref()
            .is_none_or(|texts| texts.as_slice().iter().any(|wanted| holds(&normalise(kind, wanted))))
    };
    any(&condition.prefix, &|wanted| text.starts_with(wanted))
        && any(&condition.suffix, &|wanted| text.ends_with(wanted))
        && any(&condition.contains, &|wanted| text.contains(wanted))
}

/// The id of an indicator of the product that matches whatever the given one matches and says as much.
fn shadowed_by(product: &Product, index: usize) -> Option<&str> {
    let narrow = product.indicators.get(index)?;
    let covers = |(at, wide): &(usize, &Indicator)| {
        *at != index
            && wide.strength >= narrow.strength
            && wide.state == narrow.state
            && wide.unless.is_empty()
            && narrow.collectors.iter().all(|name| wide.collectors.contains(name))
            && wide.conditions.iter().all(|(field, condition)| {
                narrow.conditions.get(field).is_some_and(|own| implies(field.kind(), own, condition))
            })
            // Of two that cover each other the first one stays.
            && (form(wide) != form(narrow) || *at < index)
    };
    product.indicators.iter().enumerate().find(covers).map(|(_, indicator)| indicator.id.as_str())
}

/// The texts of which one must be the whole text; `None` when the condition names none.
fn exact(kind: FieldKind, condition: &Condition) -> Option<Vec<Cow<'_, str>>> {
    let one = |text| normalise(kind, text);
    match (&condition.equals, &condition.any_of) {
        (Some(text), None) => Some(vec![one(text)]),
        (None, Some(texts)) => Some(texts.iter().map(|text| one(text)).collect()),
        (Some(text), Some(texts)) => {
            let text = one(text);
            Some(if texts.iter().any(|other| one(other) == text) { vec![text] } else { Vec::new() })
        }
        (None, None) => None,
    }
}

/// Whether every text that meets `narrow` meets `wide`. Says no where it cannot tell.
fn implies(kind: FieldKind, narrow: &Condition, wide: &Condition) -> bool {
    let all = |texts: &Option<Texts>| -> Vec<String> {
        let texts = texts.as_ref().map(Texts::as_slice).unwrap_or_default();
        texts.iter().map(|text| normalise(kind, text).into_owned()).collect()
    };
    let own = exact(kind, narrow);
    let own_exact: Vec<String> = own.iter().flatten().map(|text| text.to_string()).collect();
    // Each operator of the wide condition must be met by what the narrow one guarantees of a text.
    let guaranteed = |wanted: &[String], like: &[String], holds: &dyn Fn(&str, &str) -> bool| {
        let each = |texts: &[String]| {
            !texts.is_empty() && texts.iter().all(|text| wanted.iter().any(|wanted| holds(text, wanted)))
        };
        wanted.is_empty() || each(&own_exact) || each(like)
    };
    let exact_fits = exact(kind, wide).is_none_or(|wanted| {
        !own_exact.is_empty() && own_exact.iter().all(|text| wanted.iter().any(|wanted| wanted == text))
    });
    let parts = all(&narrow.contains);
    let contained = |wanted: &[String]| {
        guaranteed(wanted, &parts, &|text, wanted| text.contains(wanted))
            || guaranteed(wanted, &all(&narrow.prefix), &|text, wanted| text.contains(wanted))
            || guaranteed(wanted, &all(&narrow.suffix), &|text, wanted| text.contains(wanted))
    };
    exact_fits
        && (wide.or_absent || !narrow.or_absent)
        && guaranteed(&all(&wide.prefix), &all(&narrow.prefix), &|text, wanted| text.starts_with(wanted))
        && guaranteed(&all(&wide.suffix), &all(&narrow.suffix), &|text, wanted| text.ends_with(wanted))
        && contained(&all(&wide.contains))
        && (wide.glob.is_none() || wide.glob == narrow.glob)
        && (wide.regex.is_none() || wide.regex == narrow.regex)
        && (wide.version.is_none() || wide.version == narrow.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(indicators: &str) -> SignatureFile {
        serde_json::from_str(&format!(
            r#"{{"format": 1, "vendor": {{"id": "v", "name": "V"}}, "version": "1", "date": "2026-01-01",
            "sources": {{"s": "x"}}, "rules": [], "products": [{{"id": "p", "name": "P", "status": "banned",
            "platforms": ["linux"], "indicators": [{indicators}]}}]}}"#
        ))
        .unwrap()
    }

    fn indicator(id: &str, more: &str) -> String {
        format!(r#"{{"id": "{id}", "strength": "conclusive", "reason": "a test", "source": "s", {more}}}"#)
    }

    fn linted(indicators: &[String]) -> Vec<String> {
        let found = signatures(&file(&indicators.join(",")));
        found.into_iter().map(|(path, what)| format!("{:?}: {what}", path.last().unwrap())).collect()
    }

    const DEB: &str = r#""collectors": ["deb_packages"]"#;

    #[test]
    fn good_files_have_nothing_questionable() {
        let found = linted(&[
            indicator("a", &format!(r#"{DEB}, "where": {{"name": {{"equals": "acme"}}}}"#)),
            indicator("b", &format!(r#"{DEB}, "where": {{"name": {{"prefix": "acme-"}}}}"#)),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn the_same_question_twice() {
        let found = linted(&[
            indicator(
                "a",
                r#""collectors": ["deb_packages", "rpm_packages"], "where": {"name": {"equals": "acme"}}"#,
            ),
            indicator(
                "b",
                r#""collectors": ["rpm_packages", "deb_packages"], "where": {"name": {"equals": "acme"}}"#,
            ),
        ]);
        assert_eq!(found, ["Index(1): duplicate: asks the same as `p/a`"]);
    }

    #[test]
    fn a_narrow_question_behind_a_wide_one() {
        let wide =
            indicator("wide", &format!(r#"{DEB}, "where": {{"name": {{"prefix": ["acme-", "acmed"]}}}}"#));
        for narrow in [
            r#""where": {"name": {"any_of": ["ACME-gui", "acmed"]}}"#,
            r#""where": {"name": {"prefix": "acme-agent"}}"#,
            r#""where": {"name": {"prefix": "acme-"}, "maintainer": {"contains": "Acme"}}"#,
        ] {
            let found = linted(&[indicator("narrow", &format!("{DEB}, {narrow}")), wide.clone()]);
            assert_eq!(found.len(), 1, "{narrow}: {found:?}");
            assert!(found[0].contains("shadowed") && found[0].contains("`wide`"), "{found:?}");
        }
        for other in [
            r#""where": {"name": {"any_of": ["acme-gui", "acm"]}}"#,
            r#""where": {"name": {"contains": "acme-"}}"#,
            r#""where": {"maintainer": {"contains": "Acme"}}"#,
        ] {
            let found = linted(&[indicator("other", &format!("{DEB}, {other}")), wide.clone()]);
            assert!(found.is_empty(), "{other}: {found:?}");
        }
    }

    #[test]
    fn what_can_never_match() {
        for (dead, why) in [
            (r#""where": {"name": {"equals": "acme", "prefix": "bolt"}}"#, "no text"),
            (r#""where": {"name": {"equals": "acme", "any_of": ["bolt"]}}"#, "no text"),
            (
                r#""where": {"name": {"equals": "acme-x"}}, "unless": {"name": {"prefix": "acme"}}"#,
                "takes back",
            ),
        ] {
            let found = linted(&[indicator("x", &format!("{DEB}, {dead}"))]);
            assert!(found.len() == 1 && found[0].contains(why), "{dead}: {found:?}");
        }
    }

    #[test]
    fn a_field_that_may_be_missing_guarantees_nothing() {
        let asks = |absent: &str| {
            format!(
                r#"{DEB}, "where": {{"name": {{"equals": "acme"}}, "maintainer": {{"contains": "Acme"{absent}}}}}"#
            )
        };
        let (required, optional) = (asks(""), asks(r#", "or_absent": true"#));
        let found = linted(&[indicator("narrow", &required), indicator("wide", &optional)]);
        assert!(found.len() == 1 && found[0].contains("`wide`"), "{found:?}");
    }
}
