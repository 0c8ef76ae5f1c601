//! `ps1`: a PowerShell script (5.1 and later), in ASCII. A fixed runtime (`runtime.ps1`), then calls with every datum as
//! one quoted expression; nothing of a report stands outside of quotes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::action::is_data;
use super::{Action, Check, HostPlan, Phase, Plan, Settled, Step};
use crate::model::{Os, TargetKind};
use crate::signature::{Password, PasswordForm};
use crate::text::escape::printable;
use crate::text::quote::powershell;

const RUNTIME: &str = include_str!("runtime.ps1");

pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    write_with(plan, RUNTIME, out)?;
    writeln!(out, "Complete-Plan")
}

/// The script with a runtime whose defaults may differ, without its end.
pub(super) fn write_with(plan: &Plan, runtime: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Removal plan made by debar {}. Without -Apply it changes nothing. Read it before you run it.",
        plan.debar
    )?;
    write!(out, "{runtime}")?;
    if !plan.is_of_images() {
        return plan.hosts.iter().try_for_each(|host| write_host(host, out));
    }
    for host in &plan.hosts {
        writeln!(out, "Write-Host {}", shown(&format!("{} is an image", host.host)))?;
        for step in &host.steps {
            writeln!(out, "Write-Host {}", shown(&format!("[{}] {}", step.id, step.title)))?;
        }
    }
    writeln!(out, "Write-Host 'nothing was changed: an image is built again, which no script does'\nexit 1")
}

/// The runtime as it is written.
pub(super) fn runtime() -> &'static str {
    RUNTIME
}

fn shown(text: &str) -> String {
    powershell(&printable(text)).unwrap_or_else(|| "''".to_owned())
}

fn write_host(host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    let Some(name) = powershell(&host.host) else { return Ok(()) };
    writeln!(out, "if (Test-HostName {name}) {{\n$script:Known = $true")?;
    if host.target_kind != TargetKind::Image {
        if let Some(elsewhere) = super::elsewhere(host) {
            let elsewhere = shown(&format!("{elsewhere}, with -HostName {}", host.host));
            writeln!(out, "if (-not $script:Named) {{ Write-Host {elsewhere}; exit 2 }}")?;
        }
        if host.os.is_some_and(|os| os != Os::Windows) {
            writeln!(out, "Write-Host 'no Windows host: use the plan as sh'; exit 2")?;
        }
        writeln!(out, "Initialize-Data")?;
    }
    for why in &host.refused {
        writeln!(out, "Say {}", shown(&format!("not believed: {why}")))?;
    }
    for step in &host.steps {
        write_step(step, out)?;
    }
    writeln!(out, "}}")
}

fn write_step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{} [{}]", step.title, step.evidence.join(" "));
    let (id, changes, vendor) = (shown(&step.id), shown(&step.changes), shown(step.vendor()));
    let phase = match step.phase {
        Phase::Keep => "keep",
        Phase::Filter => "filter",
        _ if step.is_first() => "first",
        _ => "after",
    };
    writeln!(out, "Step {id} {} {changes} {vendor} '{phase}'", shown(&title))?;
    for note in &step.notes {
        writeln!(out, "Note {}", shown(note))?;
    }
    let call = call(&step.action);
    let call =
        call.as_deref().unwrap_or("Manual 'a name here cannot be written in a script; see the report'");
    let call = match step.phase {
        _ if step.waits() => format!("if (-not (Test-Held)) {{ {call} }}"),
        _ if step.is_first() => format!("if (-not (Test-Blocked)) {{ {call} }}"),
        _ => call.to_owned(),
    };
    // What Windows refuses to show or to do ends this step, not the script.
    writeln!(out, "try {{ {call} }} catch {{ Fail ([string]$_) }}")?;
    if step.reboot_after {
        writeln!(out, "RebootPoint")?;
    }
    Ok(())
}

fn call(action: &Action) -> Option<String> {
    match action {
        Action::Msi { product_code, key, name, version, values, secrets } => {
            let packed = super::uninstall::packed(product_code).unwrap_or_default();
            let secrets: Option<Vec<String>> = secrets.iter().map(password).collect();
            words("Remove-Msi", &[product_code, &packed, key, name, version])
                .zip(array(values))
                .zip(secrets)
                .map(|((call, values), secrets)| format!("{call} {values} @({})", secrets.join(", ")))
        }
        Action::Uninstaller { key, value, command, program, arguments, name, values } => {
            words("Invoke-Uninstaller", &[key, value, command, program, arguments, name])
                .zip(array(values))
                .map(|(call, values)| format!("{call} {values}"))
        }
        Action::UninstallByHand { key, name, command, user } => {
            let command = match user {
                Some(user) => format!("as the user {user}, never as administrator: {command}"),
                None => command.clone(),
            };
            words("Wait-ForPerson", &[key, name]).map(|call| format!("{call} {}", shown(&command)))
        }
        Action::DriverFilter { name } => words("Remove-Filter", &[name]),
        Action::NetworkComponent { key, component, values } => words("Remove-Component", &[key, component])
            .zip(array(values))
            .map(|(call, values)| format!("{call} {values}")),
        Action::WindowsService { name, command, driver, values } => {
            words("Remove-LeftService", &[name, command])
                .zip(array(values))
                .map(|(call, values)| format!("{call} {} {values}", boolean(*driver)))
        }
        Action::Keep { path, all } => {
            words("Copy-Kept", &[path]).map(|call| format!("{call} {}", boolean(*all)))
        }
        Action::Folder { path } => {
            words("Remove-Folder", &[path]).map(|call| format!("{call} {}", boolean(is_data(path))))
        }
        Action::File { path, size, holds } => {
            let [size, holds] = [size, holds].map(|text| text.as_deref().unwrap_or_default());
            words("Remove-File", &[path, size, holds])
        }
        Action::Confirm { what: Settled::Replacement, checks } => {
            Some(checked(checks, "Confirm-Settled '-IHaveAReplacement' $IHaveAReplacement"))
        }
        Action::Confirm { what: Settled::Decrypted, checks } => {
            Some(checked(checks, "Confirm-Settled '-Decrypted' $Decrypted"))
        }
        Action::Manual { commands, checks } => Some(by_hand(commands, checks)),
        _ => Some("Manual 'this step is not for Windows: use the plan as sh'".to_owned()),
    }
}

/// A property that takes a password, and how it is written.
fn password(secret: &Password) -> Option<String> {
    let form = match secret.form {
        PasswordForm::Plain => "plain",
        PasswordForm::Utf16Hex => "utf16-hex",
    };
    powershell(&format!("{form} {}", secret.property))
}

fn by_hand(commands: &[String], checks: &[Check]) -> String {
    let lines: Vec<String> = match commands {
        [] => vec!["Manual 'see the title and the notes'".to_owned()],
        commands => commands.iter().map(|command| format!("Manual {}", shown(command))).collect(),
    };
    let lines = lines.join("; ");
    // What the script can see, nobody can say otherwise.
    if checks.iter().any(|check| still(check).is_some()) {
        return checked(checks, &lines);
    }
    format!("if (-not (Test-Stated)) {{ {lines} }}")
}

fn boolean(value: bool) -> &'static str {
    if value { "$true" } else { "$false" }
}

/// A call that runs while something of the step is still there.
fn checked(checks: &[Check], call: &str) -> String {
    let checks: Vec<String> = checks.iter().filter_map(still).collect();
    if checks.is_empty() {
        return call.to_owned();
    }
    format!("if ({}) {{ {call} }} else {{ Gone }}", checks.join(" -or "))
}

fn still(check: &Check) -> Option<String> {
    let call = match check {
        Check::Path { path } => words("Test-Still", &["path", path, ""]),
        Check::Text { path, text } => words("Test-Still", &["text", path, text]),
        Check::Key { key } => words("Test-Still", &["key", key, ""]),
        Check::Data { key, text } => words("Test-Still", &["data", key, text]),
        Check::Value { key, value } => words("Test-Still", &["value", key, value]),
        Check::Package { .. } | Check::Module { .. } => None,
    };
    call.map(|call| format!("({call})"))
}

/// Values of a registry key, each as `name=text`.
fn array(values: &BTreeMap<String, String>) -> Option<String> {
    let values: Option<Vec<String>> =
        values.iter().map(|(name, text)| powershell(&format!("{name}={text}"))).collect();
    Some(format!("@({})", values?.join(", ")))
}

fn words(function: &str, words: &[&str]) -> Option<String> {
    let words: Option<Vec<String>> = words.iter().map(|word| powershell(word)).collect();
    Some(format!("{function} {}", words?.join(" ")))
}
