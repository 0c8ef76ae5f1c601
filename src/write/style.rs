//! Colours and widths of the text report.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks a text into lines of at most `width` columns, at blanks where there are any.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(20);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word;
        let used = lines.last().map_or(0, |line| line.width());
        if used > 0 && used + 1 + word.width() > width {
            lines.push(String::new());
        }
        while let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            let room = width.saturating_sub(line.width()).max(1);
            if word.width() <= room {
                line.push_str(word);
                break;
            }
            let (head, tail) = split_at_width(word, room);
            line.push_str(head);
            word = tail;
            lines.push(String::new());
        }
    }
    lines
}

fn split_at_width(text: &str, width: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, char) in text.char_indices() {
        used += char.width().unwrap_or(0);
        if used > width && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// A text cut to a width, with an ellipsis in the middle, for paths whose ends matter.
pub(crate) fn middle_cut(text: &str, width: usize) -> String {
    if text.width() <= width || width < 8 {
        return text.to_owned();
    }
    let keep = (width - 1) / 2;
    let (head, _) = split_at_width(text, keep);
    let reversed: String = text.chars().rev().collect();
    let (tail, _) = split_at_width(&reversed, keep);
    format!("{head}…{}", tail.chars().rev().collect::<String>())
}

/// ANSI colours, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.with("1;32", text)
    }

    pub(crate) fn caution(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit() {
        for line in wrapped("a word and averyveryveryveryverylongword カスペルスキーカスペルスキー", 20)
        {
            assert!(line.width() <= 20, "{line}");
        }
        assert_eq!(middle_cut("abcdefghijklmnop", 9), "abcd…mnop");
    }
}
