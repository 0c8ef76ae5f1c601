//! Options that would do nothing: a user who gives one expects something, so they are refused.

use std::path::{Path, PathBuf};

use super::arguments::{ManyTargets, Output, TargetOptions};
use super::cli::Command;
use super::delivery;
use super::target_names;
use crate::model::Error;

/// Checks the options on the command line; `named` says which those are. What a config file or the environment sets for
/// all scans need not have an effect on each.
///
/// # Errors
/// Names the first option without effect.
pub(super) fn check(command: &Command, named: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    match command {
        Command::Scan(scan) => {
            outputs(&scan.output)?;
            if named("keep") {
                delivery::check_keep(&scan.output)?;
            }
            of_targets(&scan.targets, &scan.many, named)?;
            of_images(&scan.targets, &scan.many, &scan.target, named)
        }
        Command::Inventory(inventory) => {
            outputs(&inventory.output)?;
            of_targets(&inventory.targets, &inventory.many, named)?;
            of_images(&inventory.targets, &inventory.many, &inventory.target, named)
        }
        Command::Verify(verify) => outputs(&verify.output),
        Command::Plan(plan) => outputs(&plan.output),
        Command::Diff(diff) => outputs(&diff.output),
        Command::Attest(attest) => outputs(&attest.output),
        _ => Ok(()),
    }
}

/// Checks that no output replaces or interrupts another.
///
/// # Errors
/// When two go to one file, or to standard output.
pub(super) fn outputs(outputs: &[Output]) -> Result<(), Error> {
    let is_printed = |output: &&Output| {
        let path = output.file.as_deref();
        let is_stdout = |path| path == Path::new("/dev/stdout") || path == Path::new("/dev/fd/1");
        output.address.is_none() && path.is_none_or(is_stdout)
    };
    // Annotations of GitHub are lines that the runner takes out of what is printed.
    let printed: Vec<&str> = outputs
        .iter()
        .filter(is_printed)
        .map(|output| output.format.as_str())
        .filter(|format| *format != "github")
        .collect();
    if let [first, second, ..] = printed[..] {
        return Err(Error::Usage(format!(
            "{first} and {second} would both go to standard output. Write one of them to a file, for example \
             -o {second}=FILE"
        )));
    }
    let mut taken: Vec<(PathBuf, &Output)> = Vec::new();
    for output in outputs {
        let Some(file) = output.file.as_deref() else { continue };
        let is_stream = std::fs::metadata(file).is_ok_and(|about| !about.is_file() && !about.is_dir());
        let place = place(file);
        if let Some((_, other)) = taken.iter().find(|(known, _)| *known == place && !is_stream) {
            return Err(Error::Usage(format!(
                "{} and {} would both go to {}, and the second would replace the first. Name another file for one",
                other.format,
                output.format,
                file.display()
            )));
        }
        taken.push((place, output));
    }
    Ok(())
}

/// A file by its real folder and its name.
fn place(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
    file.file_name().map(|name| folder.join(name)).unwrap_or_else(|| file.to_owned())
}

fn of_targets(targets: &[String], many: &ManyTargets, named: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    if many.shard.is_some() && named("shard") && many.from_file.is_none() && targets.len() < 2 {
        let what = "--shard takes a part of a list of targets, and there is none. Give the list with --from-file FILE, or \
                    name several targets";
        return Err(Error::Usage(what.to_owned()));
    }
    Ok(())
}

/// Checks options of images on targets that are none.
fn of_images(
    names: &[String],
    many: &ManyTargets,
    target: &TargetOptions,
    named: &dyn Fn(&str) -> bool,
) -> Result<(), Error> {
    if target.deep && target.no_deep && named("deep") && named("no_deep") {
        return Err(Error::Usage("--deep and --no-deep contradict each other. Leave one out".to_owned()));
    }
    if many.from_file.is_some() {
        return Ok(());
    }
    let what = match names {
        [] => "this host is scanned".to_owned(),
        names => format!("{} is scanned", names.join(", ")),
    };
    if named("insecure") && !names.iter().any(|name| target_names::is_fetched(name)) {
        return Err(Error::Usage(format!(
            "--insecure is for registry: targets, and {what}. Leave it out, or write registry:NAME"
        )));
    }
    if names.iter().all(|name| target_names::is_never_image(name)) {
        let options = ["platform", "verify-layers", "as", "no-deep", "cache"];
        let useless = options.into_iter().find(|name| named(&id(name)));
        if let Some(name) = useless {
            return Err(Error::Usage(format!("--{name} is for images, and {what}. Leave it out")));
        }
    }
    Ok(())
}

/// The id that an option has in the parser.
fn id(long: &str) -> String {
    if long == "as" { "called".to_owned() } else { long.replace('-', "_") }
}
