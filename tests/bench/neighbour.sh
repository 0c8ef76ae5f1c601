#!/usr/bin/env bash
# How much a scan at background priority slows a program that uses every core: the same work alone and beside endless scans,
# in turns, because machines are noisy; the median of the ratios counts. Usage: neighbour.sh ROOT [ROUNDS]
set -euo pipefail
root=${1:?usage: neighbour.sh ROOT [ROUNDS]}
rounds=${2:-7}
cd "$(dirname "$0")/../.."
debar=${DEBAR:-${CARGO_TARGET_DIR:-target}/release/debar}
cores=$(nproc)
# Seconds that the neighbour needs: one process a core that only computes; a pipe between two would wait for its own other end.
work() {
  local start
  start=$(date +%s.%N)
  for _ in $(seq "$cores"); do
    awk 'BEGIN { for (i = 0; i < 1e8; i++) x += i }' &
    jobs+=($!)
  done
  wait "${jobs[@]}"
  echo "$start $(date +%s.%N)" | awk '{print $2 - $1}'
}
scans() {
  while :; do "$debar" scan --no-progress -q --nice "$1" "dir:$root" || true; done
}
for nice in 19 0; do
  ratios=()
  for _ in $(seq "$rounds"); do
    jobs=(); alone=$(work)
    scans "$nice" &
    scanner=$!
    jobs=(); beside=$(work)
    kill "$scanner"; wait "$scanner" 2>/dev/null || true
    ratios+=("$(echo "$alone $beside" | awk '{print $2 / $1}')")
  done
  median=$(printf '%s\n' "${ratios[@]}" | sort -n | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}')
  echo "--nice $nice: a neighbour on $cores cores takes $median times as long (${ratios[*]}); load $(cut -d' ' -f1 /proc/loadavg)"
done
