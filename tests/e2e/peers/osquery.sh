#!/usr/bin/env bash
# Extensions and plug-ins as osquery reads them: osquery.sh DEBAR. Needs root, npm and its registry; without them it is
# skipped.
set -eu
debar=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skipped: $1"; exit 0; }
[ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null || skip "no right to mount"
command -v npm > /dev/null || skip "no npm"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-save @cdxgen/cdxgen-plugins-bin-linux-amd64) || skip "no registry of npm"
osqueryi=$(find "$work" -name 'osqueryi-linux-amd64' -type f | head -n 1)
[ -n "$osqueryi" ] || skip "no osqueryi in the package"
python3 "$here/osquery.py" "$debar" "$osqueryi"
