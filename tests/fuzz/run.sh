#!/usr/bin/env bash
# Fuzzes every parser, or those named, for a while each: run.sh SECONDS [NAME]...
# Needs a C++ compiler for the fuzzer. Inputs that crash are left in tests/fuzz/crashes; each becomes a unit test.
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS [NAME]...}
shift
cd "$(dirname "$0")"
command -v c++ >/dev/null || { echo "run.sh: a C++ compiler is missing" >&2; exit 1; }
# What cargo-fuzz passes, without the sanitizers that need a nightly compiler: Rust checks memory itself.
flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
flags="$flags -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
target=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="$flags" cargo build --release --quiet --target "$target"
fuzzer=${CARGO_TARGET_DIR:-target}/$target/release/debar-fuzz
# shellcheck disable=SC2046 # words are wanted
[ $# -gt 0 ] || set -- $(DEBAR_FUZZ=list "$fuzzer" 2>/dev/null)
mkdir -p crashes
# Every fixture is a seed of every target: most are turned away at once.
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
find ../fixtures -type f -size -256k ! -name README.md | while read -r file; do
  cp "$file" "$seeds/$(echo "$file" | sha1sum | cut -c1-16)"
done
export fuzzer seconds seeds
# One target: as many run at once as there are cores.
fuzz() {
  local name=$1 new
  new=$(mktemp -d)
  if DEBAR_FUZZ=$name "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=256 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="crashes/$name-" "$new" "$seeds" >"$new.log" 2>&1; then
    echo "$name: $(sed -n 's/stat::number_of_executed_units: *//p' "$new.log") inputs, no crash"
    rm -rf "$new" "$new.log"
  else
    { echo "$name: CRASH"; tail -25 "$new.log"; } >&2
    rm -rf "$new" "$new.log"
    return 1
  fi
}
export -f fuzz
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}'
