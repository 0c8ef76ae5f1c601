//! What an image runs on.
//!
//! Names are normalised as containerd's `platforms` does it, because an index may spell them otherwise and engines
//! choose from it all the same.

use serde::Deserialize;

/// What an image runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// Operating system, in Go's words.
    pub os: String,
    /// Architecture, in Go's words.
    pub architecture: String,
    /// Variant of the architecture.
    pub variant: Option<String>,
}

impl Platform {
    /// Reads `os/architecture[/variant]`.
    pub fn parse(text: &str) -> Option<Platform> {
        let mut parts = text.split('/').map(str::to_owned);
        let platform = Platform { os: parts.next()?, architecture: parts.next()?, variant: parts.next() };
        let whole = parts.next().is_none() && !platform.os.is_empty() && !platform.architecture.is_empty();
        whole.then_some(platform)
    }

    /// What images for this machine run on.
    pub fn of_this_machine() -> Platform {
        let architecture = match std::env::consts::ARCH {
            "x86" => "386",
            other => other,
        };
        // Containers run on Linux, also on a Mac.
        Platform { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }.normalised()
    }

    /// The platform in the spelling that engines compare.
    #[must_use]
    pub fn normalised(&self) -> Platform {
        let lower = |text: &str| text.to_ascii_lowercase();
        let os = match lower(&self.os).as_str() {
            "macos" => "darwin".to_owned(),
            os => os.to_owned(),
        };
        let (architecture, variant) = (lower(&self.architecture), self.variant.as_deref().map(lower));
        let variant = variant.unwrap_or_default();
        let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
            ("i386", _) => ("386", ""),
            ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
            ("x86_64" | "x86-64" | "amd64", variant) => ("amd64", variant),
            ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
            ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
            ("aarch64" | "arm64", variant) => ("arm64", variant),
            ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
            ("armel", _) | ("arm", "6") => ("arm", "v6"),
            ("arm", "5") => ("arm", "v5"),
            ("arm", "8") => ("arm", "v8"),
            (architecture, variant) => (architecture, variant),
        };
        let variant = Some(variant.to_owned()).filter(|variant| !variant.is_empty());
        Platform { os, architecture: architecture.to_owned(), variant }
    }

    /// Whether this is the platform asked for; a variant only counts when one is asked for.
    pub fn fits(&self, asked: &Platform) -> bool {
        let (own, wanted) = (self.normalised(), asked.normalised());
        own.os == wanted.os
            && own.architecture == wanted.architecture
            && (asked.variant.is_none() || own.variant == wanted.variant)
    }

    /// Whether the entry says nothing: attestations carry `unknown/unknown`.
    pub fn is_unknown(&self) -> bool {
        self.os.is_empty() || self.os.eq_ignore_ascii_case("unknown")
    }

    /// Whether it is Windows.
    pub fn is_windows(&self) -> bool {
        self.os.eq_ignore_ascii_case("windows")
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant
            .iter()
            .filter(|variant| !variant.is_empty())
            .try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms() {
        let arm = Platform::parse("linux/arm/v7").unwrap();
        assert_eq!(arm.to_string(), "linux/arm/v7");
        assert!(arm.fits(&Platform::parse("linux/arm").unwrap()));
        assert!(!Platform::parse("linux/arm/v6").unwrap().fits(&arm));
        assert_eq!(Platform::parse("linux"), None);
    }

    #[test]
    fn spellings_are_those_of_engines() {
        let fits =
            |own: &str, asked: &str| Platform::parse(own).unwrap().fits(&Platform::parse(asked).unwrap());
        for own in ["linux/amd64", "linux/x86_64", "Linux/AMD64", "LINUX/x86-64", "linux/amd64/v3"] {
            assert!(fits(own, "linux/amd64") && fits(own, "linux/x86_64"), "{own}");
            assert!(!fits(own, "linux/arm64") && !fits(own, "windows/amd64"), "{own}");
        }
        assert!(fits("linux/aarch64", "linux/arm64") && fits("linux/arm64", "linux/arm64/v8"));
        assert!(fits("linux/armhf", "linux/arm/v7") && fits("linux/arm", "linux/arm/v7"));
        assert!(fits("linux/i386", "linux/386") && fits("macOS/arm64", "darwin/arm64"));
        assert!(!fits("linux/amd64", "linux/amd64/v3"));
        assert!(Platform::parse("Unknown/unknown").unwrap().is_unknown());
    }
}
