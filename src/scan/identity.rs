//! Which machine a target is, whatever it is called today.

use sha2::{Digest, Sha256};

use crate::model::TargetKind;
use crate::target::Target;
use crate::text::hex::hex;

/// What manufacturers leave in place of a serial number.
const NO_SERIAL: &[&str] = &[
    "",
    "0",
    "none",
    "n/a",
    "not specified",
    "not applicable",
    "default string",
    "system serial number",
    "to be filled by o.e.m.",
    "unknown",
];

/// A digest of what the installation was given when it was made: `/etc/machine-id` (machine-id(5), which asks not to
/// hand it out itself) or Windows' `MachineGuid`. Containers have none of their own.
pub fn machine_id(target: &Target) -> Option<String> {
    if target.kind == TargetKind::Image {
        return None;
    }
    let file = |path: &[u8]| {
        let content = target.root.read(path, 256).ok()?;
        let text = String::from_utf8_lossy(&content.bytes).trim().to_ascii_lowercase();
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
    };
    let own = file(b"etc/machine-id")
        .or_else(|| file(b"var/lib/dbus/machine-id"))
        .or_else(|| windows(target, r"HKLM\SOFTWARE\Microsoft\Cryptography", "MachineGuid"))?;
    let digest = Sha256::digest(format!("debar machine {}", own.trim().to_ascii_lowercase()));
    digest.get(..16).map(hex)
}

/// The domain that a host is in: as Windows is configured, or what its name says.
pub fn domain(target: &Target, host: &str) -> Option<String> {
    let parameters = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
    let told = ["Domain", "NV Domain"].iter().find_map(|value| windows(target, parameters, value));
    let named = || host.split_once('.').map(|(_, domain)| domain.to_owned());
    let is_host = target.kind != TargetKind::Image && !host.contains(['/', '\\']);
    told.or_else(|| named().filter(|_| is_host)).filter(|domain| !domain.trim().is_empty())
}

/// A text of the registry, if the scan opened it; no hives are searched for it.
fn windows(target: &Target, key: &str, value: &str) -> Option<String> {
    target.opened_registry()?.text(key, value)
}

/// The serial number of the hardware that a running Linux lets this account read.
pub fn serial(target: &Target) -> Option<String> {
    if target.kind != TargetKind::Host {
        return None;
    }
    let content = target.root.read(b"sys/class/dmi/id/product_serial", 256).ok()?;
    let serial = crate::text::text_of(content.bytes.trim_ascii());
    (!NO_SERIAL.contains(&serial.to_lowercase().as_str())).then_some(serial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;

    fn of(kind: TargetKind, id: &str) -> Option<String> {
        let tree = Memory::new().file("etc/machine-id", id);
        machine_id(&Target::new(kind, "test", Root::new(Box::new(tree))))
    }

    #[test]
    fn the_identity_is_stable_and_does_not_tell_the_id_itself() {
        let id = "0123456789abcdef0123456789ABCDEF\n";
        let told = of(TargetKind::Directory, id).unwrap();
        assert_eq!(told, of(TargetKind::Directory, &id.to_lowercase()).unwrap());
        assert!(told.len() == 32 && !id.to_lowercase().contains(&told));
        assert_eq!(of(TargetKind::Image, id), None);
        assert_eq!(of(TargetKind::Directory, "uninitialized\n"), None);
    }

    #[test]
    fn the_domain_is_what_the_name_says() {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(Memory::new())));
        assert_eq!(domain(&target, "pc1.corp.example").as_deref(), Some("corp.example"));
        assert_eq!(domain(&target, "pc1"), None);
        assert_eq!(domain(&target, "/mnt/disk.d"), None);
    }
}
