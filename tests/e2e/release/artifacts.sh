#!/usr/bin/env bash
# Holds what packaging/build.sh made to what it promises: sums, the same program in every package of a system, both Linux
# architectures with the same findings (aarch64 under qemu), a container image that runs and reports, valid bills of
# materials of what is in the programs, manifests with the right sums.
# Usage: artifacts.sh DIST. Needs root, qemu-user-static, buildah, skopeo, rpm, msitools, unzip, jq and python3 with venv.
set -euo pipefail
dist=$(realpath "${1:?usage: artifacts.sh DIST}")
top=$(realpath "$(dirname "$0")/../../..")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/Cargo.toml" | head -1)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "release: $*" >&2; exit 1; }
for tool in qemu-aarch64-static buildah skopeo rpm2cpio cpio msiextract unzip jq python3; do
  command -v "$tool" >/dev/null || fail "$tool is missing"
done
cd "$scratch"

(cd "$dist" && sha256sum --quiet -c SHA256SUMS) || fail "SHA256SUMS does not fit"
listed=$(cut -d' ' -f3- "$dist/SHA256SUMS" | LC_ALL=C sort)
there=$(cd "$dist" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort)
[ "$listed" = "$there" ] || fail "SHA256SUMS lists other files than there are"

# One program in all packages of an architecture, and it needs no library.
for machine in x86_64:amd64 aarch64:arm64; do
  rpm=${machine%:*} deb=${machine#*:}
  mkdir -p "$rpm/tar" "$rpm/rpm"
  tar -xzf "$dist/debar-$version-$rpm-unknown-linux-musl.tar.gz" -C "$rpm/tar"
  for file in debar LICENSE-MIT man/debar.1; do [ -f "$rpm/tar/$file" ] || fail "the archive for $rpm has no $file at its top"; done
  readelf -lW "$rpm/tar/debar" >headers
  grep -q INTERP headers && fail "the program for $rpm is not static"
  dpkg-deb --fsys-tarfile "$dist/debar_${version}_$deb.deb" | tar -xO ./usr/bin/debar | cmp - "$rpm/tar/debar" || fail ".deb for $deb has another program"
  [ "$(dpkg-deb -f "$dist/debar_${version}_$deb.deb" Architecture)" = "$deb" ] || fail ".deb is not for $deb"
  (cd "$rpm/rpm" && rpm2cpio "$dist/debar-$version-1.$rpm.rpm" | cpio -id --quiet ./usr/bin/debar)
  cmp "$rpm/rpm/usr/bin/debar" "$rpm/tar/debar" || fail ".rpm for $rpm has another program"
  [ "$(rpm -qp --qf '%{ARCH}' "$dist/debar-$version-1.$rpm.rpm" 2>/dev/null)" = "$rpm" ] || fail ".rpm is not for $rpm"
  mkdir -p "context/$rpm"
  cp "$rpm/tar/debar" "context/$rpm/debar"
done
# `cmp` of a program with itself would say nothing.
! cmp -s x86_64/tar/debar aarch64/tar/debar || fail "both architectures have the same program"
mkdir msi
msiextract -C msi "$dist/debar-$version-x86_64.msi" >/dev/null
unzip -p "$dist/debar-$version-x86_64-pc-windows.zip" debar.exe | cmp - "$(find msi -name debar.exe)" || fail ".msi and .zip have different programs"
echo "release: sums fit, one program in all packages of a system, static on Linux"

# What both architectures must say: a planted product, and everything there is in folders of this system.
native=$scratch/x86_64/tar/debar
foreign=(qemu-aarch64-static "$scratch/aarch64/tar/debar")
mkdir -p disk/etc disk/var/lib disk/usr/bin disk/usr/lib disk/opt
cp /etc/os-release disk/etc/os-release
echo workstation-7 >disk/etc/hostname
cp -a /var/lib/dpkg disk/var/lib/dpkg
cat >>disk/var/lib/dpkg/status <<'STATUS'

Package: kesl
Status: install ok installed
Priority: optional
Section: admin
Maintainer: AO Kaspersky Lab <info@kaspersky.com>
Architecture: amd64
Version: 12.1.0-1274
Description: planted
STATUS
echo /. >disk/var/lib/dpkg/info/kesl.list
mkdir -p disk/opt/kaspersky/kesl
cp -a /usr/bin/. disk/usr/bin/
cp -a /usr/lib/python3* disk/usr/lib/
# Times, and how far a kernel confines a program that qemu runs, are not the target's.
same='del(.started, .finished, .duration_ms, .versions.confinement)'
for command in scan inventory; do
  code=0
  "$native" "$command" --no-progress -o "json=native-$command.json" disk || code=$?
  other=0
  "${foreign[@]}" "$command" --no-progress -o "json=foreign-$command.json" disk || other=$?
  [ $code = $other ] || fail "$command ended with $code on x86_64 and $other on aarch64"
  for which in native foreign; do jq -S "$same" "$which-$command.json" >"$which-$command"; done
  diff "native-$command" "foreign-$command" >difference || fail "$command differs between x86_64 and aarch64: $(head -20 difference)"
done
findings=$(jq '.findings | length' native-scan.json)
artifacts=$(jq '.artifacts | length' native-inventory.json)
[ "$code" = 0 ] || [ "$code" = 3 ] || fail "the inventory ended with $code"
[ "$(jq -r '.findings[0].product.id' native-scan.json)" = kaspersky/endpoint-security-linux ] || fail "the planted product was not found"
[ "$artifacts" -gt 100 ] || fail "only $artifacts artifacts"
echo "release: aarch64 under qemu says the same as x86_64: $findings finding, $artifacts artifacts"

# The image, for both architectures: as described, holds the program, runs as nobody without a network, and reports.
image=$dist/debar-$version.oci.tar
for machine in x86_64:amd64 aarch64:arm64; do
  skopeo copy --quiet --override-arch "${machine#*:}" "oci-archive:$image" "oci:image-${machine%:*}:debar"
  mkdir layers
  jq -r '.layers[].digest' "image-${machine%:*}/blobs/sha256/$(jq -r '.manifests[0].digest' "image-${machine%:*}/index.json" | cut -d: -f2)" |
    while read -r digest; do tar -xf "image-${machine%:*}/blobs/${digest/://}" -C layers; done
  cmp layers/usr/bin/debar "context/${machine%:*}/debar" || fail "the image for ${machine#*:} has another program"
  [ "$(find layers -type f | wc -l)" = 1 ] || fail "the image has more than the program"
  rm -rf layers
done
# Without a network: buildah keeps that of whoever runs it.
tool() { unshare --net buildah --root "$scratch/store" --runroot "$scratch/run" --storage-driver vfs "$@"; }
skopeo copy --quiet oci:image-x86_64:debar docker-archive:image.tar:localhost/debar:latest
container=$(tool from --quiet docker-archive:image.tar)
chmod 755 "$scratch"
mkdir -m 777 reports
code=0
tool run --isolation chroot -v "$scratch/disk:/disk:ro" -v "$scratch/reports:/reports" "$container" -- \
  /usr/bin/debar scan --no-progress -o json=/reports/%h-%t.json /disk 2>container.err || code=$?
report=$(find reports -name 'workstation-7-*.json')
if [ "$code" != 1 ] || [ "$(jq -r .verdict "$report")" != found ]; then fail "no report from the container (exit code $code): $(cat container.err)"; fi
[ "$(stat -c %u "$report")" = 65534 ] || fail "the container does not run as nobody"
tool rm "$container" >/dev/null
echo "release: the image holds the program for both architectures; a container of it scans a disk and reports"

# Bills of materials: valid, each crate locked at that version, and of every crate whose source the program names.
python3 -m venv venv
venv/bin/pip install -q 'cyclonedx-python-lib[validation]'
mkdir names
cp x86_64/tar/debar names/x86_64-unknown-linux-musl
cp aarch64/tar/debar names/aarch64-unknown-linux-musl
cp "$(find msi -name debar.exe)" names/x86_64-pc-windows-gnu
for target in x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-pc-windows-gnu; do
  venv/bin/python - "$dist/debar-$version-$target.cdx.json" "$top/Cargo.lock" "names/$target" <<'PYTHON' || fail "the bill of materials for $target"
import json, re, sys, tomllib
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1]).read()
error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
assert error is None, error
bom = json.loads(text)
locked = {(p["name"], p["version"]) for p in tomllib.load(open(sys.argv[2], "rb"))["package"]}
parts = {(c["name"], c["version"]) for c in bom["components"]}
assert parts <= locked, parts - locked
names = {name for name, _ in parts}
# Messages of the program name the sources that they come from.
named = {(name.decode(), version.decode()) for name, version in
         re.findall(rb"registry[/\\]src[/\\][^/\\]+[/\\]([A-Za-z0-9_-]+?)-(\d+\.\d+\.\d+[^/\\]*)[/\\]", open(sys.argv[3], "rb").read())}
assert len(named) > 20 and named <= parts, (len(named), named - parts)
for name in ["serde_json", "redb", "rustls", "regex", "winreg" if "windows" in sys.argv[1] else "landlock"]:
    assert name in names, name
# Of tests, of procedural macros, of features that are off.
for name in ["criterion", "proptest", "serde_derive", "ring", "landlock" if "windows" in sys.argv[1] else "winreg"]:
    assert name not in names, name
assert bom["metadata"]["component"]["purl"].startswith("pkg:cargo/debar@"), bom["metadata"]["component"]
assert all(c.get("licenses") and c.get("purl") for c in bom["components"]), [c["name"] for c in bom["components"] if not c.get("licenses")]
assert "/" + "tmp/" not in text and "file://" not in text
print(f"release: bill of materials, valid CycloneDX 1.5: {len(parts)} crates, {len(named)} of them named by the program itself")
PYTHON
done

if [ -d "$dist/manifests" ]; then
  while read -r sum name; do
    case $name in
    *.tar.gz) grep -q "$sum" "$dist/manifests/debar.rb" || fail "the formula has no sum of $name" ;;
    *.msi) grep -qi "$sum" "$dist/manifests/winget/Debar.Debar.installer.yaml" || fail "winget has no sum of $name" ;;
    *.zip) grep -q "$sum" "$dist/manifests/debar.json" || fail "Scoop has no sum of $name" ;;
    esac
  done <"$dist/SHA256SUMS"
  echo "release: the manifests have the sums of what is there"
fi
