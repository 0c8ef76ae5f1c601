//! Records of packages of languages.

use super::{Ends, Format};

/// The head of a model of llama.cpp.
fn model() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend(2_u64.to_le_bytes());
    for (key, value) in [("general.name", "Tool 7B"), ("general.organization", "Example Ltd")] {
        bytes.extend([text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat());
    }
    bytes
}

/// A record of each kind.
pub fn records() -> Vec<Format> {
    vec![
        Format::linux("gguf", "opt/models/tool.gguf", model(), Ends::Never),
        Format::linux(
            "composer",
            "srv/app/vendor/composer/installed.json",
            "{\"packages\": [{\"name\": \"example/kit\", \"version\": \"1.0\", \"authors\": [{\"name\": \"Example Ltd\"}]}]}",
            Ends::Never,
        ),
        Format::linux(
            "bitnami",
            "opt/bitnami/.bitnami_components.json",
            "{\"kit\": {\"version\": \"1.0-2\", \"type\": \"NAMI\"}}",
            Ends::Never,
        ),
        Format::linux(
            "cos",
            "etc/cos-package-info.json",
            "{\"installedPackages\": [{\"category\": \"a\", \"name\": \"kit\", \"version\": \"1.0\"}]}",
            Ends::Never,
        ),
        Format::linux(
            "R",
            "usr/lib/R/site-library/kit/DESCRIPTION",
            "Package: kit\nVersion: 1.0\nTitle: A Kit\nAuthor: Example Ltd\nLicense: MIT\nBuilt: R 4.3.0\n",
            Ends::Lines,
        ),
        Format::linux(
            "rockspec",
            "usr/lib/luarocks/rocks-5.4/kit/1.0-1/kit-1.0-1.rockspec",
            "package = \"kit\"\nversion = \"1.0-1\"\ndescription = {\n  summary = \"a kit\",\n  license = \"MIT\"\n}\n",
            Ends::Lines,
        ),
        Format::linux(
            "findlib",
            "usr/lib/ocaml/kit/META",
            "description = \"A kit\"\nversion = \"1.0\"\n",
            Ends::Lines,
        ),
        Format::linux(
            "ansible",
            "usr/share/ansible/collections/ansible_collections/example/kit/MANIFEST.json",
            "{\"collection_info\": {\"namespace\": \"example\", \"name\": \"kit\", \"version\": \"1.0\"}}",
            Ends::Never,
        ),
        Format::linux(
            "zed",
            "home/u/.local/share/zed/extensions/installed/kit/extension.toml",
            "id = \"kit\"\nname = \"Kit\"\nversion = \"1.0\"\nauthors = [\"Example Ltd\"]\n",
            Ends::Lines,
        ),
        Format::linux(
            "bundle of an assistant",
            "home/u/.config/Claude/Claude Extensions/x/manifest.json",
            "{\"manifest_version\": \"0.3\", \"name\": \"kit\", \"version\": \"1\", \"author\": {\"name\": \"Example Ltd\"}, \"server\": {\"entry_point\": \"x.js\"}}",
            Ends::Never,
        ),
        Format::linux(
            "Visual Studio",
            "opt/ide/Extensions/kit/extension.vsixmanifest",
            "<PackageManifest><Metadata><Identity Id=\"kit\" Version=\"1\" Publisher=\"Example Ltd\"/></Metadata></PackageManifest>",
            Ends::Never,
        ),
        Format::linux(
            "otp",
            "usr/lib/erlang/lib/kit-1.0/ebin/kit.app",
            "{application, kit,\n [{description, \"A kit\"},\n  {vsn, \"1.0\"}]}.\n",
            Ends::Never,
        ),
        Format::linux(
            "opam",
            "home/u/.opam/default/.opam-switch/packages/kit.1.0/opam",
            "opam-version: \"2.0\"\nsynopsis: \"a kit\"\nmaintainer: \"Example Ltd\"\nauthors: [\"One\" \"Two\"]\n",
            Ends::Lines,
        ),
        Format::linux(
            "hackage",
            "usr/lib/ghc/package.conf.d/kit-1.0.conf",
            "name: kit\nversion: 1.0\nid: kit-1.0-x\nauthor: Example Ltd\n",
            Ends::Lines,
        ),
        Format::linux(
            "pub",
            "home/u/.pub-cache/hosted/pub.dev/kit-1.0.0/pubspec.yaml",
            "name: kit\nversion: 1.0.0\ndescription: a kit\nhomepage: https://example.com\n",
            Ends::Lines,
        ),
        Format::linux(
            "julia",
            "home/u/.julia/packages/Kit/abc/Project.toml",
            "name = \"Kit\"\nversion = \"1.0\"\nauthors = [\"Example Ltd\"]\n",
            Ends::Lines,
        ),
        Format::linux(
            "cargo",
            "home/u/.cargo/.crates.toml",
            "[v1]\n\"kit 1.0.0 (registry)\" = [\"kit\"]\n",
            Ends::Lines,
        ),
        Format::linux(
            "powershell",
            "opt/microsoft/powershell/7/Modules/Kit/Kit.psd1",
            "@{\nModuleVersion = '1.0'\nAuthor = 'One'\nCompanyName = 'Example Ltd'\n}\n",
            Ends::Never,
        ),
        Format::linux(
            "wordpress",
            "var/www/html/wp-content/plugins/kit/kit.php",
            "<?php\n/**\n * Plugin Name: The Kit\n * Version: 1.0\n * Author: Example Ltd\n */\n",
            Ends::Never,
        ),
        Format::linux(
            "java runtime",
            "usr/lib/jvm/kit/release",
            "IMPLEMENTOR=\"Example Ltd\"\nJAVA_VERSION=\"17.0.1\"\nOS_NAME=\"Linux\"\n",
            Ends::Lines,
        ),
        Format::linux(
            "pear",
            "usr/share/php/.registry/kit.reg",
            "a:2:{s:4:\"name\";s:3:\"Kit\";s:7:\"version\";a:1:{s:7:\"release\";s:3:\"1.0\";}}",
            Ends::Never,
        ),
        Format::linux(
            "swi-prolog",
            "usr/lib/swi-prolog/pack/kit/pack.pl",
            "name(kit).\nversion('1.0').\ntitle('A kit').\nauthor('Example Ltd', 'a@example.com').\n",
            Ends::Lines,
        ),
    ]
}
