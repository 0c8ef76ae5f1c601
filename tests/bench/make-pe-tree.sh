#!/usr/bin/env bash
# Builds the tree that the README's figure on PE files is measured on: 100,000 hard links to the executables and
# libraries that Wine and MinGW bring (Debian: wine64, gcc-mingw-w64), as programs of a Windows disk.
# Usage: make-pe-tree.sh FOLDER; FOLDER must lie on the file system of /usr.
set -euo pipefail
folder=${1:?usage: make-pe-tree.sh FOLDER}
mkdir -p "$folder/Windows/System32" "$folder/Program Files/Vendor 1"
first="$folder/Program Files/Vendor 1"
find /usr/lib /usr/x86_64-w64-mingw32 /usr/i686-w64-mingw32 -type f \
  \( -iname '*.dll' -o -iname '*.exe' -o -iname '*.sys' -o -iname '*.drv' -o -iname '*.ocx' -o -iname '*.cpl' \) \
  2>/dev/null | while read -r file; do ln "$file" "$first/$(echo "$file" | tr / _)"; done
count=$(find "$first" -type f | wc -l)
[ "$count" -gt 100 ] || { echo "make-pe-tree: install wine64 and gcc-mingw-w64 first" >&2; exit 1; }
for ((number = 2; number <= (100000 + count - 1) / count; number++)); do
  cp -rl "$first" "$folder/Program Files/Vendor $number"
done
echo "$(find "$folder" -type f | wc -l) files, $count of them different"
