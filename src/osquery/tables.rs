//! The tables: their columns, and rows from reports.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::thrift::{MAP, Writer};
use crate::model::{Field, Location, Value};
use crate::report::{ArtifactEntry, GapEntry, ScanReport, summary};

/// What a column holds, in osquery's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A whole number.
    Integer,
}

impl Type {
    /// As osquery writes it.
    pub fn word(self) -> &'static str {
        match self {
            Type::Text => "TEXT",
            Type::Integer => "INTEGER",
        }
    }
}

/// Which report a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// That of `debar scan`.
    Scan,
    /// That of `debar inventory`.
    Inventory,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Which report it shows.
    pub source: Source,
    /// Its columns.
    pub columns: &'static [(&'static str, Type)],
}

/// A row: columns that are not there are NULL.
pub type Row = Vec<(&'static str, String)>;

use Type::{Integer, Text};

/// The banned, exempt and informational products on this host: a row for each piece of evidence, so that paths and
/// process ids join with osquery's own tables.
pub const FINDINGS: Table = Table {
    name: "debar_findings",
    about: "products that signatures know, a row for each piece of evidence",
    source: Source::Scan,
    columns: &[
        ("product", Text),
        ("name", Text),
        ("vendor", Text),
        ("status", Text),
        ("state", Text),
        ("in_force", Integer),
        ("rules", Text),
        ("exception", Text),
        ("collector", Text),
        ("evidence_state", Text),
        ("matched", Text),
        ("strength", Text),
        ("artifact_name", Text),
        ("version", Text),
        ("path", Text),
        ("registry_key", Text),
        ("record", Text),
        ("pid", Integer),
        ("fields", Text),
    ],
};

/// The places that should have been read and were not.
pub const GAPS: Table = Table {
    name: "debar_gaps",
    about: "places that should have been read and were not: with any of grade blind, no findings do not mean that it is clean",
    source: Source::Scan,
    columns: &[
        ("kind", Text),
        ("grade", Text),
        ("collector", Text),
        ("place", Text),
        ("detail", Text),
        ("remedy", Text),
        ("exception", Text),
    ],
};

/// The scan itself, one row: what it came to, when, and with what.
pub const SCAN: Table = Table {
    name: "debar_scan",
    about: "the scan that debar_findings and debar_gaps show, one row",
    source: Source::Scan,
    columns: &[
        ("verdict", Text),
        ("findings", Integer),
        ("also_here", Integer),
        ("possible", Integer),
        ("gaps", Integer),
        ("skipped", Integer),
        ("summary", Text),
        ("host", Text),
        ("machine_id", Text),
        ("started", Text),
        ("finished", Text),
        ("duration_ms", Integer),
        ("debar_version", Text),
        ("signatures_date", Text),
        ("elevated", Integer),
    ],
};

/// Everything that is installed or running, of whatever vendor.
pub const ARTIFACTS: Table = Table {
    name: "debar_artifacts",
    about: "everything that is installed or running, of whatever vendor; WHERE collector = '…' reads only that source",
    source: Source::Inventory,
    columns: &[
        ("collector", Text),
        ("state", Text),
        ("name", Text),
        ("display_name", Text),
        ("version", Text),
        ("publisher", Text),
        ("path", Text),
        ("registry_key", Text),
        ("record", Text),
        ("pid", Integer),
        ("fields", Text),
    ],
};

/// Every table.
pub const TABLES: &[&Table] = &[&FINDINGS, &GAPS, &SCAN, &ARTIFACTS];

/// The table of a name.
pub fn named(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}

/// What osquery gets of a table: a map for each column.
pub fn routes(table: &Table, out: &mut Writer) {
    out.list(MAP, table.columns.len());
    for (name, kind) in table.columns {
        out.strings(&[("id", "column"), ("name", *name), ("type", kind.word()), ("op", "0")]);
    }
}

/// Rows of tables that show a scan.
pub fn rows(table: &Table, report: &ScanReport) -> Vec<Row> {
    match table.name {
        name if name == FINDINGS.name => findings(report),
        name if name == GAPS.name => report.gaps.iter().map(gap).collect(),
        name if name == SCAN.name => vec![scan(report)],
        _ => Vec::new(),
    }
}

fn findings(report: &ScanReport) -> Vec<Row> {
    let mut rows = Vec::new();
    for finding in &report.findings {
        let rules: Vec<&str> =
            finding.rules.iter().filter(|rule| rule.in_force).map(|rule| rule.id.as_str()).collect();
        let shared = [
            ("product", finding.product.id.clone()),
            ("name", finding.product.name.clone()),
            ("vendor", finding.product.vendor.clone()),
            ("status", finding.status.word().to_owned()),
            ("state", finding.state.word().to_owned()),
            ("in_force", u8::from(finding.in_force).to_string()),
            ("rules", rules.join(" ")),
        ];
        let exception = finding.exception.as_ref().map(|exception| ("exception", exception.id.clone()));
        for evidence in &finding.evidence {
            let mut row: Row = shared.to_vec();
            row.extend(exception.clone());
            row.push(("collector", evidence.collector.clone()));
            row.push(("evidence_state", evidence.state.word().to_owned()));
            row.push(("matched", evidence.matched.clone()));
            row.push(("strength", evidence.strength.word().to_owned()));
            let field = |field| evidence.fields.get(&field).map(Value::joined);
            row.extend(field(Field::Name).map(|name| ("artifact_name", name)));
            row.extend(field(Field::Version).map(|version| ("version", version)));
            place(&evidence.location, &evidence.fields, &mut row);
            rows.push(row);
        }
        // More matched than is listed: nobody may take the rows for all there is.
        if finding.evidence.is_empty() || finding.evidence_omitted > 0 {
            let mut row: Row = shared.to_vec();
            row.push(("matched", format!("{} more that are not listed", finding.evidence_omitted)));
            rows.push(row);
        }
    }
    rows
}

/// Where something is, and everything that is known of it as JSON. Files of osquery's tables are found by `path`: that of
/// the executable for a process, else where the artifact was seen.
fn place(location: &Location, fields: &BTreeMap<Field, Value>, row: &mut Row) {
    let own = fields.get(&Field::Path).and_then(|path| path.texts().next().map(str::to_owned));
    row.extend(own.or_else(|| location.path.clone()).map(|path| ("path", path)));
    row.extend(location.registry_key.clone().map(|key| ("registry_key", key)));
    row.extend(location.record.clone().map(|record| ("record", record)));
    row.extend(location.pid.map(|pid| ("pid", pid.to_string())));
    row.push(("fields", serde_json::to_string(fields).unwrap_or_else(|error| error.to_string())));
}

fn gap(gap: &GapEntry) -> Row {
    let mut row = vec![
        ("kind", gap.kind.word().to_owned()),
        ("grade", gap.grade.word().to_owned()),
        ("collector", gap.collector.clone()),
        ("place", gap.place.clone()),
        ("detail", gap.detail.clone()),
        ("remedy", gap.kind.remedy().to_owned()),
    ];
    row.extend(gap.exception.as_ref().map(|exception| ("exception", exception.id.clone())));
    row
}

fn scan(report: &ScanReport) -> Row {
    let mut row = vec![
        ("verdict", report.verdict.word().to_owned()),
        ("findings", report.findings.len().to_string()),
        ("also_here", report.also_here.len().to_string()),
        ("possible", report.possible.len().to_string()),
        ("gaps", report.gaps.len().to_string()),
        ("skipped", report.skipped.iter().filter(|place| !place.is_pseudo()).count().to_string()),
        ("summary", summary(report).join(" ")),
        ("host", report.target.host.clone()),
        ("started", report.started.clone()),
        ("finished", report.finished.clone()),
        ("duration_ms", report.duration_ms.to_string()),
        ("debar_version", report.versions.debar.clone()),
        ("elevated", u8::from(report.versions.elevated).to_string()),
    ];
    row.extend(report.target.machine_id.clone().map(|id| ("machine_id", id)));
    let oldest = report.versions.signatures.iter().map(|file| file.date.clone()).min();
    row.extend(oldest.map(|date| ("signatures_date", date)));
    row
}

/// A row of `debar_artifacts`.
pub fn artifact(entry: &ArtifactEntry) -> Row {
    let field = |field| entry.fields.get(&field).map(Value::joined);
    let mut row = vec![("collector", entry.collector.clone()), ("state", entry.state.word().to_owned())];
    for (column, value) in [
        ("name", field(Field::Name)),
        ("display_name", field(Field::DisplayName)),
        ("version", field(Field::Version)),
        (
            "publisher",
            field(Field::Publisher).or_else(|| field(Field::Vendor)).or_else(|| field(Field::Maintainer)),
        ),
    ] {
        row.extend(value.map(|value| (column, value)));
    }
    place(&entry.location, &entry.fields, &mut row);
    row
}

/// The part of a query's context that is used.
#[derive(Deserialize)]
struct Context {
    #[serde(default)]
    constraints: Vec<Constraints>,
}

#[derive(Deserialize)]
struct Constraints {
    name: String,
    /// An empty text where there is none.
    list: serde_json::Value,
}

/// The one value that a query wants of a column (`column = 'value'`), if it says so. osquery filters the rows anyway: that
/// this is not understood costs time only.
pub fn wanted(context: &str, column: &str) -> Option<String> {
    /// SQLITE_INDEX_CONSTRAINT_EQ
    const EQUALS: u64 = 2;
    let context: Context = serde_json::from_str(context).ok()?;
    let list = context.constraints.into_iter().find(|constraint| constraint.name == column)?.list;
    list.as_array()?.iter().find_map(|one| {
        let operator = one.get("op")?;
        let operator = operator.as_u64().or_else(|| operator.as_str()?.parse().ok())?;
        (operator == EQUALS).then(|| one.get("expr")?.as_str().map(str::to_owned))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fill_only_columns_that_are_declared() {
        let report = include_bytes!("../../tests/fixtures/reports/found-1.0.json");
        let reports = crate::report::read::read(report).unwrap();
        let report = reports.first().unwrap();
        for table in TABLES.iter().filter(|table| table.source == Source::Scan) {
            let rows = rows(table, report);
            assert!(table.name == GAPS.name || !rows.is_empty(), "{}", table.name);
            for (column, value) in rows.iter().flatten() {
                let (_, kind) = table.columns.iter().find(|(name, _)| name == column).expect(column);
                assert!(*kind == Text || value.parse::<i64>().is_ok(), "{column} = {value}");
            }
        }
        let evidence: usize = report.findings.iter().map(|finding| finding.evidence.len()).sum();
        assert_eq!(rows(&FINDINGS, report).len(), evidence);
    }

    #[test]
    fn an_equality_of_the_query_is_understood() {
        let context = r#"{"constraints":[{"name":"path","list":"","affinity":"TEXT"},
            {"name":"collector","list":[{"op":2,"expr":"deb_packages"}],"affinity":"TEXT"}]}"#;
        assert_eq!(wanted(context, "collector").as_deref(), Some("deb_packages"));
        assert_eq!(
            wanted(&context.replace("\"op\":2", "\"op\":\"2\""), "collector").as_deref(),
            Some("deb_packages")
        );
        assert_eq!(wanted(&context.replace("\"op\":2", "\"op\":65"), "collector"), None);
        assert_eq!(wanted(context, "path"), None);
        assert_eq!(wanted("no JSON", "collector"), None);
    }
}
