//! `java_archives`: Java archives, the archives inside them, and archives that were unpacked.
//!
//! Three places say what an archive is: the manifest, which its maker fills as he likes, the coordinates that Maven
//! leaves for everything that was built into it, and the name of its file. Coordinates that fit the name are the
//! archive's own, all others are of what it carries inside.

mod ending;
mod identity;
mod reader;
mod unpacked;

use super::places::PROGRAM_PLACES;
use crate::collector::support::packed_program;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::Entry;
use crate::fs::tree::file_name;
use crate::model::Field;
use crate::target::Target;
use crate::text::text_of;
use ending::{Ending, is_java_head};
use reader::Reader;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "java_archives",
    about: "Java archives (jar, war, ear, aar, plug-ins of servers), packed or unpacked, and what is inside them, by manifest and Maven coordinates.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Namespace,
        Field::Vendor,
        Field::Description,
        Field::License,
        Field::Module,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

fn wants(entry: &Entry<'_>) -> bool {
    match Ending::of(entry.name()) {
        Ending::Java | Ending::Perhaps => true,
        Ending::None => entry.is_executable(),
        Ending::Other => unpacked::is_wanted(entry.path()),
    }
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let ending = Ending::of(entry.name());
    if ending == Ending::Other {
        return unpacked::read(target, entry, sink);
    }
    let file = match entry.open() {
        Ok(file) => file,
        // Other collectors read every program and report those that they cannot.
        Err(_) if ending == Ending::None => return,
        Err(fault) => return sink.fault(fault),
    };
    match ending {
        Ending::Java => {}
        Ending::Perhaps if file.read_vec(0, 4).is_ok_and(|head| !is_java_head(&head)) => return,
        Ending::Perhaps => {}
        _ => match packed_program::is_archive(file.as_ref()) {
            Ok(true) => {}
            Ok(false) => return,
            Err(damage) => return sink.damage(path, &[damage]),
        },
    }
    let mut reader = Reader::new(path, file.size());
    reader.only_java = ending == Ending::None;
    reader.archive(file.as_ref(), &text_of(file_name(path)), "", 0, sink);
}

#[cfg(test)]
mod tests;
