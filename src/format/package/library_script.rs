//! Records of packages that are written in a language of their own, of which only assignments of texts are read: rockspecs
//! of Lua, applications of Erlang, opam's files, headers of WordPress, manifests of PowerShell, `release` of the JDK,
//! records of PEAR, packs of Prolog.

use super::library_record::{Record, Records, broken, one};
use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::xml;

/// Bytes of a header of WordPress; the program reads as many.
pub const HEADER: usize = 8 << 10;

/// The text in quotes that begins a value, whatever stands around it.
fn quoted(value: &str) -> Option<&str> {
    let value = value.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = value.get(1..)?;
    value.get(..value.find(quote)?).filter(|text| !text.is_empty())
}

/// The texts in quotes of a value that is one text or a list in brackets.
fn all_quoted(value: &str) -> Vec<String> {
    let value = value.trim_start();
    let Some(list) = value.strip_prefix('[') else {
        return quoted(value).map(str::to_owned).into_iter().collect();
    };
    let list = list.get(..list.find(']').unwrap_or(list.len())).unwrap_or_default();
    list.split('"').skip(1).step_by(2).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// What follows a key that begins a line, and the sign behind it.
fn after<'a>(text: &'a str, key: &str, sign: char) -> Option<&'a str> {
    let line = text.lines().find_map(|line| {
        let rest = line.trim_start();
        let is_key = rest.get(..key.len())?.eq_ignore_ascii_case(key);
        let rest = is_key.then(|| rest.get(key.len()..))??;
        rest.trim_start().strip_prefix(sign)
    })?;
    // The rest of the text, so that a value may go on in further lines.
    let at = line.as_ptr() as usize - text.as_ptr() as usize;
    text.get(at..)
}

fn value(text: &str, key: &str, sign: char) -> Option<String> {
    after(text, key, sign).and_then(quoted).map(str::to_owned)
}

/// That brackets which opened are not closed: the text ends too early.
fn is_open(text: &str, open: char, close: char) -> bool {
    text.matches(open).count() > text.matches(close).count()
}

fn salvaged(record: Option<Record>, is_cut: bool) -> Records {
    let Some(record) = record.filter(|record| !record.name.is_empty()) else {
        return broken(DamageKind::Corrupt, "a package without a name");
    };
    if is_cut || record.version.is_none() {
        let damage =
            vec![Damage::new(DamageKind::Truncated, None, "the description of the package is cut off")];
        return Salvaged { value: vec![record], damage };
    }
    one(record)
}

/// `NAME-VERSION.rockspec`.
pub fn rockspec(bytes: &[u8]) -> Records {
    let text = String::from_utf8_lossy(bytes);
    let record = value(&text, "package", '=').map(|name| Record {
        name,
        version: value(&text, "version", '='),
        description: value(&text, "summary", '='),
        maintainers: value(&text, "maintainer", '=').into_iter().collect(),
        homepage: value(&text, "homepage", '='),
        licenses: value(&text, "license", '=').into_iter().collect(),
        ..Record::default()
    });
    salvaged(record, is_open(&text, '{', '}') || !bytes.ends_with(b"\n") && !bytes.ends_with(b"}"))
}

/// `ebin/NAME.app`: `{application, NAME, [{vsn, "1.0"}, …]}.`; nothing when it is something else.
pub fn erlang(bytes: &[u8]) -> Option<Records> {
    let text = String::from_utf8_lossy(bytes);
    let start = text.trim_start();
    let is_application =
        start.starts_with("{application") || start.starts_with('%') && text.contains("{application");
    if !is_application {
        let is_cut = !start.is_empty() && "{application".starts_with(start);
        return is_cut.then(|| broken(DamageKind::Truncated, "an application of Erlang is cut off"));
    }
    let (_, rest) = text.split_once("{application")?;
    let name = rest.trim_start_matches([',', ' ', '\n', '\t', '\r']);
    let name = name.get(..name.find(',').unwrap_or(name.len())).unwrap_or_default();
    let entry = |key: &str| {
        let (_, rest) = rest.split_once(&format!("{{{key}"))?;
        quoted(rest.trim_start().strip_prefix(',')?).map(str::to_owned)
    };
    let record = Record {
        name: name.trim().trim_matches('\'').to_owned(),
        version: entry("vsn"),
        description: entry("description"),
        ..Record::default()
    };
    Some(salvaged(Some(record), !text.trim_end().ends_with('.')))
}

/// A file `opam`; the folder around it is called `NAME.VERSION` or `NAME`.
pub fn opam(bytes: &[u8], folder: &str) -> Records {
    let text = String::from_utf8_lossy(bytes);
    let (called, version) =
        folder.split_once('.').map_or((folder, None), |(name, version)| (name, Some(version)));
    let list = |key: &str| after(&text, key, ':').map(all_quoted).unwrap_or_default();
    let record = Record {
        name: value(&text, "name", ':').unwrap_or_else(|| called.to_owned()),
        version: value(&text, "version", ':').or_else(|| version.map(str::to_owned)),
        description: value(&text, "synopsis", ':'),
        authors: list("authors"),
        maintainers: list("maintainer"),
        homepage: list("homepage").into_iter().next(),
        licenses: list("license"),
        vendor: None,
    };
    let is_cut = is_open(&text, '[', ']') || is_open(&text, '{', '}') || text.matches('"').count() % 2 == 1;
    let is_cut = is_cut || !text.contains("opam-version") || !text.ends_with(['\n', '}', ']']);
    salvaged(Some(record), is_cut)
}

/// The longest first word of a `META` file of findlib.
const FIRST_WORD: usize = 12;

/// `META` of findlib, OCaml's manager of libraries; nothing when a file is another of that name. Sub-packages stand in brackets.
pub fn findlib(bytes: &[u8], folder: &str) -> Option<Records> {
    let text = String::from_utf8_lossy(bytes);
    let own = text.split("package ").next().unwrap_or(&text);
    let is_findlib = ["version", "description", "requires", "archive", "directory", "package"]
        .iter()
        .any(|key| after(&text, key, '=').is_some() || text.trim_start().starts_with(key));
    // A shorter file may have been cut off before its first word ends.
    if !is_findlib && text.len() > FIRST_WORD {
        return None;
    }
    let record = Record {
        name: folder.to_owned(),
        version: value(own, "version", '='),
        description: value(own, "description", '='),
        ..Record::default()
    };
    let is_cut =
        is_open(&text, '(', ')') || text.matches('"').count() % 2 == 1 || !text.ends_with(['\n', ')', '"']);
    let damage =
        is_cut.then(|| Damage::new(DamageKind::Truncated, None, "the description of the package is cut off"));
    Some(Salvaged { value: vec![record], damage: damage.into_iter().collect() })
}

/// The header of a plug-in or theme of WordPress; nothing when a file has none.
pub fn wordpress(bytes: &[u8]) -> Option<Records> {
    let head = bytes.get(..bytes.len().min(HEADER)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let field = |key: &str| {
        let line = text.lines().find_map(|line| {
            let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@']);
            line.get(..key.len())?.eq_ignore_ascii_case(key).then(|| line.get(key.len()..))?
        })?;
        let value = line.trim_start().strip_prefix(':')?.trim().trim_end_matches("*/").trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let Some(name) = field("Plugin Name").or_else(|| field("Theme Name")) else {
        let start = text.trim_start();
        let is_cut = text.contains("/*") && !text.contains("*/") && bytes.len() < HEADER;
        let is_begun = start.len() < 9
            && !start.is_empty()
            && ["<?php\n/**", "<?php /**", "/**", "<?php\n\n/"].iter().any(|it| it.starts_with(start));
        return (is_cut || is_begun)
            .then(|| broken(DamageKind::Truncated, "the file ends inside its header"));
    };
    let record = Record {
        name,
        version: field("Version"),
        description: field("Description"),
        authors: field("Author").into_iter().collect(),
        homepage: field("Plugin URI").or_else(|| field("Theme URI")),
        licenses: field("License").into_iter().collect(),
        ..Record::default()
    };
    let is_cut = bytes.len() < HEADER && !text.contains("*/");
    // The header need not have a version.
    let mut records = salvaged(Some(record), is_cut);
    if !is_cut {
        records.damage.clear();
    }
    Some(records)
}

/// A manifest `NAME.psd1` of PowerShell; nothing when it is another file of data.
pub fn powershell(bytes: &[u8], name: &str) -> Option<Records> {
    let text = xml::decoded(bytes);
    // A signature may follow.
    let of = |key: &str| value(&text, key, '=');
    let end = text.lines().rev().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let is_cut = is_open(&text, '{', '}') || !end.is_some_and(|line| line.ends_with('}'));
    let Some(version) = of("ModuleVersion") else {
        let is_table = end.is_some() && (text.contains("@{") || text.trim() == "@");
        return (is_cut && is_table).then(|| broken(DamageKind::Truncated, "the manifest is cut off"));
    };
    let record = Record {
        name: name.to_owned(),
        version: Some(version),
        description: of("Description"),
        authors: of("Author").into_iter().collect(),
        vendor: of("CompanyName").filter(|name| !name.eq_ignore_ascii_case("unknown")),
        homepage: of("ProjectUri"),
        ..Record::default()
    };
    Some(salvaged(Some(record), is_cut))
}

/// `release` of a JDK; nothing when the file is of something else.
pub fn java(bytes: &[u8]) -> Option<Records> {
    let text = String::from_utf8_lossy(bytes);
    let Some(version) = value(&text, "JAVA_VERSION", '=') else {
        let begins = |key: &&str| text.starts_with(key) || !text.is_empty() && key.starts_with(&*text);
        let is_ours = ["IMPLEMENTOR", "JAVA_"].iter().any(begins);
        return is_ours.then(|| broken(DamageKind::Truncated, "a runtime without its version"));
    };
    let record = Record {
        name: "java".to_owned(),
        version: value(&text, "JAVA_RUNTIME_VERSION", '=').or(Some(version)),
        description: value(&text, "IMPLEMENTOR_VERSION", '='),
        vendor: value(&text, "IMPLEMENTOR", '='),
        ..Record::default()
    };
    Some(salvaged(Some(record), text.matches('"').count() % 2 == 1))
}

/// `.registry/…/NAME.reg` of PEAR: PHP's serialised form, `s:4:"name";s:3:"Kit";`.
pub fn pear(bytes: &[u8], name: &str) -> Records {
    let text = String::from_utf8_lossy(bytes);
    let of = |key: &str| {
        let (_, rest) = text.split_once(&format!("\"{key}\";"))?;
        rest.strip_prefix("s:").and_then(|rest| quoted(rest.split_once(':')?.1)).map(str::to_owned)
    };
    let record = Record {
        name: of("name").unwrap_or_else(|| name.to_owned()),
        version: of("release").or_else(|| of("version")),
        description: of("summary"),
        authors: of("lead").into_iter().collect(),
        ..Record::default()
    };
    salvaged(Some(record), is_open(&text, '{', '}'))
}

/// `pack.pl` of SWI-Prolog: `name(kit).`, `version('1.0').`
pub fn prolog(bytes: &[u8]) -> Records {
    let text = String::from_utf8_lossy(bytes);
    let of = |key: &str| {
        let value = after(&text, key, '(')?;
        let value = value.get(..value.find([')', ','])?)?.trim().trim_matches(['\'', '"']);
        (!value.is_empty()).then(|| value.to_owned())
    };
    let record = of("name").map(|name| Record {
        name,
        version: of("version"),
        description: of("title"),
        authors: of("author").into_iter().collect(),
        homepage: of("home"),
        ..Record::default()
    });
    salvaged(record, !text.trim_end().ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(records: &Records) -> (String, String, String) {
        let record = &records.value[0];
        let whose = record.authors.iter().chain(&record.maintainers).chain(&record.vendor);
        (
            record.name.clone(),
            record.version.clone().unwrap_or_default(),
            whose.cloned().collect::<Vec<_>>().join("|"),
        )
    }

    const ROCKSPEC: &[u8] = b"package = \"kit\"\nversion = '1.0-1'\ndescription = {\n  summary = \"a kit\",\n  maintainer = \"Example Ltd\"\n}\n";
    const APP: &[u8] =
        b"{application, kit,\n [{description, \"A kit\"},\n  {vsn, \"1.0\"},\n  {modules, []}]}.\n";
    const OPAM: &[u8] =
        b"opam-version: \"2.0\"\nsynopsis: \"a kit\"\nmaintainer: \"Example Ltd\"\nauthors: [\n  \"One\"\n  \"Two\"\n]\nlicense: \"MIT\"\n";
    const PLUGIN: &[u8] =
        b"<?php\n/**\n * Plugin Name: The Kit\n * Version: 1.0\n * Author: Example Ltd\n */\n";
    const MANIFEST: &[u8] =
        b"@{\nRootModule = 'Kit.psm1'\nModuleVersion = '1.0'\nAuthor = 'One'\nCompanyName = 'Example Ltd'\nPrivateData = @{ PSData = @{ } }\n}\n# SIG # End signature block\n";
    const RELEASE: &[u8] = b"IMPLEMENTOR=\"Example Ltd\"\nJAVA_VERSION=\"17.0.1\"\nOS_NAME=\"Linux\"\n";
    const REG: &[u8] = b"a:2:{s:4:\"name\";s:3:\"Kit\";s:7:\"version\";a:1:{s:7:\"release\";s:3:\"1.0\";}}";
    const PACK: &[u8] =
        b"name(kit).\nversion('1.0').\ntitle('A kit').\nauthor('Example Ltd', 'a@example.com').\n";

    fn every(bytes: [&[u8]; 8]) -> Vec<Option<Records>> {
        let [rock, app, ocaml, plugin, manifest, release, reg, pack] = bytes;
        vec![
            Some(rockspec(rock)),
            erlang(app),
            Some(opam(ocaml, "kit.1.0")),
            wordpress(plugin),
            powershell(manifest, "kit"),
            java(release),
            Some(pear(reg, "kit")),
            Some(prolog(pack)),
        ]
    }

    const ALL: [&[u8]; 8] = [ROCKSPEC, APP, OPAM, PLUGIN, MANIFEST, RELEASE, REG, PACK];

    #[test]
    fn names_versions_and_makers() {
        let found: Vec<_> = every(ALL).into_iter().map(|records| records.unwrap()).collect();
        assert!(found.iter().all(|records| records.damage.is_empty()), "{found:?}");
        let of =
            |name: &str, version: &str, whose: &str| (name.to_owned(), version.to_owned(), whose.to_owned());
        let expected = [
            of("kit", "1.0-1", "Example Ltd"),
            of("kit", "1.0", ""),
            of("kit", "1.0", "One|Two|Example Ltd"),
            of("The Kit", "1.0", "Example Ltd"),
            of("kit", "1.0", "One|Example Ltd"),
            of("java", "17.0.1", "Example Ltd"),
            of("Kit", "1.0", ""),
            of("kit", "1.0", "Example Ltd"),
        ];
        assert_eq!(found.iter().map(short).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_cut_record_is_damage() {
        for (at, whole) in ALL.iter().enumerate() {
            // At the end of a line, a shorter file of some of these is whole.
            let middle = whole.len() * 3 / 5;
            let middle = middle + usize::from(whole[..middle].ends_with(b"\n"));
            let mut bytes = ALL;
            bytes[at] = &whole[..middle];
            let records = every(bytes).remove(at);
            assert!(records.is_none_or(|records| !records.damage.is_empty()), "{at}: cut to {middle}");
        }
    }

    #[test]
    fn other_files_are_nothing() {
        assert_eq!(erlang(b"<?xml version=\"1.0\"?>"), None);
        assert_eq!(wordpress(b"<?php echo 1;"), None);
        assert_eq!(powershell(b"@{ Rules = @() }", "x"), None);
        assert_eq!(java(b"NAME=\"Linux\"\n"), None);
    }

    #[test]
    fn libraries_of_ocaml() {
        let text =
            b"description = \"A (kit)\"\nversion = \"1.0\"\npackage \"sub\" (\n  version = \"2.0\"\n)\n";
        let found = findlib(text, "kit").unwrap();
        assert_eq!((found.value[0].name.as_str(), found.value[0].version.as_deref()), ("kit", Some("1.0")));
        assert_eq!(found.damage, []);
        assert!(!findlib(&text[..30], "kit").unwrap().damage.is_empty());
        assert!(findlib(b"{\"other\": \"file\"}", "kit").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = every([&bytes; 8]);
        }
        #[test]
        fn any_change_never_panics(at in 0..8_usize, place in any::<prop::sample::Index>(), value in any::<u8>()) {
            let mut changed = ALL[at].to_vec();
            let place = place.index(changed.len());
            changed[place] = value;
            let mut bytes = ALL;
            bytes[at] = &changed;
            let _ = every(bytes);
        }
    }
}
