//! Man pages, completions and schemas: loops over the definitions in the code, so that they cannot go stale.
//! A test compares the files in the repository with these.

use clap::Command;
use clap_complete::Shell;

use crate::attest::Statement;
use crate::plan::Plan;
use crate::report::compare::Comparison;
use crate::report::exceptions::ExceptionsFile;
use crate::report::{InventoryReport, ScanReport};
use crate::signature::SignatureFile;
use crate::signature::rules::RulesFile;

/// Every generated file of a command line: its path from the top of the repository and its content.
pub fn files(mut command: Command) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let plain = command.clone();
    command.build();
    man_pages(&command, "debar", &mut files);
    for (shell, name) in [
        (Shell::Bash, "debar.bash"),
        (Shell::Zsh, "_debar"),
        (Shell::Fish, "debar.fish"),
        (Shell::PowerShell, "_debar.ps1"),
        (Shell::Elvish, "debar.elv"),
    ] {
        let mut bytes = Vec::new();
        clap_complete::generate(shell, &mut plain.clone(), "debar", &mut bytes);
        files.push((format!("packaging/completions/{name}"), String::from_utf8_lossy(&bytes).into_owned()));
    }
    files.push(("docs/reference.md".to_owned(), super::handbook::page(&command)));
    if let Ok(set) = crate::signature::load(&[]) {
        let page = super::removals::page(set.files.iter().map(|loaded| &loaded.file));
        files.push(("docs/removal-products.md".to_owned(), page));
    }
    for (path, schema) in [
        ("packaging/schema/scan", schemars::schema_for!(ScanReport)),
        ("packaging/schema/inventory", schemars::schema_for!(InventoryReport)),
        ("packaging/schema/attestation", schemars::schema_for!(Statement)),
        ("packaging/schema/comparison", schemars::schema_for!(Comparison)),
        ("packaging/schema/plan", schemars::schema_for!(Plan)),
        ("packaging/schema/exceptions", schemars::schema_for!(ExceptionsFile)),
        ("signatures/schema/signatures", schemars::schema_for!(SignatureFile)),
        ("signatures/schema/rules", schemars::schema_for!(RulesFile)),
    ] {
        let text = serde_json::to_string_pretty(&schema).unwrap_or_else(|error| error.to_string());
        files.push((format!("{path}.schema.json"), text + "\n"));
    }
    files
}

fn man_pages(command: &Command, name: &str, files: &mut Vec<(String, String)>) {
    let mut bytes = Vec::new();
    // Without a date: the page changes when its content does.
    let page =
        clap_mangen::Man::new(command.clone().name(name.to_owned()).display_name(name.to_owned())).date("");
    if page.render(&mut bytes).is_ok() {
        files.push((format!("packaging/man/{name}.1"), String::from_utf8_lossy(&bytes).into_owned()));
    }
    // `help` says what the other pages say.
    let has_page = |subcommand: &&Command| !subcommand.is_hide_set() && subcommand.get_name() != "help";
    for subcommand in command.get_subcommands().filter(has_page) {
        man_pages(subcommand, &format!("{name}-{}", subcommand.get_name()), files);
    }
}
