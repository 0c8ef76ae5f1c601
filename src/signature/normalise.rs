//! The one normalisation under which texts compare: Unicode NFKC and lower case; in paths either slash. A run of blanks,
//! tabs and line ends is one blank; characters without a shape (zero-width, soft hyphen, controls) count for nothing.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::model::{Field, FieldKind};

/// The comparable form of a text. Text that is already in that form is not copied.
pub fn normalise(kind: FieldKind, text: &str) -> Cow<'_, str> {
    let slash = |char: char| if kind == FieldKind::Path && char == '\\' { '/' } else { char };
    if text.is_ascii() {
        let mut before = 0;
        let mut kept = |byte: &u8| {
            let is_second_blank = *byte == b' ' && std::mem::replace(&mut before, *byte) == b' ';
            before = *byte;
            !(is_second_blank
                || byte.is_ascii_control()
                || byte.is_ascii_uppercase()
                || kind == FieldKind::Path && *byte == b'\\')
        };
        if text.as_bytes().iter().all(&mut kept) {
            return Cow::Borrowed(text);
        }
        return Cow::Owned(blanks(text.chars().map(|char| slash(char.to_ascii_lowercase()))));
    }
    let shaped: Cow<'_, str> = if text.chars().any(is_nothing) {
        Cow::Owned(text.chars().filter(|char| !is_nothing(*char)).collect())
    } else {
        Cow::Borrowed(text)
    };
    let plain: Cow<'_, str> = match is_nfkc_quick(shaped.chars()) {
        IsNormalized::Yes => shaped,
        _ => Cow::Owned(shaped.nfkc().collect()),
    };
    // Lower case may leave the normal form (and the other way round): a second pass makes it stable.
    Cow::Owned(blanks(plain.to_lowercase().nfkc().map(slash)))
}

/// The form of what a target has: as [`normalise`], without blanks around it.
pub fn normalise_found(kind: FieldKind, text: &str) -> Cow<'_, str> {
    match normalise(kind, text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// The other spellings of a package's name that its manager takes for the same one: Python's (PEP 503) compare without a
/// difference between hyphens, underscores and full stops, and runs of them.
pub fn spellings(collector: &str, field: Field, text: &str) -> Vec<String> {
    const SAME: [char; 3] = ['-', '_', '.'];
    if collector != "python_packages" || field != Field::Name || !text.contains(SAME) {
        return Vec::new();
    }
    let parts: Vec<&str> = text.split(SAME).filter(|part| !part.is_empty()).collect();
    let spelled = ["-", "_", "."].iter().map(|separator| parts.join(separator));
    spelled.filter(|spelling| spelling != text).collect()
}

/// Each run of blanks as one, and nothing of what has no shape.
fn blanks(chars: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for char in chars {
        match char {
            _ if is_nothing(char) => {}
            _ if !char.is_whitespace() => text.push(char),
            _ if text.ends_with(' ') => {}
            _ => text.push(' '),
        }
    }
    text
}

/// Whether a character has no shape of its own: controls other than blanks, and what Unicode calls default ignorable.
fn is_nothing(char: char) -> bool {
    matches!(char,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_python_compare_without_their_separators() {
        assert_eq!(spellings("python_packages", Field::Name, "a_b.-c"), ["a-b-c", "a_b_c", "a.b.c"]);
        assert_eq!(spellings("python_packages", Field::Name, "a-b"), ["a_b", "a.b"]);
        assert!(spellings("python_packages", Field::Author, "a-b").is_empty());
        assert!(spellings("npm_packages", Field::Name, "a-b").is_empty());
    }

    #[test]
    fn case_width_and_slashes_do_not_matter() {
        assert_eq!(normalise(FieldKind::Text, "KASPERSKY"), "kaspersky");
        assert_eq!(normalise(FieldKind::Text, "Лаборатория КАСПЕРСКОГО"), "лаборатория касперского");
        assert_eq!(normalise(FieldKind::Text, "ｶｽﾍﾟﾙｽｷｰ"), "カスペルスキー");
        assert_eq!(normalise(FieldKind::Path, "C:\\Program Files\\X"), "c:/program files/x");
        assert_eq!(normalise(FieldKind::Text, "a\\b"), "a\\b");
        assert!(matches!(normalise(FieldKind::Path, "opt/kaspersky"), Cow::Borrowed(_)));
    }

    #[test]
    fn odd_blanks_are_blanks_and_what_has_no_shape_is_nothing() {
        let found = |text| normalise_found(FieldKind::Text, text).into_owned();
        for text in [
            "Kaspersky\tInternet\r\nSecurity",
            "Kaspersky\u{b}Internet  Security ",
            "\u{200b}Kas\u{ad}persky Inter\u{200d}net\u{a0}Security\u{feff}",
            " \u{feff} Kaspersky\u{2003}Internet\u{85}Security\0",
        ] {
            assert_eq!(found(text), "kaspersky internet security", "{text:?}");
        }
        assert_eq!(normalise(FieldKind::Text, " a "), " a ", "what an indicator asks for keeps its blanks");
        assert!(matches!(normalise_found(FieldKind::Text, " plain "), Cow::Borrowed("plain")));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,12}") {
            for kind in [FieldKind::Text, FieldKind::Path] {
                let once = normalise(kind, &text).into_owned();
                prop_assert_eq!(normalise(kind, &once).into_owned(), once.clone());
            }
        }

        #[test]
        fn ascii_takes_the_same_way_as_the_rest(text in "[ -~]{0,12}") {
            let long = blanks(text.to_lowercase().nfkc());
            prop_assert_eq!(normalise(FieldKind::Text, &text).into_owned(), long);
        }
    }
}
