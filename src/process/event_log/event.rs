//! Entries of the event log.

/// The name under which debar writes into the event log.
pub const EVENT_SOURCE: &str = "debar";

/// How grave an entry of the event log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// Something has to be done.
    Error,
    /// Something should be checked.
    Warning,
    /// All is well.
    Information,
}

/// An entry of the event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// How grave.
    pub gravity: Gravity,
    /// Its number, by which consoles filter: at most 1000, whose texts Windows' own `EventCreate.exe` has.
    pub id: u32,
    /// What happened.
    pub text: String,
}
