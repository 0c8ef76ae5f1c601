use super::*;
use crate::collector::collect;
use crate::format::container::zip::tests::archive as zip;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, GapKind, TargetKind};

const PLUGIN: &[u8] = b"<idea-plugin><id>com.example.tool</id><name>Tool</name><version>1.2</version>\
    <vendor email=\"a@example.com\" url=\"https://example.com\">Example Ltd</vendor></idea-plugin>";

fn jar() -> Vec<u8> {
    zip(&[("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"), (DESCRIPTION, PLUGIN)])
}

fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
    collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
}

#[test]
fn plugins_of_every_product_on_every_system() {
    for (path, product, state) in [
        ("home/u/.local/share/JetBrains/PyCharm2024.1/tool/lib/tool.jar", "PyCharm", State::Installed),
        (
            "home/u/.local/share/Google/AndroidStudio2023.1/tool/lib/tool.jar",
            "AndroidStudio",
            State::Installed,
        ),
        ("home/u/.local/share/JetBrains/GoLand2024.1/tool.jar", "GoLand", State::Installed),
        ("root/.IntelliJIdea2019.3/config/plugins/tool/lib/tool.jar", "IntelliJIdea", State::Installed),
        (
            "Users/u/AppData/Roaming/JetBrains/Rider2023.3/plugins/tool/lib/tool.jar",
            "Rider",
            State::Installed,
        ),
        (
            "Users/u/AppData/Roaming/Maker/InventedStudio5.0/plugins/tool.jar",
            "InventedStudio",
            State::Installed,
        ),
        (
            "Users/u/Library/Application Support/JetBrains/WebStorm2024.2/plugins/tool/lib/tool.jar",
            "WebStorm",
            State::Installed,
        ),
        ("opt/idea-IU-241/plugins/tool/lib/tool.jar", "idea-IU-241", State::Embedded),
        ("home/u/clion/plugins/tool/lib/tool.jar", "clion", State::Embedded),
        ("Applications/PyCharm CE.app/Contents/plugins/tool/lib/tool.jar", "PyCharm CE", State::Embedded),
    ] {
        let (artifacts, gaps) = collected(Memory::new().file(path, jar()));

        assert_eq!(gaps, [], "{path}");
        let [found] = artifacts.as_slice() else { panic!("{path}: {artifacts:?}") };
        let text = |field| found.text(field).unwrap_or_default();
        assert_eq!((text(Field::Identifier), text(Field::Name)), ("com.example.tool", "Tool"));
        assert_eq!((text(Field::Version), text(Field::Vendor)), ("1.2", "Example Ltd"));
        assert_eq!((text(Field::ProductType), found.state), (product, state), "{path}");
    }
}

#[test]
fn plugins_that_are_switched_off_are_disabled() {
    for (jar_path, settings) in [
        (
            "home/u/.local/share/JetBrains/PyCharm2024.1/tool/lib/tool.jar",
            "home/u/.config/JetBrains/PyCharm2024.1/disabled_plugins.txt",
        ),
        (
            "Users/u/AppData/Roaming/JetBrains/Rider2023.3/plugins/tool/lib/tool.jar",
            "Users/u/AppData/Roaming/JetBrains/Rider2023.3/disabled_plugins.txt",
        ),
        (
            "home/u/.WebStorm2019.1/config/plugins/tool.jar",
            "home/u/.WebStorm2019.1/config/disabled_plugins.txt",
        ),
    ] {
        let tree = Memory::new().file(jar_path, jar()).file(settings, "other\r\ncom.example.tool\r\n");
        let (artifacts, gaps) = collected(tree);
        assert_eq!(gaps, []);
        assert_eq!(artifacts.iter().map(|it| it.state).collect::<Vec<_>>(), [State::Disabled], "{jar_path}");
    }
}

#[test]
fn other_archives_are_none_and_damaged_ones_gaps() {
    let base = "Users/u/AppData/Roaming/JetBrains/Rider2023.3/plugins";
    let tree = Memory::new()
        .file("srv/server/plugins/report.jar", jar())
        .file("opt/server/lib/tool.jar", jar())
        .file(format!("{base}/a/lib/library.jar"), zip(&[("META-INF/MANIFEST.MF", b"")]))
        .file(format!("{base}/a/lib/part.jar"), zip(&[(DESCRIPTION, b"<idea-plugin package=\"a\"/>")]))
        .file(format!("{base}/b/lib/cut.jar"), &jar()[..40])
        .file(format!("{base}/c/lib/cut.jar"), zip(&[(DESCRIPTION, &PLUGIN[..60])]));
    let (artifacts, gaps) = collected(tree);
    assert_eq!(
        artifacts.iter().map(|it| it.text(Field::Identifier).unwrap()).collect::<Vec<_>>(),
        ["com.example.tool"]
    );
    assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Corrupt, GapKind::Corrupt]);
}
