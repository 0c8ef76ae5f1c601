//! What the name of a target leads to.

use std::path::Path;
use std::sync::Arc;

use super::meant;
use super::target_names::{LAYOUTS, fetched, split_reference};
use crate::command::arguments::TargetOptions;
use crate::fs::Root;
use crate::host;
use crate::image::{self, Image, ImageError, ImageOptions, Images, Layout, Wanted};
use crate::model::{Error, Gap, GapKind, TargetKind};
use crate::target::Target;

/// What a target may be, for messages.
const SCHEMES: &str = "A target is a path, `-`, dir:PATH, docker-archive:FILE[:NAME], oci-archive:FILE[:TAG], \
    oci-dir:FOLDER[:TAG], registry:NAME, docker-store:, containerd:, containers-storage: or sbom:FILE";

/// Why a target that is not there cannot be opened, and what was probably meant.
pub(super) fn not_there(name: &str, source: std::io::Error) -> Error {
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

/// Why a target that is an image, or holds some, cannot be opened.
pub(super) fn unopened(name: &str, error: ImageError) -> Error {
    match error {
        ImageError::Io(source) => Error::Target { target: name.to_owned(), source },
        ImageError::Unusable(reason) => Error::UnsupportedTarget { target: name.to_owned(), reason },
    }
}

/// What a target turned out to be.
pub(super) enum Found {
    Folder(Arc<Target>),
    Images(Images),
    /// The layout of images, and a system in the same folder.
    Both(Images, Arc<Target>),
    Input(Images),
}

fn directory(name: &str, path: &str, options: &TargetOptions) -> Result<Root, Error> {
    host::directory(Path::new(path), options.one_file_system)
        .map_err(|source| Error::Target { target: name.to_owned(), source })
}

pub(super) fn find(name: &str, options: &TargetOptions, images: &Arc<ImageOptions>) -> Result<Found, Error> {
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
fn folder(
    name: &str,
    path: &str,
    (layout, wanted): (Layout, Wanted<'_>),
    options: &TargetOptions,
    images: &Arc<ImageOptions>,
) -> Result<Found, Error> {
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
pub(super) fn of_image(name: &str, is_several: bool, image: Image, options: &TargetOptions) -> Arc<Target> {
    let own = image.info.references.first().unwrap_or(&image.info.digest);
    let own = if own.is_empty() { "the files of the archive itself" } else { own };
    let name = if is_several { format!("{name} ({own})") } else { name.to_owned() };
    let mut target = Target::of_image(name, image, |root| exclude(root, None, options));
    target.deep = options.searches_images_whole();
    Arc::new(target)
}

pub(super) fn whole(
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
