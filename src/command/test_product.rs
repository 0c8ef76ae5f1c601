//! The harmless test product of debar's own, which every scan looks for.

use crate::model::Error;
use crate::signature::{LoadedFile, SignatureFile};

/// Id of the vendor whose only product this is; it is no restricted one and is not counted.
pub(super) const VENDOR: &str = "debar";
const SIGNATURE: &str = include_str!("selftest.json");

/// The signatures of the test product.
///
/// # Errors
/// When debar was built wrong.
pub(super) fn signatures() -> Result<LoadedFile, Error> {
    let file: SignatureFile = serde_json::from_str(SIGNATURE).map_err(|_| {
        Error::Usage("the signatures of the test product are damaged; get another debar".to_owned())
    })?;
    Ok(LoadedFile { file, origin: "built in".to_owned(), signed_by: None })
}
