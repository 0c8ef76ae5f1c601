//! `debar signatures list`: vendors, products and rules.

use std::fmt::Write;

use super::super::outputs::write_outputs;
use super::super::session;
use super::arguments::List;
use super::unknown::check_vendors;
use crate::command::arguments::Global;
use crate::model::{Error, Os};
use crate::report::exit;
use crate::signature::{LoadedFile, Product, SignatureSet};
use crate::write::Table;

pub(super) fn run(options: &List, global: &Global) -> Result<u8, Error> {
    let files = session::signature_files(&options.signatures);
    session::confine_to(files.iter().map(std::path::PathBuf::as_path), &options.output)?;
    let set = session::signatures(&options.signatures)?;
    check(options, &set)?;
    let text = text(options, &set);
    let table = table(options, &set);
    write_outputs(&options.output, global, "text", |format, _, out| match format {
        "json" => table.json(out),
        "ndjson" => table.ndjson(out),
        "csv" => table.csv(out),
        _ => out.write_all(text.as_bytes()),
    })?;
    Ok(exit::OK)
}

/// Checks that there is what the filters name.
fn check(options: &List, set: &SignatureSet) -> Result<(), Error> {
    check_vendors(set, &options.vendor)?;
    let systems = [Os::Linux, Os::Windows, Os::Macos];
    let is_system = |name: &String| systems.iter().any(|os| os.word() == name);
    if let Some(unknown) = options.platform.as_ref().filter(|name| !is_system(name)) {
        let names: Vec<&str> = systems.iter().map(|os| os.word()).collect();
        return Err(Error::Usage(format!("`{unknown}` is no system; there are {}", names.join(", "))));
    }
    Ok(())
}

fn vendors<'a>(options: &'a List, set: &'a SignatureSet) -> impl Iterator<Item = &'a LoadedFile> {
    set.files
        .iter()
        .filter(|loaded| options.vendor.is_empty() || options.vendor.contains(&loaded.file.vendor.id))
        .filter(|loaded| !is_filtered(options) || products(options, loaded).next().is_some())
}

fn is_filtered(options: &List) -> bool {
    options.product.is_some() || options.platform.is_some()
}

fn products<'a>(options: &'a List, loaded: &'a LoadedFile) -> impl Iterator<Item = &'a Product> {
    loaded.file.products.iter().filter(|product| {
        let has = |text: &String| {
            let text = text.to_lowercase();
            product.id.contains(&text) || product.name.to_lowercase().contains(&text)
        };
        let runs = |system: &String| product.platforms.iter().any(|os| os.word() == system);
        options.product.as_ref().is_none_or(has) && options.platform.as_ref().is_none_or(runs)
    })
}

fn text(options: &List, set: &SignatureSet) -> String {
    let mut text = String::new();
    for loaded in vendors(options, set) {
        let file = &loaded.file;
        let signed = loaded.signed_by.as_ref().map(|key| format!(", signed by {key}")).unwrap_or_default();
        // Writing into a text cannot fail.
        let _ = writeln!(
            text,
            "{} {} of {} ({}{signed})",
            file.vendor.name, file.version, file.date, loaded.origin
        );
        for product in products(options, loaded) {
            let indicators = product.indicators.len();
            let _ = writeln!(
                text,
                "  {:<13} {}/{}  {} ({indicators} indicators)",
                product.status.word(),
                file.vendor.id,
                product.id,
                product.name
            );
        }
    }
    if options.vendor.is_empty() && !is_filtered(options) {
        let _ = writeln!(text, "\nRules {}", set.rules_version);
        for rule in set.rules.values() {
            let _ = writeln!(text, "  {}  {} ({})", rule.id, rule.title, rule.status);
        }
    }
    text
}

fn table(options: &List, set: &SignatureSet) -> Table {
    let headers = vec![
        "product",
        "name",
        "vendor",
        "status",
        "platforms",
        "indicators",
        "rules",
        "version",
        "date",
        "origin",
    ];
    let mut rows = Vec::new();
    for loaded in vendors(options, set) {
        let file = &loaded.file;
        rows.extend(products(options, loaded).map(|product| {
            let platforms: Vec<&str> = product.platforms.iter().map(|os| os.word()).collect();
            vec![
                format!("{}/{}", file.vendor.id, product.id),
                product.name.clone(),
                file.vendor.name.clone(),
                product.status.word().to_owned(),
                platforms.join(","),
                product.indicators.len().to_string(),
                product.rules.as_ref().unwrap_or(&file.rules).join(","),
                file.version.clone(),
                file.date.clone(),
                loaded.origin.clone(),
            ]
        }));
    }
    Table { headers, rows }
}
