#!/usr/bin/env bash
# Installs debar for a job of a pipeline, one version for all runs, and prints the folder that it is in.
# DEBAR_ADDRESS  the archive of a release (debar-VERSION-TARGET.tar.gz): https:// or, for a mirror on disk, file://
# DEBAR_SHA256   its SHA-256, from the release's SHA256SUMS; nothing is unpacked that has another one
# DEBAR_SOURCE   without an address: the folder of debar's source, which Cargo builds
# DEBAR_FOLDER   where to install [default: a folder of the user's cache, by the digest or version]
# What is installed there already is used again, so that a pipeline can keep the folder between runs.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/debar
fail() { echo "install.sh: $*" >&2; exit 2; }

if [ -n "${DEBAR_ADDRESS:-}" ]; then
  case $DEBAR_ADDRESS in https://* | file://*) ;; *) fail "DEBAR_ADDRESS must begin with https:// (or file://)" ;; esac
  [[ ${DEBAR_SHA256:-} =~ ^[0-9a-f]{64}$ ]] || fail "DEBAR_SHA256 must be the 64 digits that SHA256SUMS has for the archive"
  folder=${DEBAR_FOLDER:-$cache/bin-$DEBAR_SHA256}
  if [ ! -x "$folder/debar" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 \
      --output "$scratch/archive" "$DEBAR_ADDRESS" || fail "cannot get $DEBAR_ADDRESS"
    # No newline in what is checked: the digest stands in one line with the name.
    echo "$DEBAR_SHA256  $scratch/archive" | sha256sum --check --quiet - ||
      fail "$DEBAR_ADDRESS has another digest than DEBAR_SHA256: it was exchanged, or the digest is of another version"
    # The archives of Linux have `./debar`, those of Macs `debar`.
    tar -xzf "$scratch/archive" -C "$scratch" ./debar 2>/dev/null || tar -xzf "$scratch/archive" -C "$scratch" debar ||
      fail "$DEBAR_ADDRESS has no debar in it: name debar-VERSION-TARGET.tar.gz"
    mkdir -p "$folder"
    mv "$scratch/debar" "$folder/debar"
  fi
elif [ -n "${DEBAR_SOURCE:-}" ]; then
  [ -f "$DEBAR_SOURCE/Cargo.lock" ] || fail "DEBAR_SOURCE $DEBAR_SOURCE is not debar's source"
  command -v cargo >/dev/null || fail "no Rust toolchain to build debar with; give DEBAR_ADDRESS and DEBAR_SHA256 of a release"
  state=$(cd "$DEBAR_SOURCE" && find Cargo.lock packaging/embed.rs src signatures -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum | cut -c1-16)
  folder=${DEBAR_FOLDER:-$cache/bin-$state}
  if [ ! -x "$folder/debar" ]; then
    cargo install --quiet --locked --path "$DEBAR_SOURCE" --root "$folder.building" >&2
    mkdir -p "$folder"
    mv "$folder.building/bin/debar" "$folder/debar"
    rm -rf "$folder.building"
  fi
else
  fail "give DEBAR_ADDRESS and DEBAR_SHA256 of a release, or DEBAR_SOURCE"
fi
"$folder/debar" version >&2
echo "$folder"
