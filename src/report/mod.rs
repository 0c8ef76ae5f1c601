//! Reports: the only types that are serialised, with a version, and the table of formats that write them.
//!
//! The JSON schemas shipped in `packaging/schema` are generated from these types; other tools build on the
//! names, so that a name changes only with the major number of `schema_version`.

pub mod compare;
pub mod comparison;
mod csv;
mod cyclonedx;
pub mod exceptions;
pub mod exit;
mod github;
pub(crate) mod html;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod ocsf;
mod purl;
pub mod read;
pub mod recorded;
mod sarif;
mod scan_report;
mod syslog;
mod text;
mod verdict;
mod words;

use std::io::{self, Write};

pub use scan_report::{
    ArtifactEntry, Checked, CheckedVendor, DocumentInfo, GapEntry, ImageName, InventoryReport, Look,
    SCHEMA_VERSION, ScanReport, SignatureVersion, TargetInfo, UncheckedVendor, Verdict, Versions,
};
pub use syslog::verdict_line;

/// What a verdict covers and what stands apart from it, in sentences.
pub fn summary(report: &ScanReport) -> Vec<String> {
    verdict::lines(report)
}

/// How many details limited gaps leave open.
pub fn limited_details(report: &ScanReport) -> usize {
    verdict::limited(report).len()
}

/// Writes inventories.
pub type InventoryWriter = fn(&[InventoryReport], Look, &mut dyn Write) -> io::Result<()>;

/// A way to write reports.
pub struct Format {
    /// Name for `-o`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Writes scans; several when several targets were named.
    pub scan: fn(&[ScanReport], Look, &mut dyn Write) -> io::Result<()>,
    /// Writes inventories; `None` when the format has no form for them.
    pub inventory: Option<InventoryWriter>,
}

/// Every format.
pub static FORMATS: &[Format] = &[
    Format { name: "text", about: "for people", scan: text::scan, inventory: Some(text::inventory) },
    Format {
        name: "json",
        about: "for programs; schema shipped",
        scan: json::scan,
        inventory: Some(json::inventory),
    },
    Format {
        name: "ndjson",
        about: "one JSON object a line, for log pipelines",
        scan: ndjson::scan,
        inventory: Some(ndjson::inventory),
    },
    Format { name: "csv", about: "for spreadsheets", scan: csv::scan, inventory: Some(csv::inventory) },
    Format {
        name: "markdown",
        about: "for job summaries, pull requests and tickets",
        scan: markdown::scan,
        inventory: Some(markdown::inventory),
    },
    Format {
        name: "html",
        about: "one self-contained page, to read, filter and print",
        scan: html::scan,
        inventory: Some(html::inventory),
    },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", scan: sarif::scan, inventory: None },
    Format { name: "junit", about: "JUnit XML, for build servers", scan: junit::scan, inventory: None },
    Format {
        name: "cyclonedx",
        about: "CycloneDX 1.6, for tools that keep bills of materials",
        scan: cyclonedx::scan,
        inventory: Some(cyclonedx::inventory),
    },
    Format {
        name: "ocsf",
        about: "events of OCSF 1.6, for data lakes and SIEMs",
        scan: ocsf::scan,
        inventory: Some(ocsf::inventory),
    },
    Format {
        name: "syslog",
        about: "RFC 5424, one line for each target",
        scan: syslog::scan,
        inventory: None,
    },
    Format { name: "github", about: "annotations of GitHub Actions", scan: github::scan, inventory: None },
];

/// The format of a name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
