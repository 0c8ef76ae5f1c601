//! `debar version` and `debar completion`.

use clap::{Args, ValueEnum};

use super::arguments::SignatureOptions;
use super::output_arguments::{Output, output_of};
use super::outputs::write_outputs;
use super::reference::print;
use super::session;
use crate::command::arguments::Global;
use crate::model::Error;
use crate::report::exit;

/// Print the version of debar, of its signatures and of its formats.
#[derive(Debug, Clone, Args)]
pub struct Version {
    /// Write as text or json [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = version_output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

fn version_output(text: &str) -> Result<Output, String> {
    output_of(text, &["text", "json"], &[])
}

pub(super) fn version(options: &Version, global: &Global) -> Result<u8, Error> {
    let versions = session::versions(Some(&session::signatures(&options.signatures)?));
    let newest = versions.signatures.iter().map(|set| set.date.as_str()).max().unwrap_or_default();
    let about = serde_json::json!({
        "debar": versions.debar,
        "schema_version": crate::report::SCHEMA_VERSION,
        "os": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "signatures": versions.signatures,
        "signatures_date": newest,
        "rules": versions.rules,
    });
    write_outputs(&options.output, global, "text", |format, _, out| {
        if format == "json" {
            return crate::write::json(&about, true, out);
        }
        writeln!(out, "debar {} ({} {})", versions.debar, std::env::consts::OS, std::env::consts::ARCH)?;
        writeln!(
            out,
            "signatures of {newest}, {} vendors; rules {}",
            versions.signatures.len(),
            versions.rules
        )?;
        writeln!(out, "report format {}", crate::report::SCHEMA_VERSION)
    })?;
    Ok(exit::OK)
}

/// Print the completions of a shell.
#[derive(Debug, Clone, Args)]
pub struct Completion {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash: debar completion bash > /etc/bash_completion.d/debar
    Bash,
    /// zsh: debar completion zsh > ~/.zfunc/_debar
    Zsh,
    /// fish: debar completion fish > ~/.config/fish/completions/debar.fish
    Fish,
    /// PowerShell: debar completion powershell >> $PROFILE
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    /// elvish: debar completion elvish >> ~/.config/elvish/rc.elv
    Elvish,
}

pub(super) fn completion(options: &Completion) -> Result<u8, Error> {
    print(match options.shell {
        Shell::Bash => include_str!("../../packaging/completions/debar.bash"),
        Shell::Zsh => include_str!("../../packaging/completions/_debar"),
        Shell::Fish => include_str!("../../packaging/completions/debar.fish"),
        Shell::PowerShell => include_str!("../../packaging/completions/_debar.ps1"),
        Shell::Elvish => include_str!("../../packaging/completions/debar.elv"),
    })?;
    Ok(exit::OK)
}
