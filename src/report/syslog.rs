//! `syslog`: one line of RFC 5424 for each target: what the scan came to, for collectors of logs.

use std::io::{self, Write};

use super::{Look, ScanReport, Verdict, verdict};
use crate::text::escape::printable;

/// Facility `local0`.
const FACILITY: u8 = 16;
/// The private enterprise number that RFC 5612 keeps for documentation; debar has none of its own.
const ENTERPRISE: u32 = 32473;

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    reports.iter().try_for_each(|report| writeln!(out, "{}", line(report)))
}

fn line(report: &ScanReport) -> String {
    // Error, notice, informational.
    let severity = match report.verdict {
        Verdict::Found => 3,
        Verdict::Incomplete => 5,
        Verdict::NotFound | Verdict::FilesChecked => 6,
    };
    let products = products(report);
    let parameters = [
        ("verdict", report.verdict.word().to_owned()),
        ("findings", products.len().to_string()),
        ("gaps", report.gaps.len().to_string()),
        ("products", products.join(" ")),
        ("target", report.target.name.clone()),
    ];
    let skipped: Vec<&str> = verdict::skipped(report).map(|place| place.place.as_str()).collect();
    let also_here: Vec<&str> = report.also_here.iter().map(|finding| finding.id.as_str()).collect();
    let possible: Vec<&str> = report.possible.iter().map(|finding| finding.id.as_str()).collect();
    let more = [
        ("skipped", skipped.join(" ")),
        ("also_here", also_here.join(" ")),
        ("possible", possible.join(" ")),
        ("checked", verdict::checked(report).unwrap_or_default()),
    ];
    let parameters = parameters.into_iter().chain(more.into_iter().filter(|(_, value)| !value.is_empty()));
    let parameters: String =
        parameters.map(|(name, value)| format!(" {name}=\"{}\"", quoted(&value))).collect();
    // The mark says that the message is UTF-8.
    format!(
        "<{}>1 {} {} debar - scan [debar@{ENTERPRISE}{parameters}] \u{feff}{}",
        FACILITY * 8 + severity,
        report.finished,
        host(&report.target.host),
        printable(&verdict_line(report))
    )
}

/// What counts, each with its state and the exception that lets it pass.
fn products(report: &ScanReport) -> Vec<String> {
    let counted = report.findings.iter().filter(|finding| finding.counts());
    counted
        .map(|finding| {
            let excepted =
                finding.exception.as_ref().map(|exception| format!("(exception:{})", exception.id));
            format!("{}={}{}", finding.id, finding.state.word(), excepted.unwrap_or_default())
        })
        .collect()
}

/// What a scan came to, in a sentence for logs; to be made printable by the caller.
pub fn verdict_line(report: &ScanReport) -> String {
    match report.verdict {
        Verdict::Found => format!("banned software found: {}", products(report).join(" ")),
        Verdict::Incomplete => {
            let unread = super::words::places(verdict::blind(&report.gaps));
            format!("nothing banned found, but {} not read", super::words::were(unread, "place"))
        }
        Verdict::FilesChecked => "nothing banned found among the files, no operating system here".to_owned(),
        Verdict::NotFound => {
            let mut text = "nothing banned found".to_owned();
            let (skipped, limited) = (verdict::skipped(report).count(), verdict::limited(report).len());
            if skipped + limited + report.possible.len() == 0 {
                text.push_str(", everything was read");
            }
            if !report.possible.is_empty() {
                text.push_str(&format!(
                    ", {}",
                    super::words::plural(report.possible.len(), "possible trace")
                ));
            }
            if skipped > 0 {
                text.push_str(&format!(", {} skipped", super::words::plural(skipped, "place")));
            }
            if limited > 0 {
                text.push_str(&format!(", {} not checked", super::words::plural(limited, "detail")));
            }
            text
        }
    }
}

/// A host name in the header: letters, digits and what names and addresses have between them.
fn host(name: &str) -> String {
    let is_safe = |char: char| char.is_ascii_alphanumeric() || "._-:/".contains(char);
    let safe = |char: char| if is_safe(char) { char } else { '_' };
    let name: String = name.chars().take(255).map(safe).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

/// A value of structured data.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len());
    for char in printable(value).chars() {
        if matches!(char, '"' | '\\' | ']') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_no_data_and_hosts_no_header() {
        assert_eq!(quoted("a\"]\\\n"), "a\\\"\\]\\\\\\\\u{a}");
        assert_eq!((host("a b\n"), host("")), ("a_b_".to_owned(), "-".to_owned()));
        assert_eq!(host("##vso[x]y"), "__vso_x_y");
    }
}
