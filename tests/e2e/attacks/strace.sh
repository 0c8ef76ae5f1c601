#!/usr/bin/env bash
# Each command that parses is confined before it opens what it parses: strace.sh DEBAR
#
# strace writes down every call of every thread. In each of these runs the last filter of seccomp is in force before the
# first open of the input, which is how a target, a report, a list or a file of signatures is recognised: it lies below a
# folder of its own. Needs strace, python3.
set -euo pipefail
debar=$(realpath "${1:?usage: strace.sh DEBAR}")
for tool in strace python3; do
  command -v "$tool" >/dev/null || { echo "strace.sh: $tool is missing" >&2; exit 1; }
done
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# What is parsed lies in input/, what debar makes for itself in own/.
mkdir -p "$scratch/input/root/etc" "$scratch/input/root/var/lib/dpkg" "$scratch/own"
input=$scratch/input own=$scratch/own
printf 'ID=debian\nVERSION_ID="12"\n' >"$input/root/etc/os-release"
printf 'Package: kesl\nStatus: install ok installed\nVersion: 12.1\nArchitecture: amd64\n' >"$input/root/var/lib/dpkg/status"
tar -C "$input/root" -cf "$input/root.tar" .
"$debar" scan "$input/root" -q -o json="$input/report.json" || [ $? = 1 ]
"$debar" inventory "$input/root" -q -o json="$input/inventory.json" -o ndjson="$input/inventory.ndjson" || [ $? = 3 ]
"$debar" fleet ingest "$input/report.json" --store "$own/fleet.db" -q
"$debar" signatures show kaspersky >"$input/vendor.json"
printf 'hostname\npc\n' >"$input/assets.csv"
python3 "$here/hostile.py" store "$input/store"
failed=0
count=0
check() {
  local code=0
  count=$((count + 1))
  rm -rf "$own/new"
  strace -f -qq -s 300 -e trace=open,openat,openat2,seccomp,landlock_restrict_self,getdents64 -o "$scratch/calls" "$debar" "$@" \
    </dev/null >/dev/null 2>"$scratch/error" || code=$?
  # 2 means that nothing was parsed, so that the run would prove nothing.
  if [ "$code" = 2 ]; then
    echo "FAILED: debar $*: $(cat "$scratch/error")" >&2
    failed=1
  elif ! python3 "$here/order.py" "$scratch/calls" "$input"; then
    echo "FAILED: debar $*" >&2
    failed=1
  fi
}
check scan "$input/root" -q -o json="$own/report.json"
check scan "$input/root.tar" -q
check scan "sbom:$input/inventory.json" -q
check scan "containers-storage:$input/store" -q
check scan "$input/root" -q --baseline "$input/report.json"
check scan "$input/root" -q --signatures "$input/vendor.json"
check inventory "$input/root" -q
check verify "$input/report.json" -q
check plan "$input/report.json" -q
check diff "$input/report.json" "$input/report.json" -q
check attest "$input/report.json" -q
check signatures check "$input/vendor.json"
check signatures list --signatures "$input/vendor.json"
check signatures diff "$input/vendor.json" "$input/vendor.json"
check signatures test --signatures "$input/vendor.json"
check signatures export sigma --signatures "$input/vendor.json"
check signatures new "$input/inventory.ndjson" --vendor v --product p --select name=kesl
check fleet ingest "$input/report.json" --store "$own/other.db" -q
check fleet plan "$input/report.json" --into "$own/new" -q
for command in status hosts findings trend worklist attest; do
  check fleet "$command" --store "$own/fleet.db" --assets "$input/assets.csv"
done
check fleet html "$own/fleet.html" --store "$own/fleet.db" --assets "$input/assets.csv"
check fleet export "$own/new" --store "$own/fleet.db" --assets "$input/assets.csv"
# That the check can fail: without confinement it must.
if strace -f -qq -s 300 -e trace=open,openat,openat2,seccomp -o "$scratch/calls" "$debar" scan "$input/root" -q --no-confinement \
  >/dev/null 2>&1 || python3 "$here/order.py" "$scratch/calls" "$input" 2>/dev/null; then
  echo "FAILED: a scan without confinement passes as confined" >&2
  failed=1
fi
[ "$failed" = 0 ] && echo "$count commands are confined before they open what they parse"
exit "$failed"
