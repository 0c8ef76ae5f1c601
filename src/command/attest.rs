//! `debar attest`: a statement on a report, signed or verified.

use std::path::PathBuf;

use clap::Args;

use crate::command::output_arguments::{Output, output_of};

use std::io::Write;
use std::path::Path;

use super::session::{self, read_reports_whole};
use crate::attest::{STATEMENT_TYPE, Statement, html, page, sha256, statement};
use crate::command::arguments::Global;
use crate::command::outputs::write_outputs;
use crate::model::Error;
use crate::report::exit;
use crate::signature::signing::{SigningKey, TrustedKey, beside, sign, verify};

/// The ways to write a statement.
const FORMATS: &[&str] = &["markdown", "html", "intoto"];

/// State what a scan checked and what it came to, for auditors; sign it, or verify it.
#[derive(Debug, Clone, Args)]
pub struct Attest {
    /// Report of a scan (json or ndjson); with --verify the report that the statement must be about.
    #[arg(value_name = "REPORT")]
    pub report: PathBuf,
    /// Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for.
    #[arg(long, value_name = "FILE", env = "DEBAR_KEY", help_heading = "Report")]
    pub key: Option<PathBuf>,
    /// The day on which the products were identified, for the deadlines (YYYY-MM-DD) [default: the day on which the scan ended].
    #[arg(long, value_name = "DATE", env = "DEBAR_IDENTIFIED", value_parser = crate::command::arguments::day, help_heading = "Report")]
    pub identified: Option<jiff::civil::Date>,
    /// Verify this in-toto Statement: its signature, and that it is about the report.
    #[arg(long, value_name = "STATEMENT", env = "DEBAR_VERIFY", requires = "public_key", conflicts_with_all = ["output", "key", "identified"], help_heading = "Verify")]
    pub verify: Option<PathBuf>,
    /// The minisign public key that must have signed it.
    #[arg(long, value_name = "FILE", env = "DEBAR_PUBLIC_KEY", help_heading = "Verify")]
    pub public_key: Option<PathBuf>,
}

fn output(text: &str) -> Result<Output, String> {
    output_of(text, FORMATS, &[("json", "intoto")])
}

pub(super) fn run(options: &Attest, global: &Global) -> Result<u8, Error> {
    let key = signing_key(options.key.as_deref(), &options.output, "intoto")?;
    let verified = options.verify.as_deref().map(beside);
    let read = [options.verify.as_deref(), verified.as_deref(), options.public_key.as_deref()];
    let read = read.into_iter().flatten().chain([options.report.as_path()]);
    session::confine_to(read, &options.output)?;
    let (reports, bytes) = read_reports_whole(&options.report)?;
    if let Some(path) = &options.verify {
        return check(path, options, &bytes, global);
    }
    let name = options.report.file_name().map(|name| name.to_string_lossy().into_owned());
    let statement =
        statement(&name.unwrap_or_else(|| "report".to_owned()), &bytes, &reports, options.identified);
    let write = |format: &str, out: &mut dyn Write| match format {
        "intoto" => crate::write::json(&statement, true, out),
        "html" => html::write(&statement, out),
        _ => page::write(&statement, out),
    };
    write_signed(&options.output, key.as_ref(), global, "markdown", write)?;
    Ok(exit::OK)
}

/// The key that signs what goes to files. Its password may be asked for on the terminal, which a confined process cannot.
///
/// # Errors
/// When there is no file to sign, with a format to name as an example, or the key cannot be used.
pub(super) fn signing_key(
    key: Option<&Path>,
    outputs: &[Output],
    example: &str,
) -> Result<Option<SigningKey>, Error> {
    if key.is_some() && outputs.iter().all(|output| output.file.is_none()) {
        return Err(Error::Usage(format!("--key signs files; write one with -o {example}=FILE")));
    }
    key.map(session::signing_key).transpose()
}

/// Writes a statement to where `-o` says, and signs each file.
///
/// # Errors
/// When a file cannot be signed or written.
pub(super) fn write_signed(
    outputs: &[Output],
    key: Option<&SigningKey>,
    global: &Global,
    default: &str,
    write: impl Fn(&str, &mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    write_outputs(outputs, global, default, |format, _, out| write(format, out))?;
    if let Some(key) = key {
        let files = outputs.iter().filter_map(|output| Some((&output.format, output.file.as_ref()?)));
        for (format, path) in files {
            // What was made is signed, not what lies in the file by now: others may write to its folder.
            let mut data = Vec::new();
            write(format, &mut data).map_err(|source| Error::Output { path: path.clone(), source })?;
            let comment = format!("debar attest {}", sha256(&data));
            let refused = |error| Error::Usage(format!("{}: {error}", path.display()));
            let signature = sign(key, &data, &comment).map_err(refused)?;
            let to = beside(path);
            crate::process::output::write_whole(&to, |out| out.write_all(signature.as_bytes()))
                .map_err(|source| Error::Output { path: to.clone(), source })?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// Verifies a statement: exit code 0, or an error that says what does not hold.
fn check(path: &Path, options: &Attest, report: &[u8], global: &Global) -> Result<u8, Error> {
    let refused = |message: String| Error::Report { path: path.to_owned(), message };
    let text = read(path)?;
    let key = options.public_key.as_deref().unwrap_or(Path::new(""));
    let trusted = TrustedKey::parse(&read(key)?)
        .map_err(|error| Error::Usage(format!("{}: {error}", key.display())))?;
    let signed = verify(&[trusted], &read(&beside(path))?, text.as_bytes())
        .map_err(|error| refused(error.to_string()))?;
    let statement: Statement = serde_json::from_str(&text)
        .map_err(|_| refused("it is signed, but it is no statement of debar. Name the file that `debar attest -o intoto=FILE` wrote".to_owned()))?;
    if statement.r#type != STATEMENT_TYPE {
        return Err(refused(format!("it is a {} and no {STATEMENT_TYPE}", statement.r#type)));
    }
    let digest = sha256(report);
    if !statement.subject.iter().any(|subject| subject.digest.sha256 == digest) {
        return Err(refused(format!(
            "it is about another report: {} has the SHA-256 {digest}",
            options.report.display()
        )));
    }
    if !global.quiet {
        let summary = format!(
            "the statement holds: signed by key {}, and about {}",
            signed.key,
            options.report.display()
        );
        writeln!(std::io::stdout(), "{summary}").map_err(Error::Stdout)?;
    }
    Ok(exit::OK)
}
