//! `userassist`: programs that users started, as the Explorer counts them (UserAssist), as the Background Activity
//! Moderator notes them (BAM, since Windows 10), and as other parts of Windows remember them.
//!
//! The program may be gone since: what a record shows is that it ran. UserAssist names are written in ROT13, folders
//! that every Windows knows by their identifiers. Sources: "KNOWNFOLDERID" of Microsoft's documentation; for both
//! records the descriptions and test data of regipy's plugins `user_assist` and `bam`.

mod program;
mod shortcuts;
mod traces;

use program::{application, in_folder, ran};

use super::registered::artifact;
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field};
use crate::registry::{HIVES, Key, with_hives};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "userassist",
    about: "Programs that users started: counted by the Explorer (UserAssist), noted by the Background Activity Moderator, or remembered by the compatibility service; shortcuts.",
    applies: Applies::WINDOWS,
    reads: &with_hives::<{ HIVES.len() + 15 }>(&[
        traces::RECENT_FILES[0],
        traces::RECENT_FILES[1],
        traces::RECENT_FILES[2],
        traces::CRASHES[0],
        traces::CRASHES[1],
        shortcuts::READS[0],
        shortcuts::READS[1],
        shortcuts::READS[2],
        shortcuts::READS[3],
        shortcuts::READS[4],
        shortcuts::READS[5],
        shortcuts::READS[6],
        shortcuts::READS[7],
        shortcuts::READS[8],
        shortcuts::READS[9],
    ]),
    walks: &[],
    keys: &[
        USER_ASSIST,
        BAM[0],
        BAM[1],
        BAM[2],
        BAM[3],
        traces::KEYS[0],
        traces::KEYS[1],
        traces::KEYS[2],
        traces::KEYS[3],
        traces::KEYS[4],
        traces::KEYS[5],
        traces::KEYS[6],
        traces::KEYS[7],
        traces::KEYS[8],
        traces::KEYS[9],
        traces::KEYS[10],
        traces::KEYS[11],
        traces::KEYS[12],
        traces::KEYS[13],
        traces::KEYS[14],
        traces::KEYS[15],
        traces::KEYS[16],
        traces::KEYS[17],
        traces::KEYS[18],
        traces::KEYS[19],
    ],
    yields: &[
        Field::Name,
        Field::Path,
        Field::Identifier,
        Field::StartTime,
        Field::Type,
        Field::User,
        Field::Uid,
        Field::Key,
    ],
    run,
    visit: None,
};

const USER_ASSIST: &str = r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\*\Count";
/// Of the moderator, and of that of the desktop.
const BAM: [&str; 4] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services\bam\State\UserSettings\*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\bam\UserSettings\*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\dam\State\UserSettings\*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\dam\UserSettings\*",
];

fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for key in sink.keys(registry, USER_ASSIST) {
        for value in sink.values(&key).iter() {
            let name = rot13(&value.name);
            let program = program(&name).map(|program| registry.expand(&program, registry.user_of(&key)));
            let Some(program) = program.or_else(|| application(&name)) else { continue };
            // Since Windows 7 the time is the last but one of the fields, before it was the last.
            let time =
                if value.data.len() >= 68 { time_at(&value.data, 60) } else { time_at(&value.data, 8) };
            let artifact = artifact(sink, registry, &key);
            let artifact = ran(artifact, value, program, time).with(Field::Type, "userassist");
            sink.artifact(artifact);
        }
    }
    for pattern in BAM {
        for key in sink.keys(registry, pattern) {
            for value in sink.values(&key).iter().filter(|value| value.name.contains('\\')) {
                let artifact = of_account(artifact(sink, registry, &key), target, &key);
                let time = time_at(&value.data, 0);
                let artifact = ran(artifact, value, value.name.clone(), time).with(Field::Type, "bam");
                sink.artifact(artifact);
            }
        }
    }
    traces::run(target, sink);
    shortcuts::run(target, sink);
}

/// The key of BAM is named after the account.
fn of_account(artifact: Artifact, target: &Target, key: &Key<'_>) -> Artifact {
    let sid = key.name();
    let users = target.registry().users();
    let user = users.iter().find(|user| user.sid.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(sid)));
    artifact.with(Field::Uid, sid).with_some(Field::User, user.map(|user| user.name.as_str()))
}

/// The path of a program; counters of the Explorer's own (`UEME_…`) and identifiers of applications are none.
fn program(name: &str) -> Option<String> {
    let ran = ["UEME_RUNPATH:", "UEME_RUNPIDL:", "UEME_RUNCPL:"];
    let name = ran.iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name);
    in_folder(name)
        .or_else(|| name.contains('\\').then(|| name.to_owned()))
        .filter(|path| !path.starts_with("UEME_"))
}

fn rot13(text: &str) -> String {
    let turned = |base: u8, char: char| {
        let place = u8::try_from(char).map_or(0, |byte| byte.wrapping_sub(base));
        char::from(base + (place + 13) % 26)
    };
    text.chars()
        .map(|char| match char {
            'a'..='z' => turned(b'a', char),
            'A'..='Z' => turned(b'A', char),
            other => other,
        })
        .collect()
}

/// A time in 100 nanoseconds since 1601 as RFC 3339; `None` if there is none.
fn time_at(data: &[u8], at: usize) -> Option<String> {
    const TO_1970: i64 = 11_644_473_600;
    let ticks = u64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?);
    let seconds = i64::try_from(ticks / 10_000_000).ok().filter(|_| ticks != 0)? - TO_1970;
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    #[test]
    fn programs_that_ran_by_both_records() {
        // 2021-03-01 00:00:00 UTC.
        let time = 132_590_304_000_000_000_u64.to_le_bytes();
        let counted = [vec![0; 60], time.to_vec(), vec![0; 4]].concat();
        let key =
            r"HKU\S-1-5-21-1\Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\{CEBFF5CD}\Count";
        let bam = r"HKLM\SYSTEM\CurrentControlSet\Services\bam\State\UserSettings\S-1-5-21-1";
        let registry = Memory::new()
            .user("S-1-5-21-1", "u")
            .value(key, r"{7P5N40RS-N0SO-4OSP-874N-P0S2R0O9SN8R}\Iraqbe\n.rkr", counted.as_slice())
            .value(key, "HRZR_PGYFRFFVBA", [0_u8; 4].as_slice())
            .value(key, "Zvpebfbsg.Jvaqbjf.Rkcybere", [0_u8; 4].as_slice())
            .value(bam, r"\Device\HarddiskVolume3\Program Files\Vendor\b.exe", time.as_slice())
            .value(bam, "SequenceNumber", 3_u32);
        let (artifacts, gaps) = collect(&COLLECTOR, &complete().target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let facts: Vec<_> = artifacts
            .iter()
            .map(|one| [Field::Path, Field::Name, Field::StartTime, Field::User].map(|field| one.text(field)))
            .collect();
        let when = Some("2021-03-01T00:00:00Z");
        assert_eq!(
            facts,
            [
                [Some(r"C:\Program Files (x86)\Vendor\a.exe"), Some("a.exe"), when, Some("u")],
                [None, Some("Microsoft.Windows.Explorer"), None, Some("u")],
                [Some(r"\Device\HarddiskVolume3\Program Files\Vendor\b.exe"), Some("b.exe"), when, Some("u")],
            ]
        );
    }
}
