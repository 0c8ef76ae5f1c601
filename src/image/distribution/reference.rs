//! Names of images in registries, in the grammar of Docker's `distribution/reference`.

/// A name like `registry.example:5000/team/app:1.2@sha256:…`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Host, with port if it has one: where requests go.
    pub(super) host: String,
    /// Repository, without host.
    pub(super) repository: String,
    /// Tag; `latest` where neither tag nor digest is named.
    pub(super) tag: Option<String>,
    /// Digest.
    pub(super) digest: Option<String>,
    /// Whether it is on Docker Hub, whose host has several names.
    pub(super) is_docker_hub: bool,
}

impl Reference {
    /// Takes a name apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Reference, String> {
        let wrong = |what: &str| {
            format!("`{text}` is no name of an image: {what}. Write HOST/REPOSITORY[:TAG][@sha256:DIGEST]")
        };
        let (name, digest) = match text.split_once('@') {
            None => (text, None),
            Some((name, digest)) => {
                let hex = digest.strip_prefix("sha256:").ok_or_else(|| wrong("its digest is not sha256"))?;
                if hex.len() != 64 || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(wrong("its digest does not have 64 hexadecimal digits"));
                }
                (name, Some(digest.to_owned()))
            }
        };
        // A colon in the last component begins the tag; one before it begins a port.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        let is_tag = |tag: &str| {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
            (1..=128).contains(&tag.len()) && tag.bytes().all(word) && !tag.starts_with(['.', '-'])
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("its tag has characters that no tag has"));
        }
        let is_host = |first: &str| first.contains(['.', ':']) || first == "localhost";
        let (host, repository) = match name.split_once('/') {
            Some((first, rest)) if is_host(first) => (first, rest.to_owned()),
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let host_byte =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
        if !host.bytes().all(host_byte) {
            return Err(wrong("its host has characters that no host has"));
        }
        let is_part = |part: &str| {
            let word = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
            !part.is_empty()
                && part.bytes().all(word)
                && !part.starts_with(['.', '_', '-'])
                && !part.ends_with(['.', '_', '-'])
        };
        if repository.len() > 255 || !repository.split('/').all(is_part) {
            return Err(wrong("a repository is lower case letters, digits, `.`, `_`, `-` and `/`"));
        }
        let is_docker_hub = matches!(host, "docker.io" | "index.docker.io" | "registry-1.docker.io");
        Ok(Reference {
            host: if is_docker_hub { "registry-1.docker.io".to_owned() } else { host.to_ascii_lowercase() },
            repository,
            tag: tag.map(str::to_owned).or_else(|| digest.is_none().then(|| "latest".to_owned())),
            digest,
            is_docker_hub,
        })
    }

    /// What a manifest is asked for by.
    pub(super) fn wanted(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or("latest")
    }

    /// The server's name in the Docker config.
    pub(super) fn server(&self) -> &str {
        if self.is_docker_hub { "https://index.docker.io/v1/" } else { &self.host }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = if self.is_docker_hub { "docker.io" } else { &self.host };
        write!(f, "{host}/{}", self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_as_docker_does() {
        let whole = |text: &str| Reference::parse(text).unwrap().to_string();
        assert_eq!(whole("debian"), "docker.io/library/debian:latest");
        assert_eq!(whole("example/app:1"), "docker.io/example/app:1");
        assert_eq!(whole("localhost/app"), "localhost/app:latest");
        assert_eq!(whole("127.0.0.1:5000/a/b-c__d:v1.2_3"), "127.0.0.1:5000/a/b-c__d:v1.2_3");
        assert_eq!(whole("[::1]:5000/a"), "[::1]:5000/a:latest");
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(whole(&format!("r.example/a@{digest}")), format!("r.example/a@{digest}"));
        let both = Reference::parse(&format!("r.example/a:1@{digest}")).unwrap();
        assert_eq!((both.wanted(), both.tag.as_deref()), (digest.as_str(), Some("1")));
        assert_eq!(
            Reference::parse("docker.io/library/debian").unwrap().server(),
            "https://index.docker.io/v1/"
        );
        assert_eq!(Reference::parse("r.example:5000/a").unwrap().server(), "r.example:5000");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            "r.example/",
            "r.example/A",
            "r.example/a:",
            "r.example/a:b c",
            "r.example/../a",
            "r.example/a//b",
            "u@r.example/a",
            "r.example/a@sha256:12",
            "r.example/a@md5:1",
            "r.example/a?x=1",
            "r.exa mple/a",
            "a:\n",
        ] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }
}
