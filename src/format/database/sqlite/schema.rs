//! The schema table, and as much of `CREATE TABLE` as names the columns.

use super::Row;

/// Where a table is and what its columns are called.
pub(super) struct Table {
    pub(super) root: u32,
    pub(super) columns: Vec<String>,
    /// The column that is another name of the row id.
    pub(super) rowid_column: Option<usize>,
}

pub(super) fn columns_of_schema() -> Vec<String> {
    ["type", "name", "tbl_name", "rootpage", "sql"].map(str::to_owned).to_vec()
}

/// The definition of a table, if this row of the schema is it; `Err` says what is not supported.
pub(super) fn table(row: &Row<'_>, name: &str) -> Option<Result<Table, String>> {
    let text = |column: &str| row.get(column).and_then(super::Value::text);
    if text("type") != Some("table") || !text("name")?.eq_ignore_ascii_case(name) {
        return None;
    }
    let root =
        row.get("rootpage").and_then(super::Value::integer).and_then(|root| u32::try_from(root).ok())?;
    let sql = text("sql")?;
    if sql.to_ascii_uppercase().contains("WITHOUT ROWID") {
        return Some(Err(format!("table {name} is WITHOUT ROWID")));
    }
    let (mut columns, mut rowid_column) = (Vec::new(), None);
    for definition in definitions(sql) {
        let (column, rest) = first_word(definition.trim());
        let upper = column.to_ascii_uppercase();
        if ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(&upper.as_str()) {
            continue;
        }
        let rest: Vec<String> = rest.split_whitespace().map(str::to_ascii_uppercase).collect();
        if matches!(rest.as_slice(), [kind, primary, key, ..] if kind == "INTEGER" && primary == "PRIMARY" && key.starts_with("KEY"))
        {
            rowid_column = Some(columns.len());
        }
        columns.push(column);
    }
    Some(Ok(Table { root, columns, rowid_column }))
}

/// The parts between the outer parentheses, split at commas that are in no inner ones and no quotes.
fn definitions(sql: &str) -> Vec<&str> {
    let Some((_, body)) = sql.split_once('(') else { return Vec::new() };
    let (mut parts, mut depth, mut quote, mut start) = (Vec::new(), 0_usize, None, 0);
    for (at, char) in body.char_indices() {
        match (quote, char) {
            (Some(end), char) if char == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(char),
            (None, '[') => quote = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') if depth > 0 => depth -= 1,
            (None, ')') => {
                parts.push(body.get(start..at).unwrap_or_default());
                break;
            }
            (None, ',') if depth == 0 => {
                parts.push(body.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The first word without its quotes, and the rest.
fn first_word(text: &str) -> (String, &str) {
    let close = match text.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => Some(quote),
        Some('[') => Some(']'),
        _ => None,
    };
    if let Some(close) = close
        && let Some((word, rest)) = text.get(1..).and_then(|rest| rest.split_once(close))
    {
        return (word.to_owned(), rest);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word.to_owned(), rest)
}
