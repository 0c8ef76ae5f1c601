//! Targets that yielded nothing because nothing is in them.

use crate::model::{Error, TargetKind};
use crate::process;
use crate::report::exit;
use crate::target::Target;

/// Whether a target that yielded nothing is an archive without an image and without a system: that nothing was found in
/// it says nothing.
pub(super) fn is_bare(target: &Target) -> bool {
    target.kind == TargetKind::Image
        && target.os.os.is_none()
        && target.image.as_ref().is_some_and(|image| image.digest.is_empty() && image.layers.is_empty())
}

/// The error for such a target.
pub(super) fn error_for(target: &Target) -> Error {
    let reason =
        "the archive holds no container image and no operating system, so there was nothing to check. \
        If its files are what you mean, unpack them and scan the folder"
            .to_owned();
    Error::UnsupportedTarget { target: target.name.clone(), reason }
}

/// Reports targets that could not be opened or held nothing to check, and gives the exit code that they come to beside
/// other reports.
///
/// # Errors
/// The first of them when there is no report at all.
pub(super) fn report(bare: Vec<Error>, is_all: bool) -> Result<u8, Error> {
    let mut bare = bare.into_iter();
    if is_all && let Some(error) = bare.next() {
        bare.for_each(|error| process::say(&format!("error: {error}")));
        return Err(error);
    }
    Ok(bare.fold(exit::OK, |_, error| {
        process::say(&format!("warning: {error}"));
        exit::INCOMPLETE
    }))
}
