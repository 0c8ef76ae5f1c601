#!/usr/bin/env bash
# Images of other tools, and images made to do harm: run.sh DEBAR
#
# One file system as folder, as image of buildah and umoci, copied by skopeo into every layout and compression, through
# a pipe, in the stores of buildah, and from registries of Debian's docker-registry, with and without TLS and login: the
# same inventory and the same findings. The layers are those that skopeo lists. A second run with a cache reads no layer. Hostile images cost at most 128 MiB, end in an
# error or a gap, and write nothing. Needs buildah, umoci, skopeo, docker-registry, openssl, perl, strace,
# zstd, xz, bzip2, jq, python3, GNU time.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
here=$(cd "$(dirname "$0")" && pwd)
for tool in buildah umoci skopeo docker-registry openssl perl strace zstd xz bzip2 jq python3 /usr/bin/time; do
  command -v "$tool" >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 1; }
done
scratch=$(mktemp -d)
started=()
trap 'for process in ${started[@]+"${started[@]}"}; do kill "$process" 2>/dev/null || true; done; umount -l "$scratch/overlay/overlay" 2>/dev/null || true; rm -rf "$scratch"' EXIT
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
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
printf 'Package: kesl\nStatus: install ok installed\nVersion: 12.1.0-1274\nArchitecture: amd64\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\nDescription: x\n\n' >>"$root/var/lib/dpkg/status"
cp "/usr/bin/true" "$root/opt/vendor/bin/program"
ln "$root/opt/vendor/bin/program" "$root/usr/local/bin/other-name"
ln -s /opt/vendor/bin/program "$root/usr/local/bin/link"
cp "/usr/bin/true" "$root/usr/lib/hidden-target"
ln -s /lib/hidden-target "$root/usr/local/bin/behind-two-links"
printf '[Unit]\nDescription=X\n[Service]\nExecStart=/opt/vendor/bin/program\n' >"$root/usr/lib/systemd/system/x.service"
# Large ones, of which compressed layers keep only parts.
cp "$(command -v perl)" "$(command -v skopeo)" "$root/opt/vendor/bin/"
cp "$here/../../fixtures/executables/"* "$root/home/u/Downloads/" 2>/dev/null || true
mkfifo "$root/tmp/pipe"

options=()
facts() { # inventory and findings, without what only one kind of target has
  "$debar" inventory --no-progress -o json "${options[@]}" "$1" >"$scratch/out.json" <"${2:-/dev/null}" || [ $? -eq 3 ]
  jq -S '{artifacts: [.artifacts[] | select(.collector != "image") | del(.location.layer)], gaps: .gaps}' "$scratch/out.json"
  case ${2:-} in /dev/fd/*) return ;; esac # a pipe is gone once it was read
  "$debar" scan --no-progress -o json "${options[@]}" "$1" >"$scratch/scan.json" <"${2:-/dev/null}" || [ $? -eq 1 ]
  jq -S '[.findings[] | {product, state, evidence: [.evidence[] | del(.location.layer)]}]' "$scratch/scan.json"
}
expected=$scratch/expected.json
facts "dir:$root" >"$expected"
[ "$(jq -s '.[0].artifacts | length' "$expected")" -gt 200 ] || fail "the folder itself has too few artifacts"
[ "$(jq -s '.[1] | length' "$expected")" = 1 ] || fail "the folder itself has not one finding"
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

facts_alive() {
  facts "$1" "${2:-/dev/null}" |
    jq -S 'if type == "object" then .artifacts |= map(select(.state != "deleted-in-later-layer")) else . end'
}
alive() {
  local wanted=$expected
  case ${3:-} in /dev/fd/*) wanted=$scratch/inventory.json && jq -S 'select(type == "object")' "$expected" >"$wanted" ;; esac
  facts_alive "$2" "${3:-/dev/null}" >"$scratch/alive.json"
  if cmp -s "$scratch/alive.json" "$wanted"; then echo "same: $1"; else
    fail "$1 differs"
    diff "$scratch/alive.json" "$wanted" | head -20 >&2 || true
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

# The store that buildah made, without a daemon: the image and the container that it was made from.
alive "containers-storage, vfs" "containers-storage:$scratch/store#$second"
alive "containers-storage, vfs, a container" "containers-storage:$scratch/store#$container"
overlay="[overlay@$scratch/overlay+$scratch/overlay-run]"
if copy oci:built:latest "containers-storage:${overlay}example.org/made:1" 2>err.txt; then
  alive "containers-storage, overlay" "containers-storage:$scratch/overlay#made:1"
  deleted=$("$debar" inventory --no-progress -o json "containers-storage:$scratch/overlay" | jq -c '[.artifacts[] | select(.state == "deleted-in-later-layer" and .location.path == "/opt/removed/gone") | [.location.layer.index, .location.layer.removed_in]]')
  [ "$deleted" = '[[0,1]]' ] || fail "what a later layer of a store removed: $deleted"
else
  echo "not checked: containers-storage with overlay, which cannot be mounted here: $(head -c 200 err.txt)"
fi

# Debar's own client and Debian's registry: without TLS and login, and with both.
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
mkdir auth
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout auth/ca.key -out auth/ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=registry -keyout auth/key.pem -out auth/request.pem 2>/dev/null
printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >auth/extensions
openssl x509 -req -in auth/request.pem -CA auth/ca.pem -CAkey auth/ca.key -CAcreateserial -days 2 -extfile auth/extensions -out auth/cert.pem 2>/dev/null
# shellcheck disable=SC2016 # Perl's and bcrypt's dollars
printf 'name:%s\n' "$(perl -e 'print crypt("password", q($2b$05$abcdefghijklmnopqrstuu))')" >auth/htpasswd
serve() { # PORT, more of the config
  printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp:\n  addr: 127.0.0.1:%s\n%s' \
    "$scratch/registry" "$1" "${2:-}" >"registry-$1.yml"
  docker-registry serve "registry-$1.yml" >"registry-$1.log" 2>&1 &
  started+=($!)
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.1; done
  fail "docker-registry did not start: $(head -c 300 "registry-$1.log")"
}
plain=$(port) && serve "$plain"
safe=$(port) && serve "$safe" "  tls: {certificate: $scratch/auth/cert.pem, key: $scratch/auth/key.pem}
auth: {htpasswd: {realm: test, path: $scratch/auth/htpasswd}}
"
copy --dest-tls-verify=false oci:built:latest "docker://127.0.0.1:$plain/team/app:1"
copy --dest-tls-verify=false oci:zstd:latest "docker://127.0.0.1:$plain/team/app:zstd"
copy --dest-tls-verify=false --format v2s2 oci:built:latest "docker://127.0.0.1:$plain/team/app:docker"
options=(--insecure)
for tag in 1 zstd docker; do alive "registry, $tag" "registry:127.0.0.1:$plain/team/app:$tag"; done
digest=$(skopeo inspect --tls-verify=false "docker://127.0.0.1:$plain/team/app:1" | jq -r .Digest)
alive "registry, by digest" "docker://127.0.0.1:$plain/team/app@$digest"
options=()
code=0
SSL_CERT_FILE=$scratch/auth/ca.pem "$debar" scan --no-progress "registry:127.0.0.1:$safe/team/app:1" >out.txt 2>err.txt || code=$?
[ "$code" = 2 ] && grep -q 'docker login' err.txt || fail "a registry that wants a login: exit code $code: $(cat err.txt)"
printf '{"auths": {"127.0.0.1:%s": {"auth": "%s"}}}' "$safe" "$(printf 'name:password' | base64)" >auth/config.json
export DOCKER_CONFIG=$scratch/auth
(
  export SSL_CERT_FILE=$scratch/auth/ca.pem
  alive "registry, TLS and login" "registry:127.0.0.1:$safe/team/app:1"
  exit $failed
) || failed=1
code=0
"$debar" scan --no-progress "registry:127.0.0.1:$safe/team/app:1" >out.txt 2>err.txt || code=$?
[ "$code" = 2 ] && grep -qi certificate err.txt || fail "an authority that is not trusted: exit code $code: $(cat err.txt)"
[ -z "$(ls -A "$scratch/tmp")" ] || fail "left in the temporary folder: $(ls "$scratch/tmp" | head)"

# A cache: the second run opens no layer, fetches none, and says the same.
cached() { # name, target, what a layer is called
  local one two
  one=$("$debar" inventory --no-progress -o json --cache "$scratch/cache" "${options[@]}" "$2" | jq -S .artifacts)
  two=$(strace -f -e trace=openat2,openat,open,sendto,write -s 300 -o trace.txt "$debar" inventory --no-progress -o json --cache "$scratch/cache" "${options[@]}" "$2" | jq -S .artifacts)
  [ "$one" = "$two" ] || fail "$1: another inventory from the cache"
  if grep -E "$3" trace.txt >&2; then fail "$1: a layer was read although the cache has it"; else echo "same: $1 from the cache"; fi
}
layers=$(skopeo inspect oci:built:latest | jq -r '.Layers | map(ltrimstr("sha256:")) | join("|")')
cached "OCI gzip" built "open.*($layers)"
rm -rf cache && options=(--insecure)
cached "registry" "registry:127.0.0.1:$plain/team/app:1" "GET .*($layers)"
options=()
for entry in cache/*.layer; do printf 'x' | dd of="$entry" bs=1 seek=100 conv=notrunc status=none; done
options=(--cache "$scratch/cache")
alive "OCI gzip with a damaged cache" built
options=()

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
  [ "$code" = 3 ] || [ "$code" = 1 ] && [ "$(jq '.gaps | length' out.json)" -gt 0 ] && echo "gap: layer $1" || fail "layer $1: exit code $code"
}
for how in cut flipped missing; do broken "$how"; done

# Hostile images.
mkdir hostile
python3 "$here/hostile.py" hostile
rm -f err.txt
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
