//! `text`: the plan for a terminal.

use std::io::{self, Write};

use super::{Action, HostPlan, Plan, Step};
use crate::text::escape::{line, printable};

pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    for (at, host) in plan.hosts.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        write_host(host, out)?;
    }
    if plan.is_of_images() {
        writeln!(out, "\nNothing was changed: an image is built again, which no script does.")?;
    } else if plan.hosts.iter().any(|host| !host.steps.is_empty()) {
        writeln!(
            out,
            "\nNothing was changed. -o plan.sh or -o plan.ps1 writes a script that shows what it would do and does it with --apply (-Apply)."
        )?;
    }
    Ok(())
}

fn put(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "{}", line(&printable(text)))
}

fn write_host(host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    put(out, &format!("Removal plan for {} ({}), scanned {}", host.host, host.target, host.scanned))?;
    if let Some(elsewhere) = super::elsewhere(host) {
        put(out, &format!("Note: {elsewhere}."))?;
    }
    for why in &host.refused {
        put(out, &format!("Not believed: {why}."))?;
    }
    if host.steps.is_empty() {
        writeln!(out, "Nothing to remove.")?;
    }
    for (at, step) in host.steps.iter().enumerate() {
        write_step(at, step, out)?;
    }
    Ok(())
}

fn write_step(at: usize, step: &Step, out: &mut dyn Write) -> io::Result<()> {
    put(out, &format!("{:3}. {} [{}]", at + 1, step.title, step.product))?;
    for note in &step.notes {
        put(out, &format!("       note: {note}"))?;
    }
    for command in by_hand(&step.action) {
        put(out, &format!("       by hand: {command}"))?;
    }
    if step.reboot_after {
        writeln!(out, "       then restart the host, and run the plan again")?;
    }
    Ok(())
}

/// Commands for a person.
pub(super) fn by_hand(action: &Action) -> &[String] {
    match action {
        Action::Manual { commands, .. } => commands.as_slice(),
        Action::UninstallByHand { command, .. } => std::slice::from_ref(command),
        _ => &[],
    }
}
