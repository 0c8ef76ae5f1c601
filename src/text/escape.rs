//! Text from hostile machines, made harmless for each syntax that reports are written in.
//!
//! Every format goes through `printable` first, JSON excepted, whose own escapes keep the text as it was. Build
//! servers take lines of a job's output for commands: GitHub `::command::` at the start of a line and `##[command]`
//! anywhere in it, Azure Pipelines `##vso[command]`. The former is seen to where lines are written, the latter here.

use std::borrow::Cow;

/// Whether a character reorders, hides or imitates others, or may not stand in XML: bidirectional controls,
/// zero-width and filler characters, line separators, tags, noncharacters.
pub(crate) fn hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e007f}')
        || u32::from(char) & 0xfffe == 0xfffe
}

/// Text as it may be shown: characters that are not what they seem escaped as `\u{…}`, and so is the first
/// character of what a build server would take for a command.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(hidden) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, char) in text.char_indices() {
        if hidden(char) || starts_command(text.get(at..).unwrap_or_default()) {
            shown.extend(char.escape_unicode())
        } else {
            shown.push(char)
        }
    }
    Cow::Owned(shown)
}

pub(crate) fn starts_command(text: &str) -> bool {
    ["##[", "##vso[", "##teamcity["].iter().any(|command| text.starts_with(command))
}

/// A line that no build server takes for a command; `line` went through `printable`.
pub(crate) fn line(line: &str) -> Cow<'_, str> {
    let text = line.trim_start();
    match text.strip_prefix("::") {
        Some(rest) => {
            let indent = line.get(..line.len() - text.len()).unwrap_or_default();
            Cow::Owned(format!("{indent}\\u{{3a}}:{rest}"))
        }
        None => Cow::Borrowed(line),
    }
}

/// Text in XML and HTML, in elements and in quoted attributes.
pub(crate) fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for char in printable(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

/// Text in Markdown that means only itself: no markup, no HTML, no link, no mention.
pub(crate) fn markdown(text: &str) -> String {
    // A blank inside of `**` would keep it from being bold.
    let text = match text.trim() {
        "" if !text.is_empty() => Cow::Borrowed("(blank)"),
        text => printable(text),
    };
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut has_colon = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        // `1. ` begins a list.
        let is_number = ".)".contains(char)
            && chars.peek().is_none_or(|next| next.is_whitespace())
            && escaped.bytes().all(|byte| byte.is_ascii_digit());
        // At the end of a word it begins no address, and closes no `:name:` of a picture where none opened.
        let ends_word = !has_colon && chars.peek().is_none_or(|next| next.is_whitespace());
        has_colon = (has_colon || char == ':') && !char.is_whitespace();
        let active = is_number
            || "\\`*_[]<>#|~&@!$".contains(char)
            || (char == ':'
                && (escaped.is_empty()
                    || before.is_alphanumeric() && !ends_word && !is_time(before, chars.peek())))
            || (char == '.' && before.eq_ignore_ascii_case(&'w'))
            || (before == ' ' && "-+=".contains(char));
        if active {
            escaped.push('\\');
        }
        escaped.push(char);
        before = char;
    }
    escaped
}

/// Whether a colon stands between two digits, as in a time.
fn is_time(before: char, next: Option<&char>) -> bool {
    before.is_ascii_digit() && next.is_some_and(char::is_ascii_digit)
}

/// Text as a Markdown code span, in which nothing is markup. In a table a bar must be escaped even there.
pub(crate) fn code_span(text: &str, in_table: bool) -> String {
    let text = printable(text);
    let mut longest = 0;
    let mut run = 0;
    for char in text.chars() {
        run = if char == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad =
        if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    let text = if in_table { Cow::Owned(text.replace('|', "\\|")) } else { text };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A path as the path of a relative URI (RFC 3986): what is not unreserved is percent-encoded, slashes stay.
pub(crate) fn uri_path(path: &str) -> String {
    // A path that begins with a slash is one of Unix, where a backslash is a character as any other.
    let is_unix = path.starts_with('/');
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'\\' if !is_unix => uri.push('/'),
            byte if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    // An empty segment or a dot segment would be resolved away by readers.
    let segments = uri.split('/').filter(|segment| !matches!(*segment, "" | "." | ".."));
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_reorders_is_shown_escaped() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(printable("gpj\u{2066}.exe\u{ad}\u{ffff}"), "gpj\\u{2066}.exe\\u{ad}\\u{ffff}");
        assert_eq!(printable("Касперский كاسبرسكي カスペルスキー é"), "Касперский كاسبرسكي カスペルスキー é");
    }

    #[test]
    fn a_backslash_is_a_separator_on_windows_only() {
        assert_eq!(uri_path("C:\\Program Files\\x"), "C%3A/Program%20Files/x");
        assert_eq!(uri_path("/opt/a\\b"), "opt/a%5Cb");
    }

    #[test]
    fn no_build_server_finds_a_command() {
        assert_eq!(printable("x ##[error]y ##vso[z]"), "x \\u{23}#[error]y \\u{23}#vso[z]");
        assert_eq!(line("  ::error::x"), "  \\u{3a}:error::x");
        assert_eq!(line("at ::1"), "at ::1");
    }

    #[test]
    fn markup_and_markdown_mean_only_themselves() {
        assert_eq!(markup("]]></script>&\"'"), "]]&gt;&lt;/script&gt;&amp;&quot;&#39;");
        assert_eq!(markdown("[x](https://e) @me <b>"), "\\[x\\](https\\://e) \\@me \\<b\\>");
        assert_eq!(markdown("2026-11-30T23:02:11Z"), "2026-11-30T23:02:11Z", "a terminal shows escapes");
        assert_eq!(code_span("a`b", false), "``a`b``");
        assert_eq!(code_span("`|", true), "`` `\\| ``");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri_path("/opt/a b/%/../ü"), "opt/a%20b/%25/%C3%BC");
        assert_eq!(uri_path("C:\\Program Files\\x"), "C%3A/Program%20Files/x");
    }
}
