#!/usr/bin/env bash
# Compares debar's reader of registry hives with regipy and hivex: keys and values of real hives, of a hive that its
# logs complete, and of one that the tests write; services and programs by name. Usage: registry.sh DEBAR.
# Needs jq, xz, python3 with venv, hivexml (libhivex-bin).
set -euo pipefail
debar=$(realpath "${1:?usage: registry.sh DEBAR}")
cd "$(dirname "$0")/../../.."
need() {
  command -v "$1" >/dev/null || {
    apt-get update >/dev/null 2>&1 || true
    apt-get install -y --no-install-recommends "$2" >/dev/null 2>&1 || true
  }
  command -v "$1" >/dev/null || { echo "registry: $1 is missing" >&2; exit 1; }
}
need jq jq
need xz xz-utils
need hivexml libhivex-bin
need python3 python3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv" 2>/dev/null || { need virtualenv virtualenv; virtualenv -q "$scratch/venv"; }
"$scratch/venv/bin/pip" install -q "regipy==6.5.0"

for name in NTUSER.DAT NTUSER.DAT.LOG1 NTUSER.DAT.LOG2 corrupted_system_hive; do
  xz -dc "tests/fixtures/hives/$name.xz" >"$scratch/$name"
done
cp tests/fixtures/hives/python-registry-UNICODE_TESTS "$scratch/unicode"
# The log applied by the letter of the specification: what a reader without support for logs is given.
"$scratch/venv/bin/python" - "$scratch" <<'PYTHON'
import pathlib, struct, sys
folder = pathlib.Path(sys.argv[1])
hive = bytearray((folder / "NTUSER.DAT").read_bytes())
log = (folder / "NTUSER.DAT.LOG1").read_bytes()
secondary, at = struct.unpack_from("<I", hive, 8)[0], 512
while log[at:at + 4] == b"HvLE":
    size, _, sequence, bins, count = struct.unpack_from("<5I", log, at + 4)
    data = at + 40 + 8 * count
    for index in range(count):
        offset, length = struct.unpack_from("<2I", log, at + 40 + 8 * index)
        if sequence >= secondary:
            hive.extend(b"\0" * max(0, 4096 + offset + length - len(hive)))
            hive[4096 + offset:4096 + offset + length] = log[data:data + length]
        data += length
    struct.pack_into("<2I", hive, 4, sequence, sequence)
    struct.pack_into("<I", hive, 40, bins)
    at += size
total = 0
for word in struct.unpack_from("<127I", hive):
    total ^= word
struct.pack_into("<I", hive, 508, total)
(folder / "whole").write_bytes(hive)
PYTHON

differ() { echo "registry: $1 differs: debar $2, $3 $4" >&2; exit 1; }
# Keys and values, by hivexml and by regipy.
by_hivexml() { hivexml "$1" | python3 -c 'import re,sys; text=sys.stdin.buffer.read(); print(len(re.findall(rb"<node ", text)), len(re.findall(rb"<value ", text)))'; }
by_regipy() {
  "$scratch/venv/bin/python" - "$1" <<'PYTHON'
import sys
from regipy.registry import RegistryHive
keys = values = 0
stack = [RegistryHive(sys.argv[1]).root]
while stack:
    key = stack.pop()
    keys, values = keys + 1, values + key.values_count
    stack.extend(key.iter_subkeys())
print(keys, values)
PYTHON
}
given() { cargo test --quiet --test it registry -- --ignored --nocapture counts_of_given_hives; }
ours() { DEBAR_TEST_HIVES="$*" given | sed -n 's/^counts //p'; }
DEBAR_TEST_HIVE_OUT=$scratch/written given >/dev/null

# A name without logs beside it, so that nothing completes it.
for pair in "NTUSER.DAT whole" "unicode unicode" "written written"; do
  read -r mine theirs <<<"$pair"
  counts=$(ours "$scratch/$mine")
  for reader in by_hivexml by_regipy; do
    other=$($reader "$scratch/$theirs")
    [ "$counts" = "$other" ] || differ "$mine" "$counts" "$reader" "$other"
  done
  echo "registry: $mine: keys and values $counts, as hivexml and regipy"
done

# Services and programs by name.
compare() {
  diff -u <(LC_ALL=C sort -u "$scratch/theirs") <(LC_ALL=C sort -u "$scratch/ours") || { echo "registry: $1 differ" >&2; exit 1; }
  echo "registry: $1: $(sort -u "$scratch/theirs" | wc -l) agree"
}
root=$scratch/root
mkdir -p "$root/Windows/System32/config" "$root/Users/u"
cp "$scratch/corrupted_system_hive" "$root/Windows/System32/config/SYSTEM"
cp "$scratch/NTUSER.DAT" "$scratch"/NTUSER.DAT.LOG? "$root/Users/u"
"$debar" inventory "$root" --allow-gaps --no-progress -o json >"$scratch/inventory.json"
names_by_regipy() {
  "$scratch/venv/bin/python" - "$1" "$2" <<'PYTHON'
import sys
from regipy.registry import RegistryHive
for key in RegistryHive(sys.argv[1]).get_key(sys.argv[2]).iter_subkeys():
    # Names that are the bytes of other, overwritten cells.
    if key.name and key.name.isprintable() and key.name.isascii():
        print(key.name.lower())
PYTHON
}
names_by_regipy "$scratch/corrupted_system_hive" '\ControlSet001\Services' >"$scratch/theirs"
jq -r '.artifacts[] | select(.collector == "services" or .collector == "drivers") | .fields.name | ascii_downcase' \
  "$scratch/inventory.json" >"$scratch/ours"
compare "services and drivers of a corrupted hive"
names_by_regipy "$scratch/whole" '\Software\Microsoft\Windows\CurrentVersion\Uninstall' >"$scratch/theirs"
jq -r '.artifacts[] | select(.collector == "programs") | .fields.key | split("\\") | last | ascii_downcase' \
  "$scratch/inventory.json" >"$scratch/ours"
compare "programs of a user whose hive its logs complete"
