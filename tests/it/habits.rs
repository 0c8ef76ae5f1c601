//! What people expect of a command line: help, version, completions, settings, a self-test, words explained.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use crate::support::{Root, debar, findings, run, scan};
use serde_json::Value;

fn json(out: &str) -> Value {
    serde_json::from_str(out).unwrap()
}

#[test]
fn help_has_examples_and_exit_codes() {
    for command in ["scan", "inventory", "plan", "verify", "diff"] {
        let (code, out, _) = run(debar().args(["help", command]));
        assert_eq!(code, 0);
        assert!(out.contains("EXAMPLES") && out.contains("EXIT CODES"), "{command}: {out}");
        let (_, long, _) = run(debar().args([command, "--help"]));
        assert_eq!(out, long, "{command}");
    }
    let (_, out, _) = run(debar().args(["scan", "--help"]));
    for format in debar::report::FORMATS {
        assert!(out.contains(format.name), "{}", format.name);
    }
}

#[test]
fn every_example_of_the_help_is_a_command_line() {
    use clap::CommandFactory;
    let cli = debar::command::cli::Cli::command();
    let mut tried = 0;
    let leaves = cli.get_subcommands().filter(|command| !command.is_hide_set());
    let leaves = leaves.flat_map(|command| std::iter::once(command).chain(command.get_subcommands()));
    for command in leaves.filter(|command| command.get_name() != "help") {
        assert!(command.get_after_long_help().is_some(), "{} has no examples", command.get_name());
        let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let examples = help.lines().filter_map(|line| line.strip_prefix("  debar "));
        for example in examples {
            let line = example.split("   ").next().unwrap();
            let line = std::iter::once("debar").chain(line.split_whitespace());
            let parsed = cli.clone().try_get_matches_from(line.clone());
            assert!(parsed.is_ok(), "{:?}: {}", line.collect::<Vec<_>>(), parsed.unwrap_err());
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn the_version_is_there_for_programs() {
    let (code, out, _) = run(debar().args(["version", "-o", "json"]));
    let about = json(&out);
    assert_eq!((code, about["debar"].as_str()), (0, Some(env!("CARGO_PKG_VERSION"))));
    let vendors = about["signatures"].as_array().unwrap();
    assert!(vendors.iter().any(|vendor| vendor["vendor"] == "kaspersky"));
    let (_, out, _) = run(debar().arg("version"));
    assert!(out.starts_with(concat!("debar ", env!("CARGO_PKG_VERSION"))), "{out}");
}

#[test]
fn completions_come_from_the_program() {
    for (shell, says) in [("bash", "complete"), ("zsh", "#compdef"), ("fish", "complete -c debar")] {
        let (code, out, _) = run(debar().args(["completion", shell]));
        assert!(code == 0 && out.contains(says) && out.contains("selftest"), "{shell}");
    }
}

#[test]
fn settings_are_made_shown_with_their_origin_and_checked() {
    let folder = Root::empty();
    let here = || {
        let mut command = debar();
        command.current_dir(folder.path());
        command
    };
    let (code, _, err) = run(here().args(["config", "init"]));
    assert_eq!(code, 0, "{err}");
    // Each line is one of the file's format once its # is gone.
    let text = fs::read_to_string(folder.at(".debar.toml")).unwrap();
    let set = text.lines().filter_map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")));
    for line in set {
        assert!(line.parse::<toml::Table>().is_ok(), "{line}");
    }
    let (code, out, _) = run(here().args(["config", "check"]));
    assert!(code == 0 && out.contains("no problem"), "{out}");
    let (code, ..) = run(here().args(["config", "init"]));
    assert_eq!(code, 2, "a file is not replaced");

    folder.file(".debar.toml", "[scan]\nfail-on = \"installed\"\n");
    folder.file("own.toml", "allow-gaps = true\ntimeout = \"9m\"\n");
    let mut show = here();
    show.env("DEBAR_THREADS", "2").args(["config", "show", "scan", "-o", "json", "-c", "own.toml"]);
    let (code, out, err) = run(&mut show);
    assert_eq!(code, 0, "{err}");
    let rows = json(&out);
    let origin = |option: &str| {
        let row = rows.as_array().unwrap().iter().find(|row| row["option"] == option).unwrap();
        (row["value"].as_str().unwrap().to_owned(), row["origin"].as_str().unwrap().to_owned())
    };
    assert_eq!(origin("fail-on"), ("installed".to_owned(), ".debar.toml, line 2".to_owned()));
    assert_eq!(origin("allow-gaps"), ("true".to_owned(), "own.toml, line 1".to_owned()));
    assert_eq!(origin("threads"), ("2".to_owned(), "DEBAR_THREADS".to_owned()));

    folder.file("bad.toml", "timeuot = \"5m\"\n[scan]\ntimeout = \"5x\"\n[scna]\nx = 1\n");
    let (code, out, _) = run(here().args(["config", "check", "bad.toml"]));
    assert_eq!(code, 1, "{out}");
    for says in ["did you mean `timeout`", "bad.toml, line 3", "did you mean [scan]"] {
        assert!(out.contains(says), "{says}: {out}");
    }
}

#[test]
fn the_test_product_is_found_end_to_end() {
    let (code, out, err) = run(debar().arg("selftest"));
    assert!(code == 0 && out.contains("The self-test holds"), "{out}{err}");
    let root = Root::debian(&[]);
    let place = root.path().to_str().unwrap();
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, findings(&report)), (0, Vec::new()));
    let (code, out, err) = run(debar().args(["selftest", "--plant", "--root", place]));
    assert_eq!(code, 0, "{out}{err}");
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, findings(&report)), (1, vec!["debar/selftest".to_owned()]));
    let (code, _, err) = run(debar().args(["selftest", "--remove", "--root", place]));
    assert_eq!(code, 0, "{err}");
    assert_eq!(scan(&root, &[]).0, 0);
}

#[test]
fn signatures_are_listed_for_programs() {
    let list = |arguments: &[&str]| run(debar().args(["signatures", "list"]).args(arguments));
    let (code, out, _) = list(&["-o", "json", "--vendor", "kaspersky", "--platform", "linux"]);
    let rows = json(&out);
    let rows = rows.as_array().unwrap();
    assert!(code == 0 && rows.len() > 5);
    assert!(rows.iter().all(|row| row["product"].as_str().unwrap().starts_with("kaspersky/")));
    let (_, out, _) = list(&["--product", "vpn", "-o", "csv"]);
    assert!(out.contains("kaspersky/vpn") && !out.contains("kaspersky/endpoint-security-linux"), "{out}");
    let (code, _, err) = list(&["--vendor", "kasperski"]);
    assert!(code == 2 && err.contains("did you mean `kaspersky`"), "{err}");
}

#[test]
fn every_word_of_a_report_is_explained() {
    let names = [
        "kaspersky",
        "running",
        "remnant",
        "leftover",
        "setup-file",
        "federal-agency",
        "country:AU",
        "0",
        "3",
    ];
    for (name, says) in names.into_iter().zip([
        "Products",
        "a state",
        "a state",
        "a state",
        "a state",
        "an audience",
        "an audience",
        "an exit code",
        "exit code",
    ]) {
        let (code, out, err) = run(debar().args(["explain", name]));
        assert!(code == 0 && out.contains(says), "{name}: {out}{err}");
    }
}

#[test]
fn old_signatures_are_named() {
    let root = Root::debian(&[]);
    let call = |more: &[&str]| run(debar().arg("scan").arg(root.path()).args(more)).1;
    assert!(call(&["--as-of", "2099-01-01"]).contains("days old"));
    assert!(!call(&["--as-of", "2099-01-01", "--signature-age", "0"]).contains("days old"));
    assert!(call(&["--as-of", "2099-01-01", "-o", "html"]).contains("days old"));
}
