//! Bar charts as inline SVG: readable without colour, and as one sentence for screen readers.

use std::io::{self, Write};

use crate::report::escape::markup;
use crate::report::words::plural;

/// Bars that a chart has room for; the smaller ones are added up.
const MAX: usize = 8;
const ROW: usize = 26;
const LABEL: usize = 190;
const WIDTH: usize = 420;

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

pub(super) fn bars(title: &str, noun: &str, bars: Vec<Bar>, out: &mut dyn Write) -> io::Result<()> {
    let title = markup(title);
    writeln!(out, "<figure><figcaption>{title}</figcaption>")?;
    if bars.is_empty() {
        return writeln!(out, "<p>None.</p></figure>");
    }
    let told: Vec<String> =
        bars.iter().map(|bar| format!("{}: {}", bar.label, plural(bar.count, noun))).collect();
    let height = bars.len() * ROW;
    writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}. {}\">",
        markup(&told.join("; "))
    )?;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    for (at, bar) in bars.iter().enumerate() {
        let room = WIDTH - LABEL - 60;
        let width = (bar.count * room).div_ceil(most);
        let middle = at * ROW + ROW / 2;
        writeln!(
            out,
            "<text x=\"0\" y=\"{middle}\" dominant-baseline=\"central\">{}</text>\
             <rect class=\"{}\" x=\"{LABEL}\" y=\"{}\" width=\"{width}\" height=\"{}\" rx=\"2\"/>\
             <text x=\"{}\" y=\"{middle}\" dominant-baseline=\"central\">{}</text>",
            markup(&short(&bar.label)),
            bar.class,
            at * ROW + 4,
            ROW - 8,
            LABEL + width + 6,
            bar.count,
        )?;
    }
    writeln!(out, "</svg></figure>")
}

/// A label that fits beside the bars.
fn short(label: &str) -> String {
    const COLUMNS: usize = 28;
    match label.chars().count() > COLUMNS {
        true => label.chars().take(COLUMNS - 1).chain(['…']).collect(),
        false => label.to_owned(),
    }
}
