//! Logins to a registry: what its answer asks for, and tokens of the authorisation server that it names.

use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::http::StatusCode;
use ureq::http::header::{AUTHORIZATION, PROXY_AUTHORIZATION, WWW_AUTHENTICATE};

use super::challenge::Challenge;
use super::client::{Attempt, Client, Failure, Reply, said};
use super::credentials::{self, Login};
use crate::http::address::Address;

/// A token is small; anything larger is none.
const MAX_TOKEN: u64 = 1 << 20;

impl Client {
    /// Gets what the registry asks for in its answer.
    pub(super) fn authorise(&self, reply: &Reply) -> Result<(), Failure> {
        let mut authorisation = self.authorisation.lock().unwrap_or_else(PoisonError::into_inner);
        if *authorisation != reply.used {
            // Another thread has been here.
            return Ok(());
        }
        let host = &self.reference.host;
        let (login, trouble) = match credentials::find(self.reference.server(), &self.reference.repository) {
            Ok(login) => (login, None),
            Err(trouble) => (None, Some(trouble)),
        };
        let denied = |what: String| {
            let trouble = trouble.as_ref().map(|trouble| format!(" ({trouble})")).unwrap_or_default();
            Failure::Denied(format!("{what}{trouble}"))
        };
        let headers = reply.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<Challenge> = headers.flat_map(Challenge::parse).collect();
        let of =
            |scheme: &str| challenges.iter().find(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme));
        let had_one = reply.used.is_some();
        *authorisation = Some(match (of("Bearer"), of("Basic"), login) {
            (_, _, Some(Login::Bearer(token))) if !had_one => format!("Bearer {token}"),
            (Some(challenge), _, login) => {
                let token = self.token(challenge, login.as_ref()).map_err(|failure| match failure {
                    Failure::Denied(what) => denied(what),
                    other => other,
                })?;
                format!("Bearer {token}")
            }
            (None, Some(_), Some(Login::Password(name, password))) if !had_one => basic(&name, &password),
            (None, Some(_), Some(_)) if had_one => {
                return Err(denied(format!(
                    "{host} does not take the login of the Docker config. Log in again with `docker login {host}`"
                )));
            }
            (None, Some(_), _) => {
                return Err(denied(format!(
                    "{host} wants a login, and the Docker config has none for it. Log in with `docker login {host}`"
                )));
            }
            (None, None, _) => {
                return Err(denied(format!("{host} refuses access without saying how to log in")));
            }
        });
        Ok(())
    }

    /// Asks the authorisation server for a token.
    fn token(&self, challenge: &Challenge, login: Option<&Login>) -> Result<String, Failure> {
        let host = &self.reference.host;
        let realm = challenge.parameter("realm").and_then(Address::parse);
        let realm = realm.ok_or_else(|| Failure::Other(format!("{host} names no authorisation server")))?;
        if realm.scheme == "http" && !self.is_insecure {
            let what = format!(
                "{host} names the authorisation server {} without TLS, which is not asked",
                realm.authority
            );
            return Err(Failure::Other(what));
        }
        if self.leads_inside(&realm) {
            let what = format!(
                "{host} names the authorisation server {}, which is an address of this machine, and is not asked",
                realm.authority
            );
            return Err(Failure::Other(what));
        }
        let pull = format!("repository:{}:pull", self.reference.repository);
        let scope = challenge.parameter("scope").filter(|scope| !scope.is_empty()).unwrap_or(&pull);
        let reply = self.ask_for_token(&realm, scope, challenge.parameter("service"), login)?;
        let status = reply.status;
        if status != StatusCode::OK {
            let what =
                format!("the authorisation server {} answers {status}: {}", realm.authority, said(reply));
            return Err(if status.is_client_error() { Failure::Denied(what) } else { Failure::Other(what) });
        }
        let unusable =
            || Failure::Other(format!("the authorisation server {} gives no token", realm.authority));
        let bytes = reply.bytes(MAX_TOKEN).map_err(|_| unusable())?;
        let token: Token = serde_json::from_slice(&bytes).map_err(|_| unusable())?;
        [token.token, token.access_token].into_iter().find(|token| !token.is_empty()).ok_or_else(unusable)
    }

    /// The answer of an authorisation server.
    fn ask_for_token(
        &self,
        realm: &Address,
        scope: &str,
        service: Option<&str>,
        login: Option<&Login>,
    ) -> Result<Reply, Failure> {
        let (agent, of_proxy) = self.agent(realm);
        self.patiently(|| {
            let response = match login {
                Some(Login::Identity(token)) => {
                    let form = [
                        ("grant_type", "refresh_token"),
                        ("service", service.unwrap_or_default()),
                        ("client_id", "debar"),
                        ("scope", scope),
                        ("refresh_token", token),
                    ];
                    let mut request = agent.post(realm.text()).config().timeout_global(self.left()).build();
                    if let Some(login) = of_proxy {
                        request = request.header(PROXY_AUTHORIZATION, login);
                    }
                    request.send_form(form)
                }
                login => {
                    let mut request = agent.get(realm.text()).config().timeout_global(self.left()).build();
                    if let Some(login) = of_proxy {
                        request = request.header(PROXY_AUTHORIZATION, login);
                    }
                    if let Some(service) = service {
                        request = request.query("service", service);
                    }
                    request = request.query("scope", scope);
                    if let Some(Login::Password(name, password)) = login {
                        request = request.header(AUTHORIZATION, basic(name, password));
                    }
                    request.call()
                }
            };
            let (parts, body) = response.map_err(|error| Attempt::of(realm, &error))?.into_parts();
            Ok(Reply { status: parts.status, headers: parts.headers, body, is_own: false, used: None })
        })
    }
}

/// What an authorisation server answers.
#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}
