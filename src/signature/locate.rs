//! Where a value stands in the text of a JSON file, so that a mistake is shown with its line and column, and
//! which keys of an object are given twice, which the parser would drop without a word.

use std::collections::BTreeSet;

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into an object.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// Line and column (from 1, in characters) of the value at a path; of the nearest value above it when there is
/// none. The text must be JSON that the parser accepts.
pub fn position(text: &str, path: &[Step]) -> (usize, usize) {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0, twice: Vec::new() };
    scanner.blanks();
    for step in path {
        let before = scanner.at;
        let found = match step {
            Step::Key(key) => scanner.enter_key(key),
            Step::Index(index) => scanner.enter_index(*index),
        };
        if !found {
            scanner.at = before;
            break;
        }
    }
    line_and_column(text, scanner.at)
}

/// Keys that an object has twice: their second position and name; the first hundred of them.
pub fn repeated_keys(text: &str) -> Vec<((usize, usize), String)> {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0, twice: Vec::new() };
    scanner.blanks();
    scanner.value();
    scanner.twice.into_iter().take(100).map(|(at, key)| (line_and_column(text, at), key)).collect()
}

/// Line and column (from 1, in characters) of a byte of a text.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before.get(start..).unwrap_or_default().chars().count() + 1)
}

/// Walks text that was parsed before: what is not JSON only ends the walk.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    twice: Vec<(usize, String)>,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Steps over one byte of punctuation and the blanks behind it.
    fn takes(&mut self, wanted: u8) -> bool {
        let is_wanted = self.peek() == Some(wanted);
        if is_wanted {
            self.at += 1;
            self.blanks();
        }
        is_wanted
    }

    fn enter_key(&mut self, wanted: &str) -> bool {
        if !self.takes(b'{') {
            return false;
        }
        while self.peek() == Some(b'"') {
            let key = self.string();
            if !self.takes(b':') {
                return false;
            }
            if key == wanted {
                return true;
            }
            self.value();
            if !self.takes(b',') {
                return false;
            }
        }
        false
    }

    fn enter_index(&mut self, wanted: usize) -> bool {
        if !self.takes(b'[') {
            return false;
        }
        for _ in 0..wanted {
            self.value();
            if !self.takes(b',') {
                return false;
            }
        }
        self.peek() != Some(b']')
    }

    /// Steps over a string and the blanks behind it; returns its text.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        let text = serde_json::from_slice(quoted).unwrap_or_else(|_| String::new());
        self.blanks();
        text
    }

    /// Steps over a value and the blanks behind it. The parser has bounded how deep values nest.
    fn value(&mut self) {
        match self.peek() {
            Some(b'{') => {
                self.takes(b'{');
                let mut keys = BTreeSet::new();
                while self.peek() == Some(b'"') {
                    let start = self.at;
                    let key = self.string();
                    if !keys.insert(key.clone()) {
                        self.twice.push((start, key));
                    }
                    self.takes(b':');
                    self.value();
                    if !self.takes(b',') {
                        break;
                    }
                }
                self.takes(b'}');
            }
            Some(b'[') => {
                self.takes(b'[');
                while self.peek().is_some_and(|byte| byte != b']') {
                    self.value();
                    if !self.takes(b',') {
                        break;
                    }
                }
                self.takes(b']');
            }
            Some(b'"') => drop(self.string()),
            _ => {
                while self.peek().is_some_and(|byte| !b",]} \t\r\n".contains(&byte)) {
                    self.at += 1;
                }
                self.blanks();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "{\n  \"a\": [1, {\"é\\\"\": true},\n    \"x\"],\n  \"b\": {}\n}\n";

    #[test]
    fn positions_of_values_and_of_what_is_nearest() {
        assert_eq!(position(TEXT, &[]), (1, 1));
        assert_eq!(position(TEXT, &["a".into(), 0.into()]), (2, 9));
        assert_eq!(position(TEXT, &["a".into(), 1.into(), "é\"".into()]), (2, 20));
        assert_eq!(position(TEXT, &["a".into(), 2.into()]), (3, 5));
        assert_eq!(position(TEXT, &["b".into(), "absent".into()]), (4, 8));
        assert_eq!(position(TEXT, &["a".into(), 7.into()]), (2, 8));
    }

    #[test]
    fn keys_given_twice_are_told_at_any_depth() {
        assert_eq!(repeated_keys(TEXT), []);
        assert_eq!(
            repeated_keys("{\"a\": [{\"k\": 1, \"\\u006b\": 2}],\n \"a\": 3}"),
            [((1, 17), "k".to_owned()), ((2, 2), "a".to_owned())]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_ends(text in "[\\[\\]{}:,\"a\\\\ é\n]{0,40}") {
            let _ = repeated_keys(&text);
            let _ = position(&text, &["a".into(), 1.into(), "a".into()]);
        }
    }
}
