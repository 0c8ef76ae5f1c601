//! The exit codes: part of the contract with scripts and pipelines, and never a count.

use crate::artifact::State;
use crate::coverage::{Gap, GapKind};
use crate::report::{ScanReport, Verdict};

/// Nothing banned, and everything was looked at.
pub const OK: u8 = 0;
/// Banned software found.
pub const FOUND: u8 = 1;
/// The scan could not run.
pub const FATAL: u8 = 2;
/// Nothing found, but with gaps.
pub const INCOMPLETE: u8 = 3;

/// From which state on a finding makes a scan fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FailOn {
    /// Only what runs.
    Running,
    /// What is installed, switched off, embedded or kept as a setup file too.
    Installed,
    /// Leftovers too: everything.
    #[default]
    Remnant,
    /// Nothing; gaps still count.
    Never,
}

impl FailOn {
    fn covers(self, state: State) -> bool {
        match self {
            FailOn::Running => state == State::Running,
            FailOn::Installed => state > State::Remnant,
            FailOn::Remnant => true,
            FailOn::Never => false,
        }
    }
}

/// The exit code of one or more scans: the gravest of theirs.
pub fn code(reports: &[ScanReport], fail_on: FailOn, allow_gaps: bool) -> u8 {
    let failing = |report: &ScanReport| {
        report.findings.iter().any(|finding| finding.fails() && fail_on.covers(finding.state))
    };
    if reports.iter().any(failing) {
        return FOUND;
    }
    let incomplete = |report: &ScanReport| report.verdict != Verdict::NotFound && !report.gaps.is_empty();
    // Gaps can be accepted; a scan that somebody stopped is none.
    let stopped = |report: &ScanReport| is_stopped(&report.gaps);
    match reports.iter().any(stopped) || reports.iter().any(incomplete) && !allow_gaps {
        true => INCOMPLETE,
        false => OK,
    }
}

/// Whether somebody stopped the scan that these gaps are of.
pub fn is_stopped(gaps: &[Gap]) -> bool {
    gaps.iter().any(|gap| gap.kind == GapKind::Interrupted)
}
