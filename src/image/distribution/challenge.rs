//! What a registry says of how to log in.

/// One way to log in, as `WWW-Authenticate` says it (RFC 9110, section 11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The challenges of one header.
    pub(super) fn parse(header: &str) -> Vec<Challenge> {
        let mut challenges: Vec<Challenge> = Vec::new();
        let mut rest = header.trim_start_matches([' ', ',']);
        while !rest.is_empty() {
            let end = rest.find([' ', '=', ',']).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if word.is_empty() {
                break;
            }
            match (after.strip_prefix('='), challenges.last_mut()) {
                (Some(value), Some(challenge)) => {
                    let (value, left) = value_of(value);
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                    rest = left;
                }
                // A parameter before any scheme.
                (Some(_), None) => break,
                (None, _) => {
                    challenges.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
                    rest = after;
                }
            }
            rest = rest.trim_start_matches([' ', ',']);
        }
        challenges
    }

    /// A parameter by its name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A token or quoted string at the beginning, and what is left.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        let (value, left) = text.split_at(end);
        return (value.to_owned(), left);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, char)| char)),
            char => value.push(char),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let header = r#"Bearer realm="https://auth.example/token",service="r, \"x\"",scope="repository:a/b:pull,push", Basic realm=x"#;
        let found = Challenge::parse(header);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].parameter("realm"), Some("https://auth.example/token"));
        assert_eq!(found[0].parameter("service"), Some("r, \"x\""));
        assert_eq!(found[0].parameter("scope"), Some("repository:a/b:pull,push"));
        assert_eq!((found[1].scheme.as_str(), found[1].parameter("realm")), ("Basic", Some("x")));
        assert_eq!(Challenge::parse("Negotiate").len(), 1);
        for odd in ["", ",", "=", "a=\"", "Basic realm=\"", "Bearer =", "Basic ,,, x"] {
            Challenge::parse(odd);
        }
    }
}
