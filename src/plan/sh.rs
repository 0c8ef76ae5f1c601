//! `sh`: a POSIX shell script. A fixed runtime (`runtime.sh`), then one line of calls per step with every datum as one
//! quoted word; nothing of a report stands outside of quotes.

use std::io::{self, Write};

use super::{Action, Check, HostPlan, Phase, Plan, Settled, Step};
use crate::model::{Os, TargetKind};
use crate::text::escape::printable;
use crate::text::quote::posix;

pub(super) const RUNTIME: &str = include_str!("runtime.sh");

pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#!/bin/sh")?;
    writeln!(
        out,
        "# Removal plan made by debar {}. Without --apply it changes nothing. Read it before you run it.",
        plan.debar
    )?;
    write!(out, "{RUNTIME}")?;
    for host in &plan.hosts {
        if plan.is_of_images() {
            writeln!(out, "\nknown=yes\nimages=yes\napply=no")?;
            writeln!(out, "say {}", shown(&format!("{} is an image", host.host)))?;
            for step in &host.steps {
                writeln!(
                    out,
                    "step {} {} {} '' after",
                    shown(&step.id),
                    shown(&titled(step)),
                    shown(&step.changes)
                )?;
            }
        } else {
            write_host(host, out)?;
        }
    }
    writeln!(out, "ended")
}

/// A word for people: what is hidden is shown escaped.
fn shown(text: &str) -> String {
    posix(&printable(text)).unwrap_or_else(|| "''".to_owned())
}

fn write_host(host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    let Some(name) = posix(&host.host) else { return Ok(()) };
    writeln!(out, "\nif [ \"$here\" = {name} ]; then\nknown=yes")?;
    if host.target_kind != TargetKind::Image {
        if let Some(elsewhere) = super::elsewhere(host) {
            let elsewhere = shown(&format!("{elsewhere}, with --host {}", host.host));
            writeln!(out, "[ \"$named\" = yes ] || {{ say {elsewhere}; exit 2; }}")?;
        }
        if host.os == Some(Os::Windows) {
            writeln!(out, "say 'a Windows host: use the plan as ps1'; exit 2")?;
        }
        writeln!(out, "plan={}", shown(&format!("{} {}", host.host, host.scanned)))?;
        writeln!(out, "prepare")?;
    }
    for why in &host.refused {
        writeln!(out, "say {}", shown(&format!("not believed: {why}")))?;
    }
    for step in &host.steps {
        write_step(step, out)?;
    }
    writeln!(out, "fi")
}

fn titled(step: &Step) -> String {
    format!("{} [{}]", step.title, step.evidence.join(" "))
}

fn write_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    let title = titled(step);
    let (id, changes, vendor) = (shown(&step.id), shown(&step.changes), shown(step.vendor()));
    let phase = match step.phase {
        Phase::Keep => "keep",
        Phase::Filter => "filter",
        _ if step.is_first() => "first",
        _ => "after",
    };
    writeln!(out, "step {id} {} {changes} {vendor} {phase}", shown(&title))?;
    for note in &step.notes {
        writeln!(out, "note {}", shown(note))?;
    }
    match (&step.action, call(&step.action)) {
        (_, Some((function, words))) => {
            let quoted: Option<Vec<String>> = words.iter().map(|word| posix(word)).collect();
            match quoted {
                Some(words) => {
                    let unless = match step.phase {
                        _ if step.waits() => "held || ",
                        _ if step.is_first() => "blocked || ",
                        _ => "",
                    };
                    writeln!(out, "{unless}{function} {}", words.join(" "))?;
                }
                None => writeln!(out, "manual 'a name here cannot be written in a script; see the report'")?,
            }
        }
        (Action::Confirm { what, checks }, None) => {
            let word = match what {
                Settled::Replacement => "replacement",
                Settled::Decrypted => "decrypted",
            };
            write_checked(checks, &[format!("confirm {word}")], "", out)?;
        }
        (Action::Manual { commands, checks }, None) => {
            let mut lines: Vec<String> =
                commands.iter().map(|command| format!("manual {}", shown(command))).collect();
            // One step, whatever number of commands.
            if lines.is_empty() {
                lines.push("manual 'see the title and the notes'".to_owned());
            }
            write_checked(checks, &lines, "stated || ", out)?;
        }
        _ => writeln!(out, "manual 'this step is for Windows: use the plan as ps1'")?,
    }
    if step.reboot_after {
        writeln!(out, "reboot_point")?;
    }
    Ok(())
}

/// Lines that run while something of the step is still there; where nothing can be checked, unless a person said so.
fn write_checked(checks: &[Check], lines: &[String], unless: &str, out: &mut dyn Write) -> io::Result<()> {
    let checks: Vec<String> = checks.iter().filter_map(still).collect();
    if checks.is_empty() {
        return match lines {
            [one] => writeln!(out, "{unless}{one}"),
            _ => writeln!(out, "{unless}{{\n{}\n}}", lines.join("\n")),
        };
    }
    writeln!(out, "if {}; then\n{}\nelse gone; fi", checks.join(" ||\n  "), lines.join("\n"))
}

fn still(check: &Check) -> Option<String> {
    let words = match check {
        Check::Path { path } => vec!["path", path],
        Check::Text { path, text } => vec!["text", path, text],
        Check::Package { source, name } => vec!["package", source, name],
        Check::Module { name } => vec!["module", name],
        Check::Key { .. } | Check::Value { .. } | Check::Data { .. } => return None,
    };
    let quoted: Option<Vec<String>> = words.into_iter().map(posix).collect();
    Some(format!("still {}", quoted?.join(" ")))
}

/// The function of the runtime and its words.
fn call(action: &Action) -> Option<(&'static str, Vec<&str>)> {
    fn or_none(text: &Option<String>) -> &str {
        text.as_deref().unwrap_or_default()
    }
    Some(match action {
        Action::Deb { name, version, arch, maintainer } => {
            ("deb", vec![name, version, arch, or_none(maintainer)])
        }
        Action::Rpm { name, epoch, version, release, arch, vendor, packager } => {
            let words = vec![name, epoch, version, release, arch, or_none(vendor), or_none(packager)];
            ("rpm_package", words)
        }
        Action::Apk { name, version } => ("apk_package", vec![name, version]),
        Action::Pacman { name, version } => ("pacman_package", vec![name, version]),
        Action::Snap { name, version } => ("snap_package", vec![name, version]),
        Action::Flatpak { name } => ("flatpak_app", vec![name]),
        Action::Unit { name, path, program, user } => {
            ("unit", vec![name, path, or_none(program), if *user { "user" } else { "system" }])
        }
        Action::Keep { path, all } => ("keep", vec![path, if *all { "all" } else { "part" }]),
        Action::Folder { path } => {
            ("folder", vec![path, if super::action::is_data(path) { "all" } else { "part" }])
        }
        Action::File { path, size, holds } => ("file", vec![path, or_none(size), or_none(holds)]),
        Action::Confirm { .. }
        | Action::Msi { .. }
        | Action::Uninstaller { .. }
        | Action::UninstallByHand { .. }
        | Action::DriverFilter { .. }
        | Action::NetworkComponent { .. }
        | Action::WindowsService { .. }
        | Action::Manual { .. } => return None,
    })
}
