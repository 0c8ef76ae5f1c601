//! Logins: those of `docker login` and `podman login`, and the credential helpers that their configs name.
//!
//! A helper is a program of the person who runs debar; it is the only program that debar ever starts, and only when
//! a registry that was named asks for a login. Sources: Docker's documentation of `config.json` and the
//! `docker-credential-helpers` protocol; `containers-auth.json(5)`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::image::go_json;

/// A config is small; anything larger is none.
const MAX_CONFIG: u64 = 4 << 20;
/// How long a helper may take: it may have to unlock a key ring.
const HELPER_TIME: Duration = Duration::from_secs(30);

/// What proves who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// Name and password.
    Password(String, String),
    /// A refresh token (`identitytoken`), which an authorisation server exchanges.
    Identity(String),
    /// A token that the registry itself takes (`registrytoken`).
    Bearer(String),
}

/// Never shows the secret.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Login::Password(..) => "Password(…)",
            Login::Identity(_) => "Identity(…)",
            Login::Bearer(_) => "Bearer(…)",
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    auths: BTreeMap<String, Auth>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
    registrytoken: String,
}

/// The login for a server (as [`super::reference::Reference::server`] names it) and a repository on it; `None` when
/// no config has one.
///
/// # Errors
/// When no config has one, and a config or helper that may have one fails.
pub(super) fn find(server: &str, repository: &str) -> Result<Option<Login>, String> {
    let mut trouble = None;
    for source in sources() {
        let found = match &source {
            // GitLab, and Docker from 28 on, take the config itself from the environment.
            Source::Text(text) => find_in(text.as_bytes(), "DOCKER_AUTH_CONFIG", server, repository),
            Source::File(path) => match read(path) {
                Ok(None) => continue,
                Ok(Some(bytes)) => find_in(&bytes, &path.display().to_string(), server, repository),
                Err(what) => Err(what),
            },
        };
        match found {
            Ok(Some(login)) => return Ok(Some(login)),
            Ok(None) => {}
            // A helper that is missing in one config must not hide the login in another.
            Err(what) => drop(trouble.get_or_insert(what)),
        }
    }
    trouble.map_or(Ok(None), Err)
}

/// Where a login may be.
enum Source {
    Text(String),
    File(PathBuf),
}

/// Where logins are kept; the first that has one counts.
fn sources() -> Vec<Source> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = std::env::home_dir();
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let docker = variable("DOCKER_CONFIG").map(|folder| folder.join("config.json"));
    let text = std::env::var("DOCKER_AUTH_CONFIG").ok().filter(|text| !text.trim().is_empty());
    // Podman, Buildah and Skopeo keep logins where they vanish with the session.
    let runtime = variable("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json"));
    let runtime = runtime.or_else(runtime_file);
    let files = [
        docker.or_else(|| below_home(".docker/config.json")),
        runtime,
        variable("XDG_CONFIG_HOME").map(|folder| folder.join("containers/auth.json")),
        below_home(".config/containers/auth.json"),
        below_home(".dockercfg"),
    ];
    let first = variable("REGISTRY_AUTH_FILE").map(Source::File);
    let files = files.into_iter().flatten().map(Source::File);
    first.into_iter().chain(text.map(Source::Text)).chain(files).collect()
}

/// Where they keep logins when `XDG_RUNTIME_DIR` is not set.
#[cfg(unix)]
fn runtime_file() -> Option<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    Some(PathBuf::from(format!("/run/containers/{user}/auth.json")))
}

#[cfg(not(unix))]
fn runtime_file() -> Option<PathBuf> {
    None
}

/// The bytes of a config; `None` when it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let failed =
        |error| format!("the logins in {} cannot be read: {}", path.display(), crate::model::plain(&error));
    match std::fs::File::open(path) {
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed(error)),
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(MAX_CONFIG).read_to_end(&mut bytes).map_err(failed)?;
            Ok(Some(bytes))
        }
    }
}

fn find_in(bytes: &[u8], place: &str, server: &str, repository: &str) -> Result<Option<Login>, String> {
    let failed = |error| format!("the logins in {place} cannot be read: {error}");
    // Editors of Windows put a byte order mark before it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut config = go_json::read::<Config>(bytes).map_err(failed)?.value;
    if config.auths.is_empty() && place.ends_with(".dockercfg") {
        // The oldest form has the servers at its top.
        config.auths = go_json::read::<BTreeMap<String, Auth>>(bytes).map_err(failed)?.value;
    }
    let from_helper = ask_helpers(&config, server);
    if let Ok(Some(login)) = from_helper {
        return Ok(Some(login));
    }
    let own = login_in(&config, place, server, repository);
    match own {
        // What the helper could not say, the file itself may.
        Ok(None) => from_helper,
        own => own,
    }
}

/// The login that a helper has, if the config names one.
fn ask_helpers(config: &Config, server: &str) -> Result<Option<Login>, String> {
    let helper =
        config.cred_helpers.iter().find(|(name, _)| same_server(name, server)).map(|(_, helper)| helper);
    if let Some(helper) = helper.or(Some(&config.creds_store)).filter(|helper| !helper.is_empty()) {
        return ask_helper(helper, server);
    }
    Ok(None)
}

/// The login that a config itself has.
fn login_in(config: &Config, place: &str, server: &str, repository: &str) -> Result<Option<Login>, String> {
    // Podman's keys may name a repository or part of its path; the longest counts.
    let mut best: Option<(usize, &Auth)> = None;
    for (name, auth) in &config.auths {
        let length = match () {
            () if same_server(name, server) => 0,
            () => match name.strip_prefix(server).and_then(|rest| rest.strip_prefix('/')) {
                Some(rest) if repository == rest || repository.starts_with(&format!("{rest}/")) => rest.len(),
                _ => continue,
            },
        };
        if best.is_none_or(|(known, _)| length >= known) {
            best = Some((length, auth));
        }
    }
    best.map_or(Ok(None), |(_, auth)| login_of(auth).map_err(|what| format!("{place}: {what}")))
}

/// Whether a key of the config means a server: it may be a whole address.
fn same_server(key: &str, server: &str) -> bool {
    let host = |text: &str| {
        let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
        // Only the address forms of the first API carry a path; other paths are of repositories.
        let host = text.strip_suffix('/').unwrap_or(text);
        let host = host.strip_suffix("/v1").or_else(|| host.strip_suffix("/v2")).unwrap_or(host);
        let hub = matches!(host, "docker.io" | "index.docker.io" | "registry-1.docker.io");
        if hub { "docker.io".to_owned() } else { host.to_ascii_lowercase() }
    };
    host(key) == host(server)
}

fn login_of(auth: &Auth) -> Result<Option<Login>, String> {
    if !auth.registrytoken.is_empty() {
        return Ok(Some(Login::Bearer(auth.registrytoken.clone())));
    }
    if !auth.identitytoken.is_empty() {
        return Ok(Some(Login::Identity(auth.identitytoken.clone())));
    }
    if !auth.auth.is_empty() {
        let wrong = || "a login is not base64 of NAME:PASSWORD. Log in again".to_owned();
        let bytes = STANDARD.decode(auth.auth.trim()).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        let (name, password) = text.split_once(':').ok_or_else(wrong)?;
        // Docker pads with NUL.
        return Ok(Some(Login::Password(name.to_owned(), password.trim_end_matches('\0').to_owned())));
    }
    Ok((!auth.username.is_empty()).then(|| Login::Password(auth.username.clone(), auth.password.clone())))
}

/// What a helper prints.
#[derive(Deserialize)]
struct Told {
    #[serde(rename = "Username", default)]
    username: String,
    #[serde(rename = "Secret", default)]
    secret: String,
}

fn ask_helper(name: &str, server: &str) -> Result<Option<Login>, String> {
    let program = format!("docker-credential-{name}");
    let failed = |what: String| format!("the credential helper {program} failed: {what}");
    // It is found on the PATH, never in the folder where debar runs.
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return Err(failed("its name is no plain name of a program".to_owned()));
    }
    let mut child = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("{error}. Install it, or take it out of the Docker config")))?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not want to know says so by its exit code.
        drop(input.write_all(server.as_bytes()));
    }
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        output.map(|output| output.take(1 << 20).read_to_end(&mut bytes)).transpose().map(|_| bytes)
    });
    let deadline = Instant::now() + HELPER_TIME;
    let status = loop {
        match child.try_wait().map_err(|error| failed(error.to_string()))? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                drop(child.kill());
                drop(child.wait());
                return Err(failed(format!("it did not answer within {} s", HELPER_TIME.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let bytes = reader.join().ok().and_then(Result::ok).unwrap_or_default();
    if !status.success() {
        // The protocol has no code for "none known", only this sentence.
        let text = String::from_utf8_lossy(&bytes);
        return if text.contains("credentials not found") {
            Ok(None)
        } else {
            Err(failed(format!("it ended with {status}")))
        };
    }
    let answer: Told =
        serde_json::from_slice(&bytes).map_err(|_| failed("what it printed is no login".to_owned()))?;
    Ok(match answer.username.as_str() {
        "" => None,
        "<token>" => Some(Login::Identity(answer.secret)),
        _ => Some(Login::Password(answer.username, answer.secret)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, server: &str, repository: &str) -> Result<Option<Login>, String> {
        find_in(config.as_bytes(), "config.json", server, repository)
    }

    fn password(name: &str, password: &str) -> Option<Login> {
        Some(Login::Password(name.to_owned(), password.to_owned()))
    }

    #[test]
    fn logins_of_docker() {
        let config = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"aHViOnA6dw=="},"r.example:5000":{"auth":"dTpw"},
            "https://old.example/v2/":{"username":"u","password":"q"},"azure.example":{"auth":"AA==","identitytoken":"refresh"},
            "bearer.example":{"registrytoken":"t"}},"HttpHeaders":{"X":"y"}}"#;
        assert_eq!(
            found(config, "https://index.docker.io/v1/", "library/debian"),
            Ok(password("hub", "p:w"))
        );
        assert_eq!(found(config, "r.example:5000", "a"), Ok(password("u", "p")));
        assert_eq!(found(config, "r.example", "a"), Ok(None));
        assert_eq!(found(config, "old.example", "a"), Ok(password("u", "q")));
        assert_eq!(found(config, "azure.example", "a"), Ok(Some(Login::Identity("refresh".to_owned()))));
        assert_eq!(found(config, "bearer.example", "a"), Ok(Some(Login::Bearer("t".to_owned()))));
    }

    #[test]
    fn logins_of_podman_for_part_of_a_registry() {
        let config = r#"{"auths":{"r.example":{"auth":"YTph"},"r.example/team":{"auth":"Yjpi"},"r.example/team/app":{"auth":"Yzpj"}}}"#;
        assert_eq!(found(config, "r.example", "other"), Ok(password("a", "a")));
        assert_eq!(found(config, "r.example", "team/x"), Ok(password("b", "b")));
        assert_eq!(found(config, "r.example", "team/app"), Ok(password("c", "c")));
        assert_eq!(found(config, "r.example", "teams"), Ok(password("a", "a")));
    }

    #[test]
    fn what_is_damaged_is_told() {
        assert!(found("{", "a", "b").is_err());
        assert!(found(r#"{"auths":{"a.example":{"auth":"%%%"}}}"#, "a.example", "b").is_err());
        assert!(found(r#"{"credsStore":"../evil"}"#, "a.example", "b").unwrap_err().contains("plain name"));
        assert!(found(r#"{"credsStore":"not-installed-anywhere"}"#, "a.example", "b").is_err());
        assert!(found(r#"{"auths":[]}"#, "a.example", "b").is_err());
    }

    #[test]
    fn null_marks_and_missing_helpers_hide_no_login() {
        let login =
            r#""auths":{"r.example":{"auth":"dTpw","email":null,"identitytoken":null},"b.example":null}"#;
        for config in [
            format!(r#"{{"credHelpers":null,"credsStore":null,{login}}}"#),
            format!("\u{feff}{{{login}}}\r\n"),
            format!(r#"{{"credsStore":"not-installed-anywhere",{login}}}"#),
            format!(r#"{{"credHelpers":{{"r.example":"not-installed-anywhere"}},{login}}}"#),
            format!(r#"{{{}}}"#, login.replace("auths", "Auths")),
        ] {
            assert_eq!(found(&config, "r.example", "a"), Ok(password("u", "p")), "{config}");
        }
        for empty in ["", " \n", "null", "{}", r#"{"auths":null}"#] {
            assert_eq!(found(empty, "r.example", "a"), Ok(None), "{empty}");
        }
        let old = r#"{"r.example":{"auth":"dTpw","email":"x"}}"#;
        assert_eq!(find_in(old.as_bytes(), "/h/.dockercfg", "r.example", "a"), Ok(password("u", "p")));
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", password("name", "secret")).contains("secret"));
    }
}
