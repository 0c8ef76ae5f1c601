//! A window of debar's own: a double click on Windows opens one, and it closes with the program. So
//! this machine is scanned, the whole report is written to a page, and the window waits. Nothing else is started.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::path::Path;

use crate::model::Error;
use crate::process;
use crate::report::exit;

/// Whether the command line is a double click: no arguments, in a window that nobody else uses.
pub(super) fn is_own(arguments: &[OsString]) -> bool {
    arguments.len() <= 1 && process::is_alone_in_console()
}

/// Scans this machine, says where the report is, and waits for a key. `scan` runs a command line.
pub(super) fn run(scan: impl FnOnce(Vec<OsString>) -> Result<u8, Error>) -> u8 {
    let home = ["USERPROFILE", "HOME"].iter().find_map(std::env::var_os).unwrap_or_else(|| ".".into());
    let time = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    let page = Path::new(&home).join(format!("debar-{time}.html"));
    let code = match scan(line(&page)) {
        Ok(code) => code,
        Err(error) => {
            process::say(&format!("error: {error}"));
            exit::FATAL
        }
    };
    let stdin = io::stdin().lock();
    // A user who closes the window ends the program, too.
    end(&page, page.exists(), stdin, io::stdout().lock()).ok();
    code
}

/// The command line of such a scan.
fn line(page: &Path) -> Vec<OsString> {
    let mut html = OsString::from("html=");
    html.push(page);
    ["debar", "scan", "-o", "text", "-o"].into_iter().map(OsString::from).chain([html]).collect()
}

/// Says where the report is and waits.
fn end(page: &Path, is_there: bool, mut input: impl BufRead, mut out: impl Write) -> io::Result<()> {
    if is_there {
        let page = page.display().to_string();
        writeln!(out, "\nThe whole report: {}", crate::text::escape::printable(&page))?;
    }
    writeln!(out, "\nFor more, open a terminal and run: debar --help\nPress Enter to close this window.")?;
    out.flush()?;
    input.read_line(&mut String::new()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_click_scans_and_waits() {
        let page = Path::new("C:/Users/ann/debar-1.html");
        let line = line(page);
        let text: Vec<&str> = line.iter().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(text, ["debar", "scan", "-o", "text", "-o", "html=C:/Users/ann/debar-1.html"]);
        let mut out = Vec::new();
        end(page, true, &b"\n"[..], &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("The whole report: C:/Users/ann/debar-1.html"), "{out}");
        assert!(out.ends_with("Press Enter to close this window.\n"), "{out}");
        assert!(!is_own(&["debar".into(), "scan".into()]));
    }
}
