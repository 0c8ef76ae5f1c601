//! Resolving paths: links are followed component by component and never leave the target.
//!
//! On a Windows a name may be stored in several spellings; the first that leads to what is asked for answers.

use std::io;
use std::sync::Arc;

use super::names::Names;
use super::way::{Dangling, Way};
use super::{Fault, Found, MAX_LINKS, Root, components, normalise};
use crate::fs::path::RealPath;
use crate::fs::tree::{Kind, Stat, is_within, join, parent};
use crate::model::GapKind;
use crate::text::shown;

/// Spellings tried of one path: a hostile disk may have many of each component.
const MAX_SPELLINGS: usize = 256;
/// Folders whose content a running system makes, or which a link of the system may name in vain: nothing of another
/// volume is missing there.
#[rustfmt::skip]
const OF_THE_SYSTEM: &[&[u8]] = &[
    b"bin", b"boot", b"dev", b"etc", b"lib", b"lib32", b"lib64", b"libx32", b"private/etc", b"private/tmp", b"proc",
    b"run", b"sbin", b"sys", b"tmp", b"usr", b"var/lock", b"var/run", b"var/tmp",
];
/// Folders at the top that every system has which has something in them.
const OF_PROGRAMS: &[&[u8]] = &[b"opt", b"root", b"srv", b"var"];
/// Folders below those which other volumes are mounted on.
const OF_VOLUMES: &[&[u8]] = &[b"Volumes", b"media", b"mnt", b"net", b"run/media", b"usr/local"];

/// A path that is resolved up to a directory.
struct Step {
    real: RealPath,
    stat: Stat,
    /// The components that are left, the last first.
    pending: Vec<Vec<u8>>,
    /// Links followed so far, and the last of them with what it names.
    links: usize,
    link: Option<(Vec<u8>, Vec<u8>)>,
}

/// What is left to try.
enum Try {
    Step(Step),
    /// Other spellings of the last pending component.
    Spellings(Step),
}

impl Root {
    /// Resolves `path` from a directory (a path without links), which faults call `asked`; notes on the way what it met.
    pub(super) fn resolve_noting(
        &self,
        from: &[u8],
        path: &[u8],
        asked: &[u8],
        follow_last: bool,
        way: &mut Way,
    ) -> Result<Found, Fault> {
        let pending = components(path).rev().map(<[u8]>::to_vec).collect();
        let stat = Stat::of(Kind::Directory);
        let first = Step { real: RealPath::resolved(from.to_vec()), stat, pending, links: 0, link: None };
        let mut tries = vec![Try::Step(first)];
        let mut failed = Fault::Absent;
        for _ in 0..MAX_SPELLINGS {
            let Some(next) = tries.pop() else { break };
            match next {
                Try::Step(step) => match self.attempt(step, asked, follow_last, way, &mut tries) {
                    Ok(found) => return Ok(Found { path: normalise(asked), ..found }),
                    Err(Fault::Absent) => {}
                    Err(fault) if failed == Fault::Absent => failed = fault,
                    Err(_) => {}
                },
                Try::Spellings(step) => match self.spellings(step, asked) {
                    Ok(steps) => tries.extend(steps.into_iter().rev().map(Try::Step)),
                    Err(fault) if failed == Fault::Absent => failed = fault,
                    Err(_) => {}
                },
            }
        }
        Err(failed)
    }

    /// Goes on to the end, or to where a component is not there.
    fn attempt(
        &self,
        mut at: Step,
        asked: &[u8],
        follow_last: bool,
        way: &mut Way,
        tries: &mut Vec<Try>,
    ) -> Result<Found, Fault> {
        while let Some(component) = at.pending.pop() {
            if component == b".." {
                at.real = at.real.parent();
                at.stat = Stat::of(Kind::Directory);
                continue;
            }
            if at.stat.kind != Kind::Directory {
                return Err(Fault::Absent);
            }
            let next = at.real.join(&component);
            if self.fold_case {
                tries.push(Try::Spellings(at.with_pending(&component)));
            }
            let stat = match self.during(&next, || self.tree.stat(&next)) {
                Ok(stat) => stat,
                Err(error) => {
                    let fault = self.ledger.fault(asked, &next, &error);
                    if let (Fault::Absent, Some((link, to))) = (&fault, at.link) {
                        let within = at.real.into_bytes();
                        way.dangling = Some(Dangling { link, to, within, missing: component });
                    }
                    return Err(fault);
                }
            };
            if self.is_skipped(&next) {
                way.left_out = true;
                return Err(Fault::Absent);
            }
            match stat.kind {
                Kind::Link(to) if follow_last || !at.pending.is_empty() => {
                    at = self.follow_to(at, next.into_bytes(), &to, asked)?
                }
                _ => (at.real, at.stat) = (next, stat),
            }
        }
        Ok(Found { path: Vec::new(), real: at.real, stat: at.stat })
    }

    fn follow_to(&self, mut at: Step, link: Vec<u8>, to: &[u8], asked: &[u8]) -> Result<Step, Fault> {
        at.links += 1;
        if at.links > MAX_LINKS {
            return Err(Fault::new(GapKind::LinkLoop, asked, "links lead to each other without end"));
        }
        let target = match self.link_target(to) {
            Leads::Inside(target) => target,
            Leads::Nowhere => return Err(Fault::Absent),
            Leads::Out(kind, detail) => return Err(Fault::new(kind, asked, detail)),
        };
        if target.first() == Some(&b'/') {
            at.real = RealPath::default();
        }
        at.pending.extend(components(&target).rev().map(<[u8]>::to_vec));
        at.stat = Stat::of(Kind::Directory);
        at.link = Some((link, to.to_vec()));
        Ok(at)
    }

    /// The steps by which other spellings of a name go on; the one as asked was tried.
    fn spellings(&self, mut step: Step, asked: &[u8]) -> Result<Vec<Step>, Fault> {
        let Some(name) = step.pending.pop() else { return Ok(Vec::new()) };
        let names =
            self.names_of(&step.real).map_err(|error| self.ledger.fault(asked, &step.real, &error))?;
        let others = names.meant_by(&name).into_iter().filter(|other| *other != name);
        Ok(others.map(|other| step.with_pending(&other)).collect())
    }

    /// The names in a directory (a path without links), listed once.
    pub(super) fn names_of(&self, directory: &[u8]) -> io::Result<Arc<Names>> {
        if let Some(names) = self.names.get(directory) {
            return Ok(names);
        }
        let listed = self.during(directory, || self.tree.list(directory))?;
        Ok(self.names.put(directory, Names::new(listed)))
    }

    /// Where a link leads. Those of Windows carry a drive and either slash.
    fn link_target(&self, to: &[u8]) -> Leads {
        if let Some(tag) = to.strip_prefix(UNSUPPORTED_REPARSE_TAG) {
            return unsupported(tag);
        }
        if !self.fold_case {
            return Leads::Inside(to.to_vec());
        }
        let to: Vec<u8> = to.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
        let bare = [b"/??/".as_slice(), b"//?/"].iter().find_map(|prefix| to.strip_prefix(*prefix));
        let out = |what: &str| {
            let to = String::from_utf8_lossy(&to);
            Leads::Out(
                GapKind::BrokenLink,
                format!("it leads to {what}, which is no part of this target: {to}"),
            )
        };
        match bare.unwrap_or(&to) {
            [letter, b':', rest @ ..] if letter.eq_ignore_ascii_case(&self.letter) => {
                Leads::Inside([b"/", rest].concat())
            }
            [letter, b':', rest @ ..] if letter.is_ascii_alphabetic() => {
                match self.drives.iter().find(|drive| drive.first() == Some(&letter.to_ascii_uppercase())) {
                    Some(drive) => Leads::Inside([b"/", drive.as_slice(), rest].concat()),
                    None => out("another drive"),
                }
            }
            [b'/', b'/', ..] => out("a share"),
            _ if bare.is_some() => out("another volume"),
            relative => Leads::Inside(relative.to_vec()),
        }
    }

    /// Whether what a link names may lie on a volume that is no part of the target: where it is looked for, a volume
    /// may be mounted. In any other folder, that of the link itself among them, what is not there is not there.
    pub(super) fn may_be_elsewhere(&self, dangling: &Dangling) -> bool {
        let within = dangling.within.as_slice();
        self.is_source(dangling)
            && parent(&dangling.link) != within
            && (within.is_empty()
                || OF_VOLUMES.contains(&within)
                // Of a directory that cannot be listed it is not known.
                || self.during(within, || self.tree.list(within)).map_or(true, |names| names.is_empty()))
    }

    /// Whether something is missing when a source is a link that leads to nothing: not in folders of the system,
    /// whose own links may be stale, and not in an image, which has no other volumes.
    pub(super) fn is_source(&self, dangling: &Dangling) -> bool {
        let within = dangling.within.as_slice();
        let missing = dangling.missing.as_slice();
        let is_below = |folders: &[&[u8]]| folders.iter().any(|folder| is_within(within, folder));
        let is_systems = is_below(OF_THE_SYSTEM) && !is_below(OF_VOLUMES)
            || within.is_empty() && (OF_THE_SYSTEM.contains(&missing) || OF_PROGRAMS.contains(&missing));
        !self.is_whole && !is_systems
    }

    /// The fault of a link that leads to nothing.
    pub(super) fn dangles(asked: &[u8], dangling: &Dangling) -> Fault {
        let to = String::from_utf8_lossy(&dangling.to);
        let missing = shown(&join(&dangling.within, &dangling.missing));
        let link = shown(&dangling.link);
        let detail = format!("the link {link} leads to {to}, and there is no {missing} in this target");
        Fault::new(GapKind::BrokenLink, asked, detail)
    }
}

impl Step {
    fn with_pending(&self, name: &[u8]) -> Step {
        let mut pending = self.pending.clone();
        pending.push(name.to_vec());
        Step {
            real: self.real.clone(),
            stat: self.stat.clone(),
            pending,
            links: self.links,
            link: self.link.clone(),
        }
    }
}

/// Where a link leads.
enum Leads {
    /// To a path of the target.
    Inside(Vec<u8>),
    /// To nothing that has content.
    Nowhere,
    /// Out of the target: why it cannot be followed.
    Out(GapKind, String),
}

/// What `ntfs-3g` gives as the target of a link where a file or folder has a reparse point that it cannot read
/// (`ntfs_make_symlink` in its `reparse.c`).
const UNSUPPORTED_REPARSE_TAG: &[u8] = b"unsupported reparse tag ";
/// Reparse points without content of their own: aliases of packaged apps, and what Linux on Windows keeps: links,
/// sockets, pipes and devices ([MS-FSCC], section 2.1.2.1).
const WITHOUT_CONTENT: &[u32] =
    &[0x8000_001B, 0xA000_001D, 0x8000_0023, 0x8000_0024, 0x8000_0025, 0x8000_0026];

fn unsupported(tag: &[u8]) -> Leads {
    let text = String::from_utf8_lossy(tag);
    let text = text.trim();
    let number = text.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    if number.is_some_and(|number| WITHOUT_CONTENT.contains(&number)) {
        return Leads::Nowhere;
    }
    let name = match number {
        Some(0x8000_0017) => " (compressed by Windows)",
        Some(0x8000_0013) => " (deduplicated)",
        Some(0xA000_0003) => " (a mounted volume or junction)",
        Some(0x8000_0018) => " (of a container)",
        Some(number) if number & 0xFFFF_0FFF == 0x9000_001A => " (in the cloud)",
        _ => "",
    };
    let detail = format!("this mount cannot read its content: reparse tag {text}{name}");
    Leads::Out(GapKind::Unsupported, detail)
}
