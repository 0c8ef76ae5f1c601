//! The exit codes: part of the contract with scripts and pipelines, and never a count.

use crate::model::{GapKind, Grade, State};
use crate::report::{GapEntry, ScanReport};

/// Nothing banned, and every place that matters was read.
pub const OK: u8 = 0;
/// Banned software found.
pub const FOUND: u8 = 1;
/// The scan could not run.
pub const FATAL: u8 = 2;
/// Nothing found, but with gaps.
pub const INCOMPLETE: u8 = 3;

/// Every exit code with its meaning, for help and documentation.
pub const CODES: &[(u8, &str)] = &[
    (OK, "nothing found, every place read"),
    (FOUND, "a restricted product was found (`--fail-on` sets from which state on)"),
    (FATAL, "the command could not run"),
    (INCOMPLETE, "nothing found, but something could not be read (`--allow-gaps` makes it 0)"),
];

/// From which state on a finding makes a scan fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FailOn {
    /// Only what runs.
    Running,
    /// What is installed, switched off, embedded or kept as a setup file too.
    Installed,
    /// Leftovers too: everything that was found.
    #[default]
    #[value(alias = "leftover")]
    Remnant,
    /// Possible traces, too: what only weak signs point to.
    Possible,
    /// Nothing; gaps still count.
    Never,
}

impl FailOn {
    fn covers(self, state: State) -> bool {
        match self {
            FailOn::Running => state == State::Running,
            FailOn::Installed => state > State::Remnant,
            FailOn::Remnant | FailOn::Possible => true,
            FailOn::Never => false,
        }
    }
}

/// What makes a scan fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// From which state on a finding does.
    pub fail_on: FailOn,
    /// Gaps do not.
    pub allow_gaps: bool,
    /// Limited gaps do, too.
    pub fail_on_limited: bool,
}

impl Policy {
    fn forbids(self, gap: &GapEntry) -> bool {
        let counts = match gap.kind.grade() {
            Grade::Blind => !self.allow_gaps,
            Grade::Limited => self.fail_on_limited,
        };
        counts && gap.exception.is_none()
    }
}

/// The exit code of one or more scans: the gravest of theirs.
pub fn code(reports: &[ScanReport], policy: Policy) -> u8 {
    let fail_on = policy.fail_on;
    let failing = |report: &ScanReport| {
        let possible = report.possible.iter().filter(|_| fail_on == FailOn::Possible);
        report.findings.iter().any(|finding| finding.fails() && fail_on.covers(finding.state))
            || possible.clone().any(|finding| finding.exception.is_none() && !finding.in_baseline)
    };
    if reports.iter().any(failing) {
        return FOUND;
    }
    // Gaps can be accepted; a scan that was stopped cannot.
    let incomplete =
        |report: &ScanReport| is_stopped(&report.gaps) || report.gaps.iter().any(|gap| policy.forbids(gap));
    if reports.iter().any(incomplete) { INCOMPLETE } else { OK }
}

/// Whether the scan that these gaps are of was stopped.
pub fn is_stopped(gaps: &[GapEntry]) -> bool {
    gaps.iter().any(|gap| gap.kind == GapKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Exception;
    use crate::model::Gap;
    use crate::report::Verdict;
    use crate::signature::Status;

    /// A report with a banned product in a state, or with none, and with gaps of some kinds.
    fn report(state: Option<State>, gaps: &[GapKind]) -> ScanReport {
        let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
        let mut report = crate::report::read::read(text.as_bytes()).unwrap().remove(0);
        report.findings.truncate(usize::from(state.is_some()));
        for finding in &mut report.findings {
            (finding.status, finding.in_force) = (Status::Banned, true);
            finding.state = state.unwrap();
        }
        let gap = |&kind| {
            GapEntry::from(Gap { kind, collector: "a".into(), place: "/a".into(), detail: "x".into() })
        };
        report.gaps = gaps.iter().map(gap).collect();
        report.verdict = Verdict::of(&report.findings, &report.gaps);
        report
    }

    fn code(reports: &[ScanReport], fail_on: FailOn, allow_gaps: bool) -> u8 {
        super::code(reports, Policy { fail_on, allow_gaps, fail_on_limited: false })
    }

    #[test]
    fn only_a_scan_without_findings_and_gaps_is_clean() {
        for allow_gaps in [false, true] {
            assert_eq!(code(&[report(None, &[])], FailOn::Remnant, allow_gaps), OK);
            assert_eq!(code(&[], FailOn::Remnant, allow_gaps), OK);
            for state in State::ALL.iter().copied() {
                for gaps in [&[][..], &[GapKind::Denied], &[GapKind::Interrupted]] {
                    assert_eq!(code(&[report(Some(state), gaps)], FailOn::Remnant, allow_gaps), FOUND);
                }
            }
        }
        for &kind in GapKind::ALL {
            let strict = Policy { fail_on_limited: true, ..Policy::default() };
            assert_eq!(super::code(&[report(None, &[kind])], strict), INCOMPLETE, "{kind:?}");
            let plain = if kind.grade() == Grade::Limited { OK } else { INCOMPLETE };
            assert_eq!(code(&[report(None, &[kind])], FailOn::Remnant, false), plain, "{kind:?}");
            // A scan that someone stopped is no clean one, whatever gaps are accepted.
            let accepted = if kind == GapKind::Interrupted { INCOMPLETE } else { OK };
            assert_eq!(code(&[report(None, &[kind])], FailOn::Remnant, true), accepted, "{kind:?}");
            assert_eq!(is_stopped(&report(None, &[kind]).gaps), kind == GapKind::Interrupted);
        }
        let both = report(None, &[GapKind::Denied, GapKind::Interrupted]);
        assert_eq!(code(&[both], FailOn::Never, true), INCOMPLETE);
    }

    #[test]
    fn fail_on_names_the_least_state_that_fails() {
        for state in State::ALL.iter().copied() {
            let codes = [FailOn::Running, FailOn::Installed, FailOn::Remnant, FailOn::Never]
                .map(|fail_on| code(&[report(Some(state), &[])], fail_on, false));
            let expected = match state {
                State::Running => [FOUND, FOUND, FOUND, OK],
                State::DeletedInLaterLayer | State::Remnant => [OK, OK, FOUND, OK],
                _ => [OK, FOUND, FOUND, OK],
            };
            assert_eq!(codes, expected, "{state:?}");
            // What does not fail for its state hides no gap.
            let gaps = report(Some(State::Remnant), &[GapKind::Denied]);
            assert_eq!(code(std::slice::from_ref(&gaps), FailOn::Running, false), INCOMPLETE);
            assert_eq!(code(&[gaps], FailOn::Running, true), OK);
        }
    }

    #[test]
    fn possible_traces_fail_only_when_asked_for_and_what_binds_others_never() {
        let mut possible = report(None, &[]);
        possible.possible = report(Some(State::Running), &[]).findings;
        possible.also_here = possible.possible.clone();
        for fail_on in [FailOn::Running, FailOn::Installed, FailOn::Remnant, FailOn::Never] {
            assert_eq!(code(std::slice::from_ref(&possible), fail_on, false), OK);
        }
        assert_eq!(code(std::slice::from_ref(&possible), FailOn::Possible, false), FOUND);
        possible.possible.clear();
        assert_eq!(code(&[possible], FailOn::Possible, false), OK);
        assert_eq!(code(&[report(Some(State::Remnant), &[])], FailOn::Possible, false), FOUND);
    }

    #[test]
    fn an_excepted_gap_does_not_fail_the_others_do() {
        let mut excused = report(None, &[GapKind::Denied, GapKind::Corrupt]);
        excused.gaps[0].exception = Some(exception());
        assert_eq!(code(std::slice::from_ref(&excused), FailOn::Remnant, false), INCOMPLETE);
        excused.gaps[1].exception = Some(exception());
        assert_eq!(code(std::slice::from_ref(&excused), FailOn::Remnant, false), OK);
        // A scan that was stopped is nobody's decision.
        excused.gaps[0].kind = GapKind::Interrupted;
        assert_eq!(code(&[excused], FailOn::Remnant, true), INCOMPLETE);
    }

    fn exception() -> Exception {
        Exception {
            id: "a".into(),
            owner: "b".into(),
            reason: "c".into(),
            expires: None,
            status: Default::default(),
            justification: None,
        }
    }

    #[test]
    fn what_is_excused_does_not_fail_and_the_gravest_of_many_decides() {
        let found = report(Some(State::Running), &[]);
        let mut excused = found.clone();
        excused.findings[0].exception = Some(exception());
        let mut known = found.clone();
        known.findings[0].in_baseline = true;
        let mut exempt = found.clone();
        exempt.findings[0].status = Status::Exempt;
        let mut future = found.clone();
        future.findings[0].in_force = false;
        for report in [excused, known, exempt, future] {
            assert_eq!(code(&[report], FailOn::Remnant, false), OK);
        }
        let (clean, gaps) = (report(None, &[]), report(None, &[GapKind::Corrupt]));
        assert_eq!(code(&[clean.clone(), gaps.clone(), clean.clone()], FailOn::Remnant, false), INCOMPLETE);
        assert_eq!(code(&[clean, gaps, found], FailOn::Remnant, false), FOUND);
    }

    #[test]
    fn a_verdict_is_what_findings_and_gaps_come_to() {
        let verdict = |state, gaps: &[GapKind]| report(state, gaps).verdict.word();
        assert_eq!(verdict(None, &[]), "not_found");
        assert_eq!(verdict(None, &[GapKind::Denied]), "incomplete");
        assert_eq!(verdict(None, &[GapKind::HiddenExecutable]), "not_found");
        assert_eq!(verdict(None, &[GapKind::PidNamespace, GapKind::Corrupt]), "incomplete");
        assert_eq!(verdict(Some(State::Remnant), &[]), "found");
        assert_eq!(verdict(Some(State::Remnant), &[GapKind::Denied]), "found");
        // What is there and excused is there: only the exit code says otherwise.
        let mut known = report(Some(State::Running), &[]);
        known.findings[0].in_baseline = true;
        assert_eq!(Verdict::of(&known.findings, &[]), Verdict::Found);
        known.findings[0].in_force = false;
        assert_eq!(Verdict::of(&known.findings, &[]), Verdict::NotFound);
        known.findings[0].in_force = true;
        known.findings[0].status = Status::Informational;
        assert_eq!(Verdict::of(&known.findings, &[]), Verdict::NotFound);
    }
}
