//! The plans of many hosts as folders: one for each tool that deploys, with the files that it takes.
//!
//! Hosts name themselves. A name becomes a part of a path only in a form that stays in the folder, and a pattern of
//! hosts only where it can mean nothing but that host.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Action, HostPlan, Plan, PlanWriter, deploy, page, powershell, sh};
use crate::model::{Os, TargetKind};
use crate::process::output::write_whole;
use crate::text::hex::hex;
use crate::write::{Lines, Table};

/// The largest script that Intune takes is 200 KB; there is room for an encoding that needs more.
const SCRIPT: usize = 180 * 1024;
/// Names of files that Windows keeps for devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$"];

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// A row for each host, with its folder and its steps.
    pub rows: Vec<Vec<String>>,
    /// What a plan could not be written for, one sentence each.
    pub left: Vec<String>,
}

/// The columns of the list of hosts.
const HEADERS: &[&str] =
    &["host", "os", "scanned", "steps", "by_hand", "refused", "folder", "ansible", "windows_scripts"];

/// Writes the plans of hosts below a folder that is new or empty: `hosts/NAME/`, `ansible/`, `intune/NN/`, `configmgr/NN/`
/// and `hosts.csv`. They appear all of them or none.
///
/// # Errors
/// When the folder has something in it, or a file cannot be written.
pub fn write(plans: impl Iterator<Item = Plan>, folder: &Path) -> io::Result<Written> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let what = "it is not empty, and no plan of an earlier day is among these";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
    }
    let is_new = !folder.exists();
    fs::create_dir_all(folder)?;
    let stage = tempfile::Builder::new().prefix(".").suffix(".tmp").tempdir_in(folder)?;
    let written = Folders::new(stage.path()).fill(plans).and_then(|written| {
        place(stage.path(), folder)?;
        Ok(written)
    });
    drop(stage);
    if is_new && written.is_err() {
        drop(fs::remove_dir(folder));
    }
    written
}

/// Moves what is in one folder into another; all of it, or nothing.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    let mut placed: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let path = to.join(entry.file_name());
        if let Err(error) = fs::rename(entry.path(), &path) {
            for path in placed {
                drop(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
            }
            return Err(error);
        }
        placed.push(path);
    }
    Ok(())
}

/// Writes a file in which no line is a command of a build server.
fn put(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    write_whole(path, |out| {
        let mut lines = Lines::new(out);
        write(&mut lines)?;
        lines.finish()
    })
}

struct Folders<'a> {
    top: &'a Path,
    names: BTreeSet<String>,
    written: Written,
    /// Playbooks, in order.
    playbooks: Vec<String>,
    /// Windows hosts whose scripts are one file, and how long it is.
    group: Vec<HostPlan>,
    length: usize,
    groups: usize,
}

impl<'a> Folders<'a> {
    fn new(top: &'a Path) -> Self {
        let (names, written, playbooks, group) = Default::default();
        Folders { top, names, written, playbooks, group, length: 0, groups: 0 }
    }

    fn fill(mut self, plans: impl Iterator<Item = Plan>) -> io::Result<Written> {
        for mut plan in plans {
            for host in std::mem::take(&mut plan.hosts) {
                self.host(&Plan { hosts: vec![host], ..plan.clone() })?;
            }
        }
        self.flush()?;
        self.site()?;
        let rows = std::mem::take(&mut self.written.rows);
        let table = Table { headers: HEADERS.to_vec(), rows };
        put(&self.top.join("hosts.csv"), |out| table.csv(out))?;
        self.written.rows = table.rows;
        Ok(self.written)
    }

    fn host(&mut self, plan: &Plan) -> io::Result<()> {
        let Some(host) = plan.hosts.first() else { return Ok(()) };
        let name = file_name(&host.host, &mut self.names);
        let folder = self.folder(&["hosts", &name])?;
        let file = |name: &str, write: PlanWriter| put(&folder.join(name), |out| write(plan, out));
        file("plan.json", super::json)?;
        file("plan.md", page::write)?;
        let is_image = host.target_kind == TargetKind::Image;
        match host.os {
            _ if is_image => {}
            Some(Os::Windows) => file("plan.ps1", powershell::write)?,
            _ => file("plan.sh", sh::write)?,
        }
        let is_deployed = host.target_kind == TargetKind::Host && !host.steps.is_empty();
        let playbook = if is_deployed { self.playbook(plan, host, &name)? } else { String::new() };
        let group = match host.os {
            Some(Os::Windows) if is_deployed => self.group(plan, host)?,
            _ => String::new(),
        };
        if is_image || host.target_kind == TargetKind::Directory {
            let what =
                if is_image { "an image: build it again" } else { "a folder: run its script in that system" };
            self.written.left.push(format!("{} is {what}; see hosts/{name}", host.host));
        }
        let by_hand = |step: &&super::Step| {
            matches!(
                step.action,
                Action::Manual { .. } | Action::UninstallByHand { .. } | Action::Confirm { .. }
            )
        };
        let os = host.os.map(|os| os.word().to_owned()).unwrap_or_default();
        let count = |number: usize| number.to_string();
        let (by_hand, refused) = (host.steps.iter().filter(by_hand).count(), host.refused.len());
        let row = [
            host.host.clone(),
            os,
            host.scanned.clone(),
            count(host.steps.len()),
            count(by_hand),
            count(refused),
        ];
        self.written.rows.push(row.into_iter().chain([format!("hosts/{name}"), playbook, group]).collect());
        Ok(())
    }

    fn folder(&self, parts: &[&str]) -> io::Result<PathBuf> {
        let folder = parts.iter().fold(self.top.to_owned(), |folder, part| folder.join(part));
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    fn playbook(&mut self, plan: &Plan, host: &HostPlan, name: &str) -> io::Result<String> {
        if let Err(why) = deploy::pattern(&host.host) {
            self.written.left.push(format!("{} has no playbook: {why}; see hosts/{name}", host.host));
            return Ok(String::new());
        }
        let file = format!("{name}.yml");
        let folder = self.folder(&["ansible", "hosts"])?;
        put(&folder.join(&file), |out| deploy::ansible(plan, out))?;
        self.playbooks.push(file.clone());
        Ok(format!("ansible/hosts/{file}"))
    }

    /// One playbook for all.
    fn site(&self) -> io::Result<()> {
        if self.playbooks.is_empty() {
            return Ok(());
        }
        put(&self.folder(&["ansible"])?.join("site.yml"), |out| {
            writeln!(
                out,
                "---\n# All plans; take those of some hosts with --limit, and look first with --check."
            )?;
            self.playbooks.iter().try_for_each(|file| {
                let path = serde_json::to_string(&format!("hosts/{file}")).map_err(io::Error::other)?;
                writeln!(out, "- ansible.builtin.import_playbook: !unsafe {path}")
            })
        })
    }

    /// Adds a Windows host to the scripts that many hosts share: each takes its own steps.
    fn group(&mut self, plan: &Plan, host: &HostPlan) -> io::Result<String> {
        let length = |plan: &Plan| -> io::Result<usize> {
            let mut script = Vec::new();
            deploy::intune_remediate(plan, &mut script)?;
            Ok(script.len())
        };
        let empty = length(&Plan { hosts: Vec::new(), ..plan.clone() })?;
        let more = length(plan)?.saturating_sub(empty);
        if !self.group.is_empty() && self.length + more > SCRIPT {
            self.flush()?;
        }
        if empty + more > SCRIPT {
            let what = "its script is longer than Intune takes; deploy it by other means";
            self.written.left.push(format!("{}: {what}", host.host));
        }
        if self.group.is_empty() {
            self.length = empty;
            self.groups += 1;
        }
        self.length += more;
        self.group.push(host.clone());
        Ok(format!("{:03}", self.groups))
    }

    fn flush(&mut self) -> io::Result<()> {
        let hosts = std::mem::take(&mut self.group);
        if hosts.is_empty() {
            return Ok(());
        }
        let number = format!("{:03}", self.groups);
        let rows = hosts.iter().map(|host| vec![host.host.clone()]).collect();
        let devices = Table { headers: vec!["device"], rows };
        let plan = Plan { hosts, ..Plan::empty() };
        let files: [(&str, &str, PlanWriter); 3] = [
            ("intune", "detect.ps1", deploy::intune_detect),
            ("intune", "remediate.ps1", deploy::intune_remediate),
            ("configmgr", "plan.ps1", deploy::configmgr),
        ];
        for (tool, name, write) in files {
            put(&self.folder(&[tool, &number])?.join(name), |out| write(&plan, out))?;
        }
        for tool in ["intune", "configmgr"] {
            put(&self.folder(&[tool, &number])?.join("devices.csv"), |out| devices.csv(out))?;
        }
        Ok(())
    }
}

/// A host's name as a part of a path, whatever the host calls itself, and distinct from those before it, also where case
/// does not count.
fn file_name(host: &str, taken: &mut BTreeSet<String>) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let plain: String = host.chars().take(64).map(|char| if is_plain(char) { char } else { '_' }).collect();
    let stem = plain.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let stem = stem.trim_end_matches(|char: char| char.is_ascii_digit());
    let is_safe = plain == host
        && plain.starts_with(|char: char| char.is_ascii_alphanumeric())
        && !plain.ends_with('.')
        && !DEVICES.contains(&stem);
    if is_safe && taken.insert(plain.to_lowercase()) {
        return plain;
    }
    let plain = plain.trim_matches(['.', '-']);
    let digest = Sha256::digest(host.as_bytes());
    let digits = digest.get(..5).map(hex).unwrap_or_default();
    let named = format!("host_{plain}_{digits}");
    let numbered = (2_u64..).map(|number| format!("{named}_{number}"));
    let free = std::iter::once(named.clone()).chain(numbered).find(|name| taken.insert(name.to_lowercase()));
    free.unwrap_or(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stay_names() {
        let mut taken = BTreeSet::new();
        assert_eq!(file_name("WKS-0117.corp.example", &mut taken), "WKS-0117.corp.example");
        assert!(file_name("wks-0117.CORP.example", &mut taken).starts_with("host_wks-0117"));
        for hostile in
            ["", ".", "..", "../../etc", "-rf", "CON", "nul.txt", "com1", "a/b", "C:\\x", "x.", "\u{202e}"]
        {
            assert!(file_name(hostile, &mut taken).starts_with("host_"), "{hostile}");
        }
    }

    proptest! {
        #[test]
        fn no_name_leads_out_of_its_folder(hosts in prop::collection::vec("\\PC{0,80}|[.a-zA-Z/\\\\]{0,6}", 1..20)) {
            let mut taken = BTreeSet::new();
            let mut seen = BTreeSet::new();
            for host in &hosts {
                let name = file_name(host, &mut taken);
                prop_assert!(name.len() <= 100 && name.starts_with(|char: char| char.is_ascii_alphanumeric()));
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
                prop_assert!(!name.ends_with('.') && seen.insert(name.to_lowercase()));
            }
        }
    }
}
