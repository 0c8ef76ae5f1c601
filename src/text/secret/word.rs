//! The words of a command, with their places in the text.

use crate::text::any_file_name;

pub(super) type Cuts = Vec<(usize, usize)>;

/// A word, with its place in the whole text.
#[derive(Clone, Copy)]
pub(super) struct Word<'t> {
    pub start: usize,
    /// Without quotation marks around it.
    pub bare: &'t str,
    /// As it stands there, and where that begins.
    pub raw: (usize, &'t str),
}

impl Word<'_> {
    pub(super) fn whole(&self) -> (usize, usize) {
        (self.start, self.start + self.bare.len())
    }

    pub(super) fn from(&self, at: usize) -> (usize, usize) {
        (self.start + at, self.start + self.bare.len())
    }

    /// Whether it begins a call of PowerShell, in which the secret is: `(ConvertTo-SecureString`.
    pub(super) fn is_call(&self) -> bool {
        let verb = self.bare.strip_prefix('(').and_then(|call| call.split_once('-')).map(|(verb, _)| verb);
        verb.is_some_and(|verb| verb.len() >= 3 && verb.bytes().all(|byte| byte.is_ascii_alphabetic()))
    }

    pub(super) fn is_quoted(&self) -> bool {
        self.raw.1.trim_start_matches(['(', '\\', ',']).starts_with(['"', '\''])
    }

    /// Whether it is the option `option`; those with a slash are of Windows, where case does not count.
    pub(super) fn is(&self, option: &str) -> bool {
        self.bare == option || option.starts_with('/') && self.bare.eq_ignore_ascii_case(option)
    }

    /// Whether it looks like an option, and not like the value of the one before.
    pub(super) fn is_option(&self) -> bool {
        let letter = |text: &str| text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        self.bare
            .strip_prefix("--")
            .is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_alphabetic()))
            || self.bare.strip_prefix(['-', '/']).is_some_and(letter)
    }

    /// The name of the program that it starts.
    pub(super) fn program(&self) -> String {
        let bare = self.bare.trim_start_matches(['(', '$', '@']);
        let file = any_file_name(bare).to_ascii_lowercase();
        file.strip_suffix(".exe").unwrap_or(&file).to_owned()
    }
}

/// Words with their places; blanks between quotation marks do not part them.
pub(super) fn split(text: &str, offset: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let (mut start, mut mark) = (None, None);
    let mut add = |start: usize, end: usize| {
        let word = text.get(start..end).unwrap_or_default();
        let marks: &[char] = &['"', '\''];
        let inner = word.trim_start_matches(marks);
        words.push(Word {
            start: offset + start + (word.len() - inner.len()),
            bare: inner.trim_end_matches(marks),
            raw: (offset + start, word),
        });
    };
    for (at, char) in text.char_indices() {
        match (mark, char) {
            (Some(open), char) if open == char => mark = None,
            (None, '"' | '\'') => mark = Some(char),
            (None, char) if char.is_whitespace() => {
                if let Some(start) = start.take() {
                    add(start, at);
                }
                continue;
            }
            _ => {}
        }
        start.get_or_insert(at);
    }
    if let Some(start) = start {
        add(start, text.len());
    }
    words
}
