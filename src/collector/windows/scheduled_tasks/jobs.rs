//! `.job` files: tasks of Windows up to Server 2003, and of `at` and old setups since.

use super::actions::Started;
use crate::collector::Sink;
use crate::format::text::job_file;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// Where they lie.
pub(super) const READS: [&str; 3] = ["Windows/Tasks/*.job", "Windows/Tasks/*.JOB", "WINNT/Tasks/*.job"];
/// Bytes read of one file.
const LIMIT: usize = 1 << 20;

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &READS) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let name = name_of(&found);
        let name = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let read = job_file::read(&bytes);
        sink.damage(&found.path, &read.damage);
        let job = read.value;
        let mut started = Started::default();
        if !job.program.is_empty() {
            started.program(target, &job.program, &job.parameters, &job.folder);
        }
        let state = match (started.is_gone(), job.is_disabled) {
            (true, _) => State::Remnant,
            (false, true) => State::Disabled,
            (false, false) => State::Installed,
        };
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(state)
            .with(Field::Name, format!(r"\{name}"))
            .with_many(Field::Program, started.programs)
            .with_many(Field::Cmdline, started.lines)
            .with(Field::Author, job.author)
            .with(Field::Description, job.comment)
            .with(Field::Enabled, if job.is_disabled { "no" } else { "yes" })
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}
