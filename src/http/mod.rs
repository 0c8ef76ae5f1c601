//! What every HTTPS client of debar shares (addresses, proxies and TLS), and sending reports to a collector.

pub(crate) mod address;
pub mod deliver;
pub(crate) mod proxy;
pub(crate) mod tls;

/// Why a request failed, in plain words and with what to check.
pub(crate) fn plain(error: &ureq::Error) -> String {
    let network = "Check the address, the network and the proxy (HTTPS_PROXY)";
    let (what, next) = match error {
        ureq::Error::Io(error) => {
            let text = crate::model::plain(error);
            match text.strip_prefix("failed to lookup address information") {
                Some(_) => ("its name cannot be resolved".to_owned(), network),
                None => (text, network),
            }
        }
        ureq::Error::HostNotFound => ("its name cannot be resolved".to_owned(), network),
        ureq::Error::ConnectionFailed | ureq::Error::Timeout(_) => ("it does not answer".to_owned(), network),
        ureq::Error::Rustls(error) => (format!("TLS failed: {error}"), ""),
        other => (other.to_string(), ""),
    };
    if next.is_empty() { what } else { format!("{what}. {next}") }
}
