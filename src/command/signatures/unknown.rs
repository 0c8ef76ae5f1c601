//! A vendor or product that no signature lists.

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
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Error::Usage(format!(
        "there is no product or vendor `{name}`{hint} `debar signatures list` shows the names"
    ))
}
