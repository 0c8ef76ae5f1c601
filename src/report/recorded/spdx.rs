//! SPDX as JSON: 2.2 and 2.3 (ISO/IEC 5962), and the graph of 3.0; `forms` makes JSON of tags and values.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::bill::{Bill, Listed};
use super::lenient::{self, Maybe, elements, fitting};
use super::listing::Recorded;
use crate::report::DocumentInfo;
use crate::report::read::{ReadError, parse, refused};

#[derive(Deserialize)]
struct Document {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, rename = "creationInfo")]
    creation: Option<Maybe<Creation>>,
    #[serde(default, deserialize_with = "elements")]
    packages: Vec<Maybe<Package>>,
    #[serde(default, deserialize_with = "elements")]
    files: Vec<Maybe<File>>,
}

#[derive(Deserialize)]
struct Creation {
    #[serde(default, deserialize_with = "lenient::text")]
    created: String,
    #[serde(default, deserialize_with = "elements")]
    creators: Vec<Maybe<String>>,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, rename = "versionInfo", deserialize_with = "lenient::text")]
    version: String,
    #[serde(default, deserialize_with = "lenient::text")]
    supplier: String,
    #[serde(default, deserialize_with = "lenient::text")]
    originator: String,
    #[serde(default, deserialize_with = "lenient::text")]
    summary: String,
    #[serde(default, rename = "primaryPackagePurpose", deserialize_with = "lenient::text")]
    purpose: String,
    #[serde(default, rename = "packageFileName", deserialize_with = "lenient::text")]
    file: String,
    #[serde(default, rename = "externalRefs", deserialize_with = "elements")]
    references: Vec<Maybe<Reference>>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default, rename = "referenceType", deserialize_with = "lenient::text")]
    kind: String,
    #[serde(default, rename = "referenceLocator", deserialize_with = "lenient::text")]
    locator: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "fileName", deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "elements")]
    checksums: Vec<Maybe<Checksum>>,
}

#[derive(Deserialize)]
struct Checksum {
    #[serde(default, deserialize_with = "lenient::text")]
    algorithm: String,
    #[serde(default, rename = "checksumValue", deserialize_with = "lenient::text")]
    value: String,
}

/// Reads a document of version 2.
pub(super) fn read(bytes: &[u8], name: &str, version: &str) -> Result<Recorded, ReadError> {
    if !version.starts_with("SPDX-2.") {
        return Err(refused(format!("it is {version}; SPDX 2 and 3.0 as JSON are read")));
    }
    let document: Document = parse(bytes, 1, None)?;
    let mut bill = Bill::default();
    let mut info = named(name);
    if let Some(Maybe::Is(creation)) = document.creation {
        info.made = creation.created;
        let tools = fitting(creation.creators);
        let tools = tools.filter_map(|creator| creator.strip_prefix("Tool: ").map(str::to_owned));
        info.tool = tools.collect::<Vec<_>>().join(", ");
    }
    let (packages, files) = (document.packages.len(), document.files.len());
    let mut understood = 0;
    for package in fitting(document.packages) {
        understood += 1;
        bill.take(&of_package(package));
    }
    for file in fitting(document.files) {
        understood += 1;
        let sha1 = fitting(file.checksums).find(|sum| sum.algorithm == "SHA1").map(|sum| sum.value);
        let name = file.name.trim_start_matches("./").to_owned();
        bill.take(&Listed { kind: "file".into(), name, sha1: sha1.unwrap_or_default(), ..Listed::default() });
    }
    bill.pass_over(packages + files - understood);
    Ok(recorded(bill, info, &document.name))
}

fn named(name: &str) -> DocumentInfo {
    DocumentInfo {
        format: "spdx".to_owned(),
        name: name.to_owned(),
        made: String::new(),
        tool: String::new(),
    }
}

fn recorded(bill: Bill, info: DocumentInfo, about: &str) -> Recorded {
    Recorded {
        target: bill.target(&info.name, about),
        gaps: bill.gaps(&info.name),
        coverage: bill.coverage(),
        skipped: Vec::new(),
        started: info.made.clone(),
        finished: info.made.clone(),
        artifacts: bill.artifacts,
        document: info,
    }
}

fn of_package(package: Package) -> Listed {
    let purls = fitting(package.references).filter(|reference| reference.kind == "purl");
    let purl = purls.map(|reference| reference.locator).next().unwrap_or_default();
    let (mut makers, mut authors) = (Vec::new(), Vec::new());
    for agent in [package.supplier, package.originator] {
        // `Organization: NAME (address)`, `Person: NAME (address)`, `NOASSERTION`.
        let name = |rest: &str| rest.rsplit_once(" (").map_or(rest, |(name, _)| name).trim().to_owned();
        if let Some(rest) = agent.strip_prefix("Organization: ") {
            makers.push(name(rest));
        } else if let Some(rest) = agent.strip_prefix("Person: ") {
            authors.push(name(rest));
        }
    }
    Listed {
        kind: kind(&package.purpose),
        name: package.name,
        version: package.version,
        description: package.summary,
        purl,
        makers,
        authors,
        paths: Some(package.file).filter(|file| !file.is_empty()).into_iter().collect(),
        ..Listed::default()
    }
}

/// The purpose of a package in the words of CycloneDX.
fn kind(purpose: &str) -> String {
    purpose.to_ascii_lowercase().replace(['_', ' '], "-")
}

/// An element of the graph of version 3.0; the members of every class that is read.
#[derive(Deserialize)]
struct Element {
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: String,
    #[serde(default, rename = "spdxId", deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    created: String,
    #[serde(default, deserialize_with = "lenient::text")]
    summary: String,
    #[serde(default, rename = "software_packageVersion", deserialize_with = "lenient::text")]
    version: String,
    #[serde(default, rename = "software_packageUrl", deserialize_with = "lenient::text")]
    purl: String,
    #[serde(default, rename = "software_primaryPurpose", deserialize_with = "lenient::text")]
    purpose: String,
    #[serde(default, rename = "suppliedBy", deserialize_with = "lenient::text")]
    supplier: String,
    #[serde(default, rename = "originatedBy", deserialize_with = "elements")]
    originators: Vec<Maybe<String>>,
    #[serde(default, rename = "externalIdentifier", deserialize_with = "elements")]
    identifiers: Vec<Maybe<Identifier>>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(default, rename = "externalIdentifierType", deserialize_with = "lenient::text")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::text")]
    identifier: String,
}

#[derive(Deserialize)]
struct Graph {
    #[serde(default, rename = "@graph", deserialize_with = "elements")]
    elements: Vec<Maybe<Element>>,
}

/// Reads a graph of version 3.0.
pub(super) fn read_graph(bytes: &[u8], name: &str) -> Result<Recorded, ReadError> {
    let graph: Graph = parse(bytes, 1, None)?;
    let all = graph.elements.len();
    let elements: Vec<Element> = fitting(graph.elements).collect();
    if !elements.iter().any(|element| element.kind == "SpdxDocument") {
        return Err(refused("it is a graph of JSON-LD without an SpdxDocument"));
    }
    let mut bill = Bill::default();
    bill.pass_over(all - elements.len());
    let mut info = named(name);
    let mut about = String::new();
    let mut agents: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for element in &elements {
        match element.kind.as_str() {
            "Organization" | "Agent" | "SoftwareAgent" => {
                agents.insert(&element.id, (&element.name, true));
            }
            "Person" => {
                agents.insert(&element.id, (&element.name, false));
            }
            "Tool" => info.tool.clone_from(&element.name),
            "CreationInfo" => info.made.clone_from(&element.created),
            "SpdxDocument" => about.clone_from(&element.name),
            _ => {}
        }
    }
    let listed = elements.iter().filter(|element| matches!(element.kind.as_str(), FILE | PACKAGE));
    listed.for_each(|element| bill.take(&of_element(element, &agents)));
    Ok(recorded(bill, info, &about))
}

const FILE: &str = "software_File";
const PACKAGE: &str = "software_Package";

/// An element of a graph whose agents are known by their ids, each with whether it is an organisation.
fn of_element(element: &Element, agents: &BTreeMap<&str, (&str, bool)>) -> Listed {
    let mut purls = element.identifiers.iter().filter_map(|identifier| match identifier {
        Maybe::Is(it) if it.kind == "packageUrl" => Some(it.identifier.clone()),
        _ => None,
    });
    let purl = if element.purl.is_empty() { purls.next().unwrap_or_default() } else { element.purl.clone() };
    let originators = element.originators.iter().filter_map(|originator| match originator {
        Maybe::Is(id) => Some(id.as_str()),
        Maybe::Other(_) => None,
    });
    let by = originators.chain([element.supplier.as_str()]).filter_map(|id| agents.get(id).copied());
    let (makers, authors): (Vec<(&str, bool)>, Vec<_>) = by.partition(|(_, is_maker)| *is_maker);
    let names = |agents: Vec<(&str, bool)>| agents.into_iter().map(|(name, _)| name.to_owned()).collect();
    Listed {
        kind: if element.kind == FILE { "file".to_owned() } else { kind(&element.purpose) },
        name: element.name.clone(),
        version: element.version.clone(),
        description: element.summary.clone(),
        purl,
        makers: names(makers),
        authors: names(authors),
        ..Listed::default()
    }
}
