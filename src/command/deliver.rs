//! `debar deliver`, and the process of a scan that sends its reports.
//!
//! A scan is confined and opens no connection. It writes its reports into the spool; a second debar (`deliver --wait`),
//! started before the scan gives up its rights, sends what is there when the scan is done.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use clap::Args;
use sha2::{Digest, Sha256};

use super::arguments::{DeliveryOptions, Global};
use super::delivery;
use super::output_arguments::Output;
use crate::http::deliver::{Access, Destination, Sender, Spool, SpoolError, Values};
use crate::model::Error;
use crate::process::{self, Bounds, confine};
use crate::report::{self, Look, ScanReport, exit};
use crate::text::hex::hex;

/// What the sending process waits for.
const GO: &[u8] = b"send\n";
/// How much longer than its own limit the sending process may take.
const GRACE: Duration = Duration::from_secs(30);

/// Send what waits in the spool.
#[derive(Debug, Clone, Args)]
pub struct Deliver {
    /// How reports get to a collector.
    #[command(flatten)]
    pub delivery: DeliveryOptions,
    /// Wait for a line on standard input before anything is sent.
    #[arg(long, hide = true)]
    pub wait: bool,
}

pub(super) fn run(options: &Deliver) -> Result<u8, Error> {
    let delivery = &options.delivery;
    let folder = folder(delivery)?;
    if !folder.exists() && delivery.spool.is_none() {
        return Ok(exit::OK);
    }
    let unusable = |source| Error::Output { path: folder.clone(), source };
    if !folder.exists() {
        return Err(Error::Usage(format!(
            "there is no spool {}. Name the folder that `debar scan --spool` used, or leave it out",
            folder.display()
        )));
    }
    let spool = Spool::open(&folder, delivery.spool_limit).map_err(unusable)?;
    confine(&Bounds {
        read: vec![PathBuf::from("/")],
        scratch: vec![spool.folder().to_owned()],
        network: true,
        ..Bounds::default()
    });
    if options.wait && !is_called() {
        // The scan ended without a report.
        return Ok(exit::OK);
    }
    let access = Access {
        certificate: delivery.client_cert.clone(),
        key: delivery.client_key.clone(),
        token: delivery.token_file.clone(),
        authorities: delivery.ca.clone(),
    };
    let mut sender = match Sender::new(&access, delivery.deliver_timeout) {
        Ok(sender) => sender,
        Err(why) if options.wait => {
            let folder = spool.folder().display();
            process::say(&format!("warning: {why}. The report waits in {folder}; `debar deliver` sends it"));
            return Ok(exit::INCOMPLETE);
        }
        Err(why) => return Err(Error::Usage(why)),
    };
    let outcome = sender.send(&spool).map_err(unusable)?;
    for (file, why) in &outcome.waiting {
        process::say(&format!("warning: {file} is not delivered: {why}"));
    }
    if outcome.waiting.is_empty() {
        return Ok(exit::OK);
    }
    let count = outcome.waiting.len();
    let reports = if count == 1 { "1 report waits".to_owned() } else { format!("{count} reports wait") };
    process::say(&format!("{reports} in {}; `debar deliver` tries again", spool.folder().display()));
    Ok(exit::INCOMPLETE)
}

/// Waits for the scan; whether it has something to send.
fn is_called() -> bool {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).is_ok() && line.as_bytes() == GO
}

/// The folder of the spool.
fn folder(options: &DeliveryOptions) -> Result<PathBuf, Error> {
    if let Some(folder) = &options.spool {
        return Ok(folder.clone());
    }
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/spool/debar"));
    }
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = if cfg!(windows) {
        of("LOCALAPPDATA")
    } else {
        of("XDG_STATE_HOME").or_else(|| Some(of("HOME")?.join(".local/state")))
    };
    let state = state.ok_or_else(|| {
        Error::Usage("there is no home for the spool; name a folder with --spool".to_owned())
    })?;
    Ok(state.join("debar").join("spool"))
}

/// What a scan sends, and the process that does it.
pub(super) struct Outbox {
    spool: Spool,
    /// Taken when it was called.
    sender: Option<Child>,
    patience: Duration,
}

impl Outbox {
    /// Makes the spool and starts the sending process, if an output goes to an address.
    ///
    /// # Errors
    /// When the spool cannot be used, or the process cannot be started.
    pub(super) fn open(
        outputs: &[Output],
        options: &DeliveryOptions,
        global: &Global,
    ) -> Result<Option<Self>, Error> {
        if outputs.iter().all(|output| output.address.is_none()) {
            return Ok(None);
        }
        let folder = folder(options)?;
        let spool = Spool::open(&folder, options.spool_limit)
            .map_err(|source| Error::Output { path: folder.clone(), source })?;
        let sender = start(&spool, options, global).map_err(|error| {
            Error::Usage(format!(
                "cannot start the process that sends the report: {}",
                crate::model::plain(&error)
            ))
        })?;
        Ok(Some(Outbox {
            spool,
            sender: Some(sender),
            patience: options.deliver_timeout.saturating_add(GRACE),
        }))
    }

    /// Where reports wait.
    pub(super) fn folder(&self) -> &Path {
        self.spool.folder()
    }

    /// Spools every report for every address, and has them sent.
    ///
    /// # Errors
    /// When a report cannot be spooled. What cannot be delivered is no error: it waits.
    pub(super) fn send(&mut self, outputs: &[Output], reports: &[ScanReport]) -> Result<(), Error> {
        for output in outputs {
            let Some(address) = &output.address else { continue };
            for report in reports {
                let (address, bytes) = filled(address, &output.format, report)?;
                let kept = match self.spool.keep(&address, &bytes) {
                    // What waits may be deliverable by now.
                    Err(SpoolError::Full(_)) => {
                        self.call();
                        self.spool.keep(&address, &bytes)
                    }
                    kept => kept,
                };
                kept.map_err(|error| self.failed(error))?;
            }
        }
        self.call();
        Ok(())
    }

    fn failed(&self, error: SpoolError) -> Error {
        let source = match error {
            SpoolError::Full(why) => {
                io::Error::new(io::ErrorKind::InvalidInput, format!("it is full: {why}"))
            }
            SpoolError::Unusable(source) => source,
        };
        Error::Output { path: self.spool.folder().to_owned(), source }
    }

    /// Lets the sending process send, and waits for its end. It says itself what it could not deliver.
    fn call(&mut self) {
        let Some(mut sender) = self.sender.take() else {
            let folder = self.spool.folder().display();
            return process::say(&format!("warning: the report waits in {folder}; `debar deliver` sends it"));
        };
        let called = sender.stdin.take().map(|mut stdin| stdin.write_all(GO));
        let (ended, end) = mpsc::channel();
        if let Some(stdout) = sender.stdout.take() {
            std::thread::spawn(move || {
                // Nothing is written there: it ends with the process.
                drop(BufReader::new(stdout).read_line(&mut String::new()));
                ended.send(()).ok();
            });
        }
        let is_over = end.recv_timeout(self.patience).is_ok();
        if !is_over || !matches!(called, Some(Ok(()))) {
            let folder = self.spool.folder().display();
            process::say(&format!(
                "warning: the process that sends reports {}; what waits in {folder} is sent by `debar deliver`",
                if is_over { "ended too early" } else { "does not end" }
            ));
        }
    }
}

/// The address of a report, and the report as it is sent.
fn filled(address: &str, format: &str, report: &ScanReport) -> Result<(String, Vec<u8>), Error> {
    let mut bytes = Vec::new();
    if let Some(format) = report::format(format) {
        (format.scan)(std::slice::from_ref(report), Look::default(), &mut bytes).map_err(Error::Stdout)?;
    }
    let values = Values {
        host: &report.target.host,
        time: &delivery::time(report),
        id: &delivery::id(report),
        digest: &hex(&Sha256::digest(&bytes)),
    };
    let destination = Destination::parse(address).map_err(Error::Usage)?;
    Ok((destination.fill(&values), bytes))
}

/// Starts this same program as the one that sends.
fn start(spool: &Spool, options: &DeliveryOptions, global: &Global) -> io::Result<Child> {
    // The very file that runs, also when an update replaced it.
    let own =
        if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe()? };
    let mut command = Command::new(own);
    command.args(["deliver", "--wait"]).arg("--spool").arg(spool.folder());
    for (name, file) in [
        ("--client-cert", &options.client_cert),
        ("--client-key", &options.client_key),
        ("--token-file", &options.token_file),
        ("--ca", &options.ca),
        ("--config", &global.config),
    ] {
        if let Some(file) = file {
            command.arg(name).arg(file);
        }
    }
    command.arg("--spool-limit").arg(options.spool_limit.to_string());
    command.arg("--deliver-timeout").arg(format!("{}ms", options.deliver_timeout.as_millis()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}
