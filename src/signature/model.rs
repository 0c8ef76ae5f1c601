//! The shape of a signature file: one JSON file per vendor. The shipped schema is generated from these types.
//!
//! Everything here is what the file says; [`super::load()`] checks what types cannot: that names exist, that ids
//! are unique, that patterns compile.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Field, Os, State};

/// The number of this file format.
pub const FORMAT: u32 = 1;

/// A signature file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// Where the schema lies, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The number of the file format: 1.
    pub format: u32,
    /// The vendor whose products these are.
    pub vendor: Vendor,
    /// Version of this file, e.g. `2026.11.1`; it grows.
    pub version: String,
    /// Date of this version, YYYY-MM-DD.
    pub date: String,
    /// Public sources: a short key and the address or document it stands for.
    pub sources: BTreeMap<String, String>,
    /// Ids of the rules that speak of this vendor's products; a product may name its own.
    pub rules: Vec<String>,
    /// Counts only for a named audience: without a rule or audience that names it (`--rules`, `--audience`), what is found
    /// is listed and changes neither the verdict nor the exit code.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_request: bool,
    /// The products.
    pub products: Vec<Product>,
}

/// A vendor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Short id: lower-case letters, digits and dashes.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Other names of it, its affiliates, its former names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// How a product stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A rule speaks against it.
    Banned,
    /// The rules exempt it; it is reported with the exemption and does not fail a scan.
    Exempt,
    /// Worth knowing: a successor, a look-alike, a remover; does not fail a scan.
    Informational,
}

impl Status {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Status::Banned => "banned",
            Status::Exempt => "exempt",
            Status::Informational => "informational",
        }
    }
}

/// A product and how to recognise it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Short id within the vendor; reports say `vendor/product`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// Why it stands so, in a sentence; required for exempt and informational products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it exists.
    pub platforms: Vec<Os>,
    /// Rules that speak of it, in place of the file's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
    /// Vendor-wide: takes only artifacts that no other product of the vendor claims, so that products which
    /// no signature lists yet are still found.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fallback: bool,
    /// It guards its host as an antivirus: a report warns when the only one is to be removed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub antivirus: bool,
    /// Names of what it has installed when it encrypts disks or files, `*` for anything and at the end of a beginning: a
    /// plan stops before it until they are decrypted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encryption: Vec<String>,
    /// What names its maker; for the product that stands for all of the vendor's software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<Maker>,
    /// How it is recognised.
    pub indicators: Vec<Indicator>,
    /// How it is removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removal: Vec<RemovalStep>,
    /// Artifacts that the indicators must and must not match; `debar signatures test` checks them.
    #[serde(default, skip_serializing_if = "Examples::is_empty")]
    pub examples: Examples,
}

/// What names the maker of software. Each fact becomes an indicator on every source and field that can hold it: a firm on
/// publishers, companies, signers and maintainers, a domain on home pages and addresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Maker {
    /// Names that only this firm has, such as its legal ones; a field may hold more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub firms: Vec<String>,
    /// Brands and short names; but for quotes, the form of a firm and an address they are all that a field holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brands: Vec<String>,
    /// Apple team identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// Beginnings of bundle identifiers and of packages named after a domain, e.g. `com.acme.`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<String>,
    /// Beginnings of bundle identifiers of its libraries, which are part of programs of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
    /// Domains of home pages and update servers, and its places at hosts of source code: `acme.com`, `github.com/acme`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Domains in which only its staff has addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail: Vec<String>,
    /// Hosts of package sources that serve nothing but its software, and all below them, e.g. `packages.acme.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<String>,
    /// Namespaces in image registries that only it publishes in, and registries of its own: `docker.io/acme`, `registry.acme.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Keys of `sources` that the facts come from.
    pub source: Texts,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !value
}

/// How much a match says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Backs a finding of the same product up; alone it is a possible trace, however many collectors agree.
    Supporting,
    /// Makes a finding by itself.
    Conclusive,
}

impl Strength {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Supporting => "supporting",
            Strength::Conclusive => "conclusive",
        }
    }
}

/// Conditions on one artifact; all must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Short id within the product.
    pub id: String,
    /// The collectors whose artifacts it looks at.
    pub collectors: Vec<String>,
    /// How much a match says.
    pub strength: Strength,
    /// Conditions on fields; all must hold. A field with several values meets a condition if one value does.
    #[serde(rename = "where")]
    pub conditions: Conditions,
    /// Exceptions: if one of these holds, it is no match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unless: Conditions,
    /// The state that a match shows, in place of the artifact's own (e.g. `installer`, `embedded`, `remnant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Why it is conclusive although it asks for no fact about the vendor; without one, `signatures check` doubts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Keys of `sources` that the fact comes from.
    pub source: Texts,
}

/// What is asked of fields. Boxed: a map has room for eleven where it holds one, and thousands of indicators would take
/// megabytes for nothing.
pub type Conditions = BTreeMap<Field, Box<Condition>>;

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Texts {
    /// One.
    One(String),
    /// Several; one of them suffices.
    Many(Vec<String>),
}

impl Texts {
    /// The texts.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Texts::One(text) => std::slice::from_ref(text),
            Texts::Many(texts) => texts,
        }
    }
}

/// Conditions on one field; all that are given must hold of the same text. Text compares without case and
/// Unicode-normalised (NFKC), paths with either slash. Where several texts are given, one suffices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Is this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// Is one of these texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<String>>,
    /// Begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Texts>,
    /// Ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<Texts>,
    /// Contains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<Texts>,
    /// Fits a pattern: `*` any run of characters except `/` in paths, `**` any run, `?` one character.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glob: Option<Texts>,
    /// Matches a regular expression somewhere (syntax of the Rust crate regex; anchor it yourself). It must contain a literal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Is a version within a range: comparisons joined with commas, e.g. `>=2.0, <3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Holds as well where the artifact has no such field, or an empty one. Only in `where`, beside a condition without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub or_absent: bool,
}

/// A step that removes the product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovalStep {
    /// The operating system it is for.
    pub platform: Os,
    /// Only when a match came from one of these collectors; else whenever the product is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collectors: Vec<String>,
    /// Only for matches in one of these states; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
    /// What it does, for people.
    pub title: String,
    /// A command; `{field}` is filled in, quoted, from each matching artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What Windows Installer asks for when a password protects the product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passwords: Vec<Password>,
    /// What to know before or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Keys of `sources`.
    pub source: Texts,
}

/// A property of Windows Installer that takes a password, or the name that goes with one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// Its name, in capital letters.
    pub property: String,
    /// How the text is written in the command.
    #[serde(default)]
    pub form: PasswordForm,
}

/// How a password is written in a command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordForm {
    /// As it is.
    #[default]
    Plain,
    /// As the hexadecimal digits of its bytes in UTF-16.
    Utf16Hex,
}

/// Artifacts to try the indicators on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Must give a finding of this product when seen together on one target (each list is one target).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positive: Vec<Example>,
    /// Must give a possible trace of this product, and no finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<Example>,
    /// Must give no finding of this product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub negative: Vec<Example>,
}

impl Examples {
    fn is_empty(&self) -> bool {
        self.positive.is_empty() && self.possible.is_empty() && self.negative.is_empty()
    }
}

/// What one target holds in an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the example stands for.
    pub about: String,
    /// The artifacts seen.
    pub artifacts: Vec<ExampleArtifact>,
}

/// One artifact of an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleArtifact {
    /// The collector that sees it.
    pub collector: String,
    /// Its fields.
    pub fields: BTreeMap<Field, crate::model::Value>,
}
