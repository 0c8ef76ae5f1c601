//! Environments of Python in the projects of people, however deep those lie in their homes: folders with a `pyvenv.cfg` (PEP
//! 405) or the records of conda. Nothing names them, so homes are searched for them, upper levels first, and no further
//! than a limit: `--deep` is for whole homes.

use std::collections::VecDeque;

use crate::fs::Root;
use crate::fs::tree::{ListedKind, join};
use crate::text::text_of;

/// Levels of folders below a home.
const DEPTH: usize = 7;
/// Folders listed.
const FOLDERS: usize = 1_000;
/// Where people have their homes.
const HOMES: &[&str] = &["home/*/", "root/", "Users/*/"];
/// Folders of programs and their data, of packages, of what was built: walked, or without environments.
const OTHERS: &[&str] = &[
    "__pycache__",
    "appdata",
    "build",
    "dist",
    "library",
    "node_modules",
    "site-packages",
    "snap",
    "target",
    "vendor",
];

/// The folders of environments.
pub(super) fn find(root: &Root) -> Vec<String> {
    let homes = HOMES.iter().flat_map(|homes| root.glob(homes)).flatten();
    let mut queue: VecDeque<(Vec<u8>, usize)> =
        homes.filter(|home| home.is_directory()).map(|home| (home.path, 0)).collect();
    let (mut found, mut listed) = (Vec::new(), 0);
    while let Some((folder, depth)) = queue.pop_front() {
        if listed == FOLDERS {
            break;
        }
        listed += 1;
        // What cannot be listed is reported by those who read homes.
        let Ok(names) = root.list(&folder) else { continue };
        let is_there = |name: &[u8]| names.iter().any(|it| it.name == name);
        if is_there(b"pyvenv.cfg") || is_there(b"conda-meta") {
            found.push(text_of(&folder));
            continue;
        }
        let folders = names.iter().filter(|it| it.kind == ListedKind::Directory && depth < DEPTH);
        queue.extend(
            folders.filter(|it| is_searched(&it.name)).map(|it| (join(&folder, &it.name), depth + 1)),
        );
    }
    found
}

/// Hidden folders are of programs, but for those that environments are kept in.
fn is_searched(name: &[u8]) -> bool {
    let name = text_of(name).to_lowercase();
    let is_hidden =
        name.starts_with('.') && ![".venv", ".env", ".virtualenv"].iter().any(|it| name.starts_with(it));
    !is_hidden && !name.contains('*') && !OTHERS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    #[test]
    fn environments_at_any_level_of_a_home() {
        let tree = Memory::new()
            .file("home/a/src/x/y/z/.venv/pyvenv.cfg", "")
            .file("home/a/src/x/y/z/.venv/sub/venv/pyvenv.cfg", "")
            .file("home/a/data/env/conda-meta/x.json", "")
            .file("home/a/.cache/x/pyvenv.cfg", "")
            .file("home/a/x/node_modules/x/pyvenv.cfg", "")
            .file("home/a/1/2/3/4/5/6/7/8/9/pyvenv.cfg", "")
            .file("srv/x/pyvenv.cfg", "");
        let root = Root::new(Box::new(tree));
        assert_eq!(find(&root), ["home/a/data/env", "home/a/src/x/y/z/.venv"]);
    }

    #[test]
    fn the_search_ends_at_its_limit() {
        let tree = (0..FOLDERS).fold(Memory::new(), |tree, at| tree.file(format!("home/a/{at:04}/x"), ""));
        let root = Root::new(Box::new(tree.file("home/a/0000/venv/pyvenv.cfg", "")));
        assert_eq!(find(&root), [""; 0]);
    }
}
