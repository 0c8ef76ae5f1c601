#!/usr/bin/env bash
# Counts the instructions of the hot loops with callgrind and holds them to those of callgrind.txt: a regression guard
# that other work on the machine does not blur. Fails above the tolerance. `callgrind.sh --update` writes the counts of now.
# Counts belong to a compiler: the file names it, and another one is told before the counts are compared.
set -euo pipefail
cd "$(dirname "$0")/../.."
known=tests/bench/callgrind.txt
tolerance=2 # per cent
command -v valgrind >/dev/null || { echo "callgrind.sh: valgrind is missing" >&2; exit 1; }
# As tests are built, which needs no further build: more instructions than in a release, which grow with what is done.
compiler=$(rustc --version)
program=$(cargo test --quiet --bench loops --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*loops[^"]*\)".*/\1/p' | tail -1)
[ -x "$program" ] || { echo "callgrind.sh: the program of the loops was not built" >&2; exit 1; }

# The instructions of a run, on one thread.
instructions() {
  RAYON_NUM_THREADS=1 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 >/dev/null |
    sed -n 's/.*Collected : \([0-9]*\)$/\1/p'
}
now=$(for name in matcher walk tar hive; do
  few=$(instructions "$name" 1) many=$(instructions "$name" 5)
  echo "$name $(((many - few) / 4))"
done)
if [ "${1:-}" = --update ]; then
  printf '# Instructions of one pass, by %s, written by callgrind.sh --update.\n%s\n' "$compiler" "$now" >$known
  cat $known
  exit
fi
grep -qF "$compiler" $known || echo "callgrind.sh: $known has the counts of another compiler than $compiler" >&2
failed=0
while read -r name count; do
  before=$(sed -n "s/^$name //p" $known)
  [ -n "$before" ] || { echo "$name: no count in $known; --update writes it" >&2; failed=1; continue; }
  echo "$name: $count instructions, $before before ($(awk "BEGIN { printf \"%+.2f\", ($count - $before) * 100 / $before }") %)"
  if [ "$count" -le 0 ] || [ $((count * 100)) -gt $((before * (100 + tolerance))) ]; then
    echo "$name: more than $tolerance % above $known. If that is worth it, run callgrind.sh --update and say why" >&2
    failed=1
  elif [ $((count * 100)) -lt $((before * (100 - tolerance))) ]; then
    echo "$name: faster than $known says; run callgrind.sh --update, so that it stays so" >&2
  fi
done <<<"$now"
exit $failed
