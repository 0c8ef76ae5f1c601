//! Mounts of a running Linux: `/proc/self/mountinfo`, as in proc_pid_mountinfo(5).

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::Mount;

/// The mounts below a directory, not the one that it lies on itself.
pub(super) fn mounts_below(path: &Path) -> Vec<Mount> {
    let mounts = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    parse(&mounts, path.as_os_str().as_bytes())
}

fn parse(mountinfo: &[u8], below: &[u8]) -> Vec<Mount> {
    let below = below.strip_suffix(b"/").unwrap_or(below);
    let mut mounts = Vec::new();
    for line in mountinfo.split(|&byte| byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let file_system =
            fields.iter().position(|field| *field == b"-").and_then(|dash| fields.get(dash + 1));
        let (Some(point), Some(file_system)) = (fields.get(4), file_system) else { continue };
        let point = unescaped(point);
        let inside = point.strip_prefix(below).and_then(|rest| rest.strip_prefix(b"/"));
        if let Some(inside) = inside.filter(|inside| !inside.is_empty()) {
            let file_system = String::from_utf8_lossy(file_system).into_owned();
            // A later mount on the same point covers the earlier one.
            mounts.retain(|mount: &Mount| mount.path != inside);
            mounts.push(Mount { path: inside.to_vec(), file_system });
        }
    }
    mounts
}

/// Blanks, tabs, line ends and backslashes are octal escapes.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped =
            after.get(..3).filter(|_| byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_below_a_directory() {
        let text = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            23 22 0:5 / /proc rw,nosuid shared:13 - proc proc rw\n\
            24 22 0:44 / /mnt/a\\040b rw - nfs4 server:/x rw\n\
            25 22 0:44 / /mntx rw - tmpfs none rw\n";
        let mounts = parse(text, b"/");
        assert_eq!(
            mounts.iter().map(|mount| mount.file_system.as_str()).collect::<Vec<_>>(),
            ["proc", "nfs4", "tmpfs"]
        );
        let below = parse(text, b"/mnt");
        assert_eq!(below, [Mount { path: b"a b".to_vec(), file_system: "nfs4".into() }]);
    }
}
