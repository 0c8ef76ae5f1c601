#!/usr/bin/env bash
# Takes single steps of the runtime of plans where another account did its worst: hostile.sh [RUNTIME]. As root.
set -euo pipefail
cd "$(dirname "$0")"
runtime=$(realpath "${1:-../../../src/plan/runtime.sh}")
[ "$(id -u)" = 0 ] || { echo "plan/hostile.sh: run as root" >&2; exit 1; }
command -v setfacl >/dev/null || apt-get install -y --no-install-recommends acl >/dev/null 2>&1 || true
umask 022
work=$(mktemp -d)
chmod 755 "$work"
clean() {
  chattr -R -i "$work" 2>/dev/null || true
  umount "$work"/*/*/mounted 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
failed=0
fail() { echo "FAILED: $1" >&2; failed=1; }

# Takes steps with --apply; what they say goes to $work/said. DATA and SEARCHED (its PATH) are of the caller.
take() { # commands
  # shellcheck disable=SC2016
  PATH=${SEARCHED:-$PATH} timeout 120 sh -c 'todo=$1 runtime=$2 data=$3 log=$4; set -- --apply --host h --data "$data" --log "$log"; . "$runtime"
    known=yes plan=p; prepare; eval "$todo"; ended' sh "$1" "$runtime" "${DATA:-$work/data}" "$work/log" >"$work/said" 2>&1 </dev/null
}
one() { # name code text steps
  local code=0
  rm -rf "$work/data" "$work/log"
  take "step s01 title changes v after; $4" || code=$?
  [ "$code" = "$2" ] && grep -Fq -e "$3" "$work/said" || { fail "$1: exit code $code"; sed 's/^/  /' "$work/said" >&2; }
}
product() { # folder
  rm -rf "$work/${1:?}"
  mkdir -p "$work/$1/v/logs"
  echo program >"$work/$1/v/bin"
  echo log >"$work/$1/v/logs/a.log"
}

# What works.
product plain
one "a folder" 0 "done" "folder $work/plain/v part"
[ ! -e "$work/plain/v" ] && [ -n "$(find "$work/data/kept" -name a.log)" ] || fail "a folder is gone, its log kept"
for name in 'Лаборатория Касперского' '-rf' 'a b' "it's" '$(touch x)' 'a*' 'a;b' '`x`' '..x' '*' '卡巴斯基'; do
  product "names"
  mv "$work/names/v" "$work/names/$name"
  quoted=$(printf '%s' "$work/names/$name" | sed "s/'/'\\\\''/g")
  echo neighbour >"$work/names/other"
  one "a folder called $name" 0 "done" "folder '$quoted' part"
  [ ! -e "$work/names/$name" ] && [ -e "$work/names/other" ] || fail "only $name is gone"
done
long=$work/long
for _ in $(seq 18); do long=$long/$(printf 'x%.0s' $(seq 200)); done
mkdir -p "$long/v"
one "a very long path" 0 "done" "folder $long/v part"

# Others can write.
product group
chgrp 100 "$work/group" && chmod g+w "$work/group"
one "a group that every user is in" 1 "others can write" "folder $work/group/v part"
product world
chmod o+w "$work/world"
one "a folder for all" 1 "others can write" "folder $work/world/v part"
product listed
if setfacl -m u:1000:rwx "$work/listed" 2>/dev/null; then
  one "an access list" 1 "others can write" "folder $work/listed/v part"
  setfacl -b "$work/listed" && setfacl -m u:1000:r-x "$work/listed"
  one "an access list that only reads" 0 "done" "folder $work/listed/v part"
else
  echo "plan/hostile.sh: no access lists here" >&2
fi

# Links and mounts.
product linked
ln -s "$work/linked" "$work/way"
one "a link above it" 1 "is a link now" "folder $work/way/v part"
product swapped
mv "$work/swapped/v" "$work/swapped/w" && ln -s w "$work/swapped/v"
one "a link in its place" 1 "it is a link now" "folder $work/swapped/v part"
product mounts
mkdir "$work/mounts/v/mounted"
if mount -t tmpfs none "$work/mounts/v/mounted" 2>/dev/null; then
  echo data >"$work/mounts/v/mounted/data"
  one "a mount in it" 1 "mounted at" "folder $work/mounts/v part"
  one "a mount that came in between" 2 "FAILED" "plain() { return 0; }; folder $work/mounts/v part"
  [ -e "$work/mounts/v/mounted/data" ] || fail "what is mounted stays"
  umount "$work/mounts/v/mounted"
fi
product fixed
if chattr +i "$work/fixed/v/bin" 2>/dev/null; then
  one "a file that cannot be changed" 2 "FAILED" "folder $work/fixed/v part"
  chattr -i "$work/fixed/v/bin"
fi

# Pipes and devices: nothing waits.
mkdir -p "$work/pipes"
mkfifo "$work/pipes/p"
ln -s p "$work/pipes/unit.service" && ln -s /dev/zero "$work/pipes/zero.service"
one "a unit that leads to a pipe" 1 "does not start" "unit unit.service $work/pipes/unit.service /opt/v/bin system"
one "a unit that leads to a device" 1 "does not start" "unit zero.service $work/pipes/zero.service /opt/v/bin system"
one "a text in a pipe" 1 "by hand" "if still text $work/pipes/p x; then manual look; else gone; fi"
one "a file that became a pipe" 1 "no file now" "file $work/pipes/p 3 x"

# Copies of data lead nowhere, whatever cp is there.
for over in '--update --backup=numbered' ''; do
  product copies
  echo victim >"$work/victim"
  ln -s "$work/victim" "$work/copies/v/logs/b.log"
  rm -rf "$work/data"
  # shellcheck disable=SC2016
  one "a copy over a link ($over)" 0 "done" "over='$over'; phase=keep; keep $work/copies/v part; rm $work/copies/v/logs/b.log; echo evil >$work/copies/v/logs/b.log; phase=after; folder $work/copies/v part"
  [ "$(cat "$work/victim")" = victim ] || fail "a copy was written through a link ($over)"
  [ -n "$(grep -lr evil "$work/data/kept")" ] || fail "what came later is kept ($over)"
done

# The script's own folder, and its programs.
mkdir -p "$work/precious" && chmod 755 "$work/precious"
ln -s "$work/precious" "$work/linkdata"
DATA=$work/linkdata one "a link for data" 2 "is a link" "gone"
[ "$(stat -c %a "$work/precious")" = 755 ] || fail "the folder behind a link changed its mode"
mkdir -p "$work/programs" && chmod 777 "$work/programs"
for program in rm awk ls cp grep find id; do
  printf '#!/bin/sh\n: >%s/ran\nexec /usr/bin/%s "$@"\n' "$work" "$program" >"$work/programs/$program"
  chmod 755 "$work/programs/$program"
done
product search
SEARCHED=$work/programs:$PATH one "programs of others" 0 "done" "folder $work/search/v part"
[ ! -e "$work/ran" ] || fail "a program of others ran"

# A package that names a file below /lib owns it below /usr/lib.
if [ -L /lib ]; then
  listed=$(cat /var/lib/dpkg/info/*.list 2>/dev/null | grep -E '^/lib/.*[.]' | while read -r file; do [ ! -f "/usr$file" ] || { echo "/usr$file"; break; }; done || true)
  if [ -n "$listed" ]; then one "a file of a package" 1 "it belongs to the package" "file $listed '' ''"; fi
fi
if [ "$failed" = 0 ]; then echo "plan/hostile.sh: all steps were right"; fi
exit "$failed"
