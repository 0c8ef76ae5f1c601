//! Safe to run as root where other accounts are hostile: outputs, standard error, what reports and caches may lead to.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::{Root, debar, run};

#[allow(clippy::unwrap_used)]
fn mkfifo(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[test]
fn an_output_goes_through_no_link_pipe_or_device_that_another_account_could_put_there() {
    let root = Root::debian(&[("kesl", "12.1.0")]);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let scan = |output: &Path| {
        let output = format!("json={}", output.display());
        run(debar().arg("scan").arg(root.path()).args(["-q", "-o", &output]))
    };
    symlink("/dev/null", at("device")).unwrap();
    let (code, _, err) = scan(&at("device"));
    assert!(code == 2 && err.contains("link to a device"), "{err}");
    fs::write(at("theirs"), "kept").unwrap();
    symlink("theirs", at("link")).unwrap();
    assert_eq!(scan(&at("link")).0, 1);
    assert_eq!(fs::read(at("theirs")).unwrap(), b"kept");
    assert!(fs::symlink_metadata(at("link")).unwrap().is_file());
    // Nobody reads it: to open it would wait for ever.
    mkfifo(&at("pipe"));
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let (code, _, err) = scan(&at("pipe"));
    assert!(code == 2 && err.contains("others can replace it"), "{err}");
    for stream in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let (code, out, err) = scan(Path::new(stream));
        assert!(code == 1 && out.contains("kaspersky"), "{stream}: {err}");
    }
    assert_eq!(scan(Path::new("/dev/null")).0, 1);
    assert_eq!(scan(Path::new("/dev/full")).0, 2);
}

#[test]
fn what_standard_error_repeats_commands_nothing() {
    let (code, _, err) = run(debar().arg("scan").arg("/none/\u{1b}]0;x\u{7}\n::error::fake ##vso[x]"));
    assert_eq!(code, 2);
    let is_shown = |char: char| char == '\n' || !char.is_control();
    assert!(err.chars().all(is_shown) && !err.contains("\n::") && !err.contains("##vso"), "{err:?}");
    let (code, _, err) = run(debar().args(["scan", "--\u{1b}[31m"]));
    assert!(code == 2 && !err.contains('\u{1b}'), "{err:?}");
}

#[test]
fn a_report_leads_verify_to_folders_and_files_only() {
    let root = Root::debian(&[("kesl", "12.1.0")]);
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let output = format!("json={}", report.display());
    run(debar().arg("scan").arg(root.path()).args(["-q", "-o", &output]));
    let text = fs::read_to_string(&report).unwrap();
    let pipe = folder.path().join("pipe");
    mkfifo(&pipe);
    for name in [
        "registry:127.0.0.1:1/x",
        "docker://127.0.0.1:1/x",
        "-",
        "oci:-",
        "/dev/zero",
        pipe.to_str().unwrap(),
    ] {
        let mut changed: serde_json::Value = serde_json::from_str(&text).unwrap();
        let reports = if changed.is_array() { &mut changed[0] } else { &mut changed };
        reports["target"]["name"] = name.into();
        fs::write(&report, changed.to_string()).unwrap();
        let (code, _, err) = run(debar().arg("verify").arg(&report));
        assert!(code == 2 && err.contains("name the target on the command line"), "{name}: {err}");
    }
}

#[test]
fn a_cache_that_others_may_write_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("x.tar");
    fs::write(&archive, "").unwrap();
    for mode in [0o775, 0o777] {
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        let (code, _, err) = run(debar().arg("scan").arg(&archive).arg("--cache").arg(folder.path()));
        assert!(code == 2 && err.contains("may write to it"), "{err}");
    }
}
