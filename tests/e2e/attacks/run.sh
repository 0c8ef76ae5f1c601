#!/usr/bin/env bash
# Worlds made to hide a product, and the order in which commands confine themselves and read: run.sh DEBAR
#
# Needs python3, strace.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
here=$(cd "$(dirname "$0")" && pwd)
code=0
python3 "$here/hostile.py" run "$debar" || code=1
"$here/strace.sh" "$debar" || code=1
exit "$code"
