use super::*;
use crate::collector::collect;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, GapKind, TargetKind};

const MANIFEST: &str = r#"{"name": "tool", "publisher": "example", "version": "1.2.3", "displayName": "%t%",
    "engines": {"vscode": "^1.80.0"}, "repository": {"url": "https://example.com/tool"}}"#;

fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
    collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
}

#[test]
fn extensions_of_every_editor_wherever_it_keeps_them() {
    for (folder, edition) in [
        ("home/u/.vscode/extensions", "vscode"),
        ("home/u/.vscode-insiders/extensions", "vscode_insiders"),
        ("home/u/.vscode-oss/extensions", "vscodium"),
        ("root/.cursor/extensions", "cursor"),
        ("root/.vscode-server/extensions", "vscode_server"),
        ("home/u/.local/share/code-server/extensions", "code_server"),
        ("home/u/.invented-editor/extensions", "invented_editor"),
        ("home/u/VSCodium/data/extensions", "vscodium"),
        ("home/u/.var/app/com.visualstudio.code/data/vscode/extensions", "com.visualstudio.code"),
        ("config/extensions", "config"),
        ("Users/u/.trae/extensions", "trae"),
        ("Users/u/.kiro/extensions", "kiro"),
        ("Users/u/Downloads/Editor/data/extensions", "editor"),
        ("Users/u/AppData/Local/Programs/Windsurf/data/extensions", "windsurf"),
        ("opt/plugins", "opt"),
    ] {
        let path = format!("{folder}/example.tool-1.2.3");
        let tree = Memory::new()
            .file(format!("{path}/package.json"), MANIFEST)
            .file(format!("{path}/package.nls.json"), r#"{"t": "Tool"}"#)
            .file(format!("{path}/node_modules/lib/package.json"), r#"{"name": "lib", "version": "1"}"#);
        let (artifacts, gaps) = collected(tree);

        assert_eq!(gaps, [], "{folder}");
        let [found] = artifacts.as_slice() else { panic!("{folder}: {artifacts:?}") };
        let text = |field| found.text(field).unwrap_or_default();
        assert_eq!((text(Field::Name), text(Field::Version)), ("example.tool", "1.2.3"));
        assert_eq!((text(Field::Publisher), text(Field::DisplayName)), ("example", "Tool"));
        assert_eq!((text(Field::VscodeEdition), found.state), (edition, State::Installed), "{folder}");
        assert_eq!(text(Field::Path), format!("/{path}"));
    }
}

#[test]
fn lists_add_who_published_it_and_what_is_gone() {
    let folder = "home/u/.cursor/extensions";
    let list = r#"[{"identifier": {"id": "example.tool"}, "version": "1.2.3", "relativeLocation": "example.tool-1.2.3",
            "metadata": {"publisherDisplayName": "Example Ltd", "installedTimestamp": 1700000000000, "source": "gallery"}},
        {"identifier": {"id": "example.gone"}, "version": "2.0.0", "relativeLocation": "example.gone-2.0.0"}]"#;
    let tree = Memory::new()
        .file(format!("{folder}/extensions.json"), list)
        .file(format!("{folder}/.obsolete"), r#"{"example.old-1.0.0": true}"#)
        .file(format!("{folder}/example.tool-1.2.3/package.json"), MANIFEST)
        .file(format!("{folder}/example.old-1.0.0/package.json"), MANIFEST.replace("\"tool\"", "\"old\""))
        .file(
            format!("{folder}/example.other-1.0.0/package.json"),
            MANIFEST.replace("\"tool\"", "\"other\""),
        );
    let (artifacts, gaps) = collected(tree);

    assert_eq!(gaps, []);
    let states: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.state)).collect();
    assert_eq!(
        states,
        [
            ("example.old", State::Remnant),
            // Of another profile, whose list is elsewhere.
            ("example.other", State::Installed),
            ("example.tool", State::Installed),
            ("example.gone", State::Remnant),
        ]
    );
    let tool = &artifacts[2];
    assert_eq!(tool.fields[&Field::Publisher].texts().collect::<Vec<_>>(), ["example", "Example Ltd"]);
    assert_eq!(tool.text(Field::InstallDate), Some("2023-11-14T22:13:20Z"));
}

#[test]
fn what_cannot_be_read_is_a_gap_and_keeps_its_name() {
    for folder in ["home/u/.vscode/extensions", "opt/editor/data/extensions"] {
        let tree = Memory::new().file(format!("{folder}/example.tool-1.2.3/package.json"), "{\"name\": \"to");
        let (artifacts, gaps) = collected(tree);
        assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Truncated], "{folder}");
        assert_eq!(artifacts[0].text(Field::Name), Some("example.tool"));
        let tree = Memory::new()
            .file(format!("{folder}/extensions.json"), "[{")
            .file(format!("{folder}/example.tool-1.2.3/package.json"), MANIFEST);
        let (artifacts, gaps) = collected(tree);
        assert_eq!((artifacts.len(), gaps.len()), (1, 1), "{folder}");
    }
}

#[test]
fn what_comes_with_an_editor_is_embedded_and_other_programs_have_extensions_too() {
    let tree = Memory::new()
        .file("usr/share/code/resources/app/extensions/git/package.json", MANIFEST)
        .file("srv/shop/extensions/report/package.json", r#"{"name": "report", "version": "1.0.0"}"#)
        .file("srv/shop/extensions/broken/package.json", "{")
        .file("home/u/.mozilla/firefox/p/extensions.json", r#"{"addons": []}"#);
    let (artifacts, gaps) = collected(tree);
    assert_eq!(gaps, []);
    assert_eq!(artifacts.iter().map(|it| it.state).collect::<Vec<_>>(), [State::Embedded]);
    assert_eq!(artifacts[0].text(Field::VscodeEdition), Some("code"));
}

#[test]
fn extensions_of_visual_studio_have_their_own_manifest() {
    let manifest = r#"<PackageManifest Version="2.0.0"><Metadata><Identity Id="tool" Version="1.0" Publisher="Example Ltd"/>
        <DisplayName>Tool</DisplayName></Metadata></PackageManifest>"#;
    let folder = "Users/u/AppData/Local/Microsoft/VisualStudio/17.0_1a2b/Extensions/x1y2";
    let tree = Memory::new()
        .file(format!("{folder}/extension.vsixmanifest"), manifest)
        .file("Program Files/Editor/Extensions/cut/extension.vsixmanifest", &manifest[..60]);
    let (artifacts, gaps) = collected(tree);
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let tool = artifacts.iter().find(|it| it.text(Field::Name) == Some("tool")).unwrap();
    assert_eq!(tool.text(Field::Publisher), Some("Example Ltd"));
    assert_eq!(tool.text(Field::VscodeEdition), Some("visual_studio"));
    assert_eq!(tool.text(Field::User), Some("u"));
}

#[test]
fn theia_keeps_extensions_as_they_were_packed() {
    for (path, edition, state) in [
        ("home/u/.theia/deployedPlugins/example.tool/extension", "theia", State::Installed),
        ("Users/u/.theia-ide/deployedPlugins/tool", "theia_ide", State::Installed),
        ("opt/theia/plugins/example.tool/extension", "theia", State::Embedded),
    ] {
        let (artifacts, gaps) = collected(Memory::new().file(format!("{path}/package.json"), MANIFEST));
        let [found] = artifacts.as_slice() else { panic!("{path}: {artifacts:?}") };
        assert_eq!((found.text(Field::Name), gaps), (Some("example.tool"), vec![]));
        assert_eq!(found.state, state, "{path}");
        assert!(found.text(Field::VscodeEdition).is_some_and(|it| it.contains(edition)), "{found:?}");
    }
    let other = r#"{"name": "extension", "version": "1"}"#;
    assert_eq!(collected(Memory::new().file("opt/x/plugins/y/extension/package.json", other)).0, []);
}
