//! A program as the records of Windows name it: by its path, by a folder and a path below it, or as an application.

use crate::model::{Artifact, Field, State};
use crate::registry::Value;

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

/// A record of a program that ran.
pub(super) fn ran(mut artifact: Artifact, value: &Value, program: String, time: Option<String>) -> Artifact {
    artifact.location.record = Some(value.name.clone());
    let is_path = program.contains('\\');
    let artifact = artifact
        .with(Field::Name, program.rsplit('\\').next().unwrap_or(&program))
        .with_some(Field::StartTime, time)
        .state(State::Remnant);
    artifact.with(if is_path { Field::Path } else { Field::Identifier }, program)
}

/// A path that begins with the identifier of a folder, with a variable in its place.
pub(super) fn in_folder(name: &str) -> Option<String> {
    FOLDERS.iter().find_map(|(id, folder)| {
        let (start, rest) = name.split_at_checked(id.len())?;
        start.eq_ignore_ascii_case(id).then(|| format!("{folder}{rest}"))
    })
}

/// The identifier by which an application without a path is counted (AppUserModelID), as those of the Store are.
pub(super) fn application(name: &str) -> Option<String> {
    let is_id = !name.starts_with("UEME_")
        && !name.contains('\\')
        && name.contains(|char: char| char.is_alphabetic());
    is_id.then(|| name.to_owned())
}
