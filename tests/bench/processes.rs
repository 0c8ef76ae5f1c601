//! What the list of processes costs beside a bare refresh of the library that reads it, in one run, on a machine
//! with many processes. `cargo bench --bench processes [-- COUNT]`; 2,000 sleepers are started by default.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

use debar::collector::{self, Sink};
use debar::host;
use debar::model::TargetKind;
use debar::target::Target;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

const ROUNDS: usize = 15;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(2_000);
    let mut sleepers: Vec<Child> =
        (0..count).map(|_| Command::new("sleep").arg("600").spawn().unwrap()).collect();
    let target = Arc::new(Target::new(TargetKind::Host, "this host", host::host(false).unwrap()));
    // In turns, so that a slow moment of the machine falls on both.
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(timed(refresh));
        ours.push(timed(|| collect(&target)));
    }
    let (bare, ours) = (median(bare), median(ours));
    println!("{count} sleepers, median of {ROUNDS}");
    println!("sysinfo, executable and command line: {bare:?}");
    println!("collector `processes`: {ours:?}, {:.2} times", ours.as_secs_f64() / bare.as_secs_f64());
    for sleeper in &mut sleepers {
        let _ = sleeper.kill();
        let _ = sleeper.wait();
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn refresh() {
    let mut system = System::new().unwrap();
    let wanted = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always).with_cmd(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
    assert!(!system.processes().is_empty());
}

fn collect(target: &Arc<Target>) {
    let collector = collector::named("processes").unwrap();
    let mut artifacts = 0;
    let mut out = |_| artifacts += 1;
    (collector.run)(target, &mut Sink::new(collector.name, &mut out));
    assert!(artifacts > 0);
}
