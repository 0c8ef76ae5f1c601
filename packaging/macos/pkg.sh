#!/bin/bash
# Builds the installer package for Macs (pkgbuild, productbuild), of both architectures in one program (lipo).
# Usage: pkg.sh DEBAR... OUT, the programs of x86_64-apple-darwin and aarch64-apple-darwin, or one of them.
# For a Mac with Apple's command line tools. Not run on a Mac yet: checked by shellcheck only, together with the property list
# (xmllint) and the scripts below.
# INSTALLER_IDENTITY names a certificate "Developer ID Installer" of the keychain, APPLICATION_IDENTITY one "Developer ID
# Application"; without them nothing is signed, and Macs install it by MDM or `installer` only. Notarise what is signed:
# xcrun notarytool submit FILE --keychain-profile PROFILE --wait && xcrun stapler staple FILE
set -euo pipefail
usage="usage: pkg.sh DEBAR... OUT"
[ $# -ge 2 ] || { echo "$usage" >&2; exit 1; }
out=${!#}
programs=("${@:1:$#-1}")
for tool in pkgbuild productbuild lipo codesign; do
  command -v "$tool" >/dev/null || { echo "pkg.sh: $tool is missing: run it on a Mac with Apple's command line tools" >&2; exit 1; }
done
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/Cargo.toml" | head -1)
mkdir -p "$out"
out=$(cd "$out" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

root=$scratch/root
mkdir -p "$root/usr/local/bin" "$root/usr/local/share/man/man1" "$root/Library/LaunchDaemons" "$scratch/scripts"
lipo -create "${programs[@]}" -output "$root/usr/local/bin/debar"
chmod 755 "$root/usr/local/bin/debar"
if [ -n "${APPLICATION_IDENTITY:-}" ]; then
  codesign --sign "$APPLICATION_IDENTITY" --options runtime --timestamp --identifier debar "$root/usr/local/bin/debar"
fi
cp "$top"/packaging/man/*.1 "$root/usr/local/share/man/man1/"
install -m 644 "$here/debar.scan.plist" "$root/Library/LaunchDaemons/debar.scan.plist"
install -m 755 "$here/uninstall.sh" "$root/usr/local/bin/debar-uninstall"

# An upgrade must not leave the old job loaded.
cat >"$scratch/scripts/preinstall" <<'SCRIPT'
#!/bin/sh
launchctl bootout system/debar.scan 2>/dev/null
exit 0
SCRIPT
cat >"$scratch/scripts/postinstall" <<'SCRIPT'
#!/bin/sh
# Reports tell what a machine has: for administrators.
mkdir -p "/Library/Application Support/debar"
chown root:admin "/Library/Application Support/debar"
chmod 750 "/Library/Application Support/debar"
# $3 is the disk that it is installed on; another one's jobs are not loaded.
if [ "$3" = / ]; then launchctl bootstrap system /Library/LaunchDaemons/debar.scan.plist; fi
exit 0
SCRIPT
chmod 755 "$scratch/scripts/preinstall" "$scratch/scripts/postinstall"
pkgbuild --root "$root" --scripts "$scratch/scripts" --identifier debar.pkg --version "$version" --install-location / \
  --ownership recommended "$scratch/debar.pkg"
sign=()
[ -z "${INSTALLER_IDENTITY:-}" ] || sign=(--sign "$INSTALLER_IDENTITY" --timestamp)
# Bash of Macs (3.2) takes an empty list for an unset one.
productbuild --package "$scratch/debar.pkg" --identifier debar --version "$version" ${sign[@]+"${sign[@]}"} \
  "$out/debar-$version.pkg"
ls "$out/debar-$version.pkg"
