//! The list that is filtered and sorted: a row per finding or artifact, folded to one line.
//!
//! A page of 10,000 rows has a million elements, which no browser opens quickly. So the rows after the first
//! [`PLAIN`] lie in a `<noscript>` each: a browser that runs scripts takes it for one piece of text, and the script
//! makes elements of those that are checked; a browser that runs none shows them all. The markup is the same, and
//! written once.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::report::words::plural;
use crate::text::escape::markup;

/// Rows that are elements from the start.
const PLAIN: usize = 200;
/// Values that one can choose among; of more one types a part.
const CHOICES: usize = 60;

/// What a row is filtered and sorted by.
pub(super) struct Facet {
    /// Name of its attribute, behind `data-`.
    pub(super) key: &'static str,
    /// The word for people.
    pub(super) label: &'static str,
    pub(super) filters: bool,
    pub(super) sorts: bool,
}

/// The list while it is written: [`List::count`] every row, then [`List::begin`], [`List::row`], [`List::end`].
pub(super) struct List {
    what: &'static str,
    noun: &'static str,
    facets: &'static [Facet],
    order: &'static str,
    total: usize,
    written: usize,
    values: Vec<BTreeMap<String, usize>>,
}

/// As many are shown unfolded.
const UNFOLDED: usize = 5;

impl List {
    /// A list in an order that has a name.
    pub(super) fn new(
        what: &'static str,
        noun: &'static str,
        facets: &'static [Facet],
        order: &'static str,
        total: usize,
    ) -> Self {
        List { what, noun, facets, order, total, written: 0, values: vec![BTreeMap::new(); facets.len()] }
    }

    /// Notes the values of a row, in the order of the facets.
    pub(super) fn count(&mut self, values: &[String]) {
        for ((facet, known), value) in self.facets.iter().zip(&mut self.values).zip(values) {
            if facet.filters {
                *known.entry(value.clone()).or_default() += 1;
            }
        }
    }

    pub(super) fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let List { what, total, .. } = self;
        writeln!(
            out,
            "<section aria-labelledby=\"list\"><h2 id=\"list\">{what}</h2>\n\
             <div id=\"filter\" class=\"filter\" role=\"search\" aria-label=\"{what}\" hidden>\n\
             <label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\"></label>"
        )?;
        for (facet, values) in self.facets.iter().zip(&self.values).filter(|(_, values)| values.len() > 1) {
            choices(facet, values, out)?;
        }
        writeln!(out, "<label>Sort by <select id=\"sort\"><option value=\"\">{}</option>", self.order)?;
        for facet in self.facets.iter().filter(|facet| facet.sorts) {
            writeln!(out, "<option value=\"{}\">{}</option>", facet.key, facet.label.to_lowercase())?;
        }
        writeln!(
            out,
            "</select></label>\n<button type=\"button\" id=\"reset\">Reset</button>\n\
             <button type=\"button\" id=\"unfold\" aria-pressed=\"false\">Unfold all</button>\n</div>\n\
             <p id=\"count\" role=\"status\">{}</p>",
            plural(*total, self.noun)
        )?;
        if *total > PLAIN {
            writeln!(
                out,
                "<p id=\"held\" class=\"caution\">{} more are in this page, but it was kept from listing them: allow \
                 its script, or switch scripts off altogether.</p>",
                total - PLAIN
            )?;
        }
        writeln!(out, "<div id=\"rows\" class=\"rows\" role=\"list\" tabindex=\"-1\">")
    }

    /// Writes a row, whose markup stands within its `<details>`.
    pub(super) fn row(&mut self, values: &[String], body: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let held = self.written >= PLAIN;
        self.written += 1;
        write!(out, "{}", if held { "<noscript" } else { "<div role=\"listitem\"" })?;
        for (facet, value) in self.facets.iter().zip(values) {
            write!(out, " data-{}=\"{}\"", facet.key, markup(value))?;
        }
        let open = if self.total <= UNFOLDED { " open" } else { "" };
        write!(out, "{}<details{open}>", if held { "><div role=\"listitem\">" } else { ">" })?;
        out.write_all(body)?;
        writeln!(out, "</details></div>{}", if held { "</noscript>" } else { "" })
    }

    pub(super) fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.total == 0 {
            writeln!(out, "<p role=\"listitem\">None.</p>")?;
        }
        writeln!(
            out,
            "</div>\n<p><button type=\"button\" id=\"more\" hidden>Show more</button></p></section>"
        )
    }
}

/// The field that chooses among the values of a facet.
fn choices(facet: &Facet, values: &BTreeMap<String, usize>, out: &mut dyn Write) -> io::Result<()> {
    let Facet { key, label, .. } = facet;
    if values.len() > CHOICES {
        return writeln!(
            out,
            "<label>{label} <input type=\"search\" data-facet=\"{key}\" data-part=\"\" placeholder=\"any of {}\" \
             autocomplete=\"off\"></label>",
            values.len()
        );
    }
    writeln!(out, "<label>{label} <select data-facet=\"{key}\"><option value=\"\">any</option>")?;
    for (value, count) in values {
        let value = markup(value);
        writeln!(out, "<option value=\"{value}\">{value} ({count})</option>")?;
    }
    writeln!(out, "</select></label>")
}
