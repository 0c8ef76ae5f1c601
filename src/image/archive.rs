//! Opening archives and folders that hold images, or a file system.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::assemble::{Image, ImageInfo, open_one_of};
use super::bodies::{Blob, Bounded, Budget, FileBytes, Sequential, SpoolError, Window, spool, spool_while};
use super::body::Body;
use super::error::ImageError;
use super::gaps::{damage_of, dangling, gap};
use super::layer::{LayerIndex, LayerKind, Member};
use super::layout::{self, Chosen};
use super::merge::{Rules, merge};
use super::options::ImageOptions;
use super::platform::Platform;
use super::read::ByPath;
use super::tree::{Hives, ImageTree, Shared};
use crate::bytes::ReadAt;
use crate::format::container::decompress::{self, Compression, Counted};
use crate::format::container::tar::{self, MemberKind};
use crate::fs::root::Root;
use crate::fs::tree::join;
use crate::model::Layer;
use crate::model::{Gap, GapKind};

/// What the user called the thing to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As the content shows.
    Any,
    /// `docker save`.
    DockerArchive,
    /// An OCI layout, as a folder or in a tar archive.
    Oci,
}

/// What is wanted of an archive or folder.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What the user called it.
    pub layout: Layout,
    /// The name or tag of the image; all when `None`.
    pub reference: Option<&'a str>,
    /// Whether a system is recognised in a root.
    pub is_system: fn(&Root) -> bool,
}

impl Wanted<'_> {
    /// Whatever there is.
    pub const ANYTHING: Wanted<'static> =
        Wanted { layout: Layout::Any, reference: None, is_system: |_| false };
    /// The images of an OCI layout.
    pub const OCI: Wanted<'static> = Wanted { layout: Layout::Oci, ..Wanted::ANYTHING };
}

/// Images that are opened one after the other, so that of many only one is in memory.
pub struct Images {
    ready: std::vec::IntoIter<Image>,
    /// What comes after the others: the system beside them.
    last: Option<Image>,
    /// Images of an archive or layout that are not open yet, and what holds for all of them.
    chosen: std::vec::IntoIter<Chosen>,
    root: Option<Arc<Root>>,
    gaps: Vec<Gap>,
    by_path: ByPath,
    options: Arc<ImageOptions>,
}

impl Images {
    /// Images that are open.
    pub fn ready(images: Vec<Image>, options: &Arc<ImageOptions>) -> Self {
        let (ready, chosen) = (images.into_iter(), Vec::new().into_iter());
        Images {
            ready,
            last: None,
            chosen,
            root: None,
            gaps: Vec::new(),
            by_path: ByPath::default(),
            options: Arc::clone(options),
        }
    }

    fn chosen(root: &Arc<Root>, chosen: Vec<Chosen>, gaps: Vec<Gap>, options: &Arc<ImageOptions>) -> Self {
        let root = Some(Arc::clone(root));
        Images { chosen: chosen.into_iter(), root, gaps, ..Images::ready(Vec::new(), options) }
    }
}

impl Iterator for Images {
    type Item = Image;

    fn next(&mut self) -> Option<Image> {
        if let Some(image) = self.ready.next() {
            return Some(image);
        }
        let Some(chosen) = self.chosen.next() else { return self.last.take() };
        let mut image = open_one_of(self.root.as_ref()?, chosen, &self.options, &mut self.by_path);
        image.gaps.extend(self.gaps.iter().cloned());
        self.by_path.forget_if_many(&self.options.budget);
        self.options.forget_if_many();
        Some(image)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.ready.len() + self.chosen.len() + usize::from(self.last.is_some());
        (count, Some(count))
    }
}

impl ExactSizeIterator for Images {}

/// Opens the images in an archive. Where it holds a system as well, that is one more of them.
///
/// # Errors
/// When it is no archive, or not of the layout that was named.
pub fn open_file(path: &Path, wanted: Wanted<'_>, options: &Arc<ImageOptions>) -> Result<Images, ImageError> {
    let neither = || ImageError::Unusable("it is neither a file nor a folder".to_owned());
    // Before it is opened, because opening may do something to a device; and after, because it may have been replaced.
    if !std::fs::metadata(path)?.is_file() {
        return Err(neither());
    }
    let mut how = File::options();
    how.read(true);
    #[cfg(unix)]
    {
        // To open a pipe waits for a writer.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut how, flags.bits().cast_signed());
    }
    let file = how.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(neither());
    }
    open_bytes(Arc::new(FileBytes::new(Arc::new(file))), wanted, options)
}

/// Opens the images in what comes in on standard input; a pipe is copied to a temporary file first.
///
/// # Errors
/// As [`open_file`].
pub fn open_stdin(wanted: Wanted<'_>, options: &Arc<ImageOptions>) -> Result<Images, ImageError> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let at_start = || io::Seek::stream_position(&mut &file).is_ok_and(|position| position == 0);
        if file.metadata()?.is_file() && at_start() {
            return open_bytes(Arc::new(FileBytes::new(Arc::new(file))), wanted, options);
        }
    }
    let bytes = spool(&mut io::stdin().lock())?;
    if bytes.size() == 0 {
        return Err(ImageError::Unusable("nothing came in on standard input; pipe an image into it, for example docker save NAME | debar scan -".to_owned()));
    }
    open_bytes(Arc::new(bytes), wanted, options)
}

/// A compressed archive may take this much of the temporary disk.
const MAX_SPOOLED: u64 = 64 << 30;
/// One that grows by more than this factor, beyond this size, is made to fill the disk.
const MAX_SPOOL_GROWTH: (u64, u64) = (200, 1 << 30);

/// The archive in compressed bytes, in a temporary file, and whether it is there to its end.
fn decompressed(
    bytes: Arc<dyn ReadAt>,
    compression: Compression,
    budget: &Budget,
) -> Result<(Arc<dyn ReadAt>, bool), ImageError> {
    let damaged = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => {
            ImageError::Unusable(format!("it cannot be decompressed: {error}. Fetch it again"))
        }
        _ => ImageError::Io(error),
    };
    let taken: Arc<std::sync::atomic::AtomicU64> = Arc::default();
    let stream = Counted { stream: Sequential { bytes, at: 0 }, count: Arc::clone(&taken) };
    let stream = decompress::reader(stream, compression, 128 << 10)?;
    let mut stream = Bounded { stream, budget, count: 0 };
    let mut start = Vec::new();
    stream.by_ref().take(tar::BLOCK as u64).read_to_end(&mut start).map_err(damaged)?;
    // What is no archive needs no room on the disk.
    if !tar::is_tar(&start) {
        return Err(no_tar());
    }
    let (growth, size) = MAX_SPOOL_GROWTH;
    let is_fine = |written: u64| {
        let taken = taken.load(std::sync::atomic::Ordering::Relaxed);
        written < MAX_SPOOLED && (written < size || written / growth < taken)
    };
    let spooled = spool_while(&mut start.chain(stream), is_fine);
    let (bytes, is_whole) = spooled.map_err(|error| match error {
        SpoolError::Stream(error) => damaged(error),
        error => error.into(),
    })?;
    Ok((Arc::new(bytes), is_whole))
}

fn no_tar() -> ImageError {
    ImageError::Unusable(
        "it is no tar archive, so no container image. For a disk image, mount it and scan the folder with dir:PATH"
            .to_owned(),
    )
}

/// The images of one layout, or of whichever the archive has.
fn images_of(
    root: &Root,
    layout: Layout,
    platform: Option<&Platform>,
) -> Result<Option<Vec<Chosen>>, ImageError> {
    match layout {
        Layout::Any => layout::detect(root, platform),
        Layout::DockerArchive => layout::docker(root),
        Layout::Oci => layout::oci(root, platform).map(|named| named.map(|named| named.chosen)),
    }
}

fn open_bytes(
    bytes: Arc<dyn ReadAt>,
    wanted: Wanted<'_>,
    options: &Arc<ImageOptions>,
) -> Result<Images, ImageError> {
    let start = bytes.read_vec(0, tar::BLOCK)?;
    let (bytes, is_whole) = match Compression::of(&start) {
        None if tar::is_tar(&start) => (bytes, true),
        None => return Err(no_tar()),
        Some(compression) => decompressed(bytes, compression, &options.budget)?,
    };
    // The archive is read as the tree of its members; for a plain file system that is the result already.
    let index =
        |kind| Arc::new(LayerIndex::read_plain(&bytes, kind, options.interest.as_ref(), &options.budget));
    let read = |members, kind| {
        let (tree, mut gaps) = plain(members, kind, Arc::clone(&bytes), &options.budget);
        if !is_whole {
            let detail = "it decompresses to more than the temporary folder is for; the rest was not read";
            gaps.push(gap(GapKind::OverLimit, "the archive".to_owned(), detail.to_owned()));
        }
        (tree, gaps)
    };
    let members = index(LayerKind::Plain);
    let (tree, gaps) = read(Arc::clone(&members), LayerKind::Plain);
    let outer = Arc::new(Root::new(Box::new(ImageTree::new(Arc::clone(&tree.merged), &tree.shared))));
    // One layer of a Windows image by itself.
    let is_windows = outer.exists(b"Files/Windows/System32") || outer.exists(b"Hives/Software_Delta");
    let has_system = is_windows || (wanted.is_system)(&outer);
    let layouts = layout::view(&outer).unwrap_or_else(|| Arc::clone(&outer));
    let found = match images_of(&layouts, wanted.layout, options.platform.as_ref()) {
        // A file system may have a `manifest.json` of something else at its top.
        Err(_) if has_system && wanted.layout == Layout::Any && wanted.reference.is_none() => None,
        found => found?,
    };
    let mut images = match found {
        None if wanted.layout == Layout::Any && wanted.reference.is_none() => {
            Images::ready(Vec::new(), options)
        }
        None => {
            let what = "it is an archive, but has no image of that layout inside".to_owned();
            return Err(ImageError::Unusable(what));
        }
        Some(chosen) => {
            let mut gaps = gaps.clone();
            twice(&members, &bytes, &mut gaps);
            Images::chosen(&layouts, layout::called(chosen, wanted.reference)?, gaps, options)
        }
    };
    if images.len() == 0 || (has_system && wanted.layout == Layout::Any) {
        let (tree, gaps) =
            if is_windows { read(index(LayerKind::Windows), LayerKind::Windows) } else { (tree, gaps) };
        images.last = Some(Image { info: ImageInfo::default(), tree, lost: Vec::new(), gaps, source: outer });
    }
    Ok(images)
}

/// Opens the images of a layout in a folder: that of OCI, of an archive of `docker save` that was unpacked, or of
/// `skopeo copy` to `dir:`. `None` when the folder is none.
///
/// # Errors
/// When it is one and has no image for the platform, or of the name.
pub fn open_folder(
    root: &Arc<Root>,
    wanted: Wanted<'_>,
    options: &Arc<ImageOptions>,
) -> Result<Option<Images>, ImageError> {
    let view = layout::view(root);
    let root = view.as_ref().unwrap_or(root);
    let platform = options.platform.as_ref();
    let found = match wanted.layout {
        Layout::Any => layout::detect_in_folder(root, platform)?,
        _ => layout::oci(root, platform)?.map(|named| named.chosen),
    };
    let Some(chosen) = found else { return Ok(None) };
    Ok(Some(Images::chosen(root, layout::called(chosen, wanted.reference)?, Vec::new(), options)))
}

/// Members of an archive of images that have one path and different bytes: some readers take the first of them, others
/// the last.
fn twice(members: &LayerIndex, bytes: &Arc<dyn ReadAt>, gaps: &mut Vec<Gap>) {
    const LISTED: usize = 20;
    let mut known: HashMap<(u32, &[u8]), &Member> = HashMap::new();
    let mut listed = 0;
    for member in members.members.iter().filter(|member| member.kind != MemberKind::Directory) {
        let Some(earlier) = known.insert((member.folder, members.name(member.name)), member) else {
            continue;
        };
        if listed < LISTED && !is_same(earlier, member, bytes) {
            listed += 1;
            let path = join(&members.folder_path(member.folder), members.name(member.name));
            let detail = "the archive has it more than once with different content, and readers differ in which one counts";
            gaps.push(gap(GapKind::Corrupt, crate::text::shown(&path), detail.to_owned()));
        }
    }
}

fn is_same(one: &Member, other: &Member, bytes: &Arc<dyn ReadAt>) -> bool {
    let window = |member: &Member| match member.body() {
        Body::Archive(offset) => Some(Window { bytes: Arc::clone(bytes), offset, size: member.size }),
        _ => None,
    };
    if one.kind != MemberKind::File || other.kind != MemberKind::File || one.size != other.size {
        return false;
    }
    let (Some(one), Some(other)) = (window(one), window(other)) else { return one.size == 0 };
    let (mut at, size) = (0, one.size());
    while at < size {
        let part = |window: &Window<Arc<dyn ReadAt>>| {
            window.read_vec(at, 256 << 10).ok().filter(|part| !part.is_empty())
        };
        match (part(&one), part(&other)) {
            (Some(one), Some(other)) if one == other => at += one.len() as u64,
            _ => return false,
        }
    }
    true
}

pub(super) fn plain(
    index: Arc<LayerIndex>,
    kind: LayerKind,
    bytes: Arc<dyn ReadAt>,
    budget: &Arc<Budget>,
) -> (ImageTree, Vec<Gap>) {
    let mut gaps = Vec::new();
    damage_of(&index, "the archive", &mut gaps);
    let is_windows = kind == LayerKind::Windows;
    let merged = Arc::new(merge(Arc::from(vec![index]), Rules { whiteouts: false, folds_case: is_windows }));
    dangling(&merged, &mut gaps);
    let shared = Arc::new(Shared::new(vec![Layer::default()], vec![Blob::Open(bytes)], Arc::clone(budget)));
    let mut tree = ImageTree::new(Arc::clone(&merged), &shared);
    tree.hives = is_windows.then_some(Hives { image: merged, before: None });
    (tree, gaps)
}
