//! `text`: for people, at 80 columns. The short form ends with the verdict; `-v` shows everything, the verdict first, then
//! findings with evidence and removal, then what could not be read, then what was.

mod brief;
mod page;

use std::collections::BTreeSet;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::verdict::{self, blind};
use super::words::{self, duration, headline, places, plural, standing};
use super::{ArtifactEntry, GapEntry, InventoryReport, Look, ScanReport, Verdict, Versions};
use crate::finding::{Evidence, Finding};
use crate::model::{Coverage, Outcome, Skipped};
use crate::signature::rules::AppliedRule;
use crate::signature::{Status, Strength};
use crate::text::escape::{self, printable};
use crate::write::style::{Paint, middle_cut};
use page::Page;

/// Where more rules than these speak, those of states and countries are only counted unless asked for.
const FULL_RULES: usize = 10;
/// Evidence shown per finding unless asked for more.
const SHORT_EVIDENCE: usize = 8;
/// Gaps shown unless asked for more.
const SHORT_GAPS: usize = 12;

pub(super) fn scan(reports: &[ScanReport], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, look, paint: Paint(look.colour) };
    for (at, report) in reports.iter().enumerate() {
        if at > 0 {
            page.blank()?;
        }
        match look.verbose {
            0 => brief::scan(&mut page, report)?,
            _ => page.scan(report)?,
        }
    }
    page.tally(reports)
}

pub(super) fn inventory(reports: &[InventoryReport], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, look, paint: Paint(look.colour) };
    for report in reports {
        page.inventory(report)?;
    }
    Ok(())
}

impl Page<'_> {
    /// What several targets come to.
    fn tally(&mut self, reports: &[ScanReport]) -> io::Result<()> {
        if let [] | [_] = reports {
            return Ok(());
        }
        self.blank()?;
        let paint = self.paint;
        let (_, summary) = verdict::verdicts(reports);
        self.painted(0, "", &format!("{summary}."), |line| paint.strong(line))
    }

    fn scan(&mut self, report: &ScanReport) -> io::Result<()> {
        self.verdict(report)?;
        for finding in &report.findings {
            self.blank()?;
            self.finding(finding)?;
        }
        self.possible(&report.possible)?;
        self.rules(&report.findings)?;
        self.gaps(&report.gaps)?;
        if !report.warnings.is_empty() {
            self.blank()?;
        }
        let paint = self.paint;
        for warning in &report.warnings {
            self.painted(0, "", &format!("Warning: {warning}"), |line| paint.caution(line))?;
        }
        self.coverage(&report.coverage, &report.skipped, &report.versions)?;
        self.blank()?;
        let versions = &report.versions;
        let signatures = words::signatures(report);
        self.text(
            0,
            "",
            &format!(
                "Scanned in {} as {}{}; debar {}, signatures: {}; rules as of {}.",
                duration(report.duration_ms),
                versions.account,
                if versions.elevated { "" } else { " (not elevated)" },
                versions.debar,
                signatures,
                report.as_of,
            ),
        )
    }

    fn verdict(&mut self, report: &ScanReport) -> io::Result<()> {
        let head = verdict::heading(report);
        let head = match report.verdict {
            Verdict::Found if verdict::is_excepted(report) => self.paint.caution(&head),
            Verdict::Found => self.paint.bad(&head),
            Verdict::NotFound | Verdict::FilesChecked => self.paint.good(&head),
            Verdict::Incomplete => self.paint.caution(&head),
        };
        writeln!(self.out, "{head}")?;
        for line in verdict::lines(report) {
            self.text(0, "", &line)?;
        }
        let os = &report.target.os;
        let os = if os.name.is_empty() { "operating system not recognised" } else { &os.name };
        let target = format!("Target: {} ({os})", report.target.name);
        self.text(0, "", &target)?;
        if let Some(image) = &report.target.image {
            self.text(0, "", &format!("Image: {}", words::image(image)))?;
        }
        let unread = places(blind(&report.gaps));
        if report.verdict == Verdict::Found && unread > 0 {
            let sentence = format!("{} could not be read; there may be more.", plural(unread, "place"));
            self.text(0, "", &sentence)?;
        }
        Ok(())
    }

    /// What only weak signs point to.
    fn possible(&mut self, possible: &[Finding]) -> io::Result<()> {
        if possible.is_empty() {
            return Ok(());
        }
        self.blank()?;
        let head = format!("Possible traces ({})", possible.len());
        writeln!(self.out, "{}", self.paint.caution(&head))?;
        let sentence = "Weak signs that are no proof. Check them by hand; they give exit code 1 only with --fail-on possible.";
        self.text(2, "", sentence)?;
        for trace in possible {
            self.text(2, "- ", &format!("{} [{}]", trace.product.name, trace.product.id))?;
            self.evidence_of(trace)?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let status = finding.status.word();
        let status = match (finding.status, finding.in_force) {
            (Status::Banned, true) => self.paint.bad(status),
            (Status::Banned, false) => self.paint.caution("listed, no rule in force"),
            _ => self.paint.caution(status),
        };
        let (name, id) = (printable(&finding.product.name), format!("[{}]", finding.product.id));
        let paint = self.paint;
        if name.width() + 2 + id.width() <= self.look.width {
            writeln!(self.out, "{}  {}", paint.strong(&escape::line(&name)), printable(&id))?;
        } else {
            self.painted(0, "", &name, |line| paint.strong(line))?;
            self.text(2, "", &id)?;
        }
        writeln!(self.out, "  {status}, {}", paint.strong(finding.state.word()))?;
        if let Some(note) = &finding.note {
            self.text(2, "", note)?;
        }
        if let Some(exception) = &finding.exception {
            self.text(2, "", &words::exception(exception))?;
        }
        if finding.in_baseline {
            self.text(2, "", "Known: the baseline has it; it does not count for the exit code.")?;
        }
        for warning in &finding.warnings {
            self.text(2, "", warning)?;
        }
        writeln!(self.out, "  {}", self.paint.strong("Evidence"))?;
        self.evidence_of(finding)?;
        self.removal(finding)?;
        self.rules_of(finding)
    }

    /// The first pieces of evidence, and how many more there are.
    fn evidence_of(&mut self, finding: &Finding) -> io::Result<()> {
        let limit = if self.look.verbose > 0 { usize::MAX } else { SHORT_EVIDENCE };
        for evidence in finding.evidence.iter().take(limit) {
            self.evidence(evidence)?;
        }
        let more = finding.evidence.len().saturating_sub(limit) + finding.evidence_omitted;
        if more > 0 {
            self.text(4, "", &format!("… and {more} more (-v shows them, json has them all)"))?;
        }
        Ok(())
    }

    fn removal(&mut self, finding: &Finding) -> io::Result<()> {
        if !finding.removal.is_empty() {
            writeln!(self.out, "  {}", self.paint.strong("Removal"))?;
        }
        for (at, step) in finding.removal.iter().enumerate() {
            self.text(4, &format!("{}. ", at + 1), &step.title)?;
            if let Some(note) = &step.note {
                self.text(7, "", note)?;
            }
            for command in &step.commands {
                // Never wrapped: it is there to be copied.
                writeln!(self.out, "{}", escape::line(&format!("         {}", printable(command))))?;
            }
        }
        Ok(())
    }

    fn rules_of(&mut self, finding: &Finding) -> io::Result<()> {
        // What a rule says is reported once, below; what is exempt from it names it in its note.
        if finding.status == Status::Banned && !finding.rules.is_empty() {
            writeln!(self.out, "  {}", self.paint.strong("Rules"))?;
            let is_many = finding.rules.len() > FULL_RULES && self.look.verbose == 0;
            let shown = |rule: &&AppliedRule| !is_many || rule.jurisdiction == "US";
            for rule in finding.rules.iter().filter(shown) {
                self.text(4, "- ", &format!("{}, {}", rule.title, standing(rule)))?;
            }
            let local = finding.rules.iter().filter(|rule| !shown(rule)).count();
            if local > 0 {
                self.text(4, "- ", &format!("{} of states and countries", plural(local, "rule")))?;
            }
        }
        Ok(())
    }

    fn evidence(&mut self, evidence: &Evidence) -> io::Result<()> {
        let place = evidence.location.to_string();
        let place = printable(&place);
        let state = evidence.state.word();
        let backing = if evidence.strength == Strength::Supporting { ", supporting" } else { "" };
        let about = headline(&evidence.fields);
        let line = format!("{} ({state}{backing}): {about}", evidence.collector);
        self.text(4, "- ", &line)?;
        if !place.is_empty() {
            let width = self.look.width.saturating_sub(9);
            let place = if self.look.verbose > 0 { place.into_owned() } else { middle_cut(&place, width) };
            writeln!(self.out, "      {}", self.paint.faint(&format!("at {place}")))?;
        }
        if let Some(layer) = &evidence.location.layer {
            self.text(6, "", &words::layer(layer))?;
        }
        if self.look.verbose > 0 {
            self.text(6, "", &format!("because {} [{}]", evidence.matched, evidence.indicators.join(", ")))?;
        }
        Ok(())
    }

    /// What each rule that was named says.
    fn rules(&mut self, findings: &[Finding]) -> io::Result<()> {
        let rules = words::rules(findings);
        if !rules.is_empty() {
            self.blank()?;
            writeln!(self.out, "{}", self.paint.strong("What the rules say"))?;
        }
        // A vendor that many countries and states speak of would fill pages: what is not federal is reported in a
        // line, unless nothing else is.
        let (mut wide, mut local): (Vec<&AppliedRule>, Vec<&AppliedRule>) =
            rules.into_iter().partition(|rule| rule.jurisdiction == "US");
        if wide.len() + local.len() <= FULL_RULES || self.look.verbose > 0 {
            wide.append(&mut local);
        }
        for rule in wide {
            self.rule(rule)?;
        }
        if !local.is_empty() {
            let places: BTreeSet<&str> = local.iter().map(|rule| rule.jurisdiction.as_str()).collect();
            let places: Vec<&str> = places.into_iter().collect();
            let line = format!(
                "{} of states and countries: {} (-v tells what they say; --audience chooses, e.g. state:TX)",
                plural(local.len(), "rule"),
                places.join(", ")
            );
            self.text(2, "- ", &line)?;
        }
        Ok(())
    }

    fn rule(&mut self, rule: &AppliedRule) -> io::Result<()> {
        self.text(2, "- ", &rule.title)?;
        self.text(4, "", &rule.summary)?;
        if let Some(text) = &rule.does_not_bind {
            self.text(4, "", text)?;
        }
        if self.look.verbose > 0 {
            self.text(4, "", &format!("Binds: {}.", rule.binds.join("; ")))?;
            if !rule.exemptions.is_empty() {
                self.text(4, "", &format!("Exempt: {}.", rule.exemptions.join("; ")))?;
            }
            self.text(4, "", &format!("Status: {}.", rule.status))?;
            self.text(4, "", &rule.citation)?;
        }
        Ok(())
    }

    fn gaps(&mut self, gaps: &[GapEntry]) -> io::Result<()> {
        if gaps.is_empty() {
            return Ok(());
        }
        self.blank()?;
        let head = if blind(gaps).next().is_some() { "Could not be read" } else { "Details not checked" };
        writeln!(self.out, "{}", self.paint.caution(head))?;
        // One line per place and kind, once for all callers.
        let places = words::gaps(gaps);
        let limit = if self.look.verbose > 0 { usize::MAX } else { SHORT_GAPS };
        let mut kinds = Vec::new();
        for (at, ((place, kind, detail), asked)) in places.iter().enumerate() {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
            if at < limit {
                let place = if place.is_empty() { "(no place)" } else { place };
                self.text(2, "- ", &format!("{} {place}: {detail} ({})", kind.word(), asked.join(", ")))?;
            }
        }
        if places.len() > limit {
            self.text(
                2,
                "",
                &format!("… and {} more (-v shows them, json has them all)", places.len() - limit),
            )?;
        }
        let mut accepted = gaps.iter().filter_map(|gap| Some((gap, gap.exception.as_ref()?)));
        for (gap, exception) in accepted.by_ref().take(limit) {
            self.text(2, "", &format!("{}: {}", gap.place, words::exception(exception)))?;
        }
        let more = accepted.count();
        if more > 0 {
            self.text(2, "", &format!("… and {} accepted", plural(more, "more gap")))?;
        }
        for kind in kinds {
            self.text(2, "→ ", &format!("{}: {}", kind.word(), kind.remedy()))?;
        }
        Ok(())
    }

    fn coverage(
        &mut self,
        coverage: &[Coverage],
        skipped: &[Skipped],
        versions: &Versions,
    ) -> io::Result<()> {
        self.blank()?;
        writeln!(self.out, "{}", self.paint.strong("Checked"))?;
        let ran: Vec<&Coverage> = coverage.iter().filter(|entry| entry.outcome == Outcome::Ran).collect();
        let with: Vec<String> = ran
            .iter()
            .filter(|entry| entry.artifacts > 0 || entry.gaps > 0)
            .map(|entry| match entry.gaps {
                0 => format!("{} {}", entry.collector, entry.artifacts),
                gaps => format!("{} {} ({})", entry.collector, entry.artifacts, plural(gaps, "gap")),
            })
            .collect();
        if !with.is_empty() {
            self.text(2, "", &format!("{}.", with.join(", ")))?;
        }
        let without: Vec<&str> = ran
            .iter()
            .filter(|entry| entry.artifacts == 0 && entry.gaps == 0)
            .map(|entry| entry.collector.as_str())
            .collect();
        if !without.is_empty() {
            self.text(2, "", &format!("Nothing there: {}.", without.join(", ")))?;
        }
        let not: Vec<&str> = coverage
            .iter()
            .filter(|entry| entry.outcome == Outcome::NotApplicable)
            .map(|entry| entry.collector.as_str())
            .collect();
        if !not.is_empty() && self.look.verbose > 0 {
            self.text(2, "", &format!("Not on such a target: {}.", not.join(", ")))?;
        }
        let left_out = coverage.iter().filter(|entry| entry.outcome == Outcome::LeftOut);
        let left_out: Vec<&str> = left_out.map(|entry| entry.collector.as_str()).collect();
        if !left_out.is_empty() {
            self.text(2, "", &format!("Left out: {}.", left_out.join(", ")))?;
        }
        // The others stand with the verdict.
        if self.look.verbose > 0 {
            let places: Vec<String> = skipped
                .iter()
                .filter(|place| place.is_pseudo())
                .map(|place| format!("{} ({})", place.place, place.reason))
                .collect();
            if !places.is_empty() {
                self.text(2, "", &format!("No files of a disk: {}.", places.join(", ")))?;
            }
        }
        match &versions.confinement {
            Some(confinement) => self.text(2, "", &confinement.words()),
            None => Ok(()),
        }
    }

    fn inventory(&mut self, report: &InventoryReport) -> io::Result<()> {
        let os = &report.target.os.name;
        let head = format!("{} on {} ({os})", plural(report.artifacts.len(), "artifact"), report.target.host);
        let paint = self.paint;
        self.painted(0, "", &head, |line| paint.strong(line))?;
        let mut collector = "";
        for artifact in &report.artifacts {
            if artifact.collector != collector {
                collector = &artifact.collector;
                self.blank()?;
                writeln!(self.out, "{}", self.paint.strong(collector))?;
            }
            self.artifact(artifact)?;
        }
        self.gaps(&report.gaps)?;
        self.coverage(&report.coverage, &report.skipped, &report.versions)
    }

    fn artifact(&mut self, artifact: &ArtifactEntry) -> io::Result<()> {
        let state = match artifact.state {
            crate::model::State::Installed => String::new(),
            // A folder is what is left behind only when nothing else of the product is there: the matcher says that.
            crate::model::State::Remnant if artifact.collector == "program_folders" => String::new(),
            state => format!(" ({})", state.word()),
        };
        let place = match &artifact.location.path {
            Some(path) if artifact.location.record.is_none() => format!("  {path}"),
            _ => String::new(),
        };
        let line = format!("{}{state}{place}", headline(&artifact.fields));
        writeln!(self.out, "{}", escape::line(&format!("  {}", printable(&line))))
    }
}
