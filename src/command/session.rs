//! What commands share around a scan: its rights and limits, what they read, and describing targets and this debar.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use super::delivery::varies;
use super::opener::{Limits, Opener};
use super::{interrupt, target_names};
use crate::command::arguments::{JudgeOptions, SignatureOptions, TargetOptions};
use crate::command::output_arguments::Output;
use crate::host;
use crate::image;
use crate::model::{Confinement, Error, TargetKind};
use crate::process::output::{self, Writes};
use crate::process::{self, Bounds, confine};
use crate::report::{ImageName, ScanReport, SignatureVersion, TargetInfo, Versions, read};
use crate::scan::{Options, identity};
use crate::signature::signing::{SigningKey, TrustedKey};
use crate::signature::{self, SignatureSet, Trust};
use crate::target::Target;

/// What a command is about to open and to write.
pub(super) struct Opening<'a> {
    /// The targets by name.
    pub(super) names: &'a [String],
    /// Whether this host is one of them.
    pub(super) is_host: bool,
    /// Reports, signatures and lists that are read first.
    pub(super) files: &'a [PathBuf],
    /// Where the reports of the command go.
    pub(super) outputs: &'a [Output],
    /// The folder in which reports wait to be sent.
    pub(super) spool: Option<&'a Path>,
}

/// What comes before the first target or report is opened: background priority, and no more rights than the scan needs.
///
/// # Errors
/// When an output has no folder to be made in: better now than after the scan.
pub(super) fn begin(opening: &Opening<'_>, options: &TargetOptions) -> Result<(), Error> {
    let mut bounds = written(opening.outputs)?;
    process::give_way(options.nice);
    process::look_around();
    host::prepare(opening.is_host, !options.no_confinement);
    THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    if let Some(folder) = &options.cache {
        let failed = |source| Error::Cache { path: folder.clone(), source };
        image::make_cache_folder(folder).map_err(failed)?;
    }
    bounds.read.extend_from_slice(opening.files);
    let interrupts = process::Interrupts::prepare();
    bind(opening, options, bounds);
    interrupt::listen(interrupts);
    Ok(())
}

/// Gives up more, once it is known what a report leads to.
///
/// # Errors
/// As [`begin`].
pub(super) fn narrow(opening: &Opening<'_>, options: &TargetOptions) -> Result<(), Error> {
    bind(opening, options, written(opening.outputs)?);
    Ok(())
}

fn bind(opening: &Opening<'_>, options: &TargetOptions, mut bounds: Bounds) {
    if opening.is_host {
        bounds.read.push(PathBuf::from("/"));
    }
    add_targets(opening.names, options, &mut bounds);
    bounds.scratch.extend(options.cache.clone());
    bounds.scratch.extend(opening.spool.map(Path::to_owned));
    let confinement = if options.no_confinement {
        Confinement::none("switched off with --no-confinement")
    } else {
        confine(&bounds)
    };
    *CONFINEMENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(confinement);
}

/// Targets whose place did not answer before this process was confined.
static UNANSWERED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether the place of a target did not answer. It cannot be opened then.
pub(super) fn is_unanswered(name: &str) -> bool {
    UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
}

/// Adds what reading the targets needs. A name on a dead mount does not answer, and keeps no other from being scanned.
fn add_targets(names: &[String], options: &TargetOptions, bounds: &mut Bounds) {
    let limits = Limits { time: options.timeout, memory: 0 };
    let mut opener = Opener::default();
    for name in names {
        let target = name.clone();
        let needed = opener.run(name, limits, move || {
            let mut bounds = Bounds::default();
            target_names::bounds_of(&target, &mut bounds);
            // Each is opened when this process is confined.
            bounds.read.iter().for_each(|path| drop(std::fs::metadata(path)));
            bounds
        });
        match needed {
            Ok(needed) => bounds.extend(needed),
            Err(_) => {
                UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
            }
        }
    }
}

/// What must be writable for the outputs.
fn written(outputs: &[Output]) -> Result<Bounds, Error> {
    let mut bounds = Bounds::default();
    for path in outputs.iter().filter_map(|output| output.file.as_deref()) {
        let folder = written_to(path)?;
        // Older reports beside the new one are looked for and removed.
        if varies(path) && folder.is_dir() {
            bounds.scratch.push(folder.clone());
        }
        bounds.write.push(folder);
    }
    Ok(bounds)
}

/// Confines a command that reads reports, signatures or lists and scans nothing: it may read these files and folders, and
/// write where its outputs go. To be called before it opens the first of them.
///
/// # Errors
/// When an output has no folder to be made in.
pub(super) fn confine_to<'a>(
    read: impl IntoIterator<Item = &'a Path>,
    outputs: &[Output],
) -> Result<(), Error> {
    let mut bounds = written(outputs)?;
    bounds.read.extend(read.into_iter().map(Path::to_owned));
    confine_within(&bounds);
    Ok(())
}

/// As [`confine_to`], for a command that writes folders and files into a folder, which need not be there.
pub(super) fn confine_into<'a>(read: impl IntoIterator<Item = &'a Path>, folder: &Path) {
    let there = folder.ancestors().filter(|path| !path.as_os_str().is_empty()).find(|path| path.exists());
    let folders = vec![there.unwrap_or(Path::new(".")).to_owned()];
    confine_within(&Bounds {
        read: read.into_iter().map(Path::to_owned).collect(),
        folders,
        ..Bounds::default()
    });
}

fn confine_within(bounds: &Bounds) {
    // As for scans, for finding faults.
    let is_off = std::env::var("DEBAR_NO_CONFINEMENT")
        .is_ok_and(|value| ["1", "true", "yes", "on"].contains(&value.to_lowercase().as_str()));
    if !is_off {
        confine(bounds);
    }
}

/// The files of signatures that the options name, with what signs them.
pub(super) fn signature_files(options: &SignatureOptions) -> Vec<PathBuf> {
    let beside = options.signatures.iter().map(|path| signature::signing::beside(path));
    beside.chain(options.signatures.iter().cloned()).chain(options.trusted_key.iter().cloned()).collect()
}

/// The files that findings are judged by.
pub(super) fn judging_files(options: &JudgeOptions) -> Vec<PathBuf> {
    let mut files = signature_files(&options.signatures);
    files.extend(options.exceptions.clone());
    files
}

/// Cores, as far as this process may use them; a confined process cannot see its share any more.
static THREADS: OnceLock<usize> = OnceLock::new();
static CONFINEMENT: Mutex<Option<Confinement>> = Mutex::new(None);

/// What must be writable for an output: the folder of a file that is made and renamed, or a pipe or device itself.
fn written_to(path: &Path) -> Result<PathBuf, Error> {
    let failed = |source| Error::Output { path: path.to_owned(), source };
    // What has placeholders is checked when it is written.
    if !varies(path) && output::check(path).map_err(failed)? == Writes::Itself {
        return Ok(path.to_owned());
    }
    let named = |folder: &&Path| !folder.as_os_str().is_empty();
    // A folder with the host's name in it is not known before the scan; the one above it is.
    let known = |folder: &&Path| folder.exists() || !varies(folder);
    let folder = path.ancestors().skip(1).filter(named).find(known).unwrap_or(Path::new("."));
    if !std::fs::metadata(folder).map_err(failed)?.is_dir() {
        return Err(failed(std::io::ErrorKind::NotADirectory.into()));
    }
    Ok(folder.to_owned())
}

/// The reports in a file that the user names; `-` is standard input.
pub(super) fn read_reports(path: &Path) -> Result<Vec<ScanReport>, Error> {
    let (reports, _) = read_reports_whole(path)?;
    Ok(reports)
}

/// As [`read_reports`], with the bytes that were read.
pub(super) fn read_reports_whole(path: &Path) -> Result<(Vec<ScanReport>, Vec<u8>), Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).map_err(failed)?)
    };
    let mut bytes = Vec::new();
    input.take(read::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let reports = read::read(&bytes)
        .map_err(|error| Error::Report { path: path.to_owned(), message: error.to_string() })?;
    Ok((reports, bytes))
}

/// The signatures that the options name, with the built-in ones.
pub(super) fn signatures(options: &SignatureOptions) -> Result<SignatureSet, Error> {
    let mut trust = Trust { keys: Vec::new(), required: options.require_signed };
    for path in &options.trusted_key {
        trust.keys.push(trusted_key(path)?);
    }
    signature::load_trusting(&options.signatures, &trust)
}

/// As [`signatures`], with the harmless test product of `debar selftest`.
pub(super) fn judging_signatures(options: &SignatureOptions) -> Result<SignatureSet, Error> {
    let mut set = signatures(options)?;
    set.files.push(super::test_product::signatures()?);
    // Only `signatures test` reads the examples, some half a megabyte.
    for product in set.files.iter_mut().flat_map(|file| &mut file.file.products) {
        product.examples = signature::model::Examples::default();
    }
    Ok(set)
}

/// Reads a minisign public key.
pub(super) fn trusted_key(path: &Path) -> Result<TrustedKey, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    TrustedKey::parse(&text).map_err(|why| Error::Key { path: path.to_owned(), why: why.to_string() })
}

/// Opens a minisign secret key; its password is in `DEBAR_KEY_PASSWORD` or asked for.
pub(super) fn signing_key(path: &Path) -> Result<SigningKey, Error> {
    let text = std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let password = std::env::var("DEBAR_KEY_PASSWORD").ok();
    signature::signing::open_key(&String::from_utf8_lossy(&text), password)
        .map_err(|why| Error::Key { path: path.to_owned(), why: why.to_string() })
}

/// How the target is scanned.
pub(super) fn scan_options(options: &TargetOptions) -> Options {
    Options {
        threads: options.threads.map(usize::from).or(THREADS.get().copied()).unwrap_or(0),
        timeout: Some(options.timeout).filter(|timeout| !timeout.is_zero()),
        source_timeout: Some(options.source_timeout).filter(|timeout| !timeout.is_zero()),
        max_memory: Some(options.max_memory).filter(|limit| *limit > 0),
        stop: interrupt::flag(),
        only: None,
    }
}

/// Begin and end of a scan.
pub(super) struct Clock {
    started: Timestamp,
    begin: Instant,
}

/// When a scan ran.
pub(super) struct Times {
    pub(super) started: String,
    pub(super) finished: String,
    pub(super) duration_ms: u64,
}

impl Clock {
    pub(super) fn start() -> Self {
        Clock { started: Timestamp::now(), begin: Instant::now() }
    }

    pub(super) fn stop(&self) -> Times {
        let text = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Times {
            started: text(self.started),
            finished: text(Timestamp::now()),
            duration_ms: u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Describes a target, as far as it was opened.
pub(super) fn target_info(target: &Target) -> TargetInfo {
    let own_name = || {
        let content = target.root.read(b"etc/hostname", 1024).ok()?;
        let text = crate::text::text_of(content.bytes.trim_ascii());
        text.lines().next().map(str::to_owned).filter(|name| !name.is_empty())
    };
    let host = match target.kind {
        TargetKind::Host => host::host_name(),
        _ => own_name().or_else(|| target.opened_registry()?.host_name()),
    };
    let host = host.unwrap_or_else(|| target.name.clone());
    TargetInfo {
        kind: target.kind,
        name: target.name.clone(),
        machine_id: identity::machine_id(target),
        domain: identity::domain(target, &host),
        serial: identity::serial(target),
        hardware: identity::hardware(target),
        host,
        os: target.identity(),
        place: target.place.clone(),
        image: target
            .image
            .as_ref()
            .filter(|image| !image.digest.is_empty())
            .map(|image| ImageName { digest: image.digest.clone(), references: image.references.clone() }),
    }
}

/// Describes this debar and the signatures it uses.
pub(super) fn versions(set: Option<&SignatureSet>) -> Versions {
    let (account, elevated) = process::account();
    let files = set.map(|set| set.files.as_slice()).unwrap_or_default();
    Versions {
        debar: env!("CARGO_PKG_VERSION").to_owned(),
        signatures: files
            .iter()
            .filter(|loaded| loaded.file.vendor.id != super::test_product::VENDOR)
            .map(|loaded| SignatureVersion {
                vendor: loaded.file.vendor.id.clone(),
                version: loaded.file.version.clone(),
                date: loaded.file.date.clone(),
                origin: loaded.origin.clone(),
                signed_by: loaded.signed_by.clone(),
            })
            .collect(),
        rules: set.map(|set| set.rules_version.clone()).unwrap_or_default(),
        account,
        elevated,
        confinement: CONFINEMENT.lock().unwrap_or_else(PoisonError::into_inner).clone(),
    }
}

/// Confines a command that reads signatures and prints.
pub(super) fn confine_for_signatures(options: &SignatureOptions) -> Result<(), Error> {
    confine_to(signature_files(options).iter().map(PathBuf::as_path), &[])
}
