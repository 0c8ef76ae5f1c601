//! Loads signature and rule files: the built-in ones, and those that the user names.

mod nearest;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use serde::de::DeserializeOwned;

use super::check::{self, Mistake};
use super::locate;
use super::maker;
use super::model::SignatureFile;
use super::rules::RulesFile;
use super::{LoadedFile, SignatureSet};
use crate::model::Error;
use crate::signature::signing::{self, TrustedKey};
pub use nearest::nearest;

/// The compiled-in files of `signatures`, sorted by name: the name, and the length of the text in bytes.
const BUILT_IN: &[(&str, usize)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));
/// Their texts one after the other, as gzip (`packaging/embed.rs`).
const BUILT_IN_TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/built_in.gz"));
/// The name of the rules file in a folder of signatures.
const RULES: &str = "rules.json";
/// No signature file is anywhere near this size; larger ones are refused before they are read.
const MAX_FILE: u64 = 64 << 20;
/// Mistakes shown of one file; each costs a walk through it, and nobody reads more at once.
const MAX_PROBLEMS: usize = 100;
/// Characters shown of one mistake: a file may have names of any length.
const MAX_MESSAGE: usize = 1_000;

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong, and what to write instead if that can be guessed.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.message),
        }
    }
}

/// The built-in signatures with the files that the user names: a vendor in them replaces the built-in one, a new
/// vendor is added, a `rules.json` replaces the built-in rules.
///
/// # Errors
/// When a file cannot be read or has a mistake.
pub fn load(paths: &[PathBuf]) -> Result<SignatureSet, Error> {
    load_trusting(paths, &Trust::default())
}

/// As [`load`], and files that carry a signature beside them (`FILE.minisig`) must fit it.
///
/// # Errors
/// As [`load`]; also when a signature does not hold, or is missing where every file must have one. Without a trusted
/// key nothing can be checked and every file counts as unsigned.
pub fn load_trusting(paths: &[PathBuf], trust: &Trust) -> Result<SignatureSet, Error> {
    let mut set = built_in()?;
    let (files, rules) = read_all(paths, trust, &set)?;
    if let Some(rules) = rules {
        set.take_rules(rules);
    }
    for loaded in files {
        set.files.retain(|known| known.file.vendor.id != loaded.file.vendor.id);
        set.files.push(loaded);
    }
    set.files.sort_by(|a, b| a.file.vendor.id.cmp(&b.file.vendor.id));
    Ok(set)
}

fn built_in() -> Result<SignatureSet, Error> {
    let mut set = SignatureSet::default();
    let texts = unpack(BUILT_IN_TEXTS)?;
    for (name, text) in split(&texts)? {
        if name == RULES {
            set.take_rules(parse(name, text).map_err(refuse)?);
        } else {
            let mut file = parse(name, text).map_err(refuse)?;
            maker::expand(&mut file);
            set.files.push(LoadedFile { file, origin: "built in".to_owned(), signed_by: None });
        }
    }
    Ok(set)
}

/// The texts of the compiled-in files, one after the other.
fn unpack(packed: &[u8]) -> Result<String, Error> {
    let mut texts = String::with_capacity(BUILT_IN.iter().map(|(_, length)| length).sum());
    GzDecoder::new(packed).read_to_string(&mut texts).map_err(|error| damaged(&error.to_string()))?;
    Ok(texts)
}

/// The compiled-in files, each with its name.
fn split(texts: &str) -> Result<Vec<(&'static str, &str)>, Error> {
    let mut rest = texts;
    let mut files = Vec::new();
    for (name, length) in BUILT_IN {
        let (text, others) = rest.split_at_checked(*length).ok_or_else(|| damaged("too short"))?;
        files.push((*name, text));
        rest = others;
    }
    Ok(files)
}

fn damaged(why: &str) -> Error {
    let message = format!("the signatures in this program are damaged ({why}); install debar again");
    refuse(vec![Problem { file: "built in".to_owned(), line: 0, column: 0, message }])
}

fn refuse(problems: Vec<Problem>) -> Error {
    Error::Signatures { problems: problems.iter().map(Problem::to_string).collect() }
}

/// Checks files without using them.
///
/// # Errors
/// Every mistake that they have.
pub fn check(paths: &[PathBuf]) -> Result<SignatureSet, Error> {
    let (files, rules) = read_all(paths, &Trust::default(), &built_in()?)?;
    let mut set = SignatureSet { files, ..SignatureSet::default() };
    set.files.sort_by(|a, b| a.file.vendor.id.cmp(&b.file.vendor.id));
    if let Some(rules) = rules {
        set.take_rules(rules);
    }
    Ok(set)
}

/// What is questionable in signature files that [`check()`] accepts: duplicate, shadowed and dead indicators.
///
/// # Errors
/// When a file cannot be read.
pub fn lint(paths: &[PathBuf]) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    for path in json_files(paths)? {
        let (shown, text) = (path.display().to_string(), read(&path)?);
        if let Ok(file) = parse::<SignatureFile>(&shown, &text) {
            problems.extend(placed(&shown, &text, super::lint::signatures(&file)));
        }
    }
    Ok(problems)
}

/// Reads one signature file by its types alone; what it names is not checked.
///
/// # Errors
/// When it cannot be read or is no signature file.
pub fn parse_file(path: &Path) -> Result<SignatureFile, Error> {
    parse(&path.display().to_string(), &read(path)?).map_err(refuse)
}

/// Whose signatures of files are believed.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The keys.
    pub keys: Vec<TrustedKey>,
    /// Whether a file without a signature is refused.
    pub required: bool,
}

impl Trust {
    /// The key that signed a file; `None` for an unsigned one.
    fn signer(&self, path: &Path, text: &str) -> Result<Option<String>, Error> {
        let beside = signing::beside(path);
        let refused = |why: String| Error::Untrusted { path: path.to_owned(), why };
        match std::fs::symlink_metadata(&beside) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if !self.required {
                    Ok(None)
                } else {
                    Err(refused(format!("it is not signed: there is no {}", beside.display())))
                }
            }
            Err(source) => Err(Error::Read { path: beside, source }),
            Ok(_) if self.keys.is_empty() && self.required => {
                Err(refused("no key is trusted, so that its signature cannot be checked".to_owned()))
            }
            Ok(_) if self.keys.is_empty() => Ok(None),
            Ok(_) => {
                let signed = signing::verify(&self.keys, &read(&beside)?, text.as_bytes());
                signed.map(|signed| Some(signed.key)).map_err(|why| refused(why.to_string()))
            }
        }
    }
}

/// Of a file: how it is shown, whether it holds rules, its text, and the key that signed it.
type Read = (String, bool, String, Option<String>);

fn read_all(
    paths: &[PathBuf],
    trust: &Trust,
    built_in: &SignatureSet,
) -> Result<(Vec<LoadedFile>, Option<RulesFile>), Error> {
    let mut texts: Vec<Read> = Vec::new();
    for path in json_files(paths)? {
        let text = read(&path)?;
        let signer = trust.signer(&path, &text)?;
        let is_rules = path.file_name().is_some_and(|name| name == RULES);
        texts.push((path.display().to_string(), is_rules, text, signer));
    }
    let mut problems = Vec::new();
    let mut rules: Option<RulesFile> = None;
    for (shown, _, text, _) in texts.iter().filter(|(_, is_rules, ..)| *is_rules) {
        match parse::<RulesFile>(shown, text) {
            Ok(file) => {
                problems.extend(placed(shown, text, check::rules(&file)));
                rules = Some(file);
            }
            Err(found) => problems.extend(found),
        }
    }
    let ids: BTreeSet<String> = match &rules {
        Some(file) => file.rules.iter().map(|rule| rule.id.clone()).collect(),
        None => built_in.rules.keys().cloned().collect(),
    };
    let (mut files, mut vendors) = (Vec::new(), BTreeMap::new());
    for (shown, _, text, signed_by) in texts.into_iter().filter(|(_, is_rules, ..)| !is_rules) {
        match parse::<SignatureFile>(&shown, &text) {
            Ok(mut file) => {
                let mut mistakes = check::signatures(&file, &ids);
                if let Some(first) = vendors.insert(file.vendor.id.clone(), shown.clone()) {
                    let what =
                        format!("`{}` is the vendor of {first}, too; a vendor has one file", file.vendor.id);
                    mistakes.push((vec!["vendor".into(), "id".into()], what));
                }
                problems.extend(placed(&shown, &text, mistakes));
                maker::expand(&mut file);
                files.push(LoadedFile { file, origin: shown, signed_by });
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok((files, rules)) } else { Err(refuse(problems)) }
}

/// Mistakes with the line and column of the value they are in.
fn placed(file: &str, text: &str, mistakes: Vec<Mistake>) -> Vec<Problem> {
    let repeated = locate::repeated_keys(text)
        .into_iter()
        .map(|(at, key)| (at, format!("the key `{key}` is given twice")));
    let more = mistakes.len().saturating_sub(MAX_PROBLEMS);
    let mistakes = mistakes.into_iter().take(MAX_PROBLEMS);
    let mistakes = mistakes.map(|(path, message)| (locate::position(text, &path), message));
    let mut problems: Vec<Problem> =
        repeated.chain(mistakes).map(|(at, message)| problem(file, at, &message)).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    if more > 0 {
        problems.push(problem(file, (0, 0), &format!("{more} more mistakes")));
    }
    problems
}

fn problem(file: &str, (line, column): (usize, usize), message: &str) -> Problem {
    let mut message = message.to_owned();
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    Problem { file: file.to_owned(), line, column, message }
}

/// The files that the paths name; of a folder, its `.json` files.
fn json_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let failed = |source| Error::Read { path: path.clone(), source };
        if !std::fs::metadata(path).map_err(failed)?.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        for entry in walkdir::WalkDir::new(path).min_depth(1).max_depth(1).sort_by_file_name() {
            let file = entry.map_err(|error| failed(error.into()))?.into_path();
            // What is named so and is no file is refused when it is read, not passed over.
            if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
                files.push(file);
            }
        }
        if files.len() == before {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "the folder holds no .json file");
            return Err(failed(source));
        }
    }
    Ok(files)
}

/// The text of a file; links are followed (mounted configuration is made of them), but only to a file: opening a
/// pipe or a device could wait for ever or never end.
fn read(path: &Path) -> Result<String, Error> {
    use std::io::{Error as IoError, ErrorKind, Read as _};
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let refused = |kind, what: String| failed(IoError::new(kind, what));
    let known = std::fs::metadata(path).map_err(failed)?;
    if !known.is_file() {
        return Err(refused(ErrorKind::InvalidInput, "it is no regular file".to_owned()));
    }
    let too_large = |size: u64| {
        let what = format!("{size} bytes or more; a signature file may have at most {MAX_FILE}");
        refused(ErrorKind::FileTooLarge, what)
    };
    if known.len() > MAX_FILE {
        return Err(too_large(known.len()));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::with_capacity(usize::try_from(known.len()).unwrap_or(0));
    // It may grow while it is read.
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 {
        size if size > MAX_FILE => Err(too_large(size)),
        _ => {
            decoded(bytes).map_err(|(at, what)| refuse(vec![problem(&path.display().to_string(), at, &what)]))
        }
    }
}

/// Bytes as text, or where they stop to be UTF-8.
fn decoded(bytes: Vec<u8>) -> Result<String, ((usize, usize), String)> {
    let mark = match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => Some("a byte order mark"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("the byte order mark of UTF-16"),
        _ => None,
    };
    if let Some(mark) = mark {
        return Err(((1, 1), format!("it begins with {mark}; save it as UTF-8 without one")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        (locate::line_and_column(&good, good.len()), "it is not UTF-8 from here on".to_owned())
    })
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Vec<Problem>> {
    serde_json::from_str(text).map_err(|error| {
        // serde_json repeats the position at the end of its message.
        let message = error.to_string();
        let message = plain(&suggested(message.split(" at line ").next().unwrap_or(&message)));
        vec![problem(file, (error.line(), error.column()), &message)]
    })
}

/// The parser's message in plain words.
fn plain(message: &str) -> String {
    if let Some((got, wanted)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return format!("here should be {}, not {}", json_word(wanted), json_word(got));
    }
    match message {
        "expected value" => "this is no JSON".to_owned(),
        "trailing characters" => "something follows the end of the JSON".to_owned(),
        message if message.starts_with("EOF while parsing") => "the file ends in the middle".to_owned(),
        message => message.to_owned(),
    }
}

/// JSON's own word for a type of the parser.
fn json_word(word: &str) -> String {
    match word {
        "sequence" | "a sequence" => "a list".to_owned(),
        "map" | "a map" => "an object".to_owned(),
        word if word.starts_with("struct ") => "an object".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number".to_owned(),
        word => word.to_owned(),
    }
}

/// The parser's message with the name that was probably meant: "unknown field `nam`, expected one of `id`, `name`".
pub fn suggested(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let meant = match names.next() {
        Some(wrong) if message.starts_with("unknown ") => nearest(wrong, names),
        _ => None,
    };
    match meant {
        Some(meant) => format!("{message}; did you mean `{meant}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
