//! The state of an artifact or finding, from a trace in an earlier layer to a running program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state that an artifact, and from its evidence a finding, is in. Ordered: the greater state wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A later image layer removed it; it still ships in the earlier one.
    DeletedInLaterLayer,
    /// Left over after removal: configuration, folders, registrations without their program.
    Remnant,
    /// A setup file that was kept, not an installed program.
    Installer,
    /// Part of another product.
    Embedded,
    /// Installed, and its only service or entry is switched off.
    Disabled,
    /// Installed.
    Installed,
    /// Running now, or loaded.
    Running,
}

impl State {
    /// Every state, the greatest last.
    pub const ALL: &[State] = &[
        State::DeletedInLaterLayer,
        State::Remnant,
        State::Installer,
        State::Embedded,
        State::Disabled,
        State::Installed,
        State::Running,
    ];

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            State::DeletedInLaterLayer => "deleted-in-later-layer",
            State::Remnant => "remnant",
            State::Installer => "installer",
            State::Embedded => "embedded",
            State::Disabled => "disabled",
            State::Installed => "installed",
            State::Running => "running",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_is_the_greatest_state() {
        assert!(State::Running > State::Installed && State::Installed > State::Disabled);
        assert!(State::Installer > State::Remnant && State::Remnant > State::DeletedInLaterLayer);
    }
}
