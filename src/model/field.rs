//! Fields: the facts of artifacts that indicators match on.
//!
//! [`Field`] is a closed list, so that a signature naming a field that does not exist is an error when it is
//! loaded, not a silent miss. Field names follow osquery's columns where osquery has one.

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
    VscodeEdition "vscode_edition" Text "Editor that an extension belongs to: vscode, vscode_insiders, vscodium, cursor, windsurf, trae, or as its folder is called.",
    ProductType "product_type" Text "IDE that a plugin belongs to, as its folder is called: IntelliJIdea, PyCharm, AndroidStudio.",
    Client "client" Text "Program whose settings name a server: claude, cursor, code, or as its folder is called.",
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
}
