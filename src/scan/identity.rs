//! Which machine a target is, whatever it is called today.

use sha2::{Digest, Sha256};

use crate::model::TargetKind;
use crate::registry::Registry;
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
        .or_else(|| windows(target, r"HKLM\SOFTWARE\Microsoft\Cryptography", "MachineGuid"))
        .or_else(|| mac(target))?;
    let digest = Sha256::digest(format!("debar machine {}", own.trim().to_ascii_lowercase()));
    digest.get(..16).map(hex)
}

/// The hardware UUID that macOS puts into the names of settings that hold for one Mac only.
fn mac(target: &Target) -> Option<String> {
    let listed = target.root.list(b"Library/Preferences/ByHost").ok()?;
    listed.iter().find_map(|entry| {
        let name = String::from_utf8_lossy(&entry.name).to_ascii_lowercase();
        let uuid = name.strip_suffix(".plist")?.rsplit('.').next()?.to_owned();
        let is_uuid = uuid.len() == 36 && uuid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        is_uuid.then_some(uuid)
    })
}

/// What distinguishes clones of a disk, the strongest first: digests as `KIND:DIGEST`, for what identifies hardware is
/// personal. Only a running system knows its hardware.
pub fn hardware(target: &Target) -> Vec<String> {
    let mut marks = Vec::new();
    let mut mark = |kind: &str, value: &str| {
        let value = value.trim().to_lowercase();
        let is_filler = value.chars().all(|character| matches!(character, '0' | 'f' | '-' | ':'));
        if !is_filler && !NO_SERIAL.contains(&value.as_str()) {
            let digest = Sha256::digest(format!("debar {kind} {value}"));
            marks.extend(digest.get(..16).map(|digest| format!("{kind}:{}", hex(digest))));
        }
    };
    if target.kind != TargetKind::Host {
        return marks;
    }
    let read = |path: &str| {
        let content = target.root.read(path.as_bytes(), 256).ok()?;
        Some(String::from_utf8_lossy(&content.bytes).trim().to_owned())
    };
    if let Some(board) = read("sys/class/dmi/id/product_uuid") {
        mark("board", &board);
    }
    if let Some(disk) = target.opened_registry().and_then(system_disk) {
        mark("disk", &disk);
    }
    let listed = target.root.list(b"sys/class/net");
    for card in listed.iter().flatten().take(64) {
        let place = format!("sys/class/net/{}", String::from_utf8_lossy(&card.name));
        // 0 is an address that the maker gave; bridges and containers make theirs up.
        if read(&format!("{place}/addr_assign_type")).as_deref() == Some("0")
            && read(&format!("{place}/type")).as_deref() == Some("1")
            && let Some(address) = read(&format!("{place}/address"))
        {
            mark("mac", &address);
        }
    }
    marks
}

/// The disk and partition that Windows starts from.
fn system_disk(registry: &Registry) -> Option<String> {
    let found = registry.key(r"HKLM\SYSTEM\MountedDevices");
    let values = found.items.first()?.values();
    values.items.bytes(r"\DosDevices\C:").map(hex)
}

/// The domain that a host is in: as Windows is configured, or what its name says.
pub fn domain(target: &Target, host: &str) -> Option<String> {
    let parameters = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
    let stated = ["Domain", "NV Domain"].iter().find_map(|value| windows(target, parameters, value));
    let named = || host.split_once('.').map(|(_, domain)| domain.to_owned());
    let is_host = target.kind != TargetKind::Image && !host.contains(['/', '\\']);
    stated.or_else(|| named().filter(|_| is_host)).filter(|domain| !domain.trim().is_empty())
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
        let stated = of(TargetKind::Directory, id).unwrap();
        assert_eq!(stated, of(TargetKind::Directory, &id.to_lowercase()).unwrap());
        assert!(stated.len() == 32 && !id.to_lowercase().contains(&stated));
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
