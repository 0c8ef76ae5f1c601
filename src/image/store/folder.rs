//! A layer that lies unpacked in a folder: its names are walked once, its files are read where they are.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::bytes::ReadAt;
use crate::format::container::tar::{Member, MemberKind};
use crate::fs::root::Root;
use crate::fs::tree::{Kind, ListedKind, OverlayMark, Stat, Tree, join};
use crate::image::gaps::gap;
use crate::image::layer::LayerIndex;
use crate::image::options::ImageOptions;
use crate::model::Gap;
use crate::model::GapKind;

/// Names of one layer that are walked; more are a gap.
const MAX_MEMBERS: usize = 5_000_000;
/// Depth of folders.
const MAX_DEPTH: usize = 512;
/// Files up to this size are compared to tell whether a whole tree changed them.
const COMPARED: usize = 64 << 20;

/// How a driver keeps its layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeping {
    /// What the layer adds, and marks for what it removes.
    Changes(Marks),
    /// All files that the layer and those below it have; the folder of the layer below, if there is one.
    Whole(Option<Vec<u8>>),
}

/// How a layer marks what it removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// By devices and attributes, as the kernel's overlay does it: a file that is called `.wh.x` is a file.
    Kernel,
    /// By files that are called `.wh.x` as well, as fuse-overlayfs does it where it may make no devices.
    Names,
}

/// A layer in a folder of a store.
pub(super) struct Folder {
    /// The files, for the image.
    pub(super) blob: Arc<dyn ReadAt>,
    /// Its names.
    pub(super) index: Arc<LayerIndex>,
    /// What could not be read of it.
    pub(super) gaps: Vec<Gap>,
}

impl Folder {
    /// Walks a folder of a store.
    pub(super) fn read(root: &Arc<Root>, path: &[u8], keeping: &Keeping, options: &ImageOptions) -> Folder {
        let mut walk = Walk {
            root,
            top: path,
            options,
            members: Vec::new(),
            files: Vec::new(),
            at: 0,
            gaps: Vec::new(),
        };
        match root.tree().stat(path) {
            Ok(stat) if stat.kind == Kind::Directory => walk.run(keeping),
            Ok(_) => walk.gap(GapKind::Corrupt, path, "it is no folder"),
            Err(error) => walk.fault(path, &error),
        }
        let Walk { members, files, gaps, at, .. } = walk;
        let mut index =
            LayerIndex::of_members(members.into_iter(), options.interest.as_ref(), &options.budget);
        // What marks a removal is then a special file; others are left out.
        index.marks_are_special = *keeping != Keeping::Changes(Marks::Names);
        let blob = Files { root: Arc::clone(root), files, size: at, last: Mutex::new(None) };
        Folder { blob: Arc::new(blob), index: Arc::new(index), gaps }
    }
}

struct Walk<'a> {
    root: &'a Arc<Root>,
    top: &'a [u8],
    options: &'a ImageOptions,
    members: Vec<Member>,
    /// Where each file begins in the blob, and its path in the store.
    files: Vec<(u64, Box<[u8]>)>,
    at: u64,
    gaps: Vec<Gap>,
}

impl Walk<'_> {
    fn tree(&self) -> &dyn Tree {
        self.root.tree()
    }

    fn gap(&mut self, kind: GapKind, path: &[u8], what: &str) {
        const LISTED: usize = 100;
        if self.gaps.len() < LISTED {
            self.gaps.push(gap(kind, crate::text::shown(path), what.to_owned()));
        }
    }

    fn fault(&mut self, path: &[u8], error: &io::Error) {
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied => GapKind::Denied,
            _ => GapKind::Unreadable,
        };
        self.gap(kind, path, &error.to_string());
    }

    fn run(&mut self, keeping: &Keeping) {
        let mut pending = vec![(Vec::new(), 0)];
        while let Some((folder, depth)) = pending.pop() {
            let place = join(self.top, &folder);
            let mut names = Vec::new();
            if let Err(error) = self.tree().list_into(&place, &mut names) {
                self.fault(&place, &error);
            }
            names.sort_by(|a, b| a.name.cmp(&b.name));
            for listed in &names {
                if self.members.len() >= MAX_MEMBERS {
                    return self.gap(
                        GapKind::OverLimit,
                        &place,
                        &format!("a layer of more than {MAX_MEMBERS} names"),
                    );
                }
                let path = join(&folder, &listed.name);
                let below = self.add(&path, listed.kind, keeping);
                if below && depth < MAX_DEPTH {
                    pending.push((path, depth + 1));
                } else if below {
                    self.gap(GapKind::OverLimit, &place, &format!("folders nest deeper than {MAX_DEPTH}"));
                }
            }
            if let Keeping::Whole(Some(lower)) = keeping {
                self.removed(
                    &folder,
                    lower,
                    &names.iter().map(|listed| listed.name.as_slice()).collect::<Vec<_>>(),
                );
            }
        }
    }

    /// Adds one name; whether something may lie below it.
    fn add(&mut self, path: &[u8], listed: ListedKind, keeping: &Keeping) -> bool {
        let place = join(self.top, path);
        let stat = match self.tree().stat(&place) {
            Ok(stat) => stat,
            // A container that runs removes files.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
            Err(error) => {
                self.fault(&place, &error);
                return false;
            }
        };
        if !self.marks(path, &place, &stat, keeping) {
            return false;
        }
        if let Keeping::Whole(Some(lower)) = keeping
            && self.is_same(path, &stat, lower)
        {
            return stat.kind == Kind::Directory;
        }
        self.take(path, place, stat);
        listed == ListedKind::Directory
    }

    /// Adds what the marks of overlayfs on a name say; whether the name is there for itself.
    fn marks(&mut self, path: &[u8], place: &[u8], stat: &Stat, keeping: &Keeping) -> bool {
        let mark = match (&stat.kind, keeping) {
            (Kind::Special | Kind::Directory, Keeping::Changes(_)) => self.tree().overlay_mark(place),
            (Kind::File, Keeping::Changes(_)) if stat.size > 0 && self.is_wanted(path, stat.executable) => {
                self.tree().overlay_mark(place)
            }
            _ => Ok(OverlayMark::None),
        };
        let mark = mark.unwrap_or_else(|error| {
            self.fault(place, &error);
            OverlayMark::None
        });
        match mark {
            OverlayMark::Whiteout => {
                let name = [b".wh.", crate::fs::tree::file_name(path)].concat();
                self.member(join(crate::fs::tree::parent(path), &name), MemberKind::Special);
                return false;
            }
            // The lower layer's file shows through.
            OverlayMark::MetadataOnly => return false,
            OverlayMark::Opaque => self.member(join(path, b".wh..wh..opq"), MemberKind::Special),
            OverlayMark::Redirected => {
                let what = "a folder that was renamed (redirect_dir) shows what lower layers have elsewhere";
                self.gap(GapKind::Unsupported, place, what);
            }
            OverlayMark::None => {}
        }
        true
    }

    /// Adds a name as a member.
    fn take(&mut self, path: &[u8], place: Vec<u8>, stat: Stat) {
        match stat.kind {
            Kind::Directory => self.member(path.to_vec(), MemberKind::Directory),
            // A device of that name is nothing to read, and would be taken for a mark.
            Kind::Special if crate::fs::tree::file_name(path).starts_with(b".wh.") => {}
            Kind::Special => self.member(path.to_vec(), MemberKind::Special),
            Kind::Link(link) => {
                let member = Member { link, ..empty(path.to_vec(), MemberKind::Link) };
                self.members.push(member);
            }
            Kind::File => {
                let (size, offset) = (stat.size, self.at);
                if size > 0 {
                    self.files.push((offset, place.into()));
                }
                self.at = self.at.saturating_add(size);
                let member = empty(path.to_vec(), MemberKind::File);
                self.members.push(Member {
                    size,
                    stored: size,
                    offset,
                    executable: stat.executable,
                    ..member
                });
            }
        }
    }

    fn member(&mut self, path: Vec<u8>, kind: MemberKind) {
        self.members.push(empty(path, kind));
    }

    fn is_wanted(&self, path: &[u8], executable: bool) -> bool {
        let interest = &self.options.interest;
        interest.wants(&interest.folder(crate::fs::tree::parent(path)), path, executable)
    }

    /// Whether the layer below has the same under this name. The bytes of files are only compared where someone
    /// will read them.
    fn is_same(&self, path: &[u8], stat: &crate::fs::tree::Stat, lower: &[u8]) -> bool {
        let other = join(lower, path);
        if self.tree().stat(&other).ok().as_ref() != Some(stat) {
            return false;
        }
        if stat.kind != Kind::File || stat.size == 0 || !self.is_wanted(path, stat.executable) {
            return true;
        }
        let bytes = |path: &[u8]| self.tree().open(path).and_then(|file| file.read_vec(0, COMPARED));
        stat.size <= COMPARED as u64
            && matches!((bytes(&join(self.top, path)), bytes(&other)), (Ok(own), Ok(other)) if own == other)
    }

    /// Marks what the layer below has in a folder and this one has not.
    fn removed(&mut self, folder: &[u8], lower: &[u8], names: &[&[u8]]) {
        let lower = join(lower, folder);
        let listed = match self.tree().list(&lower) {
            Ok(listed) => listed,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return;
            }
            Err(error) => return self.fault(&lower, &error),
        };
        for listed in listed {
            if names.binary_search(&listed.name.as_slice()).is_err() {
                self.member(join(folder, &[b".wh.", listed.name.as_slice()].concat()), MemberKind::Special);
            }
        }
    }
}

fn empty(path: Vec<u8>, kind: MemberKind) -> Member {
    Member { path, kind, link: Vec::new(), size: 0, executable: false, offset: 0, stored: 0, sparse: None }
}

/// A file that is open, with its number.
type Last = Option<(usize, Arc<dyn ReadAt>)>;

/// The files of a folder, one behind the other.
struct Files {
    root: Arc<Root>,
    files: Vec<(u64, Box<[u8]>)>,
    size: u64,
    last: Mutex<Last>,
}

impl ReadAt for Files {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let number = self.files.partition_point(|(start, _)| *start <= offset).checked_sub(1);
        let Some((number, (start, path))) = number.and_then(|number| Some((number, self.files.get(number)?)))
        else {
            return Ok(0);
        };
        let known = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let file = match known.filter(|(last, _)| *last == number) {
            Some((_, file)) => file,
            None => {
                let file: Arc<dyn ReadAt> = Arc::from(self.root.tree().open(path)?);
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, Arc::clone(&file)));
                file
            }
        };
        // Never into the next file: one that shrank ends early.
        let end = self.files.get(number + 1).map_or(self.size, |(next, _)| *next);
        let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        file.read_at(offset - start, buf.get_mut(..left).unwrap_or_default())
    }
}
