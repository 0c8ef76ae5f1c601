//! Where a report goes: an address with placeholders.

use crate::http::address::Address;
use crate::http::proxy;

/// An address of a collector, with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    template: String,
}

/// What the placeholders of an address stand for.
pub struct Values<'a> {
    /// `%h`.
    pub host: &'a str,
    /// `%t`.
    pub time: &'a str,
    /// `%i`.
    pub id: &'a str,
    /// `%s`.
    pub digest: &'a str,
}

impl Destination {
    /// Takes an address.
    ///
    /// # Errors
    /// When nothing can or should be sent there.
    pub fn parse(template: &str) -> Result<Self, String> {
        let sample = Values { host: "host", time: "20260101T000000Z", id: "0", digest: "0" };
        let destination = Destination { template: template.to_owned() };
        let sample = destination.fill(&sample);
        let address = Address::parse(&sample).ok_or_else(|| {
            format!("{template} is no address; write for example https://collector.example.org/%h/%s.json")
        })?;
        if address.scheme == "http" && !is_here(&address) {
            return Err(format!(
                "{template} would send the report without TLS; write https://. Without TLS only this machine can be named"
            ));
        }
        Ok(destination)
    }

    /// The address for a report.
    pub fn fill(&self, values: &Values<'_>) -> String {
        let mut address = String::with_capacity(self.template.len() + 80);
        let mut rest = self.template.as_str();
        while let Some((before, after)) = rest.split_once('%') {
            address.push_str(before);
            let mut chars = after.chars();
            match chars.next() {
                Some('h') => address.push_str(&encoded(&values.host.to_lowercase())),
                Some('t') => address.push_str(values.time),
                Some('i') => address.push_str(values.id),
                Some('s') => address.push_str(values.digest),
                Some('%') => address.push_str("%25"),
                // `%2F` stays what it is.
                _ => {
                    address.push('%');
                    chars = after.chars();
                }
            }
            rest = chars.as_str();
        }
        address.push_str(rest);
        address
    }
}

/// Whether an address is one of this machine.
pub(super) fn is_here(address: &Address) -> bool {
    let (host, _) = address.host_and_port();
    host == "localhost"
        || host.parse().is_ok_and(|host: std::net::IpAddr| host.is_loopback() && proxy::is_local(host))
}

/// A name as one part of a path (RFC 3986): it leads to no other folder.
pub fn encoded(name: &str) -> String {
    let is_dots = name.bytes().all(|byte| byte == b'.');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes()
        .map(|byte| match byte {
            // A server reads `%2E%2E` as the folder above.
            b'.' if is_dots => "_".to_owned(),
            byte if is_plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, host: &str) -> String {
        let digest = "d".repeat(64);
        let values = Values { host, time: "20260101T000000Z", id: "i", digest: &digest };
        Destination { template: template.to_owned() }.fill(&values)
    }

    #[test]
    fn a_host_is_one_part_of_the_path_whatever_it_is_called() {
        for (host, part) in [
            ("PC-1.Corp", "pc-1.corp"),
            ("a/../b", "a%2F..%2Fb"),
            ("..", "__"),
            ("B\u{dc}RO 7", "b%C3%BCro%207"),
            ("x?y#z%2f", "x%3Fy%23z%252f"),
        ] {
            assert_eq!(filled("https://c/%h/r.json", host), format!("https://c/{part}/r.json"));
        }
        assert_eq!(filled("https://c/a%2Fb?x=%20&p=100%", "h"), "https://c/a%2Fb?x=%20&p=100%");
        assert_eq!(filled("https://c/%t-%i-%%h", "h"), "https://c/20260101T000000Z-i-%25h");
    }

    #[test]
    fn without_tls_only_this_machine_can_be_named() {
        for good in [
            "https://c.example/%h/%s.json",
            "http://127.0.0.1:8/%s",
            "http://localhost/x",
            "http://[::1]:80/x",
        ] {
            assert!(Destination::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://c.example/%s",
            "http://localhost.example/x",
            "https://u:p@c.example/x",
            "https:///x",
            "https://%h.example x/",
            "http://169.254.169.254/x",
            "http://10.0.0.1/x",
        ] {
            assert!(Destination::parse(bad).is_err(), "{bad}");
        }
    }
}
