//! Plans for tools that deploy, each in its own conventions.
//!
//! Intune's remediations are pairs of scripts: the first exits with 1 when something is to be done, the second does it,
//! and 0 is success for both. Configuration Manager reads 3010 as a soft restart. Ansible restarts hosts itself.

use std::io::{self, Write};

use super::{HostPlan, Plan, powershell, sh};
use crate::model::{Os, TargetKind};
use crate::text::escape::printable;

/// What these tools start is a PowerShell of 32 bits unless they are set otherwise: it sees another registry and another
/// System32, in which products seem to be gone.
const RELAUNCH: &str = "\
if ([IntPtr]::Size -eq 4 -and $env:PROCESSOR_ARCHITEW6432) {
  & \"$env:SystemRoot\\SysNative\\WindowsPowerShell\\v1.0\\powershell.exe\" -NoProfile -ExecutionPolicy Bypass -File $PSCommandPath
  exit $LASTEXITCODE
}
";
/// The line of the runtime before which a script for these tools starts itself again.
const FIRST: &str = "Set-StrictMode -Version 2\n";

/// The detection script of an Intune remediation: exit code 1 while a step is left to do.
pub(super) fn intune_detect(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    powershell::write_with(plan, &relaunching(powershell::runtime()), out)?;
    elsewhere(out)?;
    writeln!(out, "if ($script:Left -eq 0) {{ Say 'nothing to remove'; exit 0 }}")?;
    writeln!(out, "Show-Left\nexit 1")
}

/// The remediation script: takes the steps, and exits with 0 when nothing failed. What waits for a restart is found by
/// the next detection.
pub(super) fn intune_remediate(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let runtime = applying(powershell::runtime()).replace("exit 3010", "exit 0");
    powershell::write_with(plan, &runtime, out)?;
    elsewhere(out)?;
    writeln!(out, "Complete-Plan")
}

/// A script of Configuration Manager: takes the steps; 3010 asks it for a restart.
pub(super) fn configmgr(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    powershell::write_with(plan, &applying(powershell::runtime()), out)?;
    elsewhere(out)?;
    writeln!(out, "Complete-Plan")
}

/// A device that the plan does not name has no steps, which does not say that it is clean.
fn elsewhere(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "if (-not $script:Known) {{ Write-Host \"$HostName is not in this plan: nothing was checked\"; exit 0 }}"
    )
}

fn relaunching(runtime: &str) -> String {
    runtime.replacen(FIRST, &format!("{RELAUNCH}{FIRST}"), 1)
}

/// The runtime with -Apply as its default: these tools pass no arguments.
fn applying(runtime: &str) -> String {
    relaunching(&runtime.replacen("[switch]$Apply,", "[switch]$Apply = $true,", 1))
}

/// Whether a host's name is one that Ansible takes for this host alone.
///
/// # Errors
/// Says why not: as a pattern it could mean other hosts, or the machine that Ansible runs on.
pub(super) fn pattern(host: &str) -> Result<(), String> {
    let is_plain = host.starts_with(|char: char| char.is_ascii_alphanumeric())
        && host.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    let lower = host.to_lowercase();
    let first = lower.split('.').next().unwrap_or_default();
    if !is_plain {
        return Err("as a pattern its name could mean other hosts".to_owned());
    }
    if first == "localhost" || lower.starts_with("127.") {
        return Err("Ansible would take its name for the machine that it runs on".to_owned());
    }
    if ["all", "ungrouped"].contains(&lower.as_str()) {
        return Err("its name is that of a group of Ansible".to_owned());
    }
    Ok(())
}

/// How many times a plan may ask for a restart: after the product, after its drivers, after their files.
const RESTARTS: usize = 3;

/// An Ansible playbook, one play for each host: the script runs, the host restarts where it asks for that, and it runs
/// again. With --check the script only shows its steps.
pub(super) fn ansible(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "---\n# Removal plan made by debar {}. Read it before you run it. --check brings the script and shows its steps; the list \
         debar_options goes to the script.",
        plan.debar
    )?;
    let mut without: Vec<String> = Vec::new();
    let mut plays = 0_usize;
    for host in &plan.hosts {
        let why = match (host.target_kind, pattern(&host.host)) {
            _ if host.steps.is_empty() => "nothing to remove".to_owned(),
            (TargetKind::Image, _) => {
                let titles: Vec<&str> = host.steps.iter().map(|step| step.title.as_str()).collect();
                format!("an image is built again. {}", titles.join(". "))
            }
            (TargetKind::Host, Ok(())) => {
                plays += 1;
                play(plan, host, out)?;
                continue;
            }
            (TargetKind::Host, Err(why)) => why,
            _ => "it is no running host; write the plan as sh or ps1, and run it in that system".to_owned(),
        };
        let line = format!("No play for {}: {why}.", host.host);
        writeln!(out, "# {}", serde_json::Value::from(printable(&line)))?;
        without.push(line);
    }
    // Ansible takes no playbook without a play.
    if plays == 0 {
        let text = serde_json::Value::from(if without.is_empty() {
            "Nothing to remove.".to_owned()
        } else {
            printable(&without.join(" ")).into_owned()
        });
        writeln!(
            out,
            "- name: Say why there is nothing to take\n  hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n    - \
             ansible.builtin.debug:\n        msg: !unsafe {text}"
        )?;
    }
    Ok(())
}

/// How Ansible reaches a kind of host.
struct Means {
    path: &'static str,
    copy: &'static str,
    run: &'static str,
    reboot: &'static str,
    /// The exit code that asks for a restart.
    restart: u16,
    /// The words that run the script, and those behind them that take its steps.
    words: Vec<&'static str>,
    apply: &'static str,
}

impl Means {
    fn of(os: Option<Os>) -> Means {
        if os == Some(Os::Windows) {
            // Only administrators can make a file there; in C:\ProgramData anyone can, and would own it.
            let path = r"C:\Windows\debar-plan.ps1";
            return Means {
                path,
                copy: "ansible.windows.win_copy",
                run: "ansible.windows.win_command",
                reboot: "ansible.windows.win_reboot",
                restart: 3010,
                words: vec!["powershell.exe", "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", path],
                apply: "-Apply",
            };
        }
        let path = if os == Some(Os::Macos) { "/var/root/debar-plan.sh" } else { "/root/debar-plan.sh" };
        Means {
            path,
            copy: "ansible.builtin.copy",
            run: "ansible.builtin.command",
            reboot: "ansible.builtin.reboot",
            restart: 64,
            words: vec!["sh", path],
            apply: "--apply",
        }
    }
}

fn play(plan: &Plan, host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    let means = Means::of(host.os);
    let alone = Plan { hosts: vec![host.clone()], ..plan.clone() };
    let mut script = Vec::new();
    if host.os == Some(Os::Windows) {
        powershell::write(&alone, &mut script)?
    } else {
        sh::write(&alone, &mut script)?
    }
    // A string of JSON is one of YAML, too; what Ansible would take for a template is marked as text.
    let quoted = |text: &str| serde_json::to_string(text).map_err(io::Error::other);
    let (name, body) = (quoted(&host.host)?, quoted(&String::from_utf8_lossy(&script))?);
    let path = quoted(means.path)?;
    writeln!(out, "- name: Remove banned software\n  hosts: {name}\n  gather_facts: false")?;
    if host.os != Some(Os::Windows) {
        writeln!(out, "  become: true")?;
    }
    // The script takes no step where the host calls itself otherwise: a group can have the name of a host.
    writeln!(
        out,
        "  tasks:\n    - name: Bring the plan\n      {}:\n        dest: {path}\n        content: !unsafe {body}",
        means.copy
    )?;
    if host.os != Some(Os::Windows) {
        writeln!(out, "        mode: \"0700\"\n        owner: root")?;
    }
    writeln!(out, "      check_mode: false")?;
    let words: Vec<String> = means.words.iter().map(|word| quoted(word)).collect::<io::Result<_>>()?;
    let words = words.join(", ");
    writeln!(
        out,
        "    - name: See the steps\n      {}:\n        argv: [{words}]\n      register: seen\n      check_mode: false\n      \
         changed_when: seen.rc == 1\n      failed_when: seen.rc not in [0, 1]\n      when: ansible_check_mode",
        means.run
    )?;
    writeln!(
        out,
        "    - name: Show the steps\n      ansible.builtin.debug:\n        var: seen.stdout_lines\n      when: ansible_check_mode"
    )?;
    // In a template, which is between quotation marks itself.
    let words: Vec<String> = means
        .words
        .iter()
        .chain([&means.apply])
        .map(|word| format!("'{}'", word.replace('\\', "\\\\")))
        .collect();
    tasks(&means, &words.join(", "), out)
}

/// The tasks that take the steps, restart the host where the script asks for it, and take the steps that follow.
fn tasks(means: &Means, words: &str, out: &mut dyn Write) -> io::Result<()> {
    let Means { run, reboot, restart, .. } = means;
    let mut when = "not ansible_check_mode".to_owned();
    for round in 0..=RESTARTS {
        let name = if round == 0 { "Take the steps" } else { "Take the steps that follow" };
        let due = format!("[0, {restart}]");
        let fine = if round == RESTARTS { "[0]" } else { due.as_str() };
        writeln!(
            out,
            "    - name: {name}\n      {run}:\n        argv: \"{{{{ [{words}] + (debar_options | default([])) }}}}\"\n      register: \
             plan_{round}"
        )?;
        writeln!(
            out,
            "      changed_when: plan_{round}.rc in {due}\n      failed_when: plan_{round}.rc not in {fine}"
        )?;
        writeln!(out, "      when: {when}")?;
        if round < RESTARTS {
            // A task that was skipped has no exit code.
            writeln!(
                out,
                "    - name: Restart the host\n      {reboot}:\n      register: restart_{round}\n      \
                 when: plan_{round}.rc | default(0) == {restart}"
            )?;
            when = format!("restart_{round} is changed");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtimes_defaults_are_where_they_are_changed() {
        let applying = applying(powershell::runtime());
        assert!(applying.contains("[switch]$Apply = $true,") && applying.contains("exit 3010"));
        assert!(applying.contains(&format!("{RELAUNCH}{FIRST}")));
    }

    #[test]
    fn no_name_of_a_host_is_a_pattern_of_others() {
        for fine in ["WKS-0117", "ws-7.corp.example", "a_b"] {
            assert_eq!(pattern(fine), Ok(()), "{fine}");
        }
        for other in [
            "all",
            "ALL",
            "ungrouped",
            "*",
            "web*",
            "web:db",
            "a,b",
            "!a",
            "&a",
            "~a",
            "@hosts",
            "[0:9]",
            "{{ x }}",
            "localhost",
            "localhost.localdomain",
            "127.0.0.1",
            "",
            "-i",
            "a b",
            "::1",
        ] {
            assert!(pattern(other).is_err(), "{other}");
        }
    }
}
