//! `debar explain`: what a name in a report means.

use super::arguments::SignatureOptions;
use super::reference::print;
use crate::collector::{self, Collector};
use crate::finding::matcher::in_words;
use crate::model::{Error, GapKind, State};
use crate::report::exit;
use crate::signature::rules::{Clock, DayCount};
use crate::signature::{self, Audience, LoadedFile, Product, Rule, SignatureSet};
use clap::Args;

/// Explain a name from a report.
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// A product (vendor/product), vendor, rule, collector, kind of gap, state, audience or exit code.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

pub(super) fn run(options: &Explain) -> Result<u8, Error> {
    let name = options.name.trim();
    let set = super::session::judging_signatures(&options.signatures)?;
    let text = of_gap(name)
        .or_else(|| of_state(name))
        .or_else(|| of_exit_code(name))
        .or_else(|| of_audience(&set, name))
        .or_else(|| of_vendor(&set, name))
        .or_else(|| collector::named(name).map(of_collector))
        .or_else(|| set.rules.get(name).map(of_rule))
        .or_else(|| of_product(&set, name));
    match text {
        Some(text) => {
            print(&text)?;
            Ok(exit::OK)
        }
        None => Err(unknown(&set, name)),
    }
}

fn unknown(set: &SignatureSet, name: &str) -> Error {
    let mut names: Vec<String> = GapKind::ALL.iter().map(|kind| kind.word().to_owned()).collect();
    names.extend(collector::all().map(|collector| collector.name.to_owned()));
    names.extend(set.rules.keys().cloned());
    names.extend(STATES.iter().map(|(state, ..)| state.word().to_owned()));
    names.extend(set.rules.values().flat_map(|rule| &rule.audiences).map(ToString::to_string));
    for loaded in &set.files {
        let vendor = &loaded.file.vendor.id;
        names.push(vendor.clone());
        names.extend(loaded.file.products.iter().map(|product| format!("{vendor}/{}", product.id)));
    }
    let near = signature::nearest(name, names.iter().map(String::as_str));
    let hint = super::meant::end(near);
    Error::Usage(format!(
        "there is no product, vendor, rule, collector, gap, state, audience or exit code `{name}`{hint} `debar signatures list` and `debar collectors` list the names"
    ))
}

fn of_gap(name: &str) -> Option<String> {
    let kind = GapKind::ALL.iter().find(|kind| kind.word() == name)?;
    Some(format!(
        "{name}: a kind of gap, a place that should have been read and was not\n\n{}\nWhat to do: {}\n",
        kind.about(),
        kind.remedy()
    ))
}

/// States with the words that the text report has for them, and what they mean.
const STATES: &[(State, &str, &str)] = &[
    (
        State::Running,
        "RUNNING",
        "A process, driver or extension of it is loaded now. It acts with the rights that it has.",
    ),
    (
        State::Installed,
        "INSTALLED",
        "It is on the disk and registered, and was not seen running during the scan.",
    ),
    (
        State::Disabled,
        "DISABLED",
        "It is installed, and its only service or entry is switched off. Anyone with the rights can switch it on.",
    ),
    (State::Embedded, "EMBEDDED", "It is a part of another product, which has to be updated or replaced."),
    (
        State::Installer,
        "SETUP FILE",
        "A setup file was kept; the product is not installed by it alone. Delete the file.",
    ),
    (
        State::Remnant,
        "LEFTOVER",
        "The product is gone and left something behind: settings, folders, registrations. Reports in JSON call it remnant.",
    ),
    (
        State::DeletedInLaterLayer,
        "DELETED IN A LATER LAYER",
        "A later layer of the image deleted it; the earlier layer still ships it.",
    ),
];

fn of_state(name: &str) -> Option<String> {
    let is = |words: &str| words.to_lowercase() == name.to_lowercase().replace('-', " ");
    let (state, shown, about) = STATES.iter().find(|(state, shown, _)| state.word() == name || is(shown))?;
    Some(format!(
        "{}: a state of a product (text report: {shown})\n\n{about}\n\nThe greatest state of its evidence is that of a \
         finding: {}. `--fail-on` sets from which state on a scan gives exit code 1.\n",
        state.word(),
        STATES.iter().map(|(state, ..)| state.word()).collect::<Vec<_>>().join(" > ")
    ))
}

fn of_exit_code(name: &str) -> Option<String> {
    let (code, means) = exit::CODES.iter().find(|(code, _)| code.to_string() == name)?;
    Some(format!("{code}: an exit code\n\n{means}\n"))
}

fn of_audience(set: &SignatureSet, name: &str) -> Option<String> {
    let audience: Audience = name.parse().ok()?;
    let rules: Vec<&Rule> = set.rules.values().filter(|rule| rule.audiences.contains(&audience)).collect();
    let about = match &audience {
        Audience::Private => {
            "A person or enterprise in the United States without federal contracts.".to_owned()
        }
        Audience::FederalAgency => "A federal department or agency of the United States.".to_owned(),
        Audience::FederalContractor => "A contractor of the federal government, at any tier.".to_owned(),
        Audience::FederalFunds => "A recipient of federal grants, loans or subsidies.".to_owned(),
        Audience::State(state) => format!("The public sector of the state {state} of the United States."),
        Audience::Country(country) => format!("The public sector of the country {country}."),
    };
    let mut text =
        format!("{name}: an audience\n\n{about}\n`debar scan --audience {name}` judges by its rules.\n");
    text.push_str(if rules.is_empty() { "\nNo rule is known for it.\n" } else { "\nRules\n" });
    for rule in rules {
        text.push_str(&format!("  {}  {} ({})\n", rule.id, rule.title, rule.status));
    }
    Some(text)
}

fn of_vendor(set: &SignatureSet, name: &str) -> Option<String> {
    let wanted = name.to_lowercase();
    let is_named = |loaded: &&LoadedFile| {
        let vendor = &loaded.file.vendor;
        let names = std::iter::once(&vendor.name).chain(&vendor.aliases);
        vendor.id == wanted || names.map(|name| name.to_lowercase()).any(|name| name == wanted)
    };
    let loaded = set.files.iter().find(is_named)?;
    let file = &loaded.file;
    let mut text = format!("{}: a vendor\n\n{}", file.vendor.id, file.vendor.name);
    if !file.vendor.aliases.is_empty() {
        text.push_str(&format!(", also {}", file.vendor.aliases.join(", ")));
    }
    text.push_str(&format!("\nSignatures {} of {} ({})\n", file.version, file.date, loaded.origin));
    if file.on_request {
        text.push_str(
            "Restricted only for some organisations: counts with an --audience that its rules bind.\n",
        );
    }
    text.push_str("\nProducts\n");
    for product in &file.products {
        text.push_str(&format!(
            "  {}/{}  {} ({})\n",
            file.vendor.id,
            product.id,
            product.name,
            product.status.word()
        ));
    }
    text.push_str(&format!("\nRules: {}\n", file.rules.join(", ")));
    Some(text)
}

fn of_collector(collector: &Collector) -> String {
    let mut text =
        format!("{}: a collector ({})\n\n{}\n", collector.name, collector.applies.words(), collector.about);
    let mut list = |title: &str, items: &[String]| {
        if !items.is_empty() {
            text.push_str(&format!("\n{title}\n"));
            for item in items {
                text.push_str(&format!("  {item}\n"));
            }
        }
    };
    let paths = |paths: &[&str]| -> Vec<String> { paths.iter().map(|path| format!("/{path}")).collect() };
    list("Reads", &paths(collector.reads));
    list("Searches below", &paths(collector.walks));
    list("Registry keys", &collector.keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
    let fields: Vec<String> =
        collector.yields.iter().map(|field| format!("{:<18} {}", field.name(), field.about())).collect();
    list("Yields", &fields);
    text
}

fn of_rule(rule: &Rule) -> String {
    let mut text = format!(
        "{}: a rule ({}, {})\n\n{}\n{}\n",
        rule.id, rule.jurisdiction, rule.status, rule.title, rule.summary
    );
    let mut list = |title: &str, items: &[String]| {
        if !items.is_empty() {
            text.push_str(&format!("\n{title}\n"));
            for item in items {
                text.push_str(&format!("  - {item}\n"));
            }
        }
    };
    let effects: Vec<String> = rule.effects.iter().map(|effect| effect.word().to_owned()).collect();
    list("Acts on", &[effects.join(", ")]);
    list("Binds", &rule.binds);
    list("Does not bind", rule.does_not_bind.as_slice());
    let dates: Vec<String> =
        rule.milestones.iter().map(|milestone| format!("{}: {}", milestone.date, milestone.what)).collect();
    list("Dates", &dates);
    list("Exempts", &rule.exemptions);
    let audiences: Vec<String> = rule.audiences.iter().map(ToString::to_string).collect();
    list("Audiences", &audiences);
    list("Reporting", &rule.reporting);
    let clocks: Vec<String> = rule.clocks.iter().map(in_words_of_time).collect();
    list("Clocks", &clocks);
    list("Penalties", rule.penalties.as_slice());
    list("Not confirmed", &rule.unconfirmed);
    list("Citation", std::slice::from_ref(&rule.citation));
    let mut sources = vec![rule.url.clone()];
    sources.extend(rule.sources.iter().filter(|source| **source != rule.url).cloned());
    list("Text and sources", &sources);
    text
}

fn in_words_of_time(clock: &Clock) -> String {
    let count = match clock.count {
        DayCount::Business => "business",
        DayCount::Calendar => "calendar",
    };
    format!("{}: {} {count} days from {}", clock.what, clock.days, clock.from)
}

fn of_product(set: &SignatureSet, name: &str) -> Option<String> {
    let (loaded, product) = set.files.iter().find_map(|loaded| {
        let rest = name.strip_prefix(loaded.file.vendor.id.as_str())?.strip_prefix('/')?;
        Some((loaded, loaded.file.products.iter().find(|product| product.id == rest)?))
    })?;
    Some(describe_product(loaded, product))
}

fn describe_product(loaded: &LoadedFile, product: &Product) -> String {
    let file = &loaded.file;
    let platforms: Vec<&str> = product.platforms.iter().map(|os| os.word()).collect();
    let mut text = format!(
        "{}/{}: a product of {} ({}; {})\n\n{}\n",
        file.vendor.id,
        product.id,
        file.vendor.name,
        product.status.word(),
        platforms.join(", "),
        product.name
    );
    if let Some(note) = &product.note {
        text.push_str(&format!("{note}\n"));
    }
    text.push_str("\nRecognised by\n");
    for indicator in &product.indicators {
        text.push_str(&format!(
            "  {:<11} {}: {}\n",
            indicator.strength.word(),
            indicator.collectors.join(", "),
            in_words(indicator)
        ));
        for key in indicator.source.as_slice() {
            text.push_str(&format!("              source: {}\n", file.sources.get(key).unwrap_or(key)));
        }
    }
    if !product.removal.is_empty() {
        text.push_str("\nRemoval\n");
    }
    for step in &product.removal {
        text.push_str(&format!("  - {} ({})\n", step.title, step.platform.word()));
        if let Some(command) = &step.command {
            text.push_str(&format!("      {command}\n"));
        }
    }
    let rules = product.rules.as_ref().unwrap_or(&file.rules);
    text.push_str(&format!("\nRules: {}\n", rules.join(", ")));
    text
}
