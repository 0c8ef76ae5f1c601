//! Answers of tables: made by a scan when a query asks, and kept for a while, so that a dashboard which asks three
//! tables each minute does not scan three times.
//!
//! Rows are kept as they go over the socket: the memory of an answer is the size of its text.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::tables::{self, Row, Source, Table};
use super::thrift::{MAP, Writer};
use crate::report::{ArtifactEntry, read};

/// The most that an answer may have, in bytes. Thrift refuses messages of 100 MB.
const MAX_ANSWER: usize = 64 << 20;

/// What takes a report while it is printed; it may refuse it.
pub type Take<'a> = &'a mut dyn FnMut(&mut dyn BufRead) -> Result<(), String>;

/// Who scans.
pub trait Look {
    /// Runs `debar scan` or `debar inventory`, the latter of one collector if one is named, and hands over what it
    /// prints: JSON of the one, NDJSON of the other.
    ///
    /// # Errors
    /// When it cannot run, or when what it prints is refused; in words for a person.
    fn look(&self, source: Source, only: Option<&str>, take: Take<'_>) -> Result<(), String>;
}

impl<F: Fn(Source, Option<&str>, Take<'_>) -> Result<(), String>> Look for F {
    fn look(&self, source: Source, only: Option<&str>, take: Take<'_>) -> Result<(), String> {
        self(source, only, take)
    }
}

/// The rows of a table, as the protocol writes a list of maps.
#[derive(Debug, Default)]
pub struct Rows {
    count: usize,
    bytes: Vec<u8>,
}

impl Rows {
    fn push(&mut self, row: &Row) -> Result<(), String> {
        let mut writer = Writer::default();
        writer.strings(row);
        if self.bytes.len() + writer.len() > MAX_ANSWER {
            return Err(format!(
                "more than {MAX_ANSWER} bytes: ask for less, for example WHERE collector = 'deb_packages'"
            ));
        }
        self.count += 1;
        self.bytes.extend(writer.into_bytes());
        Ok(())
    }

    /// Writes the list.
    pub fn write(&self, out: &mut Writer) {
        out.list(MAP, self.count);
        out.raw(&self.bytes);
    }
}

/// A table, and the collector that it was asked for.
type Key = (&'static str, Option<String>);

/// What was found, and until when it is believed.
pub struct Answers<L> {
    look: L,
    keep: Duration,
    kept: Mutex<BTreeMap<Key, (Instant, Arc<Rows>)>>,
}

impl<L: Look> Answers<L> {
    /// Answers that `look` makes and that are kept so long.
    pub fn new(look: L, keep: Duration) -> Self {
        Answers { look, keep, kept: Mutex::default() }
    }

    /// The rows that a query of this context wants: at least those. Anyone who asks meanwhile waits for the same scan.
    ///
    /// # Errors
    /// When the scan cannot run, in words for a person. An answer that is not known is never an empty one.
    pub fn rows(&self, table: &'static Table, context: &str) -> Result<Arc<Rows>, String> {
        let only = match table.source {
            Source::Scan => None,
            Source::Inventory => tables::wanted(context, "collector"),
        };
        // Nothing is of a collector that there is not.
        if only.as_deref().is_some_and(|name| crate::collector::named(name).is_none()) {
            return Ok(Arc::default());
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (made, _)| made.elapsed() < self.keep);
        for key in [(table.name, None), (table.name, only.clone())] {
            if let Some((_, rows)) = kept.get(&key) {
                return Ok(Arc::clone(rows));
            }
        }
        let made = match table.source {
            Source::Scan => self.scan()?,
            Source::Inventory => {
                let rows = self.inventory(only.as_deref())?;
                vec![((table.name, only), rows)]
            }
        };
        let now = Instant::now();
        let mut wanted = None;
        for (key, rows) in made {
            let rows = Arc::new(rows);
            if key.0 == table.name {
                wanted = Some(Arc::clone(&rows));
            }
            kept.insert(key, (now, rows));
        }
        wanted.ok_or_else(|| "the scan has no such table".to_owned())
    }

    fn scan(&self) -> Result<Vec<(Key, Rows)>, String> {
        let mut report = None;
        self.look.look(Source::Scan, None, &mut |from| {
            let mut bytes = Vec::new();
            Read::take(&mut *from, read::MAX_BYTES as u64 + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| error.to_string())?;
            report = read::read(&bytes).map_err(|error| error.to_string())?.pop();
            Ok(())
        })?;
        let report = report.ok_or("the scan printed no report")?;
        let of_scan = tables::TABLES.iter().copied().filter(|table| table.source == Source::Scan);
        of_scan
            .map(|table| {
                let mut rows = Rows::default();
                tables::rows(table, &report).iter().try_for_each(|row| rows.push(row))?;
                Ok(((table.name, None), rows))
            })
            .collect()
    }

    fn inventory(&self, only: Option<&str>) -> Result<Rows, String> {
        let mut rows = Rows::default();
        let mut whole = false;
        self.look.look(Source::Inventory, only, &mut |from| {
            let mut line = Vec::new();
            loop {
                line.clear();
                let read = Read::take(&mut *from, MAX_ANSWER as u64)
                    .read_until(b'\n', &mut line)
                    .map_err(|error| error.to_string())?;
                if read == 0 {
                    return Ok(());
                }
                if line.starts_with(b"{\"type\":\"artifact\"") {
                    let entry: ArtifactEntry =
                        serde_json::from_slice(&line).map_err(|error| error.to_string())?;
                    rows.push(&tables::artifact(&entry))?;
                }
                whole = line.starts_with(b"{\"type\":\"summary\"");
            }
        })?;
        if whole { Ok(rows) } else { Err("the inventory ended before its summary".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const ARTIFACT: &str = r#"{"type":"artifact","host":"h","target":"t","collector":"deb_packages","state":"installed","fields":{"name":"dash"},"location":{"path":"/var/lib/dpkg/status"}}"#;
    const BY_COLLECTOR: &str =
        r#"{"constraints":[{"name":"collector","list":[{"op":2,"expr":"deb_packages"}]}]}"#;

    #[test]
    fn answers_are_kept_for_a_while_and_errors_never() {
        let (asked, fails) = (Cell::new(0), Cell::new(true));
        let look = |source: Source, only: Option<&str>, take: Take<'_>| {
            asked.set(asked.get() + 1);
            if fails.get() {
                return Err("no".to_owned());
            }
            assert!(source == Source::Scan || only.is_none_or(|only| only == "deb_packages"));
            match source {
                Source::Scan => take(&mut &include_bytes!("../../tests/fixtures/reports/found-1.0.json")[..]),
                Source::Inventory => take(&mut format!("{ARTIFACT}\n{{\"type\":\"summary\"}}\n").as_bytes()),
            }
        };
        let answers = Answers::new(&look, Duration::from_secs(600));
        assert_eq!(answers.rows(&tables::FINDINGS, "").unwrap_err(), "no");
        fails.set(false);
        let findings = answers.rows(&tables::FINDINGS, "").unwrap().count;
        assert!(findings > 0);
        // One scan answers its three tables.
        answers.rows(&tables::GAPS, "").unwrap();
        assert_eq!(answers.rows(&tables::SCAN, "").unwrap().count, 1);
        assert_eq!(asked.get(), 2);
        assert_eq!(answers.rows(&tables::ARTIFACTS, BY_COLLECTOR).unwrap().count, 1);
        assert_eq!(answers.rows(&tables::ARTIFACTS, BY_COLLECTOR).unwrap().count, 1);
        assert_eq!(asked.get(), 3);
        let nothing =
            answers.rows(&tables::ARTIFACTS, &BY_COLLECTOR.replace("deb_packages", "no-such")).unwrap();
        assert_eq!((nothing.count, asked.get()), (0, 3));
        let fresh = Answers::new(&look, Duration::ZERO);
        fresh.rows(&tables::FINDINGS, "").unwrap();
        fresh.rows(&tables::FINDINGS, "").unwrap();
        assert_eq!(asked.get(), 5);
    }

    #[test]
    fn a_cut_off_inventory_is_no_answer() {
        let look = |_: Source, _: Option<&str>, take: Take<'_>| take(&mut format!("{ARTIFACT}\n").as_bytes());
        let error = Answers::new(look, Duration::ZERO).rows(&tables::ARTIFACTS, "").unwrap_err();
        assert!(error.contains("summary"), "{error}");
    }
}
