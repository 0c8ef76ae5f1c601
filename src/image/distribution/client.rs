//! Requests to one repository of a registry: the login, retries, redirects.
//!
//! As the OCI distribution specification 1.1 and Docker's token authentication say it. What proves who asks goes to
//! the registry and to the authorisation server that it names, never to where it redirects.

use std::fmt;
use std::io::{self, Read};
use std::net::ToSocketAddrs;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::header::{ACCEPT, AUTHORIZATION, LOCATION, PROXY_AUTHORIZATION, RANGE, RETRY_AFTER};
use ureq::http::{HeaderMap, StatusCode};
use ureq::{Agent, Body};

use super::reference::Reference;
use crate::http::address::Address;
use crate::http::proxy::{self, Proxies, Through};
use crate::http::tls;

/// How often a request is sent before its failure is reported.
const ATTEMPTS: u32 = 5;
/// The wait before the second attempt; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(300);
/// The longest wait, also where the registry asks for a longer one.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Redirects in a row.
const MAX_HOPS: usize = 5;

/// How registries are spoken to.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// HTTP without TLS.
    pub is_insecure: bool,
    /// How long an image may take; for ever when `None`.
    pub timeout: Option<Duration>,
}

/// Why the registry gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It says that there is no such thing.
    Absent,
    /// It wants a login, or another one.
    Denied(String),
    /// Anything else.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Absent => f.write_str("the registry has no such thing"),
            Failure::Denied(what) | Failure::Other(what) => f.write_str(what),
        }
    }
}

/// An answer, its body not read yet.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    /// Whether it came from the registry itself, not from where it redirected.
    pub(super) is_own: bool,
    /// What the request that it answers was authorised by.
    pub(super) used: Option<String>,
}

impl Reply {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Its body, of at most so many bytes.
    ///
    /// # Errors
    /// When it breaks off or is longer.
    pub(super) fn bytes(self, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.body.into_reader().take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("an answer of more than {limit} bytes"),
            ));
        }
        Ok(bytes)
    }
}

/// A repository of a registry.
pub(super) struct Client {
    direct: Agent,
    /// Behind the proxies for addresses with and without TLS.
    https: Option<Through>,
    http: Option<Through>,
    proxies: Proxies,
    pub(super) reference: Reference,
    own: Address,
    pub(super) is_insecure: bool,
    deadline: Option<Instant>,
    /// The value of `Authorization`, once the registry asked for one.
    pub(super) authorisation: Mutex<Option<String>>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// When TLS cannot be had on this machine.
    pub(super) fn new(reference: &Reference, access: &Access) -> Result<Client, String> {
        let is_insecure = access.is_insecure;
        let tls = if is_insecure {
            None
        } else {
            Some(tls::config(&tls::Identity::default()).map_err(|why| {
                format!(
                    "{why}. Save the image elsewhere, for example with `skopeo copy`, and scan the archive"
                )
            })?)
        };
        let config = |proxy: Option<ureq::Proxy>| {
            let config = Agent::config_builder()
                .user_agent(concat!("debar/", env!("CARGO_PKG_VERSION")))
                .http_status_as_error(false)
                // Redirects are followed here, so that nothing secret goes along.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .timeout_connect(Some(Duration::from_secs(20)))
                .timeout_recv_response(Some(Duration::from_secs(60)))
                .timeout_per_read(Some(Duration::from_secs(60)))
                .proxy(proxy);
            match &tls {
                Some(tls) => config.tls_config(tls.clone()).build(),
                None => config.build(),
            }
        };
        let proxies = Proxies::of_environment();
        let through = |scheme: &str| {
            let proxy = if scheme == "https" { proxies.https() } else { proxies.http() };
            proxy.map(|proxy| proxy::agent(&config, proxy, scheme == "https")).transpose()
        };
        // With TLS nothing goes without it, and without TLS there is none to go with.
        let (https, http) = if is_insecure { (None, through("http")?) } else { (through("https")?, None) };
        let scheme = if is_insecure { "http" } else { "https" };
        let own = Address::parse(&format!("{scheme}://{}/", reference.host)).ok_or("its host is no host")?;
        Ok(Client {
            direct: config(None).new_agent(),
            https,
            http,
            proxies,
            reference: reference.clone(),
            own,
            is_insecure,
            deadline: access.timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
            authorisation: Mutex::default(),
        })
    }

    /// The agent for an address, and the login of the proxy that it is behind.
    pub(super) fn agent(&self, url: &Address) -> (&Agent, Option<&str>) {
        let through = if url.scheme == "https" { &self.https } else { &self.http };
        match through.as_ref().filter(|_| self.proxies.of_address(url).is_some()) {
            Some(through) => (&through.agent, through.authorization.as_deref()),
            None => (&self.direct, None),
        }
    }

    /// How much time is left for a request.
    pub(super) fn left(&self) -> Option<Duration> {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // Nothing at all would mean that there is no limit.
        left.map(|left| left.max(Duration::from_millis(1)))
    }

    /// Whether an address leads to this machine, or to where clouds give their machines secrets, and the registry that
    /// names it is elsewhere.
    pub(super) fn leads_inside(&self, url: &Address) -> bool {
        let is_inside = |url: &Address| {
            let (host, port) = url.host_and_port();
            let is_known = matches!(host.as_str(), "localhost" | "metadata" | "metadata.google.internal")
                || host.ends_with(".localhost");
            if is_known {
                return true;
            }
            if let Ok(address) = host.parse() {
                return proxy::is_local(address);
            }
            // Behind a proxy only the proxy knows the host.
            let port = port.parse().unwrap_or(0_u16);
            self.proxies.of_address(url).is_none()
                && (host.as_str(), port)
                    .to_socket_addrs()
                    .is_ok_and(|mut addresses| addresses.any(|address| proxy::is_local(address.ip())))
        };
        is_inside(url) && !is_inside(&self.own)
    }

    /// Sends a request until it gets an answer that another attempt would not change.
    pub(super) fn patiently(
        &self,
        mut send: impl FnMut() -> Result<Reply, Attempt>,
    ) -> Result<Reply, Failure> {
        let mut attempt = 1;
        loop {
            let wait = match send() {
                Ok(reply) => {
                    let passing =
                        !self.is_late() && matches!(reply.status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504);
                    if !passing || attempt >= ATTEMPTS {
                        return Ok(reply);
                    }
                    let asked = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                    asked.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs)
                }
                Err(Attempt::Again(what)) if self.is_late() => {
                    return Err(Failure::Other(format!("{what}, and the time is up")));
                }
                Err(Attempt::Failed(what)) => return Err(Failure::Other(what)),
                Err(Attempt::Again(what)) if attempt >= ATTEMPTS => {
                    return Err(Failure::Other(format!("{what} ({attempt} attempts)")));
                }
                Err(Attempt::Again(_)) => None,
            };
            pause(attempt, wait);
            attempt += 1;
        }
    }

    /// Whether the time is up.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() > deadline)
    }

    /// Fetches `/v2/REPOSITORY/PATH`, from a byte on if that is not 0.
    ///
    /// # Errors
    /// When there is no answer, or one that is not a success.
    pub(super) fn get(&self, path: &str, accept: &str, from: u64) -> Result<Reply, Failure> {
        let url = self.own.join(&format!("/v2/{}/{path}", self.reference.repository));
        let url = url.ok_or_else(|| Failure::Other(format!("`{path}` is no path")))?;
        let mut renewed = 0;
        loop {
            let reply = self.patiently(|| self.follow(url.clone(), accept, from))?;
            let status = reply.status;
            match status {
                StatusCode::OK | StatusCode::PARTIAL_CONTENT => return Ok(reply),
                StatusCode::UNAUTHORIZED if reply.is_own && renewed < 2 => {
                    renewed += 1;
                    self.authorise(&reply)?;
                }
                StatusCode::NOT_FOUND => return Err(Failure::Absent),
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    return Err(Failure::Denied(format!(
                        "{} refuses access ({status}): {}. Log in with `docker login {0}`",
                        self.reference.host,
                        said(reply),
                    )));
                }
                _ => {
                    let host = &self.reference.host;
                    return Err(Failure::Other(format!("{host} answers {status}: {}", said(reply))));
                }
            }
        }
    }

    /// Sends a request and follows redirects.
    fn follow(&self, mut url: Address, accept: &str, from: u64) -> Result<Reply, Attempt> {
        for _ in 0..=MAX_HOPS {
            let (agent, of_proxy) = self.agent(&url);
            let mut request = agent.get(url.text()).config().timeout_global(self.left()).build();
            if let Some(login) = of_proxy {
                request = request.header(PROXY_AUTHORIZATION, login);
            }
            if !accept.is_empty() {
                request = request.header(ACCEPT, accept);
            }
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let is_own = url.origin() == self.own.origin();
            let known = self.authorisation.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let used = known.filter(|_| is_own);
            if let Some(authorisation) = &used {
                request = request.header(AUTHORIZATION, authorisation);
            }
            let response = request.call().map_err(|error| Attempt::of(&url, &error))?;
            let (parts, body) = response.into_parts();
            if !(parts.status.is_redirection() && parts.status != StatusCode::NOT_MODIFIED) {
                return Ok(Reply { status: parts.status, headers: parts.headers, body, is_own, used });
            }
            let to = parts.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let next = to
                .and_then(|to| url.join(to))
                .ok_or_else(|| Attempt::Failed(format!("{} redirects to no address", url.authority)))?;
            if next.scheme == "http" && !self.is_insecure {
                let what = format!(
                    "{} redirects to {} without TLS, which is not followed",
                    url.authority, next.authority
                );
                return Err(Attempt::Failed(what));
            }
            if self.leads_inside(&next) {
                let what = format!(
                    "{} redirects to {}, which is an address of this machine, and is not followed",
                    url.authority, next.authority
                );
                return Err(Attempt::Failed(what));
            }
            url = next;
        }
        Err(Attempt::Failed(format!("{} redirects more than {MAX_HOPS} times", self.own.authority)))
    }
}

/// How one attempt went wrong.
pub(super) enum Attempt {
    /// It may go better another time.
    Again(String),
    Failed(String),
}

impl Attempt {
    pub(super) fn of(url: &Address, error: &ureq::Error) -> Attempt {
        let what = format!("{} cannot be reached: {}", url.authority, crate::http::plain(error));
        let hint = "For a registry that speaks no TLS there is --insecure";
        match error {
            ureq::Error::HostNotFound | ureq::Error::BadUri(_) => Attempt::Failed(what),
            // A certificate that does not hold, or an answer that is not TLS.
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => Attempt::Failed(format!("{what}. {hint}")),
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Attempt::Failed(format!("{what}. {hint}"))
            }
            // Some servers end the connection when they do not understand its beginning.
            ureq::Error::Io(error)
                if url.scheme == "https" && error.kind() == io::ErrorKind::UnexpectedEof =>
            {
                Attempt::Again(format!("{what}. {hint}"))
            }
            _ => Attempt::Again(what),
        }
    }
}

/// Waits before another attempt: as long as the registry asks for, else longer each time.
pub(super) fn pause(attempt: u32, asked: Option<Duration>) {
    let own = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    std::thread::sleep(asked.unwrap_or(own).min(LONGEST_WAIT));
}

/// The beginning of what a refusal says, on one line.
pub(super) fn said(reply: Reply) -> String {
    let mut bytes = Vec::new();
    drop(reply.body.into_reader().take(300).read_to_end(&mut bytes));
    let text = crate::text::shown(&bytes);
    if text.trim().is_empty() { "no reason given".to_owned() } else { text.trim().to_owned() }
}
