//! What macOS says of the state of a system extension.

use super::LIMIT;
use crate::format::text::plist::{self, Value};
use crate::model::State;
use crate::target::Target;
use crate::text::shown;

/// The state that a word of the list stands for.
pub(super) fn state_of(status: &str) -> State {
    match status {
        "activated_enabled" => State::Installed,
        _ if status.starts_with("terminat") || status.starts_with("uninstall") => State::Remnant,
        _ if ["activated", "realizing", "validating", "staging"]
            .iter()
            .any(|word| status.starts_with(word)) =>
        {
            State::Disabled
        }
        _ => State::Installed,
    }
}

/// The state that macOS gives the system extension that a path belongs to, by the folder of its unique identifier.
pub(super) fn state_at(target: &Target, path: &[u8]) -> Option<State> {
    let below = path.strip_prefix(b"Library/SystemExtensions/")?;
    let folder = below.split(|&byte| byte == b'/').next()?;
    let bytes = target.root.read(b"Library/SystemExtensions/db.plist", LIMIT).ok()?.bytes;
    let list = plist::read(&bytes).value;
    let extensions = list.get("extensions").map(Value::items).unwrap_or_default();
    let is_its = |one: &&Value| {
        let staged = one.get("stagedBundleURL").and_then(|it| it.text("relative")).map(path_of);
        let is_staged =
            staged.is_some_and(|staged| staged.trim_start_matches('/').as_bytes().starts_with(path));
        one.text("uniqueID").is_some_and(|id| id.as_bytes().eq_ignore_ascii_case(folder)) || is_staged
    };
    extensions.iter().find(is_its).map(|one| state_of(one.text("state").unwrap_or_default()))
}

/// The path of a `file:` address, `%20` and the like resolved; paths stay as they are.
pub(super) fn path_of(address: &str) -> String {
    let Some(path) = address.strip_prefix("file://") else { return address.to_owned() };
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| byte == b'%');
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    shown(String::from_utf8_lossy(&bytes).trim_matches('/').as_bytes())
}
