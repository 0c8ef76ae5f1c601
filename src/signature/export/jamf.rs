//! Jamf: an extension attribute, a shell script that prints `<result>`. It reads bundles, receipts, launchd jobs and
//! folders with the tools of macOS: <https://learn.jamf.com/en-US/bundle/jamf-pro-documentation-current/page/Computer_Extension_Attributes.html>.

use super::{Exported, Expressions, Op, Selected, heading};
use crate::model::{Field, Os};
use crate::signature::{Condition, Indicator};

/// The readers; `@TESTS@` stands for the comparisons.
const TEMPLATE: &str = include_str!("attribute.sh");
/// The collectors that the script has a reader for, with the shell variables of their fields.
const READERS: &[(&str, &[(Field, &str)])] = &[
    ("apps", &[(Field::BundleIdentifier, "id"), (Field::Path, "path")]),
    ("package_receipts", &[(Field::Identifier, "id")]),
    ("launchd", &[(Field::Label, "id"), (Field::Path, "path")]),
    ("system_extensions", &[(Field::Identifier, "id"), (Field::BundleIdentifier, "id")]),
    ("program_folders", &[(Field::Path, "path")]),
];

struct Shell;

impl Expressions for Shell {
    const AND: &'static str = "&&";
    const OR: &'static str = "||";
    const NOT: &'static str = "!";

    fn fact(&self, collector: &str, field: Field) -> Option<String> {
        let (_, fields) = READERS.iter().find(|(name, _)| *name == collector)?;
        fields.iter().find(|(known, _)| *known == field).map(|(_, variable)| (*variable).to_owned())
    }

    fn test(&self, fact: &str, _: Field, op: Op, text: &str) -> Option<String> {
        let text = quoted(&text.to_ascii_lowercase());
        let pattern = match op {
            Op::Equals => text,
            Op::Prefix => format!("{text}*"),
            Op::Suffix => format!("*{text}"),
            Op::Contains => format!("*{text}*"),
            Op::Glob | Op::Regex | Op::Version => return None,
        };
        Some(format!("is \"${fact}\" {}", quoted_pattern(&pattern)))
    }

    /// Groups with braces: `is` is a command, and brackets would start a subshell.
    fn condition(&self, collector: &str, field: Field, condition: &Condition) -> Result<String, String> {
        let fact =
            self.fact(collector, field).ok_or_else(|| format!("no counterpart of {collector}.{field}"))?;
        let mut all = Vec::new();
        for (op, texts) in super::asked(condition) {
            let tests: Option<Vec<String>> =
                texts.iter().map(|text| self.test(&fact, field, op, text)).collect();
            let tests =
                tests.ok_or_else(|| format!("{op:?} on {field} cannot be expressed").to_lowercase())?;
            all.push(format!("{{ {}; }}", tests.join(" || ")));
        }
        let all = all.join(" && ");
        Ok(if condition.or_absent { format!("{{ [ -z \"${fact}\" ] || {{ {all}; }}; }}") } else { all })
    }
}

/// A word of the shell that means itself.
fn quoted(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).collect()
}

/// A pattern as one word: `is` takes a leading and a trailing star for any text, and the rest literally.
fn quoted_pattern(pattern: &str) -> String {
    format!("'{}'", pattern.replace('\'', "'\\''"))
}

/// One script for all products.
pub(super) fn script(selected: &[Selected<'_>]) -> Exported {
    let mut out = Exported::default();
    let mut functions = String::new();
    for (collector, _) in READERS {
        functions.push_str(&format!("test_{collector}() {{\n    :\n"));
        for one in selected.iter().filter(|one| one.product.platforms.contains(&Os::Macos)) {
            for indicator in one.indicators().filter(|indicator| looks_at(indicator, collector)) {
                match Shell.indicator(collector, indicator) {
                    Ok(test) => functions
                        .push_str(&format!("    if {test}; then found {}; fi\n", quoted_pattern(&one.id()))),
                    Err(why) => out.leave_out(one, indicator, &why),
                }
            }
        }
        functions.push_str("}\n");
    }
    for one in selected.iter().filter(|one| one.product.platforms.contains(&Os::Macos)) {
        for indicator in one.indicators() {
            if !READERS.iter().any(|(name, _)| looks_at(indicator, name)) {
                out.leave_out(one, indicator, "the script has no reader for it");
            }
        }
    }
    out.text = TEMPLATE.replace("@HEADING@", &heading(selected)).replace("@TESTS@\n", &functions);
    out
}

fn looks_at(indicator: &Indicator, collector: &str) -> bool {
    indicator.collectors.iter().any(|name| name == collector)
}
