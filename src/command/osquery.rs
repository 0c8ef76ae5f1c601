//! `debar osquery`: an extension of osquery that scans when a query asks.
//!
//! This process only speaks with osquery. Each scan is a debar of its own: what is read of a hostile machine is read in
//! a process that is confined as ever and gone afterwards, with its memory and with threads that hang on a dead mount.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::command::arguments::duration;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::command::arguments::Global;
use crate::model::Error;

/// Serve tables to osquery, as an extension of it.
#[derive(Debug, Clone, Args)]
#[command(
    after_long_help = "osquery starts extensions that are named in its extensions.load, whose names end in .ext: a link \
    debar.ext to debar is taken for `debar osquery`. Tables: debar_findings, debar_gaps, debar_scan, debar_artifacts. A query \
    starts `debar scan` (or `debar inventory`), with the config file and DEBAR_* variables of this process; nothing is \
    scanned while nobody asks. It ends when osquery does."
)]
pub struct Osquery {
    /// Socket of osquery's manager of extensions.
    #[arg(long, value_name = "PATH", default_value = "/var/osquery/osquery.em", help_heading = "osquery")]
    pub socket: PathBuf,
    /// How long to wait for osquery.
    #[arg(long, value_name = "TIME", default_value = "3", value_parser = duration, help_heading = "osquery")]
    pub timeout: Duration,
    /// How often to ask whether osquery is still there.
    #[arg(long, value_name = "TIME", default_value = "3", value_parser = duration, help_heading = "osquery")]
    pub interval: Duration,
    /// How long an answer is good for: within that time no query scans again.
    #[arg(long, value_name = "TIME", default_value = "5m", env = "DEBAR_MAX_AGE", value_parser = duration, help_heading = "osquery")]
    pub max_age: Duration,
    /// How far a scan gives way to other programs: 0 not at all, 19 as far as possible. A query waits for it: beside programs that keep
    /// every core busy, a scan at 19 takes minutes.
    #[arg(long, value_name = "N", default_value = "10", env = "DEBAR_NICE", value_parser = clap::value_parser!(u8).range(0..=19), help_heading = "osquery")]
    pub nice: u8,
}

/// osquery starts an extension by its file, whose name must end in `.ext`, with options only: by that name debar is
/// `debar osquery`.
pub(super) fn by_name(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let name = arguments.first().and_then(|name| Path::new(name).file_name()).unwrap_or_default();
    let name = Path::new(name);
    let is_extension = |name: &Path| name.extension() == Some(OsStr::new("ext"));
    // On Windows: debar.ext.exe.
    if is_extension(name) || name.file_stem().is_some_and(|stem| is_extension(Path::new(stem))) {
        arguments.insert(1, "osquery".into());
    }
    arguments
}

#[cfg(not(unix))]
pub(super) fn run(_: &Osquery, _: &Global) -> Result<u8, Error> {
    Err(Error::Usage(
        "osquery's extensions speak over named pipes on Windows, which debar does not do yet. Scan on a schedule instead \
         (debar scan -o json=PATH), or let osquery itself look: debar signatures export osquery"
            .to_owned(),
    ))
}

#[cfg(unix)]
pub(super) use unix::run;

#[cfg(unix)]
mod unix {
    use std::io::{self, BufReader, Read};
    use std::os::unix::net::UnixListener;
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use super::{Error, Global, Osquery};
    use crate::osquery::answers::{Answers, Look, Take};
    use crate::osquery::manager::{Manager, Status};
    use crate::osquery::serve;
    use crate::osquery::tables::Source;
    use crate::process;
    use crate::report::exit;

    /// How often to look whether osquery is there while waiting for it.
    const TRY_AGAIN: Duration = Duration::from_millis(100);
    /// How much of what a scan complains of is passed on, in bytes.
    const MAX_COMPLAINT: u64 = 4_096;

    pub(in crate::command) fn run(options: &Osquery, global: &Global) -> Result<u8, Error> {
        // Only who may use osquery may ask debar.
        process::only_for_me();
        let looking = Looking::new(global, options.nice)?;
        let answers = Arc::new(Answers::new(looking.clone(), options.max_age));
        let manager = Manager::new(&options.socket);
        let interrupts = process::Interrupts::prepare();
        let status = registered(&manager, options)?;
        let mut own = options.socket.clone().into_os_string();
        own.push(format!(".{}", status.uuid));
        let own = PathBuf::from(own);
        // An extension that had the number before and was killed.
        drop(std::fs::remove_file(&own));
        let listener =
            UnixListener::bind(&own).map_err(|source| Error::Output { path: own.clone(), source })?;
        let end = {
            let (looking, own) = (looking.clone(), own.clone());
            move || -> () {
                looking.stop();
                drop(std::fs::remove_file(&own));
                std::process::exit(exit::OK.into());
            }
        };
        if let Ok(interrupts) = interrupts {
            let (manager, end) = (manager.clone(), end.clone());
            drop(interrupts.listen(move || {
                drop(manager.deregister(status.uuid));
                end();
            }));
        }
        let serving = {
            let end = end.clone();
            move || serve::serve(&listener, &answers, status.uuid, end)
        };
        std::thread::Builder::new().name("calls".to_owned()).spawn(serving).map_err(|error| {
            Error::Usage(format!("no thread can be started: {}", crate::model::plain(&error)))
        })?;
        if global.verbose > 0 {
            let place = options.socket.display();
            process::say(&format!("debar: registered with osquery at {place} as {}", status.uuid));
        }
        while manager.knows(status.uuid).unwrap_or(false) {
            sleep(options.interval.max(TRY_AGAIN));
        }
        // It is gone, or is another one that was started in its place: anyone who starts osquery starts extensions.
        if global.verbose > 0 {
            process::say("debar: osquery is gone");
        }
        end();
        Ok(exit::OK)
    }

    /// Waits for osquery and registers. One that was restarted may not have noticed yet that the last extension ended.
    fn registered(manager: &Manager, options: &Osquery) -> Result<Status, Error> {
        let start = Instant::now();
        let limit = options.timeout.saturating_add(options.interval.saturating_mul(2));
        loop {
            let (why, patience) = match manager.register(env!("CARGO_PKG_VERSION")) {
                Ok(status) if status.code == 0 => return Ok(status),
                Ok(status) => (format!("osquery refuses the extension: {}", status.message), limit),
                Err(error) => (
                    error.to_string().split(" (os error ").next().unwrap_or_default().to_owned(),
                    options.timeout,
                ),
            };
            if start.elapsed() >= patience {
                return Err(Error::Usage(format!(
                    "cannot register with osquery at {}: {why}. Is osquery running, with extensions enabled, and may this \
                     account use the socket? See --socket and --timeout",
                    options.socket.display()
                )));
            }
            sleep(TRY_AGAIN);
        }
    }

    /// Runs scans.
    #[derive(Clone)]
    struct Looking {
        program: PathBuf,
        config: Option<PathBuf>,
        /// How far a scan gives way.
        nice: u8,
        /// The scan that runs.
        child: Arc<Mutex<Option<Child>>>,
    }

    impl Looking {
        fn new(global: &Global, nice: u8) -> Result<Self, Error> {
            let program = std::env::current_exe()
                .map_err(|source| Error::Read { path: PathBuf::from("debar"), source })?;
            Ok(Looking { program, config: global.config.clone(), nice, child: Arc::default() })
        }

        fn command(&self, source: Source, only: Option<&str>) -> Command {
            let mut command = Command::new(&self.program);
            // By the name of an extension it would be one.
            command.arg0("debar");
            match source {
                Source::Scan => command.args(["scan", "-o", "json"]),
                Source::Inventory => command.args(["inventory", "-o", "ndjson"]),
            };
            command.arg("--no-progress").arg("--nice").arg(self.nice.to_string());
            if let Some(path) = &self.config {
                command.arg("--config").arg(path);
            }
            if let Some(only) = only {
                command.args(["--collector", only]);
            }
            // They are about files of scheduled scans.
            command.env_remove("DEBAR_KEEP").env_remove("DEBAR_OUTPUT").env_remove("GITHUB_ACTIONS");
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command
        }

        /// Ends the scan that runs.
        fn stop(&self) {
            if let Some(mut child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).take() {
                drop(child.kill());
            }
        }
    }

    impl Look for Looking {
        fn look(&self, source: Source, only: Option<&str>, take: Take<'_>) -> Result<(), String> {
            let mut child = self.command(source, only).spawn().map_err(|error| {
                format!("{} cannot be started: {}", self.program.display(), crate::model::plain(&error))
            })?;
            let (out, errors) = (child.stdout.take(), child.stderr.take());
            *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
            // Read at the same time: a full pipe would stop the scan.
            let complaints = errors.and_then(|errors| {
                let read = move || {
                    let (mut text, mut rest) = (Vec::new(), errors);
                    drop((&mut rest).take(MAX_COMPLAINT).read_to_end(&mut text));
                    drop(io::copy(&mut rest, &mut io::sink()));
                    String::from_utf8_lossy(&text).trim().to_owned()
                };
                std::thread::Builder::new().name("complaints".to_owned()).spawn(read).ok()
            });
            let taken = match out {
                Some(out) => take(&mut BufReader::new(out)),
                None => Err("it has no output".to_owned()),
            };
            let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
            let code = child.and_then(|mut child| {
                if taken.is_err() {
                    drop(child.kill());
                }
                child.wait().ok()?.code()
            });
            let complaint = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
            // Found (1) and incomplete (3) are answers.
            match code {
                Some(0 | 1 | 3) => taken,
                _ => {
                    let why = if complaint.is_empty() { taken.err() } else { Some(complaint) };
                    Err(why.unwrap_or_else(|| "the scan was ended by a signal".to_owned()))
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_scan_that_a_query_waits_for_gives_way_as_far_as_it_was_told() {
            let looking = Looking { program: "debar".into(), config: None, nice: 10, child: Arc::default() };
            for source in [Source::Scan, Source::Inventory] {
                let command = looking.command(source, None);
                let arguments: Vec<_> = command.get_args().collect();
                assert!(arguments.windows(2).any(|pair| pair == ["--nice", "10"]), "{arguments:?}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_name_of_an_extension_it_is_one() {
        let after = |name: &str| by_name(vec![name.into(), "--socket".into()]).len();
        assert_eq!((after("/usr/lib/debar/debar.ext"), after("debar.ext.exe")), (3, 3));
        assert_eq!((after("/usr/bin/debar"), after("debar.exe"), after("")), (2, 2, 2));
    }
}
