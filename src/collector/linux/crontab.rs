//! `crontab`: the jobs of cron and anacron, and the scripts that run at fixed intervals.
//!
//! A job's command is a shell line, so its programs are recognised by its words only: the first one, and whatever
//! else looks like an absolute path.

use crate::collector::support::{launched, program};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::crontab::{Job, Table, parse, programs, unended};
use crate::format::text::init_script;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::text_of;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "crontab",
    about: "Jobs of cron and anacron: system tables, users' tables, and interval scripts.",
    applies: Applies::UNIX,
    reads: &[
        "etc/crontab",
        "etc/cron.d/*",
        "etc/anacrontab",
        "var/spool/cron/crontabs/*",
        "var/spool/cron/tabs/*",
        "var/spool/cron/*",
        "var/cron/tabs/*",
        "etc/crontabs/*",
        "etc/cron.hourly/*",
        "etc/cron.daily/*",
        "etc/cron.weekly/*",
        "etc/cron.monthly/*",
        "etc/cron.yearly/*",
        "etc/periodic/*/*",
        "private/etc/crontab",
        "private/var/at/tabs/*",
        "usr/lib/cron/tabs/*",
        "private/etc/periodic/*/*",
    ],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Cmdline, Field::Program, Field::User, Field::Schedule, Field::Path],
    run,
    visit: None,
};

const SYSTEM: &[&str] = &["etc/crontab", "etc/cron.d/*", "private/etc/crontab"];
const ANACRON: &[&str] = &["etc/anacrontab"];
/// Tables named after their users: Debian, SUSE, Red Hat, BusyBox.
const USERS: &[&str] = &[
    "var/spool/cron/crontabs/*",
    "var/spool/cron/tabs/*",
    "var/spool/cron/*",
    "var/cron/tabs/*",
    "etc/crontabs/*",
    "private/var/at/tabs/*",
    "usr/lib/cron/tabs/*",
];
const SCRIPTS: &[(&str, &str)] = &[
    ("etc/cron.hourly/*", "hourly"),
    ("etc/cron.daily/*", "daily"),
    ("etc/cron.weekly/*", "weekly"),
    ("etc/cron.monthly/*", "monthly"),
    ("etc/cron.yearly/*", "yearly"),
    ("etc/periodic/*/*", ""),
    ("private/etc/periodic/*/*", ""),
];
/// Bytes read of one table.
const LIMIT: usize = 1 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for (patterns, table) in [(SYSTEM, Table::System), (ANACRON, Table::Anacron), (USERS, Table::User)] {
        for found in sink.files(&target.root, patterns) {
            let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
            sink.damage(&found.path, unended(&bytes, table).as_slice());
            for job in parse(&bytes, table) {
                let artifact = artifact(target, sink, &found, &job, table);
                sink.artifact(artifact);
            }
        }
    }
    for (pattern, interval) in SCRIPTS {
        for found in sink.files(&target.root, &[pattern]) {
            script(target, sink, &found, interval);
        }
    }
}

fn artifact(target: &Target, sink: &Sink<'_>, found: &Found, job: &Job, table: Table) -> Artifact {
    let mut programs = programs(&job.command);
    // Paths with blanks stand in quotes.
    let words = launched::unix_words(&text_of(&job.command));
    let quoted = words.into_iter().filter(|word| word.starts_with('/') && word.contains(' '));
    programs.extend(quoted.map(String::into_bytes));
    let opened = launched::in_unix_arguments("open", &launched::unix_words(&text_of(&job.command)));
    if programs.first().is_some_and(|program| program.ends_with(b"open")) {
        programs.extend(opened.into_iter().map(String::into_bytes));
    }
    // A program without its folder may be in any folder of its own that `PATH` names.
    if let Some(bare) = programs.first().filter(|program| !program.contains(&b'/')).cloned() {
        let own = job.folders.iter().filter(|folder| init_script::is_own(folder));
        programs.extend(own.map(|folder| [folder, b"/".as_slice(), &bare].concat()));
    }
    let location = Location::record(&found.path, format!("line {}", job.line));
    let state = if program::are_gone(&target.root, programs.first().map(Vec::as_slice)) {
        State::Remnant
    } else {
        State::Installed
    };
    let user = match table {
        Table::User => name_of(found),
        Table::System | Table::Anacron => text_of(&job.user),
    };
    Artifact::new(sink.collector(), location)
        .state(state)
        .with(Field::Name, name_of(found))
        .with(Field::Cmdline, text_of(&job.command))
        .with_many(Field::Program, programs.iter().map(|program| text_of(program)))
        .with(Field::User, user)
        .with(Field::Schedule, text_of(&job.schedule))
        .with(Field::Path, crate::text::shown(&found.path))
}

fn script(target: &Target, sink: &mut Sink<'_>, found: &Found, interval: &str) {
    let name = name_of(found);
    if name.starts_with('.') {
        return;
    }
    let path = crate::text::shown(&found.path);
    // Alpine: etc/periodic/INTERVAL/name.
    let parent = crate::fs::tree::parent(&found.path);
    let interval = match interval {
        "" => text_of(crate::fs::tree::file_name(parent)),
        interval => interval.to_owned(),
    };
    // What the script starts by its whole path.
    let bytes = sink.read(&target.root, found, LIMIT).unwrap_or_default();
    let script = init_script::parse(&bytes);
    let started: Vec<String> =
        script.programs.iter().chain(&script.named).map(|program| text_of(program)).collect();
    let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
        .with(Field::Name, name)
        .with_many(Field::Program, [path.clone()].into_iter().chain(started))
        .with(Field::Schedule, interval)
        .with(Field::Path, path);
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{GapKind, TargetKind};

    fn run_on(tree: Memory) -> (Vec<Artifact>, Vec<crate::model::Gap>) {
        collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
    }

    #[test]
    fn every_kind_of_table_and_the_scripts() {
        let (artifacts, gaps) = run_on(
            Memory::new()
                .file("etc/crontab", b"17 * * * * root cd /\n")
                .file(
                    "etc/cron.d/vendor",
                    b"@reboot root /opt/vendor/gone --x\n1 2 3 4 5 u /opt/vendor/there\n",
                )
                .executable("opt/vendor/there", b"")
                .file("var/spool/cron/crontabs/alice", b"* * * * * backup\n")
                .file("var/spool/cron/bob", b"* * * * * other\n")
                .file("etc/cron.daily/.placeholder", b"")
                .executable("etc/cron.daily/vendor", b"#!/bin/sh\n"),
        );
        assert!(gaps.is_empty(), "{gaps:?}");
        let shown: Vec<_> = artifacts
            .iter()
            .map(|a| {
                let text = |field| a.text(field).unwrap_or("-");
                format!(
                    "{} {} {} {} {}",
                    a.state.word(),
                    text(Field::Name),
                    text(Field::User),
                    text(Field::Schedule),
                    text(Field::Program)
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "installed crontab root 17 * * * * cd",
                "remnant vendor root @reboot /opt/vendor/gone",
                "installed vendor u 1 2 3 4 5 /opt/vendor/there",
                "installed alice alice * * * * * backup",
                "installed bob bob * * * * * other",
                "installed vendor - daily /etc/cron.daily/vendor",
            ]
        );
        assert_eq!(artifacts[1].location.record.as_deref(), Some("line 1"));
    }

    #[test]
    fn a_denied_spool_is_a_gap() {
        let (_, gaps) =
            run_on(Memory::new().failing("var/spool/cron/crontabs", std::io::ErrorKind::PermissionDenied));
        assert_eq!(gaps[0].kind, GapKind::Denied);
    }
}
