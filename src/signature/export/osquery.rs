//! osquery: SQL on its tables, alone or as a pack. Columns as in its schema:
//! <https://osquery.io/schema/>; packs: <https://osquery.readthedocs.io/en/stable/deployment/configuration/>.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Exported, Expressions, Op, Selected, comment, heading, identifier};
use crate::model::{Field, FieldKind, Os};

/// A table of osquery that holds what a collector yields.
struct Table {
    collector: &'static str,
    name: &'static str,
    platform: Os,
    columns: &'static [(Field, &'static str)],
}

const TABLES: &[Table] = &[
    table(
        "apps",
        "apps",
        Os::Macos,
        &[
            (Field::Name, "name"),
            (Field::Path, "path"),
            (Field::BundleIdentifier, "bundle_identifier"),
            (Field::DisplayName, "display_name"),
            (Field::Version, "bundle_short_version"),
        ],
    ),
    table(
        "certificates",
        "certificates",
        Os::Windows,
        &[
            (Field::Subject, "subject"),
            (Field::Issuer, "issuer"),
            (Field::Serial, "serial"),
            (Field::Sha1, "sha1"),
        ],
    ),
    table(
        "chocolatey_packages",
        "chocolatey_packages",
        Os::Windows,
        &[(Field::Name, "name"), (Field::Version, "version"), (Field::Author, "author")],
    ),
    table(
        "deb_packages",
        "deb_packages",
        Os::Linux,
        &[
            (Field::Name, "name"),
            (Field::Version, "version"),
            (Field::Source, "source"),
            (Field::Arch, "arch"),
            (Field::Maintainer, "maintainer"),
            (Field::Section, "section"),
            (Field::Status, "status"),
        ],
    ),
    table(
        "drivers",
        "drivers",
        Os::Windows,
        &[
            (Field::Name, "service"),
            (Field::Path, "image"),
            (Field::DisplayName, "device_name"),
            (Field::Description, "description"),
        ],
    ),
    table(
        "homebrew_packages",
        "homebrew_packages",
        Os::Macos,
        &[(Field::Name, "name"), (Field::Path, "path"), (Field::Version, "version")],
    ),
    table(
        "kernel_extensions",
        "kernel_extensions",
        Os::Macos,
        &[(Field::Identifier, "name"), (Field::BundleIdentifier, "name"), (Field::Path, "path")],
    ),
    table("kernel_modules", "kernel_modules", Os::Linux, &[(Field::Name, "name")]),
    table(
        "launchd",
        "launchd",
        Os::Macos,
        &[(Field::Name, "name"), (Field::Label, "label"), (Field::Path, "path"), (Field::Program, "program")],
    ),
    table(
        "package_receipts",
        "package_receipts",
        Os::Macos,
        &[
            (Field::Identifier, "package_id"),
            (Field::Name, "package_id"),
            (Field::Version, "version"),
            (Field::Path, "path"),
        ],
    ),
    table("processes", "processes", Os::Linux, PROCESSES),
    table("processes", "processes", Os::Macos, PROCESSES),
    table("processes", "processes", Os::Windows, PROCESSES),
    table("program_folders", "file", Os::Linux, FILES),
    table("program_folders", "file", Os::Macos, FILES),
    table(
        "programs",
        "programs",
        Os::Windows,
        &[
            (Field::Name, "name"),
            (Field::Version, "version"),
            (Field::Publisher, "publisher"),
            (Field::InstallLocation, "install_location"),
            (Field::InstallSource, "install_source"),
            (Field::UninstallString, "uninstall_string"),
            (Field::IdentifyingNumber, "identifying_number"),
        ],
    ),
    table(
        "rpm_packages",
        "rpm_packages",
        Os::Linux,
        &[
            (Field::Name, "name"),
            (Field::Version, "version"),
            (Field::Release, "release"),
            (Field::Vendor, "vendor"),
            (Field::Arch, "arch"),
            (Field::Source, "source"),
        ],
    ),
    table(
        "scheduled_tasks",
        "scheduled_tasks",
        Os::Windows,
        &[
            (Field::Name, "name"),
            (Field::Path, "path"),
            (Field::Program, "action"),
            (Field::Cmdline, "action"),
        ],
    ),
    table(
        "security_products",
        "windows_security_products",
        Os::Windows,
        &[(Field::Name, "name"), (Field::DisplayName, "name"), (Field::Type, "type")],
    ),
    table(
        "services",
        "services",
        Os::Windows,
        &[
            (Field::Name, "name"),
            (Field::DisplayName, "display_name"),
            (Field::Path, "path"),
            (Field::Description, "description"),
        ],
    ),
    table(
        "startup_items",
        "startup_items",
        Os::Windows,
        &[(Field::Name, "name"), (Field::Path, "path"), (Field::Program, "path"), (Field::Cmdline, "args")],
    ),
    table(
        "system_extensions",
        "system_extensions",
        Os::Macos,
        &[
            (Field::Identifier, "identifier"),
            (Field::BundleIdentifier, "identifier"),
            (Field::TeamIdentifier, "team"),
            (Field::Path, "path"),
        ],
    ),
    table(
        "systemd_units",
        "systemd_units",
        Os::Linux,
        &[(Field::Name, "id"), (Field::Description, "description"), (Field::Path, "fragment_path")],
    ),
];

const PROCESSES: &[(Field, &str)] =
    &[(Field::Name, "name"), (Field::Path, "path"), (Field::Cmdline, "cmdline")];
/// Only exact paths: the table lists what a query names.
const FILES: &[(Field, &str)] = &[(Field::Path, "path")];

const fn table(
    collector: &'static str,
    name: &'static str,
    platform: Os,
    columns: &'static [(Field, &'static str)],
) -> Table {
    Table { collector, name, platform, columns }
}

struct Sql<'t>(&'t Table);

impl Expressions for Sql<'_> {
    const AND: &'static str = "AND";
    const OR: &'static str = "OR";
    const NOT: &'static str = "NOT";

    fn fact(&self, _: &str, field: Field) -> Option<String> {
        let column = self.0.columns.iter().find(|(known, _)| *known == field)?.1;
        if self.0.name == "file" {
            return Some(column.to_owned());
        }
        Some(match field.kind() {
            FieldKind::Path => format!("replace(lower({column}), '\\', '/')"),
            FieldKind::Text => format!("lower({column})"),
        })
    }

    fn absent(&self, fact: &str) -> Option<String> {
        Some(format!("coalesce({fact}, '') = ''"))
    }

    fn test(&self, fact: &str, field: Field, op: Op, text: &str) -> Option<String> {
        if self.0.name == "file" {
            // The operating systems with this table here compare paths with case, or keep it.
            return (op == Op::Equals).then(|| format!("{fact} = {}", literal(text)));
        }
        // SQLite lowers ASCII alone, and so must the text.
        let mut text = text.to_ascii_lowercase();
        if field.kind() == FieldKind::Path {
            text = text.replace('\\', "/");
        }
        let length = text.chars().count();
        // Paths begin at the root of the target, those of Windows here with a drive.
        let with_drive = self.0.platform == Os::Windows && text.starts_with('/');
        match op {
            Op::Equals if with_drive => Some(format!("substr({fact}, 3) = {}", literal(&text))),
            Op::Equals => Some(format!("{fact} = {}", literal(&text))),
            Op::Prefix if with_drive => Some(format!("substr({fact}, 3, {length}) = {}", literal(&text))),
            Op::Prefix => Some(format!("substr({fact}, 1, {length}) = {}", literal(&text))),
            Op::Suffix => Some(format!("substr({fact}, -{length}) = {}", literal(&text))),
            Op::Contains => Some(format!("instr({fact}, {}) > 0", literal(&text))),
            // Its expressions are those of C++, without case folding and with other classes.
            Op::Glob | Op::Regex | Op::Version => None,
        }
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

/// A query, and what it stands for.
struct Query {
    name: String,
    platform: Os,
    about: String,
    sql: String,
}

fn queries(selected: &[Selected<'_>], out: &mut Exported) -> Vec<Query> {
    let mut queries = Vec::new();
    for one in selected {
        let mut by_table: BTreeMap<(&str, Os), Vec<String>> = BTreeMap::new();
        for indicator in one.indicators() {
            let mut why = "osquery has no table for it".to_owned();
            let mut expressed = false;
            for table in TABLES.iter().filter(|table| {
                indicator.collectors.iter().any(|name| name == table.collector)
                    && one.product.platforms.contains(&table.platform)
            }) {
                match Sql(table).indicator(table.collector, indicator) {
                    Ok(sql) => {
                        expressed = true;
                        by_table.entry((table.name, table.platform)).or_default().push(format!("({sql})"));
                    }
                    Err(reason) => why = reason,
                }
            }
            if !expressed {
                out.leave_out(one, indicator, &why);
            }
        }
        for ((table, platform), mut conditions) in by_table {
            conditions.dedup();
            queries.push(Query {
                name: identifier(&format!("debar_{}_{table}_{}", one.id(), platform.word())),
                platform,
                about: format!("{} in {table}", one.product.name),
                sql: format!(
                    "SELECT {} AS debar_product, * FROM {table} WHERE {};",
                    literal(&one.id()),
                    conditions.join(" OR ")
                ),
            });
        }
    }
    queries
}

/// The queries, a line each under a comment.
pub(super) fn sql(selected: &[Selected<'_>]) -> Exported {
    let mut out = Exported::default();
    let mut text = format!("-- {}\n", heading(selected));
    for query in queries(selected, &mut out) {
        text.push_str(&format!("-- {} ({})\n{}\n", comment(&query.about), query.platform.word(), query.sql));
    }
    out.text = text;
    out
}

/// A pack for osqueryd.
pub(super) fn pack(selected: &[Selected<'_>]) -> Exported {
    let mut out = Exported::default();
    let queries: serde_json::Map<String, serde_json::Value> = queries(selected, &mut out)
        .into_iter()
        .map(|query| {
            let platform = if query.platform == Os::Macos { "darwin" } else { query.platform.word() };
            let value = json!({
                "query": query.sql, "interval": 3600, "platform": platform,
                "description": query.about, "snapshot": true,
            });
            (query.name, value)
        })
        .collect();
    let pack = json!({ "queries": queries });
    out.text = format!("{pack:#}\n");
    out
}
