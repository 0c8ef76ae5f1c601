//! `markdown`: the plan as a page, for review and for tickets.

use std::io::{self, Write};

use super::{Action, Plan};
use crate::text::escape::{code_span, markdown};

pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let how = if plan.is_of_images() {
        "an image is built again, which no script does."
    } else {
        "`-o plan.sh` and `-o plan.ps1` write scripts that show what they would do, and do it with `--apply` (`-Apply`) where the host still shows what the scan saw."
    };
    writeln!(out, "# Removal plan\n\nMade by debar {}. debar removes nothing itself; {how}", plan.debar)?;
    for host in &plan.hosts {
        writeln!(
            out,
            "\n## {} ({})\n\nScanned {}.\n",
            markdown(&host.host),
            markdown(&host.target),
            markdown(&host.scanned)
        )?;
        if let Some(elsewhere) = super::elsewhere(host) {
            writeln!(out, "**{}.**\n", markdown(&elsewhere))?;
        }
        for why in &host.refused {
            writeln!(out, "**Not believed:** {}.\n", markdown(why))?;
        }
        if host.steps.is_empty() {
            writeln!(out, "Nothing to remove.")?;
        }
        for (at, step) in host.steps.iter().enumerate() {
            writeln!(out, "{}. **{}** ({})", at + 1, markdown(&step.title), markdown(&step.product))?;
            writeln!(out, "   - changes: {}", markdown(&step.changes))?;
            if !step.evidence.is_empty() {
                let evidence: Vec<String> = step.evidence.iter().map(|id| code_span(id, false)).collect();
                writeln!(out, "   - evidence: {}", evidence.join(", "))?;
            }
            for note in &step.notes {
                writeln!(out, "   - {}", markdown(note))?;
            }
            for command in super::text::by_hand(&step.action) {
                writeln!(out, "   - by hand: {}", code_span(command, false))?;
            }
            if let Action::Msi { secrets, .. } = &step.action
                && !secrets.is_empty()
            {
                let names: Vec<String> =
                    secrets.iter().map(|secret| format!("DEBAR_SECRET_{}", secret.property)).collect();
                let how = "from the environment, or asked for with -AskForPasswords";
                writeln!(out, "   - if a password protects it: {}, {how}", markdown(&names.join(", ")))?;
            }
            if step.reboot_after {
                writeln!(out, "   - then restart the host, and go on with the next step")?;
            }
        }
    }
    Ok(())
}
