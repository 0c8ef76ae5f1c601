//! How a comparison of reports is written: as text (a table of before and after), JSON and Markdown.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::{Look, Verdict};
use crate::model::State;
use crate::report::compare::{Change, Comparison, Entry, Pair};
use crate::text::escape::{markdown, printable};
use crate::write::style::{Paint, middle_cut, wrapped};

/// The ways to write a comparison: name, and function.
pub const WRITERS: &[(&str, ComparisonWriter)] = &[("text", text), ("json", json), ("markdown", as_markdown)];

/// Writes a comparison.
pub type ComparisonWriter = fn(&Comparison, Look, &mut dyn Write) -> io::Result<()>;

fn json(comparison: &Comparison, _: Look, out: &mut dyn Write) -> io::Result<()> {
    crate::write::json(comparison, true, out)
}

fn state(state: Option<State>) -> &'static str {
    state.map_or("-", State::word)
}

/// What a person should know of a change beside the states.
fn details(entry: &Entry) -> String {
    let mut remarks = Vec::new();
    if !entry.counts {
        remarks.push(format!("{}, does not count", entry.status.word()));
    }
    if matches!(entry.change, Change::StillThere | Change::Changed) {
        let (new, gone) = (entry.evidence_new.len(), entry.evidence_gone.len());
        remarks.push(match (new, gone) {
            (0, 0) => format!("{} pieces of evidence as before", entry.evidence_kept),
            (new, gone) => format!("evidence: {} as before, {gone} gone, {new} new", entry.evidence_kept),
        });
    }
    if !entry.not_read.is_empty() {
        remarks.push(format!("not read: {}", entry.not_read.join("; ")));
    }
    remarks.join("; ")
}

fn summary(comparison: &Comparison) -> String {
    let kinds =
        [Change::New, Change::Changed, Change::StillThere, Change::NotSeen, Change::Kept, Change::Gone];
    let counts = kinds.map(|change| format!("{} {}", comparison.count(change), change.words()));
    counts.join(", ")
}

fn side(pair: &Pair) -> String {
    let side_in_words = |side: &Option<crate::report::compare::Side>| match side {
        None => "no report".to_owned(),
        Some(side) => {
            let gaps = if side.gaps > 0 { format!(", {} gaps", side.gaps) } else { String::new() };
            let verdict = match side.verdict {
                Verdict::Found => "found",
                Verdict::NotFound => "not found",
                Verdict::Incomplete => "incomplete",
                Verdict::FilesChecked => "files checked",
            };
            format!("{} ({verdict}{gaps})", side.finished)
        }
    };
    format!("before {}, after {}", side_in_words(&pair.before), side_in_words(&pair.after))
}

fn text(comparison: &Comparison, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(look.colour);
    for pair in &comparison.targets {
        let head = printable(&format!("{} ({})", pair.host, pair.target)).into_owned();
        writeln!(out, "{}", paint.strong(&head))?;
        for line in wrapped(&printable(&side(pair)), look.width.saturating_sub(2)) {
            writeln!(out, "  {line}")?;
        }
        let mine = || {
            let same = |entry: &&Entry| entry.host == pair.host && entry.target == pair.target;
            comparison.changes.iter().filter(same)
        };
        if mine().next().is_none() {
            writeln!(out, "  nothing found before or after")?;
        }
        let longest = mine().map(|entry| entry.change.words().width()).max().unwrap_or_default().max(18);
        let room = look.width.saturating_sub(2 + 1 + 13 + 13 + longest).max(20);
        let widest = mine().map(|entry| entry.product.id.width()).max().unwrap_or_default().clamp(7, room);
        if mine().next().is_some() {
            let line =
                format!("  {:<widest$} {:<12} {:<12} {}", "product", "before", "after", "what became of it");
            writeln!(out, "{}", paint.faint(&line))?;
        }
        for entry in mine() {
            let words = entry.change.words();
            let words = match entry.change {
                Change::Gone | Change::Kept => paint.good(words),
                Change::New | Change::StillThere | Change::Changed if entry.counts => paint.bad(words),
                _ => paint.caution(words),
            };
            let product = middle_cut(&printable(&entry.product.id), widest);
            let pad = " ".repeat(widest.saturating_sub(product.width()));
            let (before, after) = (state(entry.before), state(entry.after));
            writeln!(out, "  {product}{pad} {before:<12} {after:<12} {words}")?;
            let remarks = details(entry);
            if !remarks.is_empty() {
                for line in wrapped(&printable(&remarks), look.width.saturating_sub(6)) {
                    writeln!(out, "      {}", paint.faint(&line))?;
                }
            }
        }
        writeln!(out)?;
    }
    for warning in &comparison.warnings {
        for line in wrapped(&printable(&format!("Warning: {warning}.")), look.width) {
            writeln!(out, "{}", paint.caution(&line))?;
        }
    }
    writeln!(out, "{}.", summary(comparison))
}

fn as_markdown(comparison: &Comparison, _: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Comparison of scans\n\n{}.", summary(comparison))?;
    for warning in &comparison.warnings {
        writeln!(out, "\nWarning: {}.", markdown(warning))?;
    }
    for pair in &comparison.targets {
        writeln!(out, "\n## {} ({})\n", markdown(&pair.host), markdown(&pair.target))?;
        writeln!(out, "{}\n", markdown(&side(pair)))?;
        writeln!(out, "| product | before | after | what became of it | |\n| --- | --- | --- | --- | --- |")?;
        let same = |entry: &&Entry| entry.host == pair.host && entry.target == pair.target;
        for entry in comparison.changes.iter().filter(same) {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                markdown(&entry.product.id),
                state(entry.before),
                state(entry.after),
                entry.change.words(),
                markdown(&details(entry))
            )?;
        }
    }
    Ok(())
}
