//! Formats of Windows and macOS.

use super::{Ends, Format, file, fixture, program};
use crate::support::world::Name;
use crate::support::world::hive::Hive;
use crate::support::world::windows::{self as plain, wide};

fn software() -> Hive {
    let mut software = plain::software();
    for at in 0..20 {
        let key = format!(r"Microsoft\Windows\CurrentVersion\Uninstall\Tool{at}");
        software.text(&key, "DisplayName", &format!("Tool {at}")).text(&key, "Publisher", "Example Ltd");
    }
    software
}

fn system() -> Hive {
    plain::system(20)
}

fn user() -> Hive {
    let mut user = Hive::new();
    user.text(
        r"Software\Microsoft\Windows\CurrentVersion\Run",
        "agent",
        r"C:\Program Files\Example\agent.exe",
    );
    user
}

/// A small Windows with one more file, or one in the place of its own.
pub fn windows(path: &str, bytes: Vec<u8>) -> Vec<Name> {
    let mut names = vec![
        file("Windows/System32/ntdll.dll", "MZ"),
        file("Windows/System32/config/SOFTWARE", software().bytes()),
        file("Windows/System32/config/SYSTEM", system().bytes()),
        file("Users/u/NTUSER.DAT", user().bytes()),
    ];
    names.retain(|(other, _)| other != path.as_bytes());
    names.push(file(path, bytes));
    names
}

fn list(entries: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>{entries}</dict></plist>\n")
}

fn texts(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(key, text)| format!("<key>{key}</key><string>{text}</string>")).collect()
}

/// A small Mac with one more file.
pub fn mac(path: &str, bytes: Vec<u8>) -> Vec<Name> {
    let mut names = vec![
        file(
            "System/Library/CoreServices/SystemVersion.plist",
            list(&texts(&[("ProductName", "macOS"), ("ProductVersion", "14.5")])),
        ),
        file("Library/Receipts/InstallHistory.plist", "<plist version=\"1.0\"><array></array></plist>"),
        program("Applications/Tool.app/Contents/MacOS/Tool", fixture("executables/macho-signed.dylib")),
    ];
    names.retain(|(other, _)| other != path.as_bytes());
    names.push(file(path, bytes));
    names
}

/// Every format.
pub fn formats() -> Vec<Format> {
    let mut all = of_windows();
    all.extend(of_mac());
    all
}

fn of_windows() -> Vec<Format> {
    let task = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task><RegistrationInfo><Author>Example Ltd</Author></RegistrationInfo>\
                <Actions><Exec><Command>C:\\Program Files\\Example\\tool.exe</Command></Exec></Actions></Task>";
    let mut amcache = Hive::new();
    for at in 0..10 {
        let key = format!(r"Root\InventoryApplication\{at:04}");
        amcache.text(&key, "Name", &format!("Example {at}")).text(&key, "Publisher", "Example Ltd");
    }
    vec![
        Format::windows("SOFTWARE", "Windows/System32/config/SOFTWARE", software().bytes(), Ends::Never),
        Format::windows("SYSTEM", "Windows/System32/config/SYSTEM", system().bytes(), Ends::Never),
        Format::windows("NTUSER", "Users/u/NTUSER.DAT", user().bytes(), Ends::Never),
        Format::windows("amcache", "Windows/AppCompat/Programs/Amcache.hve", amcache.bytes(), Ends::Never),
        Format::windows("task", "Windows/System32/Tasks/Tool", wide(task), Ends::Never),
        Format::windows(
            "driver package",
            "Windows/INF/oem1.inf",
            wide(
                "[Version]\r\nSignature=\"$Windows NT$\"\r\nClass=System\r\nProvider=\"Example Ltd\"\r\nDriverVer=01/01/2024,1.0\r\n",
            ),
            // Characters have two bytes.
            Ends::Setting(|cut| cut.len() % 2 == 0),
        ),
        Format::windows(
            "shortcut",
            "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/Tool.lnk",
            fixture("windows/shortcut.lnk"),
            Ends::Never,
        ),
        Format::windows(
            "chocolatey",
            "ProgramData/chocolatey/lib/tool/tool.nuspec",
            "<package><metadata><id>tool</id><version>1.0</version><authors>Example Ltd</authors></metadata></package>",
            Ends::Never,
        ),
        Format::windows(
            "scoop",
            "Users/u/scoop/apps/tool/1.0/manifest.json",
            "{\"version\": \"1.0\", \"description\": \"a tool\", \"homepage\": \"https://example.com\"}",
            Ends::Never,
        ),
        Format::windows(
            "appx manifest",
            "Program Files/WindowsApps/Example_1.0_x64__0123456789abc/AppxManifest.xml",
            "<?xml version='1.0'?><Package><Identity Name='Example' Publisher='CN=Example' Version='1.0.0.0'/></Package>",
            Ends::Never,
        ),
        Format::windows(
            "dotnet and resource",
            "Program Files/Example/tool.exe",
            fixture("executables/pe64-signed.exe"),
            Ends::Never,
        ),
    ]
}

fn of_mac() -> Vec<Format> {
    let app = [
        ("CFBundleIdentifier", "com.example.tool"),
        ("CFBundleName", "Tool"),
        ("CFBundleExecutable", "Tool"),
        ("CFBundleShortVersionString", "12.1"),
    ];
    let receipt = [("PackageIdentifier", "com.example.core"), ("PackageVersion", "12.1")];
    let job = [("Label", "com.example.agent"), ("Program", "/usr/local/bin/agent")];
    let history = "<plist version=\"1.0\"><array><dict><key>displayName</key><string>Tool</string><key>displayVersion</key>\
                   <string>1</string><key>date</key><date>2024-06-01T00:00:00Z</date></dict></array></plist>";
    vec![
        Format::mac("app", "Applications/Tool.app/Contents/Info.plist", list(&texts(&app)), Ends::Never),
        Format::mac("receipt", "private/var/db/receipts/a.plist", list(&texts(&receipt)), Ends::Never),
        Format::mac(
            "app, binary",
            "Applications/Tool.app/Contents/Info.plist",
            crate::support::planted::binary_list(&app),
            Ends::Never,
        ),
        Format::mac(
            "launchd",
            "Library/LaunchDaemons/a.plist",
            crate::support::planted::binary_list(&job),
            Ends::Never,
        ),
        Format::mac("history", "Library/Receipts/InstallHistory.plist", history, Ends::Never),
        Format::mac(
            "homebrew",
            "opt/homebrew/Cellar/jq/1.7/INSTALL_RECEIPT.json",
            "{\"source\": {\"tap\": \"homebrew/core\"}, \"time\": 1700000000}",
            Ends::Never,
        ),
        Format::mac(
            "macports",
            "opt/local/var/macports/registry/registry.db",
            fixture("macos/macports-registry.db"),
            Ends::Never,
        ),
        Format::mac(
            "background items",
            "private/var/db/com.apple.backgroundtaskmanagement/BackgroundItems-v16.btm",
            fixture("macos/BackgroundItems-v16.btm"),
            Ends::Never,
        ),
        Format::mac(
            "TCC",
            "Library/Application Support/com.apple.TCC/TCC.db",
            fixture("macos/TCC.db"),
            Ends::Never,
        ),
        Format::mac(
            "KextPolicy",
            "private/var/db/SystemPolicyConfiguration/KextPolicy",
            fixture("macos/KextPolicy"),
            Ends::Never,
        ),
        Format::mac(
            "system extensions",
            "Library/SystemExtensions/db.plist",
            list(&format!(
                "<key>extensions</key><array><dict>{}</dict></array>",
                texts(&[
                    ("identifier", "com.example.ext"),
                    ("teamID", "ABCDE12345"),
                    ("state", "activated_enabled")
                ])
            )),
            Ends::Never,
        ),
    ]
}
