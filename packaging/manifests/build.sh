#!/usr/bin/env bash
# Writes the manifests of package managers for released binaries: Homebrew (debar.rb), winget (three files) and Scoop
# (debar.json). Usage: build.sh ADDRESS DIST OUT
# ADDRESS is where the files of DIST are published, the one thing that this repository cannot know; nothing else here names
# it. DIST has, as far as they were built: debar-VERSION-{x86_64,aarch64}-apple-darwin.tar.gz,
# debar-VERSION-{x86_64,aarch64}-unknown-linux-musl.tar.gz (each with `debar` at its top) and
# debar-VERSION-x86_64.msi, debar-VERSION-x86_64-pc-windows.zip (`debar.exe`).
# PUBLISHER names whoever publishes.
set -euo pipefail
usage="usage: build.sh ADDRESS DIST OUT"
address=${1:?$usage} dist=${2:?$usage} out=${3:?$usage}
address=${address%/}
case $address in https://*) ;; *) echo "build.sh: ADDRESS must begin with https://" >&2; exit 1 ;; esac
top=$(realpath "$(dirname "$0")/../..")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/Cargo.toml" | head -1)
publisher=${PUBLISHER:-the debar contributors}
about="Finds banned-vendor software on machines, mounted disks and container images, with evidence"
mkdir -p "$out"
digest() { sha256sum "$dist/$1" | cut -d' ' -f1; }
file() { echo "debar-$version-$1"; }
wrote=0

brew_part() { # condition, target
  local name
  name=$(file "$2.tar.gz")
  [ -f "$dist/$name" ] || return 0
  printf '    on_%s do\n      url "%s/%s"\n      sha256 "%s"\n    end\n' "$1" "$address" "$name" "$(digest "$name")"
}
brew_system() { # system, target
  local parts
  parts=$(brew_part intel "x86_64-$2"; brew_part arm "aarch64-$2")
  [ -z "$parts" ] || printf '\n  on_%s do\n%s\n  end\n' "$1" "$parts"
}
systems=$(brew_system macos apple-darwin; brew_system linux unknown-linux-musl)
if [ -n "$systems" ]; then
  cat >"$out/debar.rb" <<RUBY
# typed: strict
# frozen_string_literal: true

# Written by packaging/manifests/build.sh.
class Debar < Formula
  desc "Find banned-vendor software on machines, disks and container images"
  homepage "$address"
  version "$version"
  license any_of: ["MIT", "Apache-2.0"]
$systems

  def install
    bin.install "debar"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/debar --version")
  end
end
RUBY
  wrote=1
fi

msi=$(file x86_64.msi)
if [ -f "$dist/$msi" ]; then
  winget=$out/winget
  mkdir -p "$winget"
  head() {
    printf 'PackageIdentifier: Debar.Debar\nPackageVersion: %s\n' "$version"
  }
  tail() { printf 'ManifestType: %s\nManifestVersion: 1.6.0\n' "$1"; }
  { head; echo "DefaultLocale: en-US"; tail version; } >"$winget/Debar.Debar.yaml"
  {
    head
    printf 'PackageLocale: en-US\nPublisher: %s\nPackageName: debar\nLicense: MIT OR Apache-2.0\nShortDescription: %s\n' \
      "$publisher" "$about"
    tail defaultLocale
  } >"$winget/Debar.Debar.locale.en-US.yaml"
  {
    head
    printf 'InstallerType: wix\nScope: machine\nInstallers:\n- Architecture: x64\n  InstallerUrl: %s/%s\n  InstallerSha256: %s\n' \
      "$address" "$msi" "$(digest "$msi" | tr a-f A-F)"
    tail installer
  } >"$winget/Debar.Debar.installer.yaml"
  wrote=1
fi

zip=$(file x86_64-pc-windows.zip)
if [ -f "$dist/$zip" ]; then
  cat >"$out/debar.json" <<JSON
{
    "version": "$version",
    "description": "$about",
    "homepage": "$address",
    "license": "MIT|Apache-2.0",
    "architecture": {
        "64bit": {
            "url": "$address/$zip",
            "hash": "$(digest "$zip")"
        }
    },
    "bin": "debar.exe"
}
JSON
  wrote=1
fi
[ "$wrote" = 1 ] || { echo "build.sh: $dist has none of the files that the manifests name (version $version)" >&2; exit 1; }
