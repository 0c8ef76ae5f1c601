//! What people and programs see, word for word: one made-up world, every format, every command that explains.
//! A change of output is a change of these files, seen in review (`cargo insta review`, or INSTA_UPDATE=always).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![cfg(unix)]

use crate::support::world;

use std::path::Path;
use std::process::Command;

/// Standard output of a command, with what changes from run to run named.
fn output(arguments: &[&str], root: Option<&Path>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_debar"));
    command
        .args(arguments)
        .env_clear()
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .env("DEBAR_CONFIG", "/dev/null")
        // Depends on the kernel.
        .env("DEBAR_NO_CONFINEMENT", "true");
    if let Some(root) = root {
        // Tests have limits of time; help shows the variable.
        command.arg(root).env("DEBAR_NICE", "0");
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, "", "{arguments:?}");
    let mut text = String::from_utf8(output.stdout).unwrap();
    if let Some(root) = root {
        text = text.replace(root.to_str().unwrap(), "ROOT");
    }
    let version = env!("CARGO_PKG_VERSION");
    for (pattern, name) in [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]"),
        (r#""duration_ms": \d+"#, r#""duration_ms": [number]"#),
        (r#""duration_ms":\d+"#, r#""duration_ms":[number]"#),
        // Where the line wraps depends on how long it took.
        (
            r"(?s)Scanned in \d.*?; debar [^,]*,\s+signatures:\s+(\S+)\s+(\S+);\s+rules\s+as\s+of\s+",
            "Scanned in [duration] as [account]; debar [version], signatures: $1 $2; rules as of ",
        ),
        (r"(?s)Scanned in \d.*?; debar [^,]*,", "Scanned in [duration] as [account]; debar [version],"),
        (r#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d""#, "[time]\""),
        (r#"((?:created|start|end)_time|"time)":\d+"#, r#"$1":[time]"#),
        (r"urn:uuid:[0-9a-f-]+", "urn:uuid:[uuid]"),
        (r"(?s)<style>.*?</style>", "<style>[style]</style>"),
        (r"(?s)<script>.*?</script>", "<script>[script]</script>"),
        (r"sha256-[A-Za-z0-9+/=]+", "sha256-[hash]"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC in [^<]*", "[time]"),
        (r"(<dt>As</dt><dd>)[^<]*", "$1[account]"),
        (r#"skipped="(\d+)" time="[^"]*""#, r#"skipped="$1" time="[number]""#),
        (r#""account": ?"[^"]*""#, r#""account":"[account]""#),
        (r#""elevated": ?(true|false)"#, r#""elevated":[flag]"#),
        (r#""host": ?"[^"]*""#, r#""host":"[host]""#),
    ] {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    // How long a scan took decides where this paragraph breaks.
    // The short form: how long it took decides where its line breaks.
    let checked =
        regex::Regex::new(r"(?s)(Checked for [^()]*)\([\d.]+\s+m?s\s+as\s+\S+?(?:,\s+not\s+elevated)?\)\.")
            .unwrap();
    text = checked
        .replace_all(&text, |found: &regex::Captures<'_>| {
            let words: Vec<&str> = found[1].split_whitespace().collect();
            format!("{} ([duration] as [account]).", words.join(" "))
        })
        .into_owned();
    if let Some((before, after)) = text.split_once("Scanned in") {
        let (paragraph, rest) = after.split_once("\n\n").unwrap_or((after.trim_end(), ""));
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let rest = if rest.is_empty() { "\n".to_owned() } else { format!("\n\n{rest}") };
        text = format!("{before}Scanned in {paragraph}{rest}");
    }
    text.replace(version, "[version]")
}

fn on_world(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    world::on_disk(&world::names(), folder.path());
    output(arguments, Some(folder.path()))
}

const DAY: &str = "2026-11-24";

#[test]
fn scan_text() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "text"]));
}

#[test]
fn scan_text_verbose() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-v", "-o", "text"]));
}

#[test]
fn scan_json() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "json"]));
}

#[test]
fn scan_ndjson() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "ndjson"]));
}

#[test]
fn scan_csv() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "csv"]));
}

#[test]
fn scan_markdown() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "markdown"]));
}

#[test]
fn scan_sarif() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "sarif"]));
}

#[test]
fn scan_junit() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "junit"]));
}

#[test]
fn scan_github() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "github"]));
}

#[test]
fn scan_cyclonedx() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "cyclonedx"]));
}

#[test]
fn scan_ocsf() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "ocsf"]));
}

#[test]
fn scan_html() {
    insta::assert_snapshot!(on_world(&["scan", "--as-of", DAY, "-o", "html"]));
}

#[test]
fn inventory_cyclonedx() {
    insta::assert_snapshot!(on_world(&[
        "inventory",
        "--collector",
        "deb_packages,npm_packages,program_files",
        "-o",
        "cyclonedx"
    ]));
}

#[test]
fn inventory_ocsf() {
    insta::assert_snapshot!(on_world(&[
        "inventory",
        "--collector",
        "deb_packages,npm_packages",
        "-o",
        "ocsf"
    ]));
}

#[test]
fn inventory_markdown() {
    insta::assert_snapshot!(on_world(&["inventory", "-o", "markdown"]));
}

#[test]
fn inventory_text() {
    insta::assert_snapshot!(on_world(&["inventory", "-o", "text"]));
}

#[test]
fn inventory_csv() {
    insta::assert_snapshot!(on_world(&["inventory", "-o", "csv"]));
}

#[test]
fn collectors() {
    insta::assert_snapshot!(output(&["collectors"], None));
}

#[test]
fn explanations() {
    for name in ["kaspersky/endpoint-security-linux", "us-doc-icts-kaspersky-2024", "deb_packages", "denied"]
    {
        insta::assert_snapshot!(name.replace('/', "-"), output(&["explain", name], None));
    }
}

#[test]
fn help() {
    for command in
        ["scan", "inventory", "plan", "verify", "diff", "attest", "collectors", "explain", "signatures"]
    {
        insta::assert_snapshot!(format!("help-{command}"), output(&[command, "--help"], None));
    }
}
