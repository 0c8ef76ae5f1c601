//! `userassist`: programs that users started, as the Explorer counts them (UserAssist) and as the Background Activity
//! Moderator notes them (BAM, since Windows 10).
//!
//! The program may be gone since: what a record shows is that it ran. UserAssist names are written in ROT13, folders
//! that every Windows knows by their identifiers. Sources: "KNOWNFOLDERID" of Microsoft's documentation; for both
//! records the descriptions and test data of regipy's plugins `user_assist` and `bam`.

use super::registered::artifact;
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field, State};
use crate::registry::{HIVES, Key, Value};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "userassist",
    about: "Programs that users started: counted by the Explorer (UserAssist) or noted by the Background Activity Moderator.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[USER_ASSIST, BAM[0], BAM[1]],
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
const BAM: [&str; 2] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services\bam\State\UserSettings\*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\bam\UserSettings\*",
];

/// Folders by their identifiers, as far as programs lie there.
const FOLDERS: &[(&str, &str)] = &[
    ("{6D809377-6AF0-444B-8957-A3773F02200E}", "%ProgramW6432%"),
    ("{905E63B6-C1BF-494E-B29C-65B732D3D21A}", "%ProgramFiles%"),
    ("{7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E}", "%ProgramFiles(x86)%"),
    ("{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}", r"%SystemRoot%\System32"),
    ("{D65231B0-B2F1-4857-A4CE-A8E7C6EA7D27}", r"%SystemRoot%\SysWOW64"),
    ("{F38BF404-1D43-42F2-9305-67DE0B28FC23}", "%SystemRoot%"),
    ("{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}", "%ProgramData%"),
    ("{0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8}", r"%ProgramData%\Microsoft\Windows\Start Menu\Programs"),
    ("{A77F5D77-2E2B-44C3-A6A2-ABA601054A51}", r"%AppData%\Microsoft\Windows\Start Menu\Programs"),
    ("{5E6C858F-0E22-4760-9AFE-EA3317B67173}", "%UserProfile%"),
    ("{3EB685DB-65F9-4CF6-A03A-E3EF65729F3D}", "%AppData%"),
    ("{F1B32785-6FBA-4FCF-9D55-7B8E7F157091}", "%LocalAppData%"),
    ("{374DE290-123F-4565-9164-39C4925E467B}", r"%UserProfile%\Downloads"),
    ("{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}", r"%UserProfile%\Desktop"),
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
}

fn ran(mut artifact: Artifact, value: &Value, program: String, time: Option<String>) -> Artifact {
    artifact.location.record = Some(value.name.clone());
    let is_path = program.contains('\\');
    let artifact = artifact
        .with(Field::Name, program.rsplit('\\').next().unwrap_or(&program))
        .with_some(Field::StartTime, time)
        .state(State::Remnant);
    artifact.with(if is_path { Field::Path } else { Field::Identifier }, program)
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
    let folder = FOLDERS.iter().find_map(|(id, folder)| {
        let (start, rest) = name.split_at_checked(id.len())?;
        start.eq_ignore_ascii_case(id).then(|| format!("{folder}{rest}"))
    });
    folder.or_else(|| name.contains('\\').then(|| name.to_owned())).filter(|path| !path.starts_with("UEME_"))
}

/// The identifier by which an application without a path is counted (AppUserModelID), as those of the Store are.
fn application(name: &str) -> Option<String> {
    let is_id = !name.starts_with("UEME_")
        && !name.contains('\\')
        && name.contains(|char: char| char.is_alphabetic());
    is_id.then(|| name.to_owned())
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
