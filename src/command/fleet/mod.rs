//! `debar fleet`: the reports of many hosts.

pub mod arguments;
mod lost;
pub mod plan;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::Offset;

use self::arguments::{
    Attest, Export, Findings, Fleet as Options, FleetCommand, Hosts, Html, Ingest, Picture, PictureOptions,
    StandingName, Trend, Worklist,
};
use self::lost::{counted, name_lost};
use crate::command::arguments::Global;
use crate::command::output_arguments::Output;
use crate::command::outputs::write_outputs;
use crate::command::session;
use crate::fleet::{self, Assets, ExportFormat, Fleet, Standing, Store, StoreError};
use crate::model::Error;
use crate::report::exit;
use crate::signature::signing::beside;
use crate::write::Table;

pub(super) fn run(options: &Options, global: &Global) -> Result<u8, Error> {
    match &options.command {
        FleetCommand::Ingest(options) => ingest(options, global),
        FleetCommand::Status(options) => status(options, global),
        FleetCommand::Hosts(options) => hosts(options, global),
        FleetCommand::Findings(options) => findings(options, global),
        FleetCommand::Trend(options) => trend(options, global),
        FleetCommand::Worklist(options) => worklist(options, global),
        FleetCommand::Plan(options) => plan::run(options, global),
        FleetCommand::Export(options) => export(options, global),
        FleetCommand::Attest(options) => attest(options, global),
        FleetCommand::Html(options) => html(options, global),
    }
}

fn unusable(path: &Path) -> impl Fn(StoreError) -> Error {
    let path = path.to_path_buf();
    move |error| Error::Store { path: path.clone(), message: error.to_string() }
}

fn open(path: &Path) -> Result<Store, Error> {
    if !path.exists() {
        let message = "it is not there; `debar fleet ingest` makes it. See --store".to_owned();
        return Err(Error::Store { path: path.to_path_buf(), message });
    }
    Store::open(path, false).map_err(unusable(path))
}

fn ingest(options: &Ingest, global: &Global) -> Result<u8, Error> {
    let path = &options.store.store;
    if options.bind_folder && options.places.iter().any(|place| place.as_os_str() == "-") {
        let what = "--bind-folder knows a host by its folder, and standard input has none. Name the folder of the collector";
        return Err(Error::Usage(what.to_owned()));
    }
    // Before: the store is debar's own, and a file that is open stays so.
    let store = Store::open(path, true).map_err(unusable(path))?;
    // A report that is named as a file has its signature beside it.
    let mut signatures: Vec<PathBuf> = Vec::new();
    if !options.trusted_key.is_empty() {
        signatures.extend(options.places.iter().filter(|place| place.is_file()).map(|file| beside(file)));
    }
    let read = options.places.iter().chain(&options.trusted_key).chain(&signatures);
    session::confine_to(read.map(PathBuf::as_path), &[])?;
    let keys: Result<Vec<_>, Error> =
        options.trusted_key.iter().map(|path| session::trusted_key(path)).collect();
    let keys = keys?;
    let now = Timestamp::now().as_second();
    let intake = fleet::Intake { now, bound: options.bind_folder, keys: &keys };
    let done = fleet::ingest(&store, &options.places, intake).map_err(unusable(path))?;
    // After the reports: what one of them says keeps what it speaks of.
    let kept_since = options.keep_days.map(|days| now - fleet::DAY * fleet::Time::from(days));
    let forgotten = kept_since.map(|since| store.forget(since)).transpose().map_err(unusable(path))?;
    name_lost(&done.refused, &done.skipped);
    if done.is_empty() {
        let places: Vec<String> = options.places.iter().map(|place| named(place)).collect();
        crate::process::say(&format!(
            "debar: there is no report in {}. Reports are what `debar scan -o json=FILE` writes",
            places.join(", ")
        ));
    }
    if !global.quiet {
        let old =
            if done.old > 0 { format!(", {} older than what is kept", done.old) } else { String::new() };
        let known = if done.known > 0 { format!(", {} known already", done.known) } else { String::new() };
        let refused = match done.refused.len() {
            0 => String::new(),
            refused => format!(", {refused} not taken"),
        };
        let mut out = io::stdout().lock();
        let skipped = match done.skipped.len() {
            0 => String::new(),
            skipped => format!(", {skipped} skipped"),
        };
        writeln!(out, "{} taken{known}{old}{refused}{skipped}", counted(done.new, "report"))
            .map_err(Error::Stdout)?;
    }
    if let Some(forgotten) = forgotten.filter(|_| !global.quiet) {
        let mut out = io::stdout().lock();
        let (runs, reports) = (forgotten.runs, forgotten.reports);
        let runs = if runs == 1 { "1 stretch".to_owned() } else { format!("{runs} stretches") };
        writeln!(out, "{runs} of history and {} forgotten", counted(reports, "report"))
            .map_err(Error::Stdout)?;
    }
    // Anyone who runs this by a timer must learn that reports were lost.
    Ok(if done.refused.is_empty() && !done.is_empty() { exit::OK } else { exit::INCOMPLETE })
}

/// A place for messages.
fn named(place: &Path) -> String {
    if place.as_os_str() == "-" { "standard input".to_owned() } else { place.display().to_string() }
}

/// The store and what is known of the hosts.
struct Rolled {
    store: Store,
    fleet: Fleet,
    assets: Option<Assets>,
    how: fleet::Options,
}

/// Where a command writes to.
enum To<'a> {
    Outputs(&'a [Output]),
    /// Folders in a folder.
    Folder(&'a Path),
}

/// Opens the store, confines debar, then reads the first host and the lists.
fn rolled(options: &PictureOptions, lists: &[&Path], to: To<'_>) -> Result<Rolled, Error> {
    let path = &options.store.store;
    let store = opened(options, lists, to)?;
    let assets = options.assets.as_deref().map(assets).transpose()?;
    let how = how(options)?;
    let fleet = Fleet::of(&store, assets.as_ref(), how).map_err(unusable(path))?;
    Ok(Rolled { store, fleet, assets, how })
}

/// The store of a command that is confined to it, to some lists and to its outputs.
fn opened(options: &PictureOptions, lists: &[&Path], to: To<'_>) -> Result<Store, Error> {
    // Before: the store is debar's own, and a file that is open stays so.
    let store = open(&options.store.store)?;
    let read = lists.iter().copied().chain(options.assets.as_deref());
    match to {
        To::Outputs(outputs) => session::confine_to(read, outputs)?,
        To::Folder(folder) => session::confine_into(read, folder),
    }
    Ok(store)
}

fn how(options: &PictureOptions) -> Result<fleet::Options, Error> {
    let now = match options.as_of {
        None => Timestamp::now(),
        Some(day) => Offset::UTC
            .to_timestamp(day.at(23, 59, 59, 0))
            .map_err(|error| Error::Usage(format!("--as-of {day}: {error}")))?,
    };
    let (stale_after, signature_age) = (options.stale_after, options.signature_age);
    Ok(fleet::Options { now: now.as_second(), stale_after, signature_age })
}

fn assets(path: &Path) -> Result<Assets, Error> {
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_path_buf(), source })?;
    let wrong =
        |why: String| Error::Usage(format!("the list of assets {} cannot be used: {why}", path.display()));
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        let source = io::Error::from(io::ErrorKind::IsADirectory);
        return Err(Error::Read { path: path.to_path_buf(), source });
    }
    Assets::read(file).map_err(wrong)
}

fn write_table(to: &Picture, global: &Global, table: &Table) -> Result<(), Error> {
    write_table_with(to, global, table, Table::clone)
}

/// As [`write_table`]; `brief` makes the table that people get who did not ask for a wide one.
fn write_table_with(
    to: &Picture,
    global: &Global,
    table: &Table,
    brief: impl Fn(&Table) -> Table,
) -> Result<(), Error> {
    let fits = !to.wide && io::stdout().is_terminal();
    write_outputs(&to.output, global, "text", |format, look, out| match format {
        "text" if table.rows.is_empty() => writeln!(out, "Nothing to list."),
        "text" if fits => brief(table).text_within(look.width, out),
        format => in_format(table, format, out),
    })
}

fn in_format(table: &Table, format: &str, out: &mut dyn Write) -> io::Result<()> {
    match format {
        "csv" => table.csv(out),
        "json" => table.json(out),
        "ndjson" => table.ndjson(out),
        _ => table.text(out),
    }
}

fn status(options: &Picture, global: &Global) -> Result<u8, Error> {
    let picture = &options.picture;
    let store = opened(picture, &[], To::Outputs(&options.output))?;
    let assets = picture.assets.as_deref().map(assets).transpose()?;
    let status =
        fleet::status(&store, assets.as_ref(), how(picture)?).map_err(unusable(&picture.store.store))?;
    let list = picture.assets.as_deref().map(|list| list.display().to_string());
    let fits = !options.wide && io::stdout().is_terminal();
    write_outputs(&options.output, global, "text", |format, look, out| match format {
        "text" => status.text(list.as_deref(), if fits { look.width } else { 100 }, out),
        "json" | "ndjson" => crate::write::json(&status, false, out),
        format => in_format(&status.product_table(), format, out),
    })?;
    Ok(exit::OK)
}

fn hosts(options: &Hosts, global: &Global) -> Result<u8, Error> {
    let picture = &options.picture;
    let rolled = rolled(&picture.picture, &[], To::Outputs(&picture.output))?;
    let standing = options.standing.map(|standing| match standing {
        StandingName::Found => Standing::Found,
        StandingName::NeverReported => Standing::NeverReported,
        StandingName::Stale => Standing::Stale,
        StandingName::Incomplete => Standing::Incomplete,
        StandingName::Clean => Standing::Clean,
    });
    let words: Vec<Option<Standing>> = options
        .named
        .iter()
        .map(|name| Standing::ALL.into_iter().find(|standing| standing.word() == name))
        .collect();
    let known = |name: &str| rolled.fleet.hosts.iter().any(|view| view.host.name.eq_ignore_ascii_case(name));
    let unknown = options.named.iter().zip(&words).find(|(name, word)| word.is_none() && !known(name));
    if let Some((name, _)) = unknown {
        return Err(Error::Usage(format!("there is no host `{name}`; `debar fleet hosts` lists them")));
    }
    let wanted = |view: &fleet::HostView| {
        let is_named = options.named.is_empty()
            || options.named.iter().zip(&words).any(|(name, word)| match word {
                Some(standing) => view.standing == *standing,
                None => view.host.name.eq_ignore_ascii_case(name),
            });
        is_named && standing.is_none_or(|standing| view.standing == standing)
    };
    if options.why {
        let table = fleet::why(&rolled.fleet, wanted, !options.named.is_empty());
        let brief = |table: &Table| table.only(&["host", "why", "cure", "command"]).without_repeats(1);
        write_table_with(&options.picture, global, &table, brief)?;
    } else {
        let columns =
            ["host", "standing", "state", "products", "last_report", "owner", "site", "gaps", "notes"];
        write_table_with(&options.picture, global, &fleet::hosts(&rolled.fleet, wanted), |table| {
            table.only(&columns)
        })?;
    }
    Ok(exit::OK)
}

fn findings(options: &Findings, global: &Global) -> Result<u8, Error> {
    let picture = &options.picture;
    let rolled = rolled(&picture.picture, &[], To::Outputs(&picture.output))?;
    write_table(&options.picture, global, &fleet::findings(&rolled.fleet, options.gone))?;
    Ok(exit::OK)
}

fn trend(options: &Trend, global: &Global) -> Result<u8, Error> {
    let path = &options.picture.picture.store.store;
    let store = opened(&options.picture.picture, &[], To::Outputs(&options.picture.output))?;
    let assets = options.picture.picture.assets.as_deref().map(assets).transpose()?;
    let how = how(&options.picture.picture)?;
    let days = fleet::trend(&store, assets.as_ref(), options.days, how).map_err(unusable(path))?;
    write_table(&options.picture, global, &fleet::days(&days))?;
    Ok(exit::OK)
}

fn worklist(options: &Worklist, global: &Global) -> Result<u8, Error> {
    let path = &options.picture.picture.store.store;
    // What a list holds that is replaced now is the newest that people wrote.
    let replaced = options.picture.output.iter().filter(|output| output.format == "csv");
    let replaced = replaced.filter_map(|output| output.file.as_deref()).filter(|file| file.exists());
    let lists: Vec<&Path> = options.earlier.iter().map(PathBuf::as_path).chain(replaced).collect();
    let rolled = rolled(&options.picture.picture, &lists, To::Outputs(&options.picture.output))?;
    let mut written = BTreeMap::new();
    for list in lists {
        let file = File::open(list).map_err(|source| Error::Read { path: list.to_path_buf(), source })?;
        let wrong = |why: String| {
            Error::Usage(format!(
                "{} cannot be read as a work list: {why}. Write to another file",
                list.display()
            ))
        };
        written.extend(fleet::notes_of(file).map_err(wrong)?);
    }
    rolled.store.keep_notes(&written).map_err(unusable(path))?;
    let notes = rolled.store.notes().map_err(unusable(path))?;
    let table = fleet::worklist(&rolled.fleet, &notes, rolled.how);
    let columns = ["host", "task", "product", "state", "days", "due", "command", "owner", "note"];
    write_table_with(&options.picture, global, &table, |table| table.only(&columns).without_repeats(1))?;
    Ok(exit::OK)
}

fn export(options: &Export, global: &Global) -> Result<u8, Error> {
    let rolled = rolled(&options.picture, &[], To::Folder(&options.folder))?;
    let (hosts, findings) = (fleet::hosts(&rolled.fleet, |_| true), fleet::findings(&rolled.fleet, true));
    let tables = [("hosts", &hosts, "last_report"), ("findings", &findings, "last_seen")];
    let rows = fleet::export(&options.folder, &tables, format_of(options))
        .map_err(|source| Error::Output { path: options.folder.clone(), source })?;
    if !global.quiet {
        let mut out = io::stdout().lock();
        writeln!(out, "{} written to {}", counted(rows as u64, "row"), options.folder.display())
            .map_err(Error::Stdout)?;
    }
    Ok(exit::OK)
}

fn format_of(options: &Export) -> ExportFormat {
    #[cfg(feature = "parquet")]
    if options.parquet {
        return ExportFormat::Parquet;
    }
    if options.csv { ExportFormat::Csv } else { ExportFormat::Ndjson }
}

fn attest(options: &Attest, global: &Global) -> Result<u8, Error> {
    let key = crate::command::attest::signing_key(options.key.as_deref(), &options.output, "markdown")?;
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    if let Some(day) = options.picture.as_of.filter(|day| *day > today) {
        let what =
            format!("--as-of {day} has not come yet; a statement is about a day up to today ({today})");
        return Err(Error::Usage(what));
    }
    let rolled = rolled(&options.picture, &[], To::Outputs(&options.output))?;
    let statement = fleet::state(&rolled.fleet, rolled.how);
    let write = |format: &str, out: &mut dyn Write| match format {
        "json" => crate::write::json(&statement, true, out),
        _ => statement.markdown(out),
    };
    crate::command::attest::write_signed(&options.output, key.as_ref(), global, "markdown", write)?;
    Ok(exit::OK)
}

fn html(options: &Html, global: &Global) -> Result<u8, Error> {
    let path = &options.picture.store.store;
    let file = Some(&options.file).filter(|file| file.as_os_str() != "-");
    let output = Output::to("html", file.cloned());
    let rolled = rolled(&options.picture, &[], To::Outputs(std::slice::from_ref(&output)))?;
    let days = fleet::trend(&rolled.store, rolled.assets.as_ref(), options.days, rolled.how)
        .map_err(unusable(path))?;
    let set = crate::signature::load(&[])?;
    let titles = set.rules.iter().map(|(id, rule)| (id.clone(), rule.title.clone())).collect();
    write_outputs(&[output], global, "html", |_, _, out| {
        fleet::dashboard(&rolled.fleet, &days, &titles, rolled.how, out)
    })?;
    Ok(exit::OK)
}
