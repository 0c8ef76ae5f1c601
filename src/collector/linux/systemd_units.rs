//! `systemd_units`: services, timers, sockets, paths and mounts in every unit folder, whether or not they are enabled.
//!
//! What `systemctl list-unit-files` says is worked out from the files alone, so that it holds for a mounted
//! disk too: links in `*.wants` and `*.requires` and under other names enable, a link to `/dev/null` or an
//! empty file masks. Each unit file is an artifact, also one that another folder's file of that name hides.
//! Links and drop-ins whose unit is gone are remnants.
//!
//! Source: systemd.unit(5), "UNIT FILE LOAD PATH".

mod folders;

use std::collections::{BTreeMap, BTreeSet};

use self::folders::{DropIn, Kind, LinkKind, Scan, UnitFile};
use crate::collector::support::{launched, program};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::systemd_unit::{Command, Unit};
use crate::fs::tree::file_name;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "systemd_units",
    about: "Services, timers, sockets, paths and mounts of systemd, enabled or not, and links to units that are gone.",
    applies: Applies::LINUX,
    reads: folders::READS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Description,
        Field::Homepage,
        Field::Program,
        Field::Cmdline,
        Field::User,
        Field::StartType,
        Field::Schedule,
        Field::Service,
        Field::Type,
        Field::Scope,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for user in [false, true] {
        let scan = Scan::of(target, sink, user);
        let manager = Manager::new(target, sink, scan, user);
        manager.yield_units(sink);
        manager.yield_shared(sink);
        manager.yield_leftovers(sink);
    }
}

/// The units of the system's manager, or of the users' managers, and what the links among them say.
struct Manager<'a> {
    target: &'a Target,
    user: bool,
    scan: Scan,
    /// Each unit file with its drop-ins applied, in the order of the files.
    units: Vec<Unit>,
    /// Names that links made on this machine enable.
    enabled: BTreeSet<Vec<u8>>,
    /// Names that links of packages want; systemd counts it as enabled only for units that could be disabled.
    wanted: BTreeSet<Vec<u8>>,
    /// Names that are masked for everybody.
    masked: BTreeSet<Vec<u8>>,
    /// Other names of units.
    aliases: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Services that an active timer, socket or path starts.
    triggered: BTreeSet<Vec<u8>>,
}

impl<'a> Manager<'a> {
    fn new(target: &'a Target, sink: &mut Sink<'_>, scan: Scan, user: bool) -> Self {
        let mut units: Vec<Unit> =
            scan.files.iter().map(|file| with_drop_ins(file, &scan.drop_ins)).collect();
        let mut environment = folders::Environment::default();
        for unit in &mut units {
            let files = environment.of(target, sink, unit);
            unit.expand(&files);
        }
        let mut manager = Manager {
            target,
            user,
            units,
            scan,
            enabled: BTreeSet::new(),
            wanted: BTreeSet::new(),
            masked: BTreeSet::new(),
            aliases: BTreeMap::new(),
            triggered: BTreeSet::new(),
        };
        manager.follow_links();
        let triggers = manager.scan.files.iter().zip(&manager.units);
        let triggered = triggers
            .filter(|(file, _)| file.kind.starts())
            .filter(|(file, unit)| matches!(manager.start_type(file, unit), "enabled" | "static"))
            .map(|(file, unit)| started_by(file, unit));
        manager.triggered = triggered.collect();
        manager
    }

    fn follow_links(&mut self) {
        for link in &self.scan.links {
            let started = match &link.kind {
                LinkKind::Wanted => &link.name,
                LinkKind::Alias(of) => {
                    self.aliases.entry(of.clone()).or_default().push(link.name.clone());
                    of
                }
                LinkKind::Mask if link.is_for_all() => {
                    self.masked.insert(link.name.clone());
                    continue;
                }
                LinkKind::Mask => continue,
            };
            let names = if link.is_configured { &mut self.enabled } else { &mut self.wanted };
            names.insert(started.clone());
            names.extend(template_of(started));
        }
    }

    /// `enabled`, `disabled`, `static` or `masked`.
    fn start_type(&self, file: &UnitFile, unit: &Unit) -> &'static str {
        let has = |names: &BTreeSet<Vec<u8>>| names.contains(&file.name);
        if has(&self.masked) || file.is_empty {
            "masked"
        } else if has(&self.enabled) || unit.installable && has(&self.wanted) {
            "enabled"
        } else if unit.installable {
            "disabled"
        } else {
            "static"
        }
    }

    fn yield_units(&self, sink: &mut Sink<'_>) {
        for (file, unit) in self.scan.files.iter().zip(&self.units) {
            let is_gone =
                unit.exec_start.iter().map(|command| is_gone(self.target, command)).reduce(|a, b| a && b);
            let start_type = self.start_type(file, unit);
            let state = match start_type {
                _ if is_gone == Some(true) => State::Remnant,
                "masked" => State::Disabled,
                "disabled" if !self.triggered.contains(&file.name) => State::Disabled,
                _ => State::Installed,
            };
            let aliases = self.aliases.get(&file.name).into_iter().flatten();
            let names = [&file.name].into_iter().chain(aliases);
            let service = file.kind.starts().then(|| text_of(&started_by(file, unit)));
            let artifact = self
                .artifact(sink, &file.path, file.kind, unit)
                .state(state)
                .with_many(Field::Name, names.map(|name| text_of(name)))
                .with(Field::StartType, start_type)
                .with_some(Field::Service, service);
            sink.artifact(artifact);
        }
    }

    fn artifact(&self, sink: &Sink<'_>, path: &[u8], kind: Kind, unit: &Unit) -> Artifact {
        let commands: Vec<&Command> = unit.exec_start.iter().chain(&unit.beside).collect();
        let programs = commands.iter().flat_map(|command| programs(command));
        let programs = programs.flat_map(|program| placed(unit, program));
        let programs: Vec<String> = programs.chain(unit.watched.iter().map(|path| text_of(path))).collect();
        let owner = super::home_owner(path).into_iter();
        Artifact::new(sink.collector(), Location::path(path))
            .with(Field::Description, text_of(&unit.description))
            .with_many(Field::Homepage, unit.documentation.iter().map(|text| text_of(text)))
            .with_many(Field::Program, programs)
            .with_many(Field::Cmdline, commands.iter().map(|command| text_of(&command.line)))
            .with_many(Field::User, owner.chain([text_of(&unit.user)]))
            .with_many(Field::Schedule, unit.schedule.iter().map(|text| text_of(text)))
            .with(Field::Type, kind.word())
            .with(Field::Scope, if self.user { "user" } else { "machine" })
            .with(Field::Path, shown(path))
    }

    /// Drop-ins for all units of a kind, or for all whose name starts so, that start programs.
    fn yield_shared(&self, sink: &mut Sink<'_>) {
        for (name, drop_in) in &self.scan.shared {
            let mut unit = Unit::default();
            drop(unit.read(&drop_in.bytes));
            unit.expand(&[]);
            let mut commands = unit.exec_start.iter().chain(&unit.beside).peekable();
            if commands.peek().is_none() {
                continue;
            }
            let is_gone = commands.all(|command| is_gone(self.target, command));
            let artifact = self
                .artifact(sink, &drop_in.path, Kind::Service, &unit)
                .state(if is_gone { State::Remnant } else { State::Installed })
                .with(Field::Name, text_of(name));
            sink.artifact(artifact);
        }
    }

    /// Links, masks and drop-ins of units that have no file.
    fn yield_leftovers(&self, sink: &mut Sink<'_>) {
        let files: BTreeSet<&[u8]> = self.scan.files.iter().map(|file| file.name.as_slice()).collect();
        let is_unit = |name: &[u8]| {
            files.contains(name) || template_of(name).is_some_and(|name| files.contains(name.as_slice()))
        };
        let other_names = self.aliases.iter().filter(|(of, _)| is_unit(of)).flat_map(|(_, names)| names);
        let other_names: BTreeSet<&[u8]> = other_names.map(Vec::as_slice).collect();
        let is_known = |name: &[u8]| {
            let template = template_of(name);
            is_unit(name)
                || other_names.contains(name)
                || template.is_some_and(|name| other_names.contains(name.as_slice()))
        };
        for link in self.scan.links.iter().filter(|link| !is_known(&link.name)) {
            let Some(kind) = Kind::of(&link.name) else { continue };
            let (of, start_type) = match &link.kind {
                LinkKind::Wanted => (None, "enabled"),
                LinkKind::Alias(of) => (Some(of), "enabled"),
                LinkKind::Mask => (None, "masked"),
            };
            let artifact = self
                .artifact(sink, &link.path, kind, &Unit::default())
                .state(State::Remnant)
                .with_many(Field::Name, [&link.name].into_iter().chain(of).map(|name| text_of(name)))
                .with(Field::StartType, start_type);
            sink.artifact(artifact);
        }
        for (name, drop_ins) in self.scan.drop_ins.iter().filter(|(name, _)| !is_known(name)) {
            for drop_in in drop_ins {
                let Some(kind) = Kind::of(name) else { continue };
                let mut unit = Unit::default();
                drop(unit.read(&drop_in.bytes));
                let artifact = self
                    .artifact(sink, &drop_in.path, kind, &unit)
                    .state(State::Remnant)
                    .with(Field::Name, text_of(name));
                sink.artifact(artifact);
            }
        }
    }
}

/// Whether what a command line starts is gone: the program, or all that a launcher is to run.
fn is_gone(target: &Target, command: &Command) -> bool {
    let programs = programs(command);
    let (own, named) = programs.split_at(1.min(programs.len()));
    let gone =
        |programs: &[String]| program::are_gone(&target.root, programs.iter().map(|one| one.as_bytes()));
    gone(own) || !named.is_empty() && gone(named)
}

/// A program as a unit means it: below the root folder of the service, and scripts of a launcher from its own folder.
fn placed(unit: &Unit, program: String) -> Vec<String> {
    let root = text_of(&unit.root);
    if root.len() > 1 && program.starts_with('/') {
        return vec![format!("{}{program}", root.trim_end_matches('/')), program];
    }
    let folder = text_of(&unit.folder);
    let folder = folder.trim_start_matches('-').trim_end_matches('/');
    // What a launcher is to run may be named without its folder, so the folder counts as well.
    let is_launcher = launched::is_unix_launcher(&program) && folder.len() > 1;
    let own = is_launcher.then(|| format!("{folder}/"));
    [program].into_iter().chain(own).collect()
}

/// The program of a command line, and what a launcher such as a shell is to run.
fn programs(command: &Command) -> Vec<String> {
    let program = text_of(&command.program);
    let words = launched::unix_words(&text_of(&command.line));
    let named = launched::in_unix_arguments(&program, words.get(1..).unwrap_or_default());
    [program].into_iter().chain(named).collect()
}

/// A unit as systemd reads it: its file, then the drop-ins for its template and its name, by their file names.
fn with_drop_ins(file: &UnitFile, drop_ins: &BTreeMap<Vec<u8>, Vec<DropIn>>) -> Unit {
    let mut unit = file.unit.clone();
    let template = template_of(&file.name);
    let names = template.iter().chain([&file.name]);
    let mut own: Vec<&DropIn> = names.filter_map(|name| drop_ins.get(name)).flatten().collect();
    own.sort_by_key(|drop_in| file_name(&drop_in.path));
    for drop_in in own {
        drop(unit.read(&drop_in.bytes));
    }
    unit
}

/// `name@.service` of `name@instance.service`.
fn template_of(name: &[u8]) -> Option<Vec<u8>> {
    let at = name.iter().position(|&byte| byte == b'@')?;
    let dot = name.iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > at + 1)?;
    Some([name.get(..=at)?, name.get(dot..)?].concat())
}

/// The unit that a timer, socket or path starts: the one it names, or the service of its own name.
fn started_by(file: &UnitFile, unit: &Unit) -> Vec<u8> {
    if !unit.starts.is_empty() {
        return unit.starts.clone();
    }
    let stem = file.name.iter().rposition(|&byte| byte == b'.').and_then(|dot| file.name.get(..dot));
    [stem.unwrap_or(&file.name), b".service"].concat()
}

#[cfg(test)]
mod tests;
