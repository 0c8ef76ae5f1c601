//! One made-up world with something for every collector, as a list of names: it can be built in memory, on the
//! disk, and in whatever other kind of target there is.
#![allow(dead_code, clippy::unwrap_used, reason = "tests")]

use std::path::Path;

pub mod hive;
pub mod macos;
pub mod windows;

use debar::fs::memory::Memory;

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Kind {
    File(Vec<u8>),
    Executable(Vec<u8>),
    Folder,
    Link(&'static str),
    Fifo,
}

/// A path from the root of the world, and what it stands for.
pub type Name = (Vec<u8>, Kind);

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> Name {
    (path.as_bytes().to_vec(), Kind::File(bytes.into()))
}

fn program(path: &str, bytes: impl Into<Vec<u8>>) -> Name {
    (path.as_bytes().to_vec(), Kind::Executable(bytes.into()))
}

fn folder(path: &str) -> Name {
    (path.as_bytes().to_vec(), Kind::Folder)
}

fn link(path: &str, to: &'static str) -> Name {
    (path.as_bytes().to_vec(), Kind::Link(to))
}

/// Every name of the world.
pub fn names() -> Vec<Name> {
    let mut names = system();
    names.extend(packages());
    names.extend(programs());
    names.extend(browsers());
    names.extend(odd());
    names
}

fn system() -> Vec<Name> {
    vec![
        file(
            "etc/os-release",
            "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
        ),
        file("etc/hostname", "world\n"),
        file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n"),
        file(
            "usr/lib/systemd/system/klnagent64.service",
            "[Unit]\nDescription=Agent\n[Service]\nExecStart=/opt/kaspersky/klnagent64/sbin/klnagent -d\n",
        ),
        link(
            "etc/systemd/system/multi-user.target.wants/klnagent64.service",
            "/usr/lib/systemd/system/klnagent64.service",
        ),
        link("etc/systemd/system/gone.service", "/usr/lib/systemd/system/removed.service"),
        program("etc/init.d/kesl", "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: kesl\n### END INIT INFO\n"),
        link("etc/rc2.d/S01kesl", "../init.d/kesl"),
        file("usr/lib/modules/6.1.0/extra/examplefs.ko", fixture("executables/examplefs.ko")),
        file("etc/modules-load.d/example.conf", "examplefs\n"),
        file(
            "usr/share/applications/kesl.desktop",
            "[Desktop Entry]\nType=Application\nName=Kaspersky\nName[ja]=カスペルスキー\nExec=/opt/kaspersky/kesl/bin/kesl-gui\n",
        ),
        file(
            "etc/xdg/autostart/kesl-gui.desktop",
            "[Desktop Entry]\nType=Application\nName=Kaspersky\nExec=/opt/kaspersky/kesl/bin/kesl-gui\n",
        ),
        file(
            "usr/share/polkit-1/actions/com.example.policy",
            "<policyconfig><vendor>Example Ltd</vendor><action id=\"com.example.run\"><message>Run?</message>\
             <annotate key=\"org.freedesktop.policykit.exec.path\">/opt/example/run</annotate></action></policyconfig>\n",
        ),
        file("etc/containers/systemd/web.container", "[Container]\nImage=registry.example/web:1\n"),
        file("etc/cron.d/job", "5 4 * * * root /opt/kaspersky/kesl/bin/kesl-control --update\n"),
        file("etc/apt/sources.list", "deb [signed-by=/etc/x.gpg] https://example.com/debian stable main\n"),
        file(
            "etc/yum.repos.d/example.repo",
            "[example]\nname=Example\nbaseurl=https://example.com/\nenabled=0\n",
        ),
        file("usr/local/share/ca-certificates/example.crt", fixture("certificates/example-root.crt")),
    ]
}

fn packages() -> Vec<Name> {
    vec![
        file(
            "var/lib/dpkg/status",
            "Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4\nMaintainer: A <a@example.com>\n\n\
             Package: kesl\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 11.4.0-1111\nMaintainer: AO Kaspersky Lab\n\n",
        ),
        file("var/lib/dpkg/info/base-files.list", "/.\n"),
        file("var/lib/dpkg/info/kesl.list", "/.\n"),
        file("var/lib/rpm/rpmdb.sqlite", fixture("rpmdb/rpmdb.sqlite")),
        file("lib/apk/db/installed", fixture("apk/installed")),
        file("var/lib/pacman/local/example-1.0-1/desc", "%NAME%\nexample\n\n%VERSION%\n1.0-1\n\n"),
        file("var/db/pkg/app-misc/example-1.0/PF", "example-1.0\n"),
        file(
            "opt/lib/opkg/status",
            "Package: example\nVersion: 1.0-1\nStatus: install user installed\nArchitecture: aarch64\n\n",
        ),
        file(
            "opt/lib/opkg/info/example.control",
            "Package: example\nVersion: 1.0-1\nMaintainer: A <a@example.com>\n",
        ),
        file(
            "var/db/xbps/pkgdb-0.38.plist",
            "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>example</key><dict><key>pkgver</key>\
             <string>example-1.0_1</string><key>state</key><string>installed</string></dict></dict></plist>\n",
        ),
        file(
            "var/lib/pkgtools/packages/example-1.0-x86_64-1",
            "PACKAGE NAME:     example-1.0-x86_64-1\nFILE LIST:\n./\n",
        ),
        file(
            "var/lib/eopkg/package/example-1.0-1/metadata.xml",
            "<PISI><Source><Name>example</Name></Source><Package><Name>example</Name><History><Update release=\"1\">\
             <Version>1.0</Version></Update></History></Package></PISI>",
        ),
        file(
            "var/guix/profiles/per-user/u/guix-profile/manifest",
            "(manifest (version 3) (packages ((\"example\" \"1.0\" \"out\" \
             \"/gnu/store/0123456789abcdfghijklmnpqrsvwxyz-example-1.0\" (propagated-inputs ()) (search-paths ())))))",
        ),
        file(
            "usr/share/bottlerocket/application-inventory.json",
            "{\"Content\": [{\"Name\": \"example\", \"Publisher\": \"Example Ltd\", \"Version\": \"1.0\"}]}",
        ),
        file(
            "opt/spack/.spack-db/index.json",
            "{\"database\": {\"version\": \"7\", \"installs\": {\"abc\": {\"spec\": {\"name\": \"example\", \"version\": \"1.0\"}, \
             \"installed\": true}}}}",
        ),
        file(
            "var/lib/rpmmanifest/container-manifest-2",
            "example\t1.0-1\t1654040040\t1654040040\tExample Ltd\t(none)\t1\tx86_64\t0\texample-1.0-1.src.rpm\n",
        ),
        file("var/lib/chisel/manifest.wall", manifest_wall()),
        file("var/db/pkg/app-misc/example-1.0/CATEGORY", "app-misc\n"),
        file(
            "var/lib/snapd/state.json",
            "{\"data\": {\"snaps\": {\"tool\": {\"active\": true, \"current\": \"7\"}}}}",
        ),
        file("snap/tool/7/meta/snap.yaml", "name: tool\nversion: 1.5\n"),
        link("snap/tool/current", "7"),
        folder("var/snap/gone"),
        file(
            "var/lib/flatpak/app/org.example.Tool/x86_64/stable/0a/metadata",
            "[Application]\nname=org.example.Tool\n",
        ),
        link("var/lib/flatpak/app/org.example.Tool/x86_64/stable/active", "0a"),
        file("home/u/.local/share/flatpak/app/org.example.Other/x86_64/1/active/metadata", "[Application]\n"),
        file(
            "home/u/.local/state/nix/profiles/profile/manifest.json",
            "{\"elements\": [{\"storePaths\": [\"/nix/store/0123456789abcdfghijklmnpqrsvwxyz-tool-1.5\"]}]}",
        ),
        folder("nix/store/0123456789abcdfghijklmnpqrsvwxyz-lib-2"),
    ]
}

/// chisel's manifest: a zstd frame with one raw block (RFC 8878).
fn manifest_wall() -> Vec<u8> {
    let lines = "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":2}\n{\"kind\":\"package\",\"name\":\"example\",\"version\":\"1.0\"}\n";
    let size = u32::try_from(lines.len()).unwrap();
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend(size.to_le_bytes());
    frame.extend((size << 3 | 1).to_le_bytes().iter().take(3));
    frame.extend(lines.as_bytes());
    frame
}

/// A package of rpm: a lead, an empty header of signatures, a header with name and version.
fn rpm() -> Vec<u8> {
    const MAGIC: [u8; 8] = [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
    let number = |number: u32| number.to_be_bytes();
    let mut bytes = vec![0xed, 0xab, 0xee, 0xdb];
    bytes.resize(96, 0);
    bytes.extend([&MAGIC[..], &[0; 8]].concat());
    bytes.extend([&MAGIC[..], &number(2), &number(12)].concat());
    for (tag, at) in [(1000, 0), (1001, 8)] {
        bytes.extend([number(tag), number(6), number(at), number(1)].concat());
    }
    bytes.extend(b"example\x001.0\0");
    bytes
}

/// A plugin of an IDE: a jar with its description.
fn plugin() -> Vec<u8> {
    use std::io::Write;
    let text = b"<idea-plugin><id>com.example.tool</id><name>Tool</name><version>1.0</version>\
                 <vendor url=\"https://example.com\">Example Ltd</vendor></idea-plugin>";
    let mut out = Vec::new();
    let mut jar = rawzip::ZipArchiveWriter::new(&mut out);
    let member = jar.new_file("META-INF/plugin.xml").compression_method(rawzip::CompressionMethod::STORE);
    let (mut entry, config) = member.start().unwrap();
    let mut writer = config.wrap(&mut entry);
    writer.write_all(text).unwrap();
    let (_, descriptor) = writer.finish().unwrap();
    entry.finish(descriptor).unwrap();
    jar.finish().unwrap();
    out
}

fn programs() -> Vec<Name> {
    vec![
        program("opt/kaspersky/kesl/libexec/kesl", fixture("executables/elf64-shared.so")),
        file("opt/kaspersky/kesl/lib/libexample.so.1", fixture("executables/elf64-shared.so")),
        link("opt/kaspersky/kesl/lib/libexample.so", "libexample.so.1"),
        program("usr/local/bin/tool", fixture("executables/auditable.so")),
        link("usr/local/bin/absolute", "/opt/kaspersky/kesl/libexec/kesl"),
        file("home/u/Downloads/example.rpm", rpm()),
        file("home/u/Downloads/setup.exe", fixture("executables/pe64-signed.exe")),
        program(
            "home/u/Applications/Tool-1.0-x86_64.AppImage",
            &b"\x7fELF\x02\x01\x01\0AI\x02\0\0\0\0\0"[..],
        ),
        file(
            "usr/lib/python3/dist-packages/opentip-0.1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: opentip\nVersion: 0.1\n",
        ),
        file(
            "home/u/.cursor/extensions/extensions.json",
            "[{\"identifier\": {\"id\": \"example.tool\"}, \"version\": \"1.0.0\", \"relativeLocation\": \"example.tool-1.0.0\", \
             \"metadata\": {\"publisherDisplayName\": \"Example Ltd\", \"source\": \"gallery\"}}]",
        ),
        file(
            "home/u/.cursor/extensions/example.tool-1.0.0/package.json",
            "{\"name\": \"tool\", \"publisher\": \"example\", \"version\": \"1.0.0\", \"engines\": {\"vscode\": \"^1.80.0\"}}",
        ),
        file(
            "opt/editor/resources/app/extensions/git/package.json",
            "{\"name\": \"git\", \"publisher\": \"example\", \"version\": \"1.0.0\", \"engines\": {\"vscode\": \"*\"}}",
        ),
        file(
            "opt/app/node_modules/@kaspersky/hexa-ui/package.json",
            "{\"name\": \"@kaspersky/hexa-ui\", \"version\": \"1.0\"}",
        ),
        file(
            "var/lib/gems/3.1.0/specifications/example-1.0.gemspec",
            "Gem::Specification.new do |s|\n  s.name = \"example\"\n  s.version = \"1.0\"\nend\n",
        ),
        file(
            "srv/app/vendor/composer/installed.json",
            "{\"packages\": [{\"name\": \"example/kit\", \"version\": \"1.0\"}]}",
        ),
        file("home/u/.cargo/.crates.toml", "[v1]\n\"kit 1.0.0 (registry)\" = [\"kit\"]\n"),
        file("opt/app/App.deps.json", "{\"libraries\": {\"App/1.0\": {\"type\": \"project\"}}}"),
        file("home/u/.local/share/JetBrains/PyCharm2024.1/tool/lib/tool.jar", plugin()),
        file("home/u/.config/JetBrains/PyCharm2024.1/disabled_plugins.txt", "com.example.other\n"),
        file(
            "home/u/.ollama/models/manifests/registry.ollama.ai/library/example/7b",
            "{\"schemaVersion\": 2, \"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"size\": 7}]}",
        ),
        file("home/u/.cache/huggingface/hub/models--Maker--Example/snapshots/0a1b/config.json", "{}"),
        file("home/u/.lmstudio/models/maker/Example-GGUF/example.gguf", "GGUF"),
        file(
            "home/u/.config/Claude/claude_desktop_config.json",
            "{\"mcpServers\": {\"tool\": {\"command\": \"npx\", \"args\": [\"-y\", \"@example/mcp\"]}}}",
        ),
        file("home/u/.codex/config.toml", "[mcp_servers.other]\nurl = \"https://example.com/mcp\"\n"),
        file("opt/app/damaged.jar", "PK\x03\x04 cut"),
    ]
}

fn browsers() -> Vec<Name> {
    let profile = "home/u/.config/google-chrome/Default";
    vec![
        file(
            &format!("{profile}/Preferences"),
            "{\"extensions\": {\"settings\": {\"ahkjpbeeocnddjkakilopmfdlnjdpcdm\": {\"state\": 1, \"path\": \"x\"}}}}",
        ),
        file(
            &format!("{profile}/Extensions/ahkjpbeeocnddjkakilopmfdlnjdpcdm/30_0/manifest.json"),
            "{\"name\": \"__MSG_name__\", \"version\": \"30\", \"default_locale\": \"en\"}",
        ),
        file(
            &format!("{profile}/Extensions/ahkjpbeeocnddjkakilopmfdlnjdpcdm/30_0/_locales/en/messages.json"),
            "{\"name\": {\"message\": \"Kaspersky Protection\"}}",
        ),
        file(
            "etc/opt/chrome/policies/managed/p.json",
            "{\"ExtensionInstallForcelist\": [\"abc;https://example.com\"]}",
        ),
        file(
            "home/u/.mozilla/firefox/x.default/extensions.json",
            "{\"addons\": [{\"id\": \"a@example.com\", \"version\": \"1\", \"defaultLocale\": {\"name\": \"A\"}}]}",
        ),
        file("home/u/.mozilla/firefox/x.default/extensions/left@example.com.xpi", "PK"),
        file(
            "usr/lib/mozilla/native-messaging-hosts/com.example.json",
            "{\"name\": \"com.example\", \"path\": \"/opt/gone\"}",
        ),
    ]
}

/// What trips a scanner up.
fn odd() -> Vec<Name> {
    vec![
        (b"opt/kaspersky/caf\xe9/bin/tool".to_vec(), Kind::Executable(b"#!/bin/sh\n".to_vec())),
        link("opt/loop", "/opt/loop"),
        link("opt/up", ".."),
        link("usr/local/lib/outside.so", "../../../../../../etc/passwd"),
        link("usr/local/bin/nowhere", "/usr/lib/nowhere"),
        file("opt/app/empty.so", ""),
        ("opt/app/pipe.so".into(), Kind::Fifo),
    ]
}

/// The names in memory.
pub fn in_memory(names: &[Name]) -> Memory {
    let mut tree = Memory::new();
    for (path, kind) in names {
        tree = match kind {
            Kind::File(bytes) => tree.file(path, bytes.clone()),
            Kind::Executable(bytes) => tree.executable(path, bytes.clone()),
            Kind::Folder => tree.directory(path),
            Kind::Link(to) => tree.link(path, *to),
            Kind::Fifo => tree.special(path),
        };
    }
    tree
}

/// The names in a directory of the disk.
#[cfg(unix)]
pub fn on_disk(names: &[Name], top: &Path) {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    for (path, kind) in names {
        let path = top.join(std::ffi::OsStr::from_bytes(path));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match kind {
            Kind::File(bytes) => {
                std::fs::write(&path, bytes).unwrap();
                std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
            }
            Kind::Executable(bytes) => {
                std::fs::write(&path, bytes).unwrap();
                std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
            }
            Kind::Folder => std::fs::create_dir_all(&path).unwrap(),
            Kind::Link(to) => symlink(to, &path).unwrap(),
            Kind::Fifo => {
                let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
                assert!(made.success());
            }
        }
    }
}
