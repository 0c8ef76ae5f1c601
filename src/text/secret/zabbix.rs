//! Keys of items of Zabbix, as `zabbix_get -k` and `zabbix_agentd -t` take them: `mysql.ping["tcp://h","bob","SECRET"]`.
//!
//! Source: "Zabbix agent 2" items and "Item key format" of Zabbix's manual.

use super::word::Word;

/// Plug-ins whose items log on, and the number of the parameter that is the password.
const PLUGINS: &[(&str, usize)] = &[
    ("ceph.", 2),
    ("memcached.", 2),
    ("mongodb.", 2),
    ("mqtt.", 3),
    ("mssql.", 2),
    ("mysql.", 2),
    ("oracle.", 2),
    ("pgsql.", 2),
    ("redis.", 1),
];

/// Where the secret is in the key of an item. A word that is no key, as it has neither dots nor parameters, counts as one
/// if it has a digit in it.
pub(super) fn of_item(word: Word<'_>) -> Option<(usize, usize)> {
    let Some((name, rest)) = word.bare.split_once('[') else {
        let is_key = word.bare.contains('.') || !word.bare.contains(|char: char| char.is_ascii_digit());
        return (!is_key).then(|| word.whole());
    };
    let (_, number) = PLUGINS.iter().find(|(plugin, _)| name.starts_with(plugin))?;
    let inside = rest.strip_suffix(']').unwrap_or(rest);
    let mut at = word.start + name.len() + 1;
    for (count, part) in parameters(inside).into_iter().enumerate() {
        if count == *number {
            let bare = part.trim_matches(['"', '\\', ' ']);
            let start = at + part.find(bare).unwrap_or_default();
            return (!bare.is_empty()).then_some((start, start + bare.len()));
        }
        at += part.len() + 1;
    }
    None
}

/// The parameters; commas between quotation marks do not part them.
fn parameters(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut is_open) = (Vec::new(), 0, false);
    for (at, char) in text.char_indices() {
        match char {
            '"' => is_open = !is_open,
            ',' if !is_open => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}
