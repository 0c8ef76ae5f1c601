//! The files of a made-up Windows disk, with something for every collector that reads files there.

use super::hive::Hive;
use super::{Name, file, fixture, folder};

/// Text as Windows writes it: UTF-16 with a byte order mark.
pub fn wide(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// The hive SOFTWARE of a Windows with one user and no program.
pub fn software() -> Hive {
    let current = r"Microsoft\Windows NT\CurrentVersion";
    let mut software = Hive::new();
    software
        .text(current, "ProductName", "Windows 10 Pro")
        .text(current, "CurrentBuildNumber", "19045")
        .text(
            r"Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1",
            "ProfileImagePath",
            r"C:\Users\u",
        );
    software
}

/// The hive SYSTEM of a Windows with some services.
pub fn system(services: usize) -> Hive {
    let mut system = Hive::new();
    system.number("Select", "Current", 1);
    for at in 0..services {
        let service = format!(r"ControlSet001\Services\tool{at}");
        system.number(&service, "Type", 0x10).number(&service, "Start", 2);
        system.text(&service, "ImagePath", &format!(r"C:\Windows\System32\tool{at}.exe"));
    }
    system
}

/// Every name of the world.
pub fn names() -> Vec<Name> {
    let mut names = files();
    names.extend(hives());
    names
}

fn files() -> Vec<Name> {
    vec![
        folder("Windows/System32/config"),
        file("Windows/System32/drivers/example.sys", fixture("executables/pe64-signed.exe")),
        file(
            "Windows/System32/Tasks/Vendor/Update",
            wide(
                "<Task><Actions><Exec><Command>C:\\Program Files\\Vendor\\a.exe</Command></Exec></Actions></Task>",
            ),
        ),
        file("Program Files/Vendor/a.exe", fixture("executables/pe64-signed.exe")),
        file(
            "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/Tool.lnk",
            fixture("windows/shortcut.lnk"),
        ),
        file("Users/u/scoop/apps/tool/1.0/manifest.json", "{\"version\": \"1.0\"}"),
        file("Users/u/AppData/Local/Microsoft/WinGet/Packages/Example.Tool_source/tool.exe", "MZ"),
        file("Windows/INF/oem1.inf", wide("[Version]\r\nProvider=Example\r\n")),
        file("Windows/Prefetch/TOOL.EXE-0A1B2C3D.pf", "MAM\u{4}"),
        file("Users/u/Downloads/setup.exe", fixture("executables/pe32.dll")),
        file(
            "Program Files/WindowsApps/Example_1.0_x64__0123456789abc/AppxManifest.xml",
            "<Package><Identity Name='Example' Publisher='CN=Example' Version='1.0.0.0'/></Package>",
        ),
        file(
            "ProgramData/chocolatey/lib/tool/tool.nuspec",
            "<package><metadata><id>tool</id><version>1.0</version></metadata></package>",
        ),
    ]
}

fn hives() -> Vec<Name> {
    let mut software = Hive::new();
    software
        .text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows 10 Pro")
        .text(
            r"Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1",
            "ProfileImagePath",
            r"C:\Users\u",
        )
        .text(r"Microsoft\Windows\CurrentVersion\Uninstall\Tool", "DisplayName", "Пример")
        .text(r"Microsoft\Windows\CurrentVersion\Run", "Tool", r"C:\Program Files\Example\tool.exe /x")
        .text(r"Microsoft\Security Center\Provider\Av\{1}", "DISPLAYNAME", "Example Antivirus")
        .text(r"Microsoft\AMSI\Providers\{2}", "", "Example")
        .number(r"Microsoft\Windows Defender\Exclusions\Paths", r"C:\Program Files\Example", 0)
        .text(r"ExampleVendor\Tool", "Version", "1");
    let mut system = Hive::new();
    system
        .number("Select", "Current", 1)
        .number(r"ControlSet001\Services\tool", "Type", 0x10)
        .text(r"ControlSet001\Services\tool", "ImagePath", r"C:\Program Files\Example\tool.exe")
        .number(r"ControlSet001\Services\toolflt", "Type", 2)
        .text(r"ControlSet001\Control\SafeBoot\Minimal\tool", "", "Service")
        .text(
            r"ControlSet001\Control\Network\{4d36e974-e325-11ce-bfc1-08002be10318}\{3}",
            "Description",
            "Filter",
        );
    let mut user = Hive::new();
    user.text(
        r"Software\Google\Chrome\NativeMessagingHosts\example",
        "",
        r"C:\Program Files\Example\host.json",
    );
    // `{…}\Example\tool.exe` in ROT13.
    user.value(
        r"Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\{4}\Count",
        r"{6Q809377-6NS0-444O-8957-N3773S02200R}\Rknzcyr\gbby.rkr",
        3,
        vec![0; 72],
    );
    let mut amcache = Hive::new();
    amcache.text(r"Root\InventoryApplication\0001", "Name", "Example");
    vec![
        file("Windows/System32/config/SOFTWARE", software.bytes()),
        file("Windows/System32/config/SYSTEM", system.bytes()),
        file("Users/u/NTUSER.DAT", user.bytes()),
        file("Windows/AppCompat/Programs/Amcache.hve", amcache.bytes()),
    ]
}
