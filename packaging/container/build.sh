#!/usr/bin/env bash
# Builds the container image for both architectures as one OCI archive. Usage: build.sh BINARIES OUT
# BINARIES holds x86_64/debar and aarch64/debar, static ones. Needs buildah, no network and no daemon.
set -euo pipefail
usage="usage: build.sh BINARIES OUT"
binaries=$(realpath "${1:?$usage}") out=${2:?$usage}
here=$(dirname "$(realpath "$0")")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../Cargo.toml" | head -1)
mkdir -p "$out"
out=$(realpath "$out")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A store of its own: nothing stays in the builder's.
tool() {
  buildah --root "$scratch/store" --runroot "$scratch/run" --storage-driver vfs "$@"
}
list=debar:$version
tool manifest create "$list" >/dev/null
for machine in x86_64 aarch64; do
  architecture=amd64
  [ $machine = x86_64 ] || architecture=arm64
  tool build --quiet --isolation chroot --arch "$architecture" --os linux --timestamp "${SOURCE_DATE_EPOCH:-0}" \
    --label "org.opencontainers.image.version=$version" --label "org.opencontainers.image.licenses=MIT OR Apache-2.0" \
    --label "org.opencontainers.image.title=debar" --manifest "$list" -f "$here/Containerfile" "$binaries/$machine" >/dev/null
done
image=$out/debar-$version.oci.tar
rm -f "$image"
tool manifest push --quiet --all "$list" "oci-archive:$image:$version"
ls "$image"
