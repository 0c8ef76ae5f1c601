//! Packages of languages, setups and applications.

use super::{Ends, Format, file, fixture};
use crate::support::build::{ar, asar, deb, deflated, go_program, gz, pkg, rpm, tar, zip};

const METADATA: &str = "Metadata-Version: 2.1\nName: tool\nVersion: 0.1\nSummary: a tool\nHome-page: https://example.com\nAuthor: Example Ltd\n\
                        License: MIT\n\nThe tool does things.\n";
const PACKAGE: &str = "{\"name\": \"@example/kit\", \"version\": \"4.0\", \"description\": \"a kit\", \"author\": \"Example Ltd\"}";
const MANIFEST: &str = "Manifest-Version: 1.0\r\nImplementation-Title: Tool\r\nImplementation-Vendor: Example Ltd\r\nImplementation-Version: 2.0\r\n\r\n";
const POM: &str = "groupId=com.example\nartifactId=tool\nversion=2.0\n";

/// Where the headers of metadata end.
fn headers() -> usize {
    METADATA.find("\n\n").unwrap() + 1
}

/// Packages of Python, npm, Java, Ruby and .NET.
pub fn packages() -> Vec<Format> {
    let mut all = vec![
        Format::linux(
            "METADATA",
            "usr/lib/python3/dist-packages/tool-0.1.dist-info/METADATA",
            METADATA,
            Ends::Lines,
        ),
        Format::linux(
            "METADATA text",
            "usr/lib/python3/dist-packages/tool-0.1.dist-info/METADATA",
            METADATA,
            Ends::Behind(headers()),
        ),
        Format::linux("PKG-INFO", "opt/app/tool.egg-info/PKG-INFO", METADATA, Ends::Lines),
        Format::linux("egg-info", "opt/app/tool-0.1.egg-info", METADATA, Ends::Lines),
        Format::linux("egg-link", "opt/app/site-packages/tool.egg-link", "/srv/tool/src\n.\n", Ends::Lines),
        Format::linux(
            "wheel",
            "opt/app/tool-0.1-py3-none-any.whl",
            deflated(&[("tool/x.py", b"x"), ("tool-0.1.dist-info/METADATA", METADATA.as_bytes())]),
            Ends::Never,
        ),
        Format::linux(
            "egg",
            "opt/app/site-packages/tool-0.1-py3.egg",
            zip(&[("EGG-INFO/PKG-INFO", METADATA.as_bytes()), ("tool/x.py", b"x")]),
            Ends::Never,
        ),
        Format::linux(
            "pex",
            "opt/app/bin/tool",
            [
                b"#!/usr/bin/env python3\n".to_vec(),
                zip(&[
                    ("__main__.py", b"x"),
                    (".deps/tool-0.1-py3-none-any.whl/tool-0.1.dist-info/METADATA", METADATA.as_bytes()),
                ]),
            ]
            .concat(),
            Ends::Never,
        )
        .executable(),
        Format::linux(
            "conda",
            "opt/conda/conda-meta/tool-0.1-0.json",
            "{\"name\": \"tool\", \"version\": \"0.1\", \"build\": \"0\", \"license\": \"MIT\", \"depends\": [\"python\"]}",
            Ends::Never,
        ),
        Format::linux("package.json", "opt/app/node_modules/@example/kit/package.json", PACKAGE, Ends::Never),
        Format::linux(
            "app.asar",
            "opt/app/resources/app.asar",
            asar(&[("@example/kit", PACKAGE), ("other", "{\"name\": \"other\", \"version\": \"1\"}")]),
            Ends::Never,
        ),
        Format::linux(
            "yarn",
            "srv/app/.yarn/cache/@example-kit-npm-4.0-abc.zip",
            deflated(&[("node_modules/@example/kit/package.json", PACKAGE.as_bytes())]),
            Ends::Never,
        ),
        Format::linux(
            "pnpm",
            "opt/store/v10/index/0a/0b-@example+kit@4.0.json",
            "{\"name\": \"@example/kit\", \"version\": \"4.0\", \"files\": {}}",
            Ends::Never,
        ),
        Format::linux(
            "gemspec",
            "var/lib/gems/3.1.0/specifications/kit-1.0.gemspec",
            "Gem::Specification.new do |s|\n  s.name = \"kit\".freeze\n  s.version = \"1.0\"\n  s.authors = [\"Example Ltd\".freeze]\n\
             \x20 s.summary = \"a kit\".freeze\nend\n",
            Ends::Never,
        ),
        Format::linux(
            "deps.json",
            "opt/app/App.deps.json",
            "{\"libraries\": {\"App/1.0\": {\"type\": \"project\"}, \"Kit/2.0\": {\"type\": \"package\"}}}",
            Ends::Never,
        ),
    ];
    all.extend(of_java());
    all
}

fn of_java() -> Vec<Format> {
    let jar = deflated(&[
        ("META-INF/MANIFEST.MF", MANIFEST.as_bytes()),
        ("META-INF/maven/com.example/tool/pom.properties", POM.as_bytes()),
        ("a.class", b"x"),
    ]);
    vec![
        Format::linux("jar", "opt/app/lib/tool-2.0.jar", jar.clone(), Ends::Never),
        Format::linux(
            "war",
            "opt/app/web.war",
            zip(&[("WEB-INF/lib/tool-2.0.jar", &jar), ("META-INF/MANIFEST.MF", MANIFEST.as_bytes())]),
            Ends::Never,
        ),
        Format::linux("unpacked manifest", "opt/app/web/META-INF/MANIFEST.MF", MANIFEST, Ends::Lines)
            .with(file("opt/app/web/WEB-INF/web.xml", "<web-app/>")),
        Format::linux(
            "pom.xml",
            "opt/app/web/META-INF/maven/com.example/tool/pom.xml",
            "<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>tool</artifactId><version>2.0</version></project>",
            Ends::Never,
        )
        .with(file("opt/app/web/WEB-INF/web.xml", "<web-app/>")),
    ]
}

/// Packages that wait to be installed.
pub fn setups() -> Vec<Format> {
    const CONTROL: &str = "Package: tool\nVersion: 1.0\nArchitecture: amd64\nMaintainer: Example Ltd <a@example.com>\nDescription: x\n";
    const INFO: &str = "pkgname = tool\npkgver = 1.0-r0\npkgdesc = a tool\nurl = https://example.com\narch = x86_64\npackager = Example Ltd\n";
    let appx = "<?xml version=\"1.0\"?><Package><Identity Name=\"Example.Tool\" Publisher=\"CN=Example Ltd\" Version=\"1.0.0.0\"/></Package>";
    let nuspec = "<package><metadata><id>tool</id><version>1</version><authors>Example Ltd</authors></metadata></package>";
    let fields = [(1000, "tool"), (1001, "1.0"), (1002, "1"), (1011, "Example Ltd"), (1022, "x86_64")];
    let ipk = gz(&tar(&[
        ("./debian-binary", b"2.0\n"),
        ("./control.tar.gz", &gz(&tar(&[("./control", CONTROL.as_bytes())]))),
        ("./data.tar.gz", b""),
    ]));
    let data = gz(&tar(&[("./opt/x", b"x")]));
    let packed = tar(&[("readme.txt", b"x"), ("setup/tool.rpm", &rpm(&fields))]);
    let vsix = "<PackageManifest><Metadata><Identity Id=\"tool\" Version=\"1\" Publisher=\"Example Ltd\"/></Metadata></PackageManifest>";
    vec![
        Format::linux("deb", "home/u/Downloads/tool.deb", deb(CONTROL), Ends::Never),
        Format::linux(
            "deb, plain control",
            "home/u/Downloads/tool.deb",
            ar(&[
                ("debian-binary", b"2.0\n"),
                ("control.tar", &tar(&[("control", CONTROL.as_bytes())])),
                ("data.tar.gz", &data),
            ]),
            Ends::Never,
        ),
        Format::linux("rpm", "home/u/Downloads/tool.rpm", rpm(&fields), Ends::Never),
        Format::linux(
            "apk file",
            "home/u/Downloads/tool.apk",
            [gz(&tar(&[(".PKGINFO", INFO.as_bytes())])), data.clone()].concat(),
            Ends::Never,
        ),
        Format::linux(
            "pacman file",
            "var/cache/pacman/pkg/tool-1.0-1-x86_64.pkg.tar.gz",
            gz(&tar(&[(".PKGINFO", INFO.as_bytes()), ("opt/x", b"x")])),
            Ends::Never,
        ),
        Format::linux("ipk", "home/u/Downloads/tool.ipk", ipk, Ends::Never),
        Format::linux("msi", "home/u/Downloads/tool.msi", fixture("windows/example.msi"), Ends::Never),
        Format::linux(
            "msix",
            "home/u/Downloads/tool.msix",
            deflated(&[("AppxManifest.xml", appx.as_bytes()), ("x.exe", b"MZ")]),
            Ends::Never,
        ),
        Format::linux(
            "pkg",
            "home/u/Downloads/tool.pkg",
            pkg("<pkg-info identifier=\"com.example.tool\" version=\"1.2\"/>"),
            Ends::Never,
        ),
        Format::linux(
            "nupkg",
            "home/u/Downloads/tool.nupkg",
            deflated(&[("tool.nuspec", nuspec.as_bytes())]),
            Ends::Never,
        ),
        Format::linux(
            "gem",
            "var/lib/gems/3.1.0/cache/kit-1.0.gem",
            tar(&[("metadata.gz", &gz(b"name: kit\nversion: !ruby/object:Gem::Version\n  version: 1.0\nauthors:\n- Example Ltd\n"))]),
            Ends::Behind(1100),
        ),
        Format::linux(
            "setup in ZIP",
            "home/u/Downloads/all.zip",
            deflated(&[("readme.txt", b"x"), ("setup/tool.rpm", &rpm(&fields))]),
            Ends::Never,
        ),
        Format::linux("setup in tar", "home/u/Downloads/all.tar", packed.clone(), Ends::Never),
        Format::linux("setup in packed tar", "home/u/Downloads/all.tar.gz", gz(&packed), Ends::Never),
        Format::linux("packed setup", "home/u/Downloads/tool.rpm.gz", gz(&rpm(&fields)), Ends::Never),
        Format::linux(
            "extension of Visual Studio",
            "home/u/Downloads/tool.vsix",
            deflated(&[("extension.vsixmanifest", vsix.as_bytes()), ("tool.dll", b"MZ")]),
            Ends::Never,
        ),
        Format::linux(
            "disk image",
            "home/u/Downloads/tool.dmg",
            [vec![0; 600], b"koly".to_vec(), vec![0; 508]].concat(),
            Ends::Never,
        ),
    ]
}

/// Programs, extensions and tools.
pub fn applications() -> Vec<Format> {
    let profile = "home/u/.config/google-chrome/Default";
    let extension =
        "home/u/.config/google-chrome/Default/Extensions/ahkjpbeeocnddjkakilopmfdlnjdpcdm/30_0/manifest.json";
    let preferences = "{\"extensions\": {\"settings\": {\"ahkjpbeeocnddjkakilopmfdlnjdpcdm\": {\"state\": 1, \"path\": \"x\"}}}}";
    let manifest =
        "{\"name\": \"Tool\", \"version\": \"30\", \"author\": \"Example Ltd\", \"manifest_version\": 3}";
    let modules =
        "path\texample.com/tool\nmod\texample.com/tool\tv1.0.0\th1:x=\ndep\texample.com/kit\tv2.0.0\th1:y=\n";
    let plugin = "<idea-plugin><id>com.example.tool</id><name>Tool</name><version>1.0</version><vendor>Example Ltd</vendor></idea-plugin>";
    let mut all = vec![
        Format::linux(
            "elf",
            "opt/app/lib/libexample.so.1",
            fixture("executables/elf64-shared.so"),
            Ends::Never,
        ),
        Format::linux(
            "elf 32",
            "opt/app/lib/libother.so.1",
            fixture("executables/elf32-big.so"),
            Ends::Never,
        ),
        Format::linux("rust", "opt/app/bin/tool", fixture("executables/auditable.so"), Ends::Never)
            .executable(),
        Format::linux("go", "opt/app/bin/tool", go_program(modules), Ends::Never).executable(),
        Format::linux("pe signed", "opt/app/tool.exe", fixture("executables/pe64-signed.exe"), Ends::Never),
        Format::linux("pe", "opt/app/tool.dll", fixture("executables/pe32.dll"), Ends::Never),
        Format::linux(
            "mach-o",
            "opt/app/lib/tool.dylib",
            fixture("executables/macho-signed.dylib"),
            Ends::Never,
        ),
        Format::linux("chrome manifest", extension, manifest, Ends::Never)
            .with(file(&format!("{profile}/Preferences"), "{}")),
        Format::linux(
            "chrome preferences",
            "home/u/.config/google-chrome/Default/Preferences",
            preferences,
            Ends::Never,
        ),
        Format::linux(
            "chrome preferences beside",
            "home/u/.config/google-chrome/Default/Preferences",
            preferences,
            Ends::Never,
        )
        .with(file(extension, manifest)),
        Format::linux(
            "chrome policy",
            "etc/opt/chrome/policies/managed/p.json",
            "{\"ExtensionInstallForcelist\": [\"ahkjpbeeocnddjkakilopmfdlnjdpcdm;https://example.com\"]}",
            Ends::Never,
        ),
        Format::linux(
            "firefox",
            "home/u/.mozilla/firefox/x.default/extensions.json",
            "{\"schemaVersion\": 35, \"addons\": [{\"id\": \"a@example.com\", \"version\": \"1\", \"type\": \"extension\", \"active\": true, \
             \"defaultLocale\": {\"name\": \"A\"}}]}",
            Ends::Never,
        ),
        Format::linux(
            "xpi",
            "home/u/.mozilla/firefox/x.default/extensions/left@example.com.xpi",
            deflated(&[("manifest.json", manifest.as_bytes()), ("x.js", b"x")]),
            Ends::Never,
        ),
        Format::linux(
            "vscode list",
            "home/u/.cursor/extensions/extensions.json",
            "[{\"identifier\": {\"id\": \"example.tool\"}, \"version\": \"1.0.0\", \"relativeLocation\": \"example.tool-1.0.0\"}]",
            Ends::Never,
        ),
        Format::linux(
            "vscode package",
            "home/u/.cursor/extensions/example.tool-1.0.0/package.json",
            "{\"name\": \"tool\", \"publisher\": \"example\", \"version\": \"1.0.0\", \"engines\": {\"vscode\": \"^1.80.0\"}}",
            Ends::Never,
        ),
        Format::linux(
            "jetbrains",
            "home/u/.local/share/JetBrains/PyCharm2024.1/tool/lib/tool.jar",
            deflated(&[("META-INF/plugin.xml", plugin.as_bytes())]),
            Ends::Never,
        ),
        Format::linux(
            "ollama",
            "home/u/.ollama/models/manifests/registry.ollama.ai/library/example/7b",
            "{\"schemaVersion\": 2, \"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"size\": 7}]}",
            Ends::Never,
        ),
        Format::linux(
            "mcp json",
            "home/u/.config/Claude/claude_desktop_config.json",
            "{\"mcpServers\": {\"tool\": {\"command\": \"npx\", \"args\": [\"-y\", \"@example/mcp\"]}}}",
            Ends::Never,
        ),
        Format::linux(
            "mcp toml",
            "home/u/.codex/config.toml",
            "[mcp_servers.other]\nurl = \"https://example.com/mcp\"\n[mcp_servers.tool]\ncommand = \"npx\"\n",
            Ends::Lines,
        ),
        Format::linux(
            "mcp of jetbrains",
            "home/u/.config/JetBrains/PyCharm2025.1/options/llm.mcpServers.xml",
            "<application><component name=\"x\"><S><option name=\"name\" value=\"tool\"/><option name=\"command\" value=\"npx\"/></S></component></application>",
            Ends::Never,
        ),
        Format::linux(
            "nuget folder",
            "home/u/.nuget/packages/kit/1.0/kit.nuspec",
            "<package><metadata><id>Kit</id><version>1.0</version><authors>Example</authors></metadata></package>",
            Ends::Never,
        ),
        Format::linux(
            "vcpkg",
            "opt/vcpkg/installed/vcpkg/status",
            "Package: kit\nVersion: 1.0\nArchitecture: x64-linux\nStatus: install ok installed\n\nPackage: other\nVersion: 2\nStatus: install ok installed\n\n",
            Ends::Lines,
        ),
        Format::linux(
            "models of docker",
            "home/u/.docker/models/models.json",
            "{\"models\": [{\"id\": \"sha256:1\", \"tags\": [\"ai/tool:7b\"]}]}",
            Ends::Never,
        ),
        Format::linux(
            "appimage",
            "home/u/Applications/Tool-1.0-x86_64.AppImage",
            b"\x7fELF\x02\x01\x01\0AI\x02\0\0\0\0\0".to_vec(),
            Ends::Never,
        )
        .executable(),
    ];
    all.iter_mut().filter(|format| format.name == "go").for_each(|format| format.ends = Ends::Never);
    all
}
