#!/usr/bin/env bash
# Builds the static release binary twice, as releases are built, from two copies of the source at different paths, and
# compares the bytes; then holds it to its budget of 13.5 MB. Usage: reproducible.sh [TARGET]
set -euo pipefail
target=${1:-x86_64-unknown-linux-musl}
budget=13500000
cd "$(dirname "$0")/../../.."
rustup target add "$target" >/dev/null 2>&1 || true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
build() {
  local copy=$1
  mkdir -p "$copy"
  git ls-files -z | xargs -0 cp --parents -t "$copy"
  CARGO_TARGET_DIR="$copy/target" "$copy/packaging/binary.sh" "$target" "$work/$2"
  rm -rf "$copy"
}
build "$work/here/debar" first
build "$work/somewhere/else/entirely" second
sha256sum "$work/first" "$work/second" | sed "s| $work/| |"
cmp "$work/first" "$work/second" || { echo "reproducible.sh: two builds differ" >&2; exit 1; }
if strings -n 6 "$work/first" | grep -F -e "$work" -e "$cargo_home" -e "$sysroot"; then
  echo "reproducible.sh: the binary names folders of the machine it was built on" >&2
  exit 1
fi
size=$(stat -c %s "$work/first")
echo "$target: $size bytes of $budget"
[ "$size" -le "$budget" ] || { echo "reproducible.sh: the binary is over its budget" >&2; exit 1; }
