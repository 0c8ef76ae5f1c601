//! Plans for tools that deploy, each in its own conventions.
//!
//! Intune's remediations are pairs of scripts: the first exits with 1 when something is to be done, the second does it,
//! and 0 is success for both. Configuration Manager reads 3010 as a soft restart. Ansible restarts hosts itself.

use std::io::{self, Write};

use super::{HostPlan, Plan, powershell, sh};
use crate::model::{Os, TargetKind};

/// The detection script of an Intune remediation: exit code 1 while a step is left to do.
pub(super) fn intune_detect(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    powershell::write_with(plan, powershell::runtime(), out)?;
    writeln!(out, "if (-not $script:Known -or $script:Left -eq 0) {{ Say 'nothing to remove'; exit 0 }}")?;
    writeln!(out, "Say \"$($script:Left) steps are left to do\"\nexit 1")
}

/// The remediation script: takes the steps, and exits with 0 when nothing failed. What waits for a restart is found by
/// the next detection.
pub(super) fn intune_remediate(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let runtime = applying(powershell::runtime()).replace("exit 3010", "exit 0");
    powershell::write_with(plan, &runtime, out)?;
    writeln!(out, "if (-not $script:Known) {{ exit 0 }}\nComplete-Plan")
}

/// A script of Configuration Manager: takes the steps; 3010 asks it for a restart.
pub(super) fn configmgr(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    powershell::write_with(plan, &applying(powershell::runtime()), out)?;
    writeln!(out, "if (-not $script:Known) {{ exit 0 }}\nComplete-Plan")
}

/// The runtime with -Apply as its default: these tools pass no arguments.
fn applying(runtime: &str) -> String {
    runtime.replacen("[switch]$Apply,", "[switch]$Apply = $true,", 1)
}

/// An Ansible playbook, one play for each host: the script runs, the host restarts where it asks for that, and it runs
/// again. Run it with --check to see what it would do.
pub(super) fn ansible(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "---\n# Removal plan made by debar {}. Read it before you run it.", plan.debar)?;
    let hosts =
        plan.hosts.iter().filter(|host| host.target_kind == TargetKind::Host && !host.steps.is_empty());
    let mut is_empty = true;
    for host in hosts {
        is_empty = false;
        play(plan, host, out)?;
    }
    if is_empty {
        writeln!(out, "[]")?;
    }
    Ok(())
}

fn play(plan: &Plan, host: &HostPlan, out: &mut dyn Write) -> io::Result<()> {
    let is_windows = host.os == Some(Os::Windows);
    let alone = Plan { hosts: vec![host.clone()], ..plan.clone() };
    let mut script = Vec::new();
    if is_windows {
        powershell::write(&alone, &mut script)?
    } else {
        sh::write(&alone, &mut script)?
    }
    // A string of JSON is one of YAML, too; what Ansible would take for a template is marked as text.
    let quoted = |text: &str| serde_json::to_string(text).map_err(io::Error::other);
    let (name, body) = (quoted(&host.host)?, quoted(&String::from_utf8_lossy(&script))?);
    let (path, copy, reboot, restart) = if is_windows {
        (r"C:\ProgramData\debar-plan.ps1", "ansible.windows.win_copy", "ansible.windows.win_reboot", 3010)
    } else {
        ("/root/debar-plan.sh", "ansible.builtin.copy", "ansible.builtin.reboot", 64)
    };
    let (run, words) = if is_windows {
        (
            "ansible.windows.win_command",
            vec![
                "powershell.exe",
                "-NoProfile",
                "-ExecutionPolicy",
                "Bypass",
                "-File",
                path,
                "-Apply",
                "-HostName",
            ],
        )
    } else {
        ("ansible.builtin.command", vec!["sh", path, "--apply", "--host"])
    };
    let mut words: Vec<String> = words.into_iter().map(quoted).collect::<io::Result<_>>()?;
    words.push(format!("!unsafe {name}"));
    writeln!(out, "- name: Remove banned software\n  hosts: !unsafe {name}\n  gather_facts: false")?;
    if !is_windows {
        writeln!(out, "  become: true")?;
    }
    let path = quoted(path)?;
    writeln!(
        out,
        "  tasks:\n    - name: Bring the plan\n      {copy}:\n        dest: {path}\n        content: !unsafe {body}"
    )?;
    if !is_windows {
        writeln!(out, "        mode: \"0700\"\n        owner: root")?;
    }
    tasks([run, reboot], restart, &words.join(", "), out)
}

/// The tasks that take the steps, restart the host where the script asks for it, and take the steps that follow.
fn tasks([run, reboot]: [&str; 2], restart: u16, words: &str, out: &mut dyn Write) -> io::Result<()> {
    for (task, when) in [("Take the steps", ""), ("Take the steps that follow", "restart is changed")] {
        writeln!(out, "    - name: {task}\n      {run}:\n        argv: [{words}]\n      register: plan")?;
        writeln!(
            out,
            "      changed_when: plan.rc in [0, {restart}]\n      failed_when: plan.rc not in [0, {restart}]"
        )?;
        match when {
            "" => writeln!(
                out,
                "    - name: Restart the host\n      {reboot}:\n      register: restart\n      when: plan.rc | default(0) == {restart}"
            )?,
            when => writeln!(out, "      when: {when}")?,
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
    }
}
