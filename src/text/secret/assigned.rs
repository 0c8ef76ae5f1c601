//! Secrets that stand behind a name: assignments, headers, JSON, connection strings, elements of XML.

use super::name::{is_name_of_both, is_place_of, is_secret_name};

/// `NAME=value`, `NAME = value`, `/name:value`, `Authorization: Bearer value`.
pub(super) fn assignments(text: &str, cuts: &mut Vec<(usize, usize)>) {
    for (at, sign) in text.char_indices().filter(|(_, char)| matches!(char, '=' | ':' | ',' | '(')) {
        let before = text.get(..at).unwrap_or_default();
        // `"name": value` of JSON, `\"name\"` of JSON in a command.
        let bare = before.strip_suffix(['"', '\'']).map_or(before, |rest| rest.trim_end_matches('\\'));
        let is_name = |char: char| char.is_alphanumeric() || "_-.".contains(char);
        let spaced = bare.trim_end_matches(' ');
        let name = spaced.get(spaced.trim_end_matches(is_name).len()..).unwrap_or_default();
        let opening = spaced.get(..spaced.len() - name.len()).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        let blanks = after.len() - after.trim_start_matches(' ').len();
        let start = at + 1 + blanks;
        if matches!(sign, ',' | '(') {
            // `Set("name", "value")`, `PASSWORD('value')`.
            let is_call = (sign == '(') == (bare.len() == before.len()) && !name.ends_with("Credential");
            if is_call
                && is_secret_name(name)
                && text.get(start..).is_some_and(|rest| rest.starts_with(['"', '\'']))
            {
                cuts.push(value(text, start, ""));
            }
            continue;
        }
        let in_quotes = opening.ends_with(['"', '\'']);
        if sign == '=' && is_header(name) && after.contains(' ') {
            cuts.push((start, header_end(text, start, opening)));
            continue;
        }
        if sign == ':'
            && (is_header(name) || blanks > 0 && in_quotes && is_secret_name(name) && bare == before)
        {
            cuts.push((start, header_end(text, start, opening)));
            continue;
        }
        if blanks > 0 || spaced.len() < bare.len() {
            // Of prose, what stands behind a colon is no value: only names as installers and JSON have them count.
            let is_strict = sign == '=' || bare.len() < before.len() || is_shouted(name);
            if is_strict && is_secret_name(name) {
                cuts.push(value(text, start, ""));
            }
            continue;
        }
        if is_named_value(sign, name, opening, after) {
            cuts.push(value(text, start, opening));
        } else if sign == '=' && is_name_of_both(name) {
            let (start, end) = value(text, start, opening);
            let both = text.get(start..end).unwrap_or_default();
            cuts.extend(both.split_once(':').map(|(_, secret)| (end - secret.len(), end)));
        }
    }
}

/// Whether a header holds a secret, whatever it is called in.
fn is_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "authorization" | "proxy-authorization" | "cookie" | "set-cookie")
        || lower.starts_with("x-") && is_secret_name(name)
        || lower.ends_with("-subscription-key")
}

/// Whether a name is written as properties of installers are.
fn is_shouted(name: &str) -> bool {
    name.len() >= 4 && !name.chars().any(char::is_lowercase)
}

/// Whether what stands right behind `NAME=` or `/name:` is a secret.
fn is_named_value(sign: char, name: &str, opening: &str, after: &str) -> bool {
    let is_name = |char: char| char.is_alphanumeric() || "_-.".contains(char);
    let bare = name.trim_start_matches('-');
    let is_option = opening.ends_with('/') || name.starts_with('-');
    let is_password = sign == ':' && bare.eq_ignore_ascii_case("p") && is_option && {
        let is_property = after.split_once('=').is_some_and(|(name, _)| name.chars().all(is_name));
        let word = after.split_whitespace().next().unwrap_or_default();
        let is_port = name.starts_with('-') && word.bytes().all(|byte| byte.is_ascii_digit());
        !is_property && !is_port
    };
    // Keys of addresses: signatures, codes that log on.
    let lower = name.to_ascii_lowercase();
    let is_query = sign == '=' && opening.ends_with(['?', '&']);
    let is_key = is_query
        && (lower.ends_with("signature")
            || matches!(lower.as_str(), "sig" | "key" | "auth" | "code" | "jwt"));
    is_password || is_key || is_secret_name(name) && !after.starts_with("//") && !is_place_of(name, after)
}

/// The value that begins at a place: up to the quotation mark that closes it, or to the next blank.
fn value(text: &str, start: usize, opening: &str) -> (usize, usize) {
    let after = text.get(start..).unwrap_or_default();
    // `"`, `'`, `\"` and `\\"` of a command in a command, `""` of one between quotation marks.
    let slashes = after.len() - after.trim_start_matches('\\').len();
    let doubled =
        after.strip_prefix("\"\"").is_some_and(|rest| !rest.starts_with(' ') && rest.contains("\"\""));
    let width = match after.get(slashes..).and_then(|rest| rest.chars().next()) {
        Some('"') if slashes == 0 && doubled => 2,
        Some('"' | '\'') => slashes + 1,
        _ => 0,
    };
    if let (1.., Some(mark)) = (width, after.get(..width)) {
        let inside = after.get(width..).unwrap_or_default();
        let end = closing(inside, mark).unwrap_or(inside.len());
        return (start + width, start + width + end);
    }
    // `"NAME=a value"`: the mark before the name closes it.
    if let Some(mark) = opening.chars().next_back().filter(|char| matches!(char, '"' | '\'')) {
        return (start, start + after.find(mark).unwrap_or(after.len()));
    }
    // `A=1;Password=a value;B=2` of a connection.
    if opening.ends_with(';')
        && let Some(end) = after
            .find([';', '"', '\'', '\n'])
            .filter(|end| after.get(*end..).is_some_and(|rest| rest.starts_with(';')))
    {
        return (start, start + end);
    }
    let word = opening.rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_query = word.contains("://") || word.contains('?');
    (start, start + bare_word(text, start, is_query))
}

/// Where a quotation mark closes; one that a backslash keeps from that is passed over.
fn closing(inside: &str, mark: &str) -> Option<usize> {
    let ends = inside.match_indices(mark).map(|(at, _)| at);
    let mut ends = ends.filter(|at| {
        let before = inside.get(..*at).unwrap_or_default();
        let slashes = before.len() - before.trim_end_matches('\\').len();
        mark.starts_with('\\') || mark == "'" || slashes % 2 == 0
    });
    ends.next()
}

/// The length of a word without quotation marks around it; marks in it that open there are part of it.
fn bare_word(text: &str, start: usize, is_query: bool) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let mut is_open = !before.matches('"').count().is_multiple_of(2);
    let is_within = is_open;
    let after = text.get(start..).unwrap_or_default();
    for (at, char) in after.char_indices() {
        let is_end = match char {
            '"' if is_within => true,
            '"' => {
                is_open = !is_open;
                false
            }
            '&' | '#' | '\'' => is_query,
            char => char.is_whitespace() && (is_within || !is_open),
        };
        if is_end {
            return at;
        }
    }
    after.len()
}

/// The end of a header's value: the mark that closes it, or the end of the line.
fn header_end(text: &str, start: usize, opening: &str) -> usize {
    let after = text.get(start..).unwrap_or_default();
    let mark = opening.chars().next_back().filter(|char| matches!(char, '"' | '\''));
    // `Authorization:"Bearer VALUE"`
    if let Some(own) = after.chars().next().filter(|char| mark.is_none() && matches!(char, '"' | '\'')) {
        let inside = after.get(1..).unwrap_or_default();
        return start + 1 + inside.find(own).unwrap_or(inside.len());
    }
    let stop = |char: char| Some(char) == mark || char == '\n' || mark.is_none() && char == '"';
    start + after.find(stop).unwrap_or(after.len())
}

/// `<password>value</password>`, and `<key>NAME</key><string>value</string>` of a property list.
pub(super) fn elements(text: &str, cuts: &mut Vec<(usize, usize)>) {
    for (at, _) in text.match_indices('>') {
        let before = text.get(..at).unwrap_or_default();
        let tag = before.rsplit('<').next().unwrap_or_default();
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        let key = before.strip_suffix("</key").and_then(|rest| rest.rsplit('>').next()).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        let value = match key {
            "" if is_secret_name(name) && !name.starts_with('/') && !tag.ends_with('/') => Some(after),
            key if is_secret_name(key) => after.trim_start().strip_prefix("<string>"),
            _ => None,
        };
        let Some(value) = value.filter(|value| value.contains('<')) else { continue };
        let start = text.len() - value.len();
        cuts.push((start, start + value.find('<').unwrap_or(value.len())));
    }
}
