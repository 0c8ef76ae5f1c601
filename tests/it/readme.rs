//! The README shows what debar prints.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

use crate::support::{Root, debar, run};

/// What a scan of a Debian prints, which lies at /mnt/disk and takes 90 ms.
fn shown(root: &Root, color: &str) -> String {
    let (_, out, err) =
        run(debar().args(["scan", "--as-of", "2026-11-24", "--color", color]).arg(root.path()));
    assert_eq!(err, "");
    let took = regex::Regex::new(r"\([0-9.]+ m?s( as\s+root)?\)").unwrap();
    assert!(took.is_match(&out), "{out}");
    let out = out.replace(root.path().to_str().unwrap(), "/mnt/disk");
    took.replace(&out, "(90 ms as root)").into_owned()
}

#[test]
fn the_example_is_what_debar_prints() {
    let readme = include_str!("../../README.md");
    let example = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let clean = Root::debian(&[]);
    let damaged = Root::debian(&[]);
    damaged.link("opt/vendor", "/mnt/data/vendor");
    assert_eq!(format!("{}\n{}", shown(&clean, "never"), shown(&damaged, "never")), example);
}

/// `DEBAR_PICTURE=1 cargo test --test it readme` draws it.
#[test]
fn the_picture_is_what_debar_prints_on_a_terminal() {
    let root = Root::debian(&[]);
    let mut status = crate::support::status(&[]);
    status.push_str(
        "Package: kesl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.1.0-1274\n\
         Maintainer: AO Kaspersky Lab <info@kaspersky.com>\n\n",
    );
    root.file("var/lib/dpkg/status", status)
        .file("var/lib/dpkg/info/kesl.list", "/.\n")
        .file("opt/kaspersky/kesl/libexec/kesl", "")
        .file(
            "usr/lib/systemd/system/kesl.service",
            "[Service]\nExecStart=/opt/kaspersky/kesl/libexec/kesl\n",
        )
        .link(
            "etc/systemd/system/multi-user.target.wants/kesl.service",
            "/usr/lib/systemd/system/kesl.service",
        );
    let printed = format!("$ sudo debar scan /mnt/disk\n{}", shown(&root, "always"));
    let picture = anstyle_svg::Term::new().min_width_px(720).render_svg(&printed);
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scan.svg");
    if std::env::var_os("DEBAR_PICTURE").is_some() {
        std::fs::write(&file, &picture).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), picture, "DEBAR_PICTURE=1 draws it");
}

#[test]
fn every_link_leads_to_a_file() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] {
        let text = std::fs::read_to_string(top.join(name)).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file = link.split('#').next().unwrap();
            assert!(top.join(file).exists(), "{name}: {link}");
        }
    }
}

/// The threat model claims nothing that no test tries.
#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(top.join("SECURITY.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let rows: Vec<&str> = rows.filter(|line| !line.starts_with("| cannot |")).collect();
    assert!(rows.len() > 12, "{rows:?}");
    let mut code = String::new();
    let mut folders = vec![top.join("src"), top.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(ending) if ending == "rs" => code += &std::fs::read_to_string(path).unwrap(),
                _ => {}
            }
        }
    }
    for row in rows {
        let tests = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        for name in names {
            if name.starts_with("tests/e2e/") {
                assert!(top.join(name).is_file(), "SECURITY.md names {name}, which is not there");
                continue;
            }
            let is_test = code.split(&format!("fn {name}(")).next().is_some_and(|before| {
                let attributes = before.rsplit("\n\n").next().unwrap_or_default();
                before.len() < code.len() && attributes.contains("#[test]")
            });
            assert!(is_test, "SECURITY.md names `{name}`, which is no test");
        }
    }
    // The promises name whole files and modules.
    let quoted = text.split('`').skip(1).step_by(2);
    for name in quoted.filter(|name| name.starts_with("tests/") || name.starts_with("src/")) {
        assert!(top.join(name).exists(), "SECURITY.md names {name}, which is not there");
    }
}
