//! Artifacts: what collectors yield and indicators match on.
//!
//! [`Field`] is a closed list, so that a signature naming a field that does not exist is an error when it is
//! loaded, not a silent miss. Field names follow osquery's columns where osquery has one.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the text of a field compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Without case, Unicode-normalised (NFKC).
    Text,
    /// As text, and either slash separates.
    Path,
}

macro_rules! fields {
    ($($variant:ident $name:literal $kind:ident $about:literal,)*) => {
        /// One matchable fact of an artifact.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Field {
            $(#[doc = $about] #[serde(rename = $name)] $variant,)*
        }

        impl Field {
            /// Every field, in the order of their definition.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// The name used in signatures and reports.
            pub fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// One sentence on what the field holds.
            pub fn about(self) -> &'static str {
                match self { $(Field::$variant => $about,)* }
            }

            /// How its text compares.
            pub fn kind(self) -> FieldKind {
                match self { $(Field::$variant => FieldKind::$kind,)* }
            }
        }
    };
}

fields! {
    Name "name" Text "Name as its source states it: package, program, process, unit, module, file.",
    DisplayName "display_name" Text "Name shown to people, if it differs; localised names as a list.",
    Version "version" Text "Version as its source states it.",
    Release "release" Text "Release part of a package version (rpm), build number of a bundle.",
    Epoch "epoch" Text "Epoch part of a package version.",
    Arch "arch" Text "Architecture the artifact was built for.",
    Publisher "publisher" Text "Publisher of a program, as registered by its installer.",
    Vendor "vendor" Text "Vendor of a package.",
    Packager "packager" Text "Who packaged it.",
    Maintainer "maintainer" Text "Maintainer of a package.",
    Author "author" Text "Author of a language package, extension or module.",
    Source "source" Text "Source package, store or origin it was built or installed from.",
    Status "status" Text "State in its source's own words, e.g. 'install ok installed'.",
    Description "description" Text "Description as its source states it.",
    Homepage "homepage" Text "Home page or project address.",
    License "license" Text "Licence as its source states it.",
    Path "path" Path "Path of the file, folder or executable, from the target's root.",
    InstallLocation "install_location" Path "Folder it says it is installed in.",
    InstallSource "install_source" Path "Folder it says it was installed from.",
    InstallDate "install_date" Text "When it says it was installed.",
    Cmdline "cmdline" Path "Command line, arguments separated by blanks.",
    Program "program" Path "Program that a unit, job, task or entry starts.",
    User "user" Text "User it belongs to or runs as.",
    Uid "uid" Text "Numeric user id or Windows SID.",
    Pid "pid" Text "Process id.",
    Parent "parent" Text "Parent process id.",
    StartTime "start_time" Text "When the process started (RFC 3339, UTC).",
    OnDisk "on_disk" Text "Whether the executable still exists: yes or no.",
    Container "container" Text "Container or other root that the process runs in.",
    Identifier "identifier" Text "Identifier of an extension, bundle, snap or app.",
    IdentifyingNumber "identifying_number" Text "Windows Installer product code.",
    UpgradeCode "upgrade_code" Text "Windows Installer upgrade code.",
    PackageCode "package_code" Text "Windows Installer package code.",
    PackageFamilyName "package_family_name" Text "Package family name of an Appx/MSIX package.",
    UninstallString "uninstall_string" Path "Command that uninstalls the program.",
    QuietUninstallString "quiet_uninstall_string" Path "Command that uninstalls it without questions.",
    Scope "scope" Text "machine or user.",
    Key "key" Path "Registry key it was read from.",
    StartType "start_type" Text "When it starts: boot, system, auto, demand, disabled, enabled, static, masked.",
    ServiceType "service_type" Text "Kind of service or driver.",
    Service "service" Text "Service it belongs to.",
    Browser "browser" Text "Browser family: chrome, chromium, edge, brave, vivaldi, opera, yandex, firefox, safari.",
    Profile "profile" Text "Browser profile.",
    UpdateUrl "update_url" Text "Where an extension updates from.",
    Permissions "permissions" Text "Permissions it holds.",
    Type "type" Text "Kind within its source, e.g. extension, theme, policy, native-messaging-host.",
    Enabled "enabled" Text "yes or no.",
    Subject "subject" Text "Subject of a certificate.",
    Issuer "issuer" Text "Issuer of a certificate.",
    Serial "serial" Text "Serial number of a certificate.",
    Sha1 "sha1" Text "SHA-1 of a certificate or file.",
    Signer "signer" Text "Subject of the code signature's signer.",
    SignerChain "signer_chain" Text "Subjects of the certificates in a code signature.",
    TeamIdentifier "team_identifier" Text "Apple team identifier of a code signature.",
    BundleIdentifier "bundle_identifier" Text "Apple bundle identifier.",
    Company "company" Text "CompanyName of a version resource.",
    Product "product" Text "ProductName of a version resource.",
    FileDescription "file_description" Text "FileDescription of a version resource.",
    OriginalFilename "original_filename" Text "OriginalFilename of a version resource.",
    InternalName "internal_name" Text "InternalName of a version resource.",
    Copyright "copyright" Text "LegalCopyright of a version resource.",
    ProductVersion "product_version" Text "ProductVersion of a version resource.",
    Format "format" Text "File format of an executable: elf, pe, macho, script, msi, jar.",
    BuildId "build_id" Text "Build id of an executable.",
    Soname "soname" Text "Name a shared library is linked by.",
    Runpath "runpath" Path "Folders an executable searches for libraries.",
    Needed "needed" Text "Libraries it needs.",
    Interpreter "interpreter" Path "Interpreter of an executable or script.",
    PackageMetadata "package_metadata" Text "Packaging note inside an executable (.note.package).",
    Module "module" Text "Main module of a Go or Rust program.",
    Dependencies "dependencies" Text "Modules, crates or packages inside it, as name@version.",
    Namespace "namespace" Text "Group or namespace: Maven group, npm scope.",
    Depends "depends" Text "What it declares to depend on.",
    Mime "mime" Text "MIME types a desktop entry handles.",
    Schedule "schedule" Text "When a job runs.",
    Section "section" Text "Section or category of a package.",
    Size "size" Text "Size in bytes.",
    Label "label" Text "Label of a launchd job or an image, as key=value for images.",
    Entrypoint "entrypoint" Path "Entry point and command of an image.",
    Env "env" Text "Environment of an image, as NAME=value.",
    History "history" Text "Commands in the build history of an image.",
    Reference "reference" Text "Name of an image or of its base.",
    Digest "digest" Text "Digest of an image or layer.",
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of a field: one text, or several that match independently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// One text.
    One(String),
    /// Several texts; a condition holds when it holds for one of them.
    Many(Vec<String>),
}

impl Value {
    /// Every text of the value.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        match self {
            Value::One(text) => std::slice::from_ref(text),
            Value::Many(texts) => texts.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }

    /// The texts joined with ", ", for people.
    pub fn joined(&self) -> String {
        match self {
            Value::One(text) => text.clone(),
            Value::Many(texts) => texts.join(", "),
        }
    }
}

/// Turns bytes of a target into text: undecodable bytes become `\xNN`, so that a name that is not UTF-8 stays
/// visible, matches on its readable parts, and JSON stays valid.
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// The state that an artifact, and from its evidence a finding, is in. Ordered: the greater state wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A later image layer removed it; it still ships in the earlier one.
    DeletedInLaterLayer,
    /// Left over after removal: configuration, folders, registrations without their program.
    Remnant,
    /// A setup file that was kept, not an installed program.
    Installer,
    /// Part of another product.
    Embedded,
    /// Installed, and its only service or entry is switched off.
    Disabled,
    /// Installed.
    Installed,
    /// Running now, or loaded.
    Running,
}

impl State {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            State::DeletedInLaterLayer => "deleted-in-later-layer",
            State::Remnant => "remnant",
            State::Installer => "installer",
            State::Embedded => "embedded",
            State::Disabled => "disabled",
            State::Installed => "installed",
            State::Running => "running",
        }
    }
}

/// Where an artifact was seen. Every part is text for people and machines; absent parts do not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path from the target's root, with a leading slash; bytes that are not UTF-8 as `\xNN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Registry key, for artifacts of a Windows registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_key: Option<String>,
    /// Process id, for artifacts of a running system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The record inside the file, e.g. a package name or a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The image layer, for artifacts of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
}

/// The image layer that an artifact comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Layer {
    /// Position from the bottom, 0 first.
    pub index: usize,
    /// Digest of the layer as stored; empty where the image does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// Digest of the uncompressed layer; empty where the image does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diff_id: String,
    /// The history line that created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Whether it belongs to the base image; absent where the history does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_image: Option<bool>,
    /// The later layer that removed or replaced the artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<usize>,
}

impl Location {
    /// A file or folder of the target; `path` as used by [`crate::target::Root`], without a leading slash.
    pub fn path(path: &[u8]) -> Self {
        Location { path: Some(shown(path)), ..Location::default() }
    }

    /// A record inside a file.
    pub fn record(path: &[u8], record: impl Into<String>) -> Self {
        Location { record: Some(record.into()), ..Location::path(path) }
    }

    /// A running process.
    pub fn pid(pid: u32) -> Self {
        Location { pid: Some(pid), ..Location::default() }
    }

    /// A registry key.
    pub fn registry(key: impl Into<String>) -> Self {
        Location { registry_key: Some(key.into()), ..Location::default() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(key) = &self.registry_key {
            parts.push(key.clone());
        }
        if let Some(path) = &self.path {
            parts.push(path.clone());
        }
        if let Some(record) = &self.record {
            parts.push(format!("({record})"));
        }
        if let Some(pid) = self.pid {
            parts.push(format!("pid {pid}"));
        }
        if let Some(layer) = &self.layer {
            parts.push(format!("layer {}", layer.index));
        }
        f.write_str(&parts.join(" "))
    }
}

/// How a path of the target is shown: a leading slash, undecodable bytes escaped.
pub fn shown(path: &[u8]) -> String {
    format!("/{}", text_of(path))
}

/// One observed thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The collector that saw it.
    pub collector: &'static str,
    /// The state it was seen in.
    pub state: State,
    /// What is known of it. Empty facts are left out.
    pub fields: BTreeMap<Field, Value>,
    /// Where it was seen.
    pub location: Location,
}

impl Artifact {
    /// An installed artifact without facts.
    pub fn new(collector: &'static str, location: Location) -> Self {
        Artifact { collector, state: State::Installed, fields: BTreeMap::new(), location }
    }

    /// Sets the state.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Sets a field to one text; empty text leaves the field absent.
    #[must_use]
    pub fn with(mut self, field: Field, text: impl Into<String>) -> Self {
        self.set(field, text);
        self
    }

    /// Sets a field if there is a text.
    #[must_use]
    pub fn with_some(mut self, field: Field, text: Option<impl Into<String>>) -> Self {
        if let Some(text) = text {
            self.set(field, text);
        }
        self
    }

    /// Sets a field to several texts; empty and repeated ones are left out.
    #[must_use]
    pub fn with_many(mut self, field: Field, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for text in texts {
            let text = text.into();
            if !text.trim().is_empty() && !kept.contains(&text) {
                kept.push(text);
            }
        }
        match kept.len() {
            0 => {}
            1 => self.set(field, kept.remove(0)),
            _ => {
                self.fields.insert(field, Value::Many(kept));
            }
        }
        self
    }

    /// Sets a field to one text; empty text leaves the field absent.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.fields.insert(field, Value::One(text));
        }
    }

    /// The first text of a field.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.fields.get(&field).and_then(|value| value.texts().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_are_unique_and_snake_case() {
        let mut names: Vec<_> = Field::ALL.iter().map(|field| field.name()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(
            names.iter().all(|name| {
                name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
            })
        );
    }

    #[test]
    fn undecodable_bytes_are_escaped_and_the_rest_stays() {
        assert_eq!(text_of(b"kaspersky\xff\xfe lab"), "kaspersky\\xff\\xfe lab");
        assert_eq!(text_of("Лаборатория".as_bytes()), "Лаборатория");
    }

    #[test]
    fn running_is_the_greatest_state() {
        assert!(State::Running > State::Installed && State::Installed > State::Disabled);
        assert!(State::Installer > State::Remnant && State::Remnant > State::DeletedInLaterLayer);
    }
}
