//! PowerShell: a detection script for Intune remediations. It reads the registry and the file system through the
//! script's own few readers and compares as the signatures say. Exit code 1 and one line when something is found, as
//! Intune expects: <https://learn.microsoft.com/intune/intune-service/fundamentals/remediations>.

use serde_json::{Value, json};

use super::{Exported, Op, Selected, asked, heading};
use crate::model::Os;
use crate::signature::{Conditions, Indicator};

/// The readers and the comparison; `@SIGNATURES@` stands for the data.
const TEMPLATE: &str = include_str!("detect.ps1");
/// The collectors that the script has a reader for, with the fields it yields.
const READERS: &[(&str, &[&str])] = &[
    (
        "programs",
        &["name", "version", "publisher", "install_location", "uninstall_string", "identifying_number"],
    ),
    ("services", &["name", "display_name", "path"]),
    ("drivers", &["name", "display_name", "path"]),
    ("program_folders", &["name", "path"]),
];

/// One script for all products.
pub(super) fn script(selected: &[Selected<'_>]) -> Exported {
    let mut out = Exported::default();
    let mut data = Vec::new();
    for one in selected.iter().filter(|one| one.product.platforms.contains(&Os::Windows)) {
        for indicator in one.indicators() {
            match conditions(indicator) {
                Ok((readers, wanted, unless)) => data.push(json!({
                    "product": one.id(), "readers": readers, "where": wanted, "unless": unless,
                })),
                Err(why) => out.leave_out(one, indicator, &why),
            }
        }
    }
    // One line of ASCII in a here-string that takes everything literally and ends only at the start of a line.
    let data = ascii(&Value::from(data).to_string());
    out.text = TEMPLATE.replace("@HEADING@", &heading(selected)).replace("@SIGNATURES@", &data);
    out
}

type Asked = (Vec<String>, Value, Value);

fn conditions(indicator: &Indicator) -> Result<Asked, String> {
    let fields: Vec<&str> =
        indicator.conditions.keys().chain(indicator.unless.keys()).map(|field| field.name()).collect();
    let knows = |known: &[&str]| fields.iter().all(|field| known.contains(field));
    let readers: Vec<String> = READERS
        .iter()
        .filter(|(name, known)| indicator.collectors.iter().any(|wanted| wanted == name) && knows(known))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    if readers.is_empty() {
        return Err("the script has no reader for it".to_owned());
    }
    let all = |conditions: &Conditions| {
        let each = conditions.iter().map(|(field, condition)| {
            let tests: Result<Vec<Value>, String> = asked(condition).into_iter().map(test).collect();
            tests
                .map(|tests| json!({"field": field.name(), "tests": tests, "or_absent": condition.or_absent}))
        });
        each.collect::<Result<Vec<Value>, String>>().map(Value::from)
    };
    Ok((readers, all(&indicator.conditions)?, all(&indicator.unless)?))
}

fn test((op, texts): (Op, &[String])) -> Result<Value, String> {
    let name = match op {
        Op::Equals => "equals",
        Op::Prefix => "prefix",
        Op::Suffix => "suffix",
        Op::Contains => "contains",
        Op::Glob | Op::Regex | Op::Version => {
            return Err(format!("{op:?} cannot be expressed").to_lowercase());
        }
    };
    Ok(json!({"op": name, "texts": texts}))
}

/// JSON with everything but ASCII escaped, because PowerShell 5 reads scripts in the system's code page.
fn ascii(json: &str) -> String {
    let mut out = String::new();
    for char in json.chars() {
        if char.is_ascii() {
            out.push(char);
        } else {
            let mut units = [0; 2];
            out.extend(char.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}
