//! What every HTTPS client of debar shares (addresses, proxies and TLS), and sending reports to a collector.

pub(crate) mod address;
pub mod deliver;
pub(crate) mod proxy;
pub(crate) mod tls;
