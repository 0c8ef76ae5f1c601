//! Version ranges of conditions, e.g. `>=11.1, <12`.
//!
//! Versions of every kind of package are compared by one rule: runs of digits as numbers, runs of letters as
//! text, anything else separates; a number is newer than text, `~` older than the end (as in dpkg and rpm).

use std::cmp::Ordering;

/// A list of comparisons that must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    bounds: Vec<(Operator, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl VersionRange {
    /// Parses comparisons joined with commas.
    ///
    /// # Errors
    /// What is wrong with the text, for the author of a signature.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut bounds = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            let operators = [
                ("<=", Operator::LessOrEqual),
                (">=", Operator::GreaterOrEqual),
                ("<", Operator::Less),
                (">", Operator::Greater),
                ("=", Operator::Equal),
            ];
            let found =
                operators.iter().find_map(|(sign, operator)| Some((*operator, part.strip_prefix(sign)?)));
            let Some((operator, version)) = found else {
                return Err(format!("`{part}` does not begin with <, <=, =, >= or >"));
            };
            let version = version.trim();
            if !version.starts_with(|char: char| char.is_ascii_alphanumeric()) {
                return Err(format!("`{part}` names no version"));
            }
            bounds.push((operator, version.to_owned()));
        }
        Ok(VersionRange { bounds })
    }

    /// Whether a version lies within the range.
    pub fn contains(&self, version: &str) -> bool {
        self.bounds.iter().all(|(operator, bound)| {
            let order = compare(version, bound);
            match operator {
                Operator::Less => order == Ordering::Less,
                Operator::LessOrEqual => order != Ordering::Greater,
                Operator::Equal => order == Ordering::Equal,
                Operator::GreaterOrEqual => order != Ordering::Less,
                Operator::Greater => order == Ordering::Greater,
            }
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Tilde,
    End,
    Text(&'a str),
    /// Without leading zeros, so that the longer one is greater.
    Number(&'a str),
}

impl Part<'_> {
    fn rank(&self) -> u8 {
        match self {
            Part::Tilde => 0,
            Part::End => 1,
            Part::Text(_) => 2,
            Part::Number(_) => 3,
        }
    }
}

/// Compares two versions.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    let longest = a.len().max(b.len());
    for at in 0..longest {
        let (left, right) = (a.get(at).unwrap_or(&Part::End), b.get(at).unwrap_or(&Part::End));
        let order = match (left, right) {
            (Part::Number(x), Part::Number(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
            (Part::Text(x), Part::Text(y)) => x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase()),
            (x, y) => x.rank().cmp(&y.rank()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The parts of a version. Zeros at its end, or before a `~`, count for nothing: 1.0 is as new as 1.
fn parts(version: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), version);
    loop {
        let part = next(&mut rest);
        if matches!(part, Part::Tilde | Part::End) {
            while parts.last() == Some(&Part::Number("")) {
                parts.pop();
            }
        }
        if part == Part::End {
            return parts;
        }
        parts.push(part);
    }
}

fn next<'a>(rest: &mut &'a str) -> Part<'a> {
    let text = rest.trim_start_matches(|char: char| !char.is_ascii_alphanumeric() && char != '~');
    if let Some(after) = text.strip_prefix('~') {
        *rest = after;
        return Part::Tilde;
    }
    let digits = text.len() - text.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    let letters = text.len() - text.trim_start_matches(|char: char| char.is_ascii_alphabetic()).len();
    let (part, after) = text.split_at(digits.max(letters));
    *rest = after;
    match part {
        "" => Part::End,
        part if digits > 0 => Part::Number(part.trim_start_matches('0')),
        part => Part::Text(part),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges() {
        let range = VersionRange::parse(">=11.1, <12").unwrap();
        assert!(range.contains("11.1.0.4012") && range.contains("11.10") && range.contains("11.1"));
        assert!(!range.contains("11.0.9") && !range.contains("12.0") && !range.contains("12"));
        assert!(VersionRange::parse("=1.0").unwrap().contains("1"));
        assert!(VersionRange::parse("<1.0").unwrap().contains("1.0~rc1"));
        for bad in ["", "1.0", ">= ", "=>1", ">1,,<2"] {
            assert!(VersionRange::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zero_before_a_tilde_keeps_the_order_transitive() {
        assert_ne!(compare("", "a"), Ordering::Greater);
        assert_eq!(compare("", "0~"), compare("a", "0~"));
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[0-9a-z.~-]{0,8}", b in "[0-9a-z.~-]{0,8}", c in "[0-9a-z.~-]{0,8}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }
    }
}
