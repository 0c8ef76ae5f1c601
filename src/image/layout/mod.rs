//! Which images an archive or folder holds, and where their layers are.
//!
//! Container engines and tools differ in what they read: containerd reads an OCI layout where there is one, the classic
//! Docker reads `manifest.json`. Where both are there, every image that either of them names is scanned.

mod docker;
mod oci;
mod skopeo;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::manifest::Config;
use super::{ImageError, LayerKind, Platform, gap, go_json};
use crate::fs::root::{Fault, Root};
use crate::model::{Gap, GapKind};

pub(super) use docker::docker;
#[cfg(feature = "distribution")]
pub(super) use oci::blob_path;
#[cfg(feature = "distribution")]
pub(super) use oci::is_beside;
pub(super) use oci::oci;
pub(super) use skopeo::view;

/// Manifests, indexes and configs are small; anything larger is none.
const MAX_JSON: usize = 8 << 20;
/// Bytes of manifests, indexes and configs of one layout or archive: many large ones must not take all memory.
const MAX_TOTAL: usize = 96 << 20;
/// Layers of one image; engines take 127.
const MAX_LAYERS: usize = 10_000;
/// Images of one archive.
const MAX_IMAGES: usize = 10_000;

/// An image that was chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    pub(super) references: Vec<String>,
    pub(super) digest: String,
    /// What the index says that it runs on.
    pub(super) platform: Option<Platform>,
    pub(super) config: Arc<Config>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) layers: Vec<LayerBlob>,
    pub(super) gaps: Vec<Gap>,
}

impl Chosen {
    /// How its layers keep their files, as its descriptor or its config says.
    pub(super) fn kind(&self) -> LayerKind {
        let by_index = self.platform.as_ref().is_some_and(Platform::is_windows);
        if by_index || self.config.os.eq_ignore_ascii_case("windows") {
            LayerKind::Windows
        } else {
            LayerKind::Plain
        }
    }

    /// What its descriptor and its config contradict each other in: engines choose by the first, and run by the second.
    pub(super) fn contradiction(&self) -> Option<Gap> {
        let platform = self.platform.as_ref().filter(|platform| !platform.is_unknown())?;
        let config = Platform {
            os: self.config.os.clone(),
            architecture: self.config.architecture.clone(),
            variant: None,
        };
        if config.is_unknown() || platform.is_windows() == config.is_windows() {
            return None;
        }
        let detail = format!("its index says that it is for {platform}, and its config for {config}");
        Some(gap(GapKind::Corrupt, format!("image {}", self.digest), detail))
    }

    /// Whether it is the image of a name or tag.
    fn is_called(&self, wanted: &str) -> bool {
        self.references.iter().any(|reference| {
            reference == wanted
                || reference.rsplit_once(':').is_some_and(|(_, tag)| tag == wanted)
                || reference.ends_with(&format!("/{wanted}"))
        })
    }
}

/// Where a layer is.
#[derive(Debug, Clone)]
pub(super) struct LayerBlob {
    pub(super) path: String,
    pub(super) digest: String,
    /// Its size; 0 where nothing says so.
    pub(super) size: u64,
}

/// What the layout of an OCI image names.
pub(super) struct Named {
    /// The images that were chosen.
    pub(super) chosen: Vec<Chosen>,
    /// The layers of every image that it names, chosen or not, by the digest of the config.
    known: Vec<(String, Vec<String>)>,
}

impl Named {
    /// Whether an image of `docker save` is one of these.
    fn has(&self, image: &Chosen) -> bool {
        self.known.iter().any(|(config, layers)| {
            *config == image.digest && layers.len() == image.layers.len() && {
                let mut pairs = layers.iter().zip(&image.layers);
                pairs.all(|(digest, layer)| *digest == layer.digest)
            }
        })
    }
}

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

/// A JSON file and its bytes; `None` when it is not there. Fields that occur twice with different values become gaps.
pub(super) fn json_and_bytes<T: DeserializeOwned>(
    root: &Root,
    path: &str,
    gaps: &mut Vec<Gap>,
) -> Option<Result<(T, Vec<u8>), String>> {
    let content = match root.read(path.as_bytes(), MAX_JSON) {
        Err(Fault::Absent) => return None,
        Err(Fault::Unreadable { detail, .. }) => {
            return Some(Err(format!("{path} cannot be read: {detail}")));
        }
        Ok(content) => content,
    };
    if content.cut_from.is_some() {
        return Some(Err(format!("{path} is larger than {MAX_JSON} bytes")));
    }
    let parsed = parse(path, &content.bytes, gaps);
    Some(parsed.map(|value| (value, content.bytes)).map_err(|error| format!("{path}: {error}")))
}

/// As [`json_and_bytes`], without the bytes.
pub(super) fn json<T: DeserializeOwned>(
    root: &Root,
    path: &str,
    gaps: &mut Vec<Gap>,
) -> Option<Result<T, String>> {
    json_and_bytes(root, path, gaps).map(|result| result.map(|(value, _)| value))
}

/// Reads JSON as engines do; fields that occur twice with different values become gaps.
pub(super) fn parse<T: DeserializeOwned>(
    place: &str,
    bytes: &[u8],
    gaps: &mut Vec<Gap>,
) -> Result<T, String> {
    let document = go_json::read::<T>(bytes).map_err(|error| error.to_string())?;
    for name in document.repeated {
        let detail = format!(
            "its field `{name}` occurs more than once with different values, and readers differ in which one counts"
        );
        gaps.push(gap(GapKind::Corrupt, place.to_owned(), detail));
    }
    Ok(document.value)
}
