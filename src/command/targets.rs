//! Opening what targets name.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::nested::{self, Nested};
use super::store_names::{NamedStore, stores_named};
use super::target_names::{LAYOUTS, absolute, fetched, split_reference};
use super::{documents, interrupt, meant};
use crate::collector::support::interest::AllCollectors;
use crate::command::arguments::TargetOptions;
use crate::fs::Root;
use crate::host;
use crate::image::{
    self, Budget, Cache, Image, ImageError, ImageOptions, Images, Layout, Platform, Store, Wanted,
};
use crate::model::{Error, Gap, GapKind, TargetKind};
use crate::process;
use crate::report::recorded::Recorded;
use crate::target::Target;
use crate::text::hex::hex;

/// What is scanned or matched.
pub(super) enum Subject {
    /// Something with files.
    Target(Arc<Target>),
    /// A document that lists software.
    Document(Box<Recorded>),
}

/// Opens targets one after the other and hands each over, so that of many images only one is in memory. Returns why some
/// could not be opened, which keeps no other target from being scanned.
pub(super) fn each_target(
    names: Option<&[String]>,
    options: &TargetOptions,
    mut take: impl FnMut(Subject),
) -> Result<Vec<Error>, Error> {
    let Some(names) = names else {
        let mut nested = Nested::default();
        for target in open_targets(&[], options)? {
            let kept = nested::kept(&target, options.nested);
            take(Subject::Target(target));
            kept.iter().for_each(|target| nested.add(target, 0));
        }
        let mut take = |target| take(Subject::Target(target));
        return each_nested(HOST, nested, options, &image_options(options)?, &mut take);
    };
    // What is not there is reported before the first of a hundred is scanned.
    for name in names.iter().filter(|name| !name.contains(':') && *name != "-") {
        std::fs::metadata(name).map_err(|source| not_there(name, source))?;
    }
    let images = image_options(options)?;
    let mut not_scanned: Vec<&str> = Vec::new();
    // From the first on there is something to report, also while the next is opened.
    let mut scanned = None;
    let mut count = 0;
    let mut failed = Vec::new();
    for name in names {
        if interrupt::came() {
            not_scanned.push(name);
            continue;
        }
        let mut take = |subject| {
            scanned.get_or_insert_with(interrupt::Scanning::begin);
            count += 1;
            take(subject);
        };
        if let Some(recorded) = documents::read(name, options.timeout, options.max_memory) {
            match recorded {
                Ok(recorded) => recorded.into_iter().for_each(|one| take(Subject::Document(Box::new(one)))),
                Err(error) => failed.push(error),
            }
            continue;
        }
        failed.extend(each_named(name, options, &images, &mut |target| take(Subject::Target(target)))?);
        images.forget_if_many();
    }
    if !not_scanned.is_empty() {
        let targets = not_scanned.join(", ");
        process::say(&format!("warning: interrupted; not scanned: {targets}"));
    } else if count == 0 && failed.is_empty() {
        return Err(Error::Usage(format!("nothing was scanned: there is no target in {}", names.join(", "))));
    }
    Ok(failed)
}

/// Opens all that one name of a target stands for.
fn each_named(
    name: &str,
    options: &TargetOptions,
    images: &ImageOptions,
    take: &mut impl FnMut(Arc<Target>),
) -> Result<Vec<Error>, Error> {
    if let Some(stores) = stores_named(name) {
        let opened = stores.and_then(|stores| each_of_stores(name, &stores, options, images, take));
        return Ok(opened.err().into_iter().collect());
    }
    let mut nested = Nested::default();
    let opened = open(name, options, images, |target| {
        let kept = nested::kept(&target, options.nested);
        take(target);
        kept.iter().for_each(|target| nested.add(target, 0));
    });
    let mut failed = each_nested(name, nested, options, images, take)?;
    failed.extend(opened.err());
    Ok(failed)
}

/// Opens the installations that targets named, one after the other.
fn each_nested(
    name: &str,
    mut nested: Nested,
    options: &TargetOptions,
    images: &ImageOptions,
    take: &mut impl FnMut(Arc<Target>),
) -> Result<Vec<Error>, Error> {
    let mut failed = Vec::new();
    while let Some((place, depth)) = nested.next().filter(|_| !interrupt::came()) {
        let opened = open(&place, options, images, |target| {
            let kept = nested::kept(&target, true);
            take(target);
            kept.iter().for_each(|target| nested.add(target, depth));
        });
        failed.extend(opened.err());
    }
    failed.extend(nested.error(name));
    Ok(failed)
}

/// What a target may be, for messages.
const SCHEMES: &str = "A target is a path, `-`, dir:PATH, docker-archive:FILE[:NAME], oci-archive:FILE[:TAG], \
    oci-dir:FOLDER[:TAG], registry:NAME, docker-store:, containerd:, containers-storage: or sbom:FILE";

/// Why a target that is not there cannot be opened, and what was probably meant.
fn not_there(name: &str, source: std::io::Error) -> Error {
    if source.kind() != std::io::ErrorKind::NotFound {
        return Error::Target { target: name.to_owned(), source };
    }
    let reason = match meant::meant(name, SCHEMES) {
        Some(meant) => format!("there is no such file or folder. {meant}"),
        None => format!("there is no such file or folder. {SCHEMES}"),
    };
    Error::UnsupportedTarget { target: name.to_owned(), reason }
}

/// What is wanted of an archive or folder.
fn wanted(layout: Layout, reference: Option<&str>) -> Wanted<'_> {
    Wanted { layout, reference, is_system: |root| host::os::identify(root).identity.os.is_some() }
}

/// Hands over the images and containers of stores, one after the other.
fn each_of_stores(
    name: &str,
    stores: &[NamedStore<'_>],
    options: &TargetOptions,
    images: &ImageOptions,
    mut take: impl FnMut(Arc<Target>),
) -> Result<(), Error> {
    let failed = |error| unopened(name, error);
    let mut missing = None;
    let mut found = false;
    for NamedStore { kind, path, item } in stores {
        let root = host::directory(path, options.one_file_system).map_err(|error| failed(error.into()))?;
        let store = Store::open(*kind, root).map_err(failed)?;
        match store.items(*item) {
            // Of several stores one may have it.
            Err(error) => missing = Some(error),
            Ok(items) => {
                found = true;
                for item in items {
                    let title = format!("{}{}#{}", kind.prefix(), path.display(), item.title());
                    take(of_image(&title, false, store.image(item, images), options));
                }
            }
        }
    }
    match missing {
        Some(error) if !found => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Opens every target that the user named; this host when none was. An archive may hold several images.
pub(super) fn open_targets(names: &[String], options: &TargetOptions) -> Result<Vec<Arc<Target>>, Error> {
    if names.is_empty() {
        let _watched = interrupt::Opening::begin(HOST, options.timeout, options.max_memory);
        let root = host::host(options.one_file_system)
            .map_err(|source| Error::Target { target: HOST.to_owned(), source })?;
        return Ok(vec![Arc::new(whole(TargetKind::Host, HOST, root, None, options))]);
    }
    let images = image_options(options)?;
    let mut targets = Vec::new();
    for name in names {
        match stores_named(name) {
            Some(stores) => each_of_stores(name, &stores?, options, &images, |target| targets.push(target))?,
            None => open(name, options, &images, |target| targets.push(target))?,
        }
    }
    Ok(targets)
}

const HOST: &str = "this host";

/// How images are opened: what layers share is read once for all of them.
fn image_options(options: &TargetOptions) -> Result<ImageOptions, Error> {
    let platform = match &options.platform {
        None => None,
        Some(text) => Some(Platform::parse(text).ok_or_else(|| {
            Error::Usage(format!("`{text}` is no platform; write OS/ARCHITECTURE, for example linux/arm64"))
        })?),
    };
    let is_deep = options.searches_images_whole();
    let mut images = ImageOptions::new(Arc::new(AllCollectors::new(is_deep)), platform);
    images.verify_layers = options.verify_layers;
    images.budget = Arc::new(Budget::within(options.max_memory));
    if let Some(folder) = &options.cache {
        let failed = |source| Error::Cache { path: folder.clone(), source };
        let identity = format!("debar {} asks {} deep={is_deep}", env!("CARGO_PKG_VERSION"), questions());
        images.cache = Some(Arc::new(Cache::open(folder, identity).map_err(failed)?));
    }
    Ok(images)
}

/// A digest of what collectors ask of layers: what a layer was read for. A file that another version did not ask for
/// would still be read, by a second pass over its layer.
fn questions() -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for collector in crate::collector::all() {
        for text in [collector.name].iter().chain(collector.reads).chain(collector.walks) {
            hash.update(text.as_bytes());
            hash.update([0]);
        }
    }
    hex(&hash.finalize())
}

/// Why a target that is an image, or holds some, cannot be opened.
fn unopened(name: &str, error: ImageError) -> Error {
    match error {
        ImageError::Io(source) => Error::Target { target: name.to_owned(), source },
        ImageError::Unusable(reason) => Error::UnsupportedTarget { target: name.to_owned(), reason },
    }
}

/// Opens what a target names and hands it over, one image after the other.
fn open(
    name: &str,
    options: &TargetOptions,
    images: &ImageOptions,
    mut taking: impl FnMut(Arc<Target>),
) -> Result<(), Error> {
    let place = absolute(name);
    let mut take = |mut target: Arc<Target>| {
        if let Some(target) = Arc::get_mut(&mut target) {
            target.place.clone_from(&place);
        }
        taking(target);
    };
    let called = options.called.as_deref();
    let mut title = called.unwrap_or(name);
    let mut beside = None;
    let limit = opening_limit(name, options.timeout);
    let found = {
        let _watched = interrupt::Opening::begin(name, limit, options.max_memory);
        images.budget.begin(options.timeout);
        find(name, options, images)?
    };
    // Behind the watch: taking a target scans it.
    let mut opened = match found {
        Found::Folder(target) => {
            take(target);
            return Ok(());
        }
        Found::Images(opened) => opened,
        Found::Both(opened, target) => {
            beside = Some(target);
            opened
        }
        Found::Input(opened) => {
            title = called.unwrap_or("standard input");
            opened
        }
    };
    let is_several = opened.len() > 1;
    loop {
        let image = {
            let _watched = interrupt::Opening::begin(name, limit, options.max_memory);
            images.budget.begin(options.timeout);
            opened.next()
        };
        if interrupt::came() && opened.len() > 0 {
            let left = opened.len() + 1;
            return Err(Error::UnsupportedTarget {
                target: name.to_owned(),
                reason: format!("interrupted; {left} of its images were not scanned"),
            });
        }
        let Some(image) = image else {
            beside.into_iter().for_each(take);
            return Ok(());
        };
        take(of_image(title, is_several, image, options));
    }
}

/// When opening a target is given up: reading layers and fetching end by themselves when the time is up, and what was
/// read until then is scanned; only a read that never returns takes longer.
fn opening_limit(name: &str, timeout: Duration) -> Duration {
    const GRACE: Duration = Duration::from_secs(30);
    let grace =
        if fetched(name).is_some() { GRACE } else { (timeout / 4).clamp(Duration::from_secs(1), GRACE) };
    if timeout.is_zero() { timeout } else { timeout.saturating_add(grace) }
}

/// What a target turned out to be.
enum Found<'a> {
    Folder(Arc<Target>),
    Images(Images<'a>),
    /// The layout of images, and a system in the same folder.
    Both(Images<'a>, Arc<Target>),
    Input(Images<'a>),
}

fn directory(name: &str, path: &str, options: &TargetOptions) -> Result<Root, Error> {
    host::directory(Path::new(path), options.one_file_system)
        .map_err(|source| Error::Target { target: name.to_owned(), source })
}

fn find<'a>(name: &str, options: &TargetOptions, images: &'a ImageOptions) -> Result<Found<'a>, Error> {
    let failed = |error| unopened(name, error);
    if let Some(path) = name.strip_prefix("dir:") {
        let root = directory(name, path, options)?;
        let target = whole(TargetKind::Directory, name, root, Some(path), options);
        return Ok(Found::Folder(Arc::new(target)));
    }
    if name == "-" {
        return Ok(Found::Input(image::open_stdin(wanted(Layout::Any, None), images).map_err(failed)?));
    }
    if let Some(reference) = fetched(name) {
        let opened = open_registry(reference, options, images).map_err(failed)?;
        return Ok(Found::Images(Images::ready(opened, images)));
    }
    let named = LAYOUTS.iter().find_map(|(prefix, layout)| Some((name.strip_prefix(prefix)?, *layout)));
    let (path, layout) = named.unwrap_or((name, Layout::Any));
    if path == "-" {
        return Ok(Found::Input(image::open_stdin(wanted(layout, None), images).map_err(failed)?));
    }
    let (path, reference) = if named.is_some() { split_reference(path) } else { (path, None) };
    let wanted = wanted(layout, reference);
    if !std::fs::metadata(path).map_err(|source| not_there(name, source))?.is_dir() {
        return Ok(Found::Images(image::open_file(Path::new(path), wanted, images).map_err(failed)?));
    }
    if layout == Layout::DockerArchive {
        let reason = format!(
            "it is a folder, and docker-archive: names a file. For a folder write {path} or dir:{path}"
        );
        return Err(Error::UnsupportedTarget { target: name.to_owned(), reason });
    }
    folder(name, path, (layout, wanted), options, images)
}

/// What a folder is: a system, the layout of images, or both.
fn folder<'a>(
    name: &str,
    path: &str,
    (layout, wanted): (Layout, Wanted<'_>),
    options: &TargetOptions,
    images: &'a ImageOptions,
) -> Result<Found<'a>, Error> {
    let failed = |error| unopened(name, error);
    let opened = image::open_folder(&Arc::new(directory(name, path, options)?), wanted, images);
    if layout == Layout::Oci {
        return match opened.map_err(failed)? {
            Some(opened) => Ok(Found::Images(opened)),
            None => {
                let reason =
                    "the folder is no OCI layout: it has no index.json that lists an image".to_owned();
                Err(Error::UnsupportedTarget { target: name.to_owned(), reason })
            }
        };
    }
    // A mounted disk may have files of a layout's names at its top: what is a system is scanned as one, too.
    let root = directory(name, path, options)?;
    let mut root = whole(TargetKind::Directory, name, root, Some(path), options);
    match opened {
        Ok(None) => Ok(Found::Folder(Arc::new(root))),
        Ok(Some(opened)) if root.os.os.is_some() => Ok(Found::Both(opened, Arc::new(root))),
        Ok(Some(opened)) => Ok(Found::Images(opened)),
        Err(error) if root.os.os.is_some() => {
            root.gaps.push(Gap {
                kind: GapKind::Unsupported,
                collector: image::COLLECTOR.to_owned(),
                place: "oci-layout".to_owned(),
                detail: format!(
                    "the folder is also the layout of an image, which cannot be scanned: {error}"
                ),
            });
            Ok(Found::Folder(Arc::new(root)))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(feature = "distribution")]
fn open_registry(
    reference: &str,
    options: &TargetOptions,
    images: &ImageOptions,
) -> Result<Vec<Image>, ImageError> {
    let timeout = Some(options.timeout).filter(|timeout| !timeout.is_zero());
    image::open_registry(reference, &image::Access { is_insecure: options.insecure, timeout }, images)
}

#[cfg(not(feature = "distribution"))]
fn open_registry(_: &str, _: &TargetOptions, _: &ImageOptions) -> Result<Vec<Image>, ImageError> {
    let reason = "this debar was built without the feature `distribution`, so it opens no connection. Save the image, for \
        example with `skopeo copy`, and scan the archive";
    Err(ImageError::Unusable(reason.to_owned()))
}

/// An image that was opened, as a target; of several each has its own name.
fn of_image(name: &str, is_several: bool, image: Image, options: &TargetOptions) -> Arc<Target> {
    let own = image.info.references.first().unwrap_or(&image.info.digest);
    let own = if own.is_empty() { "the files of the archive itself" } else { own };
    let name = if is_several { format!("{name} ({own})") } else { name.to_owned() };
    let mut target = Target::of_image(name, image, |root| exclude(root, None, options));
    target.deep = options.searches_images_whole();
    Arc::new(target)
}

fn whole(
    kind: TargetKind,
    name: &str,
    mut root: Root,
    directory: Option<&str>,
    options: &TargetOptions,
) -> Target {
    exclude(&mut root, directory, options);
    let mut target = match kind {
        TargetKind::Host => Target::running(name, root),
        _ => Target::new(kind, name, root),
    };
    // Without an operating system there are no usual places of programs: every file is checked.
    target.deep = options.deep || target.is_folder();
    // No collector looks into them, unless the whole target is walked: the report says what does.
    if !target.deep
        && let Some(root) = Arc::get_mut(&mut target.root)
    {
        for (kind, path) in image::stores(root) {
            let place =
                format!("{}{}/{path}", kind.prefix(), directory.unwrap_or_default().trim_end_matches('/'));
            let reason = format!(
                "images and containers of {}, which are targets of their own: scan {place}",
                kind.engine()
            );
            root.skip(path.as_bytes(), reason);
        }
    }
    target
}

fn exclude(root: &mut Root, directory: Option<&str>, options: &TargetOptions) {
    for path in &options.exclude {
        // Written as on the target, or as a path of this host below the directory that is scanned.
        let inside = directory.and_then(|directory| Path::new(path).strip_prefix(directory).ok());
        let path = inside.map_or(path.as_bytes(), |inside| inside.as_os_str().as_encoded_bytes());
        root.skip(path, "--exclude");
    }
}
