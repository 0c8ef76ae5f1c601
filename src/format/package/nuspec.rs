//! `.nuspec`: the manifest of a NuGet package, which Chocolatey's packages are. Format: Microsoft's ".nuspec
//! File Reference"; Chocolatey's additions: "Create Packages" of its documentation.

use crate::bytes::Salvaged;
use crate::format::text::xml::{self, is_path};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Its id.
    pub id: Option<String>,
    /// Name for people.
    pub title: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Who wrote the software.
    pub authors: Option<String>,
    /// Who made the package.
    pub owners: Option<String>,
    /// What it is, in one line.
    pub summary: Option<String>,
    /// Home page of the software.
    pub project_url: Option<String>,
    /// Rights of the software.
    pub copyright: Option<String>,
    /// Ids of the packages that it needs.
    pub dependencies: Vec<String>,
}

/// Reads a manifest. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Package> {
    let mut package = Package::default();
    let damage = xml::read(bytes, &mut |around, element| {
        let names: Vec<&str> = around.iter().map(|element| element.name.as_str()).collect();
        let text = || Some(element.text.clone()).filter(|text| !text.is_empty());
        if is_path(around, &["package", "metadata"]) {
            match element.name.as_str() {
                "id" => package.id = text(),
                "title" => package.title = text(),
                "version" => package.version = text(),
                "authors" => package.authors = text(),
                "owners" => package.owners = text(),
                "summary" => package.summary = text(),
                "projectUrl" => package.project_url = text(),
                "copyright" => package.copyright = text(),
                _ => {}
            }
        } else if names.starts_with(&["package", "metadata", "dependencies"]) && element.name == "dependency"
        {
            package.dependencies.extend(element.attribute("id").map(str::to_owned));
        }
    });
    Salvaged { value: package, damage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_chocolatey() {
        let package = parse(
            b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<package xmlns=\"http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd\">\
              <metadata><id>tool</id><version>1.2</version><title>Tool (Install)</title><authors>Example Ltd</authors>\
              <dependencies><group><dependency id=\"base\" version=\"1\"/></group></dependencies></metadata></package>",
        );
        assert!(package.damage.is_empty());
        let package = package.value;
        assert_eq!((package.id.as_deref(), package.version.as_deref()), (Some("tool"), Some("1.2")));
        assert_eq!(
            (package.authors.as_deref(), package.dependencies.as_slice()),
            (Some("Example Ltd"), ["base".to_owned()].as_slice())
        );
    }
}
