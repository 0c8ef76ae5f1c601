//! Landlock, seccomp and `no_new_privs`; see [`crate::process::confinement`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use super::calls::{FOLDERS, FORBIDDEN, NEEDED, PROGRAMS_AND_CONNECTIONS};
use super::confinement::Bounds;
use crate::model::{Confinement, Enforced};

/// The Landlock that is asked for; an older kernel enforces what it knows.
const LANDLOCK: ABI = ABI::V6;

pub(super) fn confine(bounds: &Bounds) -> Confinement {
    let mut confinement = Confinement::default();
    match rustix::thread::set_no_new_privs(true) {
        Ok(()) => confinement.no_new_privileges = true,
        Err(error) => confinement.notes.push(format!("no_new_privs is refused: {error}")),
    }
    match landlock(bounds) {
        Ok((status, note)) => {
            confinement.files = status;
            confinement.notes.extend(note);
        }
        Err(error) => confinement.notes.push(format!("Landlock is refused: {error}")),
    }
    match seccomp(bounds.network, !bounds.folders.is_empty()) {
        Ok(()) => confinement.system_calls = Enforced::Fully,
        Err(error) => confinement.notes.push(format!("seccomp is refused: {error}")),
    }
    confinement.programs = bounds.network || confinement.system_calls != Enforced::Fully;
    confinement.connections = confinement.programs;
    confinement
}

fn landlock(bounds: &Bounds) -> Result<(Enforced, Option<String>), RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?;
    if !bounds.network {
        rules = rules.handle_access(AccessNet::from_all(LANDLOCK))?.scope(Scope::from_all(LANDLOCK))?;
    }
    let mut rules = rules.create()?;
    let mut read = AccessFs::ReadFile | AccessFs::ReadDir;
    if bounds.network {
        read |= AccessFs::Execute;
        rules = allow(rules, Path::new("/dev/null"), AccessFs::ReadFile | AccessFs::WriteFile)?;
    }
    let replace = AccessFs::MakeReg | AccessFs::WriteFile | AccessFs::RemoveFile | AccessFs::Truncate;
    for path in &bounds.read {
        rules = allow(rules, path, read)?;
    }
    for path in &bounds.write {
        rules = allow(rules, path, replace)?;
    }
    for path in &bounds.scratch {
        rules = allow(rules, path, replace | AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    let folders = AccessFs::MakeDir | AccessFs::RemoveDir | AccessFs::Refer;
    for path in &bounds.folders {
        rules = allow(rules, path, replace | folders | AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    let status = rules.restrict_self()?;
    let enforced = match status.ruleset {
        RulesetStatus::FullyEnforced => Enforced::Fully,
        RulesetStatus::PartiallyEnforced => Enforced::Partly,
        RulesetStatus::NotEnforced => Enforced::No,
    };
    let note = match status.landlock {
        LandlockStatus::NotEnabled => Some("Landlock is not switched on in this kernel".to_owned()),
        LandlockStatus::NotImplemented => {
            Some("this kernel has no Landlock (Linux 5.13 and later)".to_owned())
        }
        LandlockStatus::Available { effective_abi, .. } if enforced == Enforced::Partly => Some(format!(
            "this kernel's Landlock (version {}) cannot refuse everything",
            effective_abi as i32
        )),
        LandlockStatus::Available { .. } => None,
    };
    Ok((enforced, note))
}

/// Magic numbers of file systems inside the kernel: pipes, sockets and anonymous files (`linux/magic.h`).
const UNMOUNTED: &[i64] = &[0x5049_5045, 0x534f_434b, 0x0904_1934];

/// Allows access to a path; one that is not there needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(handle) = PathFd::new(path) else { return Ok(rules) };
    // A pipe of the shell (`<(...)`) belongs to no file system that rules can name, and is never refused.
    #[allow(clippy::unnecessary_cast, reason = "its type is not the same on every processor")]
    let is_unmounted = |system: rustix::fs::StatFs| UNMOUNTED.contains(&(system.f_type as i64));
    if rustix::fs::fstatfs(&handle).is_ok_and(is_unmounted) {
        return Ok(rules);
    }
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(LANDLOCK) };
    rules.add_rule(PathBeneath::new(handle, access))
}

fn seccomp(network: bool, folders: bool) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    // Of two filters that refuse, the one that came last says with which error.
    if !network {
        seccompiler::apply_filter_all_threads(&needed(folders).map_err(|error| text(&error))?)
            .map_err(|error| text(&error))?;
    }
    seccompiler::apply_filter_all_threads(&forbidden(network, folders).map_err(|error| text(&error))?)
        .map_err(|error| text(&error))
}

type Built = Result<BpfProgram, seccompiler::BackendError>;

fn architecture() -> Result<TargetArch, seccompiler::BackendError> {
    TargetArch::try_from(std::env::consts::ARCH)
}

/// Lets pass what debar and its libraries use.
fn needed(folders: bool) -> Built {
    let more = if folders { FOLDERS } else { &[] };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        NEEDED.iter().chain(more).map(|call| (*call, Vec::new())).collect();
    // A terminal is asked what it is and how wide; nothing is typed into it (TIOCSTI).
    let of_terminals = [libc::TCGETS, libc::TIOCGWINSZ, libc::FIONREAD, libc::FIONBIO, libc::FIOCLEX];
    #[allow(clippy::unnecessary_cast, reason = "the requests are `c_int` with musl")]
    let ioctl = of_terminals.iter().map(|request| argument(1, SeccompCmpOp::Eq, *request as u64));
    rules.insert(libc::SYS_ioctl, ioctl.collect::<Result<_, _>>()?);
    // Threads, no processes. (`clone3` hides its flags in memory: it is not there, and libraries go back to `clone`.)
    let thread = libc::CLONE_THREAD as u64;
    rules.insert(libc::SYS_clone, vec![argument(0, SeccompCmpOp::MaskedEq(thread), thread)?]);
    // Signals to itself only (`abort`).
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![argument(0, SeccompCmpOp::Eq, own)?]);
    let refuse = SeccompAction::Errno(libc::ENOSYS as u32);
    SeccompFilter::new(rules, refuse, SeccompAction::Allow, architecture()?)?.try_into()
}

/// Leaves the calling thread nothing but to read links and to answer other threads: it stays outside of Landlock.
pub fn only_read_links() -> bool {
    // Memory, waiting and ending.
    let calls = [
        #[cfg(target_arch = "x86_64")]
        libc::SYS_readlink,
        libc::SYS_readlinkat,
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_restart_syscall,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = architecture()
        .and_then(|architecture| SeccompFilter::new(rules, refuse, SeccompAction::Allow, architecture))
        .and_then(BpfProgram::try_from);
    filter.is_ok_and(|filter| seccompiler::apply_filter(&filter).is_ok())
}

fn argument(
    number: u8,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(number, SeccompCmpArgLen::Dword, operator, value)?])
}

/// Refuses what nobody has to do on behalf of a scan.
fn forbidden(network: bool, folders: bool) -> Built {
    let calls = if network { &[][..] } else { PROGRAMS_AND_CONNECTIONS };
    let more = if network || folders { &[][..] } else { FOLDERS };
    let rules = FORBIDDEN.iter().chain(calls).chain(more).map(|call| (*call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture()?)?.try_into()
}
/// The bytes of memory that this process has in use (proc_pid_statm(5), resident pages).
pub(super) fn memory_in_use() -> Option<u64> {
    pages(1)
}

/// The bytes of address space that this process uses and those that it may, where so few are left that a request could
/// be refused, which ends a program (getrlimit(2), `RLIMIT_AS`).
pub(super) fn scarce_addresses() -> Option<(u64, u64)> {
    // Set aside, and given back once the rest is scarce: what ends a scan and writes its report takes memory, too.
    static ASIDE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    let (used, most) = pages(0).zip(most_addresses())?;
    let part = (most / 8).min(ENOUGH);
    let mut aside = ASIDE.lock().unwrap_or_else(PoisonError::into_inner);
    if aside.capacity() == 0 {
        let _ = aside.try_reserve_exact(usize::try_from(part).ok()?);
    }
    let is_scarce = most.saturating_sub(used) < part;
    if is_scarce {
        *aside = Vec::new();
    }
    is_scarce.then_some((used, most))
}

/// The most bytes of address space that this process may use.
pub(super) fn most_addresses() -> Option<u64> {
    static MOST: OnceLock<Option<u64>> = OnceLock::new();
    *MOST.get_or_init(|| rustix::process::getrlimit(rustix::process::Resource::As).current)
}

/// What the threads of a scan take until they notice that it ended.
const ENOUGH: u64 = 128 << 20;

/// One of the numbers of pages of proc_pid_statm(5), in bytes.
fn pages(which: usize) -> Option<u64> {
    static STATM: OnceLock<Option<std::fs::File>> = OnceLock::new();
    let file = STATM.get_or_init(|| std::fs::File::open("/proc/self/statm").ok()).as_ref()?;
    let mut text = [0; 128];
    let length = std::os::unix::fs::FileExt::read_at(file, &mut text, 0).ok()?;
    let text = std::str::from_utf8(text.get(..length)?).ok()?;
    let pages: u64 = text.split(' ').nth(which)?.parse().ok()?;
    Some(pages.saturating_mul(rustix::param::page_size() as u64))
}
