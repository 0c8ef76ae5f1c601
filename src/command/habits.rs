//! What users of other tools write, and what debar calls it.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Options of other tools.
const OPTIONS: &[(&[&str], &str)] = &[
    (
        &["--format", "-f", "--output-format", "--fmt"],
        "write the format with -o: -o json prints it, -o report.json writes a file",
    ),
    (&["--json"], "write -o json, or -o report.json for a file"),
    (&["--sarif"], "write -o sarif, or -o report.sarif for a file"),
    (&["--csv"], "write -o csv, or -o report.csv for a file"),
    (&["--html"], "write -o report.html"),
    (&["--file", "--output-file", "--out"], "write -o report.json, or -o FORMAT=FILE"),
    (
        &["--exit-code", "--severity", "--fail-on-severity", "--fail-level"],
        "a finding gives exit code 1 already; --fail-on STATE sets from which state on",
    ),
    (&["--ignorefile", "--ignore", "--allowlist", "--suppress"], "write --exceptions FILE"),
    (&["--skip-dirs", "--skip-files", "--ignore-path", "--exclude-dir"], "write --exclude PATH"),
    (
        &["--input", "--target", "--path", "--dir", "--root"],
        "name the target without an option: debar scan PATH",
    ),
    (&["--image"], "name the image without an option: debar scan image.tar, or debar scan registry:NAME"),
    (&["--host", "--hostname"], "debar scans the machine that it runs on; see `debar fleet` for many"),
    (&["--no-color", "--nocolor", "--no-colour", "--colour"], "write --color never"),
    (&["--silent"], "write --quiet"),
    (&["--debug", "--trace"], "write -v, -vv or -vvv"),
    (&["--db", "--database", "--rulesdir"], "write --signatures PATH"),
    (&["--jobs", "--parallel", "-j"], "write --threads N"),
];

/// Commands of other tools.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["image", "docker", "container"],
        "write debar scan image.tar, debar scan registry:NAME or debar scan docker-store:",
    ),
    (&["fs", "filesystem", "rootfs", "dir", "vm"], "write debar scan PATH"),
    (&["host", "run", "start"], "write debar scan"),
    (&["sbom", "list", "packages", "cataloger"], "write debar inventory, or debar inventory -o cyclonedx"),
    (
        &["remove", "uninstall", "clean", "fix"],
        "write debar plan REPORT: it makes a script, and debar itself removes nothing",
    ),
    (&["compare"], "write debar diff OLD NEW"),
    (
        &["update", "upgrade", "db"],
        "signatures come with debar: install a newer debar, or name newer files with --signatures",
    ),
    (&["rules", "vendors", "products"], "write debar signatures list"),
    (&["sources", "plugins"], "write debar collectors"),
    (&["man", "manual", "docs"], "write debar help COMMAND, or man debar where a package installed it"),
];

/// What a command needs, by the name that its help gives it.
const NEEDS: &[(&str, &str)] = &[
    ("<REPORT>", "a report, as `debar scan -o report.json` writes it"),
    ("<OLD>", "two reports, as `debar scan -o report.json` writes them"),
    ("<NEW>", "a second file, to compare the first one with"),
    ("<PATH>", "a report or a folder of reports, as `debar scan -o reports/%h-%t.json` writes them"),
    ("--into <FOLDER>", "a folder for the plans: --into removal"),
    ("--public-key <FILE>", "the public key that must have signed it: --public-key key.pub"),
    ("--trusted-key <FILE>", "the public key that must have signed it: --trusted-key key.pub"),
    ("--key <FILE>", "a secret key: --key key.sec (`minisign -G` makes one)"),
    ("<SIGNATURES>", "signature files, or folders of them"),
    ("<INVENTORY>", "an inventory, as `debar inventory -o json=inventory.json` writes it"),
];

/// The command of a mistake, as its usage line has it.
fn command(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let words = usage.split_whitespace().skip_while(|word| *word != "debar");
    let words: Vec<&str> = words.take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    if words.is_empty() { "debar".to_owned() } else { words.join(" ") }
}

/// A mistake in plain words, where the parser's are none: what is wrong, and what to do next.
pub(super) fn words(error: &clap::Error) -> Option<String> {
    let (of, next) = (command(error), format!("`{} --help` shows what there is", command(error)));
    let given = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) if kind == ContextKind::InvalidArg => Some(texts.join(" and ")),
        Some(ContextValue::Strings(texts)) => Some(texts.join("` or `")),
        _ => None,
    };
    let meant = |kind: ContextKind| super::meant::end(given(kind).as_deref());
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let what = given(ContextKind::InvalidArg)?;
            if !what.starts_with('-') {
                return Some(format!("error: `{what}` is one argument too many for `{of}`. {next}\n"));
            }
            let number = what.trim_start_matches('-').starts_with(|char: char| char.is_ascii_digit());
            let hint = if number { " (a value that begins with `-` follows a `=`)" } else { "" };
            let meant = meant(ContextKind::SuggestedArg);
            Some(format!("error: `{of}` has no option `{what}`{hint}{meant} {next}\n"))
        }
        ErrorKind::InvalidSubcommand => {
            let what = given(ContextKind::InvalidSubcommand)?;
            let meant = meant(ContextKind::SuggestedSubcommand);
            Some(format!("error: `{of}` has no command `{what}`{meant} {next}\n"))
        }
        ErrorKind::MissingRequiredArgument => {
            let what = given(ContextKind::InvalidArg)?;
            let needs = NEEDS
                .iter()
                .find(|(name, _)| what.split(" and ").any(|one| one.trim_end_matches("...") == *name));
            let needs = needs.map_or_else(|| what.clone(), |(_, needs)| (*needs).to_owned());
            Some(format!("error: `{of}` needs {needs}. `{of} --help` has examples\n"))
        }
        _ => None,
    }
}

/// A message with a hint for what another tool calls so.
pub(super) fn hint(error: &clap::Error) -> Option<String> {
    let (context, table) = match error.kind() {
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, OPTIONS),
        ErrorKind::InvalidSubcommand => (ContextKind::InvalidSubcommand, COMMANDS),
        _ => return None,
    };
    let Some(ContextValue::String(given)) = error.get(context) else { return None };
    let given = given.split(['=', ' ']).next().unwrap_or(given);
    let hint = table.iter().find(|(names, _)| names.contains(&given)).map(|(_, hint)| *hint);
    if let Some(hint) = hint {
        let kind = if context == ContextKind::InvalidArg { "option" } else { "command" };
        return Some(format!(
            "error: there is no {kind} `{given}`; {hint}. `debar --help` shows what there is\n"
        ));
    }
    let is_target = context == ContextKind::InvalidSubcommand
        && (given.contains(['/', '\\', ':']) || std::path::Path::new(given).exists());
    is_target.then(|| format!("error: `{given}` is no command; to scan it write debar scan {given}\n"))
}
