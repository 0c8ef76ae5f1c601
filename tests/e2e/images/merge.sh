#!/usr/bin/env bash
# Merging layers, held against umoci: merge.sh DEBAR COUNT [FIRST-SEED]
#
# COUNT images of random layers (whiteouts, opaque folders, hard links, files in place of folders and the other way
# round) are unpacked by umoci; the folder and the image must give the same inventory. Needs umoci, jq, python3.
set -euo pipefail
debar=$(realpath "${1:?usage: merge.sh DEBAR COUNT [FIRST-SEED]}")
count=${2:?usage: merge.sh DEBAR COUNT [FIRST-SEED]}
first=${3:-1}
here=$(cd "$(dirname "$0")" && pwd)
for tool in umoci jq python3; do
  command -v "$tool" >/dev/null || { echo "merge.sh: $tool is missing" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

facts() { # the inventory of everything there is now
  "$debar" inventory --deep --no-progress -o json "$1" >out.json || [ $? -eq 3 ]
  jq -S '[.artifacts[] | select(.collector != "image" and .state != "deleted-in-later-layer") | del(.location.layer)]' out.json
}
failed=0
compared=0
for seed in $(seq "$first" $((first + count - 1))); do
  rm -rf image bundle
  python3 "$here/layers.py" image "$seed"
  umoci unpack --image image:random bundle >umoci.log 2>&1 || { cat umoci.log >&2; exit 1; }
  facts oci-dir:image >ours.json
  facts dir:bundle/rootfs >theirs.json
  compared=$((compared + $(jq length theirs.json)))
  cmp -s ours.json theirs.json || {
    echo "FAILED: seed $seed" >&2
    diff theirs.json ours.json | head -20 >&2
    failed=1
  }
done
[ "$compared" -gt "$count" ] || { echo "FAILED: only $compared artifacts were compared" >&2; failed=1; }
[ $failed -ne 0 ] || echo "same: $count images of random layers as umoci unpacks them ($compared artifacts)"
exit $failed
