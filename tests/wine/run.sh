#!/usr/bin/env bash
# Runs the Windows build of debar under Wine, on a prefix with planted products, and the Linux build on the same
# prefix as a directory: a clean prefix has no finding, each planted item is found in the right state, both builds
# agree, and what is left after a removal is a remnant. Usage: run.sh [DEBAR.EXE [DEBAR]]; builds what is not given.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
fail() { echo "wine: $*" >&2; exit 1; }

export PATH=$PATH:/usr/lib/wine
install() {
  apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 ||
    { apt-get update >/dev/null 2>&1 && apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1; } || true
}
command -v wine64 >/dev/null || install wine64
command -v x86_64-w64-mingw32-gcc >/dev/null || install gcc-mingw-w64-x86-64
command -v jq >/dev/null || install jq
for tool in wine64 wineserver64 x86_64-w64-mingw32-gcc x86_64-w64-mingw32-windres x86_64-w64-mingw32-objdump jq; do
  command -v "$tool" >/dev/null || fail "$tool is missing and could not be installed"
done

cd ../..
exe=${1:-}
if [ -z "$exe" ]; then
  rustup target add x86_64-pc-windows-gnu >/dev/null 2>&1 || true
  # As released, but for the optimiser: that only costs time here.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    cargo build --release --quiet --target x86_64-pc-windows-gnu --target-dir "${CARGO_TARGET_DIR:-target}/wine"
  exe=${CARGO_TARGET_DIR:-target}/wine/x86_64-pc-windows-gnu/release/debar.exe
fi
native=${2:-}
if [ -z "$native" ]; then
  cargo build --release --quiet
  native=${CARGO_TARGET_DIR:-target}/release/debar
fi
exe=$(realpath "$exe") native=$(realpath "$native")

# One file is all: only libraries that every Windows has.
foreign=$(x86_64-w64-mingw32-objdump -p "$exe" | sed -n 's/^\s*DLL Name: //p' | tr 'A-Z' 'a-z' | sort -u |
  grep -vxE '(api-ms-win-.*|kernel32|ntdll|advapi32|bcrypt|bcryptprimitives|combase|msvcrt|netapi32|ole32|oleaut32|pdh|powrprof|psapi|rpcrt4|secur32|shell32|user32|userenv|ws2_32)\.dll' || true)
[ -z "$foreign" ] || fail "the build needs libraries that Windows does not bring: $foreign"
echo "wine: the build needs only libraries of Windows"

scratch=$(mktemp -d)
guard=
cleanup() {
  [ -n "$guard" ] && kill "$guard" 2>/dev/null
  WINEPREFIX=$scratch/prefix wineserver64 -k 2>/dev/null
  rm -rf "$scratch"
}
trap cleanup EXIT
# A home of its own: Wine links the user's folders to it.
export HOME=$scratch/home WINEPREFIX=$scratch/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" LC_ALL=C.UTF-8
mkdir -p "$HOME" "$scratch/bin"
x86_64-w64-mingw32-gcc -O1 -shared -o "$scratch/bin/bcryptprimitives.dll" "$here/shim.c" -ladvapi32
cp "$exe" "$scratch/bin/debar.exe"
# $1 company, $2 output
program() {
  x86_64-w64-mingw32-windres --codepage=65001 "-DCOMPANY=\\\"$1\\\"" "$here/guard.rc" -O coff -o "$scratch/guard.res"
  x86_64-w64-mingw32-gcc -O1 -o "$2" "$here/guard.c" "$scratch/guard.res"
}
program "Example Guard Ltd" "$scratch/guard.exe"
program "AO Kaspersky Lab" "$scratch/avp.exe"

timeout 120 wine64 wineboot -i >/dev/null 2>&1 || fail "no prefix could be made"
wineserver64 -w
c=$scratch/prefix/drive_c

# Scans and prints each finding with its state and the sources of its evidence. $1 name of the run, rest arguments.
scan() {
  local name=$1 code=0
  shift
  "$@" -o json --no-progress --signatures "$here/example.json" >"$scratch/$name.json" 2>"$scratch/$name.err" || code=$?
  [ "$code" -eq 0 ] || [ "$code" -eq 1 ] || [ "$code" -eq 3 ] ||
    fail "$name: exit code $code: $(head -c 500 "$scratch/$name.err")"
  jq -r '.findings[] | "\(.id) \(.state) \([.evidence[] | "\(.collector)=\(.state)"] | unique | join(" "))"' \
    "$scratch/$name.json"
}
# The signature file as Windows sees it.
windows_scan() {
  local name=$1
  shift
  cp "$here/example.json" "$c/example.json"
  (cd "$scratch/bin" && here="C:" scan "$name" timeout 300 wine64 debar.exe scan "$@" | tr -d '\r')
}
# $1 what, $2 the findings it must have; then the scan and its arguments.
expect() {
  local what=$1 wanted=$2 found
  shift 2
  found=$("$@") || exit 1
  set -- "$what" "$wanted" "$found"
  if [ "$2" != "$3" ]; then
    printf 'wine: %s\n-- expected\n%s\n-- found\n%s\n' "$1" "$2" "$3" >&2
    exit 1
  fi
  echo "wine: $1: $([ -z "$2" ] && echo "no finding" || echo "$2" | wc -l | sed 's/$/ finding(s), as planted/')"
}

expect "a clean prefix, live" "" windows_scan clean
expect "a clean prefix, as a directory" "" scan clean-dir "$native" scan "dir:$c"
jq -e '.coverage[] | select(.collector == "program_files") | .artifacts > 500' "$scratch/clean.json" >/dev/null ||
  fail "the live scan of the clean prefix saw fewer than 500 program files"
jq -e '[.gaps[] | select(.kind != "denied")] == []' "$scratch/clean.json" >/dev/null ||
  fail "gaps in the clean prefix: $(jq -c '.gaps[:5]' "$scratch/clean.json")"

# Plant.
user=$(ls "$c/users" | grep -v Public | head -1)
startup="$c/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp"
mkdir -p "$c/Program Files/Example Guard" "$c/Program Files/Vendor/Tool" "$c/windows/system32/Tasks/Example Guard" \
  "$startup" "$c/ProgramData/chocolatey/lib/example-guard" "$c/Program Files/AV" \
  "$c/users/$user/AppData/Local/Microsoft/WinGet/Packages/Example.Guard_source"
cp "$scratch/guard.exe" "$c/Program Files/Example Guard/guard.exe"
cp "$scratch/guard.exe" "$c/windows/system32/drivers/examplefs.sys"
cp "$scratch/guard.exe" "$c/users/$user/AppData/Local/Microsoft/WinGet/Packages/Example.Guard_source/guard.exe"
cp "$scratch/avp.exe" "$c/Program Files/AV/avp.exe"
touch "$c/Program Files/Vendor/Tool/tool.exe"
cp "$here/../fixtures/windows/shortcut.lnk" "$startup/Tool.lnk"
printf '<package><metadata><id>example-guard</id><version>12.3</version></metadata></package>' \
  >"$c/ProgramData/chocolatey/lib/example-guard/example-guard.nuspec"
printf '\xff\xfe' >"$c/windows/system32/Tasks/Example Guard/Update"
printf '<Task><Actions><Exec><Command>"%%ProgramFiles%%\\Example Guard\\guard.exe"</Command></Exec></Actions></Task>' |
  iconv -f UTF-8 -t UTF-16LE >>"$c/windows/system32/Tasks/Example Guard/Update"
(cd "$c/Program Files/Example Guard" && exec wine64 guard.exe) >/dev/null 2>&1 &
guard=$!
sleep 3

files="chocolatey_packages=installed program_files=installed program_folders=remnant"
rest="scheduled_tasks=installed startup_items=installed winget_packages=installed"
expect "planted products, live" "example/guard running ${files/program_files/processes=running program_files} $rest
kaspersky/other installed program_files=installed" windows_scan planted
expect "planted products, as a directory" "example/guard installed $files $rest
kaspersky/other installed program_files=installed" scan planted-dir "$native" scan "dir:$c"
jq -e '[.findings[] | select(.id == "example/guard") | .evidence[] | select(.collector == "processes")]
  | length == 1 and (.[0].fields.company | index("ООО Пример")) != null' "$scratch/planted.json" >/dev/null ||
  fail "the running process does not have the identity of its image: $(jq -c ".findings[].evidence[] | select(.collector == \"processes\")" "$scratch/planted.json")"
# Both builds see the same. A live Windows finds names in whatever case it is asked for them.
for name in planted planted-dir; do
  jq -S '[.findings[].evidence[] | select(.collector != "processes") | {collector, state, fields}]
    | walk(if type == "string" then ascii_downcase else . end)' \
    "$scratch/$name.json" >"$scratch/$name.evidence"
done
diff -u "$scratch/planted.evidence" "$scratch/planted-dir.evidence" >&2 || fail "the two builds do not see the same"
echo "wine: both builds see the same evidence"

# Remove the programs as a bad uninstaller does.
kill "$guard" && wait "$guard" 2>/dev/null || true
guard=
wineserver64 -k || true
wineserver64 -w || true
rm -rf "$c/Program Files/Example Guard/guard.exe" "$c/Program Files/Vendor/Tool" "$c/windows/system32/drivers/examplefs.sys" \
  "$c/ProgramData/chocolatey/lib/example-guard" "$c/Program Files/AV" \
  "$c/users/$user/AppData/Local/Microsoft/WinGet/Packages/Example.Guard_source/guard.exe"
left="example/guard remnant program_folders=remnant scheduled_tasks=remnant startup_items=remnant winget_packages=remnant"
expect "what a removal left, live" "$left" windows_scan left
expect "what a removal left, as a directory" "$left" scan left-dir "$native" scan "dir:$c"
