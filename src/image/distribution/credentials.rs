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
/// When a config or helper that should have one fails.
pub(super) fn find(server: &str, repository: &str) -> Result<Option<Login>, String> {
    for path in configs() {
        if let Some(login) = find_in(&path, server, repository)? {
            return Ok(Some(login));
        }
    }
    Ok(None)
}

/// Where logins are kept, the first that has one counts.
fn configs() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = std::env::home_dir();
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let docker = variable("DOCKER_CONFIG").map(|folder| folder.join("config.json"));
    [
        variable("REGISTRY_AUTH_FILE"),
        docker.or_else(|| below_home(".docker/config.json")),
        variable("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
        below_home(".config/containers/auth.json"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn find_in(path: &Path, server: &str, repository: &str) -> Result<Option<Login>, String> {
    let bytes = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("the logins in {} cannot be read: {error}", path.display())),
        Ok(file) => {
            let mut bytes = Vec::new();
            let read = file.take(MAX_CONFIG).read_to_end(&mut bytes);
            read.map_err(|error| format!("the logins in {} cannot be read: {error}", path.display()))?;
            bytes
        }
    };
    let config: Config = serde_json::from_slice(&bytes)
        .map_err(|error| format!("the logins in {} cannot be read: {error}", path.display()))?;
    let helper =
        config.cred_helpers.iter().find(|(name, _)| same_server(name, server)).map(|(_, helper)| helper);
    if let Some(helper) = helper.or(Some(&config.creds_store)).filter(|helper| !helper.is_empty())
        && let Some(login) = ask_helper(helper, server)?
    {
        return Ok(Some(login));
    }
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
    best.map_or(Ok(None), |(_, auth)| login_of(auth).map_err(|what| format!("{}: {what}", path.display())))
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
        return match text.contains("credentials not found") {
            true => Ok(None),
            false => Err(failed(format!("it ended with {status}"))),
        };
    }
    let told: Told =
        serde_json::from_slice(&bytes).map_err(|_| failed("what it printed is no login".to_owned()))?;
    Ok(match told.username.as_str() {
        "" => None,
        "<token>" => Some(Login::Identity(told.secret)),
        _ => Some(Login::Password(told.username, told.secret)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, server: &str, repository: &str) -> Result<Option<Login>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, config).unwrap();
        find_in(&path, server, repository)
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
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", password("name", "secret")).contains("secret"));
    }
}
