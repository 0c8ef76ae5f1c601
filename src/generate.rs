//! Man pages, completions and schemas: loops over the definitions in the code, so that they cannot go stale.
//! A test compares the files in `packaging/` with these.

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::report::{InventoryReport, ScanReport};

/// Every generated file: its path below `packaging/` and its content.
pub fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut command = Cli::command();
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
        clap_complete::generate(shell, &mut Cli::command(), "debar", &mut bytes);
        files.push((format!("completions/{name}"), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (name, schema) in
        [("scan", schemars::schema_for!(ScanReport)), ("inventory", schemars::schema_for!(InventoryReport))]
    {
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        files.push((format!("schema/{name}.schema.json"), text + "\n"));
    }
    files
}

fn man_pages(command: &Command, name: &str, files: &mut Vec<(String, String)>) {
    let mut bytes = Vec::new();
    // Without a date: the page changes when its content does.
    let page =
        clap_mangen::Man::new(command.clone().name(name.to_owned()).display_name(name.to_owned())).date("");
    if page.render(&mut bytes).is_ok() {
        files.push((format!("man/{name}.1"), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        man_pages(subcommand, &format!("{name}-{}", subcommand.get_name()), files);
    }
}
