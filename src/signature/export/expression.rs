//! What exports share: the products selected, and conditions in the syntax of other tools.

use crate::model::Field;
use crate::signature::model::Texts;
use crate::signature::{Condition, Indicator, Product, SignatureFile, Strength};

/// A product to write, with the file that it comes from.
#[derive(Clone, Copy)]
pub struct Selected<'s> {
    /// The file of its vendor.
    pub file: &'s SignatureFile,
    /// The product.
    pub product: &'s Product,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Exported {
    /// The text in the other tool's language.
    pub text: String,
    /// Indicators that the language cannot express: `vendor/product/indicator: why`.
    pub left_out: Vec<String>,
}

impl Selected<'_> {
    /// `vendor/product`.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.file.vendor.id, self.product.id)
    }

    /// The addresses or documents of an indicator's sources.
    pub(super) fn sources(&self, indicator: &Indicator) -> Vec<String> {
        let keys = indicator.source.as_slice().iter();
        keys.filter_map(|key| self.file.sources.get(key)).cloned().collect()
    }

    /// The conclusive indicators.
    pub(super) fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.product.indicators.iter().filter(|indicator| indicator.strength == Strength::Conclusive)
    }
}

impl Exported {
    pub(super) fn leave_out(&mut self, selected: &Selected<'_>, indicator: &Indicator, why: &str) {
        self.left_out.push(format!("{}/{}: {why}", selected.id(), indicator.id));
    }
}

/// One comparison of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Equals,
    Prefix,
    Suffix,
    Contains,
    Glob,
    Regex,
    Version,
}

/// What a condition asks: all of the list, and of each entry one of the texts.
pub(super) fn asked(condition: &Condition) -> Vec<(Op, &[String])> {
    let mut asked = Vec::new();
    if let Some(text) = &condition.equals {
        asked.push((Op::Equals, std::slice::from_ref(text)));
    }
    if let Some(texts) = &condition.any_of {
        asked.push((Op::Equals, texts.as_slice()));
    }
    for (op, texts) in [
        (Op::Prefix, &condition.prefix),
        (Op::Suffix, &condition.suffix),
        (Op::Contains, &condition.contains),
        (Op::Glob, &condition.glob),
    ] {
        asked.extend(texts.as_ref().map(|texts: &Texts| (op, texts.as_slice())));
    }
    for (op, text) in [(Op::Regex, &condition.regex), (Op::Version, &condition.version)] {
        asked.extend(text.as_ref().map(|text| (op, std::slice::from_ref(text))));
    }
    asked
}

/// A language of boolean expressions over named facts.
pub(super) trait Expressions {
    /// The name of a field of a collector; `None` when the tool has none.
    fn fact(&self, collector: &str, field: Field) -> Option<String>;
    /// One comparison; `None` when the language cannot make it.
    fn test(&self, fact: &str, field: Field, op: Op, text: &str) -> Option<String>;
    /// That a fact is missing or empty; `None` when the language cannot ask it.
    fn absent(&self, _fact: &str) -> Option<String> {
        None
    }
    /// The words for and, or and not.
    const AND: &'static str;
    const OR: &'static str;
    const NOT: &'static str;

    /// The expression that holds where the indicator does; why not, where there is none.
    fn indicator(&self, collector: &str, indicator: &Indicator) -> Result<String, String> {
        let mut all = Vec::new();
        for (field, condition) in &indicator.conditions {
            all.push(self.condition(collector, *field, condition)?);
        }
        for (field, condition) in &indicator.unless {
            all.push(format!("{} ({})", Self::NOT, self.condition(collector, *field, condition)?));
        }
        Ok(all.join(&format!(" {} ", Self::AND)))
    }

    /// As [`Expressions::indicator`], for one field.
    fn condition(&self, collector: &str, field: Field, condition: &Condition) -> Result<String, String> {
        let fact =
            self.fact(collector, field).ok_or_else(|| format!("no counterpart of {collector}.{field}"))?;
        let mut all = Vec::new();
        for (op, texts) in asked(condition) {
            let tests: Option<Vec<String>> =
                texts.iter().map(|text| self.test(&fact, field, op, text)).collect();
            let tests =
                tests.ok_or_else(|| format!("{op:?} on {field} cannot be expressed").to_lowercase())?;
            all.push(match tests.len() {
                1 => tests.concat(),
                _ => format!("({})", tests.join(&format!(" {} ", Self::OR))),
            });
        }
        let all = all.join(&format!(" {} ", Self::AND));
        if !condition.or_absent {
            return Ok(all);
        }
        let absent = self.absent(&fact).ok_or_else(|| format!("a missing {field} cannot be expressed"))?;
        Ok(format!("({absent} {} ({all}))", Self::OR))
    }
}

/// Text that is only a comment in the other language: on one line, whatever it holds.
pub(super) fn comment(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect::<String>()
        .replace("*/", "* /")
}

/// An identifier of letters, digits and underscores.
pub(super) fn identifier(text: &str) -> String {
    text.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect()
}

/// What every export says about itself.
pub(super) fn heading(selected: &[Selected<'_>]) -> String {
    let mut files: Vec<String> = selected
        .iter()
        .map(|one| format!("{} {} of {}", one.file.vendor.id, one.file.version, one.file.date))
        .collect();
    files.dedup();
    comment(&format!("Made by debar {} from the signatures {}", env!("CARGO_PKG_VERSION"), files.join(", ")))
}
