//! `debar signatures diff`: what changed from one signature file to another, in words.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::reference::print;
use crate::command::signatures::arguments::Diff;
use crate::finding::matcher::in_words;
use crate::model::Error;
use crate::report::exit;
use crate::signature::{self, Indicator, Product, SignatureFile};

pub(super) fn run(options: &Diff) -> Result<u8, Error> {
    crate::command::session::confine_to([options.old.as_path(), options.new.as_path()], &[])?;
    let (old, new) = (signature::parse_file(&options.old)?, signature::parse_file(&options.new)?);
    let lines = changes(&old, &new);
    let version = |file: &SignatureFile| format!("{} {} of {}", file.vendor.id, file.version, file.date);
    print(&format!("from {} to {}\n", version(&old), version(&new)))?;
    for line in &lines {
        print(&format!("{line}\n"))?;
    }
    print(&format!("{} changes\n", lines.len()))?;
    Ok(if lines.is_empty() { exit::OK } else { exit::FOUND })
}

fn changes(old: &SignatureFile, new: &SignatureFile) -> Vec<String> {
    let mut lines = Vec::new();
    if old.vendor != new.vendor {
        lines.push("~ vendor".to_owned());
    }
    list("rule", &old.rules, &new.rules, &mut lines);
    let products = |file: &'_ SignatureFile| -> BTreeMap<String, Product> {
        file.products.iter().map(|product| (product.id.clone(), product.clone())).collect()
    };
    let (old, new) = (products(old), products(new));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for id in ids {
        match (old.get(id), new.get(id)) {
            (None, Some(product)) => lines.push(format!(
                "+ product {id}: {} ({}, {} indicators)",
                product.name,
                product.status.word(),
                product.indicators.len()
            )),
            (Some(product), None) => lines.push(format!("- product {id}: {}", product.name)),
            (Some(old), Some(new)) => product_changes(id, old, new, &mut lines),
            (None, None) => {}
        }
    }
    lines
}

fn list(what: &str, old: &[String], new: &[String], lines: &mut Vec<String>) {
    lines.extend(new.iter().filter(|id| !old.contains(id)).map(|id| format!("+ {what} {id}")));
    lines.extend(old.iter().filter(|id| !new.contains(id)).map(|id| format!("- {what} {id}")));
}

fn product_changes(id: &str, old: &Product, new: &Product, lines: &mut Vec<String>) {
    if old.status != new.status {
        lines.push(format!("~ product {id}: was {}, is {}", old.status.word(), new.status.word()));
    }
    if old.name != new.name {
        lines.push(format!("~ product {id}: was called {}, is called {}", old.name, new.name));
    }
    if (&old.platforms, &old.rules, old.fallback, &old.note)
        != (&new.platforms, &new.rules, new.fallback, &new.note)
    {
        lines.push(format!("~ product {id}: platforms, rules or note"));
    }
    if old.maker != new.maker {
        lines.push(format!("~ product {id}: facts about its maker"));
    }
    if old.removal != new.removal {
        lines.push(format!(
            "~ product {id}: removal ({} steps, were {})",
            new.removal.len(),
            old.removal.len()
        ));
    }
    if old.examples != new.examples {
        lines.push(format!("~ product {id}: examples"));
    }
    let indicators = |product: &Product| -> BTreeMap<String, Indicator> {
        product.indicators.iter().map(|indicator| (indicator.id.clone(), indicator.clone())).collect()
    };
    let (old, new) = (indicators(old), indicators(new));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for indicator in ids {
        match (old.get(indicator), new.get(indicator)) {
            (None, Some(is)) => lines.push(format!("+ indicator {id}/{indicator}: {}", in_one_line(is))),
            (Some(was), None) => lines.push(format!("- indicator {id}/{indicator}: {}", in_one_line(was))),
            (Some(was), Some(is)) if was != is => {
                lines.push(format!("~ indicator {id}/{indicator}: {}", in_one_line(is)));
                lines.push(format!("    was {}", in_one_line(was)));
            }
            _ => {}
        }
    }
}

fn in_one_line(indicator: &Indicator) -> String {
    format!("{}, {} {}", indicator.strength.word(), indicator.collectors.join(" or "), in_words(indicator))
}
