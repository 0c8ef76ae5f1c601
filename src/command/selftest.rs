//! `debar selftest`: a harmless product of debar's own, to see a finding end to end.

use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::{Global, JudgeOptions, TargetOptions};
use super::reference::print;
use super::scan::{Judge, Looking};
use super::session;
use super::targets::{self, Subject};
use crate::model::Error;
use crate::report::{self, Look, exit};
use clap::FromArgMatches;

const PRODUCT: &str = "debar/selftest";
/// The folder that is the product.
const FOLDER: &str = "debar-selftest";
/// Where folders of programs lie, by system.
const PLACE: &str = if cfg!(windows) {
    "C:\\Program Files"
} else if cfg!(target_os = "macos") {
    "/Applications"
} else {
    "/opt"
};
const README: &str = "This folder is a test of debar: every scan finds it as the product debar/selftest.\n\
    It holds no program. Remove it with `debar selftest --remove`, or by hand.\n";

/// See a finding end to end: plant a harmless test product, or scan one in a scratch folder.
///
/// Without an option debar makes a small system in a temporary folder, plants the product there, scans it and removes it
/// again: exit code 0 when it was found. With --plant the product stays in its usual place, so that the next scan,
/// report, fleet and alarm show it. It is one empty folder with a README.
#[derive(Debug, Clone, Args)]
pub struct Selftest {
    /// Plant the test product on this machine, or below --root.
    #[arg(long, conflicts_with = "remove")]
    pub plant: bool,
    /// Remove the test product that --plant made.
    #[arg(long)]
    pub remove: bool,
    /// The system to plant in, a mounted disk or the root of an image [default: this machine].
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

pub(super) fn run(options: &Selftest, global: &Global) -> Result<u8, Error> {
    let folder = match &options.root {
        Some(root) => root.join("opt").join(FOLDER),
        None => Path::new(PLACE).join(FOLDER),
    };
    if options.plant {
        plant(&folder)?;
        let scan = options.root.as_ref().map_or(String::new(), |root| format!(" {}", root.display()));
        print(&format!(
            "{} is there. `debar scan{scan}` finds {PRODUCT}, exit code 1. Remove it with `debar selftest --remove`.\n",
            folder.display()
        ))?;
        return Ok(exit::OK);
    }
    if options.remove && !folder.exists() {
        print(&format!("{} is not there: nothing to remove.\n", folder.display()))?;
        return Ok(exit::OK);
    }
    if options.remove {
        let failed = |source| Error::Output { path: folder.clone(), source };
        std::fs::remove_file(folder.join("README.txt")).map_err(failed)?;
        std::fs::remove_dir(&folder).map_err(failed)?;
        print(&format!("{} is removed.\n", folder.display()))?;
        return Ok(exit::OK);
    }
    scratch(global)
}

fn plant(folder: &Path) -> Result<(), Error> {
    let failed = |source| Error::Output { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(folder.join("README.txt"), README).map_err(failed)
}

/// Scans a small system with the product.
fn scratch(global: &Global) -> Result<u8, Error> {
    let scratch =
        tempfile::tempdir().map_err(|source| Error::Output { path: std::env::temp_dir(), source })?;
    let failed = |source| Error::Output { path: scratch.path().to_owned(), source };
    std::fs::create_dir_all(scratch.path().join("etc")).map_err(failed)?;
    let system = "ID=selftest\nPRETTY_NAME=\"debar selftest\"\n";
    std::fs::write(scratch.path().join("etc/os-release"), system).map_err(failed)?;
    std::fs::write(scratch.path().join("etc/hostname"), "selftest\n").map_err(failed)?;
    plant(&scratch.path().join("opt").join(FOLDER))?;
    let target = defaults::<TargetOptions>()?;
    let names = vec![scratch.path().display().to_string()];
    let opening = session::Opening { names: &names, is_host: false, files: &[], outputs: &[], spool: None };
    session::begin(&opening, &target)?;
    let judge = Judge::new(&defaults::<JudgeOptions>()?)?;
    let looking = Looking { target: &target, only: None, quiet: true };
    let mut reports = Vec::new();
    targets::each_target(Some(&names), &target, |subject| {
        if let Subject::Target(target) = subject {
            reports.push(judge.scan(&target, &looking));
        }
    })?;
    let is_found = reports.iter().flat_map(|report| &report.findings).any(|finding| finding.id == PRODUCT);
    if !global.quiet {
        let format = report::format("text");
        let mut text = Vec::new();
        format
            .map_or(Ok(()), |format| (format.scan)(&reports, Look::default(), &mut text))
            .map_err(Error::Stdout)?;
        print(&String::from_utf8_lossy(&text))?;
        let verdict =
            if is_found { "The self-test holds: the test product was found" } else { "The self-test FAILED" };
        print(&format!("\n{verdict}. `debar selftest --plant` plants it on this machine.\n"))?;
    }
    Ok(if is_found { exit::OK } else { exit::FOUND })
}

/// Options as a command line without any has them.
fn defaults<T: Args + FromArgMatches>() -> Result<T, Error> {
    let wrong = |error: clap::Error| Error::Usage(error.to_string());
    let command = T::augment_args(clap::Command::new("debar"));
    T::from_arg_matches(&command.try_get_matches_from(["debar"]).map_err(wrong)?).map_err(wrong)
}
