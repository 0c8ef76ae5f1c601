//! Images in a registry: manifests and config first, each held against its digest, then the layers, which are
//! decoded while they come.
//!
//! Sources: the OCI distribution specification 1.1, Docker's image manifest version 2, schema 2.

mod blob;
mod challenge;
mod client;
mod credentials;
mod login;
mod reference;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use self::blob::{Remote, Room};
pub use self::client::Access;
use self::client::{Client, Failure};
use self::reference::Reference;
use super::assemble::{Image, assemble};
use super::bodies::Blob;
use super::digest::{self, Hasher, Unverified, is_digest, verify};
use super::error::ImageError;
use super::gaps::gap;
use super::layer::{LayerIndex, LayerKind};
use super::layout::Chosen;
use super::manifest::{Config, Descriptor, Manifest};
use super::options::ImageOptions;
use super::platform::Platform;
use super::{go_json, layout};
use crate::bytes::ReadAt;
use crate::fs::memory::Memory;
use crate::fs::root::Root;
use crate::model::GapKind;

/// Manifests and configs are small; anything larger is none.
const MAX_JSON: u64 = 8 << 20;
/// Indexes inside indexes.
const MAX_DEPTH: usize = 3;
/// Manifests that one index may name.
const MAX_MANIFESTS: usize = 1_000;
/// Layers that come at the same time.
const TRANSFERS: usize = 4;
/// The kinds of manifests that are understood.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Opens an image of a registry by its name (`HOST/REPOSITORY:TAG`, `@sha256:DIGEST`, or a short name of Docker
/// Hub).
///
/// # Errors
/// When the registry does not give it, when a manifest or config is not what its digest says, or when there is none
/// for the platform. A layer that does not come, or is not what its digest says, is a gap of the image.
pub fn open_registry(name: &str, access: &Access, options: &ImageOptions) -> Result<Vec<Image>, ImageError> {
    let reference = Reference::parse(name).map_err(ImageError::Unusable)?;
    let client = Arc::new(Client::new(&reference, access).map_err(ImageError::Unusable)?);
    let mut found =
        Found { client: &client, reference: &reference, files: Memory::new(), candidates: Vec::new() };
    let wanted = reference.digest.clone().map(|digest| Descriptor { digest, ..Descriptor::default() });
    let (bytes, digest) = found.manifest(reference.wanted(), wanted.as_ref())?;
    found.take(bytes, Descriptor { digest, ..Descriptor::default() }, 0)?;
    let mut entries = Vec::new();
    for mut candidate in choose(std::mem::take(&mut found.candidates), options.platform.as_ref())? {
        if candidate.manifest.is_none() {
            let digest = candidate.descriptor.digest.clone();
            let (bytes, _) = found.manifest(&digest, Some(&candidate.descriptor))?;
            found.take(bytes, candidate.descriptor, MAX_DEPTH)?;
            candidate =
                found.candidates.pop().ok_or_else(|| unusable(&digest, "it is no manifest of an image"))?;
        }
        let Some(manifest) = candidate.manifest else { continue };
        if let Some(config) = &manifest.config {
            let bytes = found.config(config)?;
            if candidate.descriptor.platform.is_none()
                && let Ok(config) = go_json::read::<Config>(&bytes)
                && !config.value.os.is_empty()
            {
                let Config { os, architecture, variant, .. } = config.value;
                candidate.descriptor.platform = Some(Platform { os, architecture, variant });
            }
            found.keep(&config.digest, bytes)?;
        }
        entries.push(entry(&candidate.descriptor, &reference));
    }
    let index = json!({ "schemaVersion": 2, "manifests": entries }).to_string();
    let root = Arc::new(Root::new(Box::new(found.files.file("index.json", index))));
    let chosen = layout::oci(&root, options.platform.as_ref())?;
    let named = chosen.ok_or_else(|| ImageError::Unusable(format!("{reference} has no image")))?;
    Ok(named.chosen.into_iter().map(|chosen| fetch(&client, &root, chosen, options)).collect())
}

fn unusable(digest: &str, what: &str) -> ImageError {
    ImageError::Unusable(format!("the manifest {digest}: {what}"))
}

/// A manifest of an image, and what the index says of it.
struct Candidate {
    descriptor: Descriptor,
    /// `None` until it is fetched.
    manifest: Option<Manifest>,
}

struct Found<'a> {
    client: &'a Client,
    reference: &'a Reference,
    /// Manifests, in the places of an OCI layout.
    files: Memory,
    candidates: Vec<Candidate>,
}

impl Found<'_> {
    /// A manifest and its digest, which must be the one that is expected.
    fn manifest(&self, wanted: &str, expected: Option<&Descriptor>) -> Result<(Vec<u8>, String), ImageError> {
        let reference = self.reference;
        let failed =
            |what: String| ImageError::Unusable(format!("the manifest {wanted} of {reference}: {what}"));
        // It becomes part of an address.
        if let Some(descriptor) = expected
            && !is_digest(&descriptor.digest)
        {
            return Err(failed("its digest is no digest".to_owned()));
        }
        let reply =
            self.client.get(&format!("manifests/{wanted}"), MANIFESTS, 0).map_err(
                |failure| match failure {
                    Failure::Absent => ImageError::Unusable(format!(
                        "{} has no {}:{wanted}, or shows it only to those who log in. Check the name",
                        reference.host, reference.repository
                    )),
                    other => failed(other.to_string()),
                },
            )?;
        let stated = reply.header("docker-content-digest").map(str::to_owned);
        let bytes = reply.bytes(MAX_JSON).map_err(|error| failed(error.to_string()))?;
        // Where nothing names it by its digest, the registry may state one.
        let stated = stated.filter(|stated| is_digest(stated));
        let stated = stated.map(|digest| Descriptor { digest, ..Descriptor::default() });
        match expected.or(stated.as_ref()) {
            Some(descriptor) => verify(descriptor, &bytes)
                .map(|verified| (bytes, verified.digest().to_owned()))
                .map_err(|unverified| failed(unverified.detail)),
            None => Ok({
                let digest = digest::sha256(&bytes);
                (bytes, digest)
            }),
        }
    }

    /// The config that a manifest names.
    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        let digest = &descriptor.digest;
        let failed =
            |what: String| ImageError::Unusable(format!("the config {digest} of {}: {what}", self.reference));
        // It becomes part of an address.
        if !is_digest(digest) {
            return Err(failed("its digest is no digest".to_owned()));
        }
        let reply = self
            .client
            .get(&format!("blobs/{digest}"), "", 0)
            .map_err(|failure| failed(failure.to_string()))?;
        let bytes = reply.bytes(MAX_JSON).map_err(|error| failed(error.to_string()))?;
        verify(descriptor, &bytes).map_err(|unverified| failed(unverified.detail))?;
        Ok(bytes)
    }

    /// Keeps a file in its place of an OCI layout.
    fn keep(&mut self, digest: &str, bytes: Vec<u8>) -> Result<(), ImageError> {
        let path = layout::blob_path(digest).ok_or_else(|| unusable(digest, "its digest is none"))?;
        self.files = std::mem::take(&mut self.files).file(path, bytes);
        Ok(())
    }

    /// Takes in an image's manifest, or those that an index names.
    fn take(&mut self, bytes: Vec<u8>, descriptor: Descriptor, depth: usize) -> Result<(), ImageError> {
        let digest = descriptor.digest.clone();
        let manifest: Manifest =
            go_json::read(&bytes).map_err(|error| unusable(&digest, &error.to_string()))?.value;
        self.keep(&digest, bytes)?;
        if manifest.config.is_some() {
            self.candidates.push(Candidate { descriptor, manifest: Some(manifest) });
            return Ok(());
        }
        if manifest.schema_version == 1 {
            return Err(unusable(
                &digest,
                "it is of Docker's schema 1, which is no longer read. Push the image again",
            ));
        }
        if depth >= MAX_DEPTH || manifest.manifests.len() > MAX_MANIFESTS {
            return Err(unusable(&digest, "indexes nest too deep, or name too many manifests"));
        }
        for descriptor in manifest.manifests {
            let kind = &descriptor.media_type;
            if kind.contains("index") || kind.contains("manifest.list") {
                let (bytes, _) = self.manifest(&descriptor.digest, Some(&descriptor))?;
                self.take(bytes, descriptor, depth + 1)?;
            } else if !layout::is_beside(&descriptor) {
                // Which of them are fetched is decided when all are known.
                self.candidates.push(Candidate { descriptor, manifest: None });
            }
        }
        Ok(())
    }
}

/// Of images that are the same for several platforms, those for the one that is asked for, or for this machine's.
fn choose(candidates: Vec<Candidate>, asked: Option<&Platform>) -> Result<Vec<Candidate>, ImageError> {
    if let [only] = candidates.as_slice()
        && (asked.is_none() || only.descriptor.platform.is_none())
    {
        return Ok(candidates);
    }
    let this_machine = Platform::of_this_machine();
    let wanted = asked.unwrap_or(&this_machine);
    let stated = |candidate: &Candidate| {
        candidate.descriptor.platform.clone().filter(|platform| !platform.is_unknown())
    };
    let platforms: BTreeSet<String> =
        candidates.iter().filter_map(stated).map(|platform| platform.to_string()).collect();
    let chosen: Vec<Candidate> = candidates
        .into_iter()
        .filter(|candidate| stated(candidate).is_none_or(|platform| platform.fits(wanted)))
        .collect();
    if chosen.is_empty() {
        let there = platforms.into_iter().collect::<Vec<_>>().join(", ");
        return Err(ImageError::Unusable(format!(
            "it has no image for {wanted}; there is {there}. Choose with --platform"
        )));
    }
    Ok(chosen)
}

/// The entry of an OCI layout's index for an image.
fn entry(descriptor: &Descriptor, reference: &Reference) -> serde_json::Value {
    let mut entry = json!({
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "annotations": { "org.opencontainers.image.ref.name": reference.to_string() },
    });
    if let (Some(platform), Some(entry)) = (&descriptor.platform, entry.as_object_mut()) {
        let Platform { os, architecture, variant } = platform;
        let platform = json!({ "os": os, "architecture": architecture, "variant": variant });
        entry.insert("platform".to_owned(), platform);
    }
    entry
}

/// Fetches the layers of an image, decodes them while they come, and puts them together.
fn fetch(client: &Arc<Client>, root: &Arc<Root>, mut chosen: Chosen, options: &ImageOptions) -> Image {
    let kind = chosen.kind();
    let room = Arc::new(Room::default());
    // A layer that an image has twice comes once.
    let mut remotes: BTreeMap<&str, Arc<Remote>> = BTreeMap::new();
    let mut indexes: BTreeMap<&str, Arc<LayerIndex>> = BTreeMap::new();
    let mut wanted = Vec::new();
    for layer in &chosen.layers {
        let digest = layer.digest.as_str();
        if remotes.contains_key(digest) {
            continue;
        }
        let remote = Arc::new(Remote::new(client, &room, digest, layer.size));
        match options.known(digest, kind) {
            Some(index) => drop(indexes.insert(digest, index)),
            None => wanted.push(Arc::clone(&remote)),
        }
        remotes.insert(digest, remote);
    }
    wanted.sort_by_key(|remote| std::cmp::Reverse(remote.size));
    let named = |digest: &str| {
        let at = chosen.layers.iter().position(|layer| layer.digest == digest);
        at.and_then(|at| chosen.config.rootfs.diff_ids.get(at)).map(String::as_str).unwrap_or_default()
    };
    let mut gaps = Vec::new();
    for (remote, index, unverified) in transfer(wanted, kind, &named, options) {
        let place = format!("layer {}", remote.digest);
        match (remote.end(), unverified) {
            (Some(Ok(_)), Some(unverified)) => {
                let what =
                    format!("the archive in it is not the one that the config names: {}", unverified.detail);
                gaps.push(gap(unverified.kind, place, what));
            }
            (Some(Ok(verified)), None) => options.remember(&verified, kind, &index),
            (Some(Err(fault)), _) => gaps.push(gap(fault.kind, place, fault.what)),
            (None, _) => gaps.push(gap(GapKind::Unreadable, place, "it was not fetched".to_owned())),
        }
        if let Some((digest, _)) = remotes.get_key_value(remote.digest.as_str()) {
            indexes.insert(digest, index);
        }
    }
    let index_of =
        |layer: &layout::LayerBlob| indexes.get(layer.digest.as_str()).cloned().unwrap_or_default();
    let blob_of = |layer: &layout::LayerBlob| match remotes.get(layer.digest.as_str()) {
        Some(remote) => Blob::Open(Arc::clone(remote) as _),
        None => Blob::Missing,
    };
    let (indexes, blobs) =
        (chosen.layers.iter().map(index_of).collect(), chosen.layers.iter().map(blob_of).collect());
    chosen.gaps.append(&mut gaps);
    assemble(root, chosen, indexes, blobs, options)
}

/// Layers come by some threads, and others decode them as soon as they begin to come. Gives each with its index, and
/// with why the archive in it is not the one that the config names, if that is to be verified.
fn transfer<'c>(
    wanted: Vec<Arc<Remote>>,
    kind: LayerKind,
    named: &(impl Fn(&str) -> &'c str + Sync),
    options: &ImageOptions,
) -> Vec<(Arc<Remote>, Arc<LayerIndex>, Option<Unverified>)> {
    let (transfers, decoders) = (TRANSFERS.min(wanted.len()), rayon::current_num_threads().min(wanted.len()));
    let queue: Mutex<VecDeque<Arc<Remote>>> = Mutex::new(wanted.into());
    let (begun, beginning) = channel::<Arc<Remote>>();
    let beginning = Mutex::new(beginning);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..transfers {
            let (queue, begun) = (&queue, begun.clone());
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(remote) = next else { return };
                    remote.fetch(|| drop(begun.send(Arc::clone(&remote))));
                }
            });
        }
        // The decoders end when the last of the others has.
        drop(begun);
        for _ in 0..decoders {
            let (beginning, done) = (&beginning, &done);
            scope.spawn(move || {
                loop {
                    let next = beginning.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(remote) = next else { return };
                    let bytes = Arc::clone(&remote) as Arc<dyn ReadAt>;
                    let expected = named(&remote.digest);
                    let asked = options.verify_layers && !expected.is_empty();
                    let (hasher, unverified) = match asked.then(|| Hasher::of(expected)).transpose() {
                        Ok(hasher) => (hasher, None),
                        Err(unverified) => (None, Some(unverified)),
                    };
                    let (interest, budget) = (options.interest.as_ref(), &options.budget);
                    let (index, hasher) = LayerIndex::read_hashed(&bytes, kind, interest, budget, hasher);
                    let unverified = unverified.or_else(|| hasher?.verify(expected).err());
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((
                        remote,
                        Arc::new(index),
                        unverified,
                    ));
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}
