//! `cyclonedx`: CycloneDX 1.6 (ECMA-424), for tools that keep bills of materials.
//!
//! An inventory is a bill of everything that was seen, each artifact with its source and place, packages with their
//! package URL, modules inside programs of Go and Rust as components of theirs. A scan is a bill of the products that
//! were found, their evidence as components inside, with an annotation that says how they stand. A banned product is
//! no vulnerability, so that list stays empty. Gaps are properties of the document: `debar:gap`.

use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::words::{self, headline, standing};
use super::{
    ArtifactEntry, GapEntry, InventoryReport, Look, ScanReport, TargetInfo, Versions, purl, verdict,
};
use crate::finding::Finding;
use crate::model::{CollectorId, Field, Location, OsIdentity, TargetKind};
use crate::text::hex::uuid;

/// A component under construction: absent members are left out.
struct Component(serde_json::Map<String, Value>);

impl Component {
    fn new(kind: &str, reference: String, name: &str) -> Self {
        let name = if name.is_empty() { "unnamed" } else { name };
        let mut map = serde_json::Map::new();
        map.insert("type".to_owned(), json!(kind));
        map.insert("bom-ref".to_owned(), json!(reference));
        map.insert("name".to_owned(), json!(name));
        Component(map)
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if !empty {
            self.0.insert(key.to_owned(), value);
        }
    }
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("debar:{name}"), "value": value })
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut targets = Vec::new();
    for (at, report) in reports.iter().enumerate() {
        let os = &report.target.os;
        let artifacts = report.artifacts.iter().enumerate();
        let components =
            artifacts.map(|(index, entry)| artifact(entry, os, &format!("{at}.{index}"))).collect();
        targets.push((target(&report.target, &report.gaps, at), components));
    }
    let Some(first) = reports.first() else { return Ok(()) };
    document(&first.versions, &first.started, targets, Vec::new(), out)
}

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let (mut targets, mut annotations) = (Vec::new(), Vec::new());
    for (at, report) in reports.iter().enumerate() {
        let mut components = Vec::new();
        for finding in &report.findings {
            let reference = format!("{at}.{}", finding.id);
            components.push(product(finding, &report.target.os, &reference));
            annotations.push(annotation(finding, &report.versions, &report.started, &reference));
        }
        let mut described = target(&report.target, &report.gaps, at);
        if let Some(Value::Array(properties)) = described.0.get_mut("properties") {
            properties.push(property("verdict", report.verdict.word()));
            properties.push(property("as-of", &report.as_of));
            properties.extend(verdict::lines(report).iter().map(|line| property("summary", line)));
            let skipped = verdict::skipped(report);
            properties.extend(
                skipped.map(|place| property("skipped", &format!("{} ({})", place.place, place.reason))),
            );
        }
        targets.push((described, components));
    }
    let Some(first) = reports.first() else { return Ok(()) };
    document(&first.versions, &first.started, targets, annotations, out)
}

/// One target is what the document is about; several are components that hold theirs.
fn document(
    versions: &Versions,
    started: &str,
    targets: Vec<(Component, Vec<Value>)>,
    annotations: Vec<Value>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut metadata = json!({
        "timestamp": started,
        "tools": { "components": [debar(versions)] },
    });
    let several = targets.len() > 1;
    let mut components = Vec::new();
    for (mut about, inside) in targets {
        if several {
            about.set("components", inside);
            components.push(Value::Object(about.0));
        } else {
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.insert("component".to_owned(), Value::Object(about.0));
            }
            components = inside;
        }
    }
    let serial = serial(started, &metadata, components.len());
    let mut bom = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial,
        "version": 1,
        "metadata": metadata,
        "components": components,
    });
    if !annotations.is_empty()
        && let Some(bom) = bom.as_object_mut()
    {
        bom.insert("annotations".to_owned(), Value::Array(annotations));
    }
    crate::write::json(&bom, true, out)
}

fn debar(versions: &Versions) -> Value {
    json!({ "type": "application", "name": "debar", "version": versions.debar })
}

/// A random-looking UUID (version 8, RFC 9562) of what the document is about and when it was made.
fn serial(started: &str, metadata: &Value, components: usize) -> String {
    let digest = Sha256::digest(format!("{started}\0{metadata}\0{components}").as_bytes());
    format!("urn:uuid:{}", uuid(&digest))
}

fn target(info: &TargetInfo, gaps: &[GapEntry], at: usize) -> Component {
    let kind = match info.kind {
        TargetKind::Image => "container",
        TargetKind::Host | TargetKind::Directory => "device",
        TargetKind::Sbom => "data",
    };
    let mut about = Component::new(kind, format!("target.{at}"), &info.host);
    about.set("description", info.os.name.as_str());
    let mut properties = vec![property("target", &info.name), property("kind", info.kind.word())];
    properties.extend(words::gaps(gaps).into_iter().map(|((place, kind, detail), asked)| {
        property("gap", &format!("{} {place}: {detail} ({})", kind.word(), asked.join(", ")))
    }));
    about.set("properties", properties);
    about
}

fn artifact(entry: &ArtifactEntry, os: &OsIdentity, reference: &str) -> Value {
    let text = |field: Field| entry.fields.get(&field).and_then(|value| value.texts().next());
    let name = [Field::Name, Field::DisplayName, Field::Identifier, Field::Subject, Field::Path];
    let name = name.iter().find_map(|field| text(*field)).unwrap_or(&entry.collector);
    let mut component = Component::new(kind(&entry.collector), reference.to_owned(), name);
    component.set("version", text(Field::Version));
    let makers = [Field::Publisher, Field::Vendor, Field::Maintainer, Field::Company];
    component.set("publisher", makers.iter().find_map(|field| text(*field)));
    component.set("description", text(Field::Description));
    component.set("group", text(Field::Namespace));
    component.set("copyright", text(Field::Copyright));
    if let Some(license) = text(Field::License) {
        component.set("licenses", json!([{ "license": { "name": license } }]));
    }
    component.set("purl", purl::of(entry, os));
    component.set("components", modules(entry, reference));
    component.set("evidence", evidence(&[&entry.location]));
    let mut properties = vec![property("collector", &entry.collector), property("state", entry.state.word())];
    const TOLD: &[Field] =
        &[Field::Name, Field::Version, Field::Description, Field::License, Field::Dependencies];
    let rest = entry.fields.iter().filter(|(field, _)| !TOLD.contains(field));
    for (field, value) in rest {
        properties.extend(value.texts().map(|text| property(&format!("field:{field}"), text)));
    }
    if let Some(layer) = &entry.location.layer {
        properties.push(property("layer", &words::layer(layer)));
    }
    component.set("properties", properties);
    Value::Object(component.0)
}

/// The type of a component, from the collector that saw it.
fn kind(collector: &str) -> &'static str {
    CollectorId::of(collector).map_or("application", |id| id.component().word())
}

/// Modules and crates inside a program.
fn modules(entry: &ArtifactEntry, reference: &str) -> Vec<Value> {
    if entry.collector != "program_files" {
        return Vec::new();
    }
    let inside = entry.fields.get(&Field::Dependencies);
    let texts = inside.into_iter().flat_map(|value| value.texts());
    let known = texts.filter_map(purl::of_dependency).enumerate();
    known
        .map(|(at, (name, version, purl))| {
            let mut module = Component::new("library", format!("{reference}.{at}"), &name);
            module.set("version", version);
            module.set("purl", purl);
            Value::Object(module.0)
        })
        .collect()
}

fn evidence(places: &[&Location]) -> Value {
    let places = places.iter().map(|place| place.to_string()).filter(|place| !place.is_empty());
    let occurrences: Vec<Value> = places.map(|place| json!({ "location": place })).collect();
    if occurrences.is_empty() { Value::Null } else { json!({ "occurrences": occurrences }) }
}

fn product(finding: &Finding, os: &OsIdentity, reference: &str) -> Value {
    let mut component = Component::new("application", reference.to_owned(), &finding.product.name);
    component.set("publisher", finding.product.vendor.as_str());
    component.set("description", finding.note.clone());
    let versions = finding.evidence.iter().filter_map(|evidence| evidence.fields.get(&Field::Version));
    component.set("version", versions.map(crate::model::Value::joined).next());
    let inside: Vec<Value> = finding
        .evidence
        .iter()
        .enumerate()
        .map(|(at, evidence)| {
            let entry = ArtifactEntry {
                collector: evidence.collector.clone(),
                state: evidence.state,
                fields: evidence.fields.clone(),
                location: evidence.location.clone(),
            };
            artifact(&entry, os, &format!("{reference}.{at}"))
        })
        .collect();
    component.set("components", inside);
    let mut properties = vec![
        property("product", &finding.product.id),
        property("status", finding.status.word()),
        property("state", finding.state.word()),
        property("in-force", if finding.in_force { "yes" } else { "no" }),
    ];
    properties.extend(finding.rules.iter().map(|rule| property("rule", &rule.id)));
    properties.extend(
        finding.exception.iter().map(|exception| property("exception", &words::exception(exception))),
    );
    if finding.evidence_omitted > 0 {
        properties.push(property("evidence-omitted", &finding.evidence_omitted.to_string()));
    }
    component.set("properties", properties);
    let references = finding.rules.iter().filter(|rule| rule.url.starts_with("https://"));
    let references: Vec<Value> =
        references.map(|rule| json!({ "type": "other", "url": rule.url, "comment": rule.title })).collect();
    component.set("externalReferences", references);
    Value::Object(component.0)
}

fn annotation(finding: &Finding, versions: &Versions, started: &str, reference: &str) -> Value {
    let mut text = format!("{} is {}.", finding.product.name, words::standing_of(finding));
    if let Some(first) = finding.evidence.first() {
        text.push_str(&format!(" {} at {}.", headline(&first.fields), first.location));
    }
    for rule in &finding.rules {
        text.push_str(&format!(" {}, {}.", rule.title, standing(rule)));
    }
    json!({
        "bom-ref": format!("annotation.{reference}"),
        "subjects": [reference],
        "annotator": { "component": debar(versions) },
        "timestamp": started,
        "text": text,
    })
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn only_programs_are_applications() {
        assert_eq!(kind("image"), "container");
        assert_eq!(kind("registry_roots"), "data");
        assert_eq!(kind("deb_packages"), "application");
        assert_eq!(kind("a collector of a newer debar"), "application");
    }
}
