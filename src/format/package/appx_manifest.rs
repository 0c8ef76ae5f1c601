//! `AppxManifest.xml` and `AppxBundleManifest.xml`: what an Appx or MSIX package or a bundle of them is. Format: Microsoft's "Package manifest schema reference";
//! the family name's hash of the publisher: "Package identity overview" (SHA-256 of the UTF-16 text, the first
//! 64 bits in Crockford's base 32).

use sha2::{Digest, Sha256};

use crate::bytes::Salvaged;
use crate::format::text::xml::{self, is_path};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Identity name: `Microsoft.WindowsCalculator`.
    pub name: Option<String>,
    /// Distinguished name of its publisher's certificate.
    pub publisher: Option<String>,
    /// Version with four parts.
    pub version: Option<String>,
    /// Architecture: `x64`, `neutral`.
    pub arch: Option<String>,
    /// Name for people; a reference to a resource is left out.
    pub display_name: Option<String>,
    /// Publisher for people; a reference to a resource is left out.
    pub publisher_name: Option<String>,
    /// What it is; a reference to a resource is left out.
    pub description: Option<String>,
    /// Programs of its applications, from the package's folder.
    pub executables: Vec<String>,
}

impl Package {
    /// The package family name: `Name_hash`.
    pub fn family_name(&self) -> Option<String> {
        Some(format!("{}_{}", self.name.as_deref()?, publisher_id(self.publisher.as_deref()?)))
    }
}

/// The 13 characters that stand for a publisher in the names of its packages.
pub fn publisher_id(publisher: &str) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let units: Vec<u8> = publisher.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let digest = Sha256::digest(units);
    let first = digest.iter().take(8).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    // 64 bits and one more zero make 13 digits of five.
    let bits = first << 1;
    let digit =
        |at: u32| DIGITS.get((bits >> (60 - 5 * at)) as usize & 31).map_or('0', |&byte| char::from(byte));
    (0..13).map(digit).collect()
}

/// The common name of a distinguished name: `CN=Example, O=…`.
pub fn common_name(subject: &str) -> Option<&str> {
    let rest = subject.strip_prefix("CN=")?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(',').next().map(str::trim),
    }
}

/// Reads a manifest. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Package> {
    let mut package = Package::default();
    let damage = xml::read(bytes, &mut |around, element| {
        let attribute = |name: &str| element.attribute(name).map(str::to_owned);
        if (is_path(around, &["Package"]) || is_path(around, &["Bundle"])) && element.name == "Identity" {
            package.name = attribute("Name");
            package.publisher = attribute("Publisher");
            package.version = attribute("Version");
            package.arch = attribute("ProcessorArchitecture");
        } else if is_path(around, &["Package", "Properties"]) {
            let text = || Some(element.text.clone()).filter(|text| is_text(text));
            match element.name.as_str() {
                "DisplayName" => package.display_name = text(),
                "PublisherDisplayName" => package.publisher_name = text(),
                "Description" => package.description = text(),
                _ => {}
            }
        } else if is_path(around, &["Package", "Applications"]) && element.name == "Application" {
            package.executables.extend(attribute("Executable"));
        }
    });
    Salvaged { value: package, damage }
}

fn is_text(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("ms-resource:")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Publishers and hashes as Windows itself shows them for its own packages.
    #[test]
    fn hashes_of_well_known_publishers() {
        let store = "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US";
        let windows = "CN=Microsoft Windows, O=Microsoft Corporation, L=Redmond, S=Washington, C=US";
        assert_eq!(publisher_id(store), "8wekyb3d8bbwe");
        assert_eq!(publisher_id(windows), "cw5n1h2txyewy");
    }

    #[test]
    fn a_manifest() {
        let text = r#"<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10" xmlns:uap="x" IgnorableNamespaces="uap">
  <Identity Name="Example.Tool" Publisher="CN=Example &amp; Co" Version="1.2.3.0" ProcessorArchitecture="x64"/>
  <Properties><DisplayName>Example ツール</DisplayName><PublisherDisplayName>Example</PublisherDisplayName>
    <Description>ms-resource:AppDescription</Description><Logo>a.png</Logo></Properties>
  <Applications><Application Id="App" Executable="bin\tool.exe" EntryPoint="x"><uap:VisualElements DisplayName="x"/></Application></Applications>
</Package>"#;
        let package = parse(text.as_bytes());
        assert!(package.damage.is_empty());
        let package = package.value;
        assert_eq!(package.name.as_deref(), Some("Example.Tool"));
        assert_eq!(package.publisher.as_deref(), Some("CN=Example & Co"));
        assert_eq!(package.display_name.as_deref(), Some("Example ツール"));
        assert_eq!(package.description, None);
        assert_eq!(package.executables, ["bin\\tool.exe"]);
        assert!(package.family_name().unwrap().starts_with("Example.Tool_"));
        assert_eq!(parse(b"<Package/>").value, Package::default());
    }
}
