//! Other forms of bills of materials, as the JSON that the same document has: CycloneDX as XML, SPDX as tags and values.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value, json};

use crate::bytes::decode::entity;
use crate::report::read::{ReadError, refused};

/// Elements may nest this deep.
const MAX_DEPTH: usize = 200;

/// Elements of CycloneDX that are lists in JSON.
const LISTS: &[&str] = &["components", "hashes", "properties", "occurrences", "authors", "tools"];
/// What SPDX as tags and values begins with.
pub(super) const TAGS: &str = "SPDXVersion:";

/// The JSON of a CycloneDX document in XML.
///
/// # Errors
/// When it is damaged, or other XML.
pub(super) fn of_xml(text: &str) -> Result<Vec<u8>, ReadError> {
    let damaged = |what: &str| refused(format!("{what}: the document is not whole. Get a whole one"));
    let mut reader = Reader::from_str(text);
    // The elements that are open, the outermost first.
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        let mut is_over = false;
        let event = reader.read_event().map_err(|_| damaged("it begins like XML and is none"))?;
        let last = open.last_mut().ok_or_else(|| damaged("its elements do not fit"))?;
        match event {
            Event::Start(start) => {
                if open.len() > MAX_DEPTH {
                    return Err(refused(format!("its elements nest deeper than {MAX_DEPTH}")));
                }
                open.push(Element::of(&start));
            }
            Event::Empty(start) => last.add(Element::of(&start)),
            Event::Text(text) => last.text.push_str(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(reference) => last.text.push_str(&entity(&reference)),
            Event::CData(text) => last.text.push_str(&String::from_utf8_lossy(&text)),
            Event::End(_) => {
                let ended = open.pop().unwrap_or_default();
                open.last_mut().ok_or_else(|| damaged("its elements do not fit"))?.add(ended);
            }
            Event::Eof => is_over = true,
            _ => {}
        }
        if is_over {
            break;
        }
    }
    match open.pop().filter(|_| open.is_empty()).map(|top| top.children).as_mut().and_then(Vec::pop) {
        Some((name, Value::Object(mut bom))) if name == "bom" => {
            bom.insert("bomFormat".to_owned(), json!("CycloneDX"));
            Ok(Value::Object(bom).to_string().into_bytes())
        }
        Some((name, _)) if name == "bom" => Ok(json!({"bomFormat": "CycloneDX"}).to_string().into_bytes()),
        Some(_) => Err(refused(
            "it is XML, and no CycloneDX document. Most tools that list packages can write CycloneDX or SPDX",
        )),
        None => Err(damaged("it ends in the middle")),
    }
}

/// An element of XML; names lose their prefix.
#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Element {
        let local = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let attributes = start.attributes().flatten().filter_map(|attribute| {
            Some((
                local(attribute.key.local_name().as_ref()),
                attribute.unescape_value().ok()?.trim().to_owned(),
            ))
        });
        Element {
            name: local(start.local_name().as_ref()),
            attributes: attributes.collect(),
            ..Element::default()
        }
    }

    fn add(&mut self, child: Element) {
        self.children.push((child.name.clone(), child.value()));
    }

    /// What JSON has in its place.
    fn value(self) -> Value {
        let Element { name, attributes, text, children } = self;
        let text = text.trim();
        let attribute = |name: &str| {
            attributes
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
                .unwrap_or_default()
        };
        match name.as_str() {
            "hash" => return json!({"alg": attribute("alg"), "content": text}),
            "property" => return json!({"name": attribute("name"), "value": text}),
            // From version 1.5 on, tools are components.
            "tools" if children.iter().any(|(name, _)| name == "components") => {}
            name if LISTS.contains(&name) => {
                return Value::Array(children.into_iter().map(|(_, value)| value).collect());
            }
            // Attributes of a text, such as the media type of a description, have no place in JSON.
            _ if children.is_empty() && (attributes.is_empty() || !text.is_empty()) => return json!(text),
            _ => {}
        }
        let mut object: Map<String, Value> =
            attributes.into_iter().map(|(name, value)| (name, json!(value))).collect();
        object.extend(children);
        Value::Object(object)
    }
}

/// The JSON of an SPDX document of tags and values.
pub(super) fn of_tags(text: &str) -> Vec<u8> {
    let mut document = Map::new();
    let (mut packages, mut files): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut creators = Vec::new();
    let mut is_file = false;
    for (tag, value) in tags(text) {
        let last = if is_file { files.last_mut() } else { packages.last_mut() };
        let mut of_package = |name: &str, value: Value| {
            if let Some(Value::Object(package)) = last {
                match package.get_mut(name) {
                    Some(Value::Array(list)) => list.push(value),
                    _ => drop(package.insert(name.to_owned(), value)),
                }
            }
        };
        match tag {
            "SPDXVersion" => drop(document.insert("spdxVersion".to_owned(), json!(value))),
            "DocumentName" => drop(document.insert("name".to_owned(), json!(value))),
            "Created" => {
                document.insert("created".to_owned(), json!(value));
            }
            "Creator" => creators.push(json!(value)),
            "PackageName" => {
                is_file = false;
                packages.push(json!({"name": value, "externalRefs": []}));
            }
            "FileName" => {
                is_file = true;
                files.push(json!({"fileName": value, "checksums": []}));
            }
            "PackageVersion" => of_package("versionInfo", json!(value)),
            "PackageSupplier" => of_package("supplier", json!(value)),
            "PackageOriginator" => of_package("originator", json!(value)),
            "PackageSummary" => of_package("summary", json!(value)),
            "PrimaryPackagePurpose" => of_package("primaryPackagePurpose", json!(value)),
            "PackageFileName" => of_package("packageFileName", json!(value)),
            "ExternalRef" => {
                let mut words = value.split_whitespace().skip(1);
                let (kind, locator) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                of_package("externalRefs", json!({"referenceType": kind, "referenceLocator": locator}));
            }
            "FileChecksum" => {
                let (algorithm, sum) = value.split_once(':').unwrap_or_default();
                of_package("checksums", json!({"algorithm": algorithm, "checksumValue": sum.trim()}));
            }
            _ => {}
        }
    }
    let created = document.remove("created").unwrap_or_default();
    document.insert("creationInfo".to_owned(), json!({"created": created, "creators": creators}));
    document.insert("packages".to_owned(), Value::Array(packages));
    document.insert("files".to_owned(), Value::Array(files));
    Value::Object(document).to_string().into_bytes()
}

/// Tags with their values; a value in `<text>` may have several lines, of which the first counts.
fn tags(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut is_inside = false;
    text.lines().filter_map(move |line| {
        if is_inside {
            is_inside = !line.contains("</text>");
            return None;
        }
        let (tag, value) = line.split_once(':')?;
        let (tag, mut value) = (tag.trim(), value.trim());
        if tag.starts_with('#') {
            return None;
        }
        if let Some(rest) = value.strip_prefix("<text>") {
            is_inside = !rest.contains("</text>");
            value = rest.split("</text>").next().unwrap_or(rest).trim();
        }
        Some((tag, value))
    })
}
