//! Coverage: what was looked at, and the gaps that keep a verdict from being clean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::{Damage, DamageKind};

macro_rules! gap_kinds {
    ($($variant:ident $word:literal $about:literal $remedy:literal,)*) => {
        /// Why a place that should have been read was not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum GapKind {
            $(#[doc = $about] #[serde(rename = $word)] $variant,)*
        }

        impl GapKind {
            /// Every kind.
            pub const ALL: &'static [GapKind] = &[$(GapKind::$variant,)*];

            /// The word used in reports.
            pub fn word(self) -> &'static str {
                match self { $(GapKind::$variant => $word,)* }
            }

            /// What it means.
            pub fn about(self) -> &'static str {
                match self { $(GapKind::$variant => $about,)* }
            }

            /// What a person can do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(GapKind::$variant => $remedy,)* }
            }
        }
    };
}

gap_kinds! {
    Denied "denied" "The operating system refused access." "Run debar as root or administrator, or grant it read access (on macOS: System Settings > Privacy & Security > Full Disk Access, for the program that runs debar).",
    Unreadable "unreadable" "Reading failed with an input/output error." "Check the disk, the mount and the kernel log; scan again or from an image of the disk.",
    Corrupt "corrupt" "The content contradicts its format; what could be salvaged was used." "Repair the source with its own tool (for example 'rpm --rebuilddb', 'dpkg --audit'), then scan again.",
    Truncated "truncated" "The content ends before its format says it should." "Restore the file or repeat the copy it came from, then scan again.",
    Encrypted "encrypted" "The content is encrypted." "Unlock the volume or profile and scan again, or accept the gap in writing.",
    Unsupported "unsupported" "debar does not know this variant of the format." "Look at the place by hand, and report the variant so that it can be added.",
    OverLimit "over_limit" "Reading all of it would have passed a size or count limit." "Look at why the file is so large; the part within the limit was read.",
    Interrupted "interrupted" "The scan was stopped (Ctrl-C, SIGTERM) before it came to this." "Scan again and let it finish.",
    TimedOut "timed_out" "Reading did not end within the time limit." "Check for a hanging mount at the place, or raise --timeout.",
    Crashed "crashed" "The collector failed by a fault of debar's own; its results up to there were kept." "Please report it with the detail shown; look at the place by hand until it is fixed.",
    SourceMissing "source_missing" "A source that this operating system always has was not found." "Check that the target is complete and mounted; restore the package database from a backup.",
    SpecialFile "special_file" "A device, pipe or socket stands where a file should be; it was not opened." "Look at why; replace it by the regular file.",
    LinkLoop "link_loop" "Links that lead to each other without end." "Remove or correct the links.",
    UnrecognisedTarget "unrecognised_target" "No operating system was recognised in the target." "Check that the disk or image is mounted at this path and that the path is the root of its file system.",
}

/// A place that should have been read and was not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Why it was not read.
    pub kind: GapKind,
    /// The collector that met it.
    pub collector: String,
    /// The path, registry key or pattern.
    pub place: String,
    /// What happened, in one line.
    pub detail: String,
}

impl Gap {
    /// A gap from the damage that a format met at a place.
    pub fn from_damage(collector: &str, place: impl Into<String>, damage: &Damage) -> Self {
        let kind = match damage.kind {
            DamageKind::Corrupt => GapKind::Corrupt,
            DamageKind::Truncated => GapKind::Truncated,
            DamageKind::Unsupported => GapKind::Unsupported,
            DamageKind::OverLimit => GapKind::OverLimit,
            DamageKind::Encrypted => GapKind::Encrypted,
            DamageKind::Io => GapKind::Unreadable,
        };
        let detail = match damage.offset {
            Some(offset) => format!("{} (at byte {offset})", damage.what),
            None => damage.what.clone(),
        };
        Gap { kind, collector: collector.to_owned(), place: place.into(), detail }
    }
}

/// Whether a collector ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It looked at its sources; zero artifacts means there were none.
    Ran,
    /// Its sources do not exist on such a target.
    NotApplicable,
}

/// What one collector did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// The collector's name.
    pub collector: String,
    /// Whether it ran.
    pub outcome: Outcome,
    /// Why it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many artifacts it yielded.
    pub artifacts: usize,
    /// How many gaps it met.
    pub gaps: usize,
}

/// A place left out on purpose: by the user's `--exclude`, or by debar's manners (pseudo file systems, network mounts).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The path.
    pub place: String,
    /// Why it was left out.
    pub reason: String,
}

/// How far something was in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Enforced {
    /// Not at all.
    #[default]
    No,
    /// As far as an older kernel can.
    Partly,
    /// As intended.
    Fully,
}

/// What kept debar itself within bounds while it looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Confinement {
    /// Whether nothing that would be started can gain rights (`no_new_privs` of Linux).
    pub no_new_privileges: bool,
    /// Whether files can only be read below the targets, and only be written where outputs go (Landlock).
    pub files: Enforced,
    /// Whether system calls that a scan does not need are refused (seccomp).
    pub system_calls: Enforced,
    /// Whether programs can be started: only for images from a registry, or where nothing refuses it.
    pub programs: bool,
    /// Whether connections can be opened: only for images from a registry, or where nothing refuses it.
    pub connections: bool,
    /// What is missing, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Confinement {
    /// None at all, for a reason.
    pub fn none(why: &str) -> Self {
        Confinement {
            programs: true,
            connections: true,
            notes: vec![why.to_owned()],
            ..Confinement::default()
        }
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        let means = [
            (self.files != Enforced::No, "Landlock"),
            (self.system_calls != Enforced::No, "seccomp"),
            (self.no_new_privileges, "no_new_privs"),
        ];
        let means: Vec<&str> = means.into_iter().filter_map(|(is, name)| is.then_some(name)).collect();
        let notes: String = self.notes.iter().map(|note| format!("; {note}")).collect();
        if means.is_empty() {
            return format!("Not confined{notes}.");
        }
        let rest = match (self.programs, self.connections) {
            (false, false) => "; no program, no connection",
            _ => "",
        };
        format!("Confined by {}{rest}{notes}.", means.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_becomes_a_gap_of_its_kind_and_place() {
        for (damage, kind) in [
            (DamageKind::Corrupt, GapKind::Corrupt),
            (DamageKind::Truncated, GapKind::Truncated),
            (DamageKind::Unsupported, GapKind::Unsupported),
            (DamageKind::OverLimit, GapKind::OverLimit),
            (DamageKind::Encrypted, GapKind::Encrypted),
            (DamageKind::Io, GapKind::Unreadable),
        ] {
            let at = Damage { kind: damage, offset: Some(7), what: "odd".into() };
            let gap = Gap::from_damage("a", "/b", &at);
            assert_eq!((gap.kind, gap.collector.as_str(), gap.place.as_str()), (kind, "a", "/b"));
            assert_eq!(gap.detail, "odd (at byte 7)");
            let somewhere = Damage { offset: None, ..at };
            assert_eq!(Gap::from_damage("a", "/b", &somewhere).detail, "odd");
        }
    }

    #[test]
    fn the_words_on_confinement_promise_no_more_than_was_in_force() {
        let none = Confinement::none("no kernel for it");
        assert!(none.programs && none.connections && !none.no_new_privileges);
        assert_eq!(none.words(), "Not confined; no kernel for it.");
        let files = Confinement { files: Enforced::Partly, ..none };
        assert_eq!(files.words(), "Confined by Landlock; no kernel for it.");
        let calls = Confinement { system_calls: Enforced::Fully, ..Confinement::default() };
        assert_eq!(calls.words(), "Confined by seccomp; no program, no connection.");
        for (programs, connections) in [(true, false), (false, true)] {
            let some = Confinement { programs, connections, no_new_privileges: true, ..calls.clone() };
            assert_eq!(some.words(), "Confined by seccomp, no_new_privs.");
        }
    }
}
