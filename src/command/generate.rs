//! `debar generate`: writes what packages ship.

use crate::command::generated;
use crate::model::Error;
use crate::report::exit;
use clap::Args;
use std::path::PathBuf;

/// Write what packages ship.
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// Folder to write to: man/, completions/ and schema/ are made in it.
    pub directory: PathBuf,
}

pub(super) fn run(options: &Generate, command: clap::Command) -> Result<u8, Error> {
    for (path, content) in generated::files(command) {
        let path = options.directory.join(path);
        // A file that is newer only makes others build again what they have.
        if std::fs::read(&path).is_ok_and(|known| known == content.as_bytes()) {
            continue;
        }
        let failed = |source| Error::Output { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        crate::process::output::write_whole(&path, |out| out.write_all(content.as_bytes()))
            .map_err(failed)?;
    }
    Ok(exit::OK)
}
