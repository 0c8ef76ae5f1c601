//! Secrets that are arguments of calls: `NetworkCredential("name", "SECRET")`, `ConvertTo-SecureString "SECRET"`,
//! `db.auth('name', 'SECRET')`.

use super::word::Cuts;

/// Calls whose second text is a password.
const SECOND: &[&str] = &["networkcredential(", "pscredential(", ".auth("];

/// The longest argument.
const LONGEST: usize = 1024;

/// Cuts the secrets out of calls.
pub(super) fn calls(text: &str, cuts: &mut Cuts) {
    let lower = text.to_ascii_lowercase();
    for call in SECOND {
        for (at, _) in lower.match_indices(call) {
            let first = quoted(text, at + call.len());
            let second = first.and_then(|(_, end)| quoted(text, end + 1));
            // What stands between the two is a comma only; a call in it is read for itself.
            let between = first.zip(second).and_then(|((_, end), (start, _))| text.get(end + 1..start - 1));
            cuts.extend(second.filter(|_| between.is_some_and(|text| text.trim() == ",")));
        }
    }
    // `expect -c 'spawn ssh h; send "SECRET\r"'`
    if lower.contains("spawn ") || lower.contains("expect ") {
        lower.match_indices("send ").for_each(|(at, word)| sent_to(text, at + word.len(), cuts));
    }
    let name = "convertto-securestring";
    for (at, _) in lower.match_indices(name) {
        secure_string(text, at + name.len(), cuts);
    }
}

/// The text between the next quotation marks within the parentheses of a call.
fn quoted(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..text.floor_char_boundary(from + LONGEST))?;
    let open = rest.find(['"', '\'', ')'])?;
    let mark = rest.get(open..)?.chars().next().filter(|char| *char != ')')?;
    let start = from + open + 1;
    let end = text.get(start..text.floor_char_boundary(start + LONGEST))?.find(mark)?;
    Some((start, start + end))
}

/// The text of `ConvertTo-SecureString`, among its options.
fn secure_string(text: &str, from: usize, cuts: &mut Cuts) {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.trim_start_matches([' ', '(']);
        let start = at + rest.len() - word.len();
        if word.starts_with('-') {
            at = start + word.find([' ', ')']).unwrap_or(word.len());
            continue;
        }
        let slashes = word.len() - word.trim_start_matches('\\').len();
        let open = word.get(slashes..).and_then(|word| word.chars().next());
        match open {
            Some(mark @ ('"' | '\'')) => {
                let start = start + slashes + 1;
                let inside = text.get(start..).unwrap_or_default();
                let end = inside.find(mark).unwrap_or(inside.len());
                let value = inside.get(..end).unwrap_or_default().trim_end_matches('\\');
                if !value.starts_with('$') {
                    cuts.push((start, start + value.len()));
                }
            }
            Some(char) if !matches!(char, '$' | ')' | '|' | ';' | '&' | '<' | '[' | '}') => {
                let end = word.find([' ', ')', ';', '"', '\'']).unwrap_or(word.len());
                cuts.push((start, start + end));
            }
            _ => {}
        }
        return;
    }
}

/// What `send` types for a user.
fn sent_to(text: &str, from: usize, cuts: &mut Cuts) {
    let rest = text.get(from..).unwrap_or_default();
    let typed = rest.trim_start_matches(['-', ' ', '\\', '"', '\'']);
    let end = typed.find(['\\', '"', '\'', ';', ' ']).unwrap_or(typed.len());
    let start = from + rest.len() - typed.len();
    if !typed.starts_with('$') {
        cuts.push((start, start + end));
    }
}
