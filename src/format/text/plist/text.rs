//! The old text form: `{ key = value; }`, `( a, b )`, `<0fbd77>`, and the bare entries of `.strings` files.

use super::{Budget, Damage, DamageKind, MAX_DEPTH, Salvaged, Value};

struct Reader<'a> {
    text: &'a str,
    at: usize,
    budget: Budget,
}

/// Entries before the damage are kept.
pub(super) fn read(text: &str) -> Salvaged<Value> {
    let mut reader = Reader { text, at: 0, budget: Budget::new() };
    let mut damage = Vec::new();
    reader.blanks();
    let value = match reader.peek() {
        Some('{' | '(' | '<') => {
            let value = reader.value(0, &mut damage);
            reader.blanks();
            if damage.is_empty() && reader.peek().is_some() {
                damage.push(reader.wrong("something follows the property list"));
            }
            value
        }
        _ => Some(reader.entries(None, 0, &mut damage)),
    };
    Salvaged { value: value.unwrap_or(Value::Dictionary(Vec::new())), damage }
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn wrong(&self, what: &str) -> Damage {
        let kind = if self.peek().is_none() { DamageKind::Truncated } else { DamageKind::Corrupt };
        Damage::new(kind, self.at as u64, format!("no property list: {what}"))
    }

    /// Skips blanks and comments.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let skipped = if let Some(comment) = trimmed.strip_prefix("//") {
                2 + comment.find(['\n', '\r']).unwrap_or(comment.len())
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                2 + comment.find("*/").map_or(comment.len(), |end| end + 2)
            } else {
                0
            };
            let blanks = rest.len() - trimmed.len();
            self.at += blanks + skipped;
            if skipped == 0 {
                return;
            }
        }
    }

    /// `key = value;` up to the closing brace, or up to the end of a `.strings` file. `key;` alone is its own value.
    fn entries(&mut self, close: Option<char>, depth: usize, damage: &mut Vec<Damage>) -> Value {
        let mut entries = Vec::new();
        loop {
            self.blanks();
            match (self.peek(), close) {
                (None, None) => break,
                (None, Some(_)) => {
                    damage.push(self.wrong("it ends inside a dictionary"));
                    break;
                }
                (found, Some(_)) if found == close => {
                    self.eat(close.unwrap_or('}'));
                    break;
                }
                _ => {}
            }
            let Some(key) = self.string(damage) else { break };
            self.blanks();
            let value = if self.eat('=') {
                self.blanks();
                match self.value(depth + 1, damage) {
                    Some(value) => value,
                    None => break,
                }
            } else {
                // One word up to the end of a file is no entry: any text would be a property list.
                if self.peek().is_none() {
                    damage.push(self.wrong("a word stands alone"));
                }
                Value::Text(key.clone())
            };
            if !damage.is_empty() {
                entries.push((key, value));
                break;
            }
            self.blanks();
            if !self.eat(';') && self.peek() != close {
                damage.push(self.wrong("a semicolon is missing"));
                break;
            }
            entries.push((key, value));
        }
        Value::Dictionary(entries)
    }

    fn value(&mut self, depth: usize, damage: &mut Vec<Damage>) -> Option<Value> {
        if depth > MAX_DEPTH {
            let what = format!("values nest deeper than {MAX_DEPTH}");
            damage.push(Damage::new(DamageKind::OverLimit, self.at as u64, what));
            return None;
        }
        if let Err(error) = self.budget.spend(0) {
            damage.push(error);
            return None;
        }
        if self.eat('{') {
            return Some(self.entries(Some('}'), depth, damage));
        }
        if self.eat('(') {
            return Some(self.array(depth, damage));
        }
        if self.eat('<') {
            let digits: String = self.rest().chars().take_while(|char| *char != '>').collect();
            self.at += digits.len();
            if !self.eat('>') {
                damage.push(self.wrong("it ends inside data"));
                return None;
            }
            let digits: Vec<u8> = digits
                .chars()
                .filter_map(|char| char.to_digit(16))
                .filter_map(|d| u8::try_from(d).ok())
                .collect();
            let byte = |pair: &[u8]| pair.iter().fold(0, |byte, digit| byte << 4 | digit);
            return Some(Value::Data(digits.chunks_exact(2).map(byte).collect()));
        }
        self.string(damage).map(Value::Text)
    }

    fn array(&mut self, depth: usize, damage: &mut Vec<Damage>) -> Value {
        let mut items = Vec::new();
        loop {
            self.blanks();
            if self.eat(')') {
                break;
            }
            let Some(item) = self.value(depth + 1, damage) else { break };
            items.push(item);
            if !damage.is_empty() {
                break;
            }
            self.blanks();
            if !self.eat(',') && self.peek() != Some(')') {
                damage.push(self.wrong("a comma is missing"));
                break;
            }
        }
        Value::Array(items)
    }

    /// A quoted or a bare text.
    fn string(&mut self, damage: &mut Vec<Damage>) -> Option<String> {
        let quote = self.peek().filter(|char| matches!(char, '"' | '\''));
        let text = match quote {
            Some(quote) => {
                self.at += 1;
                self.quoted(quote)
            }
            None => {
                let bare = |char: &char| char.is_alphanumeric() || "_$/:.-".contains(*char);
                let text: String = self.rest().chars().take_while(bare).collect();
                self.at += text.len();
                Some(text).filter(|text| !text.is_empty())
            }
        };
        let Some(text) = text else {
            damage.push(self.wrong("a text is missing or not closed"));
            return None;
        };
        if let Err(error) = self.budget.spend(text.len()) {
            damage.push(error);
            return None;
        }
        Some(text)
    }

    /// The rest of a quoted text, escapes resolved; `None` when it is not closed.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let rest = self.text.get(self.at..)?;
        let mut chars = rest.char_indices().peekable();
        while let Some((at, char)) = chars.next() {
            match char {
                '\\' => {
                    let (_, escaped) = chars.next()?;
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'U' | 'u' => {
                            let mut unit = 0;
                            for _ in 0..4 {
                                let Some(digit) = chars.peek().and_then(|(_, char)| char.to_digit(16)) else {
                                    break;
                                };
                                unit = unit << 4 | digit;
                                chars.next();
                            }
                            text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                        }
                        other => text.push(other),
                    }
                }
                char if char == quote => {
                    self.at += at + char.len_utf8();
                    return Some(text);
                }
                char => text.push(char),
            }
        }
        self.at = self.text.len();
        None
    }
}
