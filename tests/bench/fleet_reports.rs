//! Makes reports of a fleet for measuring: `cargo bench --bench fleet_reports -- FOLDER HOSTS [DAYS] [SEED] [AGO]`,
//! the last day so many days ago.
//!
//! Each is a real report, made by the built binary of a planted Debian, with another host, time, state and gaps. One
//! in a hundred is damaged: cut, changed in the middle, empty, of another version, or cleaner than its content. The
//! names of those begin with `bad-`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a tool of the tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use serde_json::{Value, json};

/// A small generator: the same seed makes the same fleet.
fn mixed(seed: u64) -> u64 {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

fn scanned(packages: &[&str]) -> Value {
    let stanza = |name: &&str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nMaintainer: Somebody <a@example.org>\nArchitecture: amd64\nVersion: 12.1.0\n\n"
        )
    };
    let status: String = packages.iter().map(stanza).collect();
    let root = tempfile::tempdir().unwrap();
    for (path, content) in [
        ("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
        ("etc/hostname", "HOST\n"),
        ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
        ("var/lib/dpkg/status", status.as_str()),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    fs::create_dir_all(root.path().join("var/lib/dpkg/info")).unwrap();
    for name in packages {
        fs::write(root.path().join(format!("var/lib/dpkg/info/{name}.list")), "/.\n").unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_debar"));
    let out = command.arg("scan").arg(root.path()).args(["--no-progress", "-o", "json"]).output().unwrap();
    serde_json::from_slice(&out.stdout).unwrap()
}

/// A report as a bad disk, another debar or a person might leave it.
fn damage(mut bytes: Vec<u8>, mut report: Value, dice: u64) -> Vec<u8> {
    match dice % 5 {
        0 => bytes.truncate(bytes.len() / 2),
        1 => bytes.clear(),
        2 => bytes.iter_mut().filter(|byte| **byte == b':').for_each(|byte| *byte = b';'),
        3 => {
            report["schema_version"] = json!("9.0");
            bytes = serde_json::to_vec(&report).unwrap();
        }
        _ => {
            report["verdict"] = json!("not_found");
            report["gaps"] = json!([gap()]);
            bytes = serde_json::to_vec(&report).unwrap();
        }
    }
    bytes
}

/// A place that could not be read.
fn gap() -> Value {
    json!({"kind": "denied", "collector": "processes", "place": "/proc", "detail": "permission denied"})
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(folder) = arguments.first() else { return };
    let number = |at: usize, default: u64| arguments.get(at).map_or(default, |text| text.parse().unwrap());
    let (hosts, days, seed, ago) = (number(1, 1_000), number(2, 1), number(3, 1), number(4, 0));
    let clean = scanned(&["base-files"]);
    let found = scanned(&["base-files", "kesl"]);
    assert!(
        clean["findings"].as_array().unwrap().is_empty() && found["findings"].as_array().unwrap().len() == 1
    );
    let now = jiff::Timestamp::now().as_second() - 600;
    let damaged: u64 = (0..hosts)
        .into_par_iter()
        .map(|host| {
            let place = Path::new(folder).join(format!("{:03}", host / 1_000));
            fs::create_dir_all(&place).unwrap();
            let mut damaged = 0;
            for day in 0..days {
                let dice = mixed(seed ^ (host << 16) ^ day);
                // One host in ten had the product; some lose it along the way.
                let has = host % 10 == 0 && (host % 20 != 0 || day * 2 < days);
                let mut report = if has { found.clone() } else { clean.clone() };
                if !has && dice.is_multiple_of(20) {
                    report["gaps"] = json!([gap()]);
                    report["verdict"] = json!("incomplete");
                }
                let time = now - i64::try_from((ago + days - 1 - day) * 86_400 + dice % 3_600).unwrap();
                let text = jiff::Timestamp::from_second(time).unwrap().to_string();
                report["finished"] = json!(text);
                for file in report["versions"]["signatures"].as_array_mut().into_iter().flatten() {
                    file["date"] = json!("2025-01-01");
                }
                report["target"]["kind"] = json!("host");
                report["target"]["host"] = json!(format!("host-{host:06}"));
                report["target"]["machine_id"] = json!(format!("{:032x}", u128::from(mixed(host)) << 17));
                let mut bytes = serde_json::to_vec(&report).unwrap();
                let bad = (dice / 100).is_multiple_of(100);
                if bad {
                    damaged += 1;
                    bytes = damage(bytes, report, dice / 10_000);
                }
                let name = format!("{}host-{host:06}-{day:03}.json", if bad { "bad-" } else { "" });
                fs::write(place.join(name), bytes).unwrap();
            }
            damaged
        })
        .sum();
    println!("{} reports, {damaged} damaged", hosts * days);
}
