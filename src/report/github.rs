//! `github`: workflow commands, which GitHub Actions turns into annotations of the run.
//!
//! The runner reads commands from both streams of a step. A scan that runs there (`GITHUB_ACTIONS=true`) writes them
//! to standard error by itself, so that what is printed stays what was asked for. It writes nothing to the files that
//! GitHub names in variables; a job summary is made by `-o markdown=$GITHUB_STEP_SUMMARY`.
//! GitHub keeps ten errors and ten warnings of a step; the last one here says how many there are more.

use std::io::{self, Write};

use super::verdict::blind;
use super::words::{self, headline, plural};
use super::{GapEntry, Look, ScanReport};
use crate::model::State;
use crate::text::escape::printable;

/// Annotations of one level that GitHub keeps of a step.
const MAX: usize = 10;

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for report in reports {
        let host = &report.target.host;
        for finding in report.findings.iter().filter(|finding| finding.fails()) {
            let mut message = format!("{} on {host}: {}.", finding.product.name, words::standing_of(finding));
            if let Some(first) = finding.evidence.first() {
                message.push_str(&format!(" {} at {}.", headline(&first.fields), first.location));
                if let Some(layer) = &first.location.layer {
                    message.push_str(&format!(" It came with {}.", words::layer(layer)));
                }
            }
            let title = format!("{} ({})", finding.product.name, finding.state.word());
            match finding.state {
                State::Running | State::Installed => errors.push((title, message)),
                _ => warnings.push((title, message)),
            }
        }
        let unread: Vec<GapEntry> =
            blind(&report.gaps).filter(|gap| gap.exception.is_none()).cloned().collect();
        if !unread.is_empty() {
            let gaps = words::gaps(&unread);
            let first = gaps.keys().next();
            let first =
                first.map(|(place, kind, detail)| format!(" First: {} {place}: {detail}", kind.word()));
            let message = format!(
                "{} of {host} could not be read. This is not a clean result.{}",
                plural(words::places(&unread), "place"),
                first.unwrap_or_default()
            );
            // Before the findings of that level: it is what must not fall off the end.
            warnings.insert(0, ("Incomplete scan".to_owned(), message));
        }
    }
    commands("error", &errors, out)?;
    commands("warning", &warnings, out)
}

fn commands(level: &str, lines: &[(String, String)], out: &mut dyn Write) -> io::Result<()> {
    let room = if lines.len() > MAX { MAX - 1 } else { MAX };
    for (title, message) in lines.iter().take(room) {
        writeln!(out, "::{level} title={}::{}", property(title), data(message))?;
    }
    if lines.len() > room {
        let message = format!("{} more are in the reports of this run.", lines.len() - room);
        writeln!(out, "::{level} title=debar::{}", data(&message))?;
    }
    Ok(())
}

/// A message, as the toolkit of GitHub escapes it. No line break is left: a command ends with its line.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_command() {
        assert_eq!(data("a\n::error::b%0A"), "a\\u{a}::error::b%250A");
        assert_eq!(property("a,b::c"), "a%2Cb%3A%3Ac");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let lines: Vec<_> = (0..12).map(|at| (format!("t{at}"), "m".to_owned())).collect();
        let mut out = Vec::new();
        commands("error", &lines, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 10);
        assert!(text.ends_with("::error title=debar::3 more are in the reports of this run.\n"));
    }
}
