//! `ps1`: a PowerShell script (5.1 and later), in ASCII. A fixed runtime (`runtime.ps1`), then calls with every datum as
//! one quoted expression; nothing of a report stands outside of quotes.

use std::io::{self, Write};

use super::{Action, HostPlan, Plan, Step};
use crate::model::Os;
use crate::text::escape::printable;
use crate::text::quote::powershell;

const RUNTIME: &str = include_str!("runtime.ps1");

pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Removal plan made by debar {}. Without -Apply it changes nothing. Read it before you run it.",
        plan.debar
    )?;
    write!(out, "{RUNTIME}")?;
    for host in &plan.hosts {
        write_host(host, out)?;
    }
    writeln!(
        out,
        "if (-not $script:Known) {{ Say \"the plan has no steps for $HostName; see -HostName\"; exit 2 }}"
    )?;
    writeln!(out, "if ($script:Left -eq 0) {{ Say 'everything is done; now run debar verify'; exit 0 }}")?;
    writeln!(out, "Say \"$($script:Left) steps are left to do\"\nexit 1")
}

fn shown(text: &str) -> String {
    powershell(&printable(text)).unwrap_or_else(|| "''".to_owned())
}

fn write_host(host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    let Some(name) = powershell(&host.host) else { return Ok(()) };
    writeln!(out, "if ($HostName -eq {name}) {{\n$script:Known = $true")?;
    if let Some(told) = super::elsewhere(host) {
        let told = shown(&format!("{told}, with -HostName {}", host.host));
        writeln!(out, "if (-not $script:Named) {{ Say {told}; exit 2 }}")?;
    }
    if host.os.is_some_and(|os| os != Os::Windows) {
        writeln!(out, "Say 'no Windows host: use the plan as sh'; exit 2")?;
    }
    for step in &host.steps {
        write_step(step, out)?;
    }
    writeln!(out, "}}")
}

fn write_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{} [{}]", step.title, step.evidence.join(" "));
    let (id, changes, vendor) = (shown(&step.id), shown(&step.changes), shown(step.vendor()));
    writeln!(out, "Step {id} {} {changes} {vendor} ${}", shown(&title), step.is_first())?;
    for note in &step.notes {
        writeln!(out, "Note {}", shown(note))?;
    }
    let call = match &step.action {
        Action::Msi { product_code, key, name, version, secrets } => {
            let secrets: Option<Vec<String>> = secrets.iter().map(|secret| powershell(secret)).collect();
            words("Remove-Msi", &[product_code, key, name, version])
                .zip(secrets)
                .map(|(call, secrets)| format!("{call} @({})", secrets.join(", ")))
        }
        Action::Uninstaller { key, value, command, program, arguments, name } => {
            words("Invoke-Uninstaller", &[key, value, command, program, arguments, name])
        }
        Action::UninstallByHand { key, name, command } => {
            words("Wait-ForPerson", &[key, name]).map(|call| format!("{call} {}", shown(command)))
        }
        Action::WindowsService { name, command, .. } => words("Remove-LeftService", &[name, command]),
        Action::Folder { path } => words("Remove-Path", &[path]).map(|call| format!("{call} $true ''")),
        Action::File { path, size } => {
            let size = powershell(size.as_deref().unwrap_or_default());
            words("Remove-Path", &[path]).zip(size).map(|(call, size)| format!("{call} $false {size}"))
        }
        Action::Manual { commands } if !commands.is_empty() => {
            let lines: Vec<String> =
                commands.iter().map(|command| format!("Manual {}", shown(command))).collect();
            Some(lines.join("\n"))
        }
        Action::Manual { .. } => Some("Manual 'see the title and the notes'".to_owned()),
        _ => Some("Manual 'this step is not for Windows: use the plan as sh'".to_owned()),
    };
    let call =
        call.as_deref().unwrap_or("Manual 'a name here cannot be written in a script; see the report'");
    if step.waits() {
        writeln!(out, "if (-not (Test-Held)) {{ {call} }}")?;
    } else {
        writeln!(out, "{call}")?;
    }
    if step.reboot_after {
        writeln!(out, "RebootPoint")?;
    }
    Ok(())
}

fn words(function: &str, words: &[&str]) -> Option<String> {
    let words: Option<Vec<String>> = words.iter().map(|word| powershell(word)).collect();
    Some(format!("{function} {}", words?.join(" ")))
}
