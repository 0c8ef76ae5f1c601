//! Tokens that are known by how they begin, wherever they stand.

/// A kind of token.
struct Token {
    start: &'static str,
    /// The least number of characters that follow.
    rest: usize,
    /// Whether other things begin so as well: a token has a digit behind it and no further underscore.
    is_word: bool,
}

const fn token(start: &'static str, rest: usize, is_word: bool) -> Token {
    Token { start, rest, is_word }
}

/// Source: the documentation of the services that issue them, and their lists for scanners of secrets.
const TOKENS: &[Token] = &[
    token("ghp_", 16, false),
    token("gho_", 16, false),
    token("ghu_", 16, false),
    token("ghs_", 16, false),
    token("ghr_", 16, false),
    token("github_pat_", 16, false),
    token("glpat-", 14, false),
    token("gldt-", 14, true),
    token("glrt-", 14, true),
    token("xoxa-", 14, false),
    token("xoxb-", 14, false),
    token("xoxp-", 14, false),
    token("xoxr-", 14, false),
    token("xoxs-", 14, false),
    token("AKIA", 16, false),
    token("ASIA", 16, true),
    token("AIza", 20, true),
    token("eyJ", 17, false),
    token("sk_live_", 16, true),
    token("rk_live_", 16, true),
    token("sk_test_", 16, true),
    token("npm_", 20, true),
    token("hf_", 20, true),
    token("pypi-Ag", 20, false),
    token("dop_v1_", 16, true),
    token("dckr_pat_", 16, false),
    token("shpat_", 16, true),
    token("hvs.", 16, false),
    token("tskey-", 14, false),
    token("SG.", 30, true),
    token("sk-ant-", 16, false),
    token("sk-proj-", 16, false),
];

/// How tokens begin.
pub(super) fn beginnings() -> impl Iterator<Item = &'static str> {
    TOKENS.iter().map(|token| token.start)
}

/// Cuts tokens out.
pub(super) fn tokens(text: &str, cuts: &mut Vec<(usize, usize)>) {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
    for Token { start, rest, is_word } in TOKENS {
        for (at, _) in text.match_indices(start) {
            let before = text.get(..at).unwrap_or_default();
            let after = text.get(at + start.len()..).unwrap_or_default();
            let length = after.find(|char: char| !is_part(char)).unwrap_or(after.len());
            let body = after.get(..length).unwrap_or_default();
            let is_one = !is_word || body.contains(|char: char| char.is_ascii_digit()) && !body.contains('_');
            // A token can follow a sign of an address or of an assignment, but no other word.
            if length >= *rest
                && is_one
                && !before.ends_with(|char: char| char.is_alphanumeric() || "_-.".contains(char))
            {
                cuts.push((at, at + start.len() + length));
            }
        }
    }
}
