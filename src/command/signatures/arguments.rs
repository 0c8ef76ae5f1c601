//! `debar signatures`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::command::arguments::SignatureOptions;
use crate::command::examples;
use crate::command::output_arguments::{Output, output_of};

/// List, check, make, sign and export signature files.
#[derive(Debug, Clone, Args)]
pub struct Signatures {
    /// What to do.
    #[command(subcommand)]
    pub command: SignaturesCommand,
}

/// What to do with signatures.
#[derive(Debug, Clone, Subcommand)]
pub enum SignaturesCommand {
    /// List vendors, products and rules.
    #[command(after_long_help = examples::SIGNATURES_LIST)]
    List(List),
    /// Show a product as its file has it (JSON); `debar explain` says the same in words.
    #[command(after_long_help = examples::SIGNATURES_SHOW)]
    Show(Show),
    /// Check files: each problem with file, line, column and a suggestion; then what is questionable.
    #[command(after_long_help = examples::SIGNATURES_CHECK)]
    Check(Check),
    /// Try the indicators on the examples in the files.
    #[command(after_long_help = examples::SIGNATURES_TEST)]
    Test(SignatureOptions),
    /// Make a signature file from artifacts of an inventory.
    #[command(after_long_help = examples::SIGNATURES_NEW)]
    New(New),
    /// Tell what changed from one file to another.
    #[command(after_long_help = examples::SIGNATURES_DIFF)]
    Diff(Diff),
    /// Sign files with a minisign key: writes FILE.minisig.
    #[command(after_long_help = examples::SIGNATURES_SIGN)]
    Sign(Sign),
    /// Check the signatures of files.
    #[command(after_long_help = examples::SIGNATURES_VERIFY)]
    Verify(Verify),
    /// Write the indicators in the language of another tool.
    #[command(after_long_help = examples::SIGNATURES_EXPORT)]
    Export(Export),
}

/// List vendors, products and rules.
#[derive(Debug, Clone, Args)]
pub struct List {
    /// Only this vendor, by its id; may be repeated.
    #[arg(long, value_name = "VENDOR")]
    pub vendor: Vec<String>,
    /// Only products whose id or name contains this text.
    #[arg(long, value_name = "TEXT")]
    pub product: Option<String>,
    /// Only products for this system: linux, windows or macos.
    #[arg(long, value_name = "SYSTEM")]
    pub platform: Option<String>,
    /// Write as text, json, ndjson or csv; all but text hold products only [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = list_output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

fn list_output(text: &str) -> Result<Output, String> {
    output_of(text, &["text", "json", "ndjson", "csv"], &[])
}

/// Show a product.
#[derive(Debug, Clone, Args)]
pub struct Show {
    /// A product (vendor/product) or a vendor.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

/// Check files.
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// Signature files, rule files or folders of them.
    #[arg(required = true, value_name = "SIGNATURES")]
    pub files: Vec<PathBuf>,
    /// Inventories (`debar inventory -o ndjson=FILE`) of machines without banned products: what in them would be found is questionable.
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
    /// Give exit code 1 for what is questionable, too.
    #[arg(long)]
    pub strict: bool,
}

/// Make a signature file.
#[derive(Debug, Clone, Args)]
pub struct New {
    /// An inventory (`debar inventory -o ndjson=FILE`), or - for standard input.
    #[arg(value_name = "INVENTORY")]
    pub inventory: PathBuf,
    /// Id of the vendor: lower-case letters, digits and dashes.
    #[arg(long, value_name = "ID")]
    pub vendor: String,
    /// Id of the product.
    #[arg(long, value_name = "ID")]
    pub product: String,
    /// Take only what this earlier inventory does not have: what an installation brought.
    #[arg(long, value_name = "INVENTORY")]
    pub since: Option<PathBuf>,
    /// Take the artifacts in which a field contains a text, as FIELD=TEXT or COLLECTOR.FIELD=TEXT; may be repeated, all must hold.
    #[arg(long, required_unless_present = "since", value_name = "FIELD=TEXT")]
    pub select: Vec<String>,
}

/// Tell what changed.
#[derive(Debug, Clone, Args)]
pub struct Diff {
    /// The older signature file.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The newer one.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
}

/// Sign files.
#[derive(Debug, Clone, Args)]
pub struct Sign {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The secret key, as `minisign -G` writes it. Its password is asked for, or taken from DEBAR_KEY_PASSWORD.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
}

/// Check signatures.
#[derive(Debug, Clone, Args)]
pub struct Verify {
    /// The signed files; FILE.minisig must lie beside each.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A public key that may have signed them.
    #[arg(long, required = true, value_name = "FILE")]
    pub trusted_key: Vec<PathBuf>,
}

/// Write for another tool.
#[derive(Debug, Clone, Args)]
pub struct Export {
    /// The language.
    #[arg(value_name = "LANGUAGE", value_parser = language)]
    pub language: String,
    /// Products (vendor/product) or vendors; all banned products when none is named.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Name each indicator that the language cannot express on standard error.
    #[arg(long)]
    pub list_left_out: bool,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

fn language(text: &str) -> Result<String, String> {
    let mut known = crate::signature::export::LANGUAGES.iter();
    if known.any(|language| language.name == text) {
        return Ok(text.to_owned());
    }
    let names: Vec<String> = crate::signature::export::LANGUAGES
        .iter()
        .map(|language| format!("{} ({})", language.name, language.about))
        .collect();
    Err(format!("no such language; there are {}", names.join(", ")))
}
