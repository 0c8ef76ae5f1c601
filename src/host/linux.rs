//! A running Linux: its mounts (`/proc/self/mountinfo`, as in proc_pid_mountinfo(5)), and where processes run.
//!
//! A container is recognised by the control group, because inside its own mount namespace a process has the root `/`
//! like any other; services of systemd have namespaces of their own too and are no containers.

use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Executable, Mount, ProcessPlace};

/// The system's list of mounts, read once: a confined process cannot open it any more.
pub(super) fn mountinfo() -> &'static [u8] {
    static LIST: OnceLock<Vec<u8>> = OnceLock::new();
    // Without /proc no mount is known, and the list of processes is a gap.
    LIST.get_or_init(|| std::fs::read("/proc/self/mountinfo").unwrap_or_else(|_| Vec::new()))
}

/// The mounts below a directory, not the one that it lies on itself.
pub(super) fn mounts_below(path: &Path) -> Vec<Mount> {
    parse(mountinfo(), path.as_os_str().as_bytes())
}

fn parse(mountinfo: &[u8], below: &[u8]) -> Vec<Mount> {
    let below = below.strip_suffix(b"/").unwrap_or(below);
    let mut mounts = Vec::new();
    for line in mountinfo.split(|&byte| byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let file_system =
            fields.iter().position(|field| *field == b"-").and_then(|dash| fields.get(dash + 1));
        let (Some(point), Some(file_system)) = (fields.get(4), file_system) else { continue };
        let options =
            fields.last().map(|field| String::from_utf8_lossy(field).into_owned()).unwrap_or_default();
        let point = unescaped(point);
        let inside = point.strip_prefix(below).and_then(|rest| rest.strip_prefix(b"/"));
        if let Some(inside) = inside.filter(|inside| !inside.is_empty()) {
            let file_system = String::from_utf8_lossy(file_system).into_owned();
            // A later mount on the same point covers the earlier one.
            mounts.retain(|mount: &Mount| mount.path != inside);
            let is_private = is_private(&file_system, &options);
            mounts.push(Mount { path: inside.to_vec(), file_system, is_private });
        }
    }
    mounts
}

/// Whether only the user who mounted a file system can read it: of FUSE, unless it was opened to all.
fn is_private(file_system: &str, options: &str) -> bool {
    let is_fuse = file_system == "fuse" || file_system.starts_with("fuse.");
    let of_root = |option: &str| option == "user_id=0" || option == "allow_other";
    is_fuse && options.contains("user_id=") && !options.split(',').any(of_root)
}

/// Blanks, tabs, line ends and backslashes are octal escapes.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped =
            after.get(..3).filter(|_| byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}

/// What proc_pid_exe(5) appends to the path of an executable that was removed or replaced.
const DELETED: &[u8] = b" (deleted)";

/// Where a process runs: its `exe` and `root` links, and its control groups.
pub(super) fn process_place(pid: u32) -> ProcessPlace {
    let Links { executable, root } = guide::links(pid).unwrap_or_else(|| links_of(pid));
    let executable = match executable {
        Ok(path) => executable_at(path.as_os_str().as_bytes(), |path| path.try_exists().unwrap_or(false)),
        Err(std::io::ErrorKind::PermissionDenied) => Executable::Denied,
        Err(_) => return ProcessPlace { executable: Executable::None, container: None },
    };
    let groups = std::fs::read(format!("/proc/{pid}/cgroup")).unwrap_or_else(|_| Vec::new());
    let root = root.map(|root| root.into_os_string().into_vec()).filter(|root| root != b"/");
    let container = container_of(&groups).or_else(|| root.as_deref().map(crate::text::text_of));
    ProcessPlace { executable: inside(executable, root.as_deref()), container }
}

/// The links of a process that Landlock hides.
struct Links {
    executable: Result<PathBuf, std::io::ErrorKind>,
    root: Option<PathBuf>,
}

fn links_of(pid: u32) -> Links {
    let link = |name: &str| std::fs::read_link(format!("/proc/{pid}/{name}"));
    Links { executable: link("exe").map_err(|error| error.kind()), root: link("root").ok() }
}

/// The thread that reads the links of processes for a confined debar: Landlock hides from a process what others outside
/// of its bounds run. It can do nothing else from its first answer on.
pub(super) mod guide {
    use std::sync::OnceLock;
    use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};

    use super::Links;

    type Question = (u32, SyncSender<Links>);
    static ASK: OnceLock<Sender<Question>> = OnceLock::new();

    /// Starts it, before this process is confined.
    pub fn start(is_confined: bool) {
        ASK.get_or_init(|| {
            let (ask, questions) = channel::<Question>();
            let answer = move || {
                let mut is_bound = !is_confined;
                for (pid, asker) in questions {
                    // Not before: filters of the whole process must be the same for all of its threads.
                    if !is_bound {
                        is_bound = true;
                        crate::process::only_read_links();
                    }
                    drop(asker.send(super::links_of(pid)));
                }
            };
            drop(std::thread::Builder::new().name("process guide".to_owned()).spawn(answer));
            ask
        });
    }

    /// Its answer; `None` when there is no such thread.
    pub(super) fn links(pid: u32) -> Option<Links> {
        let (asker, answer) = sync_channel(1);
        ASK.get()?.send((pid, asker)).ok()?;
        answer.recv().ok()
    }
}

/// The path of an executable as the process names it: below its own root, where that lies in ours.
fn inside(executable: Executable, root: Option<&[u8]>) -> Executable {
    match (executable, root) {
        (Executable::File { path, on_disk }, Some(root)) => {
            let inner = path.strip_prefix(root).filter(|inner| inner.first() == Some(&b'/'));
            Executable::File { path: inner.unwrap_or(&path).to_vec(), on_disk }
        }
        (executable, _) => executable,
    }
}

fn executable_at(link: &[u8], exists: impl Fn(&Path) -> bool) -> Executable {
    // A file may be called so itself.
    let gone = link.strip_suffix(DELETED).filter(|_| !exists(Path::new(std::ffi::OsStr::from_bytes(link))));
    Executable::File { path: gone.unwrap_or(link).to_vec(), on_disk: Some(gone.is_none()) }
}

/// The container that a control group belongs to (cgroups(7), `/proc/PID/cgroup`), by the names that container
/// runtimes give: an id of 64 hexadecimal digits, or a name after a known prefix.
fn container_of(groups: &[u8]) -> Option<String> {
    let paths = groups.split(|&byte| byte == b'\n').filter_map(|line| line.splitn(3, |&b| b == b':').nth(2));
    let names = paths.flat_map(|path| path.split(|&byte| byte == b'/'));
    names.filter_map(|name| std::str::from_utf8(name).ok()).find_map(container_name)
}

fn container_name(group: &str) -> Option<String> {
    let name = group.strip_suffix(".scope").unwrap_or(group);
    let last = name.rsplit('-').next().unwrap_or(name);
    if last.len() == 64 && last.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(last.to_owned());
    }
    let prefixes = ["lxc.payload.", "systemd-nspawn@", "app-flatpak-"];
    let named = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix));
    named.map(|name| name.trim_end_matches(".service").to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_in_another_root_is_named_as_it_names_itself() {
        let file = |path: &[u8]| Executable::File { path: path.to_vec(), on_disk: Some(true) };
        let jailed = |root| inside(file(b"/srv/jail/opt/vendor/tool"), root);
        assert_eq!(jailed(Some(b"/srv/jail")), file(b"/opt/vendor/tool"));
        for root in [None, Some(b"/srv/ja".as_slice()), Some(b"/other")] {
            assert_eq!(jailed(root), file(b"/srv/jail/opt/vendor/tool"));
        }
    }

    #[test]
    fn containers_are_told_by_the_names_of_their_groups() {
        let id = "0123456789abcdef".repeat(4);
        let of = |path: &str| container_of(format!("12:pids:{path}\n0::{path}\n").as_bytes());
        assert_eq!(of(&format!("/docker/{id}")), Some(id.clone()));
        assert_eq!(of(&format!("/system.slice/docker-{id}.scope")), Some(id.clone()));
        assert_eq!(of(&format!("/kubepods/burstable/pod1/cri-containerd-{id}.scope/init")), Some(id));
        assert_eq!(of("/lxc.payload.web/system.slice"), Some("web".into()));
        assert_eq!(of("/user.slice/user-1000.slice/app.slice/snap.x.scope"), None);
        assert_eq!(of("/system.slice/cron.service"), None);
        assert_eq!(container_of(b"junk\n0::"), None);
    }

    #[test]
    fn a_deleted_executable_is_not_on_disk() {
        let file = |path: &[u8], on_disk| Executable::File { path: path.to_vec(), on_disk: Some(on_disk) };
        assert_eq!(executable_at(b"/opt/a (deleted)", |_| false), file(b"/opt/a", false));
        assert_eq!(executable_at(b"/opt/a (deleted)", |_| true), file(b"/opt/a (deleted)", true));
        assert_eq!(executable_at(b"/opt/a", |_| true), file(b"/opt/a", true));
    }

    #[test]
    fn mounts_below_a_directory() {
        let text = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            23 22 0:5 / /proc rw,nosuid shared:13 - proc proc rw\n\
            24 22 0:44 / /mnt/a\\040b rw - nfs4 server:/x rw\n\
            25 22 0:44 / /mntx rw - tmpfs none rw\n";
        let mounts = parse(text, b"/");
        assert_eq!(
            mounts.iter().map(|mount| mount.file_system.as_str()).collect::<Vec<_>>(),
            ["proc", "nfs4", "tmpfs"]
        );
        let below = parse(text, b"/mnt");
        assert_eq!(below, [Mount { path: b"a b".to_vec(), file_system: "nfs4".into(), is_private: false }]);
    }

    #[test]
    fn mounts_that_one_user_alone_can_read() {
        let line = |options: &str| format!("31 22 0:50 / /home/a/x rw - fuse.bindfs x rw,{options}\n");
        let is_private = |options| parse(line(options).as_bytes(), b"/").iter().all(|mount| mount.is_private);
        assert!(is_private("user_id=1000,group_id=1000"));
        assert!(!is_private("user_id=1000,group_id=1000,allow_other"));
        assert!(!is_private("user_id=0,group_id=0"));
        assert!(!is_private(""));
    }
}
