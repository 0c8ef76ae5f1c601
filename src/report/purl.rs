//! Package URLs of artifacts, where their kind has a registered type (<https://github.com/package-url/purl-spec>).

use crate::model::{CollectorId, Field, OsIdentity};
use crate::report::ArtifactEntry;
use crate::text::percent::decoded;

/// The package URL of an artifact; `None` when its source has no type, or name or version are missing.
pub(super) fn of(artifact: &ArtifactEntry, os: &OsIdentity) -> Option<String> {
    let text = |field: Field| artifact.fields.get(&field).and_then(|value| value.texts().next());
    let name = text(Field::Name)?;
    let version = text(Field::Version);
    let distribution = |otherwise: &'static str| if os.id.is_empty() { otherwise } else { os.id.as_str() };
    let mut qualifiers: Vec<(&str, String)> = Vec::new();
    let system = |qualifiers: &mut Vec<(&str, String)>| {
        qualifiers.extend(text(Field::Arch).map(|arch| ("arch", arch.to_owned())));
        if !os.id.is_empty() && !os.version.is_empty() {
            qualifiers.push(("distro", format!("{}-{}", os.id, os.version)));
        }
    };
    let id = CollectorId::of(&artifact.collector)?;
    let version = version.map(str::to_owned);
    let (namespace, name, version) = match id {
        CollectorId::DebPackages => {
            system(&mut qualifiers);
            (distribution("debian").to_owned(), name.to_lowercase(), version)
        }
        CollectorId::RpmPackages => {
            system(&mut qualifiers);
            let epoch = text(Field::Epoch).filter(|epoch| *epoch != "0");
            qualifiers.extend(epoch.map(|epoch| ("epoch", epoch.to_owned())));
            let release = text(Field::Release).map(|release| format!("-{release}")).unwrap_or_default();
            (distribution("redhat").to_owned(), name.to_owned(), version.map(|it| format!("{it}{release}")))
        }
        CollectorId::ApkPackages => {
            system(&mut qualifiers);
            (distribution("alpine").to_owned(), name.to_lowercase(), version)
        }
        CollectorId::PacmanPackages => {
            system(&mut qualifiers);
            (distribution("arch").to_owned(), name.to_lowercase(), version)
        }
        CollectorId::PythonPackages => (String::new(), name.to_lowercase().replace(['_', '.'], "-"), version),
        CollectorId::NpmPackages => {
            let (scope, name) = match name.split_once('/') {
                Some((scope, name)) if scope.starts_with('@') => (scope.to_owned(), name),
                Some(_) => return None,
                None => (text(Field::Namespace).unwrap_or_default().to_owned(), name),
            };
            (scope, name.to_owned(), version)
        }
        // Without its group an archive of Java cannot be distinguished from its namesakes.
        CollectorId::JavaArchives => (text(Field::Namespace)?.to_owned(), name.to_owned(), version),
        CollectorId::ProgramFiles => return of_module(text(Field::Module)?, version.as_deref()),
        _ => (String::new(), name.to_owned(), version),
    };
    // Then it is not a name of that kind of package, and readers disagree on what such a URL says.
    if name.contains('/') {
        return None;
    }
    let is_conda = id == CollectorId::PythonPackages && text(Field::Type) == Some("conda");
    let kind = if is_conda { "conda" } else { id.purl_type()? };
    Some(assemble(kind, &namespace, &name, version.as_deref(), qualifiers))
}

/// The package URL of a module of Go, which is named like a host with a path, or of a crate.
fn of_module(module: &str, version: Option<&str>) -> Option<String> {
    match module.rsplit_once('/') {
        Some((namespace, name)) => {
            Some(assemble("golang", &namespace.to_lowercase(), &name.to_lowercase(), version, Vec::new()))
        }
        None => Some(assemble("cargo", "", module, version, Vec::new())),
    }
}

/// The package URL of a dependency that is written `name@version`, inside a program of Go or Rust.
pub(super) fn of_dependency(text: &str) -> Option<(String, String, String)> {
    let (name, version) = text.rsplit_once('@')?;
    if name.is_empty() || version.is_empty() {
        return None;
    }
    let purl = of_module(name, Some(version))?;
    Some((name.to_owned(), version.to_owned(), purl))
}

fn assemble(
    kind: &str,
    namespace: &str,
    name: &str,
    version: Option<&str>,
    mut qualifiers: Vec<(&str, String)>,
) -> String {
    let mut purl = format!("pkg:{kind}/");
    for segment in namespace.split('/').filter(|segment| !segment.is_empty()) {
        purl.push_str(&encoded(segment));
        purl.push('/');
    }
    purl.push_str(&encoded(name));
    if let Some(version) = version {
        purl.push('@');
        purl.push_str(&encoded(version));
    }
    qualifiers.sort();
    for (at, (key, value)) in qualifiers.iter().enumerate() {
        purl.push(if at == 0 { '?' } else { '&' });
        purl.push_str(&format!("{key}={}", encoded(value)));
    }
    purl
}

/// A package URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purl {
    /// The type in lower case, e.g. `deb`.
    pub(super) kind: String,
    /// What stands between type and name, its segments with `/` between; empty when there is none.
    pub(super) namespace: String,
    pub(super) name: String,
    /// Empty when there is none.
    pub(super) version: String,
}

impl Purl {
    /// Takes a package URL apart; `None` for what is none.
    pub(super) fn parse(text: &str) -> Option<Purl> {
        let rest = text.trim().strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split('#').next().unwrap_or_default();
        let rest = rest.split('?').next().unwrap_or_default();
        let (kind, rest) = rest.split_once('/')?;
        // A scope of npm that was not encoded begins with the sign that stands before a version.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !path.is_empty() && !version.contains('/') => (path, version),
            _ => (rest, ""),
        };
        let path = path.trim_matches('/');
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = decoded(name);
        (!name.is_empty()).then(|| Purl {
            kind: kind.to_ascii_lowercase(),
            namespace: decoded(namespace),
            name,
            version: decoded(version),
        })
    }
}

/// Percent-encoded as the specification says: letters, digits, `.-_~` and the colon stay.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) => {
                encoded.push(char::from(byte))
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Artifact, Location};

    fn purl(collector: &'static str, fields: &[(Field, &str)]) -> Option<String> {
        let artifact = Artifact::new(collector, Location::default());
        let artifact = fields.iter().fold(artifact, |artifact, (field, text)| artifact.with(*field, *text));
        let os = OsIdentity { id: "debian".into(), version: "12".into(), ..OsIdentity::default() };
        of(&artifact.into(), &os)
    }

    #[test]
    fn urls_come_apart() {
        for (text, expected) in [
            (
                "pkg:deb/debian/g%2B%2B@4:12.2~1%2Bb1?arch=amd64",
                Some(("deb", "debian", "g++", "4:12.2~1+b1")),
            ),
            ("pkg:npm/%40scope/x@1.0", Some(("npm", "@scope", "x", "1.0"))),
            ("pkg:npm/@scope/x", Some(("npm", "@scope", "x", ""))),
            ("pkg:golang/github.com/a/b@v1#sub", Some(("golang", "github.com/a", "b", "v1"))),
            ("pkg:PyPI/x%", Some(("pypi", "", "x%", ""))),
            ("pkg:deb/", None),
            ("cpe:2.3:a:x", None),
        ] {
            let parts = |purl: &Purl| {
                (purl.kind.clone(), purl.namespace.clone(), purl.name.clone(), purl.version.clone())
            };
            let expected = expected.map(|(kind, namespace, name, version)| {
                (kind.to_owned(), namespace.to_owned(), name.to_owned(), version.to_owned())
            });
            assert_eq!(Purl::parse(text).as_ref().map(parts), expected, "{text}");
        }
    }

    #[test]
    fn each_kind_has_its_type() {
        let (name, version) = (Field::Name, Field::Version);
        for (collector, fields, expected) in [
            (
                "deb_packages",
                &[(name, "g++"), (version, "4:12.2~1+b1"), (Field::Arch, "amd64")][..],
                Some("pkg:deb/debian/g%2B%2B@4:12.2~1%2Bb1?arch=amd64&distro=debian-12"),
            ),
            ("npm_packages", &[(name, "@scope/x"), (version, "1.0")], Some("pkg:npm/%40scope/x@1.0")),
            ("python_packages", &[(name, "Typing_Extensions")], Some("pkg:pypi/typing-extensions")),
            ("java_archives", &[(name, "x")], None),
            (
                "program_files",
                &[(name, "t"), (Field::Module, "github.com/A/B"), (version, "v1.2.3")],
                Some("pkg:golang/github.com/a/b@v1.2.3"),
            ),
            ("program_files", &[(name, "t"), (Field::Module, "tool")], Some("pkg:cargo/tool")),
            ("services", &[(name, "x")], None),
        ] {
            assert_eq!(purl(collector, fields).as_deref(), expected, "{collector}");
        }
        assert_eq!(of_dependency("serde@1.0.1").unwrap().2, "pkg:cargo/serde@1.0.1");
        assert_eq!(of_dependency("golang.org/x/net@v0.1.0").unwrap().2, "pkg:golang/golang.org/x/net@v0.1.0");
    }
}
