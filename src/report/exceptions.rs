//! Exceptions: decisions to live with a finding for a while, from a file that the user names.
//!
//! An excepted finding or gap stays in every report with its exception, and only does not count for the exit code. An
//! exception with a path covers a finding only if all of its own evidence lies there: a second copy elsewhere is not
//! excused with the first. One that has expired covers nothing, and one that covers nothing is reported, because both
//! mean that someone decided on something that is not so any more.

mod read;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Exception, Finding, VexStatus};
use crate::model::GapKind;
use crate::report::{GapEntry, ScanReport};
use crate::signature::nearest;
pub use read::{load, parse};

/// How many days before its end an exception is reported.
const SOON: i32 = 14;

/// A file of exceptions, TOML or JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionsFile {
    /// Where the schema lies, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The number of the file format: 1.
    pub format: u32,
    /// The exceptions; of several that cover a finding, the first is shown.
    pub exceptions: Vec<Granted>,
}

/// An exception as it was granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Granted {
    /// Short id: letters, digits, dashes, dots and underscores.
    pub id: String,
    /// The product or finding, `vendor/product`; `*` stands for any characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Instead of a product: gaps of this kind, e.g. `denied`; `*` stands for any characters. Needs a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
    /// Only these pieces of evidence, by id; the finding is covered when it has no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Only on hosts of this name, never for images; `*` stands for any characters. Without case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Only when all evidence, or the gap, lies at this path or below it; `*` stands for any characters but slashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only in this image: its digest, or what the user called it on the command line (`--as`), with `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, YYYY-MM-DD.
    pub expires: String,
    /// How the finding stands with it, in the words of VEX.
    #[serde(default)]
    pub status: VexStatus,
    /// Why it stands so, in the words of VEX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// Checked exceptions and the file that they come from.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    pub(super) granted: Vec<(Granted, Date)>,
}

impl Exceptions {
    /// Attaches the exceptions that hold on a day to the findings that they cover, and adds warnings to the first
    /// report on those that have expired, end soon or cover nothing. Returns the warnings.
    pub fn apply(&self, reports: &mut [ScanReport], day: Date) -> Vec<String> {
        let mut used = vec![false; self.granted.len()];
        let mut warnings = Vec::new();
        for report in reports.iter_mut() {
            let names = Names::of(report);
            warnings.extend(self.by_own_word(report, &names));
            for gap in &mut report.gaps {
                for ((granted, last), used) in self.granted.iter().zip(&mut used) {
                    if !granted.covers_gap(gap, &names) {
                        continue;
                    }
                    *used = true;
                    if *last >= day && gap.exception.is_none() {
                        gap.exception = Some(granted.shown());
                    }
                }
            }
            for finding in report.findings.iter_mut().chain(&mut report.possible) {
                for ((granted, last), used) in self.granted.iter().zip(&mut used) {
                    if !granted.covers(finding, &names) {
                        continue;
                    }
                    *used = true;
                    if *last >= day && finding.exception.is_none() {
                        finding.exception = Some(granted.shown());
                    }
                }
            }
        }
        for ((granted, last), used) in self.granted.iter().zip(used) {
            let left = day.until(*last).map_or(0, |span| span.get_days());
            let (id, owner) = (&granted.id, &granted.owner);
            if *last < day {
                let what = if granted.gap.is_some() { "gap" } else { "finding" };
                let effect =
                    if used { format!("its {what} counts again") } else { "and nothing fits it".to_owned() };
                warnings.push(format!(
                    "exception {id} expired on {last}, {effect}; renew or remove it (owner: {owner})"
                ));
            } else if !used {
                let known =
                    reports.iter().flat_map(|report| &report.findings).map(|finding| finding.id.as_str());
                let product = granted.product.as_deref().unwrap_or_default();
                let hint = nearest(product, known).filter(|near| *near != product);
                let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let what = granted.product.as_ref().or(granted.gap.as_ref()).map_or("", String::as_str);
                warnings
                    .push(format!("exception {id} for {what} covers nothing here{hint} (owner: {owner})"));
            } else if left <= SOON {
                warnings.push(format!("exception {id} ends on {last} (owner: {owner})"));
            }
        }
        if let Some(first) = reports.first_mut() {
            first.warnings.extend(warnings.iter().cloned());
        }
        warnings
    }
}

impl Exceptions {
    /// Warnings on exceptions that would hold for an image only by what it says of itself.
    fn by_own_word(&self, report: &ScanReport, names: &Names) -> Vec<String> {
        let concerns = |granted: &Granted| {
            let product = |pattern: &String| report.findings.iter().any(|finding| fits(pattern, &finding.id));
            granted.product.as_ref().is_some_and(product) && granted.fits_claim(names)
        };
        let refused = self.granted.iter().filter(|(granted, _)| concerns(granted));
        let text = |(granted, _): &(Granted, Date)| {
            let digest = names.images.first().map(String::as_str).unwrap_or_default();
            format!(
                "exception {} fits {} only by what the image says of itself, so it does not hold; write its digest {digest} \
                 into `image`, or say --as NAME",
                granted.id, report.target.name
            )
        };
        refused.map(text).collect()
    }
}

/// What exceptions may know a target by. What an image calls itself is no permission: everybody can write any tag and any
/// `/etc/hostname` into an archive.
struct Names {
    /// Of a machine.
    host: Option<String>,
    /// Of an image: its digest, and what the user called it.
    images: Vec<String>,
    /// What an image calls itself.
    claimed: Vec<String>,
}

impl Names {
    fn of(report: &ScanReport) -> Self {
        let target = &report.target;
        if target.kind != crate::model::TargetKind::Image {
            return Names { host: Some(target.host.clone()), images: Vec::new(), claimed: Vec::new() };
        }
        // Behind the name that the user gave stands what the archive or store calls the image.
        let typed = match target.name.strip_suffix(')').and_then(|name| name.split_once(" (")) {
            Some((typed, _)) => typed,
            None => target.name.split('#').next().unwrap_or_default(),
        };
        let image = target.image.as_ref();
        let digest = image.map(|image| image.digest.clone()).into_iter();
        let references = image.map(|image| image.references.clone()).unwrap_or_default();
        Names {
            host: None,
            images: digest.chain([typed.to_owned()]).collect(),
            claimed: references.into_iter().chain([target.host.clone(), target.name.clone()]).collect(),
        }
    }
}

impl Granted {
    fn covers(&self, finding: &Finding, names: &Names) -> bool {
        // What the vendor's products share goes with the product, wherever it lies.
        let own = || finding.evidence.iter().filter(|one| !one.shared);
        self.product.as_ref().is_some_and(|product| fits(product, &finding.id))
            && self.is_for(names)
            && self.path.as_ref().is_none_or(|path| {
                own().next().is_some() && own().all(|one| is_at(path, one.location.path.as_deref()))
            })
            && (self.evidence.is_empty()
                || (finding.evidence_omitted == 0 && own().all(|one| self.evidence.contains(&one.id))))
    }

    /// A scan that was stopped, or a collector that crashed, is nothing to decide on beforehand.
    fn covers_gap(&self, gap: &GapEntry, names: &Names) -> bool {
        !matches!(gap.kind, GapKind::Interrupted | GapKind::Crashed)
            && self.gap.as_ref().is_some_and(|kind| fits(kind, gap.kind.word()))
            && self.is_for(names)
            && self.path.as_ref().is_some_and(|path| is_at(path, Some(&gap.place)))
    }

    fn is_for(&self, names: &Names) -> bool {
        let host = names.host.as_ref().map(|host| host.to_lowercase());
        let is_host =
            |pattern: &String| host.as_ref().is_some_and(|host| fits(&pattern.to_lowercase(), host));
        self.host.as_ref().is_none_or(is_host)
            && self.image.as_ref().is_none_or(|pattern| names.images.iter().any(|name| fits(pattern, name)))
    }

    /// Whether it would fit if an image were what it calls itself.
    fn fits_claim(&self, names: &Names) -> bool {
        let lower: Vec<String> = names.claimed.iter().map(|name| name.to_lowercase()).collect();
        let image = self.image.as_ref().map(|pattern| names.claimed.iter().any(|name| fits(pattern, name)));
        let host =
            self.host.as_ref().map(|pattern| lower.iter().any(|name| fits(&pattern.to_lowercase(), name)));
        !self.is_for(names) && image.or(host).is_some() && image.unwrap_or(true) && host.unwrap_or(true)
    }

    fn shown(&self) -> Exception {
        Exception {
            id: self.id.clone(),
            owner: self.owner.clone(),
            reason: self.reason.clone(),
            expires: Some(self.expires.clone()),
            status: self.status,
            justification: self.justification.clone(),
        }
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    crate::text::wildcard(pattern.as_bytes(), text.as_bytes())
}

/// Whether a path fits a pattern, component by component, or lies below what fits.
fn is_at(pattern: &str, path: Option<&str>) -> bool {
    let Some(path) = path else { return false };
    let parts = |text: &str| -> Vec<String> {
        text.split(['/', '\\']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (pattern, path) = (parts(pattern), parts(path));
    path.len() >= pattern.len()
        && !path.iter().any(|part| part == "..")
        && pattern.iter().zip(&path).all(|(pattern, part)| pattern == "**" || fits(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::Problem;

    const TOML: &str = "format = 1\n\n[[exceptions]]\nid = \"lab-1\"\nproduct = \"v/*\"\nhost = \"LAB-*\"\n\
        path = \"/opt/lab\"\nowner = \"o\"\nreason = \"r\"\nexpires = \"2027-01-31\"\n";

    fn problems(text: &str, is_json: bool) -> String {
        let problems = parse("f", text, is_json).unwrap_err();
        problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn mistakes_have_line_and_column_in_both_syntaxes() {
        for (from, to, expected) in [
            ("expires = \"2027-01-31\"", "expires = \"soon\"", "f:10:11: not a day"),
            ("owner = \"o\"", "owner = \" \"", "f:8:9: an exception needs its owner"),
            ("product = \"v/*\"", "product = \"*/*\"", "f:5:11: it would cover everything"),
            ("path = \"/opt/lab\"", "path = \"/\"", "f:7:8: it would cover everything"),
            ("reason", "raeson", "did you mean `reason`?"),
            ("format = 1", "format = 2", "f:1:10: this debar reads format 1"),
            ("format = 1", "format = ", "f:1:"),
        ] {
            let text = TOML.replace(from, to);
            assert!(problems(&text, false).contains(expected), "{to}: {}", problems(&text, false));
        }
        let json = "{\"format\": 1, \"exceptions\": [\n {\"id\": \"a b\", \"product\": \"v/p\", \"owner\": \"o\",\n\
            \"reason\": \"r\", \"expires\": \"2027-02-30\", \"expires\": \"2027-02-30\"}]}";
        assert!(problems(json, true).contains("duplicate field"));
        let json = json.replace(", \"expires\": \"2027-02-30\"}", "}");
        assert_eq!(
            problems(&json, true),
            "f:2:9: an id has letters, digits, dashes, dots and underscores\n\
             f:3:27: not a day; write YYYY-MM-DD, the last day on which it holds"
        );
    }

    fn report() -> ScanReport {
        let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
        let text = text.replace("\"host\": \"a\"", "\"host\": \"lab-7\"").replace("\"/s\"", "\"/opt/lab/s\"");
        crate::report::read::read(text.as_bytes()).unwrap().remove(0)
    }

    /// Whether the exception is attached, and the warnings.
    fn applied(text: &str, report: ScanReport, day: &str) -> (bool, String) {
        let mut reports = [report];
        let warnings = parse("f", text, false).unwrap().apply(&mut reports, day.parse().unwrap());
        assert_eq!(reports[0].warnings, warnings);
        (reports[0].findings[0].exception.is_some(), warnings.join("\n"))
    }

    #[test]
    fn an_exception_covers_what_it_names_until_its_last_day() {
        assert_eq!(applied(TOML, report(), "2026-11-24"), (true, String::new()));
        let (covered, warnings) = applied(TOML, report(), "2027-01-31");
        assert!(covered && warnings.contains("ends on 2027-01-31"));
        let (covered, warnings) = applied(TOML, report(), "2027-02-01");
        assert!(
            !covered && warnings.contains("expired on 2027-01-31, its finding counts again"),
            "{warnings}"
        );
        for (from, to) in [
            ("v/*", "v/other"),
            ("LAB-*", "x-*"),
            ("/opt/lab", "/opt/la"),
            ("host = \"LAB-*\"", "image = \"x\""),
        ] {
            let (covered, warnings) = applied(&TOML.replace(from, to), report(), "2026-11-24");
            assert!(!covered && warnings.contains("covers nothing here"), "{to}");
        }
    }

    #[test]
    fn a_gap_is_accepted_at_its_place_until_the_last_day() {
        let gap = TOML.replace("product = \"v/*\"", "gap = \"denied\"").replace("LAB-*", "*");
        let with = |kind: GapKind, place: &str| {
            let mut report = report();
            let gap = crate::model::Gap {
                kind,
                collector: "program_files".into(),
                place: place.into(),
                detail: "x".into(),
            };
            report.gaps = vec![gap.into()];
            report
        };
        let accepted = |text: &str, report: ScanReport, day: &str| {
            let mut reports = [report];
            let warnings = parse("f", text, false).unwrap().apply(&mut reports, day.parse().unwrap());
            (reports[0].gaps[0].exception.is_some(), warnings.join("\n"))
        };
        let denied = || with(GapKind::Denied, "/opt/lab/secret");
        assert_eq!(accepted(&gap, denied(), "2026-11-24"), (true, String::new()));
        let (is, warnings) = accepted(&gap, denied(), "2027-02-01");
        assert!(!is && warnings.contains("its gap counts again"), "{warnings}");
        for other in [
            with(GapKind::Corrupt, "/opt/lab/secret"),
            with(GapKind::Denied, "/opt/other"),
            with(GapKind::Interrupted, "/opt/lab"),
        ] {
            assert!(!accepted(&gap, other, "2026-11-24").0);
        }
        let any = gap.replace("\"denied\"", "\"*\"");
        assert!(accepted(&any, with(GapKind::Corrupt, "/opt/lab"), "2026-11-24").0);
        assert!(!accepted(&any, with(GapKind::Interrupted, "/opt/lab"), "2026-11-24").0);
        for (from, to, expected) in [
            ("\"denied\"", "\"denyed\"", "did you mean `denied`?"),
            ("path = \"/opt/lab\"", "", "needs its path"),
            ("gap = \"denied\"", "", "needs a product, or a gap"),
            ("gap = \"denied\"", "gap = \"denied\"\nproduct = \"v/p\"", "for a product or for a gap"),
        ] {
            assert!(problems(&gap.replace(from, to), false).contains(expected), "{to}");
        }
    }

    #[test]
    fn an_image_is_named_by_its_digest_and_by_what_the_user_called_it() {
        let mut image = report();
        image.target.kind = crate::model::TargetKind::Image;
        let digest = format!("sha256:{}", "ab".repeat(32));
        let references = vec!["registry.example.org/app:1.2".to_owned()];
        image.target.image = Some(crate::report::ImageName { digest: digest.clone(), references });
        image.target.name = "app-1.tar (registry.example.org/app:1.2)".to_owned();
        for (name, fits) in [
            (digest.as_str(), true),
            ("registry.example.org/app:*", false),
            ("app-*", true),
            ("sha256:00", false),
            ("registry.example.org/other:*", false),
        ] {
            let text = TOML.replace("host = \"LAB-*\"", &format!("image = \"{name}\""));
            assert_eq!(applied(&text, image.clone(), "2026-11-24").0, fits, "{name}");
        }
        // Everybody can write a host's name into an image.
        image.target.host = "lab-1".to_owned();
        assert!(!applied(&TOML.replace("path = \"/opt/lab\"\n", ""), image.clone(), "2026-11-24").0);
        // The same digest says nothing about a host.
        image.target.kind = crate::model::TargetKind::Host;
        let text = TOML.replace("host = \"LAB-*\"", &format!("image = \"{digest}\""));
        assert!(!applied(&text, image, "2026-11-24").0);
    }

    #[test]
    fn a_second_copy_elsewhere_is_not_excused() {
        let mut two = report();
        let mut copy = two.findings[0].evidence[0].clone();
        copy.location.path = Some("/opt/other/s".to_owned());
        copy.id = "ev-2".to_owned();
        two.findings[0].evidence.push(copy);
        assert!(!applied(TOML, two.clone(), "2026-11-24").0);
        let first = two.findings[0].evidence[0].id.clone();
        let by_id = TOML.replace("path = \"/opt/lab\"", &format!("evidence = [\"{first}\"]"));
        assert!(!applied(&by_id, two, "2026-11-24").0);
        assert!(applied(&by_id, report(), "2026-11-24").0);
    }
}
