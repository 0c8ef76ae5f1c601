//! Build script: packs `signatures/*.json` for the binary. As text they would be a tenth of it; packed they are a
//! fifteenth of that. Writes into the folder of the build: `built_in.gz`, the texts one after the other as gzip, and
//! `built_in.rs`, a table of their names and lengths in bytes, sorted by name.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::{Compression, GzBuilder};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir("signatures")? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    let mut table = String::from("&[\n");
    // Without a time, so that two builds give the same bytes.
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name that is not text")?;
        let text = std::fs::read(path)?;
        writeln!(table, "    ({name:?}, {}),", text.len())?;
        packed.write_all(&text)?;
    }
    table.push_str("]\n");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("built_in.rs"), table)?;
    std::fs::write(out.join("built_in.gz"), packed.finish()?)?;
    // The folder too: a file may come or go.
    writeln!(std::io::stdout(), "cargo:rerun-if-changed=signatures")?;
    Ok(())
}
