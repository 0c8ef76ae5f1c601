//! What a service does now.

/// What a service does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceActivity {
    /// Nothing.
    Stopped,
    /// It runs.
    Running {
        /// The process that it runs in; 0 for drivers.
        pid: u32,
    },
    /// It starts, stops, pauses or is paused.
    Changing {
        /// The process that it runs in; 0 for drivers.
        pid: u32,
    },
}
