//! The stores of container engines that names of targets mean.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::host;
use crate::image::{self, StoreKind};
use crate::model::Error;

/// A store that a target names, and what of it: everything, or what is called so.
pub(super) struct NamedStore<'a> {
    pub(super) kind: StoreKind,
    pub(super) path: PathBuf,
    pub(super) item: Option<&'a str>,
}

/// The stores of engines that a target names: `PREFIX[PATH][#NAME]`, or `PREFIX` and the name of an image or
/// container. `None` when it names another kind of target.
pub(super) fn stores_named(name: &str) -> Option<Result<Vec<NamedStore<'_>>, Error>> {
    let (kind, rest) =
        StoreKind::ALL.into_iter().find_map(|kind| Some((kind, name.strip_prefix(kind.prefix())?)))?;
    let (path, item) = match rest.split_once('#') {
        Some((path, item)) => (path, Some(item)),
        None if rest.starts_with(['/', '.', '\\']) || Path::new(rest).exists() => (rest, None),
        None => ("", Some(rest)),
    };
    let item = item.filter(|item| !item.is_empty());
    if !path.is_empty() {
        return Some(Ok(vec![NamedStore { kind, path: path.into(), item }]));
    }
    let here = match stores_here() {
        Ok(stores) => stores.iter().filter(|(found, _)| *found == kind),
        Err(source) => return Some(Err(Error::Target { target: name.to_owned(), source })),
    };
    let stores: Vec<NamedStore<'_>> =
        here.map(|(kind, path)| NamedStore { kind: *kind, path: path.clone(), item }).collect();
    if stores.is_empty() {
        let reason = format!(
            "there is no such store in its usual places on this host. Name its folder: {}PATH",
            kind.prefix()
        );
        return Some(Err(Error::UnsupportedTarget { target: name.to_owned(), reason }));
    }
    Some(Ok(stores))
}

/// The stores in their usual places on this host. debar finds them once, before it is confined to them.
fn stores_here() -> std::io::Result<&'static [(StoreKind, PathBuf)]> {
    static HERE: OnceLock<Vec<(StoreKind, PathBuf)>> = OnceLock::new();
    if let Some(stores) = HERE.get() {
        return Ok(stores);
    }
    let root = host::host(false)?;
    let found = image::stores(&root).into_iter().map(|(kind, path)| (kind, format!("/{path}").into()));
    Ok(HERE.get_or_init(|| found.collect()))
}
