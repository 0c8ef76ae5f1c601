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

macro_rules! collectors {
    ($($id:ident, $name:literal, $component:ident, $purl:expr;)*) => {
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
            pub fn name(self) -> &'static str {
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
        }
    };
}

collectors! {
    OsVersion, "os_version", OperatingSystem, None;
    Image, "image", Container, None;
    Processes, "processes", Application, None;
    ProgramFolders, "program_folders", File, None;
    ProgramFiles, "program_files", File, None;
    SetupPackages, "setup_packages", File, None;
    ChromeExtensions, "chrome_extensions", Application, None;
    FirefoxAddons, "firefox_addons", Application, None;
    PythonPackages, "python_packages", Library, Some("pypi");
    NpmPackages, "npm_packages", Library, Some("npm");
    JavaArchives, "java_archives", Library, Some("maven");
    RubyGems, "ruby_gems", Library, Some("gem");
    DotnetPackages, "dotnet_packages", Library, Some("nuget");
    SpackPackages, "spack_packages", Application, None;
    DebPackages, "deb_packages", Application, Some("deb");
    RpmPackages, "rpm_packages", Application, Some("rpm");
    ApkPackages, "apk_packages", Application, Some("apk");
    PacmanPackages, "pacman_packages", Application, Some("alpm");
    PortagePackages, "portage_packages", Application, None;
    OpkgPackages, "opkg_packages", Application, None;
    XbpsPackages, "xbps_packages", Application, None;
    SlackwarePackages, "slackware_packages", Application, None;
    EopkgPackages, "eopkg_packages", Application, None;
    BottlerocketPackages, "bottlerocket_packages", Application, None;
    SnapPackages, "snap_packages", Application, None;
    FlatpakPackages, "flatpak_packages", Application, None;
    Appimages, "appimages", Application, None;
    NixPackages, "nix_packages", Application, None;
    GuixPackages, "guix_packages", Application, None;
    SystemdUnits, "systemd_units", Application, None;
    InitScripts, "init_scripts", Application, None;
    KernelModules, "kernel_modules", DeviceDriver, None;
    DesktopEntries, "desktop_entries", Application, None;
    Crontab, "crontab", Data, None;
    AptSources, "apt_sources", Data, None;
    YumSources, "yum_sources", Data, None;
    Certificates, "certificates", CryptographicAsset, None;
    Apps, "apps", Application, None;
    PackageReceipts, "package_receipts", Data, None;
    InstallHistory, "install_history", Data, None;
    Launchd, "launchd", Application, None;
    LoginItems, "login_items", Data, None;
    SystemExtensions, "system_extensions", Application, None;
    KernelExtensions, "kernel_extensions", DeviceDriver, None;
    PrivilegedHelpers, "privileged_helpers", Application, None;
    HomebrewPackages, "homebrew_packages", Application, None;
    MacportsPackages, "macports_packages", Application, None;
    SafariExtensions, "safari_extensions", Application, None;
    BrowserPlugins, "browser_plugins", Application, None;
    PreferencePanes, "preference_panes", Application, None;
    ConfigurationProfiles, "configuration_profiles", Data, None;
    TccGrants, "tcc_grants", Data, None;
    KextPolicy, "kext_policy", DeviceDriver, None;
    RegistryHives, "registry_hives", Data, None;
    Programs, "programs", Application, None;
    Services, "services", Application, None;
    Drivers, "drivers", DeviceDriver, None;
    DriverBindings, "driver_bindings", DeviceDriver, None;
    AppxPackages, "appx_packages", Application, None;
    ChocolateyPackages, "chocolatey_packages", Application, None;
    ScoopPackages, "scoop_packages", Application, None;
    WingetPackages, "winget_packages", Application, None;
    DriverPackages, "driver_packages", DeviceDriver, None;
    Prefetch, "prefetch", File, None;
    ScheduledTasks, "scheduled_tasks", Data, None;
    StartupItems, "startup_items", Data, None;
    SecurityProducts, "security_products", Application, None;
    ComExtensions, "com_extensions", Data, None;
    NetworkFilters, "network_filters", Data, None;
    DefenderExclusions, "defender_exclusions", Data, None;
    RegistryRoots, "registry_roots", Data, None;
    Amcache, "amcache", File, None;
    Userassist, "userassist", Data, None;
}

impl CollectorId {
    /// The collector of a name; `None` for reports of a newer debar.
    pub fn of(name: &str) -> Option<CollectorId> {
        CollectorId::ALL.iter().copied().find(|id| id.name() == name)
    }
}
