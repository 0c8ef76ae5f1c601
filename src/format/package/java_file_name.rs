//! Names of Java archives: `NAME-VERSION.jar` as Maven and Gradle write them, `NAME_VERSION.jar` as OSGi's tools do.

/// The name of an archive without its ending, and the version that the name holds.
pub fn split(stem: &str) -> (&str, Option<&str>) {
    let parts: Vec<(usize, &str)> = starts(stem).filter_map(|at| Some((at, stem.get(at..)?))).collect();
    let token = |rest: &str| rest.split('-').next().unwrap_or_default().to_owned();
    let is_number = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    let is_dotted = |rest: &str| is_number(rest) && token(rest).contains('.');
    // `log4j-1.2-api-2.17.1`: the last that looks like a version, or else one that is only a number.
    let last = parts.iter().rposition(|(_, rest)| is_dotted(rest));
    let Some(mut index) = last.or_else(|| parts.iter().position(|(_, rest)| is_number(rest))) else {
        return by_underscore(stem);
    };
    // `1.0-20230101.120000-1`: a snapshot's version has several numbers.
    while let Some((_, rest)) = index.checked_sub(1).and_then(|before| parts.get(before)) {
        if !is_number(rest) {
            break;
        }
        index -= 1;
    }
    match parts.get(index) {
        Some((at, version)) => (stem.get(..at.saturating_sub(1)).unwrap_or(stem), Some(version)),
        None => (stem, None),
    }
}

/// Where parts begin that follow a hyphen.
fn starts(stem: &str) -> impl Iterator<Item = usize> + use<'_> {
    stem.match_indices('-').map(|(at, _)| at + 1).filter(|at| *at > 1 && *at < stem.len())
}

fn by_underscore(stem: &str) -> (&str, Option<&str>) {
    match stem.rsplit_once('_') {
        Some((name, version))
            if !name.is_empty()
                && version.starts_with(|first: char| first.is_ascii_digit())
                && version.contains('.') =>
        {
            (name, Some(version))
        }
        _ => (stem, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions() {
        for (stem, name, version) in [
            ("agent-2.0", "agent", Some("2.0")),
            ("agent", "agent", None),
            ("guava-31.1-jre", "guava", Some("31.1-jre")),
            ("log4j-1.2-api-2.17.1", "log4j-1.2-api", Some("2.17.1")),
            ("kafka_2.13-3.6.0", "kafka_2.13", Some("3.6.0")),
            ("foo-1.0-20230101.120000-1", "foo", Some("1.0-20230101.120000-1")),
            ("netty-tcnative-2.0.61.Final-linux-x86_64", "netty-tcnative", Some("2.0.61.Final-linux-x86_64")),
            ("org.eclipse.core_3.1.0.v2000", "org.eclipse.core", Some("3.1.0.v2000")),
            ("commons-lang3-3", "commons-lang3", Some("3")),
            ("1.0", "1.0", None),
            ("-1.0", "-1.0", None),
            ("é-1.0-é", "é", Some("1.0-é")),
            ("", "", None),
        ] {
            assert_eq!(split(stem), (name, version), "{stem}");
        }
    }
}
