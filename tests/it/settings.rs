//! Every setting of a scan, in its three spellings: option, variable of the environment, key of the config file. All
//! three must do the same, and something else than the scan without them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::process::Command;

use crate::support::{Root, debar, run};
use clap::CommandFactory;

/// A setting: its long name, a value (none for a switch), options it needs beside it, and where it shows.
struct Setting {
    name: &'static str,
    value: Option<&'static str>,
    with: &'static [&'static str],
    shows: Shows,
}

/// What the setting changes against the scan without it.
enum Shows {
    /// The exit code is this one.
    Code(i32),
    /// Standard output contains this now.
    Output(&'static str),
    /// Standard output does not contain this any more.
    NoOutput(&'static str),
    /// It ends with exit code 2 and a message that contains this.
    Refused(&'static str),
    /// Nothing on this target: as an option it is refused with this message, and what is set for all scans is ignored.
    Useless(&'static str),
    /// Nothing on this target: it is about mounts, speed, archives or a terminal.
    Nothing,
}
use Shows::{Code, NoOutput, Nothing, Output, Refused, Useless};

const fn row(name: &'static str, value: &'static str, shows: Shows) -> Setting {
    Setting { name, value: Some(value), with: &[], shows }
}

const fn switch(name: &'static str, shows: Shows) -> Setting {
    Setting { name, value: None, with: &[], shows }
}

/// `{root}` stands for the folder of [`scene`].
const SETTINGS: &[Setting] = &[
    switch("quiet", NoOutput("klnagent64")),
    switch("verbose", Output("because name equals")),
    row("color", "always", Output("\u{1b}[")),
    row("signatures", "{root}/srv/house.json", Output("house 2026.1")),
    row("trusted-key", "{root}/srv/key.pub", Refused("key.pub")),
    Setting {
        name: "require-signed",
        value: None,
        with: &["--signatures", "{root}/srv/house.json"],
        shows: Refused("house.json"),
    },
    row("fail-on", "never", Code(0)),
    Setting { name: "allow-gaps", value: None, with: &["--fail-on", "never", "{root}/gap"], shows: Code(0) },
    switch("fail-on-limited", Nothing),
    row("vendor", "acronis", Output("narrowed by --vendor acronis")),
    row("other-vendors", "false", Output("narrowed by --other-vendors=false")),
    Setting {
        name: "as-of",
        value: Some("2024-07-01"),
        with: &["-v"],
        shows: Output("rules as of 2024-07-01"),
    },
    row("as", "pc-7", Useless("is for images")),
    Setting {
        name: "signature-age",
        value: Some("0"),
        with: &["--as-of", "2099-01-01"],
        shows: NoOutput("days old"),
    },
    row("rules", "us-ndaa-2018-1634", NoOutput("ICTS-2021-002")),
    row("audience", "country:AU", NoOutput("ICTS-2021-002")),
    row("exceptions", "{root}/srv/exceptions.toml", Output("kept until the renewal")),
    row("exclude", "/var/lib/dpkg", NoOutput("klnagent64")),
    switch("one-file-system", Nothing),
    switch("nested", Output("found on second-host")),
    Setting {
        name: "deep",
        value: None,
        with: &["--signatures", "{root}/srv/house.json"],
        shows: Output("/data/odd-tool"),
    },
    switch("no-deep", Useless("is for images")),
    row("platform", "linux/arm64", Useless("is for images")),
    switch("verify-layers", Useless("is for images")),
    switch("insecure", Useless("is for registry: targets")),
    row("source-timeout", "soon", Refused("30s")),
    row("max-memory", "much", Refused("max-memory")),
    row("nice", "20", Refused("0..=19")),
    Setting {
        name: "no-confinement",
        value: None,
        with: &["-v"],
        shows: Output("switched off with --no-confinement"),
    },
    row("keep", "0", Refused("1..")),
    // Windows has one, and writes into it; everybody else gets a hint what to use.
    switch("event-log", if cfg!(windows) { Nothing } else { Refused("-o syslog") }),
    row("cache", "{root}/srv/cache", Useless("is for images")),
    row("timeout", "soon", Refused("30s")),
    row("threads", "0", Refused("1..=1024")),
    switch("no-progress", Nothing),
    row("from-file", "{root}/srv/targets", Output("second-host")),
    row("shard", "9/4", Refused("not a share")),
    row("output", "github", Output("::error")),
    // Nothing is sent without an address.
    row("client-cert", "{root}/srv/cert.pem", Useless("is for reports that are sent")),
    Setting {
        name: "client-key",
        value: Some("{root}/srv/cert.pem"),
        with: &["--client-cert", "x"],
        shows: Nothing,
    },
    row("token-file", "{root}/srv/token", Useless("is for reports that are sent")),
    row("ca", "{root}/srv/ca.pem", Useless("is for reports that are sent")),
    row("spool", "{root}/srv/spool", Useless("is for reports that are sent")),
    row("spool-limit", "much", Refused("spool-limit")),
    row("deliver-timeout", "soon", Refused("30s")),
    row("baseline", "{root}/srv/baseline.json", Code(0)),
];

const HOUSE: &str = r#"{
  "format": 1,
  "vendor": {"id": "house", "name": "House rules"},
  "version": "2026.1",
  "date": "2026-01-02",
  "sources": {"policy": "the tests"},
  "rules": [],
  "products": [{
    "id": "odd-tool", "name": "Odd tool", "status": "banned", "platforms": ["linux"],
    "indicators": [{
      "id": "file", "collectors": ["program_files"], "strength": "conclusive",
      "where": {"path": {"equals": "/data/odd-tool"}}, "source": "policy"
    }]
  }]
}"#;

const EXCEPTIONS: &str = r#"
format = 1
[[exceptions]]
id = "pilot"
product = "kaspersky/*"
owner = "workplace team"
reason = "kept until the renewal"
expires = "2999-01-01"
"#;

/// A root with a banned package, and the files that the settings name.
fn scene() -> Root {
    let root = Root::debian(&[("klnagent64", "15.1")]);
    root.file("srv/house.json", HOUSE);
    root.file("srv/exceptions.toml", EXCEPTIONS);
    root.file("srv/second/etc/os-release", "ID=debian\n").file("srv/second/etc/hostname", "second-host\n");
    root.file("srv/second/var/lib/dpkg/status", crate::support::status(&[("klnagent64", "15.1")]));
    root.file("srv/targets", format!("{}\n", root.at("srv/second").display()));
    root.file("data/odd-tool", "#!/bin/sh\n");
    // A database cut in the middle of a record.
    root.file("gap/etc/os-release", "ID=alpine\n").file("gap/lib/apk/db/installed", "C:Q1\nP:musl\nV:1.2");
    #[cfg(unix)]
    fs::set_permissions(root.at("data/odd-tool"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let baseline = root.at("srv/baseline.json");
    let (code, ..) =
        run(debar().arg("scan").arg(root.path()).arg("-o").arg(format!("json={}", baseline.display())));
    assert_eq!(code, 1);
    root
}

/// Exit code, standard output without what differs from run to run, and errors.
fn outcome(command: &mut Command) -> (i32, String, String) {
    let (code, out, err) = run(command);
    // Without line breaks, which fall elsewhere with the number of digits.
    let mut words: Vec<&str> = out.split_whitespace().collect();
    // Once for each target.
    while let Some(at) = words.windows(2).position(|pair| pair == ["Scanned", "in"]) {
        words.drain(at..at + 4);
    }
    // The short form: `(26 ms as root)`.
    while let Some(at) =
        words.windows(2).position(|pair| pair[0].starts_with('(') && ["ms", "s"].contains(&pair[1]))
    {
        words.drain(at..at + 2);
    }
    (code, words.join(" "), err)
}

#[test]
fn every_setting_has_three_spellings_of_one_meaning() {
    let root = scene();
    let here = |text: &str| text.replace("{root}", root.path().to_str().unwrap());
    for Setting { name, value, with, shows } in SETTINGS {
        let base = || {
            let mut command = debar();
            command.arg("scan").args(with.iter().map(|text| here(text)));
            // Lists of targets come instead of a target.
            if *name != "from-file" && !with.iter().any(|text| text.ends_with("/gap")) {
                command.arg(root.path());
            }
            command
        };
        let value = value.map(here);
        let option = match &value {
            Some(value) => format!("--{name}={value}"),
            None => format!("--{name}"),
        };
        let variable = format!("DEBAR_{}", name.to_uppercase().replace('-', "_"));
        let line = match &value {
            Some(value) => format!("{name} = {value:?}\n"),
            None => format!("{name} = true\n"),
        };
        root.file("srv/config.toml", line);
        let without =
            if *name == "from-file" { (0, String::new(), String::new()) } else { outcome(&mut base()) };
        let by_option = outcome(base().arg(&option));
        let by_variable = outcome(base().env(&variable, value.as_deref().unwrap_or("1")));
        // The helper sets some variables for every test, and the environment goes before the file.
        let by_file = outcome(base().env_remove(&variable).arg("-c").arg(root.at("srv/config.toml")));
        let by_option = match shows {
            Useless(message) => {
                assert!(by_option.0 == 2 && by_option.2.contains(message), "--{name}: {}", by_option.2);
                outcome(&mut base())
            }
            _ => by_option,
        };
        for (spelling, outcome) in [(&variable, &by_variable), (&format!("{name} in the file"), &by_file)] {
            assert!(
                (outcome.0, &outcome.1) == (by_option.0, &by_option.1),
                "{spelling}: {} {}",
                outcome.0,
                outcome.2
            );
        }
        let (code, out, err) = &by_option;
        match shows {
            Code(expected) => {
                assert!(code == expected && without.0 != *expected, "{name}: {code}, was {}", without.0)
            }
            Output(text) => assert!(out.contains(text) && !without.1.contains(text), "{name}: {out}{err}"),
            NoOutput(text) => assert!(!out.contains(text) && without.1.contains(text), "{name}: {out}{err}"),
            Refused(text) => {
                assert!(*code == 2 && err.contains(text) && without.0 != 2, "{name}: {code} {err}")
            }
            Nothing | Useless(_) => assert_eq!((*code, out), (without.0, &without.1), "{name}: {err}"),
        }
    }
}

#[test]
fn no_setting_of_a_scan_is_left_out() {
    let cli = debar::command::cli::Cli::command();
    let scan = cli.find_subcommand("scan").unwrap();
    for argument in cli.get_arguments().chain(scan.get_arguments()) {
        let Some(variable) = argument.get_env() else { continue };
        let name = argument.get_long().unwrap();
        assert_eq!(variable.to_str().unwrap(), format!("DEBAR_{}", name.to_uppercase().replace('-', "_")));
        // The file itself is tested with every one of them.
        assert!(name == "config" || SETTINGS.iter().any(|setting| setting.name == name), "{name} has no row");
    }
}
