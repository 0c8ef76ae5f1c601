#!/usr/bin/env bash
# Runs the Windows build of debar under Wine, on a prefix with planted products, and the Linux build on the same
# prefix as a directory, its registry exported to hives that hivexregedit writes: a clean prefix has no finding, each
# planted item is found in the right state, both builds agree on it and on everything else the registry holds, and
# what is left after a removal is a remnant. Usage: run.sh [DEBAR.EXE [DEBAR]]; builds what is not given.
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
command -v hivexregedit >/dev/null || install libwin-hivex-perl
command -v jq >/dev/null || install jq
command -v openssl >/dev/null || install openssl
command -v python3 >/dev/null || install python3
for tool in hivexregedit openssl python3 wine64 wineserver64 x86_64-w64-mingw32-gcc x86_64-w64-mingw32-windres x86_64-w64-mingw32-objdump jq; do
  command -v "$tool" >/dev/null || fail "$tool is missing and could not be installed"
done

cd ../../..
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
  grep -vxE '(api-ms-win-.*|kernel32|ntdll|advapi32|bcrypt|bcryptprimitives|combase|crypt32|msvcrt|ncrypt|netapi32|ole32|oleaut32|pdh|powrprof|psapi|rpcrt4|secur32|shell32|user32|userenv|ws2_32)\.dll' || true)
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

timeout 300 wine64 wineboot -i >/dev/null 2>&1 || fail "no prefix could be made"
wineserver64 -w
c=$scratch/prefix/drive_c
# The machine's own disk is none of this Windows.
rm "$scratch/prefix/dosdevices/z:"
mkdir -p "$c/debar" "$c/windows/AppCompat/Programs"
echo regf >"$c/windows/AppCompat/Programs/Amcache.hve"
cp "$scratch/bin/"* "$here/example.json" "$c/debar"

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
# A program of Windows, and the Windows build.
windows() { (cd "$c/debar" && timeout 300 wine64 "$@"); }
debar() { windows debar.exe "$@"; }
# The signature file as Windows sees it.
windows_scan() {
  local name=$1
  shift
  (cd "$c/debar" && here="C:\\debar" scan "$name" timeout 300 wine64 debar.exe scan "$@" | tr -d '\r')
}
# Writes the registry as Windows exports it into the hives that a disk has.
user_key='HKEY_USERS\S-1-5-21-0-0-0-1000'
export_hives() {
  local hives=$c/windows/system32/config user
  user=$(ls "$c/users" | grep -v Public | head -1)
  mkdir -p "$hives"
  hive 'HKEY_LOCAL_MACHINE\Software' "$hives/SOFTWARE"
  hive 'HKEY_LOCAL_MACHINE\System' "$hives/SYSTEM"
  hive "$user_key" "$c/users/$user/NTUSER.DAT"
}
# $1 key, $2 the hive.
hive() {
  local pattern=${1//\\/\\\\}
  windows regedit /E 'C:\debar\export.reg' "$1" || fail "$1 could not be exported"
  iconv -f UTF-16 -t UTF-8 "$c/debar/export.reg" | tr -d '\r' | sed "/^\[$pattern\]\$/d; s/^\[$pattern/[/" >"$scratch/export.reg"
  python3 "$here/empty_hive.py" "$2"
  PERL_UNICODE=SAD hivexregedit --merge "$2" "$scratch/export.reg" || fail "$1 could not be written as a hive"
}
# The hives are files of a disk that does not run.
remove_hives() { rm -f "$c"/windows/system32/config/{SOFTWARE,SYSTEM} "$c"/users/*/NTUSER.DAT; }
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


# What the registry says, in the words of both builds: of a running Windows without what it does now, without case
# (a live Windows finds names in whatever case it is asked for them), and without what only one of them can see.
registry_of() {
  jq -S '[.artifacts[] | select(.location.registry_key and .collector != "registry_hives")
      | if .state == "running" then .state = "installed" else . end
      | {collector, state, key: .location.registry_key, record: .location.record,
          fields: (.fields | del(.status, .pid))}]
    | sort_by(tostring | ascii_downcase) | walk(if type == "string" then ascii_downcase else . end)' "$1"
}
both_read_the_same_registry() {
  debar inventory -o json --no-progress --allow-gaps >"$scratch/live.json" || fail "the inventory of a running Windows ended with $?"
  export_hives
  "$native" inventory "dir:$c" -o json --no-progress --allow-gaps >"$scratch/hives.json" || fail "the inventory of the hives ended with $?"
  registry_of "$scratch/live.json" >"$scratch/live"
  registry_of "$scratch/hives.json" >"$scratch/hives"
  diff -u "$scratch/live" "$scratch/hives" | head -80 >&2 || true
  cmp -s "$scratch/live" "$scratch/hives" || fail "a running Windows and its hives tell different things"
  echo "wine: $1: the running registry and its hives tell the same $(jq length "$scratch/live") things of $(jq -r '[.[].collector] | unique | length' "$scratch/live") collectors"
}

expect "a clean prefix, live" "" windows_scan clean
jq -e '.coverage[] | select(.collector == "program_files") | .artifacts > 500' "$scratch/clean.json" >/dev/null ||
  fail "the live scan of the clean prefix saw fewer than 500 program files"
for collector in services drivers startup_items registry_hives; do
  jq -e --arg name $collector '.coverage[] | select(.collector == $name) | .artifacts > 0' "$scratch/clean.json" >/dev/null ||
    fail "the live scan of the clean prefix saw no $collector"
done
jq -e '[.gaps[] | select(.kind != "denied")] == []' "$scratch/clean.json" >/dev/null ||
  fail "gaps in the clean prefix: $(jq -c '.gaps[:5]' "$scratch/clean.json")"
jq -e '[.skipped[] | select(.place | ascii_downcase | endswith("amcache.hve"))] | length == 1' "$scratch/clean.json" >/dev/null ||
  fail "nothing says that a running Windows keeps Amcache.hve to itself: $(jq -c .skipped "$scratch/clean.json")"
rm -r "$c/windows/AppCompat"
both_read_the_same_registry "a clean prefix"
expect "a clean prefix, as a directory with hives" "" scan clean-dir "$native" scan "dir:$c"
remove_hives

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
cp "$here/../../fixtures/windows/shortcut.lnk" "$startup/Tool.lnk"
printf '<package><metadata><id>example-guard</id><version>12.3</version></metadata></package>' \
  >"$c/ProgramData/chocolatey/lib/example-guard/example-guard.nuspec"
printf '\xff\xfe' >"$c/windows/system32/Tasks/Example Guard/Update"
printf '<Task><Actions><Exec><Command>"%%ProgramFiles%%\\Example Guard\\guard.exe"</Command></Exec></Actions></Task>' |
  iconv -f UTF-8 -t UTF-16LE >>"$c/windows/system32/Tasks/Example Guard/Update"
openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj "/O=Example Guard Ltd/CN=Example Guard Root" -days 2 \
  -outform DER -out "$scratch/root.der" 2>/dev/null
{ cat "$here/plant.reg" && python3 "$here/certificate.py" "$scratch/root.der"; } | iconv -f UTF-8 -t UTF-16 >"$c/debar/plant.reg"
windows regedit /S 'C:\debar\plant.reg' || fail "the registry took nothing"
# The service manager reads the registry when it starts.
wineserver64 -k || true
wineserver64 -w || true
guard_service='"C:\Program Files\Example Guard\guard.exe" service ExampleGuard'
{ windows sc create ExampleGuard binPath= "$guard_service" DisplayName= "Пример Служба" &&
  windows sc create ExampleGuardIdle binPath= "${guard_service}Idle" &&
  windows sc start ExampleGuard; } >/dev/null || fail "no service could be made"
(cd "$c/Program Files/Example Guard" && exec wine64 guard.exe) >/dev/null 2>&1 &
guard=$!
sleep 3

files="chocolatey_packages=installed drivers=installed"
rest="program_files=installed program_folders=remnant programs=installed scheduled_tasks=installed services=disabled services=installed services=remnant"
last="startup_items=installed winget_packages=installed"
expect "planted products, live" "example/guard running certificates=remnant $files processes=running $rest services=running $last
kaspersky/other installed program_files=installed" windows_scan planted
jq -e '[.findings[] | select(.id == "example/guard") | .evidence[] | select(.collector == "processes")]
  | length == 2 and all(.[]; .fields.company | index("ООО Пример") != null)' "$scratch/planted.json" >/dev/null ||
  fail "the running processes do not have the identity of their image: $(jq -c ".findings[].evidence[] | select(.collector == \"processes\")" "$scratch/planted.json")"
# $1 report or inventory, $2 what, $3 the filter of its evidence, $4 what it must print.
told() {
  local found
  found=$(jq -r "[(.findings // [])[].evidence[], (.artifacts // [])[]] | .[] | $3" "$scratch/$1.json" | LC_ALL=C sort)
  [ "$found" = "$4" ] || { printf 'wine: %s of %s\n-- expected\n%s\n-- found\n%s\n' "$2" "$1" "$4" "$found" >&2; exit 1; }
}
told planted services 'select(.collector == "services" or .collector == "drivers")
  | "\(.fields.name) \(.state) \(.fields.start_type) \(.fields.status) \(.fields.pid | type)"' \
  "ExampleFs installed demand stopped null
ExampleGuard running demand running string
ExampleGuardIdle installed demand stopped null
ExampleGuardLeft remnant demand stopped null
ExampleGuardOff disabled disabled stopped null"
both_read_the_same_registry "planted products"
expect "planted products, as a directory with hives" "example/guard installed certificates=remnant $files $rest $last
kaspersky/other installed program_files=installed" scan planted-dir "$native" scan "dir:$c"
programs='select(.collector == "programs") | .fields | "\(.name | if type == "array" then .[0] else . end)|\(.version)|\(.publisher)|\(.scope)|\(.arch)|\(.user)|\(.identifying_number)|\(.upgrade_code)|\(.package_code)"'
for run in planted planted-dir; do
  told $run programs "$programs" \
    "Example Guard Agent|15.1.0.20748|Example Guard Ltd|machine|x86|null|{5D6E7F80-1A2B-3C4D-8E9F-A0B1C2D3E4F5}|{AAAAAAAA-BBBB-CCCC-DDDD-EEEEFFFF0000}|{11111111-2222-3333-4444-555566667777}
Пример Защита|12.3.4|ООО Пример|machine|null|null|null|null|null
例示ガード|null|Example Guard Ltd|user|null|$user|null|null|null"
done
# Both builds see the same evidence.
for name in planted planted-dir; do
  jq -S '[.findings[].evidence[] | select(.collector != "processes")
      | if .state == "running" then .state = "installed" else . end
      | {collector, state, fields: (.fields | del(.status, .pid))}] | sort_by(tostring | ascii_downcase)
    | walk(if type == "string" then ascii_downcase else . end)' "$scratch/$name.json" >"$scratch/$name.evidence"
done
diff -u "$scratch/planted.evidence" "$scratch/planted-dir.evidence" >&2 || fail "the two builds do not see the same"
echo "wine: both builds see the same evidence"
remove_hives

# Remove the programs as a bad uninstaller does.
windows sc stop ExampleGuard >/dev/null || fail "the service does not stop"
kill "$guard" && wait "$guard" 2>/dev/null || true
guard=
wineserver64 -k || true
wineserver64 -w || true
rm -rf "$c/Program Files/Example Guard/guard.exe" "$c/Program Files/Vendor/Tool" "$c/windows/system32/drivers/examplefs.sys" \
  "$c/ProgramData/chocolatey/lib/example-guard" "$c/Program Files/AV" \
  "$c/users/$user/AppData/Local/Microsoft/WinGet/Packages/Example.Guard_source/guard.exe"
windows reg delete 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\例示ガード' /f >/dev/null
left="example/guard remnant certificates=remnant drivers=remnant program_folders=remnant programs=remnant scheduled_tasks=remnant services=remnant startup_items=remnant winget_packages=remnant"
expect "what a removal left, live" "$left" windows_scan left
# Wine's event log takes what it is told and says it as its own error, which is the gravity of a finding.
code=0
(cd "$c/debar" && WINEDEBUG=err+eventlog timeout 300 wine64 debar.exe scan --event-log -q -o 'json=C:\debar\event.json' --no-progress \
  --signatures 'C:\debar\example.json') >"$scratch/event" 2>&1 || code=$?
if [ "$code" -ne 1 ] || ! grep -q 'err:eventlog:ReportEventW.*banned software found: example/guard=remnant' "$scratch/event"; then
  fail "the verdict is not in the event log (exit code $code): $(head -c 2000 "$scratch/event")"
fi
echo "wine: the verdict goes into the event log as an error"
# The same by the report of before: verify looks again at what it names.
cp "$scratch/planted.json" "$c/debar/planted.json"
code=0
debar verify 'C:\debar\planted.json' --signatures 'C:\debar\example.json' --no-progress >"$scratch/verify" || code=$?
[ "$code" -eq 1 ] && grep -q 'example/guard.*running.*remnant' "$scratch/verify" && grep -q 'kaspersky/other.*gone' "$scratch/verify" ||
  { cat "$scratch/verify"; fail "verify ended with $code"; }
echo "wine: verify tells what is gone and what was left"
export_hives
expect "what a removal left, as a directory with hives" "$left" scan left-dir "$native" scan "dir:$c"
remove_hives

# A second fixed drive is looked at, one of the network is told.
mkdir -p "$scratch/d/Program Files/Second" "$scratch/e/Program Files/Third"
cp "$scratch/guard.exe" "$scratch/d/Program Files/Second"
cp "$scratch/guard.exe" "$scratch/e/Program Files/Third"
windows reg add 'HKLM\Software\Wine\Drives' /v e: /d network >/dev/null
ln -s "$scratch/d" "$scratch/prefix/dosdevices/d:"
ln -s "$scratch/e" "$scratch/prefix/dosdevices/e:"
# Wine looks for drives when it starts.
wineserver64 -k || true
wineserver64 -w || true
windows_scan drives >/dev/null
on_other_drives=$(jq -r '.findings[].evidence[].location.path // "" | select(startswith("/D:") or startswith("/E:"))' "$scratch/drives.json")
[ "$on_other_drives" = "/D:/Program Files/Second/guard.exe" ] || fail "of other drives was found: $on_other_drives"
jq -e '.skipped[] | select(.place == "/E:" and (.reason | startswith("network drive")))' "$scratch/drives.json" >/dev/null ||
  fail "nothing says that the network drive was left out: $(jq -c .skipped "$scratch/drives.json")"
echo "wine: the second fixed drive was looked at, the network drive was left out and told"
