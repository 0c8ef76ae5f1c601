//! What the names of targets mean.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::store_names::stores_named;
use crate::command::arguments::ManyTargets;
use crate::image::{Layout, StoreKind};
use crate::model::Error;
use crate::process::Bounds;
use crate::text::written;

/// What may stand before the path of a document.
pub(super) const DOCUMENT: &str = "sbom:";
/// Kinds of images by the prefix that names them; the words of other tools, so that habits work.
pub(super) const LAYOUTS: &[(&str, Layout)] = &[
    ("docker-archive:", Layout::DockerArchive),
    ("oci-archive:", Layout::Oci),
    ("oci-dir:", Layout::Oci),
    ("oci:", Layout::Oci),
];

/// The names of targets: those of the command line, then those of the file, and of them the job's share. `None` when
/// the user named none, which means this host.
pub(super) fn names(targets: &[String], many: &ManyTargets) -> Result<Option<Vec<String>>, Error> {
    let mut names = targets.to_vec();
    if names.iter().any(|name| name.trim().is_empty()) {
        let what = "the name of a target is empty: is a variable of your script not set? Name a path, or leave it out to \
                    scan this machine";
        return Err(Error::Usage(what.to_owned()));
    }
    if let Some(path) = &many.from_file {
        let mut bytes = Vec::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        let text = read.and_then(written::text);
        let text = text.map_err(|source| Error::Read { path: path.clone(), source })?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        names.extend(lines.map(str::to_owned));
        if names.is_empty() {
            return Err(Error::Usage(format!("{} names no target; write one a line", path.display())));
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    if let Some((index, count)) = many.shard {
        let all = names.len();
        names = names.into_iter().skip(index - 1).step_by(count).collect();
        if names.is_empty() {
            let what =
                format!("the shard {index}/{count} of {all} targets is empty, so nothing would be scanned");
            let most = if all == 1 { "1 shard".to_owned() } else { format!("{all} shards") };
            return Err(Error::Usage(format!("{what}. Use at most {most}")));
        }
    }
    Ok(Some(names))
}

/// The reference of an image that comes over the network.
pub(super) fn fetched(name: &str) -> Option<&str> {
    ["registry:", "docker://"].iter().find_map(|prefix| name.strip_prefix(prefix))
}

/// Whether a target comes over the network.
pub(super) fn is_fetched(name: &str) -> bool {
    fetched(name).is_some()
}

/// Whether a target can be no image, whatever is in it.
pub(super) fn is_never_image(name: &str) -> bool {
    if name.starts_with("dir:") {
        return true;
    }
    let path = Path::new(name);
    path.is_dir() && !is_layout(path)
}

/// Whether a folder has files of the names that layouts of images have.
fn is_layout(path: &Path) -> bool {
    ["oci-layout", "index.json", "manifest.json"].iter().any(|name| path.join(name).exists())
}

/// The path of a target that is a folder or file of this machine, by its name alone: no registry, store or standard input.
pub(super) fn local(name: &str) -> Option<&Path> {
    let is_store = StoreKind::ALL.iter().any(|kind| name.starts_with(kind.prefix()));
    let layouts = LAYOUTS.iter().map(|(prefix, _)| *prefix);
    let path = match layouts.clone().find_map(|prefix| name.strip_prefix(prefix)) {
        Some(path) => split_reference(path).0,
        None => name.strip_prefix("dir:").unwrap_or(name),
    };
    (!is_store && fetched(name).is_none() && path != "-").then_some(Path::new(path))
}

/// A target that is a folder or file of this machine, by its absolute path.
pub(super) fn absolute(name: &str) -> Option<String> {
    let path = local(name)?;
    // What stands before the path names the kind, what follows it an image.
    let (kind, rest) = name.split_once(path.to_str()?)?;
    let path = std::path::absolute(path).ok()?;
    let path = path.components().filter(|part| *part != std::path::Component::CurDir).collect::<PathBuf>();
    Some(format!("{kind}{}{rest}", path.to_str()?))
}

/// Adds what reading a target needs.
pub(super) fn bounds_of(name: &str, bounds: &mut Bounds) {
    if fetched(name).is_some() {
        // Credentials and certificates lie anywhere.
        bounds.network = true;
        bounds.read.push(PathBuf::from("/"));
        return bounds.scratch.push(std::env::temp_dir());
    }
    if let Some(stores) = stores_named(name) {
        // Links do not lead out of a store.
        bounds.read.extend(stores.into_iter().flatten().map(|store| store.path));
        return bounds.scratch.push(std::env::temp_dir());
    }
    if let Some(path) = name.strip_prefix("dir:").or_else(|| name.strip_prefix(DOCUMENT)) {
        return bounds.read.push(PathBuf::from(path));
    }
    let path = LAYOUTS.iter().find_map(|(prefix, _)| name.strip_prefix(prefix)).unwrap_or(name);
    let path = Path::new(split_reference(path).0);
    if !path.is_dir() || is_layout(path) {
        // Of an image, what does not fit into memory.
        bounds.scratch.push(std::env::temp_dir());
    }
    bounds.read.push(path.to_owned());
}

/// The path of an archive or folder, and the name or tag after it that chooses an image, as skopeo writes it.
pub(super) fn split_reference(text: &str) -> (&str, Option<&str>) {
    if Path::new(text).exists() {
        return (text, None);
    }
    let colons = text.match_indices(':').map(|(at, _)| at);
    let split = colons.filter_map(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
    let mut of_files = split.filter(|(path, reference)| !reference.is_empty() && Path::new(path).exists());
    of_files.next().map_or((text, None), |(path, reference)| (path, Some(reference)))
}
