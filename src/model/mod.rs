//! The vocabulary of debar: what is found, where, in which state, and what could not be read.

mod artifact;
mod collector_id;
mod confinement;
mod coverage;
mod error;
mod field;
mod gap;
mod location;
mod os;
mod redact;
mod state;
mod target_kind;
mod value;

pub use artifact::Artifact;
pub use collector_id::{CollectorId, Component};
pub use confinement::{Confinement, Enforced};
pub use coverage::{Coverage, Outcome, PSEUDO, Skipped};
pub use error::{Error, plain};
pub use field::{Field, FieldKind};
pub use gap::{Gap, GapKind, Grade, LIMITED};
pub use location::{Layer, Location};
pub use os::{Os, OsIdentity};
pub use redact::redact;
pub use state::State;
pub use target_kind::TargetKind;
pub use value::Value;
