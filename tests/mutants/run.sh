#!/usr/bin/env bash
# Changes the code that decides, one place at a time, and sees whether a test notices: run.sh [GROUP]... (verdict, matcher,
# merge, links; all of them without one). Needs cargo-mutants (`cargo install --locked cargo-mutants`). Only the unit tests
# that guard a group are built and run, so that a mutant takes seconds; it still is an hour or two for all.
# Fails when a mutant survives. mutants.toml names those that are no mistake, and why.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v cargo-mutants >/dev/null || { echo "mutants/run.sh: cargo-mutants is missing" >&2; exit 1; }
out=${MUTANTS_OUT:-$(mktemp -d)}
mkdir -p "$out"
# Nothing reads them here, and they take half of the time to build.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
unset CARGO_TARGET_DIR # a mutant must not be built over what others use
failed=()

# mutants GROUP FILTERS ARGUMENTS...: FILTERS choose the tests, ARGUMENTS the mutants.
mutants() {
  local group=$1 filters=$2
  shift 2
  # shellcheck disable=SC2086 # words are wanted
  nice cargo mutants --config tests/mutants/mutants.toml -o "$out/$group" --timeout 120 -C --lib "$@" -- -- $filters ||
    failed+=("$group")
  for kind in caught missed unviable timeout; do
    printf '%s: %s %s\n' "$group" "$(wc -l <"$out/$group/mutants.out/$kind.txt")" "$kind"
  done
}

[ $# -gt 0 ] || set -- verdict matcher merge links
for group in "$@"; do
  case $group in
  verdict)
    mutants verdict "exit:: coverage:: finding:: report::" -f src/report/exit.rs -f src/model/coverage.rs -f src/report/mod.rs \
      -f src/finding/mod.rs --re 'src/(report/exit|model/coverage|finding)|Verdict'
    ;;
  matcher) mutants matcher "matcher:: finding::" -f src/finding/matcher.rs ;;
  merge) mutants merge image -f src/image/merge.rs ;;
  links)
    mutants links fs:: -f src/fs/root.rs --re \
      'Root::(find|find_no_follow|exists|is_gone|resolve|resolve_noting|link_target|child|open|open_found|is_skipped)\b|normalise|components|is_link_loop|Fault|wildcard'
    ;;
  *) echo "mutants/run.sh: no group $group" >&2 && exit 1 ;;
  esac
done
[ ${#failed[@]} -eq 0 ] || { echo "survived, or not run: ${failed[*]}; see $out" >&2; exit 1; }
