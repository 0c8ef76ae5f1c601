#!/usr/bin/env bash
# Compares the signing and team identifiers that debar reads from real signed Mach-O files, thin and fat, of ten
# vendors with what lief finds. Usage: run.sh DEBAR. Needs jq, npm, python3 with venv; fetches about 55 MB.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
for tool in jq npm python3; do
  command -v "$tool" >/dev/null || { echo "macho: $tool is missing" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
mkdir -p "$root/opt" "$root/etc" "$scratch/wheels"
echo 'ID=test' >"$root/etc/os-release"
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet 'lief>=0.16,<2'
cd "$scratch"
npm() { command npm --silent pack --ignore-scripts "$1"; }
# Sentry and Valve; the others are signed by nobody in particular, which must be told, too.
for package in @sentry/cli-darwin@3.8.0 steamworks.js@0.4.0 fsevents@2.3.3 @vscode/vsce-sign-darwin-arm64@2.0.6; do
  archive=$(npm "$package")
  mkdir "$root/opt/${archive%.tgz}"
  tar -xzf "$archive" -C "$root/opt/${archive%.tgz}"
done
# Google, Intel, Microsoft, Mitmproxy, NDI, Phidgets, SAP and Zaber.
for package in adbutils==2.12.0 tbb==2021.10.0 pymsalruntime==0.20.7 mitmproxy-macos==0.12.15 ndi-python==6.3.2.6 \
  phidget22==1.26.20260821 hdbcli==2.30.27 zaber-motion==10.3.0; do
  "$scratch/venv/bin/pip" download --quiet --no-deps --only-binary :all: --python-version 3.12 \
    --platform macosx_13_0_arm64 --platform macosx_12_0_arm64 --platform macosx_11_0_arm64 \
    --platform macosx_10_4_universal2 --platform macosx_10_15_x86_64 --platform macosx_10_9_x86_64 \
    -d wheels "$package"
done
for wheel in wheels/*.whl; do
  python3 -m zipfile -e "$wheel" "$root/opt/$(basename "$wheel" .whl)"
done
find "$root/opt" -name '*.app.tar' -print0 | while IFS= read -r -d '' archive; do
  tar --force-local -xf "$archive" -C "$(dirname "$archive")"
done
find "$root/opt" -type f -exec chmod +x {} +
"$scratch/venv/bin/python" - "$root" <<'PYTHON' | LC_ALL=C sort >theirs
import pathlib, struct, sys
import lief

root = pathlib.Path(sys.argv[1])
lief.logging.disable()

def identity(binary):
    blob = bytes(binary.code_signature.content)
    for at in range(struct.unpack(">I", blob[8:12])[0]):
        start = struct.unpack(">I", blob[16 + 8 * at : 20 + 8 * at])[0]
        magic, _, version = struct.unpack(">III", blob[start : start + 12])
        if magic == 0xFADE0C02:
            def text(field):
                place = struct.unpack(">I", blob[start + field : start + field + 4])[0]
                return blob[start + place : blob.index(0, start + place)].decode() if place else ""
            return text(20), text(48) if version >= 0x20200 else ""
    return "", ""

for path in root.joinpath("opt").rglob("*"):
    if not path.is_file() or path.is_symlink() or not lief.is_macho(str(path)):
        continue
    # Kept in a name: its parts live only as long as it does.
    fat = lief.MachO.parse(str(path), lief.MachO.ParserConfig.quick)
    seen = [identity(one) for one in fat if one.has_code_signature]
    join = lambda texts: ",".join(sorted({text for text in texts if text}))
    print(f"/{path.relative_to(root)}", join(one for one, _ in seen), join(team for _, team in seen), sep="|")
PYTHON
"$debar" inventory "$root" --collector program_files --allow-gaps --no-progress -o json |
  jq -r 'def texts: if . == null then [] elif type == "array" then . else [.] end | unique | join(",");
    .artifacts[] | select(.fields.format == "macho") | .fields
    | "\(.path)|\(.bundle_identifier | texts)|\(.team_identifier | texts)"' | LC_ALL=C sort >ours
signed=$(awk -F'|' '$3 != ""' theirs | cut -d'|' -f3 | sort -u | wc -l)
[ "$signed" -ge 10 ] || { echo "macho: only $signed teams among the packages" >&2; exit 1; }
diff -u theirs ours >differences || { echo "macho: debar and lief differ" >&2; head -40 differences >&2; exit 1; }
echo "macho: $(wc -l <theirs) files of $signed teams, 0 differences"
