//! Which images an archive or folder holds, and where their layers are.
//!
//! Container engines and tools differ in what they read: containerd reads an OCI layout where there is one, the classic
//! Docker reads `manifest.json`. Where both are there, every image that either of them names is scanned.

mod chosen;
mod docker;
mod json;
mod oci;
mod skopeo;
#[cfg(test)]
mod tests;

use super::error::ImageError;
use super::gaps::gap;
use super::platform::Platform;
use crate::fs::root::Root;
use crate::model::GapKind;

pub(super) use chosen::{Chosen, LayerBlob, Named};
pub(super) use docker::docker;
pub(super) use json::{json, json_and_bytes, parse};
#[cfg(feature = "distribution")]
pub(super) use oci::blob_path;
#[cfg(feature = "distribution")]
pub(super) use oci::is_beside;
pub(super) use oci::oci;
pub(super) use skopeo::view;

/// Images in whichever layout an archive has; `None` where there is none.
///
/// # Errors
/// When there is one that cannot be used, or that names no image.
pub(super) fn detect(root: &Root, platform: Option<&Platform>) -> Result<Option<Vec<Chosen>>, ImageError> {
    both(oci(root, platform), docker(root), platform)
}

/// As [`detect`], for a folder: there, many a `manifest.json` is of something else.
///
/// # Errors
/// As [`detect`].
pub(super) fn detect_in_folder(
    root: &Root,
    platform: Option<&Platform>,
) -> Result<Option<Vec<Chosen>>, ImageError> {
    let is_there = |layer: &LayerBlob| root.exists(layer.path.as_bytes());
    let is_whole = |image: &Chosen| !image.layers.is_empty() && image.layers.iter().all(is_there);
    let docker = docker(root).ok().flatten().filter(|images| images.iter().all(is_whole));
    both(oci(root, platform), Ok(docker), platform)
}

/// The images of an OCI layout and of `docker save`.
fn both(
    oci: Result<Option<Named>, ImageError>,
    docker: Result<Option<Vec<Chosen>>, ImageError>,
    platform: Option<&Platform>,
) -> Result<Option<Vec<Chosen>>, ImageError> {
    match oci {
        Ok(None) => docker,
        Ok(Some(mut named)) => {
            match docker {
                Ok(None) => {}
                Ok(Some(images)) => {
                    let further: Vec<Chosen> = images.into_iter().filter(|image| !named.has(image)).collect();
                    named.chosen.extend(further);
                }
                Err(error) => add_gap(&mut named.chosen, "manifest.json", &error),
            }
            Ok(Some(named.chosen))
        }
        Err(error) => match docker {
            // Docker 25.0 wrote archives whose OCI part is broken and whose own part is whole.
            Ok(Some(mut images)) if platform.is_none() => {
                if !matches!(&error, ImageError::Unusable(what) if what == oci::NO_IMAGE) {
                    add_gap(&mut images, "index.json", &error);
                }
                Ok(Some(images))
            }
            _ => Err(error),
        },
    }
}

fn add_gap(images: &mut [Chosen], place: &str, error: &ImageError) {
    for image in images {
        image.gaps.push(gap(GapKind::Corrupt, place.to_owned(), error.to_string()));
    }
}

/// Of the images in an archive, those of a name or tag.
///
/// # Errors
/// When there is none.
pub(super) fn called(images: Vec<Chosen>, wanted: Option<&str>) -> Result<Vec<Chosen>, ImageError> {
    let Some(wanted) = wanted else { return Ok(images) };
    let names: Vec<String> =
        images.iter().flat_map(|image| image.references.iter().cloned()).take(50).collect();
    let named: Vec<Chosen> = images.into_iter().filter(|image| image.is_called(wanted)).collect();
    if named.is_empty() {
        let there = if names.is_empty() { "images without a name".to_owned() } else { names.join(", ") };
        return Err(ImageError::Unusable(format!("it has no image `{wanted}`; there is {there}")));
    }
    Ok(named)
}
