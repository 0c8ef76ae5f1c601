//! What there is to do about a host: in words, and as a command.

use super::roll_up::{Fleet, HostView, Standing};
use crate::model::GapKind;

/// What to do next about a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// In words.
    pub what: String,
    /// The command that does it; empty when there is none.
    pub command: String,
}

/// A kind of gap of a host, with its cure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cure {
    /// The kind, as reports have it.
    pub kind: GapKind,
    /// What to do about it.
    pub remedy: &'static str,
}

/// The kinds of gaps of a host's newest report, each with its cure.
pub fn cures(view: &HostView) -> Vec<Cure> {
    let known = |word: &String| GapKind::ALL.iter().copied().find(|kind| kind.word() == word);
    view.host.gaps.iter().filter_map(known).map(|kind| Cure { kind, remedy: kind.remedy() }).collect()
}

/// What to do next about a host; nothing when it is clean.
pub fn next_step(view: &HostView) -> Option<Step> {
    let step = |what: &str, command: &str| Some(Step { what: what.to_owned(), command: command.to_owned() });
    match view.standing {
        Standing::Found if view.open().all(|product| !product.confirmed) => step(
            "scan again: its newest report could not show that the product is gone",
            "debar scan -o json=report.json",
        ),
        Standing::Found => step("remove what was found", "debar plan report.json -o plan.sh"),
        Standing::NeverReported => {
            step("install debar, or correct the asset list", "debar scan -o json=report.json")
        }
        Standing::Stale => step("find out why it no longer reports", "debar deliver"),
        Standing::Incomplete => {
            let remedy = cures(view).first().map_or("let debar read everything", |cure| cure.remedy);
            step(remedy, "sudo debar scan -o json=report.json")
        }
        Standing::Clean => None,
    }
}

/// The fleet in one sentence.
pub fn sentence(fleet: &Fleet) -> String {
    let count = |standing: Standing| fleet.hosts.iter().filter(|view| view.standing == standing).count();
    let all = fleet.hosts.len();
    let hosts = if all == 1 { "1 host" } else { "hosts" };
    let of_all = if all == 1 { hosts.to_owned() } else { format!("{} hosts", number(all)) };
    let found = count(Standing::Found);
    let mut vendors: Vec<String> = fleet
        .hosts
        .iter()
        .flat_map(HostView::open)
        .map(|product| fleet.product(&product.id).vendor)
        .filter(|vendor| !vendor.is_empty())
        .collect();
    vendors.sort();
    vendors.dedup();
    let what = match &vendors[..] {
        [one] => format!("software of {one}"),
        _ => "restricted software".to_owned(),
    };
    let have = if found == 1 { "has" } else { "have" };
    let mut parts = vec![format!("{} of {of_all} {have} {what}", number(found))];
    for (standing, text) in [
        (Standing::Incomplete, "could not be read fully"),
        (Standing::NeverReported, "never reported"),
        (Standing::Stale, "no longer report"),
    ] {
        let count = count(standing);
        if count > 0 {
            let text = if count == 1 {
                text.replace("no longer report", "no longer reports")
            } else {
                text.to_owned()
            };
            parts.push(format!("{} {text}", number(count)));
        }
    }
    format!("{}.", parts.join("; "))
}

/// A number with commas: 100,000.
pub(super) fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        let all: Vec<String> = [0, 999, 1_000, 100_000, 1_234_567].into_iter().map(number).collect();
        assert_eq!(all, ["0", "999", "1,000", "100,000", "1,234,567"]);
    }
}
