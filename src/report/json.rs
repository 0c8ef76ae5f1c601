//! `json`: the report as it is. Several targets give `{"schema_version", "reports": […]}`.

use std::io::{self, Write};

use serde::Serialize;

use super::{InventoryReport, Look, SCHEMA_VERSION, ScanReport};
use crate::write::json;

#[derive(Serialize)]
struct Several<'a, T> {
    schema_version: &'static str,
    reports: &'a [T],
}

fn write<T: Serialize>(reports: &[T], out: &mut dyn Write) -> io::Result<()> {
    match reports {
        [one] => json(one, true, out),
        several => {
            let several = Several { schema_version: SCHEMA_VERSION, reports: several };
            json(&several, true, out)
        }
    }
}

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    write(reports, out)
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    write(reports, out)
}
