#!/usr/bin/env bash
# Builds debar for one target as it is released: dependencies as locked, no folder of this machine in it, so that the same
# sources give the same bytes wherever they lie. Usage: binary.sh TARGET FILE
# Static Linux for aarch64 is linked by Rust's own linker; Windows needs MinGW, macOS a Mac.
set -euo pipefail
usage="usage: binary.sh TARGET FILE"
target=${1:?$usage} file=${2:?$usage}
top=$(realpath "$(dirname "$0")/..")
rustup target add "$target" >/dev/null 2>&1 || true
folder=${CARGO_TARGET_DIR:-$top/target}
# Cargo keeps these flags out of the names that it makes, so that they may differ between two builds.
flags="--remap-path-prefix=$top=debar --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
flags="$flags --remap-path-prefix=$(rustc --print sysroot)=rust"
name=debar
case $target in
*-pc-windows-gnu)
  name=debar.exe
  # The linker would write the time.
  flags="$flags -Clink-arg=-Wl,--no-insert-timestamp"
  ;;
x86_64-unknown-linux-musl)
  # Addresses to fill in at the start are most of 600 KB otherwise; musl reads the packed form since 1.2.4.
  flags="$flags -Clink-arg=-Wl,-z,pack-relative-relocs"
  ;;
aarch64-unknown-linux-musl)
  flags="$flags -Clink-arg=--pack-dyn-relocs=relr"
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=${CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER:-rust-lld}
  ;;
esac
(cd "$top" && SOURCE_DATE_EPOCH=0 CARGO_TARGET_DIR=$folder RUSTFLAGS=$flags CARGO_INCREMENTAL=0 \
  env -u CARGO_ENCODED_RUSTFLAGS cargo build --locked --release --quiet --bin debar --target "$target")
install -D -m 755 "$folder/$target/release/$name" "$file"
