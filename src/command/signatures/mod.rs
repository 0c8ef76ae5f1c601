//! `debar signatures`: what there is, and all that authors of signatures need.

pub mod arguments;
mod check;
mod diff;
mod export;
mod list;
mod new;
mod unknown;

use std::path::{Path, PathBuf};

use super::reference::print;
use super::session;
use crate::command::arguments::{Global, SignatureOptions};
use crate::command::output_arguments::Output;
use crate::command::signatures::arguments::{Show, Sign, SignaturesCommand, Verify};
use crate::model::Error;
use crate::process::output;
use crate::report::exit;
use crate::signature::signing;
pub(super) use unknown::check_vendors;
use unknown::unknown;

pub(super) fn run(command: &SignaturesCommand, global: &Global) -> Result<u8, Error> {
    match command {
        SignaturesCommand::List(options) => list::run(options, global),
        SignaturesCommand::Show(options) => show(options),
        SignaturesCommand::Check(options) => check::run(options),
        SignaturesCommand::Test(options) => test(options),
        SignaturesCommand::New(options) => new::run(options),
        SignaturesCommand::Diff(options) => diff::run(options),
        SignaturesCommand::Sign(options) => sign(options),
        SignaturesCommand::Verify(options) => verify(options),
        SignaturesCommand::Export(options) => export::run(options),
    }
}

fn show(options: &Show) -> Result<u8, Error> {
    session::confine_for_signatures(&options.signatures)?;
    let set = session::signatures(&options.signatures)?;
    let name = options.name.trim();
    let json = set.files.iter().find_map(|loaded| {
        let vendor = &loaded.file.vendor.id;
        if name == vendor {
            return Some(serde_json::to_string_pretty(&loaded.file));
        }
        let wanted = name.strip_prefix(vendor.as_str())?.strip_prefix('/')?;
        let product = loaded.file.products.iter().find(|product| product.id == wanted)?;
        Some(serde_json::to_string_pretty(product))
    });
    match json {
        Some(Ok(json)) => {
            print(&(json + "\n"))?;
            Ok(exit::OK)
        }
        Some(Err(error)) => Err(Error::Stdout(error.into())),
        None => Err(unknown(&set, name)),
    }
}

fn test(options: &SignatureOptions) -> Result<u8, Error> {
    session::confine_for_signatures(options)?;
    let set = session::signatures(options)?;
    let (tried, failures) = crate::finding::examples::run(&set);
    for failure in &failures {
        print(&format!("{failure}\n"))?;
    }
    print(&format!("{tried} examples, {} failed\n", failures.len()))?;
    Ok(if failures.is_empty() { exit::OK } else { exit::FOUND })
}

fn sign(options: &Sign) -> Result<u8, Error> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source });
    let key = session::signing_key(&options.key)?;
    let beside =
        |file: &PathBuf| Output { format: String::new(), file: Some(signing::beside(file)), address: None };
    let outputs: Vec<Output> = options.files.iter().map(beside).collect();
    session::confine_to(options.files.iter().map(PathBuf::as_path), &outputs)?;
    for file in &options.files {
        let data = read(file)?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let comment = format!("{name}, signed {}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"));
        let signature = signing::sign(&key, &data, &comment)
            .map_err(|why| Error::Key { path: options.key.clone(), why: why.to_string() })?;
        let to = signing::beside(file);
        output::write_whole(&to, |out| out.write_all(signature.as_bytes()))
            .map_err(|source| Error::Output { path: to.clone(), source })?;
        print(&format!("{}\n", to.display()))?;
    }
    Ok(exit::OK)
}

fn verify(options: &Verify) -> Result<u8, Error> {
    let beside: Vec<_> = options.files.iter().map(|file| signing::beside(file)).collect();
    let read = options.files.iter().chain(&options.trusted_key).chain(&beside);
    session::confine_to(read.map(PathBuf::as_path), &[])?;
    let keys: Result<Vec<_>, Error> =
        options.trusted_key.iter().map(|path| session::trusted_key(path)).collect();
    let keys = keys?;
    let mut all_hold = true;
    for file in &options.files {
        let read =
            |path: &Path| std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source });
        let signature = String::from_utf8_lossy(&read(&signing::beside(file))?).into_owned();
        let line = match signing::verify(&keys, &signature, &read(file)?) {
            Ok(signed) => format!("{}: good, by key {} ({})\n", file.display(), signed.key, signed.comment),
            Err(why) => {
                all_hold = false;
                format!("{}: REFUSED, {why}\n", file.display())
            }
        };
        print(&line)?;
    }
    Ok(if all_hold { exit::OK } else { exit::FOUND })
}
