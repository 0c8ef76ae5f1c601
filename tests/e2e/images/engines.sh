#!/usr/bin/env bash
# The stores of real engines, read without asking them: engines.sh DEBAR
#
# An image of two layers is loaded into Podman, Docker and containerd, each in folders of its own, and a container
# is made of it that changes files. Every store tells the same of the image, and the container's own changes of the
# container. Needs root, podman, dockerd, docker, containerd, ctr, runc, buildah, skopeo, jq; installs what is
# missing.
set -euo pipefail
debar=$(realpath "${1:?usage: engines.sh DEBAR}")
need() { command -v "$1" >/dev/null || apt-get install -y --no-install-recommends "$2" >/dev/null 2>&1 || true; }
need podman podman; need dockerd docker.io; need containerd containerd; need buildah buildah; need skopeo skopeo; need jq jq
for tool in podman dockerd docker containerd ctr buildah skopeo jq; do
  command -v "$tool" >/dev/null || { echo "engines.sh: $tool is missing" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "engines.sh: the engines need root" >&2; exit 1; }
scratch=$(mktemp -d)
started=()
stop() {
  for process in ${started[@]+"${started[@]}"}; do kill "$process" 2>/dev/null || true; done
  for process in ${started[@]+"${started[@]}"}; do wait "$process" 2>/dev/null || true; done
  awk -v top="$scratch" 'index($2, top) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n1 umount -l || true
  rm -rf "$scratch"
}
trap stop EXIT
cd "$scratch"
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }

# Two layers: the second removes a program and brings a banned package.
export STORAGE_DRIVER=overlay
store=(--root "$scratch/podman" --runroot "$scratch/podman-run")
package() { printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.1.0-1274\nMaintainer: %s\nDescription: x\n\n' "$1" "$2"; }
container=$(buildah "${store[@]}" from scratch)
mount=$(buildah "${store[@]}" mount "$container")
mkdir -p "$mount"/{etc,var/lib/dpkg,opt/removed,opt/kept,usr/local/bin}
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n' >"$mount/etc/os-release"
package base-files 'A <a@example.org>' >"$mount/var/lib/dpkg/status"
cp /usr/bin/true "$mount/opt/removed/gone"; cp /usr/bin/true "$mount/opt/kept/stays"; cp /usr/bin/true "$mount/usr/local/bin/old"
buildah "${store[@]}" umount "$container" >/dev/null
first=$(buildah "${store[@]}" commit -q "$container"); buildah "${store[@]}" rm "$container" >/dev/null
container=$(buildah "${store[@]}" from "$first")
mount=$(buildah "${store[@]}" mount "$container")
rm -r "${mount:?}/opt/removed" "${mount:?}/usr/local"
mkdir -p "$mount/usr/local/bin"; cp /usr/bin/true "$mount/usr/local/bin/new" # an opaque folder
package kesl 'AO Kaspersky Lab <info@kaspersky.com>' >>"$mount/var/lib/dpkg/status"
buildah "${store[@]}" umount "$container" >/dev/null
image=$(buildah "${store[@]}" commit -q "$container" example.org/made:1); buildah "${store[@]}" rm "$container" >/dev/null
buildah "${store[@]}" push -q "$image" "oci-archive:$scratch/made.tar:example.org/made:1" >/dev/null
buildah "${store[@]}" push -q "$image" "docker-archive:$scratch/docker.tar:example.org/made:1" >/dev/null

facts() { # inventory and findings: where and in which layer, without what each keeps differently of a layer
  local code=0
  "$debar" inventory --no-progress -o json "$1" >inventory.json || code=$?
  [ $code = 0 ] || { echo "exit code $code"; jq -c .gaps inventory.json; }
  jq -S '[.artifacts[] | select(.collector != "image") | .location.layer |= (if . == null then null else {index, removed_in} end)]' inventory.json
  "$debar" scan --no-progress -o json "$1" >scan.json || [ $? -eq 1 ]
  jq -S '[.findings[] | {product, state}]' scan.json
}
facts "oci-archive:$scratch/made.tar" >expected.json
deleted=$(jq -sc '[.[0][] | select(.state == "deleted-in-later-layer") | .location.path] | sort' expected.json)
[ "$deleted" = '["/opt/removed","/opt/removed/gone","/usr/local/bin/old"]' ] || fail "the archive itself: $deleted"
same() { # name, target
  facts "$2" >facts.json
  if cmp -s facts.json expected.json; then echo "same: $1"; else fail "$1 differs"; diff facts.json expected.json | head -30 >&2 || true; fi
}
# A container that replaced the package database, removed a program and added one.
written() { # name, target
  "$debar" inventory --no-progress -o json "$2" >inventory.json || { fail "$1: exit code $?"; jq -c .gaps inventory.json >&2; }
  own=$(jq -c '[.artifacts[] | select(.location.path == "/opt/kept/own" or .location.path == "/opt/kept/stays") | [.location.path, .state, .location.layer.created_by]] | sort' inventory.json)
  case $own in
  '[["/opt/kept/own",'*'"written by container '*'],["/opt/kept/stays","deleted-in-later-layer",'*) echo "told: what $1 wrote and removed" ;;
  *) fail "what $1 wrote and removed: $own" ;;
  esac
}
change() { rm "$1/opt/kept/stays"; cp /usr/bin/true "$1/opt/kept/own"; }

same "Podman, overlay" "containers-storage:$scratch/podman#example.org/made:1"
box=$(podman "${store[@]}" --storage-driver overlay --cgroup-manager cgroupfs create --name box example.org/made:1 /opt/kept/stays)
change "$(podman "${store[@]}" --storage-driver overlay mount "$box")"
podman "${store[@]}" --storage-driver overlay umount "$box" >/dev/null
written "a container of Podman" "containers-storage:$scratch/podman#box"
skopeo copy -q --insecure-policy "oci-archive:made.tar" "containers-storage:[vfs@$scratch/vfs+$scratch/vfs-run]example.org/made:1" >/dev/null
same "Podman, vfs" "containers-storage:$scratch/vfs"

mkdir containerd
printf 'version = 2\nroot = "%s"\nstate = "%s"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "%s"\n' \
  "$scratch/containerd/root" "$scratch/containerd/state" "$scratch/containerd/socket" >containerd/config.toml
containerd -c containerd/config.toml >containerd.log 2>&1 &
started+=($!)
up() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done; fail "$* does not answer"; }
ctr() { command ctr -a "$scratch/containerd/socket" -n k8s.io "$@"; }
up ctr version
for driver in overlay2 vfs; do
  dockerd --data-root "$scratch/docker-$driver" --exec-root "$scratch/exec-$driver" -H "unix://$scratch/$driver.socket" --pidfile "$scratch/$driver.pid" \
    --iptables=false --ip6tables=false --bridge=none --containerd "$scratch/containerd/socket" --storage-driver $driver >"docker-$driver.log" 2>&1 &
  started+=($!)
  docker() { command docker -H "unix://$scratch/$driver.socket" "$@"; }
  up docker version
  docker load -q -i docker.tar >/dev/null
  same "Docker, $driver" "docker-store:$scratch/docker-$driver#example.org/made:1"
  docker create --name box example.org/made:1 /opt/kept/stays >/dev/null
  docker cp /usr/bin/true box:/opt/kept/own >/dev/null
  if [ $driver = overlay2 ]; then
    # A removal as the kernel writes it, in the layer of the container.
    upper=$(docker inspect box | jq -r '.[0].GraphDriver.Data.UpperDir')
    mknod "$upper/opt/kept/stays" c 0 0
  else
    rm "$scratch/docker-vfs/vfs/dir/$(cat "$scratch/docker-vfs/image/vfs/layerdb/mounts/"*/mount-id)/opt/kept/stays"
  fi
  written "a container of Docker, $driver" "docker-store:$scratch/docker-$driver#box"
done
skopeo copy -q --insecure-policy "oci-archive:made.tar" "oci-archive:named.tar:example.org/made:1" >/dev/null
ctr images import named.tar >/dev/null
name=$(ctr images ls -q | head -1)
same "containerd" "containerd:$scratch/containerd/root#$name"
ctr containers create --snapshotter overlayfs "$name" box >/dev/null
ctr snapshots mounts "$scratch/mounted" box >mount.sh
mkdir mounted && sh mount.sh && change mounted && umount mounted
written "a container of containerd" "containerd:$scratch/containerd/root#box"
# Kubernetes may throw blobs away once they are unpacked.
find "$scratch/containerd/root/io.containerd.content.v1.content/blobs" -type f -size +4k -delete
same "containerd without its blobs" "containerd:$scratch/containerd/root#$name"

# A host says which stores it has, and what looks into them.
mkdir -p host/var/lib host/etc && printf 'ID=debian\n' >host/etc/os-release && ln -s "$scratch/docker-overlay2" host/var/lib/docker
rm host/var/lib/docker && mkdir -p host/var/lib/docker/image/overlay2
"$debar" scan --no-progress -o json "dir:$scratch/host" >scan.json || [ $? -eq 3 ]
jq -e '.skipped[] | select(.place == "/var/lib/docker" and (.reason | test("docker-store:")))' scan.json >/dev/null || fail "the host does not name its store"
exit $failed
