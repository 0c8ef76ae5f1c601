//! Other records of programs that were started, each by its path: what the Explorer and the compatibility service of
//! Windows remember.
//!
//! Sources: the descriptions and test data of regipy's plugins `shimcache`, `muicache`, `appcompatflags`,
//! `featureusage` and `recentapps`; "Using application compatibility modes" of Microsoft's documentation.

use std::collections::BTreeSet;

use super::program::{application, in_folder, ran};
use crate::collector::Sink;
use crate::collector::windows::registered::artifact;
use crate::format::text::carved_paths::windows_paths;
use crate::model::{Artifact, Field, Location, State};
use crate::registry::{Key, Value};
use crate::target::Target;

/// Keys of which each value's name is a path, and what follows the path.
const NAMED: &[(&str, &str)] = &[
    (LAYERS[0], "compatibility-mode"),
    (LAYERS[1], "compatibility-mode"),
    (LAYERS[2], "compatibility-mode"),
    (ASSISTANT[0], "compatibility-assistant"),
    (ASSISTANT[1], "compatibility-assistant"),
    (MUI_CACHE[0], "muicache"),
    (MUI_CACHE[1], "muicache"),
    (FEATURES, "feature-usage"),
    (SHARED[0], "shared-library"),
    (SHARED[1], "shared-library"),
    (GRAPHICS, "graphics-preference"),
];
/// Which of the graphics cards a program is to use.
const GRAPHICS: &str = r"HKU\*\Software\Microsoft\DirectX\UserGpuPreferences";
/// Keys that are called after programs: by identifiers of applications, by names of Windows XP, or by a path in which
/// `#` stands for `\`.
const KEYS_OF_PROGRAMS: [(&str, &str); 4] = [
    (r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Notifications\Settings\*", "notifications"),
    (r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Management\ARPCache\*", "list-of-programs"),
    (
        r"HKU\*\Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\*\NonPackaged\*",
        "permission",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\*\NonPackaged\*",
        "permission",
    ),
];
/// Libraries that setups count the users of.
const SHARED: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\SharedDLLs",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\SharedDLLs",
];
const LAYERS: [&str; 3] = [
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
    r"HKU\*\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
];
const ASSISTANT: [&str; 2] = [
    r"HKU\*\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Compatibility Assistant\*",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Compatibility Assistant\*",
];
/// Since Windows Vista, and of Windows XP.
const MUI_CACHE: [&str; 2] = [
    r"HKU\*\Software\Classes\Local Settings\Software\Microsoft\Windows\Shell\MuiCache",
    r"HKU\*\Software\Microsoft\Windows\ShellNoRoam\MUICache",
];
const FEATURES: &str = r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Explorer\FeatureUsage\*";
/// Of which a value has the path.
const RECENT: &str = r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Search\RecentApps\*";
/// Programs with an icon beside the clock, since Windows 11.
const ICONS: &str = r"HKU\*\Control Panel\NotifyIconSettings\*";
/// Command lines that a user typed.
const TYPED: &str = r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU";
/// The cache of the compatibility service.
const CACHES: [&str; 2] = [
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\AppCompatCache",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\AppCompatibility",
];
/// What Windows 7 keeps of programs until it has checked them.
/// Since Windows 11 what the compatibility assistant notes, and where files in the Recycle Bin were.
pub(super) const RECENT_FILES: [&str; 3] =
    ["Windows/AppCompat/Programs/RecentFileCache.bcf", "Windows/AppCompat/pca/*.txt", "$Recycle.Bin/*/$I*"];
/// Reports of crashes, which name the program and every library in it. Source: "Windows Error Reporting" of Microsoft's
/// documentation.
pub(super) const CRASHES: [&str; 2] = [
    "ProgramData/Microsoft/Windows/WER/*/*/Report.wer",
    "Users/*/AppData/Local/Microsoft/Windows/WER/*/*/Report.wer",
];
/// The most reports read, and the most paths of all.
const REPORTS: usize = 2_000;
const PATHS: usize = 20_000;
/// Bytes read of a list or report.
const LIMIT: usize = 16 << 20;

/// The keys of this file, for `keys`.
pub(super) const KEYS: [&str; 20] = [
    LAYERS[0],
    LAYERS[1],
    LAYERS[2],
    ASSISTANT[0],
    ASSISTANT[1],
    MUI_CACHE[0],
    MUI_CACHE[1],
    FEATURES,
    RECENT,
    TYPED,
    CACHES[0],
    CACHES[1],
    SHARED[0],
    SHARED[1],
    GRAPHICS,
    ICONS,
    KEYS_OF_PROGRAMS[0].0,
    KEYS_OF_PROGRAMS[1].0,
    KEYS_OF_PROGRAMS[2].0,
    KEYS_OF_PROGRAMS[3].0,
];

/// Facts that the cache of names keeps behind the path of a program.
const FACTS: [&str; 2] = [".FriendlyAppName", ".ApplicationCompany"];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for (pattern, kind) in NAMED {
        for key in sink.keys(registry, pattern) {
            for value in sink.values(&key).iter() {
                named(target, sink, &key, value, kind);
            }
        }
    }
    for (pattern, name, kind) in
        [(RECENT, "AppPath", "recent-application"), (ICONS, "ExecutablePath", "notification-icon")]
    {
        for key in sink.keys(registry, pattern) {
            for value in sink.values(&key).iter().filter(|value| value.name.eq_ignore_ascii_case(name)) {
                for path in value.texts() {
                    one(target, sink, &key, value, (in_folder(&path).unwrap_or(path), kind), None);
                }
            }
        }
    }
    keys_of_programs(target, sink);
    for key in sink.keys(registry, TYPED) {
        for value in sink.values(&key).iter().filter(|value| !value.name.eq_ignore_ascii_case("MRUList")) {
            for line in value.texts().into_iter().filter(|line| line.contains('\\')) {
                let line = line.strip_suffix(r"\1").unwrap_or(&line).to_owned();
                one(target, sink, &key, value, (line, "typed"), None);
            }
        }
    }
    for pattern in CACHES {
        for key in sink.keys(registry, pattern) {
            for value in sink.values(&key).iter() {
                for path in windows_paths(&value.data) {
                    one(target, sink, &key, value, (path, "compatibility-cache"), None);
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    let reports = sink.files(&target.root, &CRASHES);
    let reports = sink.limited(reports, REPORTS, b"ProgramData/Microsoft/Windows/WER", "reports of crashes");
    let reports = reports.into_iter().map(|found| (found, "crash"));
    let lists = sink.files(&target.root, &RECENT_FILES);
    for (found, kind) in reports.chain(lists.into_iter().map(|found| (found, "compatibility-cache"))) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let mut paths = windows_paths(&bytes);
        paths.extend(paths_of_lines(&bytes));
        paths.retain(|path| seen.len() < PATHS && seen.insert(path.to_lowercase()));
        if seen.len() == PATHS {
            let detail = format!("more than {PATHS} paths of programs that ran");
            sink.gap(crate::model::GapKind::OverLimit, crate::text::shown(&found.path), detail);
            break;
        }
        for path in paths {
            let base = Artifact::new(sink.collector(), Location::record(&found.path, &path));
            sink.artifact(of_path(base, path).with(Field::Type, kind));
        }
    }
}

/// Keys that are called after programs.
fn keys_of_programs(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for (pattern, kind) in KEYS_OF_PROGRAMS {
        for key in sink.keys(registry, pattern) {
            let name = key.name().replace('#', r"\");
            let artifact = artifact(sink, registry, &key)
                .state(State::Remnant)
                .with(Field::Name, name.rsplit('\\').next().unwrap_or(&name))
                .with_some(Field::Path, Some(&name).filter(|name| name.contains('\\')).cloned())
                .with(Field::Identifier, key.name())
                .with(Field::Type, kind);
            sink.artifact(artifact);
        }
    }
}

/// A value whose name is a path, or an identifier of an application.
fn named(target: &Target, sink: &mut Sink<'_>, key: &Key<'_>, value: &Value, kind: &str) {
    let fact = FACTS.iter().find_map(|fact| Some((*fact, value.name.strip_suffix(fact)?)));
    let (name, label) = match fact {
        Some((fact, path)) => (path, value.text().filter(|_| fact == FACTS[0])),
        // Windows XP keeps the name itself under the path.
        None if kind == "muicache" => (value.name.as_str(), value.text()),
        None => (value.name.as_str(), None),
    };
    let path = in_folder(name).unwrap_or_else(|| name.to_owned());
    if path.contains('\\') {
        one(target, sink, key, value, (path, kind), label);
    } else if let Some(id) = application(name).filter(|_| kind == "feature-usage") {
        one(target, sink, key, value, (id, kind), None);
    }
}

fn one(
    target: &Target,
    sink: &mut Sink<'_>,
    key: &Key<'_>,
    value: &Value,
    (program, kind): (String, &str),
    label: Option<String>,
) {
    let registry = target.registry();
    let program = registry.expand(&program, registry.user_of(key));
    let names = [program.rsplit('\\').next().map(str::to_owned), label];
    let artifact = ran(artifact(sink, registry, key), value, program.clone(), None)
        .with_many(Field::Name, names.into_iter().flatten())
        .with(Field::Type, kind);
    sink.artifact(artifact);
}

/// Paths in a text of one byte a character, where bars separate the fields of a line.
fn paths_of_lines(bytes: &[u8]) -> Vec<String> {
    if bytes.contains(&0) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    let is_path = |part: &&str| part.get(1..3) == Some(":\\");
    text.split(['|', '\n', '\r']).filter(is_path).take(PATHS).map(str::to_owned).collect()
}

fn of_path(artifact: Artifact, path: String) -> Artifact {
    artifact
        .state(State::Remnant)
        .with(Field::Name, path.rsplit('\\').next().unwrap_or(&path))
        .with(Field::Path, path.clone())
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    #[test]
    fn each_record_names_the_program_that_ran() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let path = |name: &str| format!(r"C:\Program Files\Vendor Lab\{name}.exe");
        let user = r"HKU\S-1-5-21-1\Software";
        let flags = r"Microsoft\Windows NT\CurrentVersion\AppCompatFlags";
        let explorer = r"Microsoft\Windows\CurrentVersion\Explorer";
        let cache = [vec![0x34, 0, 0, 0], wide(&path("cache")), vec![0; 9]].concat();
        let registry = Memory::new()
            .user("S-1-5-21-1", "u")
            .value(&format!(r"HKLM\SOFTWARE\{flags}\Layers"), &path("layers"), "RUNASADMIN")
            .value(
                &format!(r"{user}\{flags}\Compatibility Assistant\Store"),
                &path("store"),
                [1_u8].as_slice(),
            )
            .value(
                &format!(r"{user}\Classes\Local Settings\Software\Microsoft\Windows\Shell\MuiCache"),
                &format!("{}.FriendlyAppName", path("mui")),
                "Vendor Guard",
            )
            .value(
                &format!(r"{user}\{explorer}\FeatureUsage\AppSwitched"),
                r"{6D809377-6AF0-444B-8957-A3773F02200E}\Vendor Lab\used.exe",
                3_u32,
            )
            .value(
                &format!(r"{user}\Microsoft\Windows\CurrentVersion\Search\RecentApps\{{1}}"),
                "AppPath",
                path("recent").as_str(),
            )
            .value(&format!(r"{user}\{explorer}\RunMRU"), "a", format!(r"{}\1", path("typed")).as_str())
            .value(CACHES[0], "AppCompatCache", cache.as_slice());
        let tree = complete().file(RECENT_FILES[0], [vec![0; 20], wide(&path("bcf")), vec![0; 2]].concat());
        let (artifacts, gaps) = collect(&COLLECTOR, &tree.target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut found: Vec<_> = artifacts.iter().filter_map(|one| one.text(Field::Path)).collect();
        found.sort_unstable();
        let wanted = ["bcf", "cache", "layers", "mui", "recent", "store", "typed", "used"].map(path);
        assert_eq!(found, wanted);
        let named = artifacts.iter().find(|one| one.text(Field::Path) == Some(path("mui").as_str())).unwrap();
        let names: Vec<_> = named.fields[&Field::Name].texts().collect();
        assert_eq!(names, ["mui.exe", "Vendor Guard"]);
    }

    #[test]
    fn records_of_newer_versions_and_of_the_recycle_bin() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let path = |name: &str| format!(r"C:\Program Files\Vendor Lab\{name}.exe");
        let user = r"HKU\S-1-5-21-1\Software";
        let registry = Memory::new()
            .user("S-1-5-21-1", "u")
            .value(r"HKU\S-1-5-21-1\Software\Microsoft\DirectX\UserGpuPreferences", &path("graphics"), "GpuPreference=1;")
            .value(
                r"HKU\S-1-5-21-1\Control Panel\NotifyIconSettings\1",
                "ExecutablePath",
                r"{6D809377-6AF0-444B-8957-A3773F02200E}\Vendor Lab\icon.exe",
            )
            .value(
                &format!(
                    r"{user}\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam\NonPackaged\{}",
                    path("camera").replace('\\', "#")
                ),
                "LastUsedTimeStart",
                0_u32,
            );
        let tree = complete()
            .file(
                "Windows/AppCompat/pca/PcaAppLaunchDic.txt",
                format!("{}|2024-05-01 10:00:00.000\r\n", path("pca")),
            )
            .file(
                "$Recycle.Bin/S-1-5-21-1/$IABCDEF.exe",
                [vec![2], vec![0; 27], wide(&path("recycled")), vec![0; 2]].concat(),
            );
        let (artifacts, gaps) = collect(&COLLECTOR, &tree.target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut found: Vec<_> = artifacts.iter().filter_map(|one| one.text(Field::Path)).collect();
        found.sort_unstable();
        assert_eq!(found, ["camera", "graphics", "icon", "pca", "recycled"].map(path));
    }
}
