//! Mistakes in values of options, with the place that the value came from.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A message without the words of the parsers of numbers.
pub(super) fn plainly(text: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("invalid digit found in string", "not a whole number"),
        ("cannot parse integer from empty string", "not a number, but empty"),
        ("number too large to fit in target type", "the number is too large"),
        ("number too small to fit in target type", "the number is too small"),
    ];
    WORDS.iter().fold(text.to_owned(), |text, (raw, plain)| text.replace(raw, plain))
}

/// The long name of the option whose value is wrong.
pub(super) fn long_name(error: &clap::Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        return None;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return None };
    let name = argument.strip_prefix("--")?;
    let name = name.split([' ', '=', '[']).next().unwrap_or(name);
    Some(name.trim_end_matches('.').to_owned())
}

/// The message of the parser with the place that the value came from.
pub(super) fn placed(error: &clap::Error, origin: &str) -> String {
    if matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty()) {
        return format!("error: {origin} is empty: unset it, or give it a value\n");
    }
    let text = plainly(&error.to_string());
    let text = text.trim_start_matches("error: ");
    let text = text.split("\n\nFor more information").next().unwrap_or(text);
    format!("error: {origin}: {text}\n")
}

/// The message of the parser when it is about a value, with the place of the value.
pub(super) fn wrong_value(error: &clap::Error, origin: &str) -> Option<String> {
    long_name(error)?;
    Some(placed(error, origin).trim_start_matches("error: ").trim_end().to_owned())
}
