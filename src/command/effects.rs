//! Options that would do nothing: a user who gives one expects something, so they are refused.

use super::arguments::{ManyTargets, TargetOptions};
use super::cli::Command;
use super::delivery;
use super::output_arguments::Output;
use super::outputs;
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
            outputs::check(&scan.output)?;
            delivery::check_placeholders(&scan.output)?;
            of_delivery(&scan.output, named)?;
            if named("keep") {
                delivery::check_keep(&scan.output)?;
            }
            of_targets(&scan.targets, &scan.many, named)?;
            of_images(&scan.targets, &scan.many, &scan.target, named)
        }
        Command::Inventory(inventory) => {
            outputs::check(&inventory.output)?;
            of_targets(&inventory.targets, &inventory.many, named)?;
            of_images(&inventory.targets, &inventory.many, &inventory.target, named)
        }
        Command::Verify(verify) => outputs::check(&verify.output),
        Command::Plan(plan) => outputs::check(&plan.output),
        Command::Diff(diff) => outputs::check(&diff.output),
        Command::Attest(attest) => outputs::check(&attest.output),
        _ => Ok(()),
    }
}

fn of_delivery(outputs: &[Output], named: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    let options =
        ["spool", "client-cert", "client-key", "token-file", "ca", "spool-limit", "deliver-timeout"];
    let useless = options.into_iter().find(|name| named(&id(name)));
    match useless.filter(|_| outputs.iter().all(|output| output.address.is_none())) {
        Some(name) => Err(Error::Usage(format!(
            "--{name} is for reports that are sent, and none is. Write -o json=https://HOST/%h/%s.json, or leave --{name} out"
        ))),
        None => Ok(()),
    }
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
    let options = ["platform", "verify-layers", "as", "no-deep", "cache"];
    // Only then is it worth a look at the targets, which need not answer.
    let given = options.into_iter().find(|name| named(&id(name)));
    match given.filter(|_| names.iter().all(|name| target_names::is_never_image(name))) {
        Some(name) => Err(Error::Usage(format!("--{name} is for images, and {what}. Leave it out"))),
        None => Ok(()),
    }
}

/// The id that an option has in the parser.
fn id(long: &str) -> String {
    if long == "as" { "called".to_owned() } else { long.replace('-', "_") }
}
