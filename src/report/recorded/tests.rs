#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::model::{Artifact, Field, GapKind, State, TargetKind};

fn text(artifact: &Artifact, field: Field) -> &str {
    artifact.text(field).unwrap_or_default()
}

#[test]
fn a_cyclonedx_bill_gives_artifacts_of_the_collectors_that_would_have_seen_them() {
    let bill = r#"{
      "bomFormat": "CycloneDX", "specVersion": "1.6",
      "metadata": {
        "timestamp": "2026-01-02T03:04:05Z",
        "tools": {"components": [{"type": "application", "name": "maker", "version": "1.2"}]},
        "component": {"type": "container", "name": "registry.example/app", "version": "1"}
      },
      "components": [
        {"type": "library", "name": "g++", "version": "12", "purl": "pkg:deb/debian/g%2B%2B@12?arch=amd64",
         "publisher": "Someone", "properties": [{"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"}]},
        {"type": "library", "group": "@scope", "name": "x", "purl": "pkg:npm/%40scope/x@1.0", "author": "A"},
        {"type": "library", "purl": "pkg:maven/com.example/lib@2", "name": "lib"},
        {"type": "library", "purl": "pkg:golang/github.com/a/b@v1", "name": "b"},
        {"type": "application", "name": "Endpoint", "version": 11, "supplier": {"name": "Maker AO"},
         "components": [{"type": "file", "name": "/opt/e/endpoint.exe"}]},
        {"type": "library", "name": ""},
        "no component"
      ]
    }"#;
    let recorded = read(bill.as_bytes(), "app.json").unwrap().remove(0);
    assert_eq!(recorded.document.tool, "maker 1.2");
    assert_eq!(recorded.document.made, "2026-01-02T03:04:05Z");
    assert_eq!(
        (recorded.target.kind, recorded.target.host.as_str()),
        (TargetKind::Sbom, "registry.example/app")
    );
    let seen: Vec<(&str, &str)> =
        recorded.artifacts.iter().map(|one| (one.collector, text(one, Field::Name))).collect();
    assert_eq!(
        seen,
        [
            ("image", "registry.example/app"),
            ("deb_packages", "g++"),
            ("npm_packages", "@scope/x"),
            ("java_archives", "lib"),
            ("program_files", ""),
            ("programs", "Endpoint"),
            ("apps", "Endpoint"),
            ("program_files", "endpoint.exe"),
        ]
    );
    let of = |collector: &str| recorded.artifacts.iter().find(|one| one.collector == collector).unwrap();
    assert_eq!(text(of("deb_packages"), Field::Maintainer), "Someone");
    assert_eq!(of("deb_packages").location.path.as_deref(), Some("/var/lib/dpkg/status"));
    assert_eq!(text(of("java_archives"), Field::Namespace), "com.example");
    assert_eq!(text(of("program_files"), Field::Module), "github.com/a/b");
    assert_eq!(text(of("programs"), Field::Publisher), "Maker AO");
    let details: Vec<&str> = recorded.gaps.iter().map(|gap| gap.detail.as_str()).collect();
    assert!(details[0].contains("never that there is none"), "{details:?}");
    assert_eq!(details[1], "2 of its entries have no name or an unknown form");
}

#[test]
fn spdx_of_both_generations_is_read() {
    let two = r#"{
      "spdxVersion": "SPDX-2.3", "name": "app", "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: maker-1"]},
      "packages": [{
        "name": "x", "versionInfo": "1", "supplier": "Organization: Maker AO (a@example.org)", "originator": "Person: P",
        "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/x@1"}]
      }],
      "files": [{"fileName": "./opt/x.exe", "checksums": [{"algorithm": "SHA1", "checksumValue": "ab"}]}]
    }"#;
    let recorded = read(two.as_bytes(), "a").unwrap().remove(0);
    assert_eq!((recorded.document.format.as_str(), recorded.document.tool.as_str()), ("spdx", "maker-1"));
    let [package, file] = &recorded.artifacts[..] else { panic!("{:?}", recorded.artifacts) };
    assert_eq!((package.collector, text(package, Field::Name)), ("python_packages", "x"));
    assert!(package.fields[&Field::Author].texts().any(|author| author == "P"));
    assert!(package.fields[&Field::Author].texts().any(|author| author == "Maker AO"));
    assert_eq!((text(file, Field::Name), text(file, Field::Path)), ("x.exe", "opt/x.exe"));

    let three = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
      {"type": "SpdxDocument", "spdxId": "d", "name": "app"},
      {"type": "Organization", "spdxId": "o", "name": "Maker AO"},
      {"type": "software_Package", "spdxId": "p", "name": "Endpoint", "software_packageVersion": "3", "suppliedBy": "o",
       "software_primaryPurpose": "application"}
    ]}"#;
    let recorded = read(three.as_bytes(), "a").unwrap().remove(0);
    assert_eq!(
        (recorded.artifacts[0].collector, text(&recorded.artifacts[0], Field::Publisher)),
        ("programs", "Maker AO")
    );
}

#[test]
fn an_inventory_clears_only_what_it_covers() {
    let inventory = |coverage: &str| {
        format!(
            r#"{{"schema_version": "2.0", "target": {{"kind": "host", "name": "this host", "host": "a", "os": {{"family": "linux"}}}},
            "artifacts": [{{"collector": "deb_packages", "state": "installed", "fields": {{"name": "x"}}, "location": {{}}}},
                          {{"collector": "of_tomorrow", "state": "installed", "fields": {{}}, "location": {{}}}}],
            "gaps": [], "coverage": [{coverage}], "skipped": [],
            "versions": {{"debar": "0.1.0", "account": "root", "elevated": true}},
            "started": "2026-01-02T03:04:05Z", "finished": "2026-01-02T03:04:06Z", "duration_ms": 1}}"#
        )
    };
    let entry = |name: &str, outcome: &str, artifacts: usize| {
        format!(r#"{{"collector": "{name}", "outcome": "{outcome}", "artifacts": {artifacts}, "gaps": 0}}"#)
    };
    let all = |name: &str| match name {
        "deb_packages" => entry(name, "ran", 2),
        "processes" => entry(name, "left_out", 0),
        _ => entry(name, "ran", 0),
    };
    let names = crate::model::CollectorId::ALL.iter().map(|id| id.name()).filter(|name| *name != "image");
    let text = inventory(&names.map(all).collect::<Vec<_>>().join(","));
    let recorded = read(text.as_bytes(), "i").unwrap().remove(0);
    let mut asked: Vec<&str> = recorded.gaps.iter().map(|gap| gap.collector.as_str()).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["deb_packages", "image", "of_tomorrow", "processes"]);
    assert!(recorded.gaps.iter().all(|gap| gap.kind == GapKind::NotRecorded));
    assert_eq!(recorded.artifacts[0].state, State::Installed);
}

#[test]
fn other_documents_are_refused_with_what_they_are() {
    for (text, expected) in [
        (r#"{"schema_version": "2.0", "findings": []}"#, "the report of a scan"),
        (r#"{"a": 1}"#, "no inventory of debar, CycloneDX or SPDX"),
        (r#"{"bomFormat": "CycloneDX", "comp"#, "ends in the middle"),
        (r#"{"spdxVersion": "SPDX-1.2"}"#, "SPDX 2 and 3.0"),
        ("{", "ends in the middle"),
        ("{]", "begins like JSON"),
    ] {
        let error = read(text.as_bytes(), "x").unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(may_begin(b"\xef\xbb\xbf {") && may_begin(b"\xff\xfe{\0") && may_begin(b"{"));
    assert!(!may_begin(b"PK") && !may_begin(b""));
}

#[test]
fn xml_and_tags_say_what_json_says() {
    let seen = |document: &str| {
        let recorded = read(document.as_bytes(), "bill").unwrap().remove(0);
        let about = |one: &Artifact| {
            let maker =
                [Field::Maintainer, Field::Publisher].map(|field| text(one, field).to_owned()).concat();
            (one.collector, text(one, Field::Name).to_owned(), text(one, Field::Version).to_owned(), maker)
        };
        let artifacts: Vec<_> = recorded.artifacts.iter().map(about).collect();
        (recorded.document.made, recorded.document.tool, recorded.target.host, artifacts)
    };
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
      <bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">
        <metadata><timestamp>2026-01-02T03:04:05Z</timestamp>
          <tools><components><component type="application"><name>maker</name><version>1.2</version></component></components></tools>
          <component type="container"><name>app</name><version>1</version></component></metadata>
        <components>
          <component type="library"><publisher>AO &amp; Co</publisher><name>klnagent64</name><version>15.1</version>
            <hashes><hash alg="SHA-1">aa</hash></hashes><purl>pkg:deb/debian/klnagent64@15.1</purl>
            <components><component type="library"><name>x</name><purl>pkg:npm/x@1</purl></component></components>
          </component>
        </components>
      </bom>"#;
    let json = r#"{"bomFormat": "CycloneDX", "metadata": {"timestamp": "2026-01-02T03:04:05Z",
      "tools": {"components": [{"type": "application", "name": "maker", "version": "1.2"}]},
      "component": {"type": "container", "name": "app", "version": "1"}}, "components": [
      {"type": "library", "publisher": "AO & Co", "name": "klnagent64", "version": "15.1",
       "hashes": [{"alg": "SHA-1", "content": "aa"}], "purl": "pkg:deb/debian/klnagent64@15.1",
       "components": [{"type": "library", "name": "x", "purl": "pkg:npm/x@1"}]}]}"#;
    assert_eq!(seen(xml), seen(json));
    let tags = "SPDXVersion: SPDX-2.3\nDocumentName: app\nCreator: Tool: maker-1\nCreated: 2026-01-02T03:04:05Z\n\
        # a package\nPackageName: klnagent64\nPackageVersion: 15.1\nPackageSupplier: Organization: AO (a@b)\n\
        PackageComment: <text>PackageName: no\nPackageName: nor this</text>\n\
        ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/klnagent64@15.1\n\
        FileName: ./opt/x.exe\nFileChecksum: SHA1: bb\n";
    let json = r#"{"spdxVersion": "SPDX-2.3", "name": "app",
      "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: maker-1"]}, "packages": [
      {"name": "klnagent64", "versionInfo": "15.1", "supplier": "Organization: AO (a@b)",
       "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:deb/debian/klnagent64@15.1"}]}],
      "files": [{"fileName": "./opt/x.exe", "checksums": [{"algorithm": "SHA1", "checksumValue": "bb"}]}]}"#;
    assert_eq!(seen(tags), seen(json));
    assert_eq!(seen(tags).3.len(), 2);
    for wrong in ["<html></html>", "<bom><components>", "<bom"] {
        assert!(read(wrong.as_bytes(), "x").is_err(), "{wrong}");
    }
}

#[test]
fn xml_with_names_that_are_not_put_in_their_places_is_refused() {
    let bill = |before: &str, name: &str| {
        let text = format!(
            "<?xml version=\"1.0\"?>{before}<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>\
             <component type=\"library\"><name>{name}</name><version>15.1</version></component></components></bom>"
        );
        read(text.as_bytes(), "bill")
    };
    assert!(!bill("", "klnagent64").unwrap().remove(0).artifacts.is_empty());
    let refused = bill("<!DOCTYPE bom [<!ENTITY v \"klnagent64\">]>", "&v;").unwrap_err().to_string();
    assert!(refused.contains("entities of its own"), "{refused}");
}
