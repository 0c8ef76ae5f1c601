//! The one normalisation under which texts compare: Unicode NFKC and lower case; in paths either slash.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::model::FieldKind;

/// The comparable form of a text. Text that is already in that form is not copied.
pub fn normalise(kind: FieldKind, text: &str) -> Cow<'_, str> {
    let slash = |char: char| if kind == FieldKind::Path && char == '\\' { '/' } else { char };
    if text.is_ascii() {
        let kept = |byte: &u8| !(byte.is_ascii_uppercase() || kind == FieldKind::Path && *byte == b'\\');
        if text.as_bytes().iter().all(kept) {
            return Cow::Borrowed(text);
        }
        return Cow::Owned(text.chars().map(|char| slash(char.to_ascii_lowercase())).collect());
    }
    let plain: Cow<'_, str> = match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfkc().collect()),
    };
    // Lower case may leave the normal form (and the other way round): a second pass makes it stable.
    Cow::Owned(plain.to_lowercase().nfkc().map(slash).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_width_and_slashes_do_not_matter() {
        assert_eq!(normalise(FieldKind::Text, "KASPERSKY"), "kaspersky");
        assert_eq!(normalise(FieldKind::Text, "Лаборатория КАСПЕРСКОГО"), "лаборатория касперского");
        assert_eq!(normalise(FieldKind::Text, "ｶｽﾍﾟﾙｽｷｰ"), "カスペルスキー");
        assert_eq!(normalise(FieldKind::Path, "C:\\Program Files\\X"), "c:/program files/x");
        assert_eq!(normalise(FieldKind::Text, "a\\b"), "a\\b");
        assert!(matches!(normalise(FieldKind::Path, "opt/kaspersky"), Cow::Borrowed(_)));
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
            let long: String = text.to_lowercase().nfkc().collect();
            prop_assert_eq!(normalise(FieldKind::Text, &text).into_owned(), long);
        }
    }
}
