//! Malformed signature files, on the built binary: each is refused with its place and the reason, in bounded memory, and
//! the built-in signatures still work beside it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use crate::support::{Root, debar, run};
use minisign::KeyPair;

const GOOD: &str = r#"{
  "format": 1,
  "vendor": { "id": "acme", "name": "Acme" },
  "version": "1", "date": "2026-01-02",
  "sources": { "doc": "Acme handbook" },
  "rules": [],
  "products": [
    { "id": "tool", "name": "Tool", "status": "banned", "platforms": ["linux"],
      "indicators": [
        { "id": "deb", "collectors": ["deb_packages"], "strength": "conclusive",
          "where": { "name": { "equals": "acme-tool" } }, "source": "doc" }
      ] }
  ]
}
"#;

const RULES: &str = r#"{
  "format": 1, "version": "1", "date": "2026-01-02",
  "rules": []
}
"#;

/// What the refusal of a file says.
fn refused(path: &Path) -> String {
    let (code, out, errors) = run(debar().args(["signatures", "check"]).arg(path));
    assert_eq!((code, out.as_str()), (2, ""), "{}: {errors}", path.display());
    let lines: Vec<&str> = errors.lines().collect();
    assert!(!errors.contains("panicked") && lines.len() < 120, "{errors}");
    assert!(errors.contains(path.file_name().unwrap().to_str().unwrap()), "no place: {errors}");
    errors
}

/// The text put in the place of another in the good file; where the problem is; what is said of it.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("\"version\": \"1\"", "\"versoin\": \"1\"", ":4:11:", "unknown field `versoin`"),
    ("\"id\": \"tool\"", "\"id\": \"tool\", \"colour\": 1", ":8:", "unknown field `colour`"),
    ("\"platforms\": [\"linux\"]", "\"platforms\": \"linux\"", ":8:", "should be a list, not string"),
    ("\"format\": 1", "\"format\": \"1\"", ":2:", "should be a whole number, not string"),
    ("\"format\": 1", "\"format\": 2", ":2:13:", "format"),
    ("\"banned\"", "\"forbidden\"", ":8:", "unknown variant `forbidden`"),
    (
        "\"equals\": \"acme-tool\"",
        "\"regex\": \"acme-(tool\"",
        ":11:41:",
        "no regular expression: unclosed group",
    ),
    ("\"equals\": \"acme-tool\"", "\"regex\": \"(a+)+$\"", ":11:", "too broad"),
    ("\"equals\": \"acme-tool\"", "\"regex\": \"(.*.*)*\"", ":11:41:", "no literal"),
    (
        "\"equals\": \"acme-tool\"",
        "\"regex\": \"acme(((a{1000}){1000}){1000}){1000}\"",
        ":11:41:",
        "Compiled regex exceeds size limit",
    ),
    ("\"equals\": \"acme-tool\"", "\"regex\": \"\"", ":11:41:", "no literal"),
    ("\"equals\": \"acme-tool\"", "\"equals\": \"\"", ":11:", "an empty text"),
    ("\"equals\": \"acme-tool\"", "\"any_of\": []", ":11:", "an empty list"),
    ("\"equals\": \"acme-tool\"", "\"glob\": \"**\"", ":11:", "wildcards alone"),
    ("\"equals\": \"acme-tool\"", "\"contains\": \"ac\"", ":11:20:", "too broad"),
    ("\"equals\": \"acme-tool\"", "\"equals\": \"a\", \"equals\": \"b\"", ":11:", "duplicate field `equals`"),
    ("{ \"equals\": \"acme-tool\" }", "{}", ":11:", "a condition that asks nothing"),
    ("{ \"name\": { \"equals\": \"acme-tool\" } }", "{}", ":11:20:", "matches everything"),
    ("\"rules\": []", "\"rules\": [\"no-such-rule\"]", ":6:13:", "no rule `no-such-rule`"),
    ("deb_packages", "debian_packages", ":10:39:", "no collector `debian_packages`"),
    (
        "\"name\": { \"equals\"",
        "\"bundle_identifier\": { \"equals\"",
        ":11:43:",
        "yields no `bundle_identifier`",
    ),
    ("\"name\": { \"equals\"", "\"nmae\": { \"equals\"", ":11:", "unknown variant `nmae`"),
    ("\"source\": \"doc\"", "\"source\": \"book\"", ":11:69:", "no source `book`"),
    ("\"2026-01-02\"", "\"2026-02-30\"", ":4:27:", "date"),
    (
        "\"products\": [",
        "\"products\": [ { \"id\": \"tool\", \"name\": \"T\", \"status\": \"banned\", \"platforms\": [\"linux\"], \
         \"indicators\": [ { \"id\": \"x\", \"collectors\": [\"deb_packages\"], \"strength\": \"supporting\", \
         \"where\": { \"name\": { \"equals\": \"acme-x\" } }, \"source\": \"doc\" } ] },",
        ":8:13:",
        "`tool`",
    ),
];

#[test]
fn each_mistake_is_refused_with_its_place_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.json");
    fs::write(&path, GOOD).unwrap();
    let (code, out, errors) = run(debar().args(["signatures", "check", "--strict"]).arg(&path));
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    let mut wrong = Vec::new();
    for (from, to, place, reason) in CHANGES {
        assert!(GOOD.contains(from), "{from}");
        fs::write(&path, GOOD.replacen(from, to, 1)).unwrap();
        let errors = refused(&path);
        if !errors.contains(&format!("acme.json{place}")) || !errors.contains(reason) {
            wrong.push(format!("{to}: wanted {place} and {reason} in {errors}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rule_files_are_refused_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.json");
    for (from, to, place, reason) in [
        ("\"format\": 1", "\"format\": 9", ":2:13:", "format"),
        ("\"rules\": []", "\"rules\": [], \"ruels\": []", ":3:", "unknown field `ruels`"),
        ("\"rules\": []", "\"rules\": {}", ":3:", "should be a list, not an object"),
        ("\"2026-01-02\"", "\"yesterday\"", ":2:", "date"),
    ] {
        assert!(RULES.contains(from), "{from}");
        fs::write(&path, RULES.replacen(from, to, 1)).unwrap();
        let errors = refused(&path);
        assert!(errors.contains(&format!("rules.json{place}")) && errors.contains(reason), "{to}: {errors}");
    }
}

#[test]
fn bytes_that_are_no_json_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.json");
    let (left, right) = GOOD.split_at(GOOD.find("acme-tool").unwrap());
    let in_the_middle = |bytes: &[u8]| [left.as_bytes(), bytes, right.as_bytes()].concat();
    let utf16: Vec<u8> =
        [0xfeff_u16].into_iter().chain(GOOD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let nested = |open: &str| open.repeat(100_000).into_bytes();
    for (bytes, place, reason) in [
        (Vec::new(), ":1:0:", "ends in the middle"),
        (left.as_bytes().to_vec(), ":11:", "ends in the middle"),
        (b"\0\0\0\0".to_vec(), ":1:1:", "this is no JSON"),
        (in_the_middle(b"\xc3\x28"), ":11:43:", "not UTF-8"),
        (in_the_middle(b"\0"), ":11:", "control character"),
        ([b"\xef\xbb\xbf", GOOD.as_bytes()].concat(), ":1:1:", "a byte order mark"),
        (utf16, ":1:1:", "byte order mark of UTF-16"),
        (nested("["), ":1:", ", not a list"),
        (nested("{\"vendor\":"), ":1:", "unknown field `vendor`"),
        ([left.as_bytes(), b"\", \"x\": ", &nested("[")].concat(), ":11:", "unknown field `x`"),
        ([b"{\"format\": ".as_slice(), &nested("[")].concat(), ":1:", ", not a list"),
        ([b"{\"products\": ".as_slice(), &nested("[")].concat(), ":1:", ", not a list"),
        (GOOD.replace("\"acme-tool\"", "1e999").into_bytes(), ":11:", "number out of range"),
        ([GOOD, GOOD].concat().into_bytes(), ":15:1:", "something follows the end"),
    ] {
        fs::write(&path, &bytes).unwrap();
        let errors = refused(&path);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert!(errors.contains(&format!("acme.json{place}")), "{shown}: wanted {place} in {errors}");
        assert!(errors.contains(reason), "{shown}: wanted {reason} in {errors}");
    }
}

#[test]
fn two_files_of_one_vendor_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.json"), GOOD).unwrap();
    fs::write(folder.path().join("b.json"), GOOD).unwrap();
    let (code, _, errors) = run(debar().args(["signatures", "check"]).arg(folder.path()));
    assert!(
        code == 2 && errors.contains("b.json:3:") && errors.contains("a vendor has one file"),
        "{errors}"
    );
}

#[test]
fn a_hundred_thousand_mistakes_are_counted_and_not_all_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.json");
    let rules = vec!["\"no-such-rule\""; 100_000].join(",\n");
    fs::write(&path, GOOD.replace("\"rules\": []", &format!("\"rules\": [{rules}]"))).unwrap();
    let start = std::time::Instant::now();
    let errors = refused(&path);
    assert!(errors.contains("99900 more mistakes"), "{errors}");
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn names_without_end_are_not_repeated_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.json");
    let long = "x".repeat(5_000_000);
    for (from, to) in [("deb_packages", long.clone()), ("\"id\": \"tool\"", format!("\"{long}\": 1"))] {
        fs::write(&path, GOOD.replacen(from, &to, 1)).unwrap();
        assert!(refused(&path).len() < 5_000);
    }
}

/// Runs debar with less address space than a naive reader would need.
#[cfg(target_os = "linux")]
fn in_little_memory(path: &Path) -> String {
    let binary = assert_cmd::cargo::cargo_bin("debar");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -v 1500000; exec \"$0\" signatures check \"$1\""]).arg(binary).arg(path);
    let (code, _, errors) = run(&mut shell);
    assert_eq!(code, 2, "{errors}");
    errors
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_are_too_large_are_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.json");
    fs::write(&path, GOOD).unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().set_len(100 << 20).unwrap();
    assert!(in_little_memory(&path).contains("at most 67108864"));
    // A file without a size, and one that never ends.
    assert!(in_little_memory(Path::new("/dev/zero")).contains("no regular file"));
    // Many values that take little of the file and much of the memory.
    fs::write(&path, format!("{{\"rules\": [{}]}}", vec!["\"\""; 2_000_000].join(","))).unwrap();
    assert!(in_little_memory(&path).contains("large.json:1:"));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_links_to_files_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = std::process::Command::new("mkfifo").arg(at("pipe.json")).status().unwrap();
    assert!(made.success());
    assert!(refused(&at("pipe.json")).contains("no regular file"));
    // A folder is refused for what is in it, whatever its name sorts to.
    fs::write(at("acme.json"), GOOD).unwrap();
    let in_folder = || run(debar().args(["signatures", "check"]).arg(folder.path()));
    let (code, _, errors) = in_folder();
    assert!(code == 2 && errors.contains("pipe.json: it is no regular file"), "{errors}");
    fs::remove_file(at("pipe.json")).unwrap();
    fs::create_dir(at("folder.json")).unwrap();
    let (code, _, errors) = in_folder();
    assert!(code == 2 && errors.contains("folder.json: it is no regular file"), "{errors}");
    fs::remove_dir(at("folder.json")).unwrap();
    symlink("/dev/zero", at("zero.json")).unwrap();
    let (code, _, errors) = in_folder();
    assert!(code == 2 && errors.contains("zero.json: it is no regular file"), "{errors}");
    fs::remove_file(at("zero.json")).unwrap();
    symlink("nowhere", at("gone.json")).unwrap();
    let (code, _, errors) = in_folder();
    assert!(code == 2 && errors.contains("gone.json: No such file"), "{errors}");
    fs::remove_file(at("gone.json")).unwrap();
    symlink("loop.json", at("loop.json")).unwrap();
    let (code, _, errors) = in_folder();
    assert!(code == 2 && errors.contains("loop.json: "), "{errors}");
    fs::remove_file(at("loop.json")).unwrap();
    // As Kubernetes mounts a ConfigMap.
    fs::create_dir(at("..data")).unwrap();
    fs::rename(at("acme.json"), at("..data/acme.json")).unwrap();
    symlink("..data/acme.json", at("acme.json")).unwrap();
    let (code, out, errors) = in_folder();
    assert_eq!(code, 0, "{out}{errors}");
}

#[test]
fn a_wrong_signature_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    fs::write(at("acme.json"), GOOD).unwrap();
    fs::write(at("key"), pair.sk.to_box(None).unwrap().into_string()).unwrap();
    fs::write(at("key.pub"), pair.pk.to_box().unwrap().into_string()).unwrap();
    let (code, _, errors) =
        run(debar().args(["signatures", "sign"]).arg(at("acme.json")).arg("--key").arg(at("key")));
    assert_eq!(code, 0, "{errors}");
    let good = fs::read_to_string(at("acme.json.minisig")).unwrap();
    let root = Root::debian(&[("hello", "2.10")]);
    let scan = || {
        run(debar()
            .args(["scan", "--no-progress", "--signatures"])
            .arg(at("acme.json"))
            .arg("--trusted-key")
            .arg(at("key.pub"))
            .arg(root.path()))
    };
    let (code, _, errors) = scan();
    assert_ne!(code, 2, "{errors}");
    let half = &good[..good.len() / 2];
    let swapped = good.replacen("RU", "RW", 1);
    for (text, reason) in [
        ("", "is no minisign signature"),
        (half, "is no minisign signature"),
        (swapped.as_str(), ""),
        ("untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA\n", "is no minisign signature"),
    ] {
        fs::write(at("acme.json.minisig"), text).unwrap();
        let (code, _, errors) = scan();
        assert!(
            code == 2 && errors.contains("acme.json is refused") && errors.contains(reason),
            "{text}: {errors}"
        );
        assert!(!errors.contains("panicked"), "{errors}");
    }
    fs::write(at("acme.json.minisig"), good).unwrap();
    fs::write(at("acme.json"), GOOD.replace("acme-tool", "acme-fool")).unwrap();
    let (code, _, errors) = scan();
    assert!(code == 2 && errors.contains("the file was changed"), "{errors}");
}

/// No scan says "clean" whose signatures could not be read, and without them the built-in set works.
#[test]
fn a_scan_with_a_bad_file_does_not_run_and_one_without_it_does() {
    let root = Root::debian(&[("kesl", "12.1.0-1508")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.json");
    fs::write(&path, GOOD.replace("\"rules\"", "\"ruels\"")).unwrap();
    let (code, out, errors) =
        run(debar().args(["scan", "--no-progress", "--signatures"]).arg(&path).arg(root.path()));
    assert_eq!((code, out.as_str()), (2, ""), "{errors}");
    assert!(errors.contains("acme.json:6:") && errors.contains("leave --signatures out"), "{errors}");
    let (code, out, errors) = run(debar().args(["scan", "--no-progress"]).arg(root.path()));
    assert_eq!(code, 1, "{errors}");
    assert!(out.contains("Kaspersky Endpoint Security for Linux 12.1.0-1508"), "{out}");
}
