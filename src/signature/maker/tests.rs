use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::finding::matcher::Matcher;
use crate::model::{Artifact, Location};
use crate::signature::SignatureSet;

/// A set whose one product states these facts, expanded.
fn set() -> SignatureSet {
    let mut set = SignatureSet::of_products(&json!([{
        "id": "any", "name": "Any", "status": "banned", "platforms": ["linux"], "indicators": [],
        "maker": {
            "firms": ["Acme Industries", "阿克米（中国）", "Zephyrix"], "brands": ["Acme"], "teams": ["ABCDE12345"], "bundles": ["com.acme."], "libraries": ["com.acme.push"],
            "sites": ["acme.com", "github.com/acme"], "mail": ["acme.com"], "repositories": ["packages.acme.com"],
            "images": ["docker.io/acme", "registry.acme.com"], "source": "s",
        },
    }]));
    set.files.iter_mut().for_each(|loaded| expand(&mut loaded.file));
    set
}

/// How much an artifact with these fields says, if anything.
fn strength(set: &SignatureSet, source: &str, fields: &[(Field, &str)]) -> Option<Strength> {
    let name = collector::named(source).unwrap().name;
    let artifact = Artifact::new(name, Location::default());
    let artifact = fields.iter().fold(artifact, |artifact, (field, text)| artifact.with(*field, *text));
    let matcher = Matcher::new(set);
    matcher.hits(&artifact).into_iter().filter_map(|hit| Some(matcher.indicator(hit)?.strength)).max()
}

#[test]
fn a_firm_is_no_part_of_a_longer_name() {
    let set = set();
    let seen = |text: &str| strength(&set, "programs", &[(Field::Publisher, text)]);
    for own in ["Zephyrix", "ZEPHYRIX, Inc.", "ZephyrixCloud GmbH", "Beijing Zephyrix", "(c) Zephyrix2024"] {
        assert_eq!(seen(own), Some(Strength::Conclusive), "{own}");
    }
    for other in ["Zephyrixer Studio", "Microzephyrix", "Subacme Industries"] {
        assert_eq!(seen(other), None, "{other}");
    }
    let keeper = |text: &str| strength(&set, "deb_packages", &[(Field::Maintainer, text)]);
    assert_eq!(keeper("Zephyrix Team <team@zephyrix.example>"), Some(Strength::Conclusive));
    assert_eq!(keeper("Zephyrixer Fans <zephyrix@example.org>"), None);
}

#[test]
fn other_indicators_ask_for_the_names_of_the_vendor_as_words() {
    let mut set = SignatureSet::of_products(&json!([{
        "id": "any", "name": "Any", "status": "banned", "platforms": ["windows"],
        "indicators": [{"id": "named", "collectors": ["programs"], "strength": "conclusive", "source": "s",
            "where": {"name": {"prefix": "Zephyrix"}, "publisher": {"contains": ["Zephyrix", "艾克"], "or_absent": true}}}],
        "maker": {"firms": ["艾克网络"], "brands": ["Zephyrix"], "source": "s"},
    }]));
    set.files.iter_mut().for_each(|loaded| expand(&mut loaded.file));
    let seen = |name: &str, publisher: &str| {
        strength(&set, "programs", &[(Field::Name, name), (Field::Publisher, publisher)])
    };
    for own in ["Zephyrix Ltd", "zephyrixcloud", "深圳艾克有限公司", ""] {
        assert_eq!(seen("Zephyrix Backup", own), Some(Strength::Conclusive), "{own}");
    }
    assert_eq!(seen("Zephyrixter Notes", "Zephyrixter"), None);
}

#[test]
fn a_firm_is_known_by_every_field_that_names_one() {
    let set = set();
    for (source, field) in [
        ("programs", Field::Publisher),
        ("rpm_packages", Field::Vendor),
        ("deb_packages", Field::Maintainer),
        ("snap_packages", Field::Publisher),
        ("flatpak_packages", Field::Vendor),
        ("image", Field::Vendor),
        ("apps", Field::Signer),
        ("kernel_modules", Field::Signer),
        ("driver_bindings", Field::Company),
        ("processes", Field::SignerChain),
        ("scheduled_tasks", Field::Author),
    ] {
        let seen = |text: &str| strength(&set, source, &[(field, text)]);
        assert_eq!(
            seen("Hangzhou Acme Industries Co., Ltd."),
            Some(Strength::Conclusive),
            "{source} {field}"
        );
        assert_eq!(seen("Acmeland"), None, "{source} {field}");
        assert_eq!(seen("Friends of Acme"), None, "{source} {field}");
    }
    // Wide brackets are compared as plain ones, in expressions, too.
    let wide = [(Field::Maintainer, "阿克米（中国）有限公司 <it@example.org>")];
    assert_eq!(strength(&set, "deb_packages", &wide), Some(Strength::Conclusive));
    for text in ["Acme", "acme inc.", "\"Acme\" <it@acme.com>", "Acme Co., Ltd.", "Acme, LLC"] {
        assert_eq!(
            strength(&set, "deb_packages", &[(Field::Maintainer, text)]),
            Some(Strength::Conclusive),
            "{text}"
        );
    }
}

#[test]
fn what_anyone_may_write_is_a_trace() {
    let set = set();
    for (source, field, text) in [
        ("python_packages", Field::Author, "Acme Industries"),
        ("npm_packages", Field::Author, "Acme"),
        ("chrome_extensions", Field::Author, "Acme"),
        ("deb_packages", Field::Maintainer, "J. Doe <j@lab.acme.com>"),
        ("python_packages", Field::Homepage, "https://acme.com/x"),
        ("kext_policy", Field::TeamIdentifier, "ABCDE12345"),
        ("kernel_modules", Field::Author, "Acme Industries"),
    ] {
        assert_eq!(strength(&set, source, &[(field, text)]), Some(Strength::Supporting), "{source} {field}");
    }
    let anyones = [(Field::Maintainer, "A <a@acme industries.example>")];
    assert_eq!(strength(&set, "deb_packages", &anyones), None);
    assert_eq!(strength(&set, "chocolatey_packages", &[(Field::Packager, "Acme")]), None);
}

#[test]
fn addresses_are_asked_for_by_their_host() {
    let set = set();
    let page = |text: &str| strength(&set, "deb_packages", &[(Field::Homepage, text)]);
    for good in ["https://acme.com", "http://www.acme.com/x"] {
        assert_eq!(page(good), Some(Strength::Conclusive), "{good}");
    }
    for other in [
        "https://notacme.com/",
        "https://x.org/acme.com",
        "https://github.com/acme/library",
        "https://acme.community/",
    ] {
        assert_eq!(page(other), None, "{other}");
    }
    let tool = [(Field::Homepage, "https://github.com/acme/tool")];
    assert_eq!(strength(&set, "scoop_packages", &tool), Some(Strength::Conclusive));
    let image = |text: &str| strength(&set, "image", &[(Field::Reference, text)]);
    for good in [
        "acme/tool:1",
        "docker.io/acme/tool",
        "registry.acme.com/a/b@sha256:0",
        "cn.registry.acme.com:5000/x",
    ] {
        assert_eq!(image(good), Some(Strength::Conclusive), "{good}");
    }
    for other in ["acme", "ghcr.io/acme/tool", "docker.io/acmefan/tool", "mirror.org/acme/tool"] {
        assert_eq!(image(other), None, "{other}");
    }
    assert_eq!(strength(&set, "containers", &[(Field::Reference, "acme/tool")]), Some(Strength::Conclusive));
    let source = |text: &str| strength(&set, "apt_sources", &[(Field::Source, text)]);
    assert_eq!(source("https://packages.acme.com/apt"), Some(Strength::Conclusive));
    assert_eq!(source("https://mirror.org/packages.acme.com/"), None);
}

#[test]
fn a_condition_of_the_source_still_counts() {
    let set = set();
    let job = |kind: &str| strength(&set, "launchd", &[(Field::Label, "com.acme.x"), (Field::Type, kind)]);
    assert_eq!((job("daemon"), job("leftover")), (Some(Strength::Conclusive), None));
    let folder = |path: &str| strength(&set, "program_folders", &[(Field::Path, path)]);
    assert_eq!(folder("/Users/a/Library/Caches/com.acme.tool"), Some(Strength::Conclusive));
    assert_eq!(folder("/Users/a/Library/Caches/ABCDE12345.com.acme.tool"), Some(Strength::Conclusive));
    assert_eq!(folder("/Users/a/Library/Caches/com.acme.push"), None);
    assert_eq!(strength(&set, "apps", &[(Field::BundleIdentifier, "com.acme.pushkit")]), None);
    let label = |text: &str| strength(&set, "image", &[(Field::Label, text)]);
    assert_eq!(label("org.opencontainers.image.vendor=Acme Industries"), Some(Strength::Conclusive));
    assert_eq!(label("maintainer=Acme Inc."), Some(Strength::Conclusive));
    assert_eq!(label("description=a tool for Acme Industries"), None);
}

/// What the tables name exists, so that no fact is asked of a field that nothing yields.
#[test]
fn the_tables_name_sources_that_yield_their_fields() {
    for (field, _, names) in FIELDS_OF_SOME {
        for name in *names {
            let yields = collector::named(name).unwrap().yields;
            assert!(yields.contains(field), "{name} yields no {field}");
        }
    }
    for name in [LIBRARIES, EXTENSIONS, RECORDS, PROGRAMS_OF_MANAGERS].concat() {
        assert!(collector::named(name).is_some(), "{name}");
    }
    let ids: Vec<String> =
        set().files[0].file.products[0].indicators.iter().map(|one| one.id.clone()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn facts_that_cannot_be_right_are_refused() {
    let product = |maker: serde_json::Value| -> Product {
        serde_json::from_value(json!({"id": "p", "name": "P", "status": "banned", "platforms": ["linux"],
            "indicators": [], "maker": maker}))
        .unwrap()
    };
    for (list, text) in [
        ("firms", "Acm"),
        ("brands", "a"),
        ("teams", "abc"),
        ("bundles", "acme"),
        ("sites", "https://acme.com"),
        ("repositories", "packages"),
        ("images", "acme"),
    ] {
        let wrong = mistakes(&product(json!({ list: [text], "source": "s" })));
        assert_eq!(wrong.iter().map(|(list, at, _)| (*list, *at)).collect::<Vec<_>>(), [(list, 0)]);
    }
    assert_eq!(mistakes(&product(json!({"firms": ["Acme Industries"], "source": "s"}))), []);
}
