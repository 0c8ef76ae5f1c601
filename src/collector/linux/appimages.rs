//! `appimages`: programs that are one file, which nobody registers anywhere.
//!
//! Recognised by their ending and by the magic `AI\x01` or `AI\x02` at byte 8 (AppImageSpec, "Image format"); what the
//! file is called is all that is known of name and version without mounting it.

use super::super::common::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::{Entry, Fault};
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "appimages",
    about: "AppImages: programs that are one file, wherever programs lie or are downloaded to.",
    applies: Applies::LINUX,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[Field::Name, Field::Version, Field::Arch, Field::Type, Field::User, Field::Path, Field::Size],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

fn wants(entry: &Entry<'_>) -> bool {
    entry.has_ending(&[".appimage"])
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let head =
        entry.open().and_then(|file| file.read_vec(0, 16).map_err(|error| Fault::from_io(path, &error)));
    let kind = match head {
        Ok(head) => match head.get(8..11) {
            Some([b'A', b'I', kind @ (1 | 2)]) => Some(*kind),
            _ => {
                sink.damage(
                    path,
                    &[Damage::new(DamageKind::Corrupt, 8, "named as an AppImage, without its magic")],
                );
                None
            }
        },
        Err(fault) => {
            sink.fault(fault);
            None
        }
    };
    let file = text_of(entry.name());
    let (name, version, arch) = parts(&file);
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Name, name)
        .with_some(Field::Version, version)
        .with_some(Field::Arch, arch)
        .with_some(Field::Type, kind.map(|kind| kind.to_string()))
        .with_some(Field::User, home_owner(path))
        .with_some(Field::Size, entry.found().map(|found| found.stat.size.to_string()))
        .with(Field::Path, shown(path));
    sink.artifact(artifact);
}

/// Name, version and architecture of `Some-Tool-1.2.3-x86_64.AppImage`.
fn parts(file: &str) -> (String, Option<String>, Option<String>) {
    const ARCHITECTURES: &[&str] =
        &["x86_64", "amd64", "x64", "i686", "i386", "aarch64", "arm64", "armhf", "armv7l"];
    let stem = file.get(..file.len().saturating_sub(".appimage".len())).unwrap_or(file);
    let (mut name, mut version, mut arch) = (Vec::new(), None, None);
    for part in stem.split(['-', ' ']).filter(|part| !part.is_empty()) {
        let digits = part.strip_prefix(['v', 'V']).unwrap_or(part);
        if ARCHITECTURES.contains(&part.to_ascii_lowercase().as_str()) {
            arch = Some(part.to_owned());
        } else if version.is_none()
            && !name.is_empty()
            && digits.starts_with(|char: char| char.is_ascii_digit())
        {
            version = Some(digits.to_owned());
        } else if version.is_none() && arch.is_none() {
            name.push(part);
        }
    }
    (name.join("-"), version, arch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn the_file_name_tells_name_version_and_architecture() {
        let split = |file| {
            let (name, version, arch) = parts(file);
            (name, version.unwrap_or_default(), arch.unwrap_or_default())
        };
        let owned = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(split("Some-Tool-1.2.3-x86_64.AppImage"), owned("Some-Tool", "1.2.3", "x86_64"));
        assert_eq!(split("tool-v2-linux-arm64.appimage"), owned("tool", "2", "arm64"));
        assert_eq!(split("7zip.AppImage"), owned("7zip", "", ""));
        assert_eq!(split(".AppImage"), owned("", "", ""));
    }

    #[test]
    fn an_image_without_its_magic_is_a_gap() {
        let tree = Memory::new()
            .file("home/u/Applications/Tool-1.0.AppImage", &b"\x7fELF\x02\x01\x01\0AI\x02\0\0\0\0\0"[..])
            .file("opt/bad.AppImage", &b"text"[..]);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(artifacts.len(), 2);
        assert_eq!(artifacts[0].text(Field::Type), Some("2"));
        assert_eq!(artifacts[0].text(Field::User), Some("u"));
        assert_eq!(gaps.len(), 1);
    }
}
