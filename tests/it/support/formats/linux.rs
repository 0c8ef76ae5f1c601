//! Databases and settings of Linux.

use super::{Ends, Format, file, fixture, link};
use crate::support::build::zst;

fn stanza(name: &str) -> String {
    format!(
        "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: admin\nMaintainer: Example Ltd <a@example.com>\n\
         Architecture: amd64\nVersion: 12.1.0-1274\nDescription: a tool\n that does things\nHomepage: https://example.com\n\n"
    )
}

/// What package managers keep.
pub fn databases() -> Vec<Format> {
    let mut all = vec![
        Format::linux(
            "dpkg",
            "var/lib/dpkg/status",
            ["adduser", "base-files", "tool"].map(stanza).concat(),
            Ends::Stanzas,
        ),
        Format::linux("dpkg.d", "var/lib/dpkg/status.d/tool", stanza("tool"), Ends::Lines),
        Format::linux(
            "opkg",
            "opt/lib/opkg/status",
            ["one", "two"].map(stanza).concat(),
            Ends::Stanzas,
        ),
        Format::linux("opkg control", "opt/lib/opkg/info/tool.control", stanza("tool"), Ends::Lines)
            .with(file("opt/lib/opkg/status", "Package: tool\nVersion: 1\nStatus: install user installed\n\n")),
        Format::linux(
            "pacman",
            "var/lib/pacman/local/tool-12.1-1/desc",
            "%NAME%\ntool\n\n%VERSION%\n12.1-1\n\n%DESC%\na tool\n\n%ARCH%\nx86_64\n\n%PACKAGER%\nExample Ltd\n\n",
            Ends::Records,
        ),
        Format::linux("gentoo", "var/db/pkg/app-misc/example-1.0/DESCRIPTION", "A tool of an example\n", Ends::Lines)
            .with(file("var/db/pkg/app-misc/example-1.0/CATEGORY", "app-misc\n")),
        Format::linux(
            "xbps",
            "var/db/xbps/pkgdb-0.38.plist",
            "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>example</key><dict><key>pkgver</key>\
             <string>example-1.0_1</string><key>state</key><string>installed</string></dict></dict></plist>\n",
            Ends::Never,
        ),
        Format::linux(
            "slackware",
            "var/lib/pkgtools/packages/example-1.0-x86_64-1",
            "PACKAGE NAME:     example-1.0-x86_64-1\nPACKAGE DESCRIPTION:\nexample: a tool\nFILE LIST:\n./\nopt/\n",
            Ends::Setting(has_file_list),
        ),
        Format::linux(
            "eopkg",
            "var/lib/eopkg/package/example-1.0-1/metadata.xml",
            "<PISI><Source><Name>example</Name><Homepage>https://example.com</Homepage></Source><Package><Name>example</Name>\
             <History><Update release=\"1\"><Version>1.0</Version></Update></History></Package></PISI>",
            Ends::Never,
        ),
        Format::linux(
            "guix",
            "var/guix/profiles/per-user/u/guix-profile/manifest",
            "(manifest (version 3) (packages ((\"example\" \"1.0\" \"out\" \
             \"/gnu/store/0123456789abcdfghijklmnpqrsvwxyz-example-1.0\" (propagated-inputs ()) (search-paths ())))))",
            Ends::Never,
        ),
        Format::linux(
            "nix",
            "home/u/.local/state/nix/profiles/profile/manifest.json",
            "{\"elements\": [{\"storePaths\": [\"/nix/store/0123456789abcdfghijklmnpqrsvwxyz-tool-1.5\"]}]}",
            Ends::Never,
        ),
        Format::linux(
            "bottlerocket",
            "usr/share/bottlerocket/application-inventory.json",
            "{\"Content\": [{\"Name\": \"example\", \"Publisher\": \"Example Ltd\", \"Version\": \"1.0\"}]}",
            Ends::Never,
        ),
        Format::linux(
            "spack",
            "opt/spack/.spack-db/index.json",
            "{\"database\": {\"version\": \"7\", \"installs\": {\"abc\": {\"spec\": {\"name\": \"example\", \"version\": \"1.0\"}, \
             \"installed\": true}}}}",
            Ends::Never,
        ),
        Format::linux(
            "rpmmanifest",
            "var/lib/rpmmanifest/container-manifest-2",
            "example\t1.0-1\t1654040040\t1654040040\tExample Ltd\t(none)\t1\tx86_64\t0\texample-1.0-1.src.rpm\n\
             other\t1.0-1\t1654040040\t1654040040\tExample Ltd\t(none)\t1\tx86_64\t0\tother-1.0-1.src.rpm\n",
            Ends::Lines,
        ),
        Format::linux("chisel", "var/lib/chisel/manifest.wall", zst(WALL), Ends::Never),
        Format::linux(
            "snap.yaml",
            "snap/tool/7/meta/snap.yaml",
            "name: tool\nversion: '1.5'\nsummary: a tool\ndescription: |\n  does things\nconfinement: strict\n",
            Ends::Setting(is_yaml),
        )
        .with(link("snap/tool/current", "7")),
        Format::linux(
            "snapd",
            "var/lib/snapd/state.json",
            "{\"data\": {\"snaps\": {\"tool\": {\"active\": true, \"current\": \"7\", \"channel\": \"stable\"}}}}",
            Ends::Never,
        ),
        Format::linux(
            "flatpak",
            "var/lib/flatpak/app/org.example.Tool/x86_64/stable/0a/metadata",
            "[Application]\nname=org.example.Tool\nruntime=org.example.Platform/x86_64/1\n",
            Ends::Lines,
        )
        .with(link("var/lib/flatpak/app/org.example.Tool/x86_64/stable/active", "0a")),
        Format::linux(
            "appstream",
            "var/lib/flatpak/app/org.example.Tool/x86_64/stable/0a/files/share/metainfo/org.example.Tool.metainfo.xml",
            "<component><id>org.example.Tool</id><name>Tool</name><developer_name>Example Ltd</developer_name>\
             <releases><release version=\"1.5\"/></releases></component>",
            Ends::Never,
        )
        .with(file(
            "var/lib/flatpak/app/org.example.Tool/x86_64/stable/0a/metadata",
            "[Application]\nname=org.example.Tool\n",
        ))
        .with(link("var/lib/flatpak/app/org.example.Tool/x86_64/stable/active", "0a")),
    ];
    all.extend(of_rpm());
    all.push(apk());
    all
}

const WALL: &[u8] =
    b"{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":2}\n{\"kind\":\"package\",\"name\":\"example\",\"version\":\"1.0\"}\n";

fn of_rpm() -> Vec<Format> {
    let rpm = |name, path: &'static str, fixed: &str| {
        let names = vec![
            file("etc/os-release", "ID=fedora\nVERSION_ID=40\n"),
            file("usr/bin/true", "#!/bin/sh\n"),
            file(path, fixture(fixed)),
        ];
        Format { name, names, path, ends: Ends::Never }
    };
    vec![
        rpm("rpm sqlite", "var/lib/rpm/rpmdb.sqlite", "rpmdb/rpmdb.sqlite"),
        rpm("rpm ndb", "var/lib/rpm/Packages.db", "rpmdb/Packages.db"),
        rpm("rpm bdb", "var/lib/rpm/Packages", "rpmdb/Packages"),
    ]
}

fn apk() -> Format {
    let text = "P:musl\nV:1.2.5-r0\nA:x86_64\nS:1\nI:2\nT:a library\nU:https://example.com\nL:MIT\no:musl\nm:Example Ltd <a@example.com>\n\
                F:lib\nR:libc.so\n\nP:tool\nV:1.0-r0\nA:x86_64\nm:Example Ltd <a@example.com>\n\n";
    let path = "lib/apk/db/installed";
    let names = vec![
        file("etc/os-release", "ID=alpine\nVERSION_ID=3.20\n"),
        file("usr/bin/true", "#!/bin/sh\n"),
        file(path, text),
    ];
    Format { name: "apk", names, path, ends: Ends::Records }
}

/// Settings: a line is a line.
pub fn settings() -> Vec<Format> {
    vec![
        Format::linux(
            "systemd unit",
            "usr/lib/systemd/system/agent.service",
            "[Unit]\nDescription=Agent\n[Service]\nType=simple\nExecStart=/opt/example/bin/agent -d\n[Install]\nWantedBy=multi-user.target\n",
            Ends::Setting(is_assignment),
        ),
        Format::linux(
            "cron",
            "etc/cron.d/job",
            "SHELL=/bin/sh\n1 2 * * * root /bin/true\n5 4 * * * root /opt/example/bin/control --update\n",
            Ends::Setting(is_job),
        ),
        Format::linux(
            "desktop",
            "usr/share/applications/gui.desktop",
            "[Desktop Entry]\nType=Application\nName=Tool\nComment=a tool\nExec=/opt/example/bin/gui\nIcon=tool\n",
            Ends::Setting(is_assignment),
        ),
        Format::linux(
            "polkit policy",
            "usr/share/polkit-1/actions/com.example.policy",
            "<policyconfig><vendor>Example Ltd</vendor><action id=\"com.example.run\"><message>Run?</message>\
             <annotate key=\"org.freedesktop.policykit.exec.path\">/opt/example/run</annotate></action></policyconfig>\n",
            Ends::Never,
        ),
        Format::linux(
            "init script",
            "etc/init.d/agent",
            "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: agent\n# Short-Description: Agent\n### END INIT INFO\nDAEMON=/opt/example/bin/agent\n",
            Ends::Setting(is_behind_header),
        )
        .executable(),
        Format::linux(
            "apt list",
            "etc/apt/sources.list",
            "deb [signed-by=/etc/x.gpg] https://example.com/debian stable main\ndeb https://example.org/debian stable main\n",
            Ends::Setting(is_source),
        ),
        Format::linux(
            "apt sources",
            "etc/apt/sources.list.d/x.sources",
            "Types: deb\nURIs: https://example.com/debian\nSuites: stable\nComponents: main\n\n",
            Ends::Setting(has_suites),
        ),
        Format::linux(
            "yum",
            "etc/yum.repos.d/example.repo",
            "[example]\nname=Example\nbaseurl=https://example.com/\nenabled=0\n",
            Ends::Setting(is_assignment),
        ),
        Format::linux(
            "quadlet",
            "etc/containers/systemd/web.container",
            "[Container]\nImage=registry.example/web:1\n",
            Ends::Setting(is_assignment),
        ),
        Format::linux(
            "docker container",
            "var/lib/docker/containers/0a/config.v2.json",
            "{\"ID\": \"0a\", \"Config\": {\"Image\": \"registry.example/web:1\"}, \"Name\": \"/web\"}",
            Ends::Never,
        ),
        Format::linux(
            "certificate",
            "usr/local/share/ca-certificates/example.crt",
            fixture("certificates/example-root.crt"),
            Ends::Never,
        ),
        Format::linux(
            "kernel module",
            "usr/lib/modules/6.1.0/extra/examplefs.ko",
            fixture("executables/examplefs.ko"),
            Ends::Never,
        ),
        Format::linux(
            "native messaging",
            "usr/lib/mozilla/native-messaging-hosts/com.example.json",
            "{\"name\": \"com.example\", \"description\": \"a host\", \"path\": \"/opt/example/bin/host\"}",
            Ends::Never,
        ),
    ]
}

fn last_line(cut: &[u8]) -> &[u8] {
    cut.rsplit(|&byte| byte == b'\n').next().unwrap_or_default()
}

fn words(line: &[u8]) -> usize {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count()
}

fn holds(cut: &[u8], word: &str) -> bool {
    memchr::memmem::find(cut, word.as_bytes()).is_some()
}

fn is_assignment(cut: &[u8]) -> bool {
    let line = last_line(cut);
    line.contains(&b'=') || line.ends_with(b"]")
}

/// Five times, a user and a command.
fn is_job(cut: &[u8]) -> bool {
    let line = last_line(cut);
    line.contains(&b'=') || words(line) >= 7
}

fn is_behind_header(cut: &[u8]) -> bool {
    holds(cut, "### END INIT INFO")
}

/// An address and a suite.
fn is_source(cut: &[u8]) -> bool {
    let line = last_line(cut);
    words(line.rsplit(|&byte| byte == b']').next().unwrap_or_default())
        >= if holds(line, "]") { 2 } else { 3 }
}

fn has_suites(cut: &[u8]) -> bool {
    holds(cut, "Suites: s")
}

fn is_yaml(cut: &[u8]) -> bool {
    let line = last_line(cut);
    line.contains(&b':') || line.starts_with(b" ")
}

fn has_file_list(cut: &[u8]) -> bool {
    holds(cut, "FILE LIST:")
}
