//! `debar signatures new`: a signature file from artifacts that were seen, to be completed by a person.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::check::inventory;
use crate::collector;
use crate::command::reference::print;
use crate::command::signatures::arguments::New;
use crate::model::{Artifact, Error, Field, Os, Value};
use crate::report::exit;
use crate::signature::model::{Example, ExampleArtifact, Examples, FORMAT, Texts};
use crate::signature::{Condition, Conditions, Indicator, Product, SignatureFile, Status, Strength, Vendor};

/// Fields that name one product of the world by themselves.
const UNIQUE: &[Field] = &[
    Field::IdentifyingNumber,
    Field::UpgradeCode,
    Field::PackageFamilyName,
    Field::BundleIdentifier,
    Field::Identifier,
    Field::Label,
];
/// Fields that name the product together with who made it.
const MAKERS: &[Field] = &[
    Field::Publisher,
    Field::Vendor,
    Field::Company,
    Field::Maintainer,
    Field::Author,
    Field::Signer,
    Field::Namespace,
];
/// Fields that change by themselves from one inventory to the next.
const PASSING: &[Field] = &[Field::Pid, Field::Parent, Field::StartTime, Field::Size];
/// Where editors find the schema of a file in the folder `signatures`.
const SCHEMA: &str = "schema/signatures.schema.json";
/// Artifacts that one file is made of; a product has few of them.
const MAX: usize = 50;
/// Where the facts come from until someone names a public source.
const SOURCE: &str = "inventory";

pub(super) fn run(options: &New) -> Result<u8, Error> {
    let inventories = [Some(&options.inventory), options.since.as_ref()];
    crate::command::session::confine_to(inventories.into_iter().flatten().map(PathBuf::as_path), &[])?;
    let wanted: Result<Vec<Wanted>, Error> = options.select.iter().map(|text| Wanted::parse(text)).collect();
    let wanted = wanted?;
    let earlier = options.since.as_deref().map(inventory).transpose()?.unwrap_or_default();
    let earlier: BTreeSet<_> = earlier.iter().map(lasting).collect();
    let artifacts: Vec<Artifact> = inventory(&options.inventory)?
        .into_iter()
        .filter(|artifact| wanted.iter().all(|wanted| wanted.fits(artifact)))
        .filter(|artifact| !earlier.contains(&lasting(artifact)))
        .collect();
    if artifacts.is_empty() || artifacts.len() > MAX {
        return Err(Error::Usage(format!(
            "{} artifacts of the inventory are selected; choose 1 to {MAX} with --select FIELD=TEXT",
            artifacts.len()
        )));
    }
    let file = file(options, &artifacts);
    let json = serde_json::to_string_pretty(&file).map_err(|error| Error::Stdout(error.into()))?;
    print(&(json + "\n"))?;
    Ok(exit::OK)
}

/// The facts of an artifact that stay the same while nobody installs anything.
fn lasting(artifact: &Artifact) -> (&'static str, Vec<(Field, &Value)>) {
    let fields = artifact.fields.iter().filter(|(field, _)| !PASSING.contains(field));
    (artifact.collector, fields.map(|(field, value)| (*field, value)).collect())
}

/// A choice of artifacts.
struct Wanted {
    collector: Option<String>,
    field: Field,
    text: String,
}

impl Wanted {
    fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |what: String| Error::Usage(format!("--select {text}: {what}"));
        let (name, wanted) = text
            .split_once('=')
            .ok_or_else(|| wrong("write FIELD=TEXT or COLLECTOR.FIELD=TEXT".to_owned()))?;
        let (collector, name) = match name.split_once('.') {
            Some((collector, name)) => (Some(collector.to_owned()), name),
            None => (None, name),
        };
        let field = Field::ALL.iter().copied().find(|field| field.name() == name).ok_or_else(|| {
            let near = crate::signature::nearest(name, Field::ALL.iter().map(|field| field.name()));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            wrong(format!("there is no field `{name}`{hint}"))
        })?;
        Ok(Wanted { collector, field, text: wanted.to_lowercase() })
    }

    fn fits(&self, artifact: &Artifact) -> bool {
        self.collector.as_ref().is_none_or(|name| name == artifact.collector)
            && artifact
                .fields
                .get(&self.field)
                .is_some_and(|value| value.texts().any(|text| text.to_lowercase().contains(&self.text)))
    }
}

/// The systems that the collectors of the artifacts are for; all when they are for any.
fn platforms(artifacts: &[Artifact]) -> Vec<Os> {
    let mut platforms: Vec<Os> = artifacts
        .iter()
        .filter_map(|artifact| collector::named(artifact.collector))
        .flat_map(|collector| collector.applies.os.iter().copied())
        .collect();
    platforms.sort_unstable();
    platforms.dedup();
    if platforms.is_empty() {
        platforms = vec![Os::Linux, Os::Macos, Os::Windows];
    }
    platforms
}

fn indicators(artifacts: &[Artifact]) -> Vec<Indicator> {
    let mut indicators: Vec<Indicator> = Vec::new();
    for artifact in artifacts {
        let Some(indicator) = indicator(artifact, indicators.len() + 1) else { continue };
        let same = |other: &Indicator| {
            other.collectors == indicator.collectors && other.conditions == indicator.conditions
        };
        if !indicators.iter().any(same) {
            indicators.push(indicator);
        }
    }
    indicators
}

fn file(options: &New, artifacts: &[Artifact]) -> SignatureFile {
    let name = artifacts.first().and_then(|artifact| {
        artifact.text(Field::DisplayName).or_else(|| artifact.text(Field::Name)).map(str::to_owned)
    });
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let example = Example {
        about: "As seen in the inventory".to_owned(),
        artifacts: artifacts
            .iter()
            .map(|artifact| ExampleArtifact {
                collector: artifact.collector.to_owned(),
                fields: artifact.fields.clone(),
            })
            .collect(),
    };
    SignatureFile {
        schema: Some(SCHEMA.to_owned()),
        format: FORMAT,
        vendor: Vendor { id: options.vendor.clone(), name: options.vendor.clone(), aliases: Vec::new() },
        version: format!("{}.{}.1", today.year(), today.month()),
        date: today.to_string(),
        sources: BTreeMap::from([(
            SOURCE.to_owned(),
            format!("seen in an inventory read on {today}; put a public source in its place"),
        )]),
        on_request: false,
        rules: Vec::new(),
        products: vec![Product {
            id: options.product.clone(),
            name: name.unwrap_or_else(|| options.product.clone()),
            status: Status::Banned,
            note: None,
            platforms: platforms(artifacts),
            rules: None,
            fallback: false,
            maker: None,
            antivirus: false,
            encryption: Vec::new(),
            indicators: indicators(artifacts),
            removal: Vec::new(),
            examples: Examples { positive: vec![example], ..Examples::default() },
        }],
    }
}

/// The indicator that the artifact gives: by what is unique in the world, else by name and maker, else by name or
/// place alone, which only backs others up.
fn indicator(artifact: &Artifact, number: usize) -> Option<Indicator> {
    let value = |field: &Field| artifact.fields.get(field).map(|value| (*field, Box::new(equals(value))));
    let unique = UNIQUE.iter().find_map(value);
    let maker = MAKERS.iter().find_map(value);
    let named = [Field::Product, Field::Name, Field::Path, Field::Subject].iter().find_map(value);
    let strength = match (&unique, &maker, &named) {
        (Some(_), ..) | (None, Some(_), Some(_)) => Strength::Conclusive,
        _ => Strength::Supporting,
    };
    let conditions: Conditions = match unique {
        Some(unique) => BTreeMap::from([unique]),
        None => named.into_iter().chain(maker).collect(),
    };
    (!conditions.is_empty()).then(|| Indicator {
        id: format!("{}-{number}", artifact.collector.replace('_', "-")),
        collectors: vec![artifact.collector.to_owned()],
        strength,
        conditions,
        unless: BTreeMap::new(),
        state: None,
        reason: None,
        source: Texts::One(SOURCE.to_owned()),
    })
}

fn equals(value: &Value) -> Condition {
    match value {
        Value::One(text) => Condition { equals: Some(text.clone()), ..Condition::default() },
        Value::Many(texts) => Condition { any_of: Some(texts.clone()), ..Condition::default() },
    }
}
