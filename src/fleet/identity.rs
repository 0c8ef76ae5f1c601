//! Which records are one host: renamed hosts, cloned disks, and what nobody can know yet.
//!
//! The rule: nothing is gone on a guess. Records become one host only when their reports cannot come from two
//! machines that run side by side, and the user or time confirmed it.

use super::assets::Matching;
use super::history::products;
use super::store::{Store, StoreError};
use super::{DAY, Host, Options, Time, day_of, history};

/// A host, put together from its records.
pub(super) struct Known {
    /// With the runs of all its records.
    pub host: Host,
    /// Its place in the list of assets.
    pub asset: Option<usize>,
    /// What a reader should know of it.
    pub notes: Vec<String>,
    /// How its identity was decided, when that was not plain.
    pub change: Option<Change>,
}

/// How the identity of a host was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Several names became one host.
    Merged(String),
    /// Several machines have one machine id.
    Split(String),
    /// One renamed host or two: nobody can know yet.
    Unconfirmed(String),
}

/// Calls `each` for every host as it was known at the time of `options`.
pub(super) fn each_host(
    store: &Store,
    matching: Option<&Matching>,
    options: Options,
    each: &mut (dyn FnMut(Known) + Send),
) -> Result<(), StoreError> {
    let mut records: Vec<Host> = Vec::new();
    store.hosts(|host| {
        if host.span().0 > options.now {
            return;
        }
        if records.last().is_some_and(|last| !together(last, &host)) {
            group(std::mem::take(&mut records), matching, options, each);
        }
        records.push(host);
    })?;
    group(records, matching, options, each);
    Ok(())
}

/// Whether two records may be of one host. Without a machine id only name and domain together say so.
fn together(a: &Host, b: &Host) -> bool {
    if a.machine.is_some() || b.machine.is_some() {
        return a.machine == b.machine;
    }
    a.name.eq_ignore_ascii_case(&b.name)
}

/// Whether something that both records have says that they are two machines.
fn differ(a: &Host, b: &Host) -> bool {
    surely_differ(a, b) || only_cards(a, b) == Some(false)
}

/// Whether two records have other domains, or other hardware than network cards.
fn surely_differ(a: &Host, b: &Host) -> bool {
    let domains = match (&a.domain, &b.domain) {
        (Some(a), Some(b)) => !a.eq_ignore_ascii_case(b),
        _ => false,
    };
    domains || strong_marks(a, b).contains(&false)
}

fn other_hardware(a: &Host, b: &Host) -> bool {
    strong_marks(a, b).contains(&false) || only_cards(a, b) == Some(false)
}

/// Identifiers of hardware are `KIND:VALUE`; only those of one kind compare.
fn kind_of(mark: &str) -> &str {
    mark.split_once(':').map_or("", |(kind, _)| kind)
}

/// For each identifier that has a peer of its kind on the other record: whether it is the same. Network cards are not among
/// them.
fn strong_marks(a: &Host, b: &Host) -> Vec<bool> {
    let of_kind = |kind: &str| b.hardware.iter().any(|other| kind_of(other) == kind);
    let marks = a.hardware.iter().filter(|mark| kind_of(mark) != "mac" && of_kind(kind_of(mark)));
    marks.map(|mark| b.hardware.contains(mark)).collect()
}

/// Network cards come and go with docks: they count only where nothing better is known, and then only if none is the same.
fn only_cards(a: &Host, b: &Host) -> Option<bool> {
    let cards = |host: &Host| host.hardware.iter().any(|mark| kind_of(mark) == "mac");
    if !strong_marks(a, b).is_empty() || !cards(a) || !cards(b) {
        return None;
    }
    Some(a.hardware.iter().any(|mark| kind_of(mark) == "mac" && b.hardware.contains(mark)))
}

/// The records of one name, put together where nothing says that they are two.
fn unite(records: Vec<Host>) -> Vec<Host> {
    let mut names: Vec<Vec<Host>> = Vec::new();
    for record in records {
        let same = |name: &Vec<Host>| {
            name.first().is_some_and(|first| first.name.eq_ignore_ascii_case(&record.name))
        };
        match names.iter_mut().find(|name| same(name)) {
            Some(name) => name.push(record),
            None => names.push(vec![record]),
        }
    }
    let mut united = Vec::new();
    for mut name in names {
        name.sort_by_key(|host| host.span().1);
        for mut part in parts(name) {
            let is_apart = |at: usize, a: &Host| part.iter().skip(at + 1).any(|b| surely_differ(a, b));
            if part.iter().enumerate().any(|(at, a)| is_apart(at, a)) {
                united.append(&mut part);
            } else if let Some(newest) = part.pop() {
                united.push(part.into_iter().fold(newest, |newest, older| mix(newest, &older)));
            }
        }
    }
    united
}

/// Records of one name, apart where no chain of likely matches joins them: a laptop with one network card today and another
/// one in its dock is one, in whatever order it was seen.
fn parts(records: Vec<Host>) -> Vec<Vec<Host>> {
    let is_one = |a: &Host, b: &Host| {
        let is_known = a.machine.is_some() || (a.domain.is_some() && a.domain == b.domain);
        is_known && !differ(a, b)
    };
    let mut parts: Vec<Vec<Host>> = Vec::new();
    for record in records {
        let (joined, mut rest): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| part.iter().any(|other| is_one(other, &record)));
        let mut part: Vec<Host> = joined.into_iter().flatten().collect();
        part.push(record);
        part.sort_by_key(|host| host.span().1);
        rest.push(part);
        parts = rest;
    }
    parts
}

/// One host of two records whose reports may lie between each other.
fn mix(mut newest: Host, older: &Host) -> Host {
    history::add_all(&mut newest, older);
    newest.reports += older.reports;
    newest.domain = newest.domain.or_else(|| older.domain.clone());
    newest
}

/// What two records with one machine id and different names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    One,
    Two,
    Unconfirmed,
}

fn group(records: Vec<Host>, matching: Option<&Matching>, options: Options, each: &mut dyn FnMut(Known)) {
    let mut hosts = unite(records);
    hosts.iter_mut().for_each(|host| history::settle(host, options.now));
    hosts.sort_by_cached_key(|host| (host.span(), host.name.clone(), host.hardware.clone()));
    let find = |host: &Host| matching.and_then(|matching| matching.find(host));
    let known = |host: Host, notes, change| Known { asset: find(&host), host, notes, change };
    if hosts.first().is_none_or(|host| host.machine.is_none()) || hosts.len() == 1 {
        let many = hosts.len() > 1;
        for host in hosts {
            let notes = if many { vec!["another host has its name".to_owned()] } else { Vec::new() };
            each(known(host, notes, None));
        }
        return;
    }
    let side_by_side = hosts.windows(2).any(|pair| matches!(pair, [a, b] if b.span().0 <= a.span().1));
    let links: Vec<Link> = hosts
        .windows(2)
        .map(|pair| match pair {
            [a, b] if !side_by_side => link(a, b, (find(a), find(b)), hosts.len() > 2, options),
            _ => Link::Two,
        })
        .collect();
    let names: Vec<String> = hosts.iter().map(|host| host.name.clone()).collect();
    let mut earlier: Vec<Host> = Vec::new();
    for (at, host) in hosts.into_iter().enumerate() {
        let next = links.get(at).copied();
        if next == Some(Link::One) {
            earlier.push(host);
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| links.get(before)).copied();
        let (host, mut notes, mut change) = merge(std::mem::take(&mut earlier), host);
        explain(&names, at, (before, next), options, &mut notes, &mut change);
        each(known(host, notes, change));
    }
}

/// Says why a host is one of its own although others have its machine id.
fn explain(
    names: &[String],
    at: usize,
    (before, next): (Option<Link>, Option<Link>),
    options: Options,
    notes: &mut Vec<String>,
    change: &mut Option<Change>,
) {
    let mut maybe = |old: Option<&String>, new: Option<&String>| {
        let (Some(old), Some(new)) = (old, new) else { return };
        notes.push(unconfirmed(old, new, options));
        *change = Some(Change::Unconfirmed(format!("{old} or {new}")));
    };
    if before == Some(Link::Unconfirmed) {
        maybe(names.get(at.wrapping_sub(1)), names.get(at));
    }
    if next == Some(Link::Unconfirmed) {
        maybe(names.get(at), names.get(at + 1));
    }
    if before == Some(Link::Two) || next == Some(Link::Two) {
        let others = names.iter().enumerate().filter(|(other, _)| *other != at);
        let others: Vec<&str> = others.map(|(_, name)| name.as_str()).take(5).collect();
        notes.push(format!("has the machine id of {}, too: a cloned disk?", others.join(", ")));
        let own = names.get(at).cloned().unwrap_or_default();
        change.get_or_insert(Change::Split(own));
    }
}

fn unconfirmed(old: &str, new: &str, options: Options) -> String {
    format!(
        "one machine id: {old} was renamed to {new}, or is a clone; unconfirmed until {old} is silent for {} days \
         or the list of assets has only {new}",
        options.stale_after
    )
}

/// What an earlier and a later host of one machine id are, whose reports do not overlap.
fn link(
    earlier: &Host,
    later: &Host,
    assets: (Option<usize>, Option<usize>),
    many: bool,
    options: Options,
) -> Link {
    let stale = Time::from(options.stale_after) * DAY;
    let (first, last) = earlier.span();
    if other_hardware(earlier, later) || matches!(assets, (Some(a), Some(b)) if a != b) {
        return Link::Two;
    }
    // Machines of a pool take one image after the other, each for a short time.
    if many && last - first < stale {
        return Link::Two;
    }
    match assets {
        (None, Some(_)) | (Some(_), Some(_)) if !differ(earlier, later) => Link::One,
        // The list says that the old name is a host of its own.
        (Some(_), None) => Link::Unconfirmed,
        _ if last < options.horizon() => Link::One,
        _ => Link::Unconfirmed,
    }
}

/// A host with the history of the names that it had before.
fn merge(earlier: Vec<Host>, mut host: Host) -> (Host, Vec<String>, Option<Change>) {
    let (mut notes, mut names, mut runs) = (Vec::new(), Vec::new(), Vec::new());
    for old in earlier {
        let had: Vec<String> = products(&old.runs)
            .into_iter()
            .filter(|product| product.gone.is_none())
            .map(|product| product.id)
            .collect();
        let mut note = format!("was called {} until {}", old.name, day_of(old.span().1));
        if !had.is_empty() {
            note.push_str(&format!(", with {}: check if that was another machine", had.join(", ")));
        }
        notes.push(note);
        names.push(old.name);
        host.reports += old.reports;
        runs.extend(old.runs);
    }
    let change =
        (!names.is_empty()).then(|| Change::Merged(format!("{} was {}", host.name, names.join(", "))));
    runs.append(&mut host.runs);
    host.runs = runs;
    (host, notes, change)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::{Assets, Run, Said, Trust};
    use crate::model::State;
    use crate::report::Verdict;

    fn run(from: Time, to: Time, found: bool) -> Run {
        let products = if found { vec![("v/p".to_owned(), State::Running)] } else { Vec::new() };
        let verdict = if found { Verdict::Found } else { Verdict::NotFound };
        let said = Said { verdict, whole: true, products, unsure: false, trust: Trust::default() };
        Run { from: from * DAY, to: to * DAY, steps: String::new(), said }
    }

    fn host(name: &str, runs: Vec<Run>) -> Host {
        Host { name: name.to_owned(), machine: Some("m1".to_owned()), reports: 1, runs, ..Host::default() }
    }

    fn grouped(hosts: Vec<Host>, list: Option<&str>, now: Time) -> Vec<Known> {
        let assets = list.map(|list| Assets::read(list.as_bytes()).unwrap());
        let matching = assets.as_ref().map(Assets::matching);
        let mut seen = Vec::new();
        let options = Options { now: now * DAY, stale_after: 7, signature_age: 0 };
        group(hosts, matching.as_ref(), options, &mut |known| seen.push(known));
        seen
    }

    fn names(known: &[Known]) -> Vec<&str> {
        known.iter().map(|known| known.host.name.as_str()).collect()
    }

    #[test]
    fn a_rename_is_one_host_only_once_the_old_name_is_silent_or_the_list_says_so() {
        let hosts = || vec![host("old", vec![run(1, 10, true)]), host("new", vec![run(11, 12, false)])];
        let fresh = grouped(hosts(), None, 12);
        assert_eq!(names(&fresh), ["old", "new"]);
        assert!(matches!(&fresh[0].change, Some(Change::Unconfirmed(text)) if text == "old or new"));
        let late = grouped(hosts(), None, 18);
        assert_eq!(names(&late), ["new"]);
        assert!(
            late[0].notes[0].starts_with("was called old until 1970-01-11, with v/p"),
            "{:?}",
            late[0].notes
        );
        assert_eq!(names(&grouped(hosts(), Some("host\nnew\n"), 12)), ["new"]);
        assert_eq!(names(&grouped(hosts(), Some("host\nold\nnew\n"), 99)), ["old", "new"]);
        assert_eq!(names(&grouped(hosts(), Some("host\nold\n"), 99)), ["old", "new"]);
    }

    #[test]
    fn clones_stay_apart_by_overlap_number_and_hardware() {
        let at = |name: &str, from, to, found| host(name, vec![run(from, to, found)]);
        assert_eq!(grouped(vec![at("a", 0, 3, true), at("b", 1, 2, false)], None, 99).len(), 2);
        let pool = vec![at("a", 1, 1, false), at("b", 2, 2, true), at("c", 3, 3, false)];
        assert_eq!(grouped(pool.clone(), None, 99).len(), 3);
        assert_eq!(grouped(pool, Some("host\nc\n"), 99).len(), 3);
        let with = |mut host: Host, mark: &str| {
            host.hardware = vec![mark.to_owned()];
            host
        };
        let two = |a: &str, b: &str| {
            grouped(vec![with(at("pc", 0, 1, true), a), with(at("pc", 2, 3, false), b)], None, 99).len()
        };
        assert_eq!(
            (two("serial:1", "serial:2"), two("serial:1", "serial:1"), two("serial:1", "mac:1")),
            (2, 1, 1)
        );
    }

    #[test]
    fn one_name_in_two_domains_is_two_hosts() {
        let of = |domain: Option<&str>, day, found| {
            let mut host = host("pc", vec![run(day, day, found)]);
            (host.machine, host.domain) = (None, domain.map(str::to_owned));
            host
        };
        assert_eq!(grouped(vec![of(Some("a"), 1, true), of(Some("b"), 2, false)], None, 99).len(), 2);
        assert_eq!(grouped(vec![of(Some("a"), 1, true), of(Some("a"), 2, false)], None, 99).len(), 1);
        assert_eq!(grouped(vec![of(None, 1, true), of(None, 2, false)], None, 99).len(), 2);
    }

    proptest! {
        /// Whatever names one machine id has and when: a product that one of them found last, and that nothing later
        /// cleared under a name that can be that host, is there, or the note of a merge names it.
        #[test]
        fn no_finding_is_lost(
            reports in prop::collection::vec((0usize..4, 0i64..30, any::<bool>()), 1..20),
            now in 30i64..50,
        ) {
            let mut hosts: Vec<Host> = Vec::new();
            for (name, day, found) in reports {
                let name = ["a", "b", "c", "d"][name];
                let said = run(day, day, found).said;
                match hosts.iter_mut().find(|host| host.name == name) {
                    Some(known) => history::add(&mut known.runs, day * DAY, &said),
                    None => hosts.push(host(name, vec![run(day, day, found)])),
                }
            }
            let found: Vec<String> = hosts
                .iter()
                .filter(|host| products(&host.runs).iter().any(|product| product.gone.is_none()))
                .map(|host| host.name.clone())
                .collect();
            let known = grouped(hosts, None, now);
            for name in found {
                let there = known.iter().any(|known| {
                    let open = products(&known.host.runs).iter().any(|product| product.gone.is_none());
                    let named = known.notes.iter().any(|note| {
                        note.starts_with(&format!("was called {name} until")) && note.contains("with v/p")
                    });
                    (known.host.name == name && open) || named
                });
                prop_assert!(there, "{name}");
            }
        }
    }
}
