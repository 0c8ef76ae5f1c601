//! Which requests go through a proxy, and how.
//!
//! As Go decides it (`golang.org/x/net/http/httpproxy`), so that what works for container engines works here:
//! `HTTPS_PROXY` and `HTTP_PROXY` by the scheme of the address, then `ALL_PROXY`; `NO_PROXY` has hosts with everything
//! below them, suffixes, addresses and networks, each with a port if only that is meant. What is on this machine needs
//! no proxy. A request without TLS is sent to a proxy as RFC 9112 (section 3.2.2) says it, not through a tunnel.

use std::net::{IpAddr, Ipv4Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};
use ureq::{Agent, Error, Proxy};

use super::address::Address;

/// What the environment says of proxies.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    https: Option<String>,
    http: Option<String>,
    bypass: Vec<Bypass>,
}

/// An entry of `NO_PROXY`.
#[derive(Debug, PartialEq, Eq)]
enum Bypass {
    Everything,
    Network(IpAddr, u32),
    /// A host, the names below it, and the port if one is meant.
    Host {
        name: String,
        is_itself: bool,
        port: Option<String>,
    },
}

impl Proxies {
    /// Reads the environment.
    pub(crate) fn of_environment() -> Proxies {
        Proxies::of(|name| {
            [name.to_ascii_uppercase(), name.to_ascii_lowercase()]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
        })
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Proxies {
        let with_scheme = |text: String| if text.contains("://") { text } else { format!("http://{text}") };
        let proxy = |name: &str| variable(name).or_else(|| variable("all_proxy")).map(with_scheme);
        let bypass = variable("no_proxy").unwrap_or_default();
        let entries = bypass.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
        Proxies {
            https: proxy("https_proxy"),
            http: proxy("http_proxy"),
            bypass: entries.filter_map(Bypass::parse).collect(),
        }
    }

    /// The proxy for addresses with TLS.
    pub(crate) fn https(&self) -> Option<&str> {
        self.https.as_deref()
    }

    /// The proxy for addresses without TLS.
    pub(crate) fn http(&self) -> Option<&str> {
        self.http.as_deref()
    }

    /// The proxy for an address, if it needs one.
    pub(crate) fn of_address(&self, url: &Address) -> Option<&str> {
        let proxy = if url.scheme == "https" { &self.https } else { &self.http };
        let (host, port) = url.host_and_port();
        let address = host.parse::<IpAddr>().ok();
        let is_here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        let is_direct = is_here || self.bypass.iter().any(|entry| entry.matches(&host, &port, address));
        proxy.as_deref().filter(|_| !is_direct)
    }
}

impl Bypass {
    fn parse(entry: &str) -> Option<Bypass> {
        let entry = entry.to_ascii_lowercase();
        if entry == "*" {
            return Some(Bypass::Everything);
        }
        let whole = |address: IpAddr| if address.is_ipv4() { 32 } else { 128 };
        if let Some((network, length)) = entry.split_once('/') {
            let network: IpAddr = network.parse().ok()?;
            let length = length.parse().ok().filter(|length| *length <= whole(network))?;
            return Some(Bypass::Network(network, length));
        }
        if let Ok(address) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Some(Bypass::Network(address, whole(address)));
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (name, Some(port.to_owned()))
            }
            _ => (entry.as_str(), None),
        };
        let below = name.strip_prefix("*.").or_else(|| name.strip_prefix('.'));
        let is_itself = below.is_none();
        let name = below.unwrap_or(name).trim_matches(['[', ']']).to_owned();
        (!name.is_empty()).then_some(Bypass::Host { name, is_itself, port })
    }

    fn matches(&self, host: &str, port: &str, address: Option<IpAddr>) -> bool {
        match self {
            Bypass::Everything => true,
            Bypass::Network(network, length) => {
                address.is_some_and(|address| is_in(address, *network, *length))
            }
            Bypass::Host { name, is_itself, port: only } => {
                let rest = host.strip_suffix(name.as_str());
                let fits =
                    rest.is_some_and(|rest| if rest.is_empty() { *is_itself } else { rest.ends_with('.') });
                fits && only.as_deref().is_none_or(|only| only == port)
            }
        }
    }
}

/// Whether an address is in a network of so many leading bits.
fn is_in(address: IpAddr, network: IpAddr, length: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let bits = address.to_bits() ^ network.to_bits();
            bits.checked_shr(32 - length).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let bits = address.to_bits() ^ network.to_bits();
            bits.checked_shr(128 - length).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Whether an address is only meaningful on this machine, or is where clouds give their machines secrets.
pub(crate) fn is_local(address: IpAddr) -> bool {
    let of_v4 = |address: Ipv4Addr| {
        address.is_loopback()
            || address.is_link_local()
            || address.is_unspecified()
            // Alibaba Cloud, Oracle Cloud.
            || address == Ipv4Addr::new(100, 100, 100, 200)
            || address == Ipv4Addr::new(192, 0, 0, 192)
    };
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => {
            let first = address.segments().first().copied().unwrap_or_default();
            address.to_ipv4_mapped().is_some_and(of_v4)
                || address.is_loopback()
                || address.is_unspecified()
                || first & 0xffc0 == 0xfe80
                // Amazon, and others that follow it.
                || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
        }
    }
}

/// An agent that sends its requests through a proxy; `config` makes its settings with or without one.
///
/// # Errors
/// When the proxy is no address.
pub(crate) fn agent(
    config: &dyn Fn(Option<Proxy>) -> Config,
    proxy: &str,
    is_encrypted: bool,
) -> Result<Through, String> {
    let unusable =
        |error: &dyn std::fmt::Display| format!("the proxy {} cannot be used: {error}", shown(proxy));
    let parsed = Proxy::new(proxy).map_err(|error| unusable(&error))?;
    if is_encrypted || parsed.protocol() != ureq::ProxyProtocol::Http {
        return Ok(Through { agent: config(Some(parsed)).new_agent(), authorization: None });
    }
    let uri: Uri = format!("http://{}:{}/", parsed.host(), parsed.port())
        .parse()
        .map_err(|error: ureq::http::uri::InvalidUri| unusable(&error))?;
    let authorization = parsed.username().map(|name| {
        let password = parsed.password().unwrap_or_default();
        format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
    });
    let connector = ().chain(TcpConnector::default()).chain(Forwarding);
    let resolver = OfProxy { uri, resolver: DefaultResolver::default() };
    Ok(Through { agent: Agent::with_parts(config(None), connector, resolver), authorization })
}

/// An agent behind a proxy, and the login for the proxy that each of its requests carries.
pub(crate) struct Through {
    pub(crate) agent: Agent,
    pub(crate) authorization: Option<String>,
}

/// A proxy without the login in it.
fn shown(proxy: &str) -> &str {
    proxy.rsplit_once('@').map_or(proxy, |(_, host)| host)
}

/// Finds the proxy where the host is asked for: only the proxy may know the host.
#[derive(Debug)]
struct OfProxy {
    uri: Uri,
    resolver: DefaultResolver,
}

impl Resolver for OfProxy {
    fn resolve(&self, _: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.resolver.resolve(&self.uri, config, timeout)
    }
}

/// Writes the whole address into the first line of each request.
#[derive(Debug)]
struct Forwarding;

impl<In: Transport> Connector<In> for Forwarding {
    type Out = Forwarded<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let authority = details.uri.authority().map(|authority| format!("http://{authority}"));
        let prefix = authority.unwrap_or_default().into_bytes();
        Ok(chained.map(|inner| Forwarded { inner, prefix }))
    }
}

#[derive(Debug)]
struct Forwarded<T> {
    inner: T,
    prefix: Vec<u8>,
}

impl<T: Transport> Transport for Forwarded<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = self.inner.buffers().output();
        let start = output.get(..amount).unwrap_or_default();
        let method = [b"GET ".as_slice(), b"POST "]
            .into_iter()
            .find(|method| start.starts_with(method) && start.get(method.len()) == Some(&b'/'));
        let Some(method) = method.map(<[u8]>::len) else {
            return self.inner.transmit_output(amount, timeout);
        };
        let longer = amount + self.prefix.len();
        if longer > output.len() {
            let what = "the address of the request is too long";
            return Err(Error::Io(std::io::Error::new(std::io::ErrorKind::FileTooLarge, what)));
        }
        output.copy_within(method..amount, method + self.prefix.len());
        if let Some(gap) = output.get_mut(method..method + self.prefix.len()) {
            gap.copy_from_slice(&self.prefix);
        }
        self.inner.transmit_output(longer, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(bypass: &str) -> Proxies {
        Proxies::of(|name| match name {
            "https_proxy" => Some("proxy.example:3128".to_owned()),
            "all_proxy" => Some("socks5://other.example".to_owned()),
            "no_proxy" => Some(bypass.to_owned()),
            _ => None,
        })
    }

    fn is_direct(bypass: &str, url: &str) -> bool {
        proxies(bypass).of_address(&Address::parse(url).unwrap()).is_none()
    }

    #[test]
    fn the_scheme_chooses_the_proxy() {
        let of = |url: &str| proxies("").of_address(&Address::parse(url).unwrap()).map(str::to_owned);
        assert_eq!(of("https://r.example/").as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(of("http://r.example/").as_deref(), Some("socks5://other.example"));
        for here in ["http://localhost:5000/", "https://127.0.0.1/", "http://[::1]:5000/"] {
            assert_eq!(of(here), None, "{here}");
        }
    }

    #[test]
    fn no_proxy_as_go_reads_it() {
        for (bypass, url, direct) in [
            ("r.example", "https://r.example/", true),
            ("r.example", "https://a.r.example:5000/", true),
            ("r.example", "https://other.example/", false),
            ("r.example", "https://xr.example/", false),
            (".r.example", "https://a.r.example/", true),
            (".r.example", "https://r.example/", false),
            ("*.r.example", "https://a.r.example/", true),
            ("R.Example", "https://r.EXAMPLE/", true),
            ("r.example:5000", "https://r.example:5000/", true),
            ("r.example:5000", "https://r.example/", false),
            ("r.example:443", "https://r.example/", true),
            ("a.example, r.example", "https://r.example/", true),
            ("10.0.0.0/8", "https://10.1.2.3/", true),
            ("10.0.0.0/8", "https://11.1.2.3/", false),
            ("10.0.0.0/33", "https://10.1.2.3/", false),
            ("0.0.0.0/0", "https://11.1.2.3/", true),
            ("fd00::/8", "https://[fd12::1]:5000/", true),
            ("192.168.1.2", "https://192.168.1.2:5000/", true),
            ("*", "https://r.example/", true),
            ("", "https://r.example/", false),
        ] {
            assert_eq!(is_direct(bypass, url), direct, "{bypass} {url}");
        }
    }

    #[test]
    fn addresses_of_this_machine_and_of_clouds() {
        let is = |text: &str| is_local(text.parse().unwrap());
        for local in
            ["127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1"]
        {
            assert!(is(local), "{local}");
        }
        for local in ["fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254"] {
            assert!(is(local), "{local}");
        }
        for other in ["10.0.0.1", "192.168.0.1", "1.1.1.1", "2001:db8::1", "fd00::1"] {
            assert!(!is(other), "{other}");
        }
    }
}
