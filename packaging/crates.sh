#!/usr/bin/env bash
# Lists the crates that Cargo compiles into what packages ship for a target, "NAME VERSION" each. Usage: crates.sh TARGET
set -euo pipefail
cd "$(dirname "$0")/.."
cargo tree --locked --quiet --no-default-features --features dist --target "${1:?usage: crates.sh TARGET}" \
  -e normal,no-proc-macro --prefix none -f '{p}' | sed 's/ (.*//; s/ v/ /' | sort -u
