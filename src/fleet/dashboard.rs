//! The dashboard: one self-contained page, whose data is JSON inside of it. Nothing is fetched; what hosts say is
//! shown as text, never as markup.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::roll_up::{Fleet, HostView, Standing};
use super::tables::{Status, status};
use super::{Day, Options, day_of, stamp};

const PAGE: &str = include_str!("dashboard.html");

/// What the page shows.
#[derive(Serialize)]
struct Data<'a> {
    now: String,
    stale_after: u32,
    standings: Vec<&'static str>,
    status: Status,
    names: BTreeMap<&'a str, &'a str>,
    /// Ids of products; hosts refer to them by number.
    ids: Vec<&'a str>,
    trend: &'a [Day],
    /// Name, standing, state, products with their states, last report, site, owner, notes.
    hosts: Vec<Row<'a>>,
}

type Row<'a> = (&'a str, usize, &'static str, Vec<(usize, &'static str)>, String, &'a str, &'a str, String);

/// Writes the page.
///
/// # Errors
/// When it cannot be written.
pub fn write(fleet: &Fleet, trend: &[Day], options: Options, out: &mut dyn Write) -> io::Result<()> {
    let names: BTreeMap<&str, &str> =
        fleet.products.iter().map(|(id, product)| (id.as_str(), product.name.as_str())).collect();
    let ids: Vec<&str> = names.keys().copied().collect();
    let data = Data {
        now: stamp(options.now),
        stale_after: options.stale_after,
        standings: Standing::ALL.iter().map(|standing| standing.word()).collect(),
        status: status(fleet),
        hosts: fleet.hosts.iter().map(|view| row(view, &ids)).collect(),
        names,
        ids,
        trend,
    };
    let (before, after) = PAGE.split_once("__DATA__").unwrap_or((PAGE, ""));
    out.write_all(before.as_bytes())?;
    serde_json::to_writer(Inert(&mut *out), &data)?;
    out.write_all(after.as_bytes())
}

fn row<'a>(view: &'a HostView, ids: &[&str]) -> Row<'a> {
    let products = view
        .open()
        .filter_map(|product| Some((ids.iter().position(|id| *id == product.id)?, product.state.word())));
    let asset = view.asset.as_ref();
    (
        &view.host.name,
        Standing::ALL.iter().position(|standing| *standing == view.standing).unwrap_or_default(),
        view.state().map_or("", |state| state.word()),
        products.collect(),
        if view.last == 0 { String::new() } else { day_of(view.last) },
        asset.map_or("", |asset| asset.site.as_str()),
        asset.map_or("", |asset| asset.owner.as_str()),
        view.notes.join("; "),
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
