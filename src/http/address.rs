//! Addresses of registries and collectors, and where they redirect to.

/// An absolute address of HTTP or HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) scheme: &'static str,
    pub(crate) authority: String,
    /// From the slash on, with the query.
    path: String,
}

impl Address {
    /// Takes an address apart; `None` for what is none, or names who asks.
    pub(crate) fn parse(text: &str) -> Option<Address> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = ["https", "http"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A name and password in an address are another way to send a login.
        if authority.is_empty()
            || authority.contains('@')
            || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return None;
        }
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Some(Address { scheme, authority: authority.to_ascii_lowercase(), path })
    }

    /// The address that a reference found at this one means (RFC 3986, section 5.2).
    pub(crate) fn join(&self, to: &str) -> Option<Address> {
        if to.contains("://") {
            return Address::parse(to);
        }
        let Address { scheme, authority, path } = self;
        if to.starts_with("//") {
            return Address::parse(&format!("{scheme}:{to}"));
        }
        if to.starts_with('/') {
            return Address::parse(&format!("{scheme}://{authority}{to}"));
        }
        let path = path.split('?').next().unwrap_or_default();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Address::parse(&format!("{scheme}://{authority}{folder}/{to}"))
    }

    /// The address as it is sent.
    pub(crate) fn text(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.path)
    }

    /// The host without brackets, and the port.
    pub(crate) fn host_and_port(&self) -> (String, String) {
        let default = if self.scheme == "https" { "443" } else { "80" };
        let (host, port) = match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (self.authority.as_str(), default),
        };
        (host.trim_matches(['[', ']']).to_owned(), port.to_owned())
    }

    /// Scheme, host and port: what a login is for.
    pub(crate) fn origin(&self) -> (&'static str, String) {
        let port = if self.scheme == "https" { ":443" } else { ":80" };
        (self.scheme, self.authority.strip_suffix(port).unwrap_or(&self.authority).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_and_origins() {
        let at = Address::parse("https://R.example:443/v2/a/blobs/x?y=1#z").unwrap();
        assert_eq!(at.text(), "https://r.example:443/v2/a/blobs/x?y=1");
        let joined = |to: &str| at.join(to).map(|address| address.text());
        assert_eq!(joined("/other").as_deref(), Some("https://r.example:443/other"));
        assert_eq!(joined("next?a=b").as_deref(), Some("https://r.example:443/v2/a/blobs/next?a=b"));
        assert_eq!(joined("//cdn.example/x").as_deref(), Some("https://cdn.example/x"));
        assert_eq!(joined("HTTP://cdn.example").as_deref(), Some("http://cdn.example/"));
        for none in ["https://u:p@cdn.example/", "file:///etc/passwd", "https:///x", "https://a b/"] {
            assert_eq!(joined(none), None, "{none}");
        }
        let parts = |text: &str| Address::parse(text).unwrap().host_and_port();
        assert_eq!(parts("https://R.example/"), ("r.example".to_owned(), "443".to_owned()));
        assert_eq!(parts("http://[::1]/"), ("::1".to_owned(), "80".to_owned()));
        assert_eq!(parts("http://[::1]:5000/"), ("::1".to_owned(), "5000".to_owned()));
        let same =
            |a: &str, b: &str| Address::parse(a).unwrap().origin() == Address::parse(b).unwrap().origin();
        assert!(same("https://r.example/", "https://r.example:443/x"));
        assert!(
            !same("https://r.example/", "http://r.example/")
                && !same("http://r.example/", "http://r.example:5000/")
        );
        assert!(!same("https://r.example/", "https://r.example.evil/"));
    }
}
