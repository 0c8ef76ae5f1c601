//! Small worlds with one product in one source each, so that nothing else finds what damage to that source hides.
#![allow(dead_code, clippy::unwrap_used, reason = "tests")]

use super::world::hive::Hive;
use super::world::windows::{self as plain, wide};
use super::world::{Kind, Name};

/// How the bytes of a source mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// A database that its system must have, with a strict format: only changes of compared texts explain a loss.
    Database,
    /// A file of the same kind that may be absent: moving it away takes the product away.
    Record,
    /// Lines of `key = value` in which any word is legal: a changed line is another line, and a changed path another place.
    Lines,
}

/// A world with one product.
pub struct Planted {
    pub name: &'static str,
    pub names: Vec<Name>,
    /// The file that says that the product is there.
    pub source: &'static str,
    pub sense: Sense,
}

impl Planted {
    /// The words that give the compared text its meaning: with another word the file says something else.
    pub fn keys(&self) -> &'static [&'static str] {
        match self.name {
            "npm" => &["name"],
            "python" => &["Name"],
            "uninstall" => &["DisplayName"],
            _ => &[],
        }
    }
}

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> Name {
    (path.as_bytes().to_vec(), Kind::File(bytes.into()))
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn stanza(name: &str, maintainer: &str) -> String {
    format!(
        "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: admin\nMaintainer: {maintainer}\n\
         Architecture: amd64\nVersion: 12.1.0-1274\nDescription: a tool\n that does things\n .\n and others\n\n"
    )
}

fn status() -> String {
    ["adduser", "base-files", "kesl", "zlib1g"].map(|name| stanza(name, "A <a@example.com>")).concat()
}

fn linux(name: &'static str, sense: Sense, source: &'static str, bytes: impl Into<Vec<u8>>) -> Planted {
    let mut names = vec![
        file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
        file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n"),
        file("usr/bin/true", "#!/bin/sh\n"),
    ];
    if !source.starts_with("var/lib/dpkg") {
        names.push(file("var/lib/dpkg/status", stanza("base-files", "A <a@example.com>")));
    }
    names.push(file(source, bytes));
    Planted { name, names, source, sense }
}

fn rpm(name: &'static str, source: &'static str, bytes: Vec<u8>) -> Planted {
    let names = vec![
        file("etc/os-release", "ID=fedora\nVERSION_ID=40\n"),
        file("usr/bin/true", "#!/bin/sh\n"),
        file(source, bytes),
    ];
    Planted { name, names, source, sense: Sense::Database }
}

/// A database of rpm in which a package has the product's name instead of its own.
fn renamed(form: &str, package: &str) -> Vec<u8> {
    let mut bytes = fixture(form);
    let name = format!("C\0{package}\0");
    let mut new = b"C\0kesl".to_vec();
    new.resize(name.len(), 0);
    let found: Vec<usize> = memchr::memmem::find_iter(&bytes, name.as_bytes()).collect();
    for at in found {
        bytes.splice(at..at + new.len(), new.iter().copied());
    }
    bytes
}

/// Gives the blobs of an ndb database the checksums of what they hold now.
fn sums_of_blobs(mut bytes: Vec<u8>) -> Vec<u8> {
    let starts: Vec<usize> = memchr::memmem::find_iter(&bytes, b"BlbS").collect();
    for start in starts {
        let end = start + memchr::memmem::find(bytes.get(start..).unwrap(), b"BlbE").unwrap() - 8;
        let (mut low, mut high) = (1_u32, 0_u32);
        for &byte in bytes.get(start..end).unwrap() {
            low = (low + u32::from(byte)) % 65_521;
            high = (high + low) % 65_521;
        }
        bytes.splice(end..end + 4, (high << 16 | low).to_le_bytes());
    }
    bytes
}

/// Worlds of Linux.
pub fn linuxes() -> Vec<Planted> {
    let python = "usr/lib/python3/dist-packages/opentip-0.1.dist-info/METADATA";
    let chrome =
        "home/u/.config/google-chrome/Default/Extensions/ahkjpbeeocnddjkakilopmfdlnjdpcdm/30_0/manifest.json";
    vec![
        linux("dpkg", Sense::Database, "var/lib/dpkg/status", status()),
        linux("dpkg.d", Sense::Database, "var/lib/dpkg/status.d/kesl", stanza("kesl", "A <a@example.com>")),
        rpm("rpm sqlite", "var/lib/rpm/rpmdb.sqlite", fixture("rpmdb/rpmdb.sqlite")),
        rpm("rpm ndb", "var/lib/rpm/Packages.db", sums_of_blobs(renamed("rpmdb/Packages.db", "libbz2-1"))),
        rpm("rpm bdb", "var/lib/rpm/Packages", renamed("rpmdb/Packages", "libuuid")),
        linux(
            "pacman",
            Sense::Record,
            "var/lib/pacman/local/kesl-12.1-1/desc",
            "%NAME%\nkesl\n\n%VERSION%\n12.1-1\n\n%DESC%\na tool\n\n%ARCH%\nx86_64\n\n",
        ),
        linux(
            "unit",
            Sense::Lines,
            "usr/lib/systemd/system/agent.service",
            "[Unit]\nDescription=Agent\nAfter=network.target\n[Service]\nType=simple\n\
             ExecStart=/opt/kaspersky/klnagent64/sbin/klnagent -d\n[Install]\nWantedBy=multi-user.target\n",
        ),
        linux(
            "cron",
            Sense::Lines,
            "etc/cron.d/job",
            "SHELL=/bin/sh\n1 2 * * * root /bin/true\n5 4 * * * root /opt/kaspersky/kesl/bin/kesl-control --update\n",
        ),
        linux(
            "desktop",
            Sense::Lines,
            "usr/share/applications/gui.desktop",
            "[Desktop Entry]\nType=Application\nName=Tool\nExec=/opt/kaspersky/kesl/bin/kesl-gui\n",
        ),
        linux(
            "program",
            Sense::Record,
            "opt/kaspersky/kesl/libexec/kesl",
            fixture("executables/elf64-shared.so"),
        ),
        linux(
            "python",
            Sense::Record,
            python,
            "Metadata-Version: 2.1\nName: opentip\nVersion: 0.1\nAuthor: A\n",
        ),
        linux(
            "npm",
            Sense::Record,
            "opt/app/node_modules/x/package.json",
            "{\"name\": \"@kaspersky/hexa-ui\", \"version\": \"1.0\", \"author\": \"A <a@example.com>\"}",
        ),
        linux(
            "chrome",
            Sense::Record,
            chrome,
            "{\"name\": \"Tool\", \"version\": \"30\", \"manifest_version\": 3}",
        ),
        linux(
            "firefox",
            Sense::Record,
            "home/u/.mozilla/firefox/x.default/extensions.json",
            "{\"schemaVersion\": 35, \"addons\": [{\"id\": \"light_plugin_ACF0E80077C511E59DED005056C00008@kaspersky.com\", \
             \"version\": \"1\", \"type\": \"extension\", \"active\": true, \"defaultLocale\": {\"name\": \"A\"}}]}",
        ),
    ]
}

fn windows(name: &'static str, source: &'static str, bytes: Option<Vec<u8>>, sense: Sense) -> Planted {
    let mut software = plain::software();
    software.text(r"Microsoft\Windows\CurrentVersion\Uninstall\Tool", "DisplayName", "Tool");
    if name == "uninstall" {
        software.text(UNINSTALL, "DisplayName", "Kaspersky Endpoint Security for Windows").text(
            UNINSTALL,
            "DisplayVersion",
            "12.3.0.493",
        );
    }
    let mut system = plain::system(4);
    if name == "service" {
        let service = r"ControlSet001\Services\AVP21.3";
        system.number(service, "Type", 0x10).number(service, "Start", 2);
        system.text(service, "ImagePath", r"C:\Program Files (x86)\Kaspersky Lab\KES\avp.exe");
    }
    let mut names = vec![
        file("Windows/System32/ntdll.dll", "MZ"),
        file("Windows/System32/kernel32.dll", "MZ"),
        file("Windows/System32/config/SOFTWARE", software.bytes()),
        file("Windows/System32/config/SYSTEM", system.bytes()),
    ];
    if !source.ends_with("NTUSER.DAT") {
        names.push(file("Users/u/NTUSER.DAT", Hive::new().add_key("Software").bytes()));
    }
    names.extend(bytes.map(|bytes| file(source, bytes)));
    Planted { name, names, source, sense }
}

const UNINSTALL: &str = r"Microsoft\Windows\CurrentVersion\Uninstall\{1}";

/// Worlds of Windows.
pub fn windows_disks() -> Vec<Planted> {
    let mut user = Hive::new();
    user.text(
        r"Software\Microsoft\Windows\CurrentVersion\Run",
        "agent",
        r"C:\Program Files\Kaspersky Lab\KES\avpui.exe",
    );
    user.text(r"Software\Example\Tool", "Version", "1");
    let task = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task><Actions><Exec>\
                <Command>C:\\Program Files\\Kaspersky Lab\\KES\\avpui.exe</Command></Exec></Actions></Task>";
    vec![
        windows("uninstall", "Windows/System32/config/SOFTWARE", None, Sense::Database),
        windows("service", "Windows/System32/config/SYSTEM", None, Sense::Database),
        windows("run", "Users/u/NTUSER.DAT", Some(user.bytes()), Sense::Record),
        windows("task", "Windows/System32/Tasks/Tool", Some(wide(task)), Sense::Record),
        windows(
            "driver package",
            "Windows/INF/oem1.inf",
            Some(wide("[Version]\r\nSignature=\"$Windows NT$\"\r\nProvider=\"AO Kaspersky Lab\"\r\n")),
            Sense::Lines,
        ),
        windows(
            "chocolatey",
            "ProgramData/chocolatey/lib/x/x.nuspec",
            Some(
                b"<package><metadata><id>kaspersky-free</id><version>1.0</version></metadata></package>"
                    .to_vec(),
            ),
            Sense::Record,
        ),
    ]
}

fn list(pairs: &[(&str, &str)]) -> String {
    let entries: String =
        pairs.iter().map(|(key, text)| format!("<key>{key}</key><string>{text}</string>")).collect();
    format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{entries}</dict></plist>")
}

fn mac(name: &'static str, source: &'static str, bytes: impl Into<Vec<u8>>, sense: Sense) -> Planted {
    let mut names = vec![
        file(
            "System/Library/CoreServices/SystemVersion.plist",
            list(&[("ProductName", "macOS"), ("ProductVersion", "14.5")]),
        ),
        file("Library/Receipts/InstallHistory.plist", "<plist version=\"1.0\"><array></array></plist>"),
        file(source, bytes),
    ];
    if name == "app" {
        names.push(file("Applications/Tool.app/Contents/MacOS/run", "#!/bin/sh\n"));
    }
    Planted { name, names, source, sense }
}

/// A binary property list with one dictionary of short texts.
pub fn binary_list(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = vec![8];
    let count = u8::try_from(pairs.len()).unwrap();
    bytes.push(0xd0 | count);
    bytes.extend((1..=count).chain(count + 1..=2 * count));
    for text in pairs.iter().map(|(key, _)| key).chain(pairs.iter().map(|(_, text)| text)) {
        offsets.push(u8::try_from(bytes.len()).unwrap());
        bytes.extend([0x5f, 0x10, u8::try_from(text.len()).unwrap()]);
        bytes.extend(text.as_bytes());
    }
    let table = bytes.len() as u64;
    bytes.extend(&offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    for number in [offsets.len() as u64, 0, table] {
        bytes.extend(number.to_be_bytes());
    }
    bytes
}

/// Worlds of macOS.
pub fn macs() -> Vec<Planted> {
    let receipt = [("PackageIdentifier", "com.kaspersky.kav.core"), ("PackageVersion", "12.1")];
    let app = [("CFBundleIdentifier", "com.kaspersky.kav"), ("CFBundleExecutable", "run")];
    let job = [("Label", "com.kaspersky.kav"), ("Program", "/usr/local/bin/x")];
    vec![
        mac("app", "Applications/Tool.app/Contents/Info.plist", list(&app), Sense::Record),
        mac("receipt", "private/var/db/receipts/a.plist", binary_list(&receipt), Sense::Record),
        mac("launchd", "Library/LaunchDaemons/a.plist", list(&job), Sense::Record),
        mac("launchd binary", "Library/LaunchDaemons/a.plist", binary_list(&job), Sense::Record),
    ]
}

/// Every world by name of its system.
pub fn all() -> Vec<Planted> {
    linuxes().into_iter().chain(windows_disks()).chain(macs()).collect()
}
