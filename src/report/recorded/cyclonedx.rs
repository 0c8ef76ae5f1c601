//! CycloneDX (ECMA-424) as JSON, of any tool and version; `forms` makes JSON of XML.

use serde::Deserialize;

use super::bill::{Bill, Listed, Own};
use super::lenient::{self, Maybe, elements, fitting};
use super::listing::Recorded;
use crate::model::Field;
use crate::report::DocumentInfo;
use crate::report::read::{ReadError, parse};

/// How deep components may lie in each other.
const MAX_DEPTH: usize = 64;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    metadata: Option<Maybe<Metadata>>,
    #[serde(default, deserialize_with = "elements")]
    components: Vec<Maybe<Component>>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default, deserialize_with = "lenient::text")]
    timestamp: String,
    #[serde(default)]
    tools: Option<Maybe<Tools>>,
    #[serde(default)]
    component: Option<Maybe<Component>>,
}

/// A list until version 1.4, an object of components from 1.5 on.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tools {
    List(Vec<Tool>),
    Object {
        #[serde(default)]
        components: Vec<Tool>,
    },
}

#[derive(Deserialize)]
struct Tool {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    version: String,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
}

#[derive(Deserialize)]
struct Property {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    value: String,
}

#[derive(Deserialize)]
struct Hash {
    #[serde(default, deserialize_with = "lenient::text")]
    alg: String,
    #[serde(default, deserialize_with = "lenient::text")]
    content: String,
}

#[derive(Deserialize)]
struct Occurrence {
    #[serde(default, deserialize_with = "lenient::text")]
    location: String,
}

#[derive(Deserialize)]
struct Evidence {
    #[serde(default, deserialize_with = "elements")]
    occurrences: Vec<Maybe<Occurrence>>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::text")]
    group: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    version: String,
    #[serde(default, deserialize_with = "lenient::text")]
    description: String,
    #[serde(default, deserialize_with = "lenient::text")]
    purl: String,
    #[serde(default, deserialize_with = "lenient::text")]
    publisher: String,
    #[serde(default, deserialize_with = "lenient::text")]
    author: String,
    #[serde(default)]
    supplier: Option<Maybe<Named>>,
    #[serde(default)]
    manufacturer: Option<Maybe<Named>>,
    #[serde(default, deserialize_with = "elements")]
    authors: Vec<Maybe<Named>>,
    #[serde(default, deserialize_with = "elements")]
    hashes: Vec<Maybe<Hash>>,
    #[serde(default, deserialize_with = "elements")]
    properties: Vec<Maybe<Property>>,
    #[serde(default)]
    evidence: Option<Maybe<Evidence>>,
    #[serde(default, deserialize_with = "elements")]
    components: Vec<Maybe<Component>>,
}

/// Reads a document.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Recorded, ReadError> {
    let document: Document = parse(bytes, 1, None)?;
    let mut bill = Bill::default();
    let mut info = DocumentInfo {
        format: "cyclonedx".to_owned(),
        name: name.to_owned(),
        made: String::new(),
        tool: String::new(),
    };
    let mut about = String::new();
    if let Some(Maybe::Is(metadata)) = document.metadata {
        info.made = metadata.timestamp;
        if let Some(Maybe::Is(Tools::List(tools) | Tools::Object { components: tools })) = metadata.tools {
            let tools = tools.iter().map(|tool| format!("{} {}", tool.name, tool.version).trim().to_owned());
            info.tool = tools.collect::<Vec<_>>().join(", ");
        }
        if let Some(Maybe::Is(component)) = metadata.component {
            about.clone_from(&component.name);
            take(&mut bill, component, 0);
        }
    }
    take_all(&mut bill, document.components, 0);
    Ok(Recorded {
        target: bill.target(name, &about),
        gaps: bill.gaps(name),
        coverage: bill.coverage(),
        skipped: Vec::new(),
        started: info.made.clone(),
        finished: info.made.clone(),
        artifacts: bill.artifacts,
        document: info,
    })
}

fn take_all(bill: &mut Bill, components: Vec<Maybe<Component>>, depth: usize) {
    let all = components.len();
    let mut understood = 0;
    for component in fitting(components) {
        understood += 1;
        take(bill, component, depth);
    }
    bill.pass_over(all - understood);
}

fn take(bill: &mut Bill, mut component: Component, depth: usize) {
    let inside = std::mem::take(&mut component.components);
    bill.take(&listed(component));
    if depth < MAX_DEPTH {
        take_all(bill, inside, depth + 1);
    } else {
        bill.pass_over(inside.len());
    }
}

fn listed(component: Component) -> Listed {
    let name = |named: Option<Maybe<Named>>| match named {
        Some(Maybe::Is(named)) => named.name,
        _ => String::new(),
    };
    let properties: Vec<Property> = fitting(component.properties).collect();
    let mut paths: Vec<String> = match component.evidence {
        Some(Maybe::Is(evidence)) => fitting(evidence.occurrences).map(|it| it.location).collect(),
        _ => Vec::new(),
    };
    // Syft's `syft:location:0:path`, Trivy's `aquasecurity:trivy:FilePath`.
    let places = properties.iter().filter(|property| {
        property.name.ends_with(":path") && property.name.contains("location")
            || property.name.ends_with(":FilePath")
    });
    paths.extend(places.map(|property| property.value.clone()));
    let sha1 = fitting(component.hashes).find(|hash| hash.alg == "SHA-1").map(|hash| hash.content);
    let authors = fitting(component.authors).map(|named| named.name).chain([component.author]);
    Listed {
        own: own(&properties),
        kind: component.kind,
        group: component.group,
        name: component.name,
        version: component.version,
        description: component.description,
        purl: component.purl,
        makers: vec![component.publisher, name(component.supplier), name(component.manufacturer)],
        authors: authors.collect(),
        paths,
        sha1: sha1.unwrap_or_default(),
    }
}

/// What debar wrote beside a component of its own inventory.
fn own(properties: &[Property]) -> Option<Own> {
    let value =
        |name: &str| properties.iter().find(|property| property.name == name).map(|it| it.value.clone());
    let fields = properties.iter().filter_map(|property| {
        let name = property.name.strip_prefix("debar:field:")?;
        Some((Field::ALL.iter().copied().find(|field| field.name() == name)?, property.value.clone()))
    });
    Some(Own {
        collector: value("debar:collector")?,
        state: value("debar:state").unwrap_or_default(),
        fields: fields.collect(),
    })
}
