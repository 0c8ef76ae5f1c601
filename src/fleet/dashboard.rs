//! The dashboard: one self-contained page, whose data is JSON inside of it. Nothing is fetched; what hosts say is
//! shown as text, never as markup.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::Serialize;

use super::next::{cures, next_step, sentence};
use super::roll_up::{Fleet, HostView, Standing};
use super::status::Status;
use super::tables::status_of;
use super::{Day, Options, day_of, stamp};

const PAGE: &str = include_str!("dashboard.html");

/// What the page shows.
#[derive(Serialize)]
struct Data<'a> {
    now: String,
    stale_after: u32,
    sentence: String,
    standings: Vec<&'static str>,
    status: Status,
    products: Vec<ProductData<'a>>,
    /// Titles of rules, by id.
    rules: BTreeMap<&'a str, &'a str>,
    /// What to do about each kind of gap.
    cures: BTreeMap<&'static str, &'static str>,
    trend: &'a [Day],
    hosts: Vec<Row<'a>>,
    /// Texts that rows name by number: most repeat.
    texts: Vec<String>,
}

#[derive(Serialize)]
struct ProductData<'a> {
    id: &'a str,
    name: &'a str,
    rules: &'a [String],
}

/// A host: its name and standing, then numbers of texts, where 0 is none.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,
    /// Standing.
    usize,
    /// State.
    usize,
    /// Products: number of the product, state, first seen, last seen, status, what is due, how often it came back.
    Vec<(usize, usize, usize, usize, usize, usize, u32)>,
    /// Last report.
    usize,
    /// Site.
    usize,
    /// Owner.
    usize,
    /// Notes.
    usize,
    /// Kinds of gaps, with spaces between.
    usize,
    /// What to do.
    usize,
    /// The command that does it.
    usize,
    /// Operating system.
    usize,
    /// What vouches for the newest report.
    usize,
);

/// Texts by number.
struct Texts {
    numbers: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Texts {
    fn new() -> Self {
        Texts { numbers: HashMap::from([(String::new(), 0)]), texts: vec![String::new()] }
    }

    fn number(&mut self, text: impl Into<String>) -> usize {
        let text = text.into();
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        self.texts.push(text.clone());
        self.numbers.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// Writes the page; `titles` has the titles of rules by id.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    fleet: &Fleet,
    trend: &[Day],
    titles: &BTreeMap<String, String>,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let places: HashMap<&str, usize> =
        fleet.products.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let products =
        fleet.products.iter().map(|(id, known)| ProductData { id, name: &known.name, rules: &known.rules });
    let mut texts = Texts::new();
    let mut views: Vec<&HostView> = fleet.hosts.iter().collect();
    // The gravest state first; names stay in order.
    views.sort_by_key(|view| (view.standing, std::cmp::Reverse(view.state())));
    let hosts: Vec<Row<'_>> = views.iter().map(|view| row(fleet, view, &places, &mut texts)).collect();
    let status = Status::of(fleet, options);
    let data = Data {
        now: stamp(options.now),
        stale_after: options.stale_after,
        sentence: sentence(fleet),
        standings: Standing::ALL.iter().map(|standing| standing.word()).collect(),
        rules: titles
            .iter()
            .filter(|(id, _)| status.rules.contains_key(*id))
            .map(|(id, title)| (id.as_str(), title.as_str()))
            .collect(),
        cures: views
            .iter()
            .flat_map(|view| cures(view))
            .map(|cure| (cure.kind.word(), cure.remedy))
            .collect(),
        status,
        products: products.collect(),
        trend,
        hosts,
        texts: texts.texts,
    };
    let (before, after) = PAGE.split_once("__DATA__").unwrap_or((PAGE, ""));
    out.write_all(before.as_bytes())?;
    serde_json::to_writer(Inert(&mut *out), &data)?;
    out.write_all(after.as_bytes())
}

fn row<'a>(fleet: &Fleet, view: &'a HostView, places: &HashMap<&str, usize>, texts: &mut Texts) -> Row<'a> {
    let products: Vec<_> = view
        .open()
        .filter_map(|product| {
            let due = fleet.due(view, product);
            let day = |texts: &mut Texts, time| texts.number(day_of(time));
            Some((
                *places.get(product.id.as_str())?,
                texts.number(product.state.word()),
                day(texts, product.first_seen),
                day(texts, product.last_seen),
                texts.number(status_of(product)),
                texts.number(due.map(|due| format!("{} by {}", due.what, due.day)).unwrap_or_default()),
                product.reappeared,
            ))
        })
        .collect();
    let asset = view.asset.as_ref();
    let step = next_step(view);
    Row(
        &view.host.name,
        Standing::ALL.iter().position(|standing| *standing == view.standing).unwrap_or_default(),
        texts.number(view.state().map_or("", |state| state.word())),
        products,
        texts.number(if view.last == 0 { String::new() } else { day_of(view.last) }),
        texts.number(asset.map_or("", |asset| asset.site.as_str())),
        texts.number(asset.map_or("", |asset| asset.owner.as_str())),
        texts.number(view.notes.join("; ")),
        texts.number(view.host.gaps.join(" ")),
        texts.number(step.as_ref().map_or("", |step| step.what.as_str())),
        texts.number(step.as_ref().map_or("", |step| step.command.as_str())),
        texts.number(view.host.os.as_str()),
        texts.number(if view.host.reports == 0 { "" } else { view.host.trust.word() }),
    )
}

/// JSON that ends no script element: `<` as an escape, which JSON has only inside of texts.
struct Inert<'a>(&'a mut dyn Write);

impl Write for Inert<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        for (at, part) in bytes.split(|&byte| byte == b'<').enumerate() {
            if at > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_end_the_script() {
        let mut out = Vec::new();
        serde_json::to_writer(Inert(&mut out), "</script><b>").unwrap();
        assert_eq!(out, b"\"\\u003c/script>\\u003cb>\"");
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), "</script><b>");
    }
}
