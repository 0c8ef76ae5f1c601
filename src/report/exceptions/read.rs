//! Reads files of exceptions and says where a mistake is.

use std::path::Path;

use jiff::civil::Date;

use super::{Exceptions, ExceptionsFile, Granted, fits};
use crate::finding::VexStatus;
use crate::model::{Error, GapKind};
use crate::signature::{Problem, Step, nearest, position, repeated_keys, suggested};

/// The number of this file format.
const FORMAT: u32 = 1;
/// No such file is anywhere near this size.
const MAX_FILE: u64 = 16 << 20;

/// Reads a file of exceptions: JSON when its name ends in `.json`, else TOML.
///
/// # Errors
/// When it cannot be read, or has mistakes: each with line and column.
pub fn load(path: &Path) -> Result<Exceptions, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_FILE {
        let message = format!("{size} bytes; a file of exceptions may have at most {MAX_FILE}");
        return Err(failed(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message)));
    }
    let text = crate::text::written::read(path).map_err(failed)?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    parse(&path.display().to_string(), &text, is_json)
        .map_err(|problems| Error::Exceptions { problems: problems.iter().map(Problem::to_string).collect() })
}

/// Reads the text of a file of exceptions.
///
/// # Errors
/// Every mistake that it has.
pub fn parse(file: &str, text: &str, is_json: bool) -> Result<Exceptions, Vec<Problem>> {
    let problem = |(line, column), message| Problem { file: file.to_owned(), line, column, message };
    let parsed: Result<ExceptionsFile, Problem> = if is_json {
        serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = suggested(message.split(" at line ").next().unwrap_or(&message));
            problem((error.line(), error.column()), message)
        })
    } else {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            problem(place(text, at), suggested(error.message()))
        })
    };
    let parsed = parsed.map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    if is_json {
        let twice = repeated_keys(text).into_iter();
        problems.extend(twice.map(|(at, key)| problem(at, format!("the key `{key}` is given twice"))));
    }
    let mut granted = Vec::new();
    for (path, mistake) in check(&parsed, &mut granted) {
        let at = if is_json { position(text, &path) } else { toml_position(text, &path) };
        problems.push(problem(at, mistake));
    }
    if problems.is_empty() { Ok(Exceptions { granted }) } else { Err(problems) }
}

/// Line and column, from 1, of a byte of a text.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let column = before.chars().rev().take_while(|&char| char != '\n').count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Line and column of the value at a path of a TOML document; of the nearest value above it when there is none.
fn toml_position(text: &str, path: &[Step]) -> (usize, usize) {
    let Ok(table) = toml::de::DeTable::parse(text) else { return (1, 1) };
    let mut at = 0;
    let mut table = Some(table.into_inner());
    let mut array = None;
    for step in path {
        let value = match step {
            Step::Key(key) => table.take().and_then(|mut table| table.remove(key.as_str())),
            Step::Index(index) => {
                array.take().and_then(|array: toml::de::DeArray<'_>| array.into_iter().nth(*index))
            }
        };
        let Some(value) = value else { break };
        at = value.span().start;
        match value.into_inner() {
            toml::de::DeValue::Table(inner) => table = Some(inner),
            toml::de::DeValue::Array(inner) => array = Some(inner),
            _ => {}
        }
    }
    place(text, at)
}

/// Mistakes that types cannot see; fills in the exceptions with their last day.
fn check(file: &ExceptionsFile, granted: &mut Vec<(Granted, Date)>) -> Vec<(Vec<Step>, String)> {
    let mut mistakes: Vec<(Vec<Step>, String)> = Vec::new();
    if file.format != FORMAT {
        mistakes.push((vec!["format".into()], format!("this debar reads format {FORMAT}")));
    }
    let mut ids: Vec<&str> = Vec::new();
    for (at, one) in file.exceptions.iter().enumerate() {
        let mut wrong = |field: &str, message: String| {
            mistakes.push((vec!["exceptions".into(), at.into(), field.into()], message));
        };
        if ids.contains(&one.id.as_str()) {
            wrong("id", format!("there is an exception `{}` already", one.id));
        }
        ids.push(&one.id);
        check_subject(one, &mut wrong);
        check_words(one, &mut wrong);
        match one.expires.parse::<Date>() {
            Ok(day) => granted.push((one.clone(), day)),
            Err(_) => {
                wrong("expires", "not a day; write YYYY-MM-DD, the last day on which it holds".to_owned())
            }
        }
    }
    mistakes
}

/// What is wrong with the id, owner, reason, path and justification of an exception.
fn check_words(one: &Granted, wrong: &mut impl FnMut(&str, String)) {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    if one.id.is_empty() || !one.id.chars().all(plain) {
        wrong("id", "an id has letters, digits, dashes, dots and underscores".to_owned());
    }
    for (field, text) in [("owner", &one.owner), ("reason", &one.reason)] {
        if text.trim().is_empty() {
            wrong(field, format!("an exception needs its {field}"));
        }
    }
    if one.path.as_ref().is_some_and(|path| path.trim_matches(['*', '/']).is_empty()) {
        wrong("path", "it would cover everything; leave it out, or name a folder".to_owned());
    }
    if one.justification.is_some() && one.status != VexStatus::NotAffected {
        wrong(
            "justification",
            "only status `not_affected` has a justification; write it into `reason`".to_owned(),
        );
    }
}

/// What is wrong with the product or the gap that an exception is for.
fn check_subject(one: &Granted, wrong: &mut impl FnMut(&str, String)) {
    match (&one.product, &one.gap) {
        (Some(product), None) => {
            if !product.contains('/') {
                wrong(
                    "product",
                    "a product is `vendor/product`, e.g. as `debar signatures list` shows it".to_owned(),
                );
            }
            if product.trim_matches(['*', '/']).is_empty() {
                wrong("product", "it would cover everything; name a vendor at least".to_owned());
            }
        }
        (None, Some(gap)) => {
            if !GapKind::ALL.iter().any(|kind| fits(gap, kind.word())) {
                let near = nearest(gap, GapKind::ALL.iter().map(|kind| kind.word()));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                wrong("gap", format!("there is no such kind of gap{hint}"));
            }
            if one.path.is_none() {
                wrong("gap", "an exception for a gap needs its path: the place that is not read".to_owned());
            }
            if !one.evidence.is_empty() {
                wrong("evidence", "a gap has no evidence".to_owned());
            }
        }
        (Some(_), Some(_)) => wrong("gap", "an exception is for a product or for a gap".to_owned()),
        (None, None) => wrong("id", "an exception needs a product, or a gap with its path".to_owned()),
    }
}
