//! The collectors by name, with what other rooms know of each: one line a collector, and none without its facts.

/// What an artifact is to a bill of materials. Source: CycloneDX 1.6, `component.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// A program or a package of programs.
    Application,
    /// A package that programs use.
    Library,
    /// A container image.
    Container,
    /// An operating system.
    OperatingSystem,
    /// A driver.
    DeviceDriver,
    /// A file or folder.
    File,
    /// A certificate.
    CryptographicAsset,
    /// A setting, a record or a list.
    Data,
}

impl Component {
    /// The word in a document.
    pub fn word(self) -> &'static str {
        match self {
            Component::Application => "application",
            Component::Library => "library",
            Component::Container => "container",
            Component::OperatingSystem => "operating-system",
            Component::DeviceDriver => "device-driver",
            Component::File => "file",
            Component::CryptographicAsset => "cryptographic-asset",
            Component::Data => "data",
        }
    }
}

/// Who gives the names of a source's artifacts away.
enum Names {
    /// A package manager or a registry of packages.
    Managed,
    /// Each vendor for itself.
    Own,
}

macro_rules! collectors {
    ($($id:ident, $name:literal, $component:ident, $purl:expr, $names:ident;)*) => {
        /// A collector.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "their names say it; each collector's own file says more")]
        pub enum CollectorId {
            $($id,)*
        }

        impl CollectorId {
            /// Every collector, in the order of reports.
            pub const ALL: &[CollectorId] = &[$(CollectorId::$id,)*];

            /// Its name in reports and signatures.
            pub const fn name(self) -> &'static str {
                match self {
                    $(CollectorId::$id => $name,)*
                }
            }

            /// What its artifacts are to a bill of materials.
            pub fn component(self) -> Component {
                match self {
                    $(CollectorId::$id => Component::$component,)*
                }
            }

            /// The type of its artifacts' package URLs, where one is registered. Source: the package-url project's list of
            /// types.
            pub fn purl_type(self) -> Option<&'static str> {
                match self {
                    $(CollectorId::$id => $purl,)*
                }
            }

            /// Whether a name belongs to one project in it: a package manager's list gives each name away once.
            pub fn is_managed(self) -> bool {
                match self {
                    $(CollectorId::$id => matches!(Names::$names, Names::Managed),)*
                }
            }
        }
    };
}

collectors! {
    OsVersion, "os_version", OperatingSystem, None, Own;
    Image, "image", Container, None, Own;
    Processes, "processes", Application, None, Own;
    ProgramFolders, "program_folders", File, None, Own;
    ProgramFiles, "program_files", File, None, Own;
    SetupPackages, "setup_packages", File, None, Own;
    ChromeExtensions, "chrome_extensions", Application, None, Own;
    FirefoxAddons, "firefox_addons", Application, None, Own;
    VscodeExtensions, "vscode_extensions", Application, None, Own;
    JetbrainsPlugins, "jetbrains_plugins", Application, None, Own;
    AiModels, "ai_models", Data, None, Own;
    McpServers, "mcp_servers", Data, None, Own;
    PythonPackages, "python_packages", Library, Some("pypi"), Managed;
    NpmPackages, "npm_packages", Library, Some("npm"), Managed;
    JavaArchives, "java_archives", Library, Some("maven"), Managed;
    RubyGems, "ruby_gems", Library, Some("gem"), Managed;
    DotnetPackages, "dotnet_packages", Library, Some("nuget"), Managed;
    LibraryPackages, "library_packages", Library, None, Managed;
    SpackPackages, "spack_packages", Application, None, Managed;
    DebPackages, "deb_packages", Application, Some("deb"), Managed;
    RpmPackages, "rpm_packages", Application, Some("rpm"), Managed;
    ApkPackages, "apk_packages", Application, Some("apk"), Managed;
    PacmanPackages, "pacman_packages", Application, Some("alpm"), Managed;
    PortagePackages, "portage_packages", Application, None, Managed;
    OpkgPackages, "opkg_packages", Application, None, Managed;
    XbpsPackages, "xbps_packages", Application, None, Managed;
    SlackwarePackages, "slackware_packages", Application, None, Managed;
    EopkgPackages, "eopkg_packages", Application, None, Managed;
    BottlerocketPackages, "bottlerocket_packages", Application, None, Managed;
    SnapPackages, "snap_packages", Application, None, Managed;
    FlatpakPackages, "flatpak_packages", Application, None, Managed;
    Appimages, "appimages", Application, None, Own;
    NixPackages, "nix_packages", Application, None, Managed;
    GuixPackages, "guix_packages", Application, None, Managed;
    SystemdUnits, "systemd_units", Application, None, Own;
    InitScripts, "init_scripts", Application, None, Own;
    KernelModules, "kernel_modules", DeviceDriver, None, Own;
    Containers, "containers", Container, None, Own;
    DesktopEntries, "desktop_entries", Application, None, Own;
    PolkitActions, "polkit_actions", Data, None, Own;
    Crontab, "crontab", Data, None, Own;
    AptSources, "apt_sources", Data, None, Own;
    YumSources, "yum_sources", Data, None, Own;
    Certificates, "certificates", CryptographicAsset, None, Own;
    Apps, "apps", Application, None, Own;
    PackageReceipts, "package_receipts", Data, None, Own;
    InstallHistory, "install_history", Data, None, Own;
    Launchd, "launchd", Application, None, Own;
    LoginItems, "login_items", Data, None, Own;
    SystemExtensions, "system_extensions", Application, None, Own;
    KernelExtensions, "kernel_extensions", DeviceDriver, None, Own;
    PrivilegedHelpers, "privileged_helpers", Application, None, Own;
    HomebrewPackages, "homebrew_packages", Application, None, Managed;
    MacportsPackages, "macports_packages", Application, None, Managed;
    SafariExtensions, "safari_extensions", Application, None, Own;
    BrowserPlugins, "browser_plugins", Application, None, Own;
    PreferencePanes, "preference_panes", Application, None, Own;
    ConfigurationProfiles, "configuration_profiles", Data, None, Own;
    TccGrants, "tcc_grants", Data, None, Own;
    KextPolicy, "kext_policy", DeviceDriver, None, Own;
    RegistryHives, "registry_hives", Data, None, Own;
    Programs, "programs", Application, None, Own;
    Services, "services", Application, None, Own;
    Drivers, "drivers", DeviceDriver, None, Own;
    DriverBindings, "driver_bindings", DeviceDriver, None, Own;
    AppxPackages, "appx_packages", Application, None, Own;
    ChocolateyPackages, "chocolatey_packages", Application, None, Managed;
    ScoopPackages, "scoop_packages", Application, None, Managed;
    WingetPackages, "winget_packages", Application, None, Managed;
    DriverPackages, "driver_packages", DeviceDriver, None, Own;
    Prefetch, "prefetch", File, None, Own;
    ScheduledTasks, "scheduled_tasks", Data, None, Own;
    StartupItems, "startup_items", Data, None, Own;
    SecurityProducts, "security_products", Application, None, Own;
    ComExtensions, "com_extensions", Data, None, Own;
    NetworkFilters, "network_filters", Data, None, Own;
    DefenderExclusions, "defender_exclusions", Data, None, Own;
    RegistryRoots, "registry_roots", Data, None, Own;
    Amcache, "amcache", File, None, Own;
    Userassist, "userassist", Data, None, Own;
}

impl CollectorId {
    /// The collector of a name; `None` for reports of a newer debar.
    pub fn of(name: &str) -> Option<CollectorId> {
        CollectorId::ALL.iter().copied().find(|id| id.name() == name)
    }
}
