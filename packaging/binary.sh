#!/usr/bin/env bash
# Builds debar for one target as it is released: dependencies as locked, no folder of this machine in it, so that the same
# sources give the same bytes wherever they lie. Usage: binary.sh TARGET FILE
# Static Linux is linked by Rust's own linker; Windows needs MinGW, macOS a Mac.
set -euo pipefail
usage="usage: binary.sh TARGET FILE"
target=${1:?$usage} file=${2:?$usage}
top=$(realpath "$(dirname "$0")/..")
rustup target add "$target" >/dev/null 2>&1 || true
folder=${CARGO_TARGET_DIR:-$top/target}
# Cargo keeps these flags out of the names that it makes, so that they may differ between two builds.
flags="--remap-path-prefix=$top=debar --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
flags="$flags --remap-path-prefix=$(rustc --print sysroot)=rust"
# LLVM takes assembly for free when it decides what to copy into callers: 400 KB of elliptic curves, again and again.
flags="$flags -Cllvm-args=-inline-asm-instr-cost=10"
name=debar
case $target in
*-pc-windows-gnu)
  name=debar.exe
  # The linker would write the time.
  flags="$flags -Clink-arg=-Wl,--no-insert-timestamp"
  ;;
*-unknown-linux-musl)
  # Addresses to fill in at the start are 600 KB otherwise; musl reads the packed form since 1.2.4. Functions of the same
  # instructions stay once.
  flags="$flags -Clink-arg=--pack-dyn-relocs=relr -Clink-arg=--icf=all"
  linker=CARGO_TARGET_$(tr a-z- A-Z_ <<<"$target")_LINKER
  export "$linker=${!linker:-rust-lld}"
  ;;
esac
(cd "$top" && SOURCE_DATE_EPOCH=0 CARGO_TARGET_DIR=$folder RUSTFLAGS=$flags CARGO_INCREMENTAL=0 \
  env -u CARGO_ENCODED_RUSTFLAGS cargo build --locked --profile dist --no-default-features --features dist --quiet --bin debar --target "$target")
install -D -m 755 "$folder/$target/dist/$name" "$file"
