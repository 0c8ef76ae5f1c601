//! A collector as a value: what it reads, walks and yields, and where it applies.

use super::sink::Sink;
use crate::fs::Entry;
use crate::model::{Field, Os};
use crate::target::Target;

/// One source of inventory.
pub struct Collector {
    /// Name, as osquery's table where it has one.
    pub name: &'static str,
    /// One sentence: what it yields.
    pub about: &'static str,
    /// Where its source exists.
    pub applies: Applies,
    /// Files it reads: literal components, `*` inside one component; no leading slash. A trailing slash: only
    /// the names of directories are wanted. It opens nothing else, so that an image can be prepared by these
    /// names alone.
    pub reads: &'static [&'static str],
    /// Directories below which it looks at every file; patterns as in `reads`. Needs `visit`.
    pub walks: &'static [&'static str],
    /// Registry keys it reads.
    pub keys: &'static [&'static str],
    /// The fields its artifacts may have; an indicator on another field is an error.
    pub yields: &'static [Field],
    /// Reads what `reads` and `keys` name.
    pub run: fn(&Target, &mut Sink<'_>),
    /// What it does with each file below `walks`.
    pub visit: Option<Visit>,
}

/// What a walking collector does with files; called from many threads.
#[derive(Clone, Copy)]
pub struct Visit {
    /// Whether it wants to see the file; decides by name first, so that most files cost nothing.
    pub wants: fn(&Entry<'_>) -> bool,
    /// Looks at one wanted file.
    pub file: fn(&Target, &Entry<'_>, &mut Sink<'_>),
}

/// Where a collector's source exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    /// The operating systems; all when empty.
    pub os: &'static [Os],
    /// Whether only a running system has it.
    pub live_only: bool,
    /// Whether only an image has it.
    pub image_only: bool,
}

impl Applies {
    /// On every operating system.
    pub const EVERYWHERE: Applies = Applies { os: &[], live_only: false, image_only: false };
    /// On every operating system while it runs.
    pub const LIVE: Applies = Applies { os: &[], live_only: true, image_only: false };
    /// On images.
    pub const IMAGE: Applies = Applies { os: &[], live_only: false, image_only: true };
    /// On Linux.
    pub const LINUX: Applies = Applies { os: &[Os::Linux], live_only: false, image_only: false };
    /// On macOS.
    pub const UNIX: Applies = Applies { os: &[Os::Linux, Os::Macos], live_only: false, image_only: false };
    /// On Linux, and on Windows, where packages of Linux' tools lie, too.
    pub const LINUX_OR_WINDOWS: Applies =
        Applies { os: &[Os::Linux, Os::Windows], live_only: false, image_only: false };
    /// macOS.
    pub const MACOS: Applies = Applies { os: &[Os::Macos], live_only: false, image_only: false };
    /// On Windows.
    pub const WINDOWS: Applies = Applies { os: &[Os::Windows], live_only: false, image_only: false };

    /// Why the collector does not apply to a target; `None` if it does. A target whose operating system was
    /// not recognised is given to every collector: better to look in vain than not to look.
    pub fn reason_against(&self, target: &Target) -> Option<String> {
        if self.live_only && !target.is_live() {
            return Some("only on a running system".to_owned());
        }
        if self.image_only && target.image.is_none() {
            return Some("only on an image".to_owned());
        }
        let is_known = !target.families.is_empty() && !self.os.is_empty();
        if is_known && !self.os.iter().any(|os| target.may_be(*os)) {
            let words: Vec<&str> = self.os.iter().map(|os| os.word()).collect();
            return Some(format!("only on {}", words.join(" and ")));
        }
        None
    }

    /// For the table of collectors: `linux, live`.
    pub fn words(&self) -> String {
        let mut words: Vec<&str> = self.os.iter().map(|os| os.word()).collect();
        if words.is_empty() {
            words.push("all");
        }
        if self.live_only {
            words.push("live only");
        }
        if self.image_only {
            words.push("images only");
        }
        words.join(", ")
    }
}
