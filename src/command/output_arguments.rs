//! The value of `-o`: a format, a file, or the address of a collector.

use std::path::{Path, PathBuf};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Name of the format.
    pub format: String,
    /// File, or standard output.
    pub file: Option<PathBuf>,
    /// Address of a collector instead.
    pub address: Option<String>,
}

impl Output {
    /// To a file, or to standard output.
    pub(super) fn to(format: &str, file: Option<PathBuf>) -> Self {
        Output { format: format.to_owned(), file, address: None }
    }
}

/// Formats that a collector of reports understands.
const SENT: &[&str] = &["json", "ndjson"];

/// Parses an output of a scan: as [`output`], or `FORMAT=https://...`.
///
/// # Errors
/// When there is no such format, or nothing can be sent to the address.
pub fn scan_output(text: &str) -> Result<Output, String> {
    let Some((format, address)) = text.split_once('=').filter(|(_, address)| is_address(address)) else {
        return output(text);
    };
    if !SENT.contains(&format) {
        return Err(format!("a collector takes {}; write json={address}", SENT.join(" or ")));
    }
    #[cfg(feature = "distribution")]
    crate::http::deliver::Destination::parse(address)?;
    if cfg!(not(feature = "distribution")) {
        return Err(
            "this debar was built without the feature `distribution`, so it opens no connection".to_owned()
        );
    }
    Ok(Output { format: format.to_owned(), file: None, address: Some(address.to_owned()) })
}

fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme.as_str()))
}

/// Parses `FORMAT[=FILE]`, or a file whose ending names the format.
///
/// # Errors
/// When there is no such format; names the ones there are.
pub fn output(text: &str) -> Result<Output, String> {
    let known: Vec<&str> = crate::report::FORMATS.iter().map(|format| format.name).collect();
    output_of(text, &known, &[("xml", "junit")])
}

/// The format that the ending of a file name stands for.
const ENDINGS: &[(&str, &str)] = &[
    ("txt", "text"),
    ("json", "json"),
    ("ndjson", "ndjson"),
    ("jsonl", "ndjson"),
    ("csv", "csv"),
    ("md", "markdown"),
    ("html", "html"),
    ("htm", "html"),
    ("sarif", "sarif"),
    ("sh", "sh"),
    ("ps1", "ps1"),
];

/// Parses `FORMAT[=FILE]` or a file whose ending names the format; `own` are endings that a command reads its own way.
///
/// # Errors
/// When there is no such format; names the ones there are.
pub fn output_of(text: &str, formats: &[&str], own: &[(&str, &str)]) -> Result<Output, String> {
    let (format, file) = match text.split_once('=') {
        Some((_, file)) if is_address(file) => {
            return Err("only `debar scan` sends reports to an address; write FORMAT=FILE".to_owned());
        }
        Some((_, file)) if is_url(file) => {
            let collector = "a report goes to a collector by -o json=https://HOST/%h/%s.json";
            return Err(format!("{file} is no file, and {collector}; for a file write FORMAT=FILE"));
        }
        Some((_, "")) => return Err("no file after `=`; leave it out to print".to_owned()),
        Some((format, file)) if formats.contains(&format) => (format, Some(PathBuf::from(file))),
        _ => (text, None),
    };
    if formats.contains(&format) {
        let file = file.filter(|file| file.as_os_str() != "-");
        return Ok(Output::to(format, file));
    }
    // `jsn=report.json` is a mistake in the format, not a file of that name.
    let is_misspelt = text.split_once('=').is_some_and(|(format, _)| !format.contains(['/', '.', '\\']));
    let ending = text.rsplit_once('.').filter(|_| !is_misspelt).map(|(_, ending)| ending.to_lowercase());
    let known = own.iter().chain(ENDINGS).filter(|(_, format)| formats.contains(format));
    let by_ending = known.into_iter().find(|(known, _)| ending.as_deref() == Some(*known));
    match by_ending {
        Some((_, format)) => Ok(Output::to(format, Some(PathBuf::from(text)))),
        None => Err(no_format(text, formats)),
    }
}

/// Whether a text is an address of a kind that nothing is written to.
fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Why a text names no output.
fn no_format(text: &str, formats: &[&str]) -> String {
    let known = formats.join(", ");
    if text == "-" {
        let format = formats.first().unwrap_or(&"text");
        return format!("it names no format; -o {format} prints to standard output. There are {known}");
    }
    let is_folder = Path::new(text).is_dir() || text.ends_with(['/', '\\']);
    if is_folder {
        let file = text.trim_end_matches(['/', '\\']);
        let format = formats.iter().find(|format| **format == "json").or(formats.first()).unwrap_or(&"text");
        return format!("it is a folder; name a file in it, for example -o {format}={file}/report");
    }
    let (head, _) = text.split_once('=').unwrap_or((text, ""));
    let near = crate::signature::nearest(head, formats.iter().copied());
    if let Some(near) = near {
        let rest = text.strip_prefix(head).unwrap_or_default();
        return format!("no such format; did you mean `{near}{rest}`? There are {known}");
    }
    match text.rsplit_once('.').filter(|_| !text.contains('=')) {
        Some((_, ending)) => {
            format!("no format has the ending .{ending}; write FORMAT={text}, where FORMAT is one of {known}")
        }
        None => format!("no such format; there are {known}; write FORMAT or FORMAT=FILE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs() {
        assert_eq!(output("json=/tmp/x"), Ok(Output::to("json", Some("/tmp/x".into()))));
        assert_eq!(output("csv=-"), Ok(Output::to("csv", None)));
        assert!(output("xml").is_err() && output("json=").is_err());
        let of = |text| output_of(text, &["sh", "json"], &[("sh", "sh"), ("json", "json")]);
        // A misspelt format is no file.
        assert!(of("a=b.sh").is_err());
        assert_eq!(of("./a=b.sh"), Ok(Output::to("sh", Some("./a=b.sh".into()))));
        assert_eq!(of("sh=x.y"), Ok(Output::to("sh", Some("x.y".into()))));
        assert_eq!(of("json"), Ok(Output::to("json", None)));
        assert!(of("x.y").is_err() && of("sh=").is_err());
    }
}
