#!/usr/bin/env bash
# Builds all of a release that can be built on Linux, into a folder: static binaries for x86_64 and aarch64 and the Windows
# program in archives, .deb, .rpm, .msi, a container image for both architectures, manifests of package managers, bills of
# materials, and SHA256SUMS of them all.
# Usage: build.sh [--allow-skipped] OUT
# A part whose tools are missing is named, and the release fails then, unless --allow-skipped. The manifests need ADDRESS, where
# the files will be published (https://…). PUBLISHER and MAINTAINER name whoever publishes. What Macs run is built on a
# Mac (macos/pkg.sh) and put into OUT before the manifests are written. Nothing is signed: sign with keys of your own.
set -euo pipefail
usage="usage: build.sh [--allow-skipped] OUT"
allow=
if [ "${1:-}" = --allow-skipped ]; then allow=1; shift; fi
out=${1:?$usage}
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/..")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/Cargo.toml" | head -1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
mkdir -p "$out"
out=$(realpath "$out")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 022
skipped=()

# What a part needs: each tool with what it is for. Names what is missing and returns 1.
have() { # part, tool...
  local part=$1 tool missing=()
  shift
  for tool; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ ${#missing[@]} -eq 0 ] || { skip "$part: missing ${missing[*]}"; return 1; }
}
skip() {
  skipped+=("$1")
  echo "SKIPPED $1" >&2
}
say() { echo "release: $*"; }
# A folder as an archive whose bytes depend on its content alone.
archive() { # folder, file
  tar -C "$1" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - . | gzip -9n >"$2"
}
# What goes with every binary.
papers() { # folder
  cp "$top/LICENSE-MIT" "$top/LICENSE-APACHE" "$top/README.md" "$top/CHANGELOG.md" "$1/"
}

command -v cargo >/dev/null || { echo "build.sh: no Rust toolchain: install one with rustup" >&2; exit 1; }
for machine in x86_64 aarch64; do
  target=$machine-unknown-linux-musl
  binary=$scratch/$machine/debar
  say "$target"
  "$here/binary.sh" "$target" "$binary"
  folder=$scratch/archive-$machine
  mkdir -p "$folder/man" "$folder/completions"
  cp "$binary" "$folder/"
  papers "$folder"
  cp "$top"/packaging/man/*.1 "$folder/man/"
  cp "$top"/packaging/completions/* "$folder/completions/"
  archive "$folder" "$out/debar-$version-$target.tar.gz"
  architecture=amd64
  [ $machine = x86_64 ] || architecture=arm64
  if have ".deb and .rpm for $machine" dpkg-deb rpmbuild; then
    "$here/linux/build.sh" "$binary" "$architecture" "$out" >/dev/null
  fi
done

if have "Windows" x86_64-w64-mingw32-gcc zip; then
  say "x86_64-pc-windows-gnu"
  folder=$scratch/windows
  mkdir -p "$folder"
  "$here/binary.sh" x86_64-pc-windows-gnu "$folder/debar.exe"
  if have ".msi" wixl msibuild msiextract msiinfo; then "$here/windows/build.sh" "$folder/debar.exe" "$out" >/dev/null; fi
  papers "$folder"
  find "$folder" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  rm -f "$out/debar-$version-x86_64-pc-windows.zip"
  (cd "$folder" && find . -type f -printf '%P\n' | LC_ALL=C sort | TZ=UTC zip -9 -X -q "$out/debar-$version-x86_64-pc-windows.zip" -@)
fi

if have "container image" buildah; then
  say "container image"
  "$here/container/build.sh" "$scratch" "$out"
fi

# What is in each binary. cargo-cyclonedx knows the crates; it lists what builds them and what features that are off would need,
# too, so that only those stay which Cargo compiles into the program.
if have "bills of materials" cargo-cyclonedx jq; then
  say "bills of materials"
  # It writes beside Cargo.toml; the sources here stay as they are.
  mkdir "$scratch/source"
  (cd "$top" && git ls-files -z -- Cargo.toml Cargo.lock packaging/embed.rs src tests/bench | xargs -0 cp --parents -t "$scratch/source")
  for target in x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-pc-windows-gnu; do
    (cd "$scratch/source" &&
      cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries --target "$target" --no-build-deps \
        --no-default-features --features dist)
    "$here/crates.sh" "$target" >"$scratch/source/shipped"
    jq --rawfile shipped "$scratch/source/shipped" '($shipped | split("\n")) as $shipped
      | .components |= map(select("\(.name) \(.version)" as $crate | $shipped | index($crate)))
      | ([.components[], .metadata.component] | map(."bom-ref")) as $there
      | .dependencies |= map(select(.ref as $ref | $there | index($ref)) | if .dependsOn then .dependsOn |= map(select(. as $ref | $there | index($ref))) else . end)
      | .metadata.component.purl |= sub("\\?.*"; "")
      | walk(if type == "string" then sub("^path\\+file://[^#]*#"; "") else . end)' \
      "$scratch/source/debar_bin.cdx.json" >"$out/debar-$version-$target.cdx.json"
  done
fi

if [ -z "${ADDRESS:-}" ]; then
  skip "manifests of Homebrew, winget and Scoop: ADDRESS is not set (https://… where the files will be published)"
else
  say "manifests"
  mkdir -p "$out/manifests"
  "$here/manifests/build.sh" "$ADDRESS" "$out" "$out/manifests"
fi

(cd "$out" && find . -type f ! -name SHA256SUMS -printf "%P\n" | LC_ALL=C sort | xargs -d "\n" sha256sum) >"$scratch/sums"
mv "$scratch/sums" "$out/SHA256SUMS"
cat "$out/SHA256SUMS"
if [ ${#skipped[@]} -gt 0 ]; then
  printf 'SKIPPED %s\n' "${skipped[@]}" >&2
  [ -n "$allow" ] || { echo "build.sh: the release is not complete; --allow-skipped takes it so" >&2; exit 1; }
fi
say "complete in $out"
