//! Archives that were not opened and are called as what is searched for: those are places that should have been read.

use super::matcher::{Candidate, Matcher};
use crate::model::{Artifact, Field, Gap, GapKind, Location, Skipped, State};
use crate::signature::Status;
use crate::text::file_name;

/// Letters of a vendor's name from which on it is no part of other words; those beyond ASCII count twice.
const MIN_NAME: usize = 5;

/// Who meets archives.
pub const COLLECTOR: &str = "setup_packages";

/// The gaps for archives whose names point to a product that counts, or to its vendor.
pub fn gaps(skipped: &[Skipped], matcher: &Matcher<'_>) -> Vec<Gap> {
    let counts = |candidate: &&Candidate<'_>| candidate.binds && candidate.product.status == Status::Banned;
    let mut vendors: Vec<String> = matcher
        .products()
        .iter()
        .filter(counts)
        .flat_map(|it| std::iter::once(&it.vendor.name).chain(&it.vendor.aliases))
        .map(|name| words(name))
        .filter(|name| {
            name.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>() >= MIN_NAME
        })
        .collect();
    vendors.sort_unstable();
    vendors.dedup();
    let archives = skipped.iter().filter_map(|place| Some((place, place.archive()?)));
    let named = archives.filter_map(|(place, (within, kind))| {
        let name = file_name(within.unwrap_or(&place.place));
        let all = format!(" {} ", words(name));
        let is_vendors = vendors.iter().any(|vendor| all.contains(vendor.as_str()));
        (is_vendors || is_product(matcher, name, &place.place)).then(|| Gap {
            kind: GapKind::Unsupported,
            collector: COLLECTOR.to_owned(),
            place: within.map_or_else(|| place.place.clone(), |within| format!("{}!/{within}", place.place)),
            detail: format!("{kind} that is called as what is searched for, and that debar does not open"),
        })
    });
    named.collect()
}

/// A name in lower case, with blanks for what stands between words.
fn words(name: &str) -> String {
    let lower = name.to_lowercase();
    lower
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a program that is called so would be a product's.
fn is_product(matcher: &Matcher<'_>, name: &str, place: &str) -> bool {
    let (stem, _) = name.rsplit_once('.').unwrap_or((name, ""));
    let folder = place.strip_suffix(file_name(place)).unwrap_or_default();
    ["exe", "msi", "zip", "rpm", "deb", "pkg", "sh"].iter().any(|ending| {
        let program = format!("{stem}.{ending}");
        let path = format!("{folder}{program}");
        let artifact = Artifact::new("program_files", Location::path(path.as_bytes()))
            .state(State::Installer)
            .with(Field::Name, program)
            .with(Field::Path, path);
        let products = matcher.hits(&artifact).into_iter().filter_map(|hit| matcher.product(hit.product));
        products.into_iter().any(|it| it.binds && it.product.status == Status::Banned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SignatureSet;

    #[test]
    fn names_of_vendors_and_of_their_setups() {
        let mut set = SignatureSet::of_products(
            &serde_json::json!([{"id": "p", "name": "P", "status": "banned", "platforms": ["windows"], "indicators": [
            {"id": "i", "collectors": ["program_files"], "strength": "conclusive", "source": "s",
                "where": {"path": {"regex": "/kit[0-9.]+_setup\\.exe$"}}}]}]),
        );
        set.files[0].file.vendor.name = "Acme Works".to_owned();
        let matcher = Matcher::new(&set);
        let skipped =
            |place: &str, reason: &str| Skipped { place: place.to_owned(), reason: reason.to_owned() };
        let archive = Skipped::not_opened("7-Zip archive");
        let all = [
            skipped("/home/u/Downloads/acme-works_2.7z", &archive),
            skipped("/home/u/Downloads/kit1.2_setup.7z", &archive),
            skipped("/home/u/Downloads/a.zip", &Skipped::not_opened("x/Acme Works.rar: RAR archive")),
            skipped("/home/u/Downloads/photos.7z", &archive),
            skipped("/home/u/Downloads/acme works", "--exclude"),
        ];
        let places: Vec<String> = gaps(&all, &matcher).into_iter().map(|gap| gap.place).collect();
        assert_eq!(
            places,
            [
                "/home/u/Downloads/acme-works_2.7z",
                "/home/u/Downloads/kit1.2_setup.7z",
                "/home/u/Downloads/a.zip!/x/Acme Works.rar"
            ]
        );
    }
}
