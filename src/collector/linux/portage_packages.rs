//! `portage_packages`: Gentoo's database, one folder per package and one small file per fact (PMS, "VDB").

use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink};
use crate::fs::tree::{file_name, join, parent};
use crate::fs::{Fault, Root};
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::text_of;

const MAX_FACT: usize = 64 << 10;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "portage_packages",
    about: "Packages of Portage (Gentoo).",
    applies: Applies::LINUX,
    reads: &[
        "var/db/pkg/*/*/HOMEPAGE",
        "var/db/pkg/*/*/repository",
        "var/db/pkg/*/*/LICENSE",
        "var/db/pkg/*/*/DESCRIPTION",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Section,
        Field::Source,
        Field::Homepage,
        Field::License,
        Field::Description,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let root = &target.root;
    for folder in sink.glob(root, "var/db/pkg/*/*") {
        let name = text_of(file_name(&folder.path));
        // `-MERGING-` folders are installations that did not end.
        if !folder.is_directory() || name.starts_with('.') {
            continue;
        }
        let (name, version) = split(name.trim_start_matches("-MERGING-"));
        let mut fact = |file: &str| fact(root, &join(&folder.path, file.as_bytes()), sink);
        let facts = [
            (Field::Source, fact("repository")),
            (Field::Homepage, fact("HOMEPAGE")),
            (Field::License, fact("LICENSE")),
            (Field::Description, fact("DESCRIPTION")),
        ];
        let mut artifact = Artifact::new(sink.collector(), Location::path(&folder.path))
            .with(Field::Name, name)
            .with(Field::Version, version)
            .with(Field::Section, text_of(file_name(parent(&folder.path))));
        for (field, text) in facts {
            artifact = artifact.with_some(field, text);
        }
        sink.artifact(artifact);
    }
}

fn fact(root: &Root, path: &[u8], sink: &mut Sink<'_>) -> Option<String> {
    match root.read(path, MAX_FACT) {
        Ok(content) => {
            // Portage ends each with a line's end.
            if !content.bytes.ends_with(b"\n") {
                let what = "the file ends inside a line";
                sink.damage(path, &[Damage::new(DamageKind::Truncated, None, what)]);
            }
            Some(text_of(content.bytes.trim_ascii()))
        }
        Err(Fault::Absent) => None,
        Err(fault) => {
            sink.fault(fault);
            None
        }
    }
}

/// The version begins at the last hyphen before a digit, except that `-r1` belongs to it (PMS 3.2).
fn split(text: &str) -> (&str, &str) {
    let hyphens: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
    let starts_version = |at: usize| {
        text.get(at + 1..).is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
    };
    match hyphens.into_iter().rev().find(|&at| starts_version(at)) {
        Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or("")),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn folders_are_packages() {
        let tree = Memory::new()
            .file("var/db/pkg/app-antivirus/kesl-12.1.0.1543-r1/repository", b"overlay\n")
            .file("var/db/pkg/x11-libs/gtk+-3.24/SLOT", b"3\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty());
        let names: Vec<_> = artifacts
            .iter()
            .map(|a| (a.text(Field::Name).unwrap(), a.text(Field::Version).unwrap()))
            .collect();
        assert_eq!(names, [("kesl", "12.1.0.1543-r1"), ("gtk+", "3.24")]);
        assert_eq!(artifacts[0].text(Field::Source), Some("overlay"));
    }
}
