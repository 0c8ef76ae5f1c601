//! Signals and events of the console that ask this process to end.

use std::io;

/// Whether someone asks this process to end: Ctrl-C, SIGTERM, the console's close. (Not SIGHUP: `nohup` has it ignored.)
pub struct Interrupts {
    #[cfg(unix)]
    signals: signal_hook::iterator::Signals,
}

impl Interrupts {
    /// Takes what it needs of the system, before the process is confined.
    ///
    /// # Errors
    /// When the system refuses; then such a signal ends the process as it ends any other.
    pub fn prepare() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGINT, SIGTERM};
            Ok(Interrupts { signals: signal_hook::iterator::Signals::new([SIGINT, SIGTERM])? })
        }
        #[cfg(not(unix))]
        {
            Ok(Interrupts {})
        }
    }

    /// Calls `handler` each time, on a thread of its own.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn listen(self, handler: impl FnMut() + Send + 'static) -> io::Result<()> {
        #[cfg(unix)]
        {
            let (mut signals, mut handler) = (self.signals, handler);
            let wait = move || signals.forever().for_each(|_| handler());
            std::thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
            Ok(())
        }
        #[cfg(not(unix))]
        {
            ctrlc::try_set_handler(handler).map_err(io::Error::other)
        }
    }
}
