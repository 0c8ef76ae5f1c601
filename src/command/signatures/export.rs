//! `debar signatures export`.

use super::unknown;
use crate::command::reference::print;
use crate::command::session;
use crate::command::signatures::arguments::Export;
use crate::model::Error;
use crate::report::exit;
use crate::signature::export::{LANGUAGES, Selected};
use crate::signature::{SignatureSet, Status};

pub(super) fn run(options: &Export) -> Result<u8, Error> {
    session::confine_for_signatures(&options.signatures)?;
    let set = session::signatures(&options.signatures)?;
    let selected = selected(&set, &options.names)?;
    let Some(language) = LANGUAGES.iter().find(|language| language.name == options.language) else {
        return Err(Error::Usage(format!("there is no language `{}`", options.language)));
    };
    let exported = (language.write)(&selected);
    print(&exported.text)?;
    let left_out = exported.left_out.len();
    if left_out > 0 {
        let hint = if options.list_left_out { "" } else { "; --list-left-out names them" };
        let mut note = format!("{left_out} indicators cannot be expressed in {}{hint}\n", language.name);
        if options.list_left_out {
            note.extend(exported.left_out.iter().map(|line| format!("  {line}\n")));
        }
        // A note beside the result: where nobody reads it, nothing is lost.
        crate::process::say(&note);
    }
    Ok(exit::OK)
}

/// The products of the names; without a name all banned ones of the vendors that a scan looks for by itself.
fn selected<'s>(set: &'s SignatureSet, names: &[String]) -> Result<Vec<Selected<'s>>, Error> {
    let all = set.files.iter().flat_map(|loaded| {
        loaded.file.products.iter().map(|product| Selected { file: &loaded.file, product })
    });
    let all: Vec<Selected<'s>> = all.collect();
    if names.is_empty() {
        let wanted = |one: &Selected<'s>| one.product.status == Status::Banned && !one.file.on_request;
        return Ok(all.into_iter().filter(wanted).collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        let fits = |one: &&Selected<'s>| {
            let vendor = &one.file.vendor.id;
            name == vendor || *name == format!("{vendor}/{}", one.product.id)
        };
        chosen.extend(all.iter().filter(fits).copied());
        if chosen.len() == before {
            return Err(unknown(set, name));
        }
    }
    Ok(chosen)
}
