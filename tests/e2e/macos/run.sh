#!/usr/bin/env bash
# Scans real bundles with the built-in signatures: no finding, and every Info.plist read as plistlib reads it.
# Usage: run.sh DEBAR. Needs jq, npm, python3 with venv; fetches about 105 MB.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
for tool in jq npm python3; do
  command -v "$tool" >/dev/null || { echo "macos: $tool is missing" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
mkdir -p "$root/System/Library/CoreServices" "$root/Library/Receipts" "$root/Applications" "$scratch/fetched"
cd "$scratch"
cat >"$root/System/Library/CoreServices/SystemVersion.plist" <<'PLIST'
<plist version="1.0"><dict><key>ProductName</key><string>macOS</string><key>ProductVersion</key><string>15.1</string></dict></plist>
PLIST
cat >"$root/Library/Receipts/InstallHistory.plist" <<'PLIST'
<plist version="1.0"><array><dict><key>displayName</key><string>macOS 15.1</string></dict></array></plist>
PLIST
python3 -m venv venv
for package in PyQt6-Qt6==6.11.2 PyQt5-Qt5==5.15.19; do
  venv/bin/pip download --quiet --no-deps --only-binary :all: --platform macosx_11_0_arm64 -d fetched "$package"
done
for wheel in fetched/*.whl; do
  # As apps carry them.
  python3 -m zipfile -e "$wheel" "$root/Applications/$(basename "$wheel" | cut -d- -f1).app/Contents/Frameworks"
done
for package in node-notifier@10.0.1 terminal-notifier@0.1.2; do
  archive=$(npm --silent pack --ignore-scripts "$package")
  mkdir "$root/Applications/${archive%.tgz}"
  tar -xzf "$archive" -C "$root/Applications/${archive%.tgz}"
done
lists=$(find "$root" -name Info.plist | wc -l)
[ "$lists" -ge 100 ] || { echo "macos: only $lists Info.plists among the packages" >&2; exit 1; }
"$debar" scan "$root" --no-progress -o json >report.json ||
  { echo "macos: exit code $?" >&2; jq '.findings, .gaps' report.json >&2; exit 1; }
# Folders of apps without a list are bundles, too, and not of this comparison. Frameworks are no apps; in the layout of one, each list is read as one.
find "$root" -path '*/Resources/Info.plist' | while read -r list; do
  bundle=$(dirname "$(dirname "$list")")/Bundle.app
  mkdir -p "$bundle/Contents"
  mv "$list" "$bundle/Contents/"
done
"$debar" scan "$root" --no-progress -o json >report.json || { echo "macos: exit code $?" >&2; jq '.findings, .gaps' report.json >&2; exit 1; }
"$debar" inventory "$root" --collector apps --no-progress -o json |
  jq -r '.artifacts[].fields | select(.bundle_identifier or .version) | [.path, (.bundle_identifier | if type == "array" then .[0] else . end // ""), .version // ""] | join("|")' |
  LC_ALL=C sort >ours
python3 - "$root" <<'PYTHON' | LC_ALL=C sort >theirs
import pathlib, plistlib, sys

root = pathlib.Path(sys.argv[1])
for path in root.joinpath("Applications").rglob("Info.plist"):
    folder = path.parent.parent if path.parent.name == "Contents" else path.parent
    if folder.suffix != ".app":
        continue
    info = plistlib.loads(path.read_bytes())
    version = info.get("CFBundleShortVersionString") or info.get("CFBundleVersion") or ""
    print("/" + str(folder.relative_to(root)), info.get("CFBundleIdentifier", ""), version, sep="|")
PYTHON
diff -u theirs ours >differences || { echo "macos: debar and plistlib differ" >&2; head -40 differences >&2; exit 1; }
echo "macos: $lists Info.plists, $(wc -l <ours) bundles as plistlib reads them, no finding"
