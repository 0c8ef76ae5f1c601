//! The matcher: artifacts in, matches out. Pure; it never touches a file.
//!
//! Each indicator is found by one of its conditions: an exact text by hash, any other by a literal of its
//! pattern through one Aho-Corasick automaton per field. Only the indicators found so are verified in full, so
//! that the cost of an artifact does not grow with the number of indicators.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use regex::Regex;

use crate::collector::matched;
use crate::model::{Artifact, CollectorId, Field, FieldKind, State, Value};
use crate::signature::normalise::{normalise, normalise_found, spellings};
use crate::signature::version::VersionRange;
use crate::signature::{Condition, Conditions, Indicator, Product, SignatureSet, Strength, Vendor, literal};

/// Compiled signatures.
pub struct Matcher<'s> {
    products: Vec<Candidate<'s>>,
    indicators: Vec<Compiled<'s>>,
    by_collector: HashMap<&'s str, Index>,
    /// How indicators are found by a text, for all collectors: most speak of several, and one automaton for each would take
    /// as many times the memory.
    by_field: HashMap<Field, FieldIndex>,
}

/// A product that can be found.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'s> {
    /// Its vendor.
    pub vendor: &'s Vendor,
    /// The product.
    pub product: &'s Product,
    /// The rules that speak of it, by id.
    pub rules: &'s [String],
    /// Whether it counts for the audience of the scan.
    pub binds: bool,
}

/// One indicator that an artifact meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Index of the product, for [`Matcher::product`].
    pub product: usize,
    indicator: usize,
}

struct Compiled<'s> {
    product: usize,
    indicator: &'s Indicator,
    /// The collectors of whose artifacts it speaks.
    collectors: Vec<&'s str>,
    conditions: Vec<(Field, Test<'s>)>,
    unless: Vec<(Field, Test<'s>)>,
}

/// How the indicators on one collector's artifacts are found.
#[derive(Default)]
struct Index {
    /// The fields that one of them is found by.
    fields: BTreeSet<Field>,
    /// Indicators without an exact text or a literal; the loader refuses such files.
    always: Vec<usize>,
}

#[derive(Default)]
struct FieldIndex {
    exact: HashMap<String, Vec<usize>>,
    literals: BTreeMap<String, Vec<usize>>,
    automaton: Option<(AhoCorasick, Vec<Vec<usize>>)>,
}

impl<'s> Matcher<'s> {
    /// Compiles signatures; expressions are compiled when first needed.
    pub fn new(set: &'s SignatureSet) -> Self {
        let mut matcher = Matcher {
            products: Vec::new(),
            indicators: Vec::new(),
            by_collector: HashMap::new(),
            by_field: HashMap::new(),
        };
        let mut literals = Literals::new();
        for loaded in &set.files {
            let file = &loaded.file;
            for product in &file.products {
                let rules = product.rules.as_ref().unwrap_or(&file.rules);
                let binds = set.binds(&file.vendor.id, &product.id);
                matcher.products.push(Candidate { vendor: &file.vendor, product, rules, binds });
                for indicator in &product.indicators {
                    matcher.add(indicator, &mut literals);
                }
            }
        }
        matcher.by_field.values_mut().collect::<Vec<_>>().into_par_iter().for_each(FieldIndex::build);
        matcher
    }

    fn add(&mut self, indicator: &'s Indicator, literals: &mut Literals<'s>) {
        let compile = |conditions: &'s Conditions| {
            let fields = conditions.iter();
            fields.map(|(field, condition)| (*field, Test::new(field.kind(), condition))).collect()
        };
        let id = self.indicators.len();
        let compiled = Compiled {
            product: self.products.len() - 1,
            indicator,
            collectors: indicator.collectors.iter().flat_map(|name| matched(name)).collect(),
            conditions: compile(&indicator.conditions),
            unless: compile(&indicator.unless),
        };
        let conditions = compiled.conditions.iter();
        let anchor = conditions.filter_map(|(field, test)| Some((*field, test.anchor(literals)?)));
        let anchor = anchor.max_by_key(|(_, anchor)| anchor.worth());
        for collector in &compiled.collectors {
            let index = self.by_collector.entry(collector).or_default();
            match &anchor {
                None => index.always.push(id),
                Some((field, _)) => {
                    index.fields.insert(*field);
                }
            }
        }
        if let Some((field, anchor)) = anchor {
            let by_text = self.by_field.entry(field).or_default();
            match anchor {
                Anchor::Exact(texts) => {
                    texts.into_iter().for_each(|text| by_text.exact.entry(text).or_default().push(id));
                }
                Anchor::Literal(texts) => {
                    texts.into_iter().for_each(|text| by_text.literals.entry(text).or_default().push(id));
                }
            }
        }
        self.indicators.push(compiled);
    }

    /// Every indicator that an artifact meets.
    pub fn hits(&self, artifact: &Artifact) -> Vec<Hit> {
        let Some(index) = self.by_collector.get(artifact.collector) else { return Vec::new() };
        let mut found: Vec<usize> = index.always.clone();
        for field in &index.fields {
            let (Some(value), Some(by_text)) = (artifact.fields.get(field), self.by_field.get(field)) else {
                continue;
            };
            for text in value.texts() {
                let text = normalise_found(field.kind(), text);
                by_text.look_up(&text, &mut found);
                for spelling in spellings(artifact.collector, *field, &text) {
                    by_text.look_up(&spelling, &mut found);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let compiled = found.into_iter().filter_map(|id| Some((id, self.indicators.get(id)?)));
        compiled
            .filter(|(_, compiled)| {
                compiled.collectors.contains(&artifact.collector) && compiled.holds(artifact)
            })
            .map(|(id, compiled)| Hit { product: compiled.product, indicator: id })
            .collect()
    }

    /// The product of an index that a [`Hit`] names.
    pub fn product(&self, index: usize) -> Option<&Candidate<'s>> {
        self.products.get(index)
    }

    /// Every product that can be found.
    pub fn products(&self) -> &[Candidate<'s>] {
        &self.products
    }

    /// The indicator of a hit.
    pub fn indicator(&self, hit: Hit) -> Option<&'s Indicator> {
        self.indicators.get(hit.indicator).map(|compiled| compiled.indicator)
    }
}

impl FieldIndex {
    fn build(&mut self) {
        let literals = std::mem::take(&mut self.literals);
        if literals.is_empty() {
            return;
        }
        // The loader limits the number and length of patterns, so that building cannot fail; without an
        // automaton the index would go blind, so every indicator is then tried.
        match AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(literals.keys()) {
            Ok(automaton) => self.automaton = Some((automaton, literals.into_values().collect())),
            Err(_) => {
                let all = literals.into_values().flatten().collect();
                self.automaton = AhoCorasick::new([""]).ok().map(|automaton| (automaton, vec![all]));
            }
        }
    }

    fn look_up(&self, text: &str, found: &mut Vec<usize>) {
        if let Some(ids) = self.exact.get(text) {
            found.extend(ids);
        }
        if let Some((automaton, ids)) = &self.automaton {
            for hit in automaton.find_overlapping_iter(text) {
                found.extend(ids.get(hit.pattern().as_usize()).into_iter().flatten());
            }
        }
    }
}

impl Compiled<'_> {
    fn holds(&self, artifact: &Artifact) -> bool {
        let meets = |field: &Field, test: &Test<'_>| {
            let texts = || artifact.fields.get(field).into_iter().flat_map(Value::texts);
            let holds = |text: &str| {
                let text = normalise_found(field.kind(), text);
                let others = || spellings(artifact.collector, *field, &text);
                test.holds(&text) || others().iter().any(|spelling| test.holds(spelling))
            };
            texts().any(holds) || test.or_absent && texts().all(|text| text.trim().is_empty())
        };
        self.conditions.iter().all(|(field, test)| meets(field, test))
            && !self.unless.iter().any(|(field, test)| meets(field, test))
    }
}

/// The literals of expressions. A maker's are asked of many fields, and to read one takes most of the time of its indicator.
type Literals<'s> = HashMap<&'s str, Option<Vec<String>>>;

/// What an indicator is found by.
enum Anchor {
    /// The whole text is one of these.
    Exact(Vec<String>),
    /// The text contains one of these.
    Literal(Vec<String>),
}

impl Anchor {
    fn texts(&self) -> &[String] {
        match self {
            Anchor::Exact(texts) | Anchor::Literal(texts) => texts,
        }
    }

    /// Exact texts first, then the longer literal.
    fn worth(&self) -> (bool, usize) {
        let shortest = self.texts().iter().map(String::len).min().unwrap_or(0);
        (matches!(self, Anchor::Exact(_)), shortest)
    }
}

/// A compiled condition.
struct Test<'s> {
    kind: FieldKind,
    /// `equals` and `any_of`, each a list of which one must be the text.
    exact: Vec<Vec<String>>,
    prefix: Vec<String>,
    suffix: Vec<String>,
    contains: Vec<String>,
    glob: Vec<Glob>,
    regex: Option<Lazy<'s>>,
    version: Option<VersionRange>,
    /// A missing field holds as well.
    or_absent: bool,
}

impl<'s> Test<'s> {
    fn new(kind: FieldKind, condition: &'s Condition) -> Self {
        let all = |texts: &'s [String]| -> Vec<String> {
            texts.iter().map(|text| normalise(kind, text).into_owned()).collect()
        };
        let some = |texts: &'s Option<crate::signature::model::Texts>| {
            texts.as_ref().map(|texts| all(texts.as_slice())).unwrap_or_default()
        };
        let mut exact = Vec::new();
        if let Some(text) = &condition.equals {
            exact.push(all(std::slice::from_ref(text)));
        }
        if let Some(texts) = &condition.any_of {
            exact.push(all(texts));
        }
        Test {
            kind,
            exact,
            prefix: some(&condition.prefix),
            suffix: some(&condition.suffix),
            contains: some(&condition.contains),
            glob: some(&condition.glob).into_iter().map(Glob::new).collect(),
            regex: condition.regex.as_deref().map(Lazy::new),
            version: condition.version.as_deref().and_then(|range| VersionRange::parse(range).ok()),
            or_absent: condition.or_absent,
        }
    }

    fn anchor(&self, literals: &mut Literals<'s>) -> Option<Anchor> {
        if self.or_absent {
            return None;
        }
        if let Some(texts) = self.exact.iter().min_by_key(|texts| texts.len()) {
            return Some(Anchor::Exact(texts.clone()));
        }
        let globs: Option<Vec<String>> =
            self.glob.iter().map(|glob| literal::of_glob(&glob.pattern)).collect();
        let regex = self.regex.as_ref().map(|regex| regex.pattern);
        let regex = regex.and_then(|pattern| {
            literals.entry(pattern).or_insert_with(|| literal::of_regex(pattern)).as_ref()
        });
        let regex =
            regex.map(|texts| texts.iter().map(|text| normalise(self.kind, text).into_owned()).collect());
        [Some(self.prefix.clone()), Some(self.suffix.clone()), Some(self.contains.clone()), globs, regex]
            .into_iter()
            .flatten()
            .filter(|texts: &Vec<String>| !texts.is_empty() && texts.iter().all(|text| !text.is_empty()))
            .map(Anchor::Literal)
            .max_by_key(Anchor::worth)
    }

    /// Whether all of the condition holds of a normalised text.
    fn holds(&self, text: &str) -> bool {
        let any = |texts: &[String], holds: &dyn Fn(&str) -> bool| {
            texts.is_empty() || texts.iter().any(|wanted| holds(wanted))
        };
        self.exact.iter().all(|texts| texts.iter().any(|wanted| wanted == text))
            && any(&self.prefix, &|wanted| text.starts_with(wanted))
            && any(&self.suffix, &|wanted| text.ends_with(wanted))
            && any(&self.contains, &|wanted| text.contains(wanted))
            && (self.glob.is_empty() || self.glob.iter().any(|glob| glob.fits(self.kind, text)))
            && self.regex.as_ref().is_none_or(|regex| regex.is_match(text))
            && self.version.as_ref().is_none_or(|range| range.contains(text))
    }
}

struct Glob {
    pattern: String,
    regex: OnceLock<Option<Regex>>,
}

impl Glob {
    fn new(pattern: String) -> Self {
        Glob { pattern, regex: OnceLock::new() }
    }

    fn fits(&self, kind: FieldKind, text: &str) -> bool {
        let compile = || Regex::new(&glob_regex(kind, &self.pattern)).ok();
        self.regex.get_or_init(compile).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// The regular expression of a glob. In paths `*` and `?` stop at slashes.
fn glob_regex(kind: FieldKind, pattern: &str) -> String {
    let one = if kind == FieldKind::Path { "[^/]" } else { "." };
    let mut regex = "(?s)^".to_owned();
    let mut rest = pattern.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '*' if rest.next_if_eq(&'*').is_some() => regex.push_str(".*"),
            '*' => regex.extend([one, "*"]),
            '?' => regex.push_str(one),
            char => regex.push_str(&regex::escape(char.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push('$');
    regex
}

/// A regular expression that is compiled when its literal was seen for the first time.
struct Lazy<'s> {
    pattern: &'s str,
    regex: OnceLock<Option<Regex>>,
}

impl<'s> Lazy<'s> {
    fn new(pattern: &'s str) -> Self {
        Lazy { pattern, regex: OnceLock::new() }
    }

    fn is_match(&self, text: &str) -> bool {
        let compile = || literal::compile(self.pattern).ok();
        self.regex.get_or_init(compile).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// The state that a match shows: the indicator's, unless the artifact itself knows better than "installed".
pub fn state_of(artifact: &Artifact, indicator: &Indicator) -> State {
    match (artifact.state, indicator.state) {
        // Folders are left over for all that is known, but one that lies on a volume that is not here.
        (State::Installed, Some(State::Remnant))
            if artifact.collector == CollectorId::ProgramFolders.name() =>
        {
            State::Installed
        }
        (State::Installed, Some(state)) => state,
        (state, _) => state,
    }
}

/// Whether some text would be the strongest kind of match; for people reading reports.
pub fn is_conclusive(indicator: &Indicator) -> bool {
    indicator.strength == Strength::Conclusive
}

/// The conditions of an indicator in words, e.g. `name equals kesl`.
pub fn in_words(indicator: &Indicator) -> String {
    let mut words = Vec::new();
    for (field, condition) in &indicator.conditions {
        let mut add = |verb: &str, texts: Cow<'_, [String]>| {
            if !texts.is_empty() {
                words.push(format!("{field} {verb} {}", texts.join(" or ")));
            }
        };
        let list = |texts: &Option<crate::signature::model::Texts>| -> Vec<String> {
            texts.as_ref().map(|texts| texts.as_slice().to_vec()).unwrap_or_default()
        };
        add("equals", condition.equals.clone().into_iter().collect());
        add("equals", condition.any_of.clone().unwrap_or_default().into());
        add("begins with", list(&condition.prefix).into());
        add("ends with", list(&condition.suffix).into());
        add("contains", list(&condition.contains).into());
        add("fits", list(&condition.glob).into());
        add("matches", condition.regex.clone().into_iter().collect());
        add("is in", condition.version.clone().into_iter().collect());
        if let Some(last) = words.last_mut().filter(|_| condition.or_absent) {
            last.push_str(" or is absent");
        }
    }
    words.join(", ")
}

#[cfg(test)]
mod tests;
