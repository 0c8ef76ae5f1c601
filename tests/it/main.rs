//! The integration tests, one binary: linking one is faster than linking forty.
//!
//! `tests/README.md` says what each module holds. Most of them run the built program on fixtures of their own.

// Long functions here are tables of examples, which splitting would not make clearer.
#![allow(clippy::too_many_lines)]

mod support;

mod attest;
mod audiences;
mod authoring;
mod cases;
mod catalogue;
mod clean;
mod cli;
mod confinement;
mod contract;
mod cuts;
mod deliver;
mod digests;
mod distribution;
mod documents;
mod equivalence;
mod false_clean;
mod faults;
mod fleet;
mod fleet_laws;
mod fleet_picture;
mod fleet_plan;
mod fleet_reasons;
mod flips;
mod gaps;
mod generated;
mod habits;
mod hanging;
mod hostile;
mod hostile_home;
mod images;
mod interrupt;
mod layering;
mod limits;
mod looks;
mod macos;
mod malformed;
mod outputs;
mod plan;
mod plan_registry;
mod plan_shells;
mod plan_systems;
mod precision;
mod readme;
mod recall;
mod registry;
mod rematch;
mod root_safe;
mod same_findings;
mod settings;
mod snapshots;
mod spool_faults;
mod store_faults;
mod untouched;
mod verdicts;
mod verify;
mod which_image;
mod windows_images;
mod writers;
mod wrong_calls;
