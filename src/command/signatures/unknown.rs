//! A vendor or product that no signature lists.

use crate::command::meant;
use crate::model::Error;
use crate::signature::{SignatureSet, nearest};

/// The error for a name that is no product or vendor.
pub(super) fn unknown(set: &SignatureSet, name: &str) -> Error {
    let mut names: Vec<String> = Vec::new();
    for loaded in &set.files {
        let vendor = &loaded.file.vendor.id;
        names.push(vendor.clone());
        names.extend(loaded.file.products.iter().map(|product| format!("{vendor}/{}", product.id)));
    }
    let near = nearest(name, names.iter().map(String::as_str));
    Error::Usage(format!(
        "there is no product or vendor `{name}`{} `debar signatures list` shows the names",
        meant::end(near)
    ))
}

/// Checks that a set has each of some vendors.
///
/// # Errors
/// Names the first one that it does not have.
pub(in crate::command) fn check_vendors(set: &SignatureSet, vendors: &[String]) -> Result<(), Error> {
    let ids = || set.files.iter().map(|loaded| loaded.file.vendor.id.as_str());
    match vendors.iter().find(|vendor| !ids().any(|id| id == vendor.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(Error::Usage(format!(
            "there is no vendor `{unknown}`{} `debar signatures list` shows the vendors there are",
            meant::end(nearest(unknown, ids()))
        ))),
    }
}
