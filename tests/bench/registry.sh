#!/usr/bin/env bash
# Measures programs, services and drivers of a SOFTWARE hive of 60 MB and a SYSTEM hive of 20 MB, beside hivexml, which
# reads the same hives whole. Usage: registry.sh DEBAR. Needs hyperfine, hivexml (libhivex-bin), /usr/bin/time.
set -euo pipefail
debar=$(realpath "${1:?usage: registry.sh DEBAR}")
for tool in hyperfine hivexml; do
  command -v "$tool" >/dev/null || { echo "registry.sh: $tool is missing" >&2; exit 1; }
done
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
DEBAR_TEST_LARGE=$scratch cargo test --quiet --test it registry -- --ignored --nocapture large_hives | grep ' MB$'
config=$scratch/Windows/System32/config
inventory="$debar inventory $scratch --collector programs --collector services --collector drivers --allow-gaps --no-progress -o csv"
hyperfine --warmup 1 --runs 5 --output null "$inventory" "sh -c 'hivexml $config/SOFTWARE; hivexml $config/SYSTEM'"
/usr/bin/time -v $inventory 2>&1 >/dev/null | grep 'Maximum resident'
