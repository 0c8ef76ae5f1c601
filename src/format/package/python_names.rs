//! Names of Python's files: `NAME-VERSION.dist-info`, `NAME-VERSION-py3.9.egg`, `NAME-VERSION-py3-none-any.whl`
//! ("Binary distribution format" and "Recording installed projects", packaging.python.org).

/// Endings of folders and files that are called after a package.
const ENDINGS: &[&str] = &[".dist-info", ".egg-info", ".egg-link", ".egg", ".whl"];

/// Name and version that a folder or file is called after; `None` when it is called after no package.
pub fn of_file(file: &str) -> Option<(&str, Option<&str>)> {
    let stem = ENDINGS.iter().find_map(|ending| {
        let at = file.len().checked_sub(ending.len())?;
        file.get(at..)?.eq_ignore_ascii_case(ending).then(|| file.get(..at))?
    })?;
    let mut parts = stem.split('-');
    let name = parts.next().filter(|name| !name.is_empty() && !name.starts_with('~'))?;
    let is_version = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
    let version = parts.next().filter(is_version);
    // Old tools leave hyphens in names: `a-b.egg-link`.
    Some(if version.is_some() || !stem.contains('-') { (name, version) } else { hyphenated(stem) })
}

fn hyphenated(stem: &str) -> (&str, Option<&str>) {
    let digit = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    let cut = stem.match_indices('-').find(|(at, _)| stem.get(at + 1..).is_some_and(digit));
    match cut {
        Some((at, _)) => {
            let version = stem.get(at + 1..).and_then(|rest| rest.split('-').next());
            (stem.get(..at).unwrap_or(stem), version)
        }
        None => (stem, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_say_name_and_version() {
        for (file, expected) in [
            ("Typing_Extensions-4.1.dist-info", Some(("Typing_Extensions", Some("4.1")))),
            ("pip-23.0-py3-none-any.whl", Some(("pip", Some("23.0")))),
            ("old-1.0-py3.9.EGG", Some(("old", Some("1.0")))),
            ("tool.egg-info", Some(("tool", None))),
            ("a-b.egg-link", Some(("a-b", None))),
            ("a-b-1.0.egg-info", Some(("a-b", Some("1.0")))),
            ("~ip-20.dist-info", None),
            (".dist-info", None),
            ("EGG-INFO", None),
            ("é.whl", Some(("é", None))),
        ] {
            assert_eq!(of_file(file), expected, "{file}");
        }
    }
}
