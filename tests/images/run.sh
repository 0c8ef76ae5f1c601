#!/usr/bin/env bash
# Images of other tools, and images made to do harm: run.sh DEBAR
#
# One file system as folder, as image of buildah and umoci, copied by skopeo into every layout and compression, through
# a pipe: the same inventory. The layers are those that skopeo lists. Hostile images cost at most 128 MiB, end in an
# error or a gap, and write nothing. Needs buildah, umoci, skopeo, zstd, xz, bzip2, jq, python3, GNU time.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
here=$(cd "$(dirname "$0")" && pwd)
for tool in buildah umoci skopeo zstd xz bzip2 jq python3 /usr/bin/time; do
  command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp"
export TMPDIR=$scratch/tmp
cd "$scratch"
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }

# A file system with packages, programs, links within and across folders, hard links and a pipe.
root=$scratch/root
mkdir -p "$root"/{etc,var/lib/dpkg,usr/bin,usr/lib/systemd/system,opt/vendor/bin,usr/local/bin,home/u/Downloads,tmp}
ln -s usr/bin "$root/bin"
ln -s usr/lib "$root/lib"
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' >"$root/etc/os-release"
for at in $(seq 1 200); do
  printf 'Package: package-%s\nStatus: install ok installed\nVersion: 1.%s-1\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: x\n\n' "$at" "$at"
done >"$root/var/lib/dpkg/status"
cp "/usr/bin/true" "$root/opt/vendor/bin/program"
ln "$root/opt/vendor/bin/program" "$root/usr/local/bin/other-name"
ln -s /opt/vendor/bin/program "$root/usr/local/bin/link"
cp "/usr/bin/true" "$root/usr/lib/hidden-target"
ln -s /lib/hidden-target "$root/usr/local/bin/behind-two-links"
printf '[Unit]\nDescription=X\n[Service]\nExecStart=/opt/vendor/bin/program\n' >"$root/usr/lib/systemd/system/x.service"
cp "$here/../fixtures/executables/"* "$root/home/u/Downloads/" 2>/dev/null || true
mkfifo "$root/tmp/pipe"

facts() { # the inventory without what only one kind of target has
  "$debar" inventory --no-progress -o json "$1" >"$scratch/out.json" <"${2:-/dev/null}" || [ $? -eq 3 ]
  jq -S '{artifacts: [.artifacts[] | select(.collector != "image") | del(.location.layer)], gaps: .gaps}' "$scratch/out.json"
}
expected=$scratch/expected.json
facts "dir:$root" >"$expected"
[ "$(jq '.artifacts | length' "$expected")" -gt 200 ] || fail "the folder itself has too few artifacts"
same() {
  if facts "$2" "${3:-/dev/null}" | cmp -s - "$expected"; then echo "same: $1"; else
    fail "$1 differs"
    facts "$2" "${3:-/dev/null}" | diff - "$expected" | head -20 >&2 || true
  fi
}

tar -C "$root" -cf plain.tar . && same "plain tar" plain.tar
gzip -k plain.tar && same "plain tar.gz" plain.tar.gz

umoci init --layout umoci >/dev/null
umoci new --image umoci:one >/dev/null
umoci insert --image umoci:one "$root" / >/dev/null
same "umoci" umoci

export STORAGE_DRIVER=vfs
store=(--root "$scratch/store" --runroot "$scratch/run")
container=$(buildah "${store[@]}" from scratch)
mount=$(buildah "${store[@]}" mount "$container")
cp -a "$root/etc" "$root/usr" "$root/bin" "$root/lib" "$mount/"
mkdir -p "$mount/opt/removed" && cp "/usr/bin/true" "$mount/opt/removed/gone"
buildah "${store[@]}" umount "$container" >/dev/null
first=$(buildah "${store[@]}" commit -q "$container")
container=$(buildah "${store[@]}" from "$first")
mount=$(buildah "${store[@]}" mount "$container")
rm -rf "$mount/opt"
cp -a "$root/." "$mount/"
buildah "${store[@]}" umount "$container" >/dev/null
buildah "${store[@]}" config --label vendor=example "$container"
second=$(buildah "${store[@]}" commit -q "$container")
buildah "${store[@]}" push -q "$second" "oci:$scratch/built:latest" >/dev/null
# The second layer removed a program, which still ships.
deleted=$("$debar" inventory --no-progress -o json built | jq -c '[.artifacts[] | select(.state == "deleted-in-later-layer" and .location.path == "/opt/removed/gone") | [.location.layer.index, .location.layer.removed_in]]')
[ "$deleted" = '[[0,1]]' ] || fail "what a later layer removed: $deleted"

facts_alive() { facts "$1" "${2:-/dev/null}" | jq -S '.artifacts |= map(select(.state != "deleted-in-later-layer"))'; }
alive() {
  if facts_alive "$2" "${3:-/dev/null}" | cmp -s - "$expected"; then echo "same: $1"; else
    fail "$1 differs"
    facts_alive "$2" "${3:-/dev/null}" | diff - "$expected" | head -20 >&2 || true
  fi
}
alive "buildah, OCI gzip" built
copy() { skopeo copy -q --insecure-policy "$@" >/dev/null; }
copy oci:built:latest docker-archive:docker.tar:built:1 && alive "docker-archive" docker.tar
alive "docker-archive on standard input" - docker.tar
alive "docker-archive through a pipe" - <(cat docker.tar)
xz -T1 -0 -k docker.tar && alive "docker-archive.xz" docker.tar.xz
bzip2 -1 -k docker.tar && alive "docker-archive.bz2" docker.tar.bz2
copy --dest-compress-format zstd --dest-force-compress-format oci:built:latest oci:zstd:latest 2>/dev/null ||
  copy --dest-compress --dest-compress-format zstd docker-archive:docker.tar oci:zstd:latest
alive "OCI zstd" zstd
copy oci:built:latest oci-archive:oci.tar && alive "oci-archive" oci.tar
alive "oci-archive by its name" oci-archive:oci.tar

# skopeo's list of layers is the second opinion.
"$debar" inventory --no-progress -o json zstd >out.json
ours=$(jq -c '[.artifacts[].location.layer | select(. != null) | [.index, .digest]] | unique' out.json)
theirs=$(skopeo inspect oci:zstd:latest | jq -c '[.Layers | to_entries[] | [.key, .value]]')
[ "$(jq -nc --argjson a "$ours" --argjson b "$theirs" '($a - $b)')" = "[]" ] && echo "same: layers as skopeo" ||
  fail "layers: $ours is not part of $theirs"

# A digest that does not hold, a layer that is cut, a layer that is not there: gaps, never a clean verdict.
broken() {
  rm -rf broken && cp -r built broken
  layer=$(ls -S broken/blobs/sha256 | head -1)
  python3 - "broken/blobs/sha256/$layer" "$1" <<'P'
import os, sys
path, how = sys.argv[1:]
data = open(path, "rb").read()
if how == "cut": open(path, "wb").write(data[: len(data) // 2])
if how == "flipped": open(path, "wb").write(data[:-1] + bytes([data[-1] ^ 1]))
if how == "missing": os.remove(path)
P
  code=0
  "$debar" scan --no-progress -o json broken >out.json || code=$?
  [ "$code" = 3 ] && [ "$(jq '.gaps | length' out.json)" -gt 0 ] && echo "gap: layer $1" || fail "layer $1: exit code $code"
}
for how in cut flipped missing; do broken "$how"; done

# Hostile images.
mkdir hostile
python3 "$here/hostile.py" hostile
before=$(find "$scratch" -path "$scratch/hostile" -prune -o -print | sort | md5sum)
for image in hostile/*; do
  code=0
  /usr/bin/time -f '%M %e' -o time.txt timeout 100 "$debar" scan --no-progress -o json "$image" >out.json 2>err.txt || code=$?
  read -r peak seconds < <(tail -1 time.txt)
  case $code in 0 | 2 | 3) ;; *) fail "$image: exit code $code: $(head -c 300 err.txt)" ;; esac
  case $image in
  *.harmless) [ $code -ne 2 ] || fail "$image: could not be read" ;;
  *) [ $code -ne 0 ] || fail "$image: neither error nor gap" ;;
  esac
  [ "$peak" -le 131072 ] || fail "$image: $peak KiB"
  echo "hostile: $(basename "$image"): exit code $code, $((peak / 1024)) MiB, $seconds s"
done
rm -f time.txt err.txt
: >time.txt; : >err.txt
after=$(find "$scratch" -path "$scratch/hostile" -prune -o -print | grep -v -e time.txt -e err.txt | sort | md5sum)
[ "$(echo "$before")" = "$after" ] || fail "something was written"
[ -z "$(ls -A "$scratch/tmp")" ] || fail "left in the temporary folder: $(ls "$scratch/tmp" | head)"
exit $failed
