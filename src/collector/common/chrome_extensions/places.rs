//! Where Chromium browsers keep profiles, policies and registrations.
//!
//! Folders as in Chromium's documentation ("User Data Directory", "Linux Quick Start" for policies, "External
//! Extensions", "Native messaging") and the browsers' packages.

/// Every pattern of `$ending` below every base.
macro_rules! below {
    (@ [$($done:expr,)*] [] $endings:tt) => { &[$($done,)*] };
    (@ [$($done:expr,)*] [$base:expr, $($rest:expr,)*] [$($ending:literal)*]) => {
        below!(@ [$($done,)* $(concat!($base, $ending),)*] [$($rest,)*] [$($ending)*])
    };
}

/// Defines the folders of profiles: below home folders of Linux, below `Library/Application Support` of users of
/// macOS, and below the folders of users of Windows.
macro_rules! browsers {
    (linux: [$($lb:literal $lp:literal)*] macos: [$($mb:literal $mp:literal)*] windows: [$($wb:literal $wp:literal)*]) => {
        /// Browser, and the folder that holds its profiles.
        pub(super) const DATA: &[(&str, &str)] = &[
            $(($lb, concat!("home/*/", $lp)), ($lb, concat!("root/", $lp)),)*
            $(($mb, concat!("Users/*/Library/Application Support/", $mp)),)*
            $(($wb, concat!("Users/*/", $wp)),)*
        ];

        /// What is read there. Opera's folder is a profile itself.
        pub(super) const PROFILES: &[&str] = below!(@ []
            [
                $(concat!("home/*/", $lp), concat!("root/", $lp),)*
                $(concat!("Users/*/Library/Application Support/", $mp),)*
                $(concat!("Users/*/", $wp),)*
            ]
            [
                "/Preferences" "/Secure Preferences" "/*/Preferences" "/*/Secure Preferences"
                "/Extensions/*/*/manifest.json" "/*/Extensions/*/*/manifest.json"
                "/Extensions/*/*/_locales/*/messages.json" "/*/Extensions/*/*/_locales/*/messages.json"
                "/NativeMessagingHosts/*.json" "/External Extensions/*.json"
            ]
        );
    };
}

browsers! {
    linux: [
        "chrome" ".config/google-chrome"
        "chrome" ".config/google-chrome-beta"
        "chrome" ".config/google-chrome-unstable"
        "chrome" ".config/google-chrome-for-testing"
        "chromium" ".config/chromium"
        "edge" ".config/microsoft-edge"
        "edge" ".config/microsoft-edge-beta"
        "edge" ".config/microsoft-edge-dev"
        "brave" ".config/BraveSoftware/Brave-Browser"
        "brave" ".config/BraveSoftware/Brave-Browser-Beta"
        "brave" ".config/BraveSoftware/Brave-Browser-Nightly"
        "vivaldi" ".config/vivaldi"
        "vivaldi" ".config/vivaldi-snapshot"
        "opera" ".config/opera"
        "opera" ".config/opera-beta"
        "opera" ".config/opera-developer"
        "yandex" ".config/yandex-browser"
        "yandex" ".config/yandex-browser-beta"
        "chromium" "snap/chromium/common/chromium"
        "brave" "snap/brave/current/.config/BraveSoftware/Brave-Browser"
        "opera" "snap/opera/current/.config/opera"
        "vivaldi" "snap/vivaldi/current/.config/vivaldi"
        "chrome" ".var/app/com.google.Chrome/config/google-chrome"
        "chromium" ".var/app/org.chromium.Chromium/config/chromium"
        "chromium" ".var/app/io.github.ungoogled_software.ungoogled_chromium/config/chromium"
        "edge" ".var/app/com.microsoft.Edge/config/microsoft-edge"
        "brave" ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"
        "vivaldi" ".var/app/com.vivaldi.Vivaldi/config/vivaldi"
        "opera" ".var/app/com.opera.Opera/config/opera"
        "yandex" ".var/app/ru.yandex.Browser/config/yandex-browser"
    ]
    macos: [
        "chrome" "Google/Chrome"
        "chrome" "Google/Chrome Beta"
        "chrome" "Google/Chrome Dev"
        "chrome" "Google/Chrome Canary"
        "chrome" "Google/Chrome for Testing"
        "chromium" "Chromium"
        "edge" "Microsoft Edge"
        "edge" "Microsoft Edge Beta"
        "edge" "Microsoft Edge Dev"
        "edge" "Microsoft Edge Canary"
        "brave" "BraveSoftware/Brave-Browser"
        "brave" "BraveSoftware/Brave-Browser-Beta"
        "brave" "BraveSoftware/Brave-Browser-Dev"
        "brave" "BraveSoftware/Brave-Browser-Nightly"
        "vivaldi" "Vivaldi"
        "vivaldi" "Vivaldi Snapshot"
        "opera" "com.operasoftware.Opera"
        "opera" "com.operasoftware.OperaNext"
        "opera" "com.operasoftware.OperaDeveloper"
        "opera" "com.operasoftware.OperaGX"
        "yandex" "Yandex/YandexBrowser"
        "arc" "Arc/User Data"
    ]
    windows: [
        "chrome" "AppData/Local/Google/Chrome/User Data"
        "chrome" "AppData/Local/Google/Chrome Beta/User Data"
        "chrome" "AppData/Local/Google/Chrome Dev/User Data"
        "chrome" "AppData/Local/Google/Chrome SxS/User Data"
        "chrome" "AppData/Local/Google/Chrome for Testing/User Data"
        "chromium" "AppData/Local/Chromium/User Data"
        "edge" "AppData/Local/Microsoft/Edge/User Data"
        "edge" "AppData/Local/Microsoft/Edge Beta/User Data"
        "edge" "AppData/Local/Microsoft/Edge Dev/User Data"
        "edge" "AppData/Local/Microsoft/Edge SxS/User Data"
        "brave" "AppData/Local/BraveSoftware/Brave-Browser/User Data"
        "brave" "AppData/Local/BraveSoftware/Brave-Browser-Beta/User Data"
        "brave" "AppData/Local/BraveSoftware/Brave-Browser-Nightly/User Data"
        "vivaldi" "AppData/Local/Vivaldi/User Data"
        "opera" "AppData/Roaming/Opera Software/Opera Stable"
        "opera" "AppData/Roaming/Opera Software/Opera GX Stable"
        "opera" "AppData/Roaming/Opera Software/Opera Next"
        "opera" "AppData/Roaming/Opera Software/Opera Developer"
        "opera" "AppData/Roaming/Opera Software/Opera Air Stable"
        "yandex" "AppData/Local/Yandex/YandexBrowser/User Data"
        "yandex" "AppData/Local/Yandex/YandexBrowserBeta/User Data"
        "yandex" "AppData/Local/Yandex/YandexBrowserCorp/User Data"
        "arc" "AppData/Local/Packages/TheBrowserCompany.Arc_ttt1ap7aakyb4/LocalCache/Local/Arc/User Data"
    ]
}

/// What a file outside of profiles is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A policy of the administrator.
    Policy,
    /// An extension that another program has the browser install.
    External,
    /// A program that extensions may start.
    Host,
}

macro_rules! system {
    ($($browser:literal $kind:ident $pattern:literal)*) => {
        /// Files of the whole machine.
        pub(super) const SYSTEM: &[(&str, Kind, &str)] = &[$(($browser, Kind::$kind, $pattern),)*];
        /// Their patterns.
        pub(super) const SYSTEM_READS: &[&str] = &[$($pattern,)*];
    };
}

system! {
    "chrome" Policy "etc/opt/chrome/policies/managed/*.json"
    "chrome" Policy "etc/opt/chrome/policies/recommended/*.json"
    "chromium" Policy "etc/chromium/policies/managed/*.json"
    "chromium" Policy "etc/chromium/policies/recommended/*.json"
    "chromium" Policy "etc/chromium-browser/policies/managed/*.json"
    "chromium" Policy "etc/chromium-browser/policies/recommended/*.json"
    "edge" Policy "etc/opt/edge/policies/managed/*.json"
    "edge" Policy "etc/opt/edge/policies/recommended/*.json"
    "brave" Policy "etc/brave/policies/managed/*.json"
    "brave" Policy "etc/brave/policies/recommended/*.json"
    "vivaldi" Policy "etc/vivaldi/policies/managed/*.json"
    "yandex" Policy "etc/opt/yandex/browser/policies/managed/*.json"
    "chrome" Policy "Library/Managed Preferences/com.google.Chrome.plist"
    "chrome" Policy "Library/Managed Preferences/*/com.google.Chrome.plist"
    "chromium" Policy "Library/Managed Preferences/org.chromium.Chromium.plist"
    "edge" Policy "Library/Managed Preferences/com.microsoft.Edge.plist"
    "edge" Policy "Library/Managed Preferences/*/com.microsoft.Edge.plist"
    "brave" Policy "Library/Managed Preferences/com.brave.Browser.plist"
    "vivaldi" Policy "Library/Managed Preferences/com.vivaldi.Vivaldi.plist"
    "chrome" External "opt/google/chrome/extensions/*.json"
    "chrome" External "usr/share/google-chrome/extensions/*.json"
    "chromium" External "usr/share/chromium/extensions/*.json"
    "chromium" External "usr/lib/chromium/extensions/*.json"
    "chromium" External "usr/share/chromium-browser/extensions/*.json"
    "edge" External "usr/share/microsoft-edge/extensions/*.json"
    "brave" External "opt/brave.com/brave/extensions/*.json"
    "vivaldi" External "opt/vivaldi/extensions/*.json"
    "yandex" External "opt/yandex/browser/Extensions/*.json"
    "chrome" External "Library/Application Support/Google/Chrome/External Extensions/*.json"
    "edge" External "Library/Application Support/Microsoft/Edge/External Extensions/*.json"
    "chrome" Host "etc/opt/chrome/native-messaging-hosts/*.json"
    "chrome" Host "usr/share/google-chrome/native-messaging-hosts/*.json"
    "chromium" Host "etc/chromium/native-messaging-hosts/*.json"
    "chromium" Host "usr/share/chromium/native-messaging-hosts/*.json"
    "edge" Host "etc/opt/edge/native-messaging-hosts/*.json"
    "brave" Host "etc/opt/brave/native-messaging-hosts/*.json"
    "vivaldi" Host "etc/opt/vivaldi/native-messaging-hosts/*.json"
    "opera" Host "etc/opt/opera/native-messaging-hosts/*.json"
    "yandex" Host "etc/opt/yandex-browser/native-messaging-hosts/*.json"
    "chrome" Host "Library/Google/Chrome/NativeMessagingHosts/*.json"
    "chromium" Host "Library/Application Support/Chromium/NativeMessagingHosts/*.json"
    "chrome" Host "Library/Application Support/Google/Chrome/NativeMessagingHosts/*.json"
    "edge" Host "Library/Microsoft/Edge/NativeMessagingHosts/*.json"
    "edge" Host "Library/Application Support/Microsoft/Edge/NativeMessagingHosts/*.json"
    "brave" Host "Library/Application Support/BraveSoftware/Brave-Browser/NativeMessagingHosts/*.json"
    "vivaldi" Host "Library/Application Support/Vivaldi/NativeMessagingHosts/*.json"
    "yandex" Host "Library/Application Support/Yandex/YandexBrowser/NativeMessagingHosts/*.json"
    "brave" External "Library/Application Support/BraveSoftware/Brave-Browser/External Extensions/*.json"
    "chromium" External "Library/Application Support/Chromium/External Extensions/*.json"
}
