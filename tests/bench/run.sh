#!/usr/bin/env bash
# Measures debar beside peers in one run, because machines differ and are noisy: what counts are the ratios.
# Usage: run.sh ROOT (see make-root.sh). Needs hyperfine and GNU time; compares with syft where it is installed.
set -eu
root=${1:?usage: run.sh ROOT}
for tool in hyperfine /usr/bin/time find; do
  command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 1; }
done
cd "$(dirname "$0")/../.."
cargo build --release --quiet
debar=${CARGO_TARGET_DIR:-target}/release/debar

echo "== $(nproc) cores; $("$debar" --version)"
echo "== a root of $(find "$root" -xdev | wc -l) entries"
hyperfine --warmup 2 --runs 10 --ignore-failure --shell none --output null \
  "find $root -xdev" "$debar scan --no-progress --nice 0 dir:$root"
echo "== peak memory"
/usr/bin/time -f "debar: %M KiB, %e s" "$debar" scan --no-progress --nice 0 "dir:$root" >/dev/null || true
if command -v syft >/dev/null; then
  SYFT_CHECK_FOR_APP_UPDATE=false /usr/bin/time -f "syft: %M KiB, %e s" syft scan -q "dir:$root" >/dev/null || true
else
  echo "syft is not installed: not compared" >&2
fi
echo "== this host"
hyperfine --warmup 2 --runs 10 --ignore-failure --shell none --output null "$debar scan --no-progress --nice 0"
echo "== start"
hyperfine --warmup 2 --runs 50 --shell none --output null "$debar --version"
echo "== processes: see cargo bench --bench processes"
