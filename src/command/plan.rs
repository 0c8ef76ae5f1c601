//! `debar plan`: from reports to the steps that remove what they found.

use super::session::read_reports;
use super::write_outputs;
use crate::cli::{Global, plan::Plan};
use crate::exit;
use crate::model::Error;
use crate::plan::{WRITERS, build};

pub(super) fn run(options: &Plan, global: &Global) -> Result<u8, Error> {
    let mut reports = Vec::new();
    for path in &options.reports {
        reports.extend(read_reports(path)?);
    }
    let plan = build::plan(&reports);
    write_outputs(&options.output, global, "markdown", |name, _, out| {
        match WRITERS.iter().find(|(known, _)| *known == name) {
            Some((_, write)) => write(&plan, out),
            None => Ok(()),
        }
    })?;
    Ok(exit::OK)
}
