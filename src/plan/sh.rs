//! `sh`: a POSIX shell script. A fixed runtime (`runtime.sh`), then one line of calls per step with every datum as one
//! quoted word; nothing of a report stands outside of quotes.

use std::io::{self, Write};

use super::{Action, HostPlan, Plan, Step};
use crate::model::Os;
use crate::text::escape::printable;
use crate::text::quote::posix;

const RUNTIME: &str = include_str!("runtime.sh");

pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#!/bin/sh")?;
    writeln!(
        out,
        "# Removal plan made by debar {}. Without --apply it changes nothing. Read it before you run it.",
        plan.debar
    )?;
    write!(out, "{RUNTIME}")?;
    for host in &plan.hosts {
        write_host(host, out)?;
    }
    writeln!(
        out,
        "[ \"$known\" = yes ] || {{ say \"the plan has no steps for $here; see --host\"; exit 2; }}"
    )?;
    writeln!(out, "if [ \"$left\" -eq 0 ]; then say 'everything is done; now run debar verify'; exit 0; fi")?;
    writeln!(out, "say \"$left steps are left to do\"\nexit 1")
}

/// A word for people: what is hidden is shown escaped.
fn shown(text: &str) -> String {
    posix(&printable(text)).unwrap_or_else(|| "''".to_owned())
}

fn write_host(host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    let Some(name) = posix(&host.host) else { return Ok(()) };
    writeln!(out, "\nif [ \"$here\" = {name} ]; then\nknown=yes")?;
    if let Some(told) = super::elsewhere(host) {
        let told = shown(&format!("{told}, with --host {}", host.host));
        writeln!(out, "[ \"$named\" = yes ] || {{ say {told}; exit 2; }}")?;
    }
    if host.os == Some(Os::Windows) {
        writeln!(out, "say 'a Windows host: use the plan as ps1'; exit 2")?;
    }
    for step in &host.steps {
        write_step(step, out)?;
    }
    writeln!(out, "fi")
}

fn write_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{} [{}]", step.title, step.evidence.join(" "));
    let (id, changes, vendor) = (shown(&step.id), shown(&step.changes), shown(step.vendor()));
    let first = if step.is_first() { "yes" } else { "no" };
    writeln!(out, "step {id} {} {changes} {vendor} {first}", shown(&title))?;
    for note in &step.notes {
        writeln!(out, "note {}", shown(note))?;
    }
    match call(&step.action) {
        Some((function, words)) => {
            let quoted: Option<Vec<String>> = words.iter().map(|word| posix(word)).collect();
            match quoted {
                Some(words) => {
                    let unless = if step.waits() { "held || " } else { "" };
                    writeln!(out, "{unless}{function} {}", words.join(" "))?;
                }
                None => writeln!(out, "manual 'a name here cannot be written in a script; see the report'")?,
            }
        }
        None => match &step.action {
            Action::Manual { commands } if !commands.is_empty() => {
                for command in commands {
                    writeln!(out, "manual {}", shown(command))?;
                }
            }
            Action::Manual { .. } => writeln!(out, "manual 'see the title and the notes'")?,
            _ => writeln!(out, "manual 'this step is for Windows: use the plan as ps1'")?,
        },
    }
    if step.reboot_after {
        writeln!(out, "reboot_point")?;
    }
    Ok(())
}

/// The function of the runtime and its words.
fn call(action: &Action) -> Option<(&'static str, Vec<&str>)> {
    Some(match action {
        Action::Deb { name, version, arch } => ("deb", vec![name, version, arch]),
        Action::Rpm { name, epoch, version, release, arch } => {
            ("rpm_package", vec![name, epoch, version, release, arch])
        }
        Action::Apk { name, version } => ("apk_package", vec![name, version]),
        Action::Pacman { name, version } => ("pacman_package", vec![name, version]),
        Action::Snap { name, version } => ("snap_package", vec![name, version]),
        Action::Flatpak { name } => ("flatpak_app", vec![name]),
        Action::Unit { name, path } => ("unit", vec![name, path]),
        Action::Folder { path } => ("folder", vec![path]),
        Action::File { path, size } => ("file", vec![path, size.as_deref().unwrap_or_default()]),
        Action::Msi { .. }
        | Action::Uninstaller { .. }
        | Action::UninstallByHand { .. }
        | Action::WindowsService { .. }
        | Action::Manual { .. } => {
            return None;
        }
    })
}
