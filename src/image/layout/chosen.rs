//! An image that was chosen of those that a layout names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::gaps::gap;
use super::super::layer::LayerKind;
use super::super::manifest::Config;
use super::super::platform::Platform;
use crate::model::{Gap, GapKind};

/// Bytes of manifests, indexes and configs of one layout or archive: many large ones must not take all memory.
pub(super) const MAX_TOTAL: usize = 96 << 20;

/// Layers of one image; engines take 127.
pub(super) const MAX_LAYERS: usize = 10_000;

/// Images of one archive.
pub(super) const MAX_IMAGES: usize = 10_000;

/// An image that was chosen.
#[derive(Debug, Clone, Default)]
pub(in crate::image) struct Chosen {
    pub(in crate::image) references: Vec<String>,
    pub(in crate::image) digest: String,
    /// What the index says that it runs on.
    pub(in crate::image) platform: Option<Platform>,
    pub(in crate::image) config: Arc<Config>,
    pub(in crate::image) annotations: BTreeMap<String, String>,
    pub(in crate::image) layers: Vec<LayerBlob>,
    pub(in crate::image) gaps: Vec<Gap>,
}

impl Chosen {
    /// How its layers keep their files, as its descriptor or its config says.
    pub(in crate::image) fn kind(&self) -> LayerKind {
        let by_index = self.platform.as_ref().is_some_and(Platform::is_windows);
        if by_index || self.config.os.eq_ignore_ascii_case("windows") {
            LayerKind::Windows
        } else {
            LayerKind::Plain
        }
    }

    /// What its descriptor and its config contradict each other in: engines choose by the first, and run by the second.
    pub(in crate::image) fn contradiction(&self) -> Option<Gap> {
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
    pub(super) fn is_called(&self, wanted: &str) -> bool {
        self.references.iter().any(|reference| {
            reference == wanted
                || reference.rsplit_once(':').is_some_and(|(_, tag)| tag == wanted)
                || reference.ends_with(&format!("/{wanted}"))
        })
    }
}

/// Where a layer is.
#[derive(Debug, Clone)]
pub(in crate::image) struct LayerBlob {
    pub(in crate::image) path: String,
    pub(in crate::image) digest: String,
    /// Its size; 0 where nothing says so.
    pub(in crate::image) size: u64,
}

/// What the layout of an OCI image names.
pub(in crate::image) struct Named {
    /// The images that were chosen.
    pub(in crate::image) chosen: Vec<Chosen>,
    /// The layers of every image that it names, chosen or not, by the digest of the config.
    pub(super) known: Vec<(String, Vec<String>)>,
}

impl Named {
    /// Whether an image of `docker save` is one of these.
    pub(super) fn has(&self, image: &Chosen) -> bool {
        self.known.iter().any(|(config, layers)| {
            *config == image.digest && layers.len() == image.layers.len() && {
                let mut pairs = layers.iter().zip(&image.layers);
                pairs.all(|(digest, layer)| *digest == layer.digest)
            }
        })
    }
}
