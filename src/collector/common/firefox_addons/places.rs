//! Where Mozilla's relatives keep profiles, policies, add-ons of the machine and native messaging hosts.

/// Defines the folders whose children are profiles.
macro_rules! profiles {
    (linux: [$($lb:literal $lp:literal)*] others: [$($ob:literal $op:literal)*]) => {
        pub(super) const PROFILES: &[(&str, &str)] = &[
            $(($lb, concat!("home/*/", $lp, "/*/")), ($lb, concat!("root/", $lp, "/*/")),)*
            $(($ob, concat!($op, "/*/")),)*
        ];
        pub(super) const PROFILE_READS: &[&str] = &[
            $(
                concat!("home/*/", $lp, "/*/extensions.json"), concat!("root/", $lp, "/*/extensions.json"),
                concat!("home/*/", $lp, "/*/extensions/*/"), concat!("root/", $lp, "/*/extensions/*/"),
            )*
            $(concat!($op, "/*/extensions.json"), concat!($op, "/*/extensions/*/"),)*
        ];
    };
}

profiles! {
    linux: [
        "firefox" ".mozilla/firefox"
        "firefox" ".config/mozilla/firefox"
        "firefox" "snap/firefox/common/.mozilla/firefox"
        "firefox" ".var/app/org.mozilla.firefox/.mozilla/firefox"
        "firefox" ".var/app/org.mozilla.firefox/config/mozilla/firefox"
        "seamonkey" ".mozilla/seamonkey"
        "librewolf" ".librewolf"
        "librewolf" ".var/app/io.gitlab.librewolf-community/.librewolf"
        "waterfox" ".waterfox"
        "thunderbird" ".thunderbird"
        "thunderbird" "snap/thunderbird/common/.thunderbird"
        "thunderbird" ".var/app/org.mozilla.Thunderbird/.thunderbird"
        "thunderbird" ".var/app/org.mozilla.thunderbird/.thunderbird"
    ]
    others: [
        "firefox" "Users/*/Library/Application Support/Firefox/Profiles"
        "thunderbird" "Users/*/Library/Thunderbird/Profiles"
        "librewolf" "Users/*/Library/Application Support/librewolf/Profiles"
        "waterfox" "Users/*/Library/Application Support/Waterfox/Profiles"
        "firefox" "Users/*/AppData/Roaming/Mozilla/Firefox/Profiles"
        "firefox" "Users/*/AppData/Local/Packages/Mozilla.Firefox_n80bbvh6b1yt2/LocalCache/Roaming/Mozilla/Firefox/Profiles"
        "thunderbird" "Users/*/AppData/Roaming/Thunderbird/Profiles"
        "librewolf" "Users/*/AppData/Roaming/librewolf/Profiles"
        "waterfox" "Users/*/AppData/Roaming/Waterfox/Profiles"
        "seamonkey" "Users/*/AppData/Roaming/Mozilla/SeaMonkey/Profiles"
    ]
}

/// Policies of the machine.
pub(super) const POLICIES: &[&str] = &[
    "etc/firefox/policies/policies.json",
    "etc/firefox-esr/policies/policies.json",
    "etc/thunderbird/policies/policies.json",
    "etc/librewolf/policies/policies.json",
    "usr/lib/firefox/distribution/policies.json",
    "usr/lib64/firefox/distribution/policies.json",
    "usr/lib/firefox-esr/distribution/policies.json",
    "usr/lib/thunderbird/distribution/policies.json",
    "usr/lib64/thunderbird/distribution/policies.json",
    "usr/share/librewolf/distribution/policies.json",
    "opt/firefox/distribution/policies.json",
    "snap/firefox/current/usr/lib/firefox/distribution/policies.json",
    "Applications/Firefox.app/Contents/Resources/distribution/policies.json",
    "Applications/Thunderbird.app/Contents/Resources/distribution/policies.json",
    "Program Files/Mozilla Firefox/distribution/policies.json",
    "Program Files (x86)/Mozilla Firefox/distribution/policies.json",
    "Program Files/Mozilla Thunderbird/distribution/policies.json",
];

/// Registrations of programs.
pub(super) const HOSTS: &[&str] = &[
    "usr/lib/mozilla/native-messaging-hosts/*.json",
    "usr/lib64/mozilla/native-messaging-hosts/*.json",
    "usr/share/mozilla/native-messaging-hosts/*.json",
    "home/*/.mozilla/native-messaging-hosts/*.json",
    "root/.mozilla/native-messaging-hosts/*.json",
    "home/*/.librewolf/native-messaging-hosts/*.json",
    "Library/Application Support/Mozilla/NativeMessagingHosts/*.json",
    "Users/*/Library/Application Support/Mozilla/NativeMessagingHosts/*.json",
];

/// Add-ons that are installed for every profile by lying in a folder, under their identifier.
pub(super) const SHARED: &[&str] = &[
    "usr/lib/mozilla/extensions/*/*/",
    "usr/lib64/mozilla/extensions/*/*/",
    "usr/share/mozilla/extensions/*/*/",
    "home/*/.mozilla/extensions/*/*/",
    "root/.mozilla/extensions/*/*/",
    "usr/lib/firefox/distribution/extensions/*/",
    "usr/lib64/firefox/distribution/extensions/*/",
    "usr/lib/firefox-esr/distribution/extensions/*/",
    "usr/lib/thunderbird/distribution/extensions/*/",
    "opt/firefox/distribution/extensions/*/",
    "Program Files/Mozilla Firefox/distribution/extensions/*/",
    "Program Files (x86)/Mozilla Firefox/distribution/extensions/*/",
    "Library/Application Support/Mozilla/Extensions/*/*/",
];
