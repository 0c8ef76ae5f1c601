//! Gaps: places that should have been read and were not; they keep a verdict from being clean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    OverLimit "over_limit" "Reading all of it would have passed a size or count limit." "Find out why it is so large; the part within the limit was read. Where --max-memory was reached, raise it.",
    Interrupted "interrupted" "The scan was stopped (Ctrl-C, SIGTERM) before it came to this." "Scan again and let it finish.",
    TimedOut "timed_out" "Reading did not end within the time limit." "Check for a hanging mount at the place, or raise --timeout.",
    Crashed "crashed" "The collector failed by a fault of debar's own; its results up to there were kept." "Please report it with the detail shown; look at the place by hand until it is fixed.",
    SourceMissing "source_missing" "A source that this operating system always has was not found." "Check that the target is complete and mounted; restore the package database from a backup.",
    SpecialFile "special_file" "A device, pipe or socket stands where a file should be; it was not opened." "Look at why; replace it by the regular file.",
    LinkLoop "link_loop" "Links that lead to each other without end." "Remove or correct the links.",
    HiddenExecutable "hidden_executable" "The system does not show, even to root, which program process 1 runs." "Nothing to do: process 1 is the system's own init or the first process of this container, and every other source was read. To see it, scan from outside the container or sandbox.",
    PidNamespace "pid_namespace" "Only the processes of this container are visible; its files were all read." "Scan the host itself, too: processes outside the container are its own.",
    OutOfSight "out_of_sight" "A place that showed a product in an earlier report cannot be seen any more." "Mount the disk or restore the file that held it, then verify again; scan again if it was removed for good.",
    BrokenLink "broken_link" "A link at a searched place leads to nothing in the target: to another volume, a share or nowhere." "Mount what the link leads to and scan again, or scan it where it is stored; remove the link if nothing is there any more.",
    NoContent "no_content" "A program or source has only zeros for content: a copy of a file whose content lies elsewhere (compressed, deduplicated or in the cloud)." "Copy the file again with a tool that reads its content, or scan the system that it was copied from.",
    NotRecorded "not_recorded" "The document that was matched in place of a target does not say it." "Scan the machine or image itself, or make a new inventory of it (debar inventory -o json).",
    UnrecognisedTarget "unrecognised_target" "No operating system was recognised in the target." "Check that the disk or image is mounted at this path and that the path is the root of its file system.",
}

/// How much a gap can hide.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// A known detail of one process; every place where a product is installed was read. Does not change the verdict.
    Limited,
    /// Anything could be there: the verdict is `incomplete`.
    #[default]
    Blind,
}

impl Grade {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Limited => "limited",
            Grade::Blind => "blind",
        }
    }
}

/// The kinds of gaps that are limited, with the detail that stays unknown. Every other kind is blind. Nothing that the
/// bytes of a target can cause may stand here, or anyone who prepares a target would choose its verdict.
pub const LIMITED: &[(GapKind, &str)] = &[
    (GapKind::HiddenExecutable, "which program process 1 runs"),
    (GapKind::PidNamespace, "processes outside this container"),
];

impl GapKind {
    /// Whether the bytes of a file contradict their format.
    pub fn is_of_bytes(self) -> bool {
        matches!(self, GapKind::Corrupt | GapKind::Truncated)
    }

    /// How much a gap of this kind can hide.
    pub fn grade(self) -> Grade {
        match self.limited() {
            Some(_) => Grade::Limited,
            None => Grade::Blind,
        }
    }

    /// The detail that stays unknown with a limited gap.
    pub fn limited(self) -> Option<&'static str> {
        LIMITED.iter().find(|(kind, _)| *kind == self).map(|(_, detail)| *detail)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_target_can_cause_is_limited() {
        let kinds = GapKind::ALL.iter().filter(|kind| kind.grade() == Grade::Limited);
        assert_eq!(kinds.map(|kind| kind.word()).collect::<Vec<_>>(), ["hidden_executable", "pid_namespace"]);
    }
}
