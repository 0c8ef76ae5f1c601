//! What types cannot check of signature and rule files: that names exist, that ids are unique, that patterns
//! compile and can match, and that no indicator is too weak for what it claims.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::locate::Step;
use super::model::{FORMAT, Texts};
use super::version::VersionRange;
use super::{
    Condition, Indicator, Product, RemovalStep, SignatureFile, Status, Strength, fact, literal, maker,
    nearest,
};
use crate::model::{Field, FieldKind};
use crate::signature::rules::RulesFile;

/// A mistake: the value it is in, and what is wrong.
pub(super) type Mistake = (Vec<Step>, String);

/// An indicator whose longest literal is shorter than this would match by chance.
const MIN_LITERAL: usize = 3;
/// Mistakes that get a guess at what was meant.
const MAX_EXPLAINED: usize = 100;
/// Collectors whose names are names of files: anybody's file may have one.
const NAMES_OF_FILES: &[&str] = &["processes", "program_files", "program_folders"];

/// Collects mistakes on the way through a file.
struct Checker<'a> {
    path: Vec<Step>,
    mistakes: Vec<Mistake>,
    sources: &'a BTreeMap<String, String>,
    rules: &'a BTreeSet<String>,
}

/// The mistakes of a signature file, given the ids of all rules.
pub(super) fn signatures(file: &SignatureFile, rules: &BTreeSet<String>) -> Vec<Mistake> {
    let mut check = Checker { path: Vec::new(), mistakes: Vec::new(), sources: &file.sources, rules };
    check.head(file.format, &file.date, &file.version);
    check.at("vendor", |check| check.at("id", |check| check.id(&file.vendor.id)));
    check.at("sources", |check| {
        for (key, source) in check.sources {
            if source.trim().is_empty() {
                check.at(key.as_str(), |check| check.wrong("a source without an address or document"));
            }
        }
    });
    check.at("rules", |check| check.rule_ids(&file.rules));
    check.at("products", |check| {
        let mut ids = BTreeSet::new();
        for (at, product) in file.products.iter().enumerate() {
            check.at(at, |check| {
                check.unique(&product.id, &mut ids);
                check.product(product);
            });
        }
    });
    check.mistakes
}

/// The mistakes of a rules file.
pub(super) fn rules(file: &RulesFile) -> Vec<Mistake> {
    let (sources, rules) = (BTreeMap::new(), BTreeSet::new());
    let mut check = Checker { path: Vec::new(), mistakes: Vec::new(), sources: &sources, rules: &rules };
    check.head(file.format, &file.date, &file.version);
    check.at("rules", |check| {
        let mut ids = BTreeSet::new();
        for (at, rule) in file.rules.iter().enumerate() {
            check.at(at, |check| {
                check.unique(&rule.id, &mut ids);
                check.each("vendors", &rule.vendors, |check, vendor| check.id(vendor));
                check.filled("sources", !rule.sources.is_empty(), "a rule without a public source");
                if let Some(ended) = &rule.ended {
                    check.at("ended", |check| check.date(ended));
                }
                check.milestones(&rule.milestones);
                check.vendors_of_milestones(rule);
            });
        }
    });
    check.at("vendors", |check| {
        let mut ids = BTreeSet::new();
        for (at, vendor) in file.vendors.iter().enumerate() {
            check.at(at, |check| {
                check.unique(&vendor.id, &mut ids);
                check.named_vendor(vendor);
            });
        }
    });
    check.mistakes
}

impl Checker<'_> {
    fn at(&mut self, step: impl Into<Step>, inner: impl FnOnce(&mut Self)) {
        self.path.push(step.into());
        inner(self);
        self.path.pop();
    }

    fn wrong(&mut self, what: impl Into<String>) {
        self.mistakes.push((self.path.clone(), what.into()));
    }

    /// What is said of a name that nothing has, with the one that was meant if it is near. Looking for that takes time,
    /// and of a file with so many mistakes nobody reads them all.
    fn unknown<'a>(&self, kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
        let meant = if self.mistakes.len() < MAX_EXPLAINED { nearest(name, known) } else { None };
        match meant {
            Some(meant) => format!("no {kind} `{name}`; did you mean `{meant}`?"),
            None => format!("no {kind} `{name}`"),
        }
    }

    fn each(&mut self, step: &str, texts: &[String], check: impl Fn(&mut Self, &str)) {
        self.at(step, |this| {
            for (at, text) in texts.iter().enumerate() {
                this.at(at, |this| check(this, text));
            }
        });
    }

    fn filled(&mut self, step: &str, is_filled: bool, what: &str) {
        if !is_filled {
            self.at(step, |this| this.wrong(what));
        }
    }

    fn head(&mut self, format: u32, date: &str, version: &str) {
        if format != FORMAT {
            let what = format!("file format {format} is not known; this debar reads format {FORMAT}");
            self.at("format", |this| this.wrong(what));
        }
        self.at("date", |this| this.date(date));
        self.filled("version", !version.trim().is_empty(), "an empty version");
    }

    fn date(&mut self, text: &str) {
        if text.parse::<Date>().is_err() {
            self.wrong(format!("`{text}` is no date; write YYYY-MM-DD"));
        }
    }

    fn id(&mut self, id: &str) {
        let is_slug = !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte));
        if !is_slug {
            self.wrong(format!("`{id}` is no id; use lower-case letters, digits, `-`, `_` and `.`"));
        }
    }

    fn unique(&mut self, id: &str, ids: &mut BTreeSet<String>) {
        self.at("id", |this| {
            this.id(id);
            if !ids.insert(id.to_owned()) {
                this.wrong(format!("the id `{id}` is taken"));
            }
        });
    }

    fn rule_ids(&mut self, ids: &[String]) {
        for (at, id) in ids.iter().enumerate() {
            if !self.rules.contains(id) {
                let what = self.unknown("rule", id, self.rules.iter().map(String::as_str));
                self.at(at, |this| this.wrong(what));
            }
        }
    }

    fn milestones(&mut self, milestones: &[super::Milestone]) {
        self.at("milestones", |this| {
            let mut last: Option<Date> = None;
            for (at, milestone) in milestones.iter().enumerate() {
                this.at(at, |this| {
                    this.at("date", |this| match milestone.day() {
                        None => this.date(&milestone.date),
                        Some(day) if last.is_some_and(|last| day < last) => {
                            this.wrong("earlier than the milestone before it; put them in order");
                        }
                        Some(day) => last = Some(day),
                    });
                });
            }
        });
    }

    fn vendors_of_milestones(&mut self, rule: &super::Rule) {
        for (at, milestone) in rule.milestones.iter().enumerate() {
            let unknown = milestone.vendors.iter().find(|id| !rule.vendors.contains(id));
            if let Some(unknown) = unknown {
                let what =
                    self.unknown("vendor of the rule", unknown, rule.vendors.iter().map(String::as_str));
                self.at("milestones", |this| this.at(at, |this| this.at("vendors", |this| this.wrong(what))));
            }
        }
    }

    fn named_vendor(&mut self, vendor: &super::NamedVendor) {
        match (&vendor.file, &vendor.no_software) {
            (Some(file), None) => self.at("file", |this| this.id(file)),
            (None, Some(reason)) => {
                self.filled("no_software", !reason.trim().is_empty(), "an empty reason");
                let has_source = vendor.source.as_ref().is_some_and(|source| source.starts_with("https://"));
                self.filled("source", has_source, "no public source of why there is nothing to check for");
            }
            _ => self.wrong("give either `file` or `no_software`"),
        }
    }

    fn product(&mut self, product: &Product) {
        if let Some(rules) = &product.rules {
            self.at("rules", |this| this.rule_ids(rules));
        }
        if product.status != Status::Banned
            && product.note.as_deref().is_none_or(|note| note.trim().is_empty())
        {
            let what =
                format!("a product with status `{}` needs a `note` that says why", product.status.word());
            self.at("status", |this| this.wrong(what));
        }
        self.filled("platforms", !product.platforms.is_empty(), "a product that exists nowhere");
        let is_known = !product.indicators.is_empty() || product.maker.is_some();
        self.filled("indicators", is_known, "a product that nothing names");
        if let Some(maker) = &product.maker {
            self.at("maker", |this| {
                this.source(&maker.source);
                for (list, at, what) in maker::mistakes(product) {
                    this.at(list, |this| this.at(at, |this| this.wrong(what)));
                }
            });
        }
        self.at("indicators", |this| {
            let mut ids = BTreeSet::new();
            for (at, indicator) in product.indicators.iter().enumerate() {
                this.at(at, |this| {
                    this.unique(&indicator.id, &mut ids);
                    this.indicator(indicator);
                });
            }
        });
        self.at("removal", |this| {
            for (at, step) in product.removal.iter().enumerate() {
                this.at(at, |this| this.removal(step));
            }
        });
        self.at("examples", |this| {
            let examples = &product.examples;
            let kinds = [
                ("positive", &examples.positive),
                ("possible", &examples.possible),
                ("negative", &examples.negative),
            ];
            for (kind, examples) in kinds {
                this.at(kind, |this| this.examples(examples));
            }
        });
    }

    fn examples(&mut self, examples: &[super::model::Example]) {
        for (at, example) in examples.iter().enumerate() {
            self.at(at, |this| {
                this.at("artifacts", |this| {
                    for (at, artifact) in example.artifacts.iter().enumerate() {
                        this.at(at, |this| {
                            this.at("collector", |this| this.collector(&artifact.collector));
                            this.at("fields", |this| {
                                this.fields(&artifact.collector, artifact.fields.keys())
                            });
                        });
                    }
                });
            });
        }
    }

    fn source(&mut self, source: &Texts) {
        self.at("source", |this| {
            if source.as_slice().is_empty() {
                this.wrong("a fact without a source");
            }
            for (at, key) in source.as_slice().iter().enumerate() {
                if !this.sources.contains_key(key) {
                    let what = this.unknown("source", key, this.sources.keys().map(String::as_str));
                    match source {
                        Texts::One(_) => this.wrong(what),
                        Texts::Many(_) => this.at(at, |this| this.wrong(what)),
                    }
                }
            }
        });
    }

    fn collector(&mut self, name: &str) {
        if crate::collector::named(name).is_none() {
            let what =
                self.unknown("collector", name, crate::collector::all().map(|collector| collector.name));
            self.wrong(what);
        }
    }

    /// Fields that the collector never yields.
    fn fields<'f>(&mut self, name: &str, fields: impl Iterator<Item = &'f Field>) {
        let Some(collector) = crate::collector::named(name) else { return };
        for field in fields.filter(|field| !collector.yields.contains(field)) {
            let known: Vec<&str> = collector.yields.iter().map(|field| field.name()).collect();
            let what = format!("`{name}` yields no `{field}`; it yields {}", known.join(", "));
            self.at(field.name(), |this| this.wrong(what));
        }
    }

    fn removal(&mut self, step: &RemovalStep) {
        self.each("collectors", &step.collectors, |this, name| this.collector(name));
        self.source(&step.source);
        let is_property = |name: &str| {
            let is_sign = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            !name.is_empty() && name.bytes().all(is_sign)
        };
        for (at, password) in step.passwords.iter().enumerate() {
            let what = "a property is capital letters, digits and _";
            self.at("passwords", |this| {
                this.at(at, |this| this.filled("property", is_property(&password.property), what));
            });
        }
        let Some(command) = &step.command else { return };
        for part in command.split('{').skip(1) {
            let name = part.split('}').next().unwrap_or(part);
            if !Field::ALL.iter().any(|field| field.name() == name) {
                let what = self.unknown("field", name, Field::ALL.iter().map(|field| field.name()));
                self.at("command", |this| this.wrong(what));
            }
        }
    }

    fn indicator(&mut self, indicator: &Indicator) {
        self.filled(
            "collectors",
            !indicator.collectors.is_empty(),
            "an indicator that looks at no collector",
        );
        self.filled(
            "where",
            !indicator.conditions.is_empty(),
            "an indicator without a condition matches everything",
        );
        self.each("collectors", &indicator.collectors, |this, name| this.collector(name));
        self.source(&indicator.source);
        for (step, conditions) in [("where", &indicator.conditions), ("unless", &indicator.unless)] {
            self.at(step, |this| {
                for (field, _) in conditions.iter().filter(|(_, one)| one.or_absent && step == "unless") {
                    this.at(field.name(), |this| this.wrong("`or_absent` says nothing in `unless`"));
                }
                for name in &indicator.collectors {
                    this.fields(name, conditions.keys());
                }
                for (field, condition) in conditions {
                    this.at(field.name(), |this| this.condition(*field, condition));
                }
            });
        }
        if indicator.conditions.is_empty() {
            return;
        }
        let required = indicator.conditions.values().filter(|condition| !condition.or_absent);
        let longest = required.filter_map(|condition| shortest_literal(condition)).max();
        if longest.is_none_or(|length| length < MIN_LITERAL) {
            let what = format!(
                "too broad: no condition holds a text of at least {MIN_LITERAL} characters that a match must contain"
            );
            self.at("where", |this| this.wrong(what));
        }
        if indicator.strength == Strength::Conclusive {
            self.conclusive(indicator);
        }
    }

    /// A bare file or process name is anybody's.
    fn conclusive(&mut self, indicator: &Indicator) {
        let of_files = indicator.collectors.iter().find(|name| NAMES_OF_FILES.contains(&name.as_str()));
        let Some(collector) = of_files else { return };
        let is_bare = |field: &Field, condition: &Condition| match field {
            Field::Name | Field::OriginalFilename | Field::InternalName | Field::Soname => true,
            _ if field.kind() == FieldKind::Path => texts(condition).all(|text| !text.contains(['/', '\\'])),
            Field::Format | Field::Arch | Field::Size | Field::User | Field::OnDisk => true,
            _ => false,
        };
        let mut required = indicator.conditions.iter().filter(|(_, condition)| !condition.or_absent);
        if required.all(|(field, condition)| is_bare(field, condition)) {
            let what = format!(
                "a bare name of `{collector}` is never conclusive; add a folder, signer, publisher or version \
                 resource, or make it `supporting`"
            );
            self.at("strength", |this| this.wrong(what));
        }
    }

    fn condition(&mut self, field: Field, condition: &Condition) {
        if *condition == (Condition { or_absent: condition.or_absent, ..Condition::default() }) {
            self.wrong("a condition that asks nothing; give equals, any_of, prefix, suffix, contains, glob, regex or version");
        }
        for (name, list) in lists(condition) {
            self.at(name, |this| {
                if list.is_empty() {
                    this.wrong("an empty list; nothing would match");
                }
                if list.iter().any(|text| text.trim().is_empty()) {
                    this.wrong("an empty text; everything would match");
                }
            });
        }
        if let Some(pattern) = &condition.regex {
            self.at("regex", |this| this.regex(pattern));
        }
        for pattern in condition.glob.iter().flat_map(Texts::as_slice) {
            if literal::of_glob(pattern).is_none() {
                self.at("glob", |this| this.wrong("a pattern of wildcards alone; everything would match"));
            }
        }
        if let Some(range) = &condition.version {
            self.at("version", |this| {
                if let Err(error) = VersionRange::parse(range) {
                    this.wrong(format!("no version range: {error}"));
                }
                if !matches!(field, Field::Version | Field::ProductVersion) {
                    this.wrong(format!("`{field}` holds no version"));
                }
            });
        }
    }

    fn regex(&mut self, pattern: &str) {
        if let Err(error) = literal::check(pattern) {
            // The library draws the pattern with a marker over several lines.
            let message = error.to_string();
            let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            self.wrong(format!("no regular expression: {reason}"));
        } else if literal::of_regex(pattern).is_none() {
            self.wrong("no literal: every match must contain some fixed text, so that the expression is rarely tried");
        }
    }
}

fn lists(condition: &Condition) -> Vec<(&'static str, &[String])> {
    let mut lists: Vec<(&'static str, &[String])> = Vec::new();
    if let Some(text) = &condition.equals {
        lists.push(("equals", std::slice::from_ref(text)));
    }
    if let Some(texts) = &condition.any_of {
        lists.push(("any_of", texts));
    }
    for (name, texts) in [
        ("prefix", &condition.prefix),
        ("suffix", &condition.suffix),
        ("contains", &condition.contains),
        ("glob", &condition.glob),
    ] {
        if let Some(texts) = texts {
            lists.push((name, texts.as_slice()));
        }
    }
    lists
}

/// Every text that a condition names.
fn texts(condition: &Condition) -> impl Iterator<Item = &str> {
    let listed = lists(condition).into_iter().flat_map(|(_, texts)| texts).map(String::as_str);
    listed.chain(condition.regex.as_deref())
}

/// The letters that a text must at least share with a condition; the best of its operators. A character that is a word
/// by itself counts twice.
fn shortest_literal(condition: &Condition) -> Option<usize> {
    let length = |text: &str| text.chars().map(fact::weight).sum();
    let of_lists = lists(condition).into_iter().filter_map(|(name, texts)| {
        let lengths = texts.iter().map(|text| match name {
            "glob" => literal::of_glob(text).map_or(0, |text| length(&text)),
            _ => length(text),
        });
        lengths.min()
    });
    let of_regex = condition.regex.as_deref().and_then(literal::of_regex);
    let of_regex = of_regex.and_then(|texts| texts.iter().map(|text| length(text)).min());
    of_lists.chain(of_regex).max()
}
