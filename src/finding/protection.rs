//! What guards the host: anyone who removes its only antivirus should know.

use std::collections::BTreeSet;

use super::Finding;
use crate::finding::matcher::Matcher;
use crate::model::State;
use crate::signature::Status;

/// Said of a banned antivirus beside which none was found.
const ALONE: &str = "This is the only antivirus on this machine. Install a replacement before you remove it.";

/// Warns of banned antivirus products beside which no other works. Other antivirus products are reported only
/// beside a banned one; on a host without, they are nobody's finding.
pub(super) fn consider(findings: &mut Vec<Finding>, matcher: &Matcher<'_>, is_image: bool) {
    let products = matcher.products().iter().filter(|candidate| candidate.product.antivirus);
    let guards: BTreeSet<String> =
        products.map(|candidate| format!("{}/{}", candidate.vendor.id, candidate.product.id)).collect();
    let guards = |finding: &Finding| guards.contains(&finding.id);
    let is_other = |finding: &Finding| guards(finding) && finding.status == Status::Informational;
    let banned = |finding: &Finding| guards(finding) && finding.status == Status::Banned;
    if !findings.iter().any(banned) {
        findings.retain(|finding| !is_other(finding));
        return;
    }
    // An image guards nothing until it runs, and is built again without it.
    if is_image {
        return;
    }
    let works = |state: State| matches!(state, State::Installed | State::Running);
    if findings.iter().any(|finding| is_other(finding) && works(finding.state)) {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| banned(finding) && works(finding.state)) {
        finding.warnings.push(ALONE.to_owned());
    }
}
