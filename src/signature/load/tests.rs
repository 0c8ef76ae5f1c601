use super::*;

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    match check(&[folder.path().to_owned()]) {
        Ok(_) => Vec::new(),
        Err(Error::Signatures { problems }) => {
            let prefix = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
            problems.iter().map(|problem| problem.replace(&prefix, "")).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

const GOOD: &str = r#"{
  "format": 1,
  "vendor": { "id": "example", "name": "Example" },
  "version": "1", "date": "2026-01-02",
  "sources": { "doc": "Example handbook" },
  "rules": [],
  "products": [
    { "id": "tool", "name": "Tool", "status": "banned", "platforms": ["linux"],
      "indicators": [
        { "id": "deb", "collectors": ["deb_packages"], "strength": "conclusive",
          "where": { "name": { "prefix": "example-tool" } }, "source": "doc" }
      ] }
  ]
}
"#;

/// The problems of the good file with one text replaced.
fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    problems(&[("example.json", &GOOD.replacen(from, to, 1))])
}

#[test]
fn the_built_in_files_have_no_mistake_and_are_those_of_the_folder() {
    let texts = unpack(BUILT_IN_TEXTS).unwrap();
    let built_in = split(&texts).unwrap();
    let (_, text) = built_in.iter().find(|(name, _)| *name == RULES).unwrap();
    let rules: RulesFile = parse(RULES, text).unwrap();
    assert_eq!(placed(RULES, text, check::rules(&rules)), []);
    let ids = rules.rules.into_iter().map(|rule| rule.id).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let mut files = BTreeSet::new();
    for (name, text) in built_in {
        assert_eq!(text, std::fs::read_to_string(folder.join(name)).unwrap());
        if name != RULES {
            assert_eq!(placed(name, text, check::signatures(&parse(name, text).unwrap(), &ids)), []);
        }
        files.insert(folder.join(name));
    }
    let there = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(files, there.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect());
}

#[test]
fn damage_of_the_built_in_files_is_told() {
    let assert_refused = |error: Error| {
        let Error::Signatures { problems } = error else { panic!("{error}") };
        assert!(problems[0].contains("install debar again"), "{problems:?}");
    };
    let mut flipped = BUILT_IN_TEXTS.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    assert_refused(unpack(&flipped).unwrap_err());
    assert_refused(unpack(&BUILT_IN_TEXTS[..BUILT_IN_TEXTS.len() / 2]).unwrap_err());
    assert_refused(split("{}").unwrap_err());
}

#[test]
fn a_good_file_has_no_problem() {
    assert_eq!(problems(&[("example.json", GOOD)]), [""; 0]);
}

#[test]
fn names_that_do_not_exist_are_told_with_the_one_that_was_meant() {
    assert_eq!(
        changed("deb_packages", "deb_package"),
        ["example.json:10:39: no collector `deb_package`; did you mean `deb_packages`?"]
    );
    assert_eq!(
        changed("\"source\": \"doc\"", "\"source\": \"dok\""),
        ["example.json:11:72: no source `dok`; did you mean `doc`?"]
    );
    assert_eq!(
        changed("\"rules\": []", "\"rules\": [\"us-ndaa-1635\"]").len(),
        1,
        "a rule that is not in rules.json"
    );
    let unknown = changed("\"prefix\"", "\"prefx\"");
    assert!(unknown[0].starts_with("example.json:11:"), "{unknown:?}");
    assert!(unknown[0].ends_with("did you mean `prefix`?"), "{unknown:?}");
}

#[test]
fn a_field_that_the_collector_does_not_yield_is_told() {
    let found = changed("\"name\": { \"prefix\"", "\"signer\": { \"prefix\"");
    assert!(
        found[0].starts_with("example.json:11:32: `deb_packages` yields no `signer`; it yields name"),
        "{found:?}"
    );
}

#[test]
fn patterns_that_cannot_work_are_told() {
    for (condition, problem) in [
        ("{ \"regex\": \"example(\" }", "no regular expression: unclosed group"),
        ("{ \"regex\": \"[a-z]+\" }", "no literal"),
        ("{ \"glob\": \"**\" }", "a pattern of wildcards alone"),
        ("{ \"contains\": \"\" }", "an empty text"),
        ("{ \"any_of\": [] }", "an empty list"),
        ("{ \"contains\": \"ab\" }", "too broad"),
        ("{}", "a condition that asks nothing"),
        ("{ \"equals\": \"example\", \"version\": \"about 3\" }", "no version range"),
    ] {
        let found = changed("{ \"prefix\": \"example-tool\" }", condition);
        assert!(found.iter().any(|it| it.contains(problem)), "{condition}: {found:?}");
    }
}

#[test]
fn a_bare_file_name_is_not_conclusive() {
    let found = problems(&[("example.json", &GOOD.replace("deb_packages", "processes"))]);
    assert!(found[0].contains("a bare name of `processes` is never conclusive"), "{found:?}");
    let with_path = GOOD
        .replace("deb_packages", "processes")
        .replace("\"name\": { \"prefix\": \"example-tool\" }", "\"path\": { \"prefix\": \"/opt/example/\" }");
    assert_eq!(problems(&[("example.json", &with_path)]), [""; 0]);
}

#[test]
fn what_is_given_twice_is_told() {
    let twice = changed("\"doc\": \"Example handbook\"", "\"doc\": \"a\", \"doc\": \"b\"");
    assert_eq!(twice, ["example.json:5:28: the key `doc` is given twice"]);
    let vendor = problems(&[("a.json", GOOD), ("b.json", GOOD)]);
    assert_eq!(vendor.len(), 1);
    assert!(vendor[0].starts_with("b.json:3:21: `example` is the vendor of "), "{vendor:?}");
}

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    let text = GOOD
        .replace("\"format\": 1", "\"format\": 9")
        .replace("2026-01-02", "yesterday")
        .replace("\"id\": \"tool\"", "\"id\": \"Tool 1\"")
        .replace("\"banned\"", "\"exempt\"");
    let found = problems(&[("example.json", &text)]);
    assert_eq!(
        found,
        [
            "example.json:2:13: file format 9 is not known; this debar reads format 1",
            "example.json:4:27: `yesterday` is no date; write YYYY-MM-DD",
            "example.json:8:13: `Tool 1` is no id; use lower-case letters, digits, `-`, `_` and `.`",
            "example.json:8:49: a product with status `exempt` needs a `note` that says why",
        ]
    );
}

#[test]
fn a_condition_that_a_missing_field_meets_needs_one_beside_it() {
    let from = r#""name": { "prefix": "example-tool" }"#;
    let alone = changed(from, r#""name": { "prefix": "example-tool", "or_absent": true }"#);
    assert!(alone.iter().any(|problem| problem.contains("too broad")), "{alone:?}");
    let beside = format!(r#"{from}, "maintainer": {{ "contains": "Example", "or_absent": true }}"#);
    assert_eq!(changed(from, &beside), Vec::<String>::new());
    let nothing = changed(from, &format!(r#"{from}, "maintainer": {{ "or_absent": true }}"#));
    assert!(nothing.iter().any(|problem| problem.contains("asks nothing")), "{nothing:?}");
    let unless = r#""where": { "name": { "prefix": "example-tool" } }, "unless": { "maintainer": { "contains": "Other", "or_absent": true } }"#;
    let unless = changed(r#""where": { "name": { "prefix": "example-tool" } }"#, unless);
    assert!(unless.iter().any(|problem| problem.contains("or_absent")), "{unless:?}");
}

/// The rules that a product cites.
fn cited<'a>(file: &'a SignatureFile, product: &'a crate::signature::Product) -> &'a [String] {
    product.rules.as_ref().unwrap_or(&file.rules)
}

#[test]
fn rules_and_products_name_each_other() {
    let set = load(&[]).unwrap();
    let mut wrong = Vec::new();
    for rule in set.rules.values().filter(|rule| !rule.audiences.is_empty()) {
        let without = set.without_software(&[rule.id.clone()].into());
        for vendor in &rule.vendors {
            let files = set.files.iter().filter(|loaded| set.is_vendor(vendor, &loaded.file.vendor.id));
            let is_cited = |file: &SignatureFile| {
                file.products.iter().any(|product| cited(file, product).contains(&rule.id))
            };
            if !files.map(|loaded| &loaded.file).any(is_cited) && !without.iter().any(|one| one.id == *vendor)
            {
                wrong.push(format!("{} names {vendor}, and no product cites it", rule.id));
            }
        }
    }
    for file in set.files.iter().map(|loaded| &loaded.file) {
        for product in &file.products {
            for id in cited(file, product) {
                if !set.rules[id].vendors.iter().any(|vendor| set.is_vendor(vendor, &file.vendor.id)) {
                    wrong.push(format!(
                        "{}/{} cites {id}, which does not name it",
                        file.vendor.id, product.id
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The audiences that rules name, each with what its rules name.
fn audiences(set: &SignatureSet) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::<String, BTreeSet<String>>::new();
    for rule in set.rules.values() {
        for audience in &rule.audiences {
            all.entry(audience.to_string()).or_default().extend(rule.vendors.iter().cloned());
        }
    }
    all
}

#[test]
fn an_audience_binds_every_vendor_that_its_rules_name() {
    let mut set = load(&[]).unwrap();
    let mut lacking = Vec::new();
    for (audience, vendors) in audiences(&set) {
        let rules = set.rules_for(&[audience.parse().unwrap()]);
        set.bind(Some(&rules));
        let without: Vec<String> = set.without_software(&rules).iter().map(|one| one.id.clone()).collect();
        for vendor in vendors.iter().filter(|vendor| !without.contains(vendor)) {
            let mut files = set.files.iter().map(|loaded| &loaded.file);
            let is_bound = files.any(|file| {
                set.is_vendor(vendor, &file.vendor.id)
                    && file.products.iter().any(|product| {
                        set.binds(&file.vendor.id, &product.id)
                            && cited(file, product).iter().any(|id| rules.contains(id))
                    })
            });
            if !is_bound {
                lacking.push(format!("{audience}: {vendor}"));
            }
        }
    }
    assert_eq!(lacking, Vec::<String>::new());
}

#[test]
fn audiences_have_the_vendors_that_their_orders_list() {
    let set = load(&[]).unwrap();
    let all = audiences(&set);
    let named = |audience: &str, vendors: &[&str]| {
        let known = all.get(audience).unwrap_or_else(|| panic!("no rule for {audience}"));
        for vendor in vendors {
            assert!(known.contains(*vendor), "{audience} lacks {vendor}: {known:?}");
        }
    };
    named("state:ME", &["kaspersky", "bytedance", "dahua", "dji", "hikvision", "huawei", "hytera", "zte"]);
    named(
        "state:NJ",
        &["kaspersky", "alibaba", "bytedance", "dahua", "hikvision", "hytera", "tencent", "zte"],
    );
    named("state:NH", &["kaspersky", "bytedance", "huawei"]);
    named("state:FL", &["kaspersky", "tencent", "vk"]);
    for state in ["GA", "MT", "NC", "OH", "TN", "VA"] {
        named(&format!("state:{state}"), &["bytedance", "tencent"]);
    }
    for state in ["AL", "AR", "IA", "ID", "KS", "MD", "ND", "NE", "NV", "OK", "SD", "TX", "UT", "WI"] {
        named(&format!("state:{state}"), &["bytedance"]);
    }
    named("country:AU", &["bytedance", "deepseek", "kaspersky"]);
    for country in ["BE", "CZ", "NL"] {
        named(&format!("country:{country}"), &["bytedance", "deepseek"]);
    }
    for country in ["AT", "CA", "DK", "EE", "EU", "FR", "GB", "IN", "JP", "LV", "NZ", "PL"] {
        named(&format!("country:{country}"), &["bytedance"]);
    }
    for country in ["CA", "DE", "EU", "GB", "IT", "LT", "LV", "NL", "PL", "RO", "UA"] {
        named(&format!("country:{country}"), &["kaspersky"]);
    }
    for country in ["CA", "IT", "KR", "TW"] {
        named(&format!("country:{country}"), &["deepseek"]);
    }
}

#[test]
fn a_rule_has_its_own_dates_for_each_vendor() {
    let set = load(&[]).unwrap();
    let since = |rule: &str, vendor: &str| {
        set.rules[rule]
            .applied(jiff::civil::date(2026, 11, 30), |id| set.is_vendor(id, vendor))
            .since
            .unwrap()
    };
    for (vendor, day) in [
        ("huawei", "2021-03-12"),
        ("kaspersky", "2022-03-25"),
        ("china-carriers", "2022-03-25"),
        ("dji", "2025-12-22"),
    ] {
        assert_eq!(since("us-fcc-covered-list", vendor), day, "{vendor}");
    }
    assert_eq!(since("us-sd-eo2023-06", "deepseek"), "2025-03-04");
    assert_eq!(since("us-al-2025-03-26", "bytedance"), "2022-12-12");
    assert_eq!(since("us-al-2025-03-26", "manus"), "2025-03-26");
    assert_eq!(since("in-69a-2020", "alibaba"), "2020-06-29");
    assert_eq!(since("ua-sanctions-2017", "doctor-web"), "2015-09-16");
    let before = set.rules["us-fcc-covered-list"].applied(jiff::civil::date(2024, 1, 1), |id| id == "dji");
    assert!(!before.in_force && before.next.is_some_and(|next| next.date == "2025-12-22"));
}

/// Words of an author about how a fact was found and how sure it is.
const WORKING: &[&str] = &[
    "recalled",
    "verify",
    "gopher",
    "sourced)",
    "not found",
    "not read",
    "generally reported",
    "no winget",
    "guessed",
    "(weak",
    "weak:",
    "only live",
    "treat ",
    "report as",
    " id 7",
    "state executive\"",
    "check the new",
];

#[test]
fn no_working_note_reaches_a_user() {
    let set = load(&[]).unwrap();
    let mut texts: Vec<(String, String)> = Vec::new();
    for rule in set.rules.values() {
        texts.push((rule.id.clone(), serde_json::to_string(rule).unwrap().to_lowercase()));
    }
    for product in set.files.iter().flat_map(|loaded| &loaded.file.products) {
        let steps = product.removal.iter().filter_map(|step| step.note.as_deref());
        for note in product.note.as_deref().into_iter().chain(steps) {
            texts.push((product.id.clone(), note.to_lowercase()));
        }
    }
    for (id, text) in &texts {
        for word in WORKING {
            assert!(!text.contains(word), "{id}: {word}: {text}");
        }
    }
    for rule in set.rules.values() {
        for address in rule.sources.iter().chain([&rule.url]) {
            assert!(
                address.starts_with("https://") || address.starts_with("http://"),
                "{}: {address}",
                rule.id
            );
            // The home page of an authority is no source that can be checked.
            let page = address.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
            assert!(page.is_some_and(|(_, page)| !page.is_empty()), "{}: {address}", rule.id);
        }
    }
}
