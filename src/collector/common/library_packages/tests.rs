use super::*;
use crate::collector::collect;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, TargetKind};

fn packages(files: &[(&str, &str)]) -> (Vec<String>, Vec<Gap>) {
    let mut tree = Memory::new().file("etc/os-release", "ID=debian\n");
    for (path, text) in files {
        tree = tree.file(path, *text);
    }
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    let (artifacts, gaps) = collect(&COLLECTOR, &target);
    let text = |artifact: &Artifact, field| artifact.text(field).unwrap_or_default().to_owned();
    let mut rows: Vec<String> = artifacts
        .iter()
        .map(|it| [Field::Type, Field::Name, Field::Version].map(|field| text(it, field)).join(" "))
        .collect();
    rows.sort();
    (rows, gaps)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of examples")]
fn each_kind_at_its_place() {
    let app = "{application, kit, [{vsn, \"1\"}]}.\n";
    let files = [
        ("var/www/app/vendor/composer/installed.json", "[{\"name\": \"example/kit\", \"version\": \"1\"}]"),
        (
            "usr/share/php/.registry/.channel.pecl.php.net/kit.reg",
            "a:1:{s:7:\"version\";a:1:{s:7:\"release\";s:1:\"1\";}}",
        ),
        ("var/www/html/wp-content/plugins/kit/kit.php", "<?php\n/*\nPlugin Name: Kit\nVersion: 1\n*/\n"),
        ("var/www/html/wp-content/themes/kit/style.css", "/*\nTheme Name: Theme\nVersion: 1\n*/\n"),
        ("usr/lib/R/site-library/kit/DESCRIPTION", "Package: kit\nVersion: 1\n"),
        ("home/u/R/x86_64-pc-linux-gnu-library/4.3/own/DESCRIPTION", "Package: own\nVersion: 1\n"),
        (
            "usr/local/lib/luarocks/rocks-5.4/kit/1-1/kit-1-1.rockspec",
            "package = \"kit\"\nversion = \"1-1\"\n",
        ),
        ("usr/share/perl5/x86_64/.meta/Kit-1/install.json", "{\"name\": \"Kit\", \"version\": \"1\"}"),
        ("usr/lib/erlang/lib/kit-1/ebin/kit.app", app),
        ("home/u/.opam/default/.opam-switch/packages/kit.1/opam", "opam-version: \"2.0\"\n"),
        ("usr/lib/ocaml/kit/META", "version = \"1\"\n"),
        ("usr/lib/ocaml/other/opam", "opam-version: \"2.0\"\nversion: \"1\"\n"),
        (
            "home/u/.ansible/collections/ansible_collections/example/kit/MANIFEST.json",
            "{\"collection_info\": {\"namespace\": \"example\", \"name\": \"kit\", \"version\": \"1\"}}",
        ),
        (
            "home/u/.local/share/zed/extensions/installed/kit/extension.toml",
            "name = \"Kit\"\nversion = \"1\"\n",
        ),
        ("var/lib/ghc/package.conf.d/own-1.conf", "name: own\nversion: 1\n"),
        ("usr/lib/ghc/package.conf.d/kit-1.conf", "name: kit\nversion: 1\n"),
        ("home/u/.pub-cache/hosted/pub.dev/kit-1/pubspec.yaml", "name: kit\nversion: 1\n"),
        ("home/u/.julia/packages/Kit/abc/Project.toml", "name = \"Kit\"\nversion = \"1\"\n"),
        ("home/u/.conan/data/kit/1/_/_/package/0a/conaninfo.txt", "[settings]\n"),
        (
            "opt/vcpkg/installed/vcpkg/status",
            "Package: kit\nVersion: 1\nStatus: install ok installed\n\nPackage: kit\nFeature: x\nStatus: install ok installed\n\nPackage: gone\nStatus: purge ok not-installed\n\n",
        ),
        (
            "home/u/.terraform.d/plugin-cache/registry.example.com/example/kit/1/linux_amd64/terraform-provider-kit_v1",
            "\u{7f}ELF",
        ),
        ("root/.cargo/.crates.toml", "[v1]\n\"kit 1 (x)\" = [\"kit\"]\n"),
        ("opt/microsoft/powershell/7/Modules/Kit/Kit.psd1", "@{\nModuleVersion = '1'\n}\n"),
        ("usr/lib/swi-prolog/pack/kit/pack.pl", "name(kit).\nversion('1').\n"),
        ("usr/lib/jvm/kit/release", "JAVA_VERSION=\"1\"\n"),
        ("opt/bitnami/.bitnami_components.json", "{\"kit\": {\"version\": \"1\"}}"),
        ("etc/cos-package-info.json", "{\"installedPackages\": [{\"name\": \"kit\", \"version\": \"1\"}]}"),
    ];
    let (rows, gaps) = packages(&files);
    assert_eq!(gaps, []);
    let expected = [
        "ansible example.kit 1",
        "bitnami kit 1",
        "cargo kit 1",
        "composer example/kit 1",
        "conan kit 1",
        "cos kit 1",
        "cpan Kit 1",
        "cran kit 1",
        "cran own 1",
        "findlib kit 1",
        "hackage kit 1",
        "hackage own 1",
        "java-runtime java 1",
        "julia Kit 1",
        "luarocks kit 1-1",
        "opam kit 1",
        "opam other 1",
        "otp kit 1",
        "pear kit 1",
        "powershell Kit 1",
        "pub kit 1",
        "swi-prolog kit 1",
        "terraform example/kit 1",
        "vcpkg kit 1",
        "wordpress Kit 1",
        "wordpress Theme 1",
        "zed Kit 1",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn files_of_the_same_names_are_nothing_and_cut_ones_are_gaps() {
    let others = [
        ("usr/share/x/DESCRIPTION", "text"),
        ("opt/app/release", "1.0"),
        ("opt/app/opam", "x"),
        ("opt/app/kit.rockspec", "x"),
        ("opt/app/ebin/kit.app", "<xml/>"),
        ("opt/app/x/Strings.psd1", "@{ a = 'b' }"),
        ("var/www/html/wp-content/plugins/kit/inc.php", "<?php echo 1;"),
    ];
    assert_eq!(packages(&others), (vec![], vec![]));
    let (rows, gaps) = packages(&[
        ("usr/lib/R/library/kit/DESCRIPTION", "Package: kit\nVer"),
        ("srv/app/vendor/composer/installed.json", "{\"packages\": [{"),
        ("home/u/.pub-cache/hosted/pub.dev/kit-1/pubspec.yaml", "na"),
    ]);
    assert_eq!((rows.len(), gaps.len()), (1, 3), "{rows:?} {gaps:?}");
}
