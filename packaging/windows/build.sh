#!/usr/bin/env bash
# Builds the .msi with wixl (msitools) and checks what is in it. Usage: build.sh DEBAR.EXE OUT
# PUBLISHER names whoever publishes. It is not signed: sign it with your own certificate, e.g. by osslsigncode.
set -euo pipefail
usage="usage: build.sh DEBAR.EXE OUT"
program=$(realpath "${1:?$usage}") out=${2:?$usage}
here=$(dirname "$(realpath "$0")")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../Cargo.toml" | head -1)
mkdir -p "$out"
msi=$(realpath "$out")/debar-$version-x86_64.msi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "msi: $*" >&2; exit 1; }
# schtasks reads nothing but UTF-16.
{ printf '\xff\xfe'; iconv -f UTF-8 -t UTF-16LE "$here/task.xml"; } >"$scratch/task.xml"
cp "$program" "$scratch/debar.exe"
cp "$here/debar.wxs" "$scratch/"
(cd "$scratch" && wixl -a x64 -D Version="$version" -D Publisher="${PUBLISHER:-the debar contributors}" -D Program=debar.exe \
  -D Task=task.xml -o "$msi" debar.wxs)
# A command in a folder (34), as the system's account (2048), within the installation (1024); a task that is gone already does not
# keep the program from being removed (64).
action() { # action, type, command
  msibuild "$msi" -q "UPDATE \`CustomAction\` SET \`Type\` = $2, \`Source\` = 'INSTALLDIR', \`Target\` = '$3' WHERE \`Action\` = '$1'"
}
action MakeTask 3106 '[SystemFolder]schtasks.exe /Create /F /TN debar\scan /XML "[INSTALLDIR]task.xml"'
action RemoveTask 3170 '[SystemFolder]schtasks.exe /Delete /F /TN debar\scan'
# Within the transaction, where alone deferred actions may be, and while there still is something to remove.
msibuild "$msi" -q "UPDATE \`InstallExecuteSequence\` SET \`Sequence\` = 3450 WHERE \`Action\` = 'RemoveTask'"
# As others read it: the files come out as they went in, and the task is made, and removed with the program.
msiextract -C "$scratch/out" "$msi" >/dev/null
cmp "$program" "$(find "$scratch/out" -name debar.exe)" || fail "debar.exe is another one"
cmp "$scratch/task.xml" "$(find "$scratch/out" -name task.xml)" || fail "task.xml is another one"
msiinfo export "$msi" CustomAction >"$scratch/actions"
msiinfo export "$msi" InstallExecuteSequence >"$scratch/sequence"
at() { awk -F'\t' -v action="$1" '$1 == action {print $3 + 0}' "$scratch/sequence"; }
for action in MakeTask RemoveTask; do
  grep -qE "^$action.(3106|3170).INSTALLDIR.*schtasks.exe /(Create|Delete) /F /TN debar" "$scratch/actions" || fail "there is no $action"
done
if [ "$(at MakeTask)" -le "$(at InstallFiles)" ] || [ "$(at RemoveTask)" -ge "$(at RemoveFiles)" ] ||
  [ "$(at RemoveTask)" -le "$(at InstallInitialize)" ] || [ "$(at MakeTask)" -ge "$(at InstallFinalize)" ]; then
  fail "the task is made too soon or removed too late"
fi
# Into files: a reader that has seen enough would end msiinfo.
msiinfo export "$msi" CreateFolder >"$scratch/folders"
msiinfo export "$msi" Property >"$scratch/properties"
msiinfo export "$msi" Registry >"$scratch/registry"
# Key, name and value, apart by tabs.
grep -qP '\\EventLog\\Application\\debar\tEventMessageFile\t\[System64Folder\]EventCreate\.exe\t' "$scratch/registry" || fail "the source of events is not registered"
grep -q "^REPORTS" "$scratch/folders" || fail "no folder for reports"
grep -q "^ProductVersion.$version" "$scratch/properties" || fail "it has another version"
ls "$msi"
