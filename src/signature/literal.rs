//! Patterns: how they compile, and the literal that every match must contain, so that a pattern is tried only after its
//! literal was seen.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Bytes that one compiled expression may take: plenty for names and paths, and a file of them stays small.
const MAX_COMPILED: usize = 1 << 20;

/// The expression of an indicator: case does not matter, and it is small enough to keep many.
///
/// # Errors
/// When it is no regular expression, or one that would grow too large.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
}

/// Whether [`compile`] takes an expression, without the time that compiling takes if it is small by its syntax alone: files
/// have many, and few are ever tried.
///
/// # Errors
/// As [`compile`].
pub fn check(pattern: &str) -> Result<(), regex::Error> {
    let parsed = regex_syntax::ParserBuilder::new().case_insensitive(true).build().parse(pattern);
    match parsed {
        Ok(hir) if states(&hir) <= FEW_STATES => Ok(()),
        _ => compile(pattern).map(drop),
    }
}

/// An automaton of so many states takes an eighth of [`MAX_COMPILED`] at most, in either direction.
const FEW_STATES: usize = 2_000;

/// The states of an expression's automaton, at most: one for a byte, sixteen for a range of characters (four encodings of
/// four bytes), two around each part.
fn states(hir: &Hir) -> usize {
    let own = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(16),
        HirKind::Capture(capture) => states(&capture.sub),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)) as usize;
            states(&repetition.sub).saturating_mul(times)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(states).fold(0, usize::saturating_add)
        }
    };
    own.saturating_add(2)
}

/// Alternatives of text, one of which occurs in every text that the regular expression matches; the longest
/// such choice. `None` when there is none, e.g. for `a?`.
pub fn of_regex(pattern: &str) -> Option<Vec<String>> {
    required(&regex_syntax::Parser::new().parse(pattern).ok()?)
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min >= 1 => required(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(required).max_by_key(|texts| shortest(texts)),
        HirKind::Alternation(branches) => {
            let mut texts = Vec::new();
            for branch in branches {
                texts.extend(required(branch)?);
            }
            Some(texts)
        }
        _ => None,
    }
}

fn shortest(texts: &[String]) -> usize {
    texts.iter().map(String::len).min().unwrap_or(0)
}

/// The longest run of a glob without wildcards.
pub fn of_glob(pattern: &str) -> Option<String> {
    let longest = pattern.split(['*', '?']).max_by_key(|run| run.len())?;
    (!longest.is_empty()).then(|| longest.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_is_small_by_its_syntax_compiles() {
        for pattern in
            ["kav[0-9]+", "(?i)^k(es|av)\\b.{1,9}$", "[^a-z/]+", "\\p{Greek}x", ".{0,100}x", "\\w+x", ""]
        {
            assert!(check(pattern).is_ok() && compile(pattern).is_ok(), "{pattern}");
        }
        for pattern in
            ["(", "[z-a]", "\\w{2000}", "((a{100}){100}){100}", "(?P<n>a)(?P<n>b)", "\\xff(?-u:\\xff)"]
        {
            assert!(check(pattern).is_err() && compile(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn an_expression_passes_the_check_when_it_compiles(pattern in "[a-cé.*+?(|)\\[\\]^$\\\\{},0-9wdb-]{0,16}") {
            prop_assert_eq!(check(&pattern).is_ok(), compile(&pattern).is_ok());
        }
    }

    #[test]
    fn every_match_contains_the_literal() {
        assert_eq!(of_regex("^kl[a-z]+flt\\.sys$"), texts(&["flt.sys"]));
        assert_eq!(of_regex("(kaspersky|avp)(\\d+)?"), texts(&["kaspersky", "avp"]));
        assert_eq!(of_regex("(kes){1,}l?"), texts(&["kes"]));
        assert_eq!(of_regex("a?b*"), None);
        assert_eq!(of_regex("(kaspersky|)"), None);
        assert_eq!(of_glob("**/kaspersky*/bin/?"), Some("/kaspersky".into()));
        assert_eq!(of_glob("*"), None);
    }
}
