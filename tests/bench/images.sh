#!/usr/bin/env bash
# Measures scans of images beside bare decompression and syft, in one run, because machines differ and are noisy: what
# counts are the ratios.
# Usage: images.sh FOLDER [PATH-TO-SYFT]
# FOLDER has one image three ways, all over the same layers, as make-image.py makes it: bench.docker.tar (docker save, layers not compressed),
# ocigz and ocizst (OCI folders). Needs hyperfine and GNU time; compares with syft where it is installed.
set -euo pipefail
folder=$(realpath "${1:?usage: images.sh FOLDER [PATH-TO-SYFT]}")
syft=${2:-$(command -v syft || true)}
runs=${RUNS:-5}
for tool in hyperfine /usr/bin/time; do
  command -v "$tool" >/dev/null || { echo "images.sh: $tool is missing" >&2; exit 1; }
done
cd "$(dirname "$0")/../.."
cargo build --release --quiet
inflate=$(cargo bench --bench inflate --no-run 2>&1 | sed -n 's/.*Executable.*(\(.*\)).*/\1/p')
debar=${CARGO_TARGET_DIR:-target}/release/debar
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch SYFT_CHECK_FOR_APP_UPDATE=false

echo "== $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg); $("$debar" --version); syft: ${syft:-not installed}"
measure() { # NAME COMMAND...: wall, processor time and peak memory of one run
  local name=$1
  shift
  /usr/bin/time -f "$name: %e s, processor %U + %S s, %M KiB" "$@" >/dev/null 2>"$scratch/time" || true
  tail -1 "$scratch/time"
}
scan() { echo "$debar scan --no-progress $1"; }

echo "== bare decompression and debar, in turns"
for kind in ocigz ocizst; do
  [ -d "$folder/$kind" ] || continue
  hyperfine --warmup 1 --runs "$runs" --ignore-failure --shell none --output null \
    --command-name "inflate $kind" "$inflate $folder/$kind" --command-name "debar $kind" "$(scan "oci-dir:$folder/$kind")"
done
hyperfine --warmup 1 --runs "$runs" --ignore-failure --shell none --output null \
  --command-name "debar docker-archive" "$(scan "docker-archive:$folder/bench.docker.tar")"

echo "== peak memory, and what is left on the temporary disk at its fullest"
for target in "docker-archive:$folder/bench.docker.tar" "oci-dir:$folder/ocigz" "oci-dir:$folder/ocizst"; do
  # shellcheck disable=SC2046 # words are wanted
  measure "debar $(basename "$target")" $(scan "$target")
done

if [ -n "$syft" ]; then
  echo "== syft"
  measure "syft docker-archive" "$syft" scan -q "docker-archive:$folder/bench.docker.tar"
  measure "syft ocigz" "$syft" scan -q "oci-dir:$folder/ocigz"
  measure "syft ocizst" "$syft" scan -q "oci-dir:$folder/ocizst"
fi
