//! Patterns: how they compile, and the literal that every match must contain, so that a pattern is tried only after its
//! literal was seen.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

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
    use super::*;

    fn texts(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(|text| (*text).to_owned()).collect())
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
