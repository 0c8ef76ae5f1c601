//! `debar diff`: what changed between two reports.

use super::session::read_reports;
use super::write_outputs;
use crate::cli::{Global, diff::Diff};
use crate::compare::compare;
use crate::exit;
use crate::model::Error;
use crate::report::comparison::WRITERS;

pub(super) fn run(options: &Diff, global: &Global) -> Result<u8, Error> {
    if options.old.as_os_str() == "-" && options.new.as_os_str() == "-" {
        return Err(Error::Usage("only one of the reports can come from standard input".to_owned()));
    }
    let comparison = compare(&read_reports(&options.old)?, &read_reports(&options.new)?);
    write_outputs(&options.output, global, "text", |name, look, out| {
        match WRITERS.iter().find(|(known, _)| *known == name) {
            Some((_, write)) => write(&comparison, look, out),
            None => Ok(()),
        }
    })?;
    Ok(match (comparison.is_worse(), comparison.is_uncertain() && !options.allow_gaps) {
        (true, _) => exit::FOUND,
        (false, true) => exit::INCOMPLETE,
        (false, false) => exit::OK,
    })
}
