//! Which of many literals occur in a text, at a cost that hardly grows with their number.
//!
//! Of each literal one run of four bytes is kept in a table, the one that fewest others share. A text is gone through
//! once, and a literal is compared only where its run stands. A bit map in front of the table says for most places of a
//! text that no run is there, and stays in the processor's cache; the automaton of 100,000 literals does not. Shorter
//! literals are few, and stay with an automaton.

use aho_corasick::AhoCorasick;
use hashbrown::HashMap;

/// Bytes of a run.
const RUN: usize = 4;
/// Bits of the map for each run: one place in sixteen that has no run is looked up in vain.
const BITS: usize = 16;

/// A run in a literal.
#[derive(Debug, Clone, Copy)]
struct Place {
    literal: u32,
    offset: u32,
}

/// Literals, by number in the order given.
pub struct Literals {
    texts: Vec<String>,
    map: BitMap,
    places: HashMap<u32, Vec<Place>>,
    short: Option<AhoCorasick>,
    /// The numbers of the literals in the automaton.
    short_numbers: Vec<usize>,
}

impl Literals {
    /// Literals of at least one byte.
    ///
    /// # Errors
    /// When the short ones are too many for one automaton: more than two thousand million bytes.
    pub fn new(texts: Vec<String>) -> Result<Literals, aho_corasick::BuildError> {
        let shared = Counts::of(&texts);
        let mut places: HashMap<u32, Vec<Place>> = HashMap::with_capacity(texts.len());
        let mut short_numbers = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let rarest = runs(text).enumerate().min_by_key(|(_, run)| shared.of_run(*run));
            match (rarest, u32::try_from(number)) {
                (Some((offset, run)), Ok(literal)) => {
                    let offset = u32::try_from(offset).unwrap_or(0);
                    places.entry(run).or_default().push(Place { literal, offset });
                }
                _ => short_numbers.push(number),
            }
        }
        let short: Vec<&String> = short_numbers.iter().filter_map(|&number| texts.get(number)).collect();
        let short = if short.is_empty() { None } else { Some(AhoCorasick::new(short)?) };
        let map = BitMap::of(places.keys().copied(), places.len());
        Ok(Literals { texts, map, places, short, short_numbers })
    }

    /// Calls `found` with the number of each literal that occurs in a text; more than once if it occurs more often.
    pub fn find(&self, text: &str, mut found: impl FnMut(usize)) {
        if !self.places.is_empty() {
            for (at, run) in runs(text).enumerate() {
                if !self.map.may_have(run) {
                    continue;
                }
                for place in self.places.get(&run).into_iter().flatten() {
                    let literal = place.literal as usize;
                    let begin = at.checked_sub(place.offset as usize);
                    let rest = begin.and_then(|begin| text.as_bytes().get(begin..));
                    if let (Some(rest), Some(text)) = (rest, self.texts.get(literal))
                        && rest.starts_with(text.as_bytes())
                    {
                        found(literal);
                    }
                }
            }
        }
        if let Some(automaton) = &self.short {
            for hit in automaton.find_overlapping_iter(text) {
                self.short_numbers.get(hit.pattern().as_usize()).copied().map(&mut found);
            }
        }
    }
}

/// Every four bytes of a text in a row.
fn runs(text: &str) -> impl Iterator<Item = u32> {
    text.as_bytes().windows(RUN).map(|bytes| {
        let mut run = [0; RUN];
        run.copy_from_slice(bytes);
        u32::from_le_bytes(run)
    })
}

/// Spreads a run over the upper bits (Fibonacci hashing, Knuth, The Art of Computer Programming 3, 6.4).
fn spread(run: u32) -> u32 {
    run.wrapping_mul(0x9e37_79b9)
}

/// Which runs there are: never "no" for one that is there.
struct BitMap {
    words: Vec<u64>,
    shift: u32,
}

impl BitMap {
    fn of(runs: impl Iterator<Item = u32>, count: usize) -> BitMap {
        let bits = count.saturating_mul(BITS).next_power_of_two().clamp(1 << 10, 1 << 26);
        let mut map = BitMap { words: vec![0; bits / 64], shift: u32::BITS - bits.ilog2() };
        for run in runs {
            let (word, bit) = map.place(run);
            if let Some(word) = map.words.get_mut(word) {
                *word |= bit;
            }
        }
        map
    }

    fn place(&self, run: u32) -> (usize, u64) {
        let at = spread(run) >> self.shift;
        ((at / 64) as usize, 1 << (at % 64))
    }

    fn may_have(&self, run: u32) -> bool {
        let (word, bit) = self.place(run);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// How many runs share a slot: rare runs have small numbers, and that is all that is asked.
struct Counts(Vec<u32>);

impl Counts {
    const SLOTS: u32 = 16;

    fn of(texts: &[String]) -> Counts {
        let mut counts = Counts(vec![0; 1 << Counts::SLOTS]);
        for run in texts.iter().flat_map(|text| runs(text)) {
            if let Some(count) = counts.0.get_mut(Counts::slot(run)) {
                *count = count.saturating_add(1);
            }
        }
        counts
    }

    fn slot(run: u32) -> usize {
        (spread(run) >> (u32::BITS - Counts::SLOTS)) as usize
    }

    fn of_run(&self, run: u32) -> u32 {
        self.0.get(Counts::slot(run)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(literals: &[String], text: &str) -> Vec<usize> {
        let mut numbers = Vec::new();
        Literals::new(literals.to_vec()).unwrap().find(text, |number| numbers.push(number));
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    #[test]
    fn literals_of_every_length_are_found_wherever_they_stand() {
        let literals: Vec<String> =
            ["k", "kes", "kesl", "kaspersky", "персия", "spersk", "kaspersky"].map(str::to_owned).into();
        assert_eq!(found(&literals, "kaspersky"), [0, 3, 5, 6]);
        assert_eq!(found(&literals, "/opt/kesl"), [0, 1, 2]);
        assert_eq!(found(&literals, "в персия"), [4]);
        assert!(found(&literals, "").is_empty() && found(&[], "text").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_the_text_contains(
            literals in proptest::collection::vec("[ab/é]{1,9}", 0..20),
            text in "[ab/é]{0,40}",
        ) {
            let contained: Vec<usize> =
                (0..literals.len()).filter(|&number| text.contains(&literals[number])).collect();
            prop_assert_eq!(found(&literals, &text), contained);
        }
    }
}
