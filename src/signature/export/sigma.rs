//! Sigma: rules on the start of programs, for logs of Windows (Sysmon event 1 and alike), Linux and macOS.
//! <https://sigmahq.io/docs/basics/rules.html>; fields: the taxonomy of the specification.

use sha1::{Digest, Sha1};

use super::{Exported, Op, Selected, asked, heading};
use crate::model::{Field, Os};
use crate::signature::{Condition, Indicator};
use crate::text::hex::uuid;

/// Keys of Sigma and their values: all keys must hold, of each one value.
type Asked = Vec<(String, Vec<String>)>;

/// The field of the log source `process_creation`.
fn name_of(field: Field, platform: Os) -> Option<&'static str> {
    let everywhere = match field {
        Field::Path => Some("Image"),
        Field::Cmdline => Some("CommandLine"),
        _ => None,
    };
    let windows = match field {
        Field::Company => Some("Company"),
        Field::Product => Some("Product"),
        Field::FileDescription => Some("Description"),
        Field::OriginalFilename => Some("OriginalFileName"),
        _ => None,
    };
    everywhere.or(windows.filter(|_| platform == Os::Windows))
}

/// The conditions as pairs of a Sigma key and its values, all of which must hold.
fn selection(field: Field, condition: &Condition, platform: Os) -> Result<Asked, String> {
    let name = name_of(field, platform).ok_or_else(|| format!("logs of started programs hold no {field}"))?;
    if condition.or_absent {
        return Err(format!("a missing {field} cannot be expressed"));
    }
    let is_path = matches!(field, Field::Path | Field::Cmdline);
    let mut all = Vec::new();
    for (op, texts) in asked(condition) {
        // Logs of Windows have a drive before the path.
        let inside = is_path && platform == Os::Windows;
        let verb = match op {
            Op::Equals if inside => "|endswith",
            Op::Prefix if inside => "|contains",
            Op::Equals => "",
            Op::Prefix => "|startswith",
            Op::Suffix => "|endswith",
            Op::Contains => "|contains",
            Op::Glob | Op::Regex | Op::Version => {
                return Err(format!("{op:?} cannot be expressed").to_lowercase());
            }
        };
        let texts = texts.iter().map(|text| {
            let text = if inside { text.replace('/', "\\") } else { text.clone() };
            escaped(&text)
        });
        all.push((format!("{name}{verb}"), texts.collect()));
    }
    Ok(all)
}

/// `*` and `?` are wildcards unless escaped, and a backslash before them escapes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if matches!(char, '*' | '?') {
            out.push('\\');
        }
        out.push(char);
    }
    // A backslash at the end would escape what the verb adds.
    if out.ends_with('\\') {
        out.push('\\');
    }
    out
}

/// Named parts of a detection, and the condition that joins them.
#[derive(Default)]
struct Detection {
    parts: Vec<(String, Asked)>,
    condition: Vec<String>,
}

impl Detection {
    fn add(&mut self, indicator: &Indicator, platform: Os) -> Result<(), String> {
        if !indicator.collectors.iter().any(|name| name == "processes" || name == "program_files") {
            return Err("only started programs are in these logs".to_owned());
        }
        let mut wanted: Asked = Vec::new();
        for (field, condition) in &indicator.conditions {
            for (key, values) in selection(*field, condition, platform)? {
                if wanted.iter().any(|(known, _)| *known == key) {
                    return Err(format!("{key} is asked twice"));
                }
                wanted.push((key, values));
            }
        }
        let unless: Result<Vec<Asked>, String> = indicator
            .unless
            .iter()
            .map(|(field, condition)| selection(*field, condition, platform))
            .collect();
        let unless = unless?;
        let number = self.condition.len();
        let mut condition = format!("selection_{number}");
        self.parts.push((condition.clone(), wanted));
        for (at, filter) in unless.into_iter().enumerate() {
            let name = format!("filter_{number}_{at}");
            condition = format!("({condition} and not {name})");
            self.parts.push((name, filter));
        }
        self.condition.push(condition);
        Ok(())
    }
}

/// One document for each product and system.
pub(super) fn rules(selected: &[Selected<'_>]) -> Exported {
    let mut out = Exported::default();
    let mut text = format!("# {}\n", heading(selected));
    for one in selected {
        let mut expressed: Vec<&str> = Vec::new();
        let mut reasons: Vec<(&Indicator, String)> = Vec::new();
        for platform in &one.product.platforms {
            let (mut detection, mut sources) = (Detection::default(), Vec::new());
            for indicator in one.indicators() {
                match detection.add(indicator, *platform) {
                    Ok(()) => {
                        expressed.push(&indicator.id);
                        sources.extend(one.sources(indicator));
                    }
                    Err(why) => reasons.push((indicator, why)),
                }
            }
            sources.sort();
            sources.dedup();
            if !detection.condition.is_empty() {
                text.push_str(&document(one, *platform, &sources, &detection));
            }
        }
        for (indicator, why) in reasons {
            if !expressed.contains(&indicator.id.as_str()) {
                out.leave_out(one, indicator, &why);
                expressed.push(&indicator.id);
            }
        }
    }
    out.text = text;
    out
}

fn document(one: &Selected<'_>, platform: Os, sources: &[String], detection: &Detection) -> String {
    let id = one.id();
    let mut text = format!(
        "---\ntitle: {}\nid: {}\nstatus: experimental\ndescription: {}\n",
        quoted(&format!("{} started", one.product.name)),
        uuid(&Sha1::digest(format!("debar {id} {}", platform.word()))),
        quoted(&format!("A program of {} ({id}) was started.", one.product.name)),
    );
    list(&mut text, 0, "references", sources);
    text.push_str(&format!("date: {}\n", one.file.date));
    text.push_str(&format!(
        "logsource:\n    category: process_creation\n    product: {}\ndetection:\n",
        platform.word()
    ));
    for (name, wanted) in &detection.parts {
        text.push_str(&format!("    {name}:\n"));
        for (key, values) in wanted {
            list(&mut text, 8, key, values);
        }
    }
    text.push_str(&format!("    condition: {}\nlevel: medium\n", detection.condition.join(" or ")));
    text
}

fn list(text: &mut String, indent: usize, key: &str, values: &[String]) {
    text.push_str(&format!("{:indent$}{key}:\n", ""));
    for value in values {
        text.push_str(&format!("{:indent$}    - {}\n", "", quoted(value)));
    }
}

/// A string of YAML; every string of JSON is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
