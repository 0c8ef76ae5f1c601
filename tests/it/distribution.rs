//! `registry:` targets, against a registry that misbehaves.
#![cfg(feature = "distribution")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::process::Command;

use crate::support::registry::{Image, Reply, Server, digest, reply};
use crate::support::{debar, findings, gaps, run};
use serde_json::Value;

/// A config folder of Docker's with a login for a host.
fn login(host: &str, auth: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = serde_json::json!({"auths": {host: serde_json::from_str::<Value>(auth).unwrap()}});
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    folder
}

/// `name:password`
const AUTH: &str = r#"{"auth":"bmFtZTpwYXNzd29yZA=="}"#;
const BASIC: &str = "Basic bmFtZTpwYXNzd29yZA==";

fn command(config: Option<&tempfile::TempDir>) -> Command {
    let mut command = debar();
    let nothing = std::env::temp_dir().join("debar-has-no-such-folder");
    command.env("DOCKER_CONFIG", config.map_or(nothing.as_path(), tempfile::TempDir::path));
    command.env("HOME", &nothing).env_remove("REGISTRY_AUTH_FILE").env_remove("XDG_RUNTIME_DIR");
    for proxy in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    command
}

fn scan(server: &Server, config: Option<&tempfile::TempDir>, more: &[&str]) -> (i32, Value, String) {
    let target = format!("registry:{}/team/app:1", server.host);
    let mut command = command(config);
    let (code, out, err) =
        run(command.args(["scan", "--insecure", "-o", "json", "--as-of", "2026-11-01", &target]).args(more));
    (code, serde_json::from_str(&out).unwrap_or(serde_json::Value::Null), err)
}

fn found(report: &Value) {
    assert_eq!(findings(report), ["kaspersky/endpoint-security-linux"]);
    assert_eq!(gaps(report), Vec::<String>::new());
}

#[test]
fn an_image_is_pulled_and_its_layer_told() {
    for gzip in [true, false] {
        let image = Image::new(&[("kesl", "12.1.0-1274")], gzip);
        let server = Server::start({
            let image = image.clone();
            move |request, _, _| image.answer(&request.path)
        });
        let (code, report, err) = scan(&server, None, &[]);
        assert_eq!(code, 1, "{err}");
        found(&report);
        let layer = &report["findings"][0]["evidence"][0]["location"]["layer"];
        assert_eq!(layer["digest"], digest(&image.layer));
        assert_eq!(layer["created_by"], "RUN install");
        assert_eq!(server.count(&digest(&image.layer)), 1, "the layer is fetched once");
        assert!(
            server
                .asked()
                .iter()
                .all(|request| request.method == "GET" && request.header("authorization").is_empty())
        );
    }
}

#[test]
fn a_token_is_asked_for_and_its_scope_named() {
    let image = Image::banned();
    let server = Server::start(move |request, _, own| match request.path.split('?').next().unwrap() {
        "/token" if request.header("authorization") == BASIC => reply(200, r#"{"token":"t1"}"#),
        "/token" => reply(401, "who are you?"),
        path if request.header("authorization") == "Bearer t1" => image.answer(path),
        _ => reply(401, "{}").with(
            "WWW-Authenticate",
            format!(
                r#"Bearer realm="http://{own}/token",service="reg, one",scope="repository:team/app:pull""#
            ),
        ),
    });
    let config = login(&server.host, AUTH);
    let (code, report, err) = scan(&server, Some(&config), &[]);
    assert_eq!(code, 1, "{err}");
    found(&report);
    let token = server.asked().into_iter().find(|request| request.path.starts_with("/token")).unwrap();
    assert!(
        token.path.contains("service=reg%2C") && token.path.contains("scope=repository%3Ateam"),
        "{}",
        token.path
    );
    assert_eq!(server.count("/token"), 1, "the token is used again");
    // Without the login there is no image, and the message says what to do.
    let (code, _, err) = scan(&server, None, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("who are you?"), "{err}");
}

#[test]
fn an_identity_token_is_exchanged() {
    let image = Image::banned();
    let server = Server::start(move |request, _, own| match request.path.as_str() {
        "/token" if request.method == "POST" && request.body.contains("refresh_token=renew") => {
            reply(200, r#"{"access_token":"t2"}"#)
        }
        "/token" => reply(400, "{}"),
        path if request.header("authorization") == "Bearer t2" => image.answer(path),
        _ => reply(401, "")
            .with("WWW-Authenticate", format!(r#"Bearer realm="http://{own}/token",service="x""#)),
    });
    let config = login(&server.host, r#"{"identitytoken":"renew"}"#);
    let (code, report, err) = scan(&server, Some(&config), &[]);
    assert_eq!(code, 1, "{err}");
    found(&report);
}

#[test]
fn a_token_that_ran_out_is_renewed() {
    let image = Image::banned();
    let server = Server::start(move |request, before, own| match request.path.split('?').next().unwrap() {
        "/token" => reply(200, format!(r#"{{"token":"t{before}"}}"#)),
        path if image.is_layer(path) && request.header("authorization") == "Bearer t0" => {
            reply(401, "").with("WWW-Authenticate", format!(r#"Bearer realm="http://{own}/token""#))
        }
        path if request.header("authorization").starts_with("Bearer") => image.answer(path),
        _ => reply(401, "").with("WWW-Authenticate", format!(r#"Bearer realm="http://{own}/token""#)),
    });
    let (code, report, err) = scan(&server, None, &[]);
    assert_eq!(code, 1, "{err}");
    found(&report);
}

#[test]
fn basic_logins_of_the_config_and_of_a_helper() {
    let image = Image::banned();
    let server = Server::start(move |request, _, _| match request.header("authorization") {
        BASIC => image.answer(&request.path),
        _ => reply(401, "").with("WWW-Authenticate", "Basic realm=\"r\""),
    });
    let config = login(&server.host, AUTH);
    let (code, report, err) = scan(&server, Some(&config), &[]);
    assert_eq!(code, 1, "{err}");
    found(&report);
    let (code, _, err) = scan(&server, None, &[]);
    assert!(code == 2 && err.contains("docker login"), "{err}");
    let config = login(&server.host, r#"{"auth":"bmFtZTp3cm9uZw=="}"#);
    let (code, _, err) = scan(&server, Some(&config), &[]);
    assert!(code == 2 && err.contains("does not take the login"), "{err}");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let helper = folder.path().join("docker-credential-test");
        let script = "#!/bin/sh\n[ \"$1\" = get ] || exit 1\nread host || :\nprintf '{\"ServerURL\":\"%s\",\"Username\":\"name\",\"Secret\":\"password\"}' \"$host\"\n";
        std::fs::write(&helper, script).unwrap();
        std::fs::set_permissions(&helper, PermissionsExt::from_mode(0o755)).unwrap();
        let helpers = serde_json::json!({"credHelpers": {&server.host: "test"}}).to_string();
        std::fs::write(folder.path().join("config.json"), helpers).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let target = format!("docker://{}/team/app:1", server.host);
        let mut command = command(Some(&folder));
        let (code, out, err) =
            run(command.env("PATH", path).args(["scan", "--insecure", "-o", "json", &target]));
        assert_eq!(code, 1, "{err}");
        found(&serde_json::from_str(&out).unwrap());
        // One that is not there is reported.
        std::fs::remove_file(&helper).unwrap();
        let (code, _, err) = scan(&server, Some(&folder), &[]);
        assert!(code == 2 && err.contains("docker-credential-test"), "{err}");
    }
}

#[test]
fn a_busy_registry_is_asked_again() {
    let image = Image::banned();
    let server = Server::start(move |request, before, _| match before {
        0 if request.path.contains("manifests") => reply(429, "slow down").with("Retry-After", "0"),
        1 if request.path.contains("manifests") => reply(503, ""),
        0 if image.is_layer(&request.path) => Reply { cut: Some(0), ..reply(500, "x") },
        _ => image.answer(&request.path),
    });
    let (code, report, err) = scan(&server, None, &[]);
    assert_eq!(code, 1, "{err}");
    found(&report);
    let never = Server::start(|_, _, _| reply(429, "slow down").with("Retry-After", "0"));
    let (code, _, err) = scan(&never, None, &[]);
    assert!(code == 2 && err.contains("429") && err.contains("slow down"), "{err}");
    assert_eq!(never.asked().len(), 5);
}

#[test]
fn a_layer_that_breaks_off_is_continued_where_it_broke() {
    let image = Image::banned();
    let (length, half) = (image.layer.len(), image.layer.len() / 2);
    for ranges in [true, false] {
        let image = image.clone();
        let server = Server::start(move |request, before, _| match before {
            _ if !image.is_layer(&request.path) => image.answer(&request.path),
            0 => Reply { cut: Some(half), ..reply(200, image.layer.clone()) },
            _ if ranges => {
                let from: usize = request
                    .header("range")
                    .strip_prefix("bytes=")
                    .unwrap()
                    .trim_end_matches('-')
                    .parse()
                    .unwrap();
                assert!(from > 0 && from <= half);
                reply(206, image.layer[from..].to_vec())
                    .with("Content-Range", format!("bytes {from}-{}/{length}", length - 1))
            }
            _ => image.answer(&request.path),
        });
        let (code, report, err) = scan(&server, None, &[]);
        assert_eq!(code, 1, "{err}");
        found(&report);
    }
}

#[test]
fn what_is_cut_longer_or_other_than_its_digest_is_never_clean() {
    // A clean image whose layer is not what the manifest says.
    let clean = Image::new(&[], true);
    let other = Image::new(&[("other", "1")], true);
    type Wrong = fn(&Image, &Image) -> Reply;
    let wrong: [(&str, Wrong); 5] = [
        ("truncated", |clean, _| Reply {
            cut: Some(clean.layer.len() / 2),
            ..reply(200, clean.layer.clone())
        }),
        ("corrupt", |_, other| reply(200, other.layer.clone())),
        ("corrupt", |clean, _| {
            let mut layer = clean.layer.clone();
            *layer.last_mut().unwrap() ^= 1;
            reply(200, layer)
        }),
        ("corrupt", |clean, _| reply(200, [clean.layer.as_slice(), b"more"].concat())),
        ("unreadable", |_, _| reply(404, "")),
    ];
    for (kind, wrong) in wrong {
        let (image, other) = (clean.clone(), other.clone());
        let server = Server::start(move |request, before, _| match image.is_layer(&request.path) {
            // Nothing more comes when it is asked for again.
            true if before > 0 && !request.header("range").is_empty() => {
                Reply { cut: Some(0), ..reply(206, "x") }
            }
            true => wrong(&image, &other),
            false => image.answer(&request.path),
        });
        let (code, report, err) = scan(&server, None, &[]);
        assert_eq!((code, report["verdict"].as_str()), (3, Some("incomplete")), "{kind}: {err}");
        let expected = format!("{kind} image layer {}", digest(&clean.layer));
        assert!(gaps(&report).contains(&expected), "{expected}: {:?}", gaps(&report));
    }
    // Manifest and config that are not what they are called.
    for what in ["manifests", "config"] {
        let (image, other) = (clean.clone(), other.clone());
        let server = Server::start(move |request, _, _| match what {
            "manifests" if request.path.contains(what) => {
                reply(200, other.manifest.clone()).with("Docker-Content-Digest", digest(&image.manifest))
            }
            "config" if request.path.ends_with(&digest(&image.config)) => reply(200, other.config.clone()),
            _ => image.answer(&request.path),
        });
        let (code, _, err) = scan(&server, None, &[]);
        assert!(code == 2 && err.contains("digest of its bytes"), "{what}: {err}");
    }
}

#[test]
fn a_redirect_to_another_host_does_not_get_the_login() {
    let image = Image::banned();
    let store = Server::start({
        let image = image.clone();
        move |_, _, _| reply(200, image.layer.clone())
    });
    let elsewhere = store.host.clone();
    let server = Server::start(move |request, _, _| match request.header("authorization") {
        BASIC if image.is_layer(&request.path) => {
            reply(307, "").with("Location", format!("http://{elsewhere}/bucket/layer?key=1"))
        }
        BASIC => image.answer(&request.path),
        _ => reply(401, "").with("WWW-Authenticate", "Basic realm=\"r\""),
    });
    let config = login(&server.host, AUTH);
    let (code, report, err) = scan(&server, Some(&config), &[]);
    assert_eq!(code, 1, "{err}");
    found(&report);
    let asked = store.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].path.as_str(), asked[0].header("authorization")), ("/bucket/layer?key=1", ""));
    // One that asks for a login itself does not get it either.
    let greedy = Server::start(|_, _, _| reply(401, "").with("WWW-Authenticate", "Basic realm=\"r\""));
    let elsewhere = greedy.host.clone();
    let server = Server::start(move |request, _, _| match request.header("authorization") {
        BASIC => reply(302, "").with("Location", format!("http://{elsewhere}/")),
        _ => reply(401, "").with("WWW-Authenticate", "Basic realm=\"r\""),
    });
    let config = login(&server.host, AUTH);
    let (code, _, _) = scan(&server, Some(&config), &[]);
    assert_eq!(code, 2);
    assert!(
        !greedy.asked().is_empty()
            && greedy.asked().iter().all(|request| request.header("authorization").is_empty())
    );
}

#[test]
fn of_an_index_the_platform_is_taken() {
    let (arm, amd) = (Image::new(&[("kesl", "12.1.0-1274")], true), Image::new(&[], true));
    let entry = |image: &Image, architecture: &str| {
        serde_json::json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(&image.manifest),
            "size": image.manifest.len(), "platform": {"os": "linux", "architecture": architecture}})
    };
    let proof = serde_json::json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(b"proof"), "size": 5,
        "platform": {"os": "unknown", "architecture": "unknown"}, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}});
    let index = serde_json::json!({"schemaVersion": 2, "manifests": [entry(&arm, "s390x"), entry(&amd, "ppc64le"), proof]});
    let index = index.to_string();
    let server = Server::start({
        let (arm, amd) = (arm.clone(), amd.clone());
        move |request, _, _| {
            if request.path.ends_with("/manifests/1") {
                reply(200, index.clone())
            } else {
                match arm.answer(&request.path) {
                    Reply { status: 404, .. } => amd.answer(&request.path),
                    reply => reply,
                }
            }
        }
    });
    let (code, report, err) = scan(&server, None, &["--platform", "linux/s390x"]);
    assert_eq!(code, 1, "{err}");
    found(&report);
    assert_eq!(server.count(&digest(&amd.layer)), 0, "nothing of the other platform is fetched");
    let (code, report, err) = scan(&server, None, &["--platform", "linux/ppc64le"]);
    assert_eq!((code, findings(&report).len()), (0, 0), "{err}");
    let (code, _, err) = scan(&server, None, &[]);
    assert!(code == 2 && err.contains("linux/ppc64le, linux/s390x") && err.contains("--platform"), "{err}");
}

#[test]
fn what_is_not_there_and_what_is_no_name_is_told() {
    let server = Server::start(|_, _, _| reply(404, "{}"));
    let (code, _, err) = scan(&server, None, &[]);
    assert!(code == 2 && err.contains("has no team/app:1"), "{err}");
    let (code, _, err) = run(command(None).args(["scan", "registry:Bad Name"]));
    assert!(code == 2 && err.contains("no name of an image"), "{err}");
    // Plain HTTP is never spoken unasked.
    let (code, _, err) = run(command(None).args(["scan", &format!("registry:{}/team/app:1", server.host)]));
    assert!(code == 2 && err.contains("--insecure"), "{err}");
}

#[test]
fn a_cached_layer_is_not_fetched_again_and_a_damaged_entry_is_not_believed() {
    let image = Image::banned();
    let server = Server::start({
        let image = image.clone();
        move |request, _, _| image.answer(&request.path)
    });
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let layer = digest(&image.layer);
    let told = |report: &Value| {
        let mut report = report.clone();
        for time in ["started", "finished", "duration_ms"] {
            report.as_object_mut().unwrap().remove(time);
        }
        report
    };
    let scan = |expected: usize| {
        let (code, report, err) = scan(&server, None, &["--cache", cache.to_str().unwrap()]);
        assert_eq!(code, 1, "{err}");
        assert_eq!(server.count(&layer), expected);
        found(&report);
        told(&report)
    };
    let first = scan(1);
    assert_eq!(scan(1), first, "the second run fetches no layer and says the same");
    // Another depth asks for other files.
    let (code, _, err) = self::scan(&server, None, &["--no-deep", "--cache", cache.to_str().unwrap()]);
    assert_eq!((code, server.count(&layer)), (1, 2), "{err}");
    // An entry that says that nothing is there, made of a clean image's.
    let entries: Vec<_> = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(entries.len(), 2);
    let clean = Image::new(&[], true);
    let other = Server::start(move |request, _, _| clean.answer(&request.path));
    let foreign = folder.path().join("foreign");
    assert_eq!(self::scan(&other, None, &["--cache", foreign.to_str().unwrap()]).0, 0);
    let forged = std::fs::read_dir(&foreign).unwrap().next().unwrap().unwrap().path();
    for entry in &entries {
        std::fs::copy(&forged, entry).unwrap();
    }
    assert_eq!(scan(3), first);
    for entry in &entries {
        let bytes = std::fs::read(entry).unwrap();
        std::fs::write(entry, &bytes[..bytes.len() - 1]).unwrap();
    }
    assert_eq!(scan(4), first);
}
