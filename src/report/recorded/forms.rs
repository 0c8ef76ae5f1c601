//! Other forms of bills of materials, as the JSON that the same document has: CycloneDX as XML, SPDX as tags and values.

use serde_json::{Map, Value, json};

use crate::format::text::xml::{self, Element};
use crate::report::read::{ReadError, refused};

/// Elements of CycloneDX that are lists in JSON.
const LISTS: &[&str] = &["components", "hashes", "properties", "occurrences", "authors", "tools"];
/// What SPDX as tags and values begins with.
pub(super) const TAGS: &str = "SPDXVersion:";

/// The JSON of a CycloneDX document in XML.
///
/// # Errors
/// When it is damaged, or other XML.
pub(super) fn of_xml(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    // What has ended at each depth and is in no element yet that has.
    let mut levels: Vec<Vec<(String, Value)>> = Vec::new();
    let damage = xml::read(bytes, &mut |around, element| {
        let depth = around.len();
        let children = if levels.len() > depth + 1 { levels.pop() } else { None };
        levels.resize_with(depth + 1, Vec::new);
        if let Some(level) = levels.last_mut() {
            level.push((element.name.clone(), value(element, children.unwrap_or_default())));
        }
    });
    if let Some(damage) = damage.first() {
        let what = &damage.what;
        return Err(refused(format!("{what}: the document cannot be read as a whole. Get a whole one")));
    }
    match levels.pop().as_mut().and_then(Vec::pop) {
        Some((name, value)) if name == "bom" => {
            let mut bom = match value {
                Value::Object(bom) => bom,
                _ => Map::new(),
            };
            bom.insert("bomFormat".to_owned(), json!("CycloneDX"));
            Ok(Value::Object(bom).to_string().into_bytes())
        }
        _ => Err(refused(
            "it is XML, and no CycloneDX document. Most tools that list packages can write CycloneDX or SPDX",
        )),
    }
}

/// What JSON has in the place of an element.
fn value(element: &Element, children: Vec<(String, Value)>) -> Value {
    let Element { name, attributes, text } = element;
    let attribute = |name: &str| element.attribute(name).unwrap_or_default();
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
        attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    object.extend(children);
    Value::Object(object)
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
