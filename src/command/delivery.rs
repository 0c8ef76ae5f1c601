//! Files of reports whose names tell host, time and report: what a fleet drops into one folder or share.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::command::arguments::Global;
use crate::command::output_arguments::Output;
use crate::command::outputs::write_reports;
use crate::fs::directory::{Directory, name_bytes};
use crate::fs::tree::Tree as _;
use crate::model::{Error, TargetKind};
use crate::process::{self, Event, Gravity};
use crate::report::{ScanReport, Verdict, exit, read, verdict_line};
use crate::text::escape::printable;
use crate::text::hex::hex;

/// Checks that the `--keep` of a command line has an output to choose from.
///
/// # Errors
/// When no output's file name has the time.
pub(super) fn check_keep(outputs: &[Output]) -> Result<(), Error> {
    if outputs.iter().filter_map(|output| output.file.as_deref()).any(|file| Template::of(file).has_time()) {
        return Ok(());
    }
    let message = "--keep needs an output whose file name has the time, e.g. -o json=reports/%h-%t.json";
    Err(Error::Usage(message.to_owned()))
}

/// Checks that every `%` in the names of files is a placeholder that there is.
///
/// # Errors
/// Names the first one that would stay as it is.
pub(super) fn check_placeholders(outputs: &[Output]) -> Result<(), Error> {
    for file in outputs.iter().filter_map(|output| output.file.as_deref()) {
        let text = file.to_string_lossy().replace("%%", "");
        let unknown = text.split('%').skip(1).filter_map(|rest| rest.chars().next());
        if let Some(letter) =
            unknown.into_iter().find(|letter| letter.is_ascii_alphabetic() && !"hti".contains(*letter))
        {
            let hint = if letter == 's' { " (%s is for addresses of collectors)" } else { "" };
            return Err(Error::Usage(format!(
                "%{letter} in {} is no placeholder{hint}; there are %h (host), %t (time) and %i (target). Write %% for a percent sign",
                file.display()
            )));
        }
    }
    Ok(())
}

/// Checks that there is something for `--keep` to choose from, wherever it was set.
///
/// # Errors
/// When no output's file name has the time.
pub(super) fn check(outputs: &[Output], keep: Option<u16>) -> Result<(), Error> {
    // The config may say how many to keep; a scan that makes no file has nothing to remove.
    let has_files = outputs.iter().any(|output| output.file.is_some());
    if keep.is_some() && has_files { check_keep(outputs) } else { Ok(()) }
}

/// Checks that there is an event log to write to.
///
/// # Errors
/// When it is asked for and there is none.
pub(super) fn check_event_log(asked: bool) -> Result<(), Error> {
    if asked && !process::has_event_log() {
        let message = "--event-log writes into the event log of Windows, and this is another system; use -o syslog, \
                       which writes the verdict as a line of RFC 5424 to standard output or, as -o syslog=FILE, to a file";
        return Err(Error::Usage(message.to_owned()));
    }
    Ok(())
}

/// Writes the verdict of each report into the event log.
///
/// # Errors
/// When Windows does not take one.
pub(super) fn write_events(reports: &[ScanReport]) -> Result<(), Error> {
    reports.iter().try_for_each(|report| process::write_event(&event(report)).map_err(Error::EventLog))
}

/// The verdict of a report as an entry of the event log. Its number is 100 and the exit code that the verdict stands for.
fn event(report: &ScanReport) -> Event {
    let (gravity, code) = match report.verdict {
        Verdict::Found => (Gravity::Error, exit::FOUND),
        Verdict::Incomplete => (Gravity::Warning, exit::INCOMPLETE),
        Verdict::NotFound | Verdict::FilesChecked => (Gravity::Information, exit::OK),
    };
    let text = format!(
        "{}\nHost: {}\nTarget: {}\nGaps: {}\nFinished: {}",
        printable(&verdict_line(report)),
        printable(&report.target.host),
        printable(&report.target.name),
        report.gaps.len(),
        printable(&report.finished),
    );
    Event { gravity, id: 100 + u32::from(code), text }
}

/// Whether a path has placeholders, so that it is not known before the report is.
pub(super) fn varies(path: &Path) -> bool {
    Template::of(path).varies()
}

/// Writes reports: each into a file of its own where the name has placeholders, all into one elsewhere.
pub(super) fn deliver(
    outputs: &[Output],
    keep: Option<u16>,
    global: &Global,
    reports: &[ScanReport],
) -> Result<(), Error> {
    let has_place = |output: &&Output| output.file.as_deref().is_some_and(varies);
    // What goes to a collector is sent by `send::send`.
    let written_here = outputs.iter().filter(|output| output.address.is_none());
    let (each, together): (Vec<&Output>, Vec<&Output>) = written_here.partition(has_place);
    let mut written = BTreeSet::new();
    for report in reports {
        for output in &each {
            let Some(file) = &output.file else { continue };
            let template = Template::of(file);
            let path = distinct(template.path(report), &mut written);
            let one = Output::to(&output.format, Some(path));
            write_reports(&[one], global, |format, look, out| {
                (format.scan)(std::slice::from_ref(report), look, out)
            })?;
            if let Some(keep) = keep {
                template.prune(report, usize::from(keep), &output.format)?;
            }
        }
    }
    if together.is_empty() && !outputs.is_empty() {
        return Ok(());
    }
    let together: Vec<Output> = together.into_iter().cloned().collect();
    write_reports(&together, global, |format, look, out| (format.scan)(reports, look, out))
}

/// A path that nothing was written to in this run: two targets may give themselves the same host's name. Without case,
/// as file systems of Windows and macOS are.
fn distinct(path: PathBuf, written: &mut BTreeSet<String>) -> PathBuf {
    let key = |path: &Path| path.to_string_lossy().to_lowercase();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let numbered = (2_u64..).map(|number| path.with_file_name(format!("{stem}-{number}{ending}")));
    let free = std::iter::once(path.clone()).chain(numbered).find(|path| !written.contains(&key(path)));
    let free = free.unwrap_or(path);
    written.insert(key(&free));
    free
}

/// Whether a file that has the name of a report is one of the same machine and target: the name holds only what a host
/// calls itself. Formats that cannot be read back are known by name alone, which is enough for the machine itself.
fn is_of(folder: &Directory, name: &OsStr, format: &str, report: &ScanReport) -> bool {
    if !["json", "ndjson"].contains(&format) {
        return report.target.kind == TargetKind::Host;
    }
    let bytes = folder.open(&name_bytes(name)).and_then(|file| file.read_vec(0, read::MAX_BYTES));
    let Some(found) = bytes.ok().and_then(|bytes| read::read(&bytes).ok()) else { return false };
    let same = |other: &ScanReport| {
        let (was, is) = (&other.target, &report.target);
        (&was.machine_id, was.kind, &was.name, &was.host) == (&is.machine_id, is.kind, &is.name, &is.host)
    };
    !found.is_empty() && found.iter().all(same)
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Host,
    Time,
    Id,
}

/// A path with placeholders: `%h` host, `%t` time, `%i` id of the report; `%%` is a percent sign.
struct Template<'a> {
    path: &'a Path,
    parts: Vec<Part>,
}

impl<'a> Template<'a> {
    fn of(path: &'a Path) -> Self {
        // A path that is not UTF-8 has no placeholders.
        Template { path, parts: path.to_str().map(parts).unwrap_or_default() }
    }

    fn varies(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Text(_)))
    }

    fn has_time(&self) -> bool {
        self.path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| parts(name).contains(&Part::Time))
    }

    fn path(&self, report: &ScanReport) -> PathBuf {
        filled(&self.parts, report).into()
    }

    /// Removes all but the newest files of this machine and target that have such a name.
    fn prune(&self, report: &ScanReport, keep: usize, format: &str) -> Result<(), Error> {
        let path = self.path(report);
        let Some(name) = self.path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
        let parts = parts(name);
        if !parts.contains(&Part::Time) {
            return Ok(());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |source| Error::Output { path: folder.to_path_buf(), source };
        // Never through a link or into a pipe that took the place of a report.
        let reading = Directory::open(folder).map_err(failed)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if let Some(time) = entry.file_name().to_str().and_then(|name| time_of(&parts, name, report))
                && is_file
                && is_of(&reading, &entry.file_name(), format, report)
            {
                files.push((time, entry.path()));
            }
        }
        files.sort();
        let surplus = files.len().saturating_sub(keep.max(1));
        for (_, file) in files.into_iter().take(surplus) {
            fs::remove_file(&file).map_err(|source| Error::Output { path: file, source })?;
        }
        Ok(())
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let rest = chars.as_str();
        let part = match (char, rest.chars().next()) {
            ('%', Some('h')) => Part::Host,
            ('%', Some('t')) => Part::Time,
            ('%', Some('i')) => Part::Id,
            ('%', Some('%')) => Part::Text("%".to_owned()),
            _ => {
                plain.push(char);
                continue;
            }
        };
        chars.next();
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(part);
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    parts
}

fn filled(parts: &[Part], report: &ScanReport) -> String {
    let fill = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Host => host(report),
        Part::Time => time(report),
        Part::Id => id(report),
    };
    parts.iter().map(fill).collect()
}

/// The host as a part of a file name, whatever it is called.
fn host(report: &ScanReport) -> String {
    let safe = |char: char| if char.is_alphanumeric() || "-_.".contains(char) { char } else { '_' };
    let name: String = report.target.host.chars().take(100).map(safe).collect();
    name.strip_prefix('.').map(|rest| format!("_{rest}")).unwrap_or(name)
}

/// A time without what Windows does not take in names of files: 20250131T102030Z.
pub(super) fn time(report: &ScanReport) -> String {
    report.finished.chars().filter(|char| !matches!(char, '-' | ':')).collect()
}

/// A digest of the report.
pub(super) fn id(report: &ScanReport) -> String {
    let bytes = serde_json::to_vec(report).unwrap_or_else(|error| error.to_string().into_bytes());
    Sha256::digest(bytes).get(..6).map(hex).unwrap_or_default()
}

/// The time in a file name that was made by these parts for this host, also when it was numbered; see [`distinct`].
fn time_of(parts: &[Part], name: &str, report: &ScanReport) -> Option<String> {
    let plain = || {
        let (stem, ending) = name
            .rsplit_once('.')
            .map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
        let (stem, number) = stem.rsplit_once('-')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        time_in(parts, &format!("{stem}{ending}"), report).filter(|_| is_number)
    };
    time_in(parts, name, report).or_else(plain)
}

/// The time in a file name that was made by these parts for this host.
fn time_in(parts: &[Part], name: &str, report: &ScanReport) -> Option<String> {
    let mut rest = name;
    let mut found = None;
    for part in parts {
        let length = match part {
            Part::Text(text) => rest.starts_with(text.as_str()).then_some(text.len())?,
            Part::Host => {
                let host = host(report);
                rest.starts_with(&host).then_some(host.len())?
            }
            Part::Time => {
                let time = rest.get(..16)?;
                let is_time = time.char_indices().all(|(at, char)| match at {
                    8 => char == 'T',
                    15 => char == 'Z',
                    _ => char.is_ascii_digit(),
                });
                is_time.then_some(())?;
                found = Some(time.to_owned());
                16
            }
            Part::Id => rest.get(..12)?.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(12)?,
        };
        rest = rest.get(length..)?;
    }
    found.filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_has_an_event_of_its_own_whose_text_breaks_no_line() {
        let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
        let mut report = crate::report::read::read(text.as_bytes()).unwrap().remove(0);
        report.target.host = "pc\n7".to_owned();
        let found = event(&report);
        assert_eq!((found.gravity, found.id), (Gravity::Error, 101));
        let lines: Vec<&str> = found.text.lines().collect();
        assert!(lines[0].starts_with("banned software found: "), "{}", found.text);
        assert_eq!((lines.len(), lines[1]), (5, "Host: pc\\u{a}7"));
        report.verdict = Verdict::Incomplete;
        assert_eq!((event(&report).gravity, event(&report).id), (Gravity::Warning, 103));
        report.verdict = Verdict::NotFound;
        assert_eq!((event(&report).gravity, event(&report).id), (Gravity::Information, 100));
    }

    #[test]
    fn no_target_writes_over_the_report_of_another() {
        let mut written = BTreeSet::new();
        let mut next = |name: &str| distinct(PathBuf::from(name), &mut written);
        assert_eq!(next("a/pc.json"), PathBuf::from("a/pc.json"));
        assert_eq!(next("a/pc.json"), PathBuf::from("a/pc-2.json"));
        assert_eq!(next("a/PC.json"), PathBuf::from("a/PC-3.json"));
        assert_eq!(next("b/pc.json"), PathBuf::from("b/pc.json"));
    }

    #[test]
    fn only_reports_of_the_same_machine_and_target_are_removed() {
        let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
        let report = read::read(text.as_bytes()).unwrap().remove(0);
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut other = report.clone();
        other.target.machine_id = Some("another".to_owned());
        let json = |report: &ScanReport| serde_json::to_vec(report).unwrap();
        fs::write(at("h-20200101T000000Z.json"), json(&report)).unwrap();
        fs::write(at("h-20200102T000000Z-2.json"), json(&report)).unwrap();
        fs::write(at("h-20200103T000000Z.json"), json(&other)).unwrap();
        fs::write(at("h-20200104T000000Z.json"), "{}").unwrap();
        fs::write(at("h-20200105T000000Z.json"), json(&report)).unwrap();
        let path = at("h-%t.json");
        Template::of(&path).prune(&report, 1, "json").unwrap();
        let mut left: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let days = ["h-20200103T000000Z.json", "h-20200104T000000Z.json", "h-20200105T000000Z.json"];
        assert_eq!(left, days);
    }

    #[test]
    fn placeholders_and_what_only_looks_like_one() {
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(parts("a/%h-%t.json"), [text("a/"), Part::Host, text("-"), Part::Time, text(".json")]);
        assert_eq!(parts("100%"), [text("100%")]);
        assert_eq!(parts("%%h%x"), [text("%"), text("h%x")]);
    }
}
