//! Sending what waits in a spool.
//!
//! A report is removed when the collector says that it has it: 200, 201, 202 or 204; 409 or 412 ("there already") only
//! when the address names the report's own SHA-256, so that nothing else can be there under that name. Passing trouble is
//! tried again with growing, random waits. Redirects are not followed: they would send a report where nobody chose to.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, RETRY_AFTER};
use ureq::{Agent, Proxy};

use super::address::is_here;
use super::spool::{Content, Spool};
use crate::http::address::Address;
use crate::http::plain;
use crate::http::proxy::Proxies;
use crate::http::tls;
use crate::text::hex::hex;
use crate::text::text_of;

/// How often a report is sent before another one gets its turn.
const ATTEMPTS: u32 = 8;
/// Failed connections in a row after which a collector is not tried again in this run.
const UNREACHABLE: u32 = 4;
/// The wait before the second attempt; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait, also where the collector asks for a longer one.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const MAX_ANSWER: u64 = 300;

/// How a collector is reached.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The client's certificate (PEM).
    pub certificate: Option<PathBuf>,
    /// Its key (PEM), when it is in another file.
    pub key: Option<PathBuf>,
    /// A file with a token that is sent as `Authorization: Bearer`.
    pub token: Option<PathBuf>,
    /// Authorities to trust instead of the system's (PEM).
    pub authorities: Option<PathBuf>,
}

/// What became of what waited.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Reports that a collector has.
    pub delivered: usize,
    /// Those that still wait: the file and why.
    pub waiting: Vec<(String, String)>,
}

/// Sends reports.
pub struct Sender {
    direct: Agent,
    proxied: Option<Agent>,
    proxies: Proxies,
    token: Option<String>,
    deadline: Instant,
    /// Failed connections in a row, by scheme and host, with the last reason.
    unreachable: BTreeMap<(&'static str, String), (u32, String)>,
}

/// How one attempt ended.
enum Attempt {
    Delivered,
    Refused(String),
    /// Nothing answered.
    Unreachable(String),
    /// It said to come again, perhaps after a time.
    Later(String, Option<Duration>),
}

impl Sender {
    /// Reads certificates and token. Nothing is sent yet.
    ///
    /// # Errors
    /// When a file cannot be used, or TLS cannot be had on this machine.
    pub fn new(access: &Access, time: Duration) -> Result<Self, String> {
        let identity = tls::Identity {
            authorities: access.authorities.clone(),
            certificate: access.certificate.clone(),
            key: access.key.clone(),
        };
        let tls = tls::config(&identity)?;
        let config = |proxy: Option<Proxy>| {
            Agent::config_builder()
                .user_agent(concat!("debar/", env!("CARGO_PKG_VERSION")))
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .timeout_connect(Some(Duration::from_secs(20)))
                .timeout_recv_response(Some(Duration::from_secs(60)))
                .tls_config(tls.clone())
                .proxy(proxy)
                .build()
                .new_agent()
        };
        let proxies = Proxies::of_environment();
        let proxy = proxies.https().map(|text| {
            let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
            Proxy::new(text).map_err(|error| format!("the proxy {host} cannot be used: {error}"))
        });
        let proxied = proxy.transpose()?.map(|proxy| config(Some(proxy)));
        let token = access.token.as_deref().map(token).transpose()?;
        let now = Instant::now();
        let deadline = now.checked_add(time).unwrap_or(now);
        Ok(Sender { direct: config(None), proxied, proxies, token, deadline, unreachable: BTreeMap::new() })
    }

    /// Sends everything that waits in a spool.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn send(&mut self, spool: &Spool) -> std::io::Result<Outcome> {
        let mut outcome = Outcome::default();
        spool.tidy();
        for entry in spool.entries()? {
            let sent = match entry.read() {
                Ok(Some(content)) => self.one(&content).and_then(|()| entry.remove()),
                // Another sender delivered it.
                Ok(None) => continue,
                Err(why) => Err(why),
            };
            match sent {
                Ok(()) => outcome.delivered += 1,
                Err(why) => outcome.waiting.push((entry.name(), why)),
            }
        }
        Ok(outcome)
    }

    /// Sends one report until it is delivered, refused, or the time is up.
    fn one(&mut self, content: &Content) -> Result<(), String> {
        let address = Address::parse(&content.address).ok_or("its address is none")?;
        if address.scheme == "http" && !is_here(&address) {
            return Err("its address would send it without TLS".to_owned());
        }
        let origin = address.origin();
        let mut attempt = 0;
        loop {
            if let Some((_, why)) = self.unreachable.get(&origin).filter(|(failed, _)| *failed >= UNREACHABLE)
            {
                return Err(why.clone());
            }
            attempt += 1;
            let (why, asked) = match self.attempt(&address, &content.report) {
                Attempt::Delivered => {
                    self.unreachable.remove(&origin);
                    return Ok(());
                }
                Attempt::Refused(why) => return Err(why),
                Attempt::Unreachable(why) => {
                    let known = self.unreachable.entry(origin.clone()).or_default();
                    *known = (known.0 + 1, why.clone());
                    (why, None)
                }
                Attempt::Later(why, asked) => (why, asked),
            };
            let wait = wait(attempt, asked);
            if attempt >= ATTEMPTS || Instant::now() + wait >= self.deadline {
                return Err(format!(
                    "{why} ({attempt} {})",
                    if attempt == 1 { "attempt" } else { "attempts" }
                ));
            }
            std::thread::sleep(wait);
        }
    }

    fn attempt(&self, address: &Address, report: &[u8]) -> Attempt {
        let host = &address.authority;
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Attempt::Later("the time is up (--deliver-timeout)".to_owned(), None);
        }
        let is_proxied = address.scheme == "https" && self.proxies.of_address(address).is_some();
        let agent = self.proxied.as_ref().filter(|_| is_proxied).unwrap_or(&self.direct);
        let text = address.text();
        let names_itself = text.contains(&hex(&Sha256::digest(report)));
        let mut request = agent.put(text).config().timeout_global(Some(left)).build();
        request = request.header(CONTENT_TYPE, "application/json");
        if names_itself {
            request = request.header(IF_NONE_MATCH, "*");
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        let response = match request.send(report) {
            Ok(response) => response,
            Err(error @ (ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::BadUri(_))) => {
                return Attempt::Refused(format!("{host} cannot be used: {}", plain(&error)));
            }
            Err(error) => {
                return Attempt::Unreachable(format!("{host} cannot be reached: {}", plain(&error)));
            }
        };
        let (parts, body) = response.into_parts();
        let mut said = Vec::new();
        drop(body.into_reader().take(MAX_ANSWER).read_to_end(&mut said));
        let status = parts.status.as_u16();
        let what = format!("{host} answers {}{}", parts.status, reason(&said));
        match status {
            200 | 201 | 202 | 204 => Attempt::Delivered,
            409 | 412 if names_itself => Attempt::Delivered,
            409 | 412 => {
                Attempt::Refused(format!("{what}; another report may be there: put %s into the address"))
            }
            408 | 425 | 429 | 500 | 502 | 503 | 504 | 507 => {
                let asked = parts.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                Attempt::Later(what, asked.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs))
            }
            300..400 => Attempt::Refused(format!("{what}; redirects are not followed")),
            _ => Attempt::Refused(what),
        }
    }
}

/// The beginning of an answer that is text.
fn reason(said: &[u8]) -> String {
    let text = text_of(said);
    let text = text.trim();
    let is_page = text.starts_with('<');
    if text.is_empty() || is_page { String::new() } else { format!(": {text}") }
}

/// The value of `Authorization` by a file.
fn token(path: &std::path::Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {}", path.display(), crate::model::plain(&error)))?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("{} holds no token: it must be one word of ASCII", path.display()));
    }
    Ok(format!("Bearer {token}"))
}

/// How long to wait before another attempt: at least what was asked for, else longer each time; random, so that a fleet
/// that was cut off together does not come back together.
fn wait(attempt: u32, asked: Option<Duration>) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST_WAIT);
    // Hashers begin with random numbers.
    let random = RandomState::new().build_hasher().finish() % 1_000;
    let own = longest.mul_f64(0.5 + random as f64 / 2_000.0);
    own.max(asked.unwrap_or_default().min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_differ_and_follow_the_collector() {
        let waits: Vec<Duration> = (0..50).map(|_| wait(3, None)).collect();
        assert!(waits.iter().all(|wait| (Duration::from_secs(1)..=Duration::from_secs(2)).contains(wait)));
        assert!(waits.iter().any(|wait| *wait != waits[0]));
        assert_eq!(wait(1, Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert!(wait(30, Some(Duration::from_secs(10_000))) <= LONGEST_WAIT);
    }

    #[test]
    fn a_token_is_one_word() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let of = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            token(file.path())
        };
        assert_eq!(of("abc123\n"), Ok("Bearer abc123".to_owned()));
        assert!(of("").is_err() && of("a b").is_err() && of("a\r\nX: y").is_err());
    }
}
