//! Users and their hives.

use super::Registry;
use super::user::Profile;
use crate::fs::root::Root;

/// The profiles in `ProfileList`.
pub(super) fn profiles(registry: &Registry) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for key in registry.keys(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\*").items {
        if let Some(folder) = key.values().items.text("ProfileImagePath") {
            // Windows puts a profile aside that it could not load.
            let sid = key.name();
            let sid = sid.len().checked_sub(4).and_then(|at| sid.split_at_checked(at));
            let sid =
                sid.filter(|(_, end)| end.eq_ignore_ascii_case(".bak")).map_or(key.name(), |(sid, _)| sid);
            profiles.push(Profile { sid: sid.to_owned(), folder: registry.expand(&folder, None) });
        }
    }
    profiles
}

/// The profile whose folder a path of the target is.
pub(super) fn profile_at<'p>(
    registry: &Registry,
    root: &Root,
    profiles: &'p [Profile],
    folder: &[u8],
) -> Option<&'p Profile> {
    let real = |path: &[u8]| root.find(path).ok().map(|found| found.real);
    let wanted = real(folder)?;
    profiles.iter().find(|profile| {
        let path = registry.on_target(&profile.folder);
        path.and_then(|path| real(&path)).is_some_and(|path| path.eq_ignore_ascii_case(&wanted))
    })
}
