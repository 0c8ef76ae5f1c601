//! A scan as root of a home whose owner is an enemy: it cannot be made to write, execute, connect, or read outside of the
//! target, hang, or use the memory up. Run both confined and, so that this does not rest on the kernel alone, not.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Root, debar, run};
use rustix::fs::{CWD, FileType, Mode, RenameFlags};

const SECRET: &str = "SECRET-OF-ANOTHER";
const HOME: &str = "home/enemy";
const PROFILE: &str = "home/enemy/.config/google-chrome/Default";

fn special(root: &Root, path: &str, kind: FileType, device: u64) -> bool {
    let path = root.at(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    rustix::fs::mknodat(CWD, &path, kind, Mode::RWXU, device).is_ok()
}

fn program(root: &Root, path: &str, text: &str) {
    root.file(path, text);
    fs::set_permissions(root.at(path), fs::Permissions::from_mode(0o6755)).unwrap();
}

/// Places that debar reads, each made a trap.
fn traps(root: &Root, outside: &Path, listeners: &mut Vec<UnixListener>) {
    let secret = outside.join("secret.json");
    let name = |path: &str| root.at(path);
    // Links out: whole files, folders, long chains, by way of /proc.
    for path in [
        &format!("{PROFILE}/Secure Preferences"),
        &format!("{PROFILE}/Extensions/aaaa/1_0/manifest.json"),
        &format!("{HOME}/.mozilla/firefox/x.default/extensions.json"),
        &format!("{HOME}/.local/share/flatpak/app/org.example.App/x86_64/1/active/metadata"),
        &format!("{HOME}/Downloads/setup.exe"),
        &format!("{HOME}/.config/autostart/a.desktop"),
        &format!("{HOME}/.config/systemd/user/a.service"),
    ] {
        fs::create_dir_all(name(path).parent().unwrap()).unwrap();
        symlink(&secret, name(path)).unwrap();
    }
    for (path, to) in [
        (format!("{HOME}/.config/chromium"), outside.to_owned()),
        (format!("{HOME}/Applications"), "/".into()),
        (format!("{HOME}/.var"), "/proc/self/root".into()),
        (format!("{HOME}/.local/lib"), "../../../../../../../..".into()),
        (format!("{HOME}/bin"), "/proc/self/cwd".into()),
        (format!("{HOME}/.nix-profile"), outside.join("nix")),
    ] {
        fs::create_dir_all(name(&path).parent().unwrap()).unwrap();
        symlink(to, name(&path)).unwrap();
    }
    for count in 0..60 {
        symlink(format!("chain{}", count + 1), name(&format!("{HOME}/Downloads/chain{count}"))).unwrap();
    }
    // What waits when it is opened, and what never ends.
    special(root, &format!("{PROFILE}/Preferences"), FileType::Fifo, 0);
    special(root, &format!("{HOME}/.bashrc"), FileType::Fifo, 0);
    special(root, &format!("{HOME}/Downloads/pipe.exe"), FileType::Fifo, 0);
    if special(
        root,
        &format!("{HOME}/Downloads/zero.deb"),
        FileType::CharacterDevice,
        rustix::fs::makedev(1, 5),
    ) {
        special(
            root,
            &format!("{HOME}/.config/vivaldi/Default/Preferences"),
            FileType::CharacterDevice,
            rustix::fs::makedev(1, 5),
        );
        special(
            root,
            &format!("{HOME}/.local/bin/memory"),
            FileType::CharacterDevice,
            rustix::fs::makedev(1, 1),
        );
    }
    let socket = name(&format!("{HOME}/.config/BraveSoftware/Brave-Browser/Default/Preferences"));
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    // Bound by a short name: the address of a socket has room for 107 bytes.
    let short = std::env::temp_dir().join(format!("debar-{}", std::process::id()));
    let listener = UnixListener::bind(&short).unwrap();
    fs::rename(&short, &socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    listeners.push(listener);
    // Larger than any memory, at no cost of disk.
    for path in [
        "Downloads/huge.exe",
        "Downloads/huge.deb",
        "lib/huge.jar",
        "lib/huge.so",
        ".config/opera/Preferences",
    ] {
        let path = name(&format!("{HOME}/{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "\x7fELF").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        fs::File::options().write(true).open(path).unwrap().set_len(4 << 40).unwrap();
    }
    // Deeper than a path may be long.
    let top = rustix::fs::open(name(HOME), rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap();
    let mut at = top;
    for _ in 0..1500 {
        rustix::fs::mkdirat(&at, "deep", Mode::RWXU).unwrap();
        at = rustix::fs::openat(&at, "deep", rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    // Names that a terminal, a shell or a log would take for something else.
    for odd in [
        &b"a\x1b]0;owned\x07.exe"[..],
        b"$(touch owned).exe",
        b"`touch owned`.exe",
        b"-rf.exe",
        b"a\nb.exe",
        b"\xff\xfe.exe",
    ] {
        fs::write(name(&format!("{HOME}/Downloads")).join(OsStr::from_bytes(odd)), "MZ").unwrap();
    }
    // Programs, one for each way someone may think of to have them started.
    let touch = format!("#!/bin/sh\ntouch {}\n", outside.join("executed").display());
    for path in [
        "bin-own/tool",
        ".local/bin/dpkg",
        ".local/bin/rpm",
        "Downloads/x.AppImage",
        "node_modules/.bin/x",
        ".bash_profile",
    ] {
        program(root, &format!("{HOME}/{path}"), &touch);
    }
    // What looks like debar's own settings.
    for path in ["config.toml", "debar.toml", ".config/debar/config.toml", "signatures/x.json"] {
        root.file(
            &format!("{HOME}/{path}"),
            format!("output = [\"json={}\"]\n", outside.join("written").display()),
        );
    }
}

/// Everything below a folder, with what would show that it was written to.
fn state(top: &Path) -> BTreeMap<PathBuf, (u64, u32, i64, i64)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        // The deep one ends where its path is too long.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() && path.as_os_str().len() < 3000 {
                folders.push(path.clone());
            }
            all.insert(path, (metadata.len(), metadata.mode(), metadata.mtime(), metadata.mtime_nsec()));
        }
    }
    all
}

#[test]
fn a_hostile_home_makes_a_scan_do_nothing_but_read_it() {
    for confinement in [&[][..], &["--no-confinement"]] {
        let root = Root::debian(&[("hello", "2.10")]);
        let outside = tempfile::tempdir().unwrap();
        for path in [
            "secret.json",
            "Default/Preferences",
            "Default/Extensions/aaaa/1_0/manifest.json",
            "nix/manifest.json",
            "lib/a.exe",
        ] {
            let path = outside.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{{\"name\": \"{SECRET}\", \"version\": \"{SECRET}\"}}")).unwrap();
        }
        let mut listeners = Vec::new();
        traps(&root, outside.path(), &mut listeners);
        let before = (state(root.path()), state(outside.path()));
        let start = Instant::now();
        let (code, out, error) = run(debar()
            .args(["inventory", "-o", "json", "--max-memory", "512M"])
            .arg(root.path())
            .args(confinement)
            .current_dir(root.at(HOME))
            .env("HOME", root.at(HOME))
            .env("PATH", root.at(&format!("{HOME}/.local/bin"))));
        assert_eq!(code, 3, "traps are gaps: {error}");
        assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let gaps = crate::support::gaps(&report);
        assert!(gaps.iter().any(|gap| gap.starts_with("special_file ")), "{gaps:?}");
        assert!(
            !gaps.iter().any(|gap| gap.starts_with("timed_out ") || gap.starts_with("crashed ")),
            "{gaps:?}"
        );
        assert!(!out.contains(SECRET) && !error.contains(SECRET), "something outside was read");
        assert!(!out.contains('\u{1b}') && !out.contains('\u{7}'), "control characters come through");
        assert!(before == (state(root.path()), state(outside.path())), "something was written");
        assert!(listeners.iter().all(|listener| listener.accept().is_err()), "something was connected to");
        assert_eq!(crate::support::artifacts(&report, "deb_packages"), 2, "the rest of the machine is read");
    }
}

/// Folders and files that are swapped for links and pipes while they are read.
#[test]
fn a_home_that_changes_under_the_scan_leads_nowhere() {
    let root = Root::debian(&[]);
    let outside = tempfile::tempdir().unwrap();
    let manifest = |name: &str| format!("{{\"name\": \"{name}\", \"version\": \"1\"}}");
    let inside = format!("{PROFILE}/Extensions/aaaa/1_0/manifest.json");
    root.file(&inside, manifest("inside"));
    root.file(&format!("{HOME}/file"), "x");
    let secret = outside.path().join("Default/Extensions/aaaa/1_0/manifest.json");
    fs::create_dir_all(secret.parent().unwrap()).unwrap();
    fs::write(&secret, manifest(SECRET)).unwrap();
    let pairs = [
        (format!("{HOME}/.config/google-chrome"), outside.path().to_owned()),
        (format!("{PROFILE}/Extensions/aaaa"), outside.path().join("Default/Extensions/aaaa")),
        (inside, secret),
    ];
    for (count, (_, to)) in pairs.iter().enumerate() {
        symlink(to, root.at(&format!("{HOME}/swap{count}"))).unwrap();
    }
    special(&root, &format!("{HOME}/pipe"), FileType::Fifo, 0);
    let (stop, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let swap = |a: &str, b: &str| {
                let done = rustix::fs::renameat_with(CWD, root.at(a), CWD, root.at(b), RenameFlags::EXCHANGE);
                swaps.fetch_add(usize::from(done.is_ok()), Ordering::Relaxed);
            };
            while !stop.load(Ordering::Relaxed) {
                for (count, (place, _)) in pairs.iter().enumerate() {
                    // There, and back before the next: a place below is only there when it is.
                    swap(place, &format!("{HOME}/swap{count}"));
                    std::thread::sleep(Duration::from_micros(200));
                    swap(place, &format!("{HOME}/swap{count}"));
                }
                swap(&format!("{HOME}/file"), &format!("{HOME}/pipe"));
            }
        });
        for _ in 0..15 {
            let (code, out, error) =
                run(debar().args(["inventory", "-o", "json", "--no-confinement"]).arg(root.path()));
            assert!(matches!(code, 0 | 3), "{error}");
            assert!(!out.contains(SECRET), "something outside was read: {out}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    eprintln!("{} swaps during 15 scans", swaps.load(Ordering::Relaxed));
    assert!(swaps.load(Ordering::Relaxed) > 100);
}
