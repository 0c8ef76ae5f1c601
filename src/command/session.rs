//! What `scan` and `inventory` share: opening targets and describing them and this debar.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use crate::cli::{SignatureOptions, TargetOptions};
use crate::error::Error;
use crate::report::{ScanReport, SignatureVersion, TargetInfo, Versions, read};
use crate::scan::Options;
use crate::signature::{self, SignatureSet, Trust};
use crate::signing::TrustedKey;
use crate::target::{Root, Target, TargetKind, live};

/// Kinds of targets by the prefix that names them; the words of other tools, so that habits work.
const IMAGE_PREFIXES: &[&str] =
    &["docker-archive:", "oci-archive:", "oci-dir:", "registry:", "docker:", "podman:"];

/// Opens every target that the user named; this host when none was.
pub(super) fn open_targets(names: &[String], options: &TargetOptions) -> Result<Vec<Arc<Target>>, Error> {
    if names.is_empty() {
        return Ok(vec![open(None, options)?]);
    }
    names.iter().map(|name| open(Some(name), options)).collect()
}

fn open(name: Option<&str>, options: &TargetOptions) -> Result<Arc<Target>, Error> {
    let shown = name.unwrap_or("this host").to_owned();
    let failed = |source| Error::Target { target: shown.clone(), source };
    let (kind, mut root) = match name {
        None => (TargetKind::Host, live::host(options.one_file_system).map_err(failed)?),
        Some(name) => (
            TargetKind::Directory,
            open_path(name, options).map_err(|error| match error {
                OpenError::Io(source) => failed(source),
                OpenError::Unsupported(reason) => Error::UnsupportedTarget { target: shown.clone(), reason },
            })?,
        ),
    };
    for path in &options.exclude {
        // Written as on the target, or as a path of this host below the directory that is scanned.
        let inside = name.map(|name| name.strip_prefix("dir:").unwrap_or(name));
        let inside = inside.and_then(|directory| Path::new(path).strip_prefix(directory).ok());
        let path = inside.map_or(path.as_bytes(), |inside| inside.as_os_str().as_encoded_bytes());
        root.skip(path, "--exclude");
    }
    let mut target = Target::new(kind, shown, root);
    target.deep = options.deep;
    Ok(Arc::new(target))
}

enum OpenError {
    Io(std::io::Error),
    Unsupported(String),
}

fn open_path(name: &str, options: &TargetOptions) -> Result<Root, OpenError> {
    let unsupported = |reason: &str| OpenError::Unsupported(reason.to_owned());
    if let Some(path) = name.strip_prefix("dir:") {
        return live::directory(Path::new(path), options.one_file_system).map_err(OpenError::Io);
    }
    if name == "-" || IMAGE_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return Err(unsupported(
            "this version does not read container images. Extract the image and scan the folder with dir:PATH",
        ));
    }
    let path = Path::new(name);
    let metadata = std::fs::metadata(path).map_err(OpenError::Io)?;
    if metadata.is_dir() {
        return live::directory(path, options.one_file_system).map_err(OpenError::Io);
    }
    Err(unsupported(
        "it is a file, and this version reads only this host and directories. Mount the disk, or extract the image, \
         and scan the folder with dir:PATH",
    ))
}

/// The reports in a file that the user names; `-` is standard input.
pub(super) fn read_reports(path: &Path) -> Result<Vec<ScanReport>, Error> {
    let (reports, _) = read_reports_whole(path)?;
    Ok(reports)
}

/// As [`read_reports`], with the bytes that were read.
pub(super) fn read_reports_whole(path: &Path) -> Result<(Vec<ScanReport>, Vec<u8>), Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let input: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(std::fs::File::open(path).map_err(failed)?),
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

/// Reads a minisign public key.
pub(super) fn trusted_key(path: &Path) -> Result<TrustedKey, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    TrustedKey::parse(&text).map_err(|why| Error::Key { path: path.to_owned(), why: why.to_string() })
}

/// How the target is looked at.
pub(super) fn scan_options(options: &TargetOptions) -> Options {
    Options {
        threads: options.threads.map_or(0, usize::from),
        timeout: Some(options.timeout).filter(|timeout| !timeout.is_zero()),
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

/// Describes a target.
pub(super) fn target_info(target: &Target) -> TargetInfo {
    let own_name = || {
        let content = target.root.read(b"etc/hostname", 1024).ok()?;
        let text = crate::artifact::text_of(content.bytes.trim_ascii());
        text.lines().next().map(str::to_owned).filter(|name| !name.is_empty())
    };
    let host = match target.kind {
        TargetKind::Host => live::host_name(),
        _ => own_name().or_else(|| target.registry().host_name()),
    };
    TargetInfo {
        kind: target.kind,
        name: target.name.clone(),
        host: host.unwrap_or_else(|| target.name.clone()),
        os: target.os.clone(),
    }
}

/// Describes this debar and the signatures it uses.
pub(super) fn versions(set: Option<&SignatureSet>) -> Versions {
    let (account, elevated) = live::account();
    let files = set.map(|set| set.files.as_slice()).unwrap_or_default();
    Versions {
        debar: env!("CARGO_PKG_VERSION").to_owned(),
        signatures: files
            .iter()
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
    }
}
