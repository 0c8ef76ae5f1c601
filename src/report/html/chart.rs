//! Bar charts as inline SVG: readable without colour, and as one sentence for screen readers.

use std::io::{self, Write};

use crate::model::{Coverage, Outcome};
use crate::report::words::plural;
use crate::text::escape::markup;

/// Bars that a chart has room for; the smaller ones are added up.
const MAX: usize = 8;
/// Height of a bar with its label above it.
const ROW: usize = 38;
const WIDTH: usize = 360;
/// What the count beside a bar takes.
const COUNT: usize = 56;

/// One bar.
pub(super) struct Bar {
    label: String,
    count: usize,
    class: &'static str,
}

impl Bar {
    pub(super) fn new(label: &str, count: usize, class: &'static str) -> Self {
        Bar { label: label.to_owned(), count, class }
    }
}

/// The largest bars, and one for all others.
pub(super) fn largest(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    if bars.len() > MAX {
        let others = bars.split_off(MAX - 1);
        let count = others.iter().map(|bar| bar.count).sum();
        bars.push(Bar::new(&format!("{} others", others.len()), count, "bar"));
    }
    bars
}

/// How many sources of inventory were read.
pub(super) fn coverage<'a>(
    coverage: impl Iterator<Item = &'a Coverage>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (mut whole, mut gaps, mut not, mut left_out) = (0, 0, 0, 0);
    for entry in coverage {
        match (entry.outcome, entry.gaps) {
            (_, 1..) => gaps += 1,
            (Outcome::Ran, 0) => whole += 1,
            (Outcome::NotApplicable, 0) => not += 1,
            (Outcome::LeftOut, 0) => left_out += 1,
        }
    }
    let mut shown = vec![
        Bar::new("read", whole, "good"),
        Bar::new("read with gaps", gaps, "caution"),
        Bar::new("not on such a target", not, "bar"),
    ];
    if left_out > 0 {
        shown.push(Bar::new("left out", left_out, "caution"));
    }
    bars("Sources of inventory", "source", shown, out)
}

pub(super) fn bars(title: &str, noun: &str, bars: Vec<Bar>, out: &mut dyn Write) -> io::Result<()> {
    let title = markup(title);
    writeln!(out, "<figure><figcaption>{title}</figcaption>")?;
    if bars.is_empty() {
        return writeln!(out, "<p>None.</p></figure>");
    }
    let parts: Vec<String> =
        bars.iter().map(|bar| format!("{}: {}", bar.label, plural(bar.count, noun))).collect();
    let height = bars.len() * ROW;
    writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}. {}\">",
        markup(&parts.join("; "))
    )?;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    for (at, bar) in bars.iter().enumerate() {
        let top = at * ROW;
        let width = (bar.count * (WIDTH - COUNT)).div_ceil(most);
        writeln!(
            out,
            "<text x=\"0\" y=\"{}\">{}</text>\
             <rect class=\"{}\" x=\"0\" y=\"{}\" width=\"{width}\" height=\"12\" rx=\"2\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            top + 13,
            markup(&short(&bar.label)),
            bar.class,
            top + 19,
            if width == 0 { 0 } else { width + 6 },
            top + 30,
            bar.count,
        )?;
    }
    writeln!(out, "</svg></figure>")
}

/// A label that fits above its bar.
fn short(label: &str) -> String {
    const COLUMNS: usize = 48;
    if label.chars().count() > COLUMNS {
        label.chars().take(COLUMNS - 1).chain(['…']).collect()
    } else {
        label.to_owned()
    }
}
