//! Opening what targets name.

use std::sync::Arc;
use std::time::Duration;

use super::found::{Found, find, not_there, of_image, unopened, whole};
use super::nested::{self, Nested};
use super::opener::{Limits, Opener};
use super::store_names::{NamedStore, stores_named};
use super::target_names::{absolute, fetched};
use super::{documents, interrupt, opener, session};
use crate::collector::support::interest::AllCollectors;
use crate::command::arguments::TargetOptions;
use crate::host;
use crate::image::{Budget, Cache, ImageOptions, Platform, Store};
use crate::model::{Error, TargetKind};
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
    let mut way = Way::new(options)?;
    // From the first on there is something to report, also while the next is opened.
    let mut scanned = None;
    let mut count = 0;
    let mut take = |subject| {
        scanned.get_or_insert_with(interrupt::Scanning::begin);
        count += 1;
        take(subject);
    };
    let Some(names) = names else {
        let mut nested = Nested::default();
        let target = way.host()?;
        let kept = nested::kept(&target, options.nested);
        take(Subject::Target(target));
        kept.iter().for_each(|target| nested.add(target, 0));
        return Ok(way.each_nested(HOST, nested, &mut |target| take(Subject::Target(target))));
    };
    way.are_there(names)?;
    let mut not_scanned: Vec<&str> = Vec::new();
    let mut failed = Vec::new();
    for name in names {
        if way.opener.ended().is_some() {
            not_scanned.push(name);
            continue;
        }
        failed.extend(way.each_of(name, &mut take));
        way.images.forget_if_many();
    }
    if let Some(why) = way.opener.ended().filter(|_| !not_scanned.is_empty()) {
        let targets = not_scanned.join(", ");
        process::say(&format!("warning: {why}; not scanned: {targets}"));
        if count == 0 && failed.is_empty() {
            return Err(Error::Usage(format!("nothing was scanned: {why}")));
        }
    } else if count == 0 && failed.is_empty() {
        return Err(Error::Usage(format!("nothing was scanned: there is no target in {}", names.join(", "))));
    }
    Ok(failed)
}

/// Opens every target that the user named; this host when none was. An archive may hold several images.
pub(super) fn open_targets(names: &[String], options: &TargetOptions) -> Result<Vec<Arc<Target>>, Error> {
    let mut way = Way::new(options)?;
    if names.is_empty() {
        return Ok(vec![way.host()?]);
    }
    let mut targets = Vec::new();
    for name in names {
        match stores_named(name) {
            Some(stores) => way.each_of_stores(name, stores?, &mut |target| targets.push(target))?,
            None => way.open(name, &mut |target| targets.push(target))?,
        }
    }
    Ok(targets)
}

const HOST: &str = "this host";

/// How targets are opened, one after the other.
struct Way {
    options: Arc<TargetOptions>,
    images: Arc<ImageOptions>,
    opener: Opener,
}

impl Way {
    fn new(options: &TargetOptions) -> Result<Self, Error> {
        let (images, options) = (Arc::new(image_options(options)?), Arc::new(options.clone()));
        Ok(Way { options, images, opener: Opener::default() })
    }

    fn limits(&self, name: &str) -> Limits {
        Limits { time: opening_limit(name, self.options.timeout), memory: self.options.max_memory }
    }

    /// Does a part of opening a target, in the thread that opens them.
    fn run<T: Send + 'static>(
        &mut self,
        name: &str,
        work: impl FnOnce(&TargetOptions, &Arc<ImageOptions>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        if session::is_unanswered(name) {
            let reason = opener::UNANSWERED.to_owned();
            return Err(Error::UnsupportedTarget { target: name.to_owned(), reason });
        }
        let limits = self.limits(name);
        let (options, images) = (Arc::clone(&self.options), Arc::clone(&self.images));
        self.opener.run(name, limits, move || {
            images.budget.begin(options.timeout);
            work(&options, &images)
        })
    }

    /// What is not there is reported before the first of a hundred is scanned.
    fn are_there(&mut self, names: &[String]) -> Result<(), Error> {
        for name in names.iter().filter(|name| !name.contains(':') && *name != "-") {
            let path = name.clone();
            // What does not answer has its turn later.
            if let Ok(Err(source)) = self.run(name, move |_, _| std::fs::metadata(path)) {
                return Err(not_there(name, source));
            }
        }
        Ok(())
    }

    /// This host.
    fn host(&mut self) -> Result<Arc<Target>, Error> {
        let opened = self.run(HOST, |options, _| {
            let root = host::host(options.one_file_system)?;
            Ok(Arc::new(whole(TargetKind::Host, HOST, root, None, options)))
        })?;
        opened.map_err(|source| Error::Target { target: HOST.to_owned(), source })
    }

    /// Opens everything that a name means; gives why some of it could not be opened.
    fn each_of(&mut self, name: &str, take: &mut impl FnMut(Subject)) -> Vec<Error> {
        let document = name.to_owned();
        match self.run(name, move |_, _| documents::read(&document)) {
            Ok(None) => {}
            Ok(Some(Ok(recorded))) => {
                recorded.into_iter().for_each(|one| take(Subject::Document(Box::new(one))));
                return Vec::new();
            }
            Ok(Some(Err(error))) | Err(error) => return vec![error],
        }
        let mut take = |target| take(Subject::Target(target));
        if let Some(stores) = stores_named(name) {
            let opened = stores.and_then(|stores| self.each_of_stores(name, stores, &mut take));
            return opened.err().into_iter().collect();
        }
        let mut nested = Nested::default();
        let is_nested = self.options.nested;
        let opened = self.open(name, &mut |target| {
            let kept = nested::kept(&target, is_nested);
            take(target);
            kept.iter().for_each(|target| nested.add(target, 0));
        });
        let mut failed = self.each_nested(name, nested, &mut take);
        failed.extend(opened.err());
        failed
    }

    /// Opens the installations that targets named, one after the other.
    fn each_nested(
        &mut self,
        name: &str,
        mut nested: Nested,
        take: &mut impl FnMut(Arc<Target>),
    ) -> Vec<Error> {
        let mut failed = Vec::new();
        while let Some((place, depth)) = nested.next().filter(|_| self.opener.ended().is_none()) {
            let opened = self.open(&place, &mut |target| {
                let kept = nested::kept(&target, true);
                take(target);
                kept.iter().for_each(|target| nested.add(target, depth));
            });
            failed.extend(opened.err());
        }
        failed.extend(nested.error(name));
        failed
    }

    /// Hands over the images and containers of stores, one after the other.
    fn each_of_stores(
        &mut self,
        name: &str,
        stores: Vec<NamedStore<'_>>,
        take: &mut impl FnMut(Arc<Target>),
    ) -> Result<(), Error> {
        let failed = |error| unopened(name, error);
        let mut missing = None;
        let mut found = false;
        for NamedStore { kind, path, item } in stores {
            let (place, item) = (path.clone(), item.map(str::to_owned));
            let opened = self.run(name, move |options, _| {
                let store = Store::open(kind, host::directory(&place, options.one_file_system)?)?;
                Ok((store.items(item.as_deref()), Arc::new(store)))
            })?;
            let (items, store) = opened.map_err(failed)?;
            match items {
                // Of several stores one may have it.
                Err(error) => missing = Some(error),
                Ok(items) => {
                    found = true;
                    for item in items {
                        let title = format!("{}{}#{}", kind.prefix(), path.display(), item.title());
                        let store = Arc::clone(&store);
                        let image = self.run(&title, move |_, images| store.image(&item, images))?;
                        take(of_image(&title, false, image, &self.options));
                        self.images.forget_if_many();
                    }
                }
            }
        }
        match missing {
            Some(error) if !found => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Opens what a target names and hands it over, one image after the other.
    fn open(&mut self, name: &str, taking: &mut impl FnMut(Arc<Target>)) -> Result<(), Error> {
        let place = absolute(name);
        let mut take = |mut target: Arc<Target>| {
            if let Some(target) = Arc::get_mut(&mut target) {
                target.place.clone_from(&place);
            }
            taking(target);
        };
        let called = self.options.called.clone();
        let mut title = called.as_deref().unwrap_or(name);
        let mut beside = None;
        let target = name.to_owned();
        let mut opened = match self.run(name, move |options, images| find(&target, options, images))?? {
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
                title = called.as_deref().unwrap_or("standard input");
                opened
            }
        };
        let is_several = opened.len() > 1;
        loop {
            let left = opened.len();
            let next = self.run(name, move |_, _| (opened.next(), opened));
            let image;
            (image, opened) = next.map_err(|error| not_scanned(error, left))?;
            let Some(image) = image else {
                beside.into_iter().for_each(take);
                return Ok(());
            };
            take(of_image(title, is_several, image, &self.options));
        }
    }
}

/// Why opening was given up, with how many images were left then.
fn not_scanned(error: Error, left: usize) -> Error {
    match error {
        Error::UnsupportedTarget { target, reason } if left > 1 => {
            let reason = format!("{reason}; {left} of its images were not scanned");
            Error::UnsupportedTarget { target, reason }
        }
        error => error,
    }
}

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

/// When opening a target is given up: reading layers and fetching end by themselves when the time is up, and what was
/// read until then is scanned; only a read that never returns takes longer.
fn opening_limit(name: &str, timeout: Duration) -> Duration {
    const GRACE: Duration = Duration::from_secs(30);
    let grace =
        if fetched(name).is_some() { GRACE } else { (timeout / 4).clamp(Duration::from_secs(1), GRACE) };
    if timeout.is_zero() { timeout } else { timeout.saturating_add(grace) }
}
