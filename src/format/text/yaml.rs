//! YAML as people and programs write settings in it: mappings and lists in blocks or in brackets; texts plain, quoted or in
//! blocks. Numbers stay texts.
//!
//! Specification: YAML 1.2.2, chapters 6 to 8. Only the first document is read. Aliases and keys that are no texts are damage:
//! what they stand for is not looked up.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::bytes::{Damage, DamageKind};

/// Collections may nest this deep.
const MAX_DEPTH: usize = 64;
/// Lines and bytes of one value over several lines; a longer one is damage.
const MAX_LINES: usize = 1000;
const MAX_VALUE: usize = 64 << 10;

/// The value of the first document.
///
/// # Errors
/// Damage with the line of the first mistake.
pub fn parse(bytes: &[u8]) -> Result<Value, Damage> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let lines = text.lines().enumerate().map(|(number, raw)| Line { number: number + 1, raw, rest: None });
    let mut parser = Parser { lines: lines.collect(), at: 0 };
    while parser.lines.get(parser.at).is_some_and(|line| line.raw.starts_with('%')) {
        parser.at += 1;
    }
    if parser.peek().is_some_and(|(indent, text)| indent == 0 && is_start(&text)) {
        let rest = parser.peek().map(|(_, text)| text.get(3..).unwrap_or_default().trim_start().to_owned());
        match rest.filter(|rest| !rest.is_empty()) {
            Some(rest) => parser.replace(4, rest),
            None => parser.at += 1,
        }
    }
    let value = parser.node(0, 0)?;
    match parser.peek() {
        Some((0, text)) if is_start(&text) || text == "..." => Ok(value),
        Some(_) => Err(parser.damage("a line that belongs to nothing before it")),
        None => Ok(value),
    }
}

/// `---`
fn is_start(text: &str) -> bool {
    text == "---" || text.starts_with("--- ")
}

struct Line<'a> {
    number: usize,
    raw: &'a str,
    /// What is left of the line when its first part was read, and where that begins.
    rest: Option<(usize, String)>,
}

struct Parser<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
}

impl Parser<'_> {
    fn damage(&self, what: &str) -> Damage {
        let number = self.lines.get(self.at).or(self.lines.last()).map_or(0, |line| line.number);
        let kind = if self.at >= self.lines.len() { DamageKind::Truncated } else { DamageKind::Corrupt };
        Damage::new(kind, None, format!("not YAML: {what}, line {number}"))
    }

    /// The next line with content: how far it is indented, and its content.
    fn peek(&mut self) -> Option<(usize, String)> {
        loop {
            let line = self.lines.get(self.at)?;
            let (indent, text) = match &line.rest {
                Some((indent, rest)) => (*indent, rest.as_str()),
                None => {
                    let text = line.raw.trim_start_matches(' ');
                    (line.raw.len() - text.len(), text)
                }
            };
            let text = without_comment(text).trim();
            if !text.is_empty() {
                return Some((indent, text.to_owned()));
            }
            self.at += 1;
        }
    }

    fn replace(&mut self, indent: usize, rest: String) {
        if let Some(line) = self.lines.get_mut(self.at) {
            line.rest = Some((indent, rest));
        }
    }

    /// What begins at the next line, if that is indented at least so far.
    fn node(&mut self, min: usize, depth: usize) -> Result<Value, Damage> {
        if depth > MAX_DEPTH {
            return Err(Damage::new(DamageKind::OverLimit, None, format!("nests deeper than {MAX_DEPTH}")));
        }
        match self.peek() {
            Some((indent, _)) if indent < min => Ok(Value::Null),
            Some((0, text)) if is_start(&text) || text == "..." => Ok(Value::Null),
            Some((indent, text)) if is_item(&text) => self.list(indent, depth),
            Some((indent, text)) if key(&text).is_some() => self.mapping(indent, depth),
            Some((_, text)) => self.scalar(text, min, depth),
            None => Ok(Value::Null),
        }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Result<Value, Damage> {
        let mut items = Vec::new();
        while let Some((_, text)) = self.peek().filter(|(at, text)| *at == indent && is_item(text)) {
            let rest = text.get(1..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start().len();
            if rest.trim().is_empty() {
                self.at += 1;
            } else {
                self.replace(indent + 1 + blanks, rest.trim_start().to_owned());
            }
            items.push(self.node(indent + 1, depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn mapping(&mut self, indent: usize, depth: usize) -> Result<Value, Damage> {
        let mut map = Map::new();
        while let Some((_, text)) = self.peek().filter(|(at, text)| *at == indent && !is_item(text)) {
            if indent == 0 && (is_start(&text) || text == "...") {
                break;
            }
            let Some((name, rest)) = key(&text) else { return Err(self.damage("a line without a key")) };
            let value = if rest.is_empty() {
                self.at += 1;
                // A list may stand as far left as its key.
                let is_list = self.peek().is_some_and(|(at, text)| at == indent && is_item(&text));
                self.node(if is_list { indent } else { indent + 1 }, depth + 1)?
            } else {
                self.scalar(rest.to_owned(), indent + 1, depth + 1)?
            };
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }

    /// A value that begins in the current line, of which `text` is left; further lines are indented at least so far.
    fn scalar(&mut self, text: String, min: usize, depth: usize) -> Result<Value, Damage> {
        let text = without_properties(&text);
        if text.starts_with('*') {
            return Err(self.damage("an alias"));
        }
        if text.starts_with(['|', '>']) {
            return Ok(Value::String(self.block(min, text.starts_with('|'))));
        }
        if text.is_empty() {
            self.at += 1;
            return self.node(min, depth + 1);
        }
        let mut whole = text.to_owned();
        self.at += 1;
        let is_open = |whole: &str| match whole.chars().next() {
            Some('"' | '\'') => quoted(whole).is_none(),
            Some('[' | '{') => flow(whole, 0).is_none(),
            _ => false,
        };
        let is_plain = !whole.starts_with(['"', '\'', '[', '{']);
        // It is tried again with each line.
        let mut lines = 0;
        while (is_plain || is_open(&whole)) && lines < MAX_LINES && whole.len() < MAX_VALUE {
            match self.peek() {
                // Brackets may be closed as far left as their key stands.
                Some((indent, text))
                    if (indent >= min || !is_plain && text.starts_with([']', '}']))
                        && !(is_plain && key(&text).is_some()) =>
                {
                    whole.push(' ');
                    whole.push_str(&text);
                    self.at += 1;
                }
                _ => break,
            }
            lines += 1;
        }
        match whole.chars().next() {
            Some('"' | '\'') => quoted(&whole).map(|(text, _)| Value::String(text)),
            Some('[' | '{') => flow(&whole, 0).map(|(value, _)| value),
            _ => Some(plain(&whole)),
        }
        .ok_or_else(|| self.damage("a value without its end"))
    }

    /// A text in a block; `min`: how far its lines are indented at least.
    fn block(&mut self, min: usize, keeps_lines: bool) -> String {
        let mut lines: Vec<&str> = Vec::new();
        self.at += 1;
        while let Some(line) = self.lines.get(self.at) {
            let text = line.raw.trim_start_matches(' ');
            if !text.is_empty() && line.raw.len() - text.len() < min {
                break;
            }
            lines.push(text);
            self.at += 1;
        }
        lines.join(if keeps_lines { "\n" } else { " " }).trim_end().to_owned()
    }
}

/// Whether a line is an item of a list.
fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// `KEY: REST`; the key may be quoted.
fn key(text: &str) -> Option<(String, &str)> {
    let (name, rest) = match text.chars().next()? {
        '"' | '\'' => {
            let (name, end) = quoted(text)?;
            (name, text.get(end..)?.trim_start().strip_prefix(':')?)
        }
        '[' | '{' | '|' | '>' | '*' | '#' => return None,
        _ => {
            let at = text.find(": ").or_else(|| text.strip_suffix(':').map(str::len))?;
            (text.get(..at)?.trim().to_owned(), text.get(at + 1..)?)
        }
    };
    (rest.is_empty() || rest.starts_with(' ')).then_some((name, rest.trim()))
}

/// A line up to a comment, which a blank stands before.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, char) in text.char_indices() {
        match (quote, char) {
            (None, '#') if before == ' ' || before == '\t' => return text.get(..at).unwrap_or(text),
            (None, '"' | '\'') if " [{,:".contains(before) => quote = Some(char),
            (Some(open), char) if open == char && before != '\\' => quote = None,
            _ => {}
        }
        before = char;
    }
    text
}

/// A value without its tag and its anchor.
fn without_properties(text: &str) -> &str {
    let mut text = text;
    while text.starts_with(['!', '&']) {
        text = text.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    text
}

fn plain(text: &str) -> Value {
    match text {
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "null" | "Null" | "NULL" | "~" => Value::Null,
        _ => Value::String(text.to_owned()),
    }
}

/// A quoted text at the start, and where it ends.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut chars = text.char_indices().peekable();
    let (_, quote) = chars.next()?;
    let mut out = String::new();
    while let Some((at, char)) = chars.next() {
        match char {
            '\'' if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                out.push('\'');
            }
            char if char == quote => return Some((out, at + 1)),
            '\\' if quote == '"' => out.push(escaped(&mut chars)?),
            char => out.push(char),
        }
    }
    None
}

/// What a backslash and what follows it stand for.
fn escaped(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<char> {
    let (_, char) = chars.next()?;
    let digits = match char {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some(other),
    };
    let mut code = 0_u32;
    for _ in 0..digits {
        code = code.checked_mul(16)?.checked_add(chars.next()?.1.to_digit(16)?)?;
    }
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// A value in brackets, and where it ends; `None` when it does not end.
fn flow(text: &str, depth: usize) -> Option<(Value, usize)> {
    let close = match text.chars().next()? {
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    let (mut items, mut map) = (Vec::new(), Map::new());
    let mut at = 1;
    loop {
        at += blanks(text.get(at..)?);
        let rest = text.get(at..)?;
        match rest.chars().next()? {
            ',' => at += 1,
            char if char == close => {
                let value = if close == ']' { Value::Array(items) } else { Value::Object(map) };
                return Some((value, at + 1));
            }
            _ => {
                let (value, end) = flow_value(rest, depth)?;
                at += end;
                let after = text.get(at + blanks(text.get(at..)?)..)?;
                if close == '}' && after.starts_with(':') {
                    at = text.len() - after.len() + 1;
                    at += blanks(text.get(at..)?);
                    let (inner, end) = flow_value(text.get(at..)?, depth)?;
                    at += end;
                    map.insert(value.as_str().unwrap_or_default().to_owned(), inner);
                } else if end > 0 {
                    items.push(value);
                } else {
                    return None;
                }
            }
        }
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn flow_value(text: &str, depth: usize) -> Option<(Value, usize)> {
    match text.chars().next()? {
        '[' | '{' => flow(text, depth + 1).filter(|_| depth < MAX_DEPTH),
        '"' | '\'' => quoted(text).map(|(text, end)| (Value::String(text), end)),
        _ => {
            let ends = |(at, char): (usize, char)| {
                let next = text.get(at + char.len_utf8()..).and_then(|rest| rest.chars().next());
                ",]}".contains(char) || char == ':' && next.is_none_or(|next| " ,]}".contains(next))
            };
            let end = text.char_indices().find(|&one| ends(one)).map_or(text.len(), |(at, _)| at);
            let value: Cow<'_, str> = text.get(..end)?.trim_end().into();
            Some((plain(&value), end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn value(text: &str) -> Value {
        parse(text.as_bytes()).unwrap_or_else(|damage| panic!("{text}: {damage:?}"))
    }

    #[test]
    fn mappings_and_lists_in_blocks() {
        let text = "%YAML 1.2\n---\n# settings\na:\n  b: 1 # one\n  'c d': \"x: #y\\u00e9\"\nlist:\n- one\n-   k: v\n    l: w\n- \n  - x\n  - ~\nnext: true\n...\nrest: [";
        let expected = json!({"a": {"b": "1", "c d": "x: #y\u{e9}"}, "list": ["one", {"k": "v", "l": "w"}, ["x", null]], "next": true});
        assert_eq!(value(text), expected);
        assert_eq!(value("- - a\n  - b\n- c: \n    d\n"), json!([["a", "b"], {"c": "d"}]));
        assert_eq!((value(""), value("--- text")), (Value::Null, json!("text")));
        assert_eq!(value("a: b\n---\na: c\n"), json!({"a": "b"}));
    }

    #[test]
    fn values_in_brackets_and_over_lines() {
        assert_eq!(
            value("a: {b: [x, \"y, z\"], c: http://h:1/p, 'd': }\nb: [\n  one,\n  two # 2\n]\n"),
            json!({"a": {"b": ["x", "y, z"], "c": "http://h:1/p", "d": ""}, "b": ["one", "two"]})
        );
        assert_eq!(
            value(
                "a: |\n  one\n   two: 2\n\nb: >-\n  x\n  y\nc: plain\n  more\nd: 'it''s\n  two'\ne: !!str &x 5\n"
            ),
            json!({"a": "one\ntwo: 2", "b": "x y", "c": "plain more", "d": "it's two", "e": "5"})
        );
    }

    #[test]
    fn what_is_not_read_is_damage() {
        for text in ["a: *b\n", "a: [1, 2\n", "a: \"x\n", "a: 1\n  b: 2\nc\n", "a:\n  b: 1\n c: 2\n"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse("- ".repeat(200).as_bytes()).is_err());
        assert!(parse(format!("a: {}", "[".repeat(200)).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in "[-a:{}\\[\\],\"'#|>&*! \\\\u\n\u{e9}]{0,80}") {
            let _ = parse(text.as_bytes());
        }
    }
}
