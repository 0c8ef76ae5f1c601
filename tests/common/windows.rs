//! The files of a made-up Windows disk, with something for every collector that reads files there.

use super::{Name, file, fixture, folder};

/// Text as Windows writes it: UTF-16 with a byte order mark.
fn wide(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Every name of the world.
pub fn names() -> Vec<Name> {
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
