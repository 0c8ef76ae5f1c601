set -u
LC_ALL=C
export LC_ALL
unset CDPATH
given=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin
command -v ls >/dev/null 2>&1 || PATH=$given
apply=no
named=no
delete_data=no
replacement=no
decrypted=no
restarted=no
stated=' '
here=
log=
data=
usage() {
  cat <<'END'
usage: sh plan.sh [--apply] [--host NAME] [options]
Without --apply it only shows what it would do. A step is refused when the host no longer shows what the scan saw.
  --apply      take the steps; as root
  --host NAME  the name of this host in the plan, when `uname -n` says another
  --log FILE   where to log what was done [default: /var/log/debar-plan.log]
  --data DIR   where kept data and the memory of the script lie [default: /var/lib/debar]
  --delete-data           keep no copy of quarantine, keys, logs and backups
  --i-have-a-replacement  go on although the only antivirus is removed
  --decrypted             go on: disks and files are decrypted
  --restarted             the host was restarted since the last run, where the script cannot see it
  --done ID    a step by hand that the script cannot see is done; may be repeated
Exit code: 0 everything is done, 1 a step was refused or is left to do, 2 a step failed, or the plan is not for this
host or was called wrongly, 64 restart the host and run the plan again.
END
}
while [ $# -gt 0 ]; do
  case $1 in
  --apply) apply=yes ;;
  --host) [ $# -ge 2 ] || { usage >&2; exit 2; }; here=$2; named=yes; shift ;;
  --log) [ $# -ge 2 ] || { usage >&2; exit 2; }; log=$2; shift ;;
  --data) [ $# -ge 2 ] || { usage >&2; exit 2; }; data=$2; shift ;;
  --done) [ $# -ge 2 ] || { usage >&2; exit 2; }; stated="$stated$2 "; shift ;;
  --delete-data) delete_data=yes ;;
  --i-have-a-replacement) replacement=yes ;;
  --decrypted) decrypted=yes ;;
  --restarted) restarted=yes ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
  esac
  shift
done
system=$(uname -s)
[ -n "$here" ] || here=$(uname -n)
[ -n "$log" ] || log=/var/log/debar-plan.log
if [ -z "$data" ]; then
  case $system in Darwin) data='/Library/Application Support/debar' ;; *) data=/var/lib/debar ;; esac
fi
me=$(id -u)
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null)
known=no
left=0
failed=0
steps=0
planned=' '
# Vendors with an agent or product whose step is left to do: what they leave behind waits, as an uninstaller needs it.
holding=' '
# Vendors whose data could not be kept: nothing of theirs is removed.
blocking=' '
vendor=
phase=
number=
plan=
acted=no
# Whether --apply could take a step.
able=no
images=no
due=no
dated=
say() {
  printf '%s\n' "$1"
  if [ "$apply" = yes ]; then printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$log" || exit 2; fi
}
has() { command -v "$1" >/dev/null 2>&1; }
# Mode, owner, group and size of a path, in mode, uid, gid and size; links are not followed, nothing is opened.
stat_of() {
  line=$(ls -ldn -- "$1" 2>/dev/null) || return 1
  set -f
  # shellcheck disable=SC2086
  set -- $line
  set +f
  mode=$1 uid=$3 gid=$4 size=${5:-}
}
# Whether an access list lets others change the path of the last stat_of: of Linux its mask stands where the letters of the
# group do, of macOS a sign for attributes hides that of the list.
listed() {
  case $system in
  Darwin) ls -lde -- "$1" 2>/dev/null | sed 1d | grep -Eq ' allow .*(write|append|add_file|add_subdirectory|delete|chown)' ;;
  *) case $mode in ?????w????+*) return 0 ;; esac; return 1 ;;
  esac
}
# Who could swap a folder above a path, in who: nothing when only root can, the number of a user when only that user
# can, else "others".
writer() {
  who=
  at=
  sticky=no
  rest=${1#/}
  while :; do
    stat_of "${at:-/}" || return 1
    if [ "$uid" != 0 ] && [ "$uid" != "$me" ]; then
      case $who in '' | "$uid") who=$uid ;; *) who=others ;; esac
    fi
    sticky=no
    case $mode in
    ????????w[tT]*) sticky=yes ;;
    ????????w*) who=others ;;
    esac
    # A group of the system (syslog, adm) is part of it, but for those that every user is in; a user's own group is the user.
    case $mode in
    ?????w*)
      case $system:$gid in
      Darwin:20 | *:100) who=others ;;
      *) [ "$gid" -lt 1000 ] || [ "$gid" = "$uid" ] || who=others ;;
      esac
      ;;
    esac
    if listed "${at:-/}"; then who=others; fi
    case $rest in */*) at=$at/${rest%%/*}; rest=${rest#*/} ;; *) break ;; esac
  done
  # In a folder like /tmp a thing is its owner's.
  if [ "$sticky" = yes ] && stat_of "$1" && [ "$uid" != 0 ] && [ "$uid" != "$me" ]; then
    case $who in '' | "$uid") who=$uid ;; *) who=others ;; esac
  fi
}
# Runs a command with the rights of a user and without a terminal.
as_user() {
  of=$1
  shift
  entry=$(getent passwd "$of" 2>/dev/null) || entry=$(awk -F: -v u="$of" '$3 == u { print; exit }' /etc/passwd)
  group=$(printf '%s\n' "$entry" | cut -d: -f4)
  login=${entry%%:*}
  if [ "$system" = Darwin ]; then
    # Its users are in no file.
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sudo -n -u "#$of" -- "$@" </dev/null
    return
  fi
  [ -n "$group" ] || return 127
  if has setpriv; then set -- setpriv --reuid "$of" --regid "$group" --clear-groups -- "$@"
  elif has runuser; then set -- runuser -u "$login" -- "$@"
  else return 127
  fi
  if has setsid && setsid -w sh -c : 2>/dev/null; then set -- setsid -w "$@"; fi
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}
# Of a list of folders of programs those that nobody else can change.
closed() {
  paths=$1:
  while [ -n "$paths" ]; do
    one=${paths%%:*}
    paths=${paths#*:}
    case $one in /*) ;; *) continue ;; esac
    one=$(cd -P -- "$one" 2>/dev/null && pwd -P) || continue
    if writer "$one/x" && [ -z "$who" ]; then printf ':%s' "$one"; fi
  done
}
if [ "$me" = 0 ] && [ "$PATH" != "$given" ]; then
  kept=$(closed "$given")
  [ -z "$kept" ] || PATH=${kept#:}
fi
# How to take a folder away without what is mounted in it, and to copy over an older copy without following its links.
alone=
if rm --help 2>&1 | grep -q -e --one-file-system; then alone=--one-file-system
elif rm -fx -- /nonexistent/debar 2>/dev/null; then alone=-x
fi
over=
if cp --version >/dev/null 2>&1; then over='--update --backup=numbered'; fi
# Makes the folder for kept data and the memory of the script; nobody else may write there.
prepare() {
  [ "$apply" = yes ] || return 0
  umask 077
  # Before anything is logged: a link of another account would have lines written elsewhere.
  case $log in */*) real=$(cd -P -- "${log%/*}/" && pwd -P) ;; *) real=$(pwd -P) ;; esac || exit 2
  if [ -L "$log" ] || ! writer "${real%/}/${log##*/}" || [ -n "$who" ]; then
    printf '%s\n' "$log is a link, or others can write to its folder: name another file with --log" >&2
    exit 2
  fi
  mkdir -p -- "$data" || { say "cannot make $data"; exit 2; }
  real=$(cd -P -- "$data" && pwd -P) || exit 2
  writer "$data/x"
  if [ "$real" != "$data" ] || [ -n "$who" ]; then
    say "$data is a link or others can write there: name another folder with --data"
    exit 2
  fi
  chmod 700 "$data" || exit 2
  if [ -f "$data/restart-due" ]; then
    if [ "$restarted" = no ] && [ "$(cat "$data/restart-due")" = "$boot" ]; then due=yes; else rm -f "$data/restart-due"; fi
  fi
}
step() {
  number=$1
  vendor=$4
  phase=$5
  steps=$((steps + 1))
  say "[$1] $2"
  say "    changes: $3"
}
hold() {
  case $phase in
  first | filter) holding="$holding$vendor " ;;
  keep) blocking="$blocking$vendor " ;;
  esac
}
waits() { left=$((left + 1)); hold; outcome "waits for the steps above that are left to do"; }
held() { case "$holding$blocking" in *" $vendor "*) waits ;; *) return 1 ;; esac }
blocked() { case $blocking in *" $vendor "*) waits ;; *) return 1 ;; esac }
outcome() { say "    $1"; }
gone() { outcome "already gone"; }
refuse() { left=$((left + 1)); hold; outcome "REFUSED: $1"; }
would() {
  [ "$apply" = no ] || return 1
  left=$((left + 1))
  acted=yes
  able=yes
  outcome "would do it; the host shows what the scan saw"
  planned="$planned${1:-} "
}
finished() {
  # $1: exit code of the command; $2: 0 if it is still there.
  if [ "$1" -eq 0 ] && [ "$2" -ne 0 ]; then acted=yes; outcome "done"; else fail "exit code $1"; fi
}
fail() { left=$((left + 1)); failed=$((failed + 1)); hold; outcome "FAILED ($1)"; }
manual() { left=$((left + 1)); hold; outcome "by hand: $1"; }
# A step by hand that the script cannot see: done when a person says so, now or in an earlier run.
stated() {
  case $stated in
  *" $number "*)
    [ "$apply" = no ] || printf '%s %s\n' "$plan" "$number" >>"$data/done"
    ;;
  *) grep -Fqx -e "$plan $number" "$data/done" 2>/dev/null || { outcome "then give --done $number"; return 1; } ;;
  esac
  outcome "done, as you say"
}
note() { outcome "note: $1"; }
confirm() { # replacement|decrypted
  case $1 in
  replacement) settled=$replacement; option=--i-have-a-replacement ;;
  *) settled=$decrypted; option=--decrypted ;;
  esac
  [ "$settled" = no ] || { outcome "settled: $option"; return; }
  if [ "$apply" = yes ]; then
    say "nothing was changed: settle this first, then give $option"
    exit 1
  fi
  left=$((left + 1))
  outcome "stops --apply until you give $option"
}
# Only after a step that was taken, or while the restart of an earlier run is due.
reboot_point() {
  [ "$acted" = yes ] || [ "$due" = yes ] || return 0
  [ "$apply" = yes ] || { outcome "then restart the host, and run the plan again"; return; }
  [ "$failed" -eq 0 ] || { outcome "a step failed: restart the host when it is mended"; exit 2; }
  printf '%s\n' "$boot" >"$data/restart-due"
  outcome "restart the host now, and run the plan again for the steps that follow"
  exit 64
}
ended() {
  [ "$known" = yes ] || { say "the plan has no steps for $here; see --host"; exit 2; }
  if [ "$steps" -eq 0 ]; then say 'nothing to remove'; exit 0; fi
  if [ "$images" = yes ]; then say 'nothing was changed: an image is built again, which no script does'; exit 1; fi
  if [ "$left" -eq 0 ]; then say 'everything is done; now run debar verify'; exit 0; fi
  if [ "$apply" = no ]; then
    if [ "$able" = yes ]; then say "nothing was changed; --apply does it"
    else say "nothing was changed, and --apply changes nothing: what is left is by hand or refused"
    fi
    exit 1
  fi
  if [ "$left" -eq 1 ]; then say '1 step is left to do'; else say "$left steps are left to do"; fi
  [ "$failed" -eq 0 ] || exit 2
  exit 1
}

deb_state() { dpkg-query -W -f '${db:Status-Status} ${Version} ${Architecture}\n' "$1" 2>/dev/null; }
deb() { # name version architecture maintainer
  has dpkg-query || { refuse "dpkg is not on this host"; return; }
  package=$1
  case $3 in '' | all) ;; *) package=$1:$3 ;; esac
  seen=$(deb_state "$package")
  case $seen in
  '' | 'not-installed '*) gone; return ;;
  "installed $2 ${3:-}"* | "config-files $2 ${3:-}"*) ;;
  *) refuse "dpkg says: $seen"; return ;;
  esac
  if [ -n "$4" ] && [ "$(dpkg-query -W -f '${Maintainer}' "$package" 2>/dev/null)" != "$4" ]; then
    refuse "it has another maintainer"
    return
  fi
  would "$1" && return
  DEBIAN_FRONTEND=noninteractive dpkg --purge "$package" </dev/null
  code=$?
  case $(deb_state "$package") in '' | 'not-installed '*) still=1 ;; *) still=0 ;; esac
  finished "$code" "$still"
}
rpm_has() { rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH}\n' "$1" 2>/dev/null | grep -Fqx -e "$2"; }
rpm_package() { # name epoch version release architecture vendor packager
  has rpm || { refuse "rpm is not on this host"; return; }
  rpm -q "$1" >/dev/null 2>&1 || { gone; return; }
  rpm_has "$1" "$2:$3-$4 $5" || { refuse "another version of $1 is installed: $(rpm -q "$1" | head -n 3)"; return; }
  full=$1-$3-$4${5:+.$5}
  [ -z "$6" ] || [ "$(rpm -q --qf '%{VENDOR}' "$full" 2>/dev/null)" = "$6" ] || { refuse "it has another vendor"; return; }
  [ -z "$7" ] || [ "$(rpm -q --qf '%{PACKAGER}' "$full" 2>/dev/null)" = "$7" ] || { refuse "it has another packager"; return; }
  would "$1" && return
  rpm --erase "$full" </dev/null
  code=$?
  rpm_has "$1" "$2:$3-$4 $5"
  finished "$code" $?
}
apk_version() { awk -v n="P:$1" '$0 == n { f = 1 } f && /^V:/ { print substr($0, 3); exit } /^$/ { f = 0 }' /lib/apk/db/installed 2>/dev/null; }
apk_package() { # name version
  has apk || { refuse "apk is not on this host"; return; }
  seen=$(apk_version "$1")
  [ -n "$seen" ] || { gone; return; }
  [ "$seen" = "$2" ] || { refuse "version $seen is installed"; return; }
  would "$1" && return
  apk del "$1" </dev/null
  code=$?
  [ -n "$(apk_version "$1")" ]
  finished "$code" $?
}
pacman_package() { # name version
  has pacman || { refuse "pacman is not on this host"; return; }
  seen=$(pacman -Q "$1" 2>/dev/null) || { gone; return; }
  [ "$seen" = "$1 $2" ] || { refuse "installed is: $seen"; return; }
  would "$1" && return
  pacman -Rn --noconfirm "$1" </dev/null
  code=$?
  pacman -Q "$1" >/dev/null 2>&1
  finished "$code" $?
}
snap_version() { snap list "$1" 2>/dev/null | awk 'NR == 2 { print $2 }'; }
snap_package() { # name version
  has snap || { refuse "snap is not on this host"; return; }
  seen=$(snap_version "$1")
  [ -n "$seen" ] || { gone; return; }
  [ "$seen" = "$2" ] || { refuse "version $seen is installed"; return; }
  would && return
  # Without --purge snapd keeps the data in a snapshot.
  if [ "$delete_data" = yes ]; then snap remove --purge "$1" </dev/null; else snap remove "$1" </dev/null; fi
  code=$?
  snap list "$1" >/dev/null 2>&1
  finished "$code" $?
}
flatpak_has() { flatpak list --system --columns=application 2>/dev/null | grep -Fqx -e "$1"; }
flatpak_app() { # id
  has flatpak || { refuse "flatpak is not on this host"; return; }
  flatpak_has "$1" || { gone; return; }
  would && return
  flatpak uninstall --system --noninteractive -y "$1" </dev/null
  code=$?
  flatpak_has "$1"
  finished "$code" $?
}

# Whether a path is what the scan saw: 0 it is, 1 it is gone, 2 it is not ($reason).
plain() { # path file|folder|unit
  reason=
  if [ -L "$1" ]; then
    [ "$2" = unit ] || { reason="it is a link now"; return 2; }
  else
    [ -e "$1" ] || return 1
    case $2 in
    folder) [ -d "$1" ] || { reason="it is no folder now"; return 2; } ;;
    *) [ -f "$1" ] || { reason="it is no file now"; return 2; } ;;
    esac
  fi
  parent=${1%/*}
  real=$(cd -P -- "$parent" 2>/dev/null && pwd -P)
  [ "$real" = "$parent" ] || { reason="a folder above it is a link now"; return 2; }
  escaped=$(printf '%s\n' "$1" | sed -e 's/\\/\\134/g' -e 's/ /\\040/g')
  if [ -r /proc/self/mountinfo ]; then
    while read -r _ _ _ _ point _; do
      case $point in "$escaped" | "$escaped"/*) reason="something is mounted at $point"; return 2 ;; esac
    done </proc/self/mountinfo
  elif mount 2>/dev/null | grep -Fq -e " on $1 (" -e " on $1/"; then
    reason="something is mounted at it or in it"
    return 2
  fi
  return 0
}
# The same, and that no package owns it and that it can be taken away safely.
at_place() { # path file|folder|unit
  plain "$1" "$2" || return $?
  owner=$(owner_of "$1")
  # Without --apply the packages of the steps before are still there.
  case $planned in *" ${owner%%:*} "*) owner= ;; esac
  [ -z "$owner" ] || { reason="it belongs to the package $owner"; return 2; }
  writer "$1"
  [ "$who" != others ] || { reason="others can write to a folder above it; remove it by hand"; return 2; }
  return 0
}
# The package that owns a path or something below it; nothing when none does. Where /lib is a link to /usr/lib, packages
# name either.
owner_of() {
  other=$1
  case $1 in /usr/bin/* | /usr/sbin/* | /usr/lib*/*) other=${1#/usr} ;; esac
  set -- "$1" /var/lib/dpkg/info/*.list
  if [ -e "$2" ]; then
    owned=$1
    shift
    found=$(DEBAR_PATH=$owned DEBAR_OTHER=$other awk '
      function is(path) { return $0 == path || index($0, path "/") == 1 }
      is(ENVIRON["DEBAR_PATH"]) || is(ENVIRON["DEBAR_OTHER"]) {
        sub(".*/", "", FILENAME); sub("[.]list$", "", FILENAME); print FILENAME; exit }' "$@")
    [ -z "$found" ] || { printf '%s\n' "$found"; return; }
    set -- "$owned"
  fi
  if has rpm; then
    found=$(rpm -qa --qf '[%{FILENAMES}\t%{=NAME}\n]' 2>/dev/null | DEBAR_PATH=$1 DEBAR_OTHER=$other awk -F '\t' '
      function is(path) { return $1 == path || index($1, path "/") == 1 }
      is(ENVIRON["DEBAR_PATH"]) || is(ENVIRON["DEBAR_OTHER"]) { print $2; exit }')
    [ -z "$found" ] || { printf '%s\n' "$found"; return; }
  fi
  if has pacman; then pacman -Qqo "$1" 2>/dev/null | head -n 1; fi
  if [ -r /lib/apk/db/installed ]; then
    DEBAR_PATH=$1 DEBAR_OTHER=$other awk '
      function is(path) { return at == path || index(at, path "/") == 1 }
      /^P:/ { name = substr($0, 3) }
      /^F:/ { folder = "/" substr($0, 3); at = folder }
      /^R:/ { at = folder "/" substr($0, 3) }
      /^[FR]:/ && (is(ENVIRON["DEBAR_PATH"]) || is(ENVIRON["DEBAR_OTHER"])) { print name; exit }' /lib/apk/db/installed
  fi
}
# Takes a file, link or folder away, from inside of the folder that holds it: no folder above it can be swapped for a
# link in between. What lies in a user's folder is taken away with the rights of that user.
take() { # path file|folder|unit
  set -- "${1%/*}" "${1##*/}" "$2" "$alone" 'cd -P -- "$1" && [ "$(pwd -P)" = "$1" ] || exit 9
    case $3 in
    folder) [ -d "./$2" ] && [ ! -L "./$2" ] || exit 9; rm -rf $4 -- "./$2" ;;
    file) [ -f "./$2" ] && [ ! -L "./$2" ] || exit 9; rm -f -- "./$2" ;;
    *) [ -L "./$2" ] || [ -f "./$2" ] || exit 9; rm -f -- "./$2" ;;
    esac'
  if [ -z "$who" ]; then sh -c "$5" sh "$1" "$2" "$3" "$4"; else as_user "$who" sh -c "$5" sh "$1" "$2" "$3" "$4"; fi
}
# Whether a file holds a text. Only of a file, which ends: a user can put a pipe or a device in its place.
holds() { # path text
  [ -f "$1" ] || return 1
  if has timeout; then timeout 60 grep -Fq -e "$2" -- "$1" 2>/dev/null; else grep -Fq -e "$2" -- "$1" 2>/dev/null; fi
}
# Links by which a unit is started; of the system's manager.
unit_links() { # name path
  for link in /etc/systemd/system/*.wants/"$1" /etc/systemd/system/*.requires/"$1"; do
    [ -L "$link" ] || continue
    target=$(readlink "$link")
    [ "$target" = "$2" ] || [ ! -e "$link" ] || continue
    printf '%s\n' "$link"
  done
}
unit() { # name path program user|system
  at_place "$2" unit
  case $? in
  1)
    links=
    [ "$4" = user ] || links=$(unit_links "$1" "$2")
    [ -n "$links" ] || { gone; return; }
    would && return
    unit_links "$1" "$2" | while IFS= read -r link; do rm -f -- "$link"; done
    outcome "done: links to it were left"
    return
    ;;
  2) refuse "$reason"; return ;;
  esac
  if [ -n "$3" ] && ! holds "$2" "$3"; then refuse "it does not start $3 any more"; return; fi
  if [ -n "$3" ] && sed -n 's/^ExecStart=//p' "$2" 2>/dev/null | grep -Fvq -e "$3"; then
    refuse "it starts other programs, too: take $3 out of it by hand"
    return
  fi
  would && return
  if [ "$4" = user ]; then
    # Never the system's unit of the same name.
    if [ -n "$who" ] && [ -S "/run/user/$who/bus" ] && has systemctl; then
      as_user "$who" env XDG_RUNTIME_DIR="/run/user/$who" systemctl --user disable --now -- "$1"
    fi
    # shellcheck disable=SC2016
    links='for link in "$1"/*.wants/"$2" "$1"/*.requires/"$2"; do [ ! -L "$link" ] || rm -f -- "$link"; done'
    if [ -n "$who" ]; then as_user "$who" sh -c "$links" sh "${2%/*}" "$1"; else sh -c "$links" sh "${2%/*}" "$1"; fi
  elif has systemctl && [ "$(systemctl show -p FragmentPath --value -- "$1" 2>/dev/null)" = "$2" ]; then
    systemctl disable --now -- "$1" </dev/null || systemctl disable -- "$1" </dev/null
  fi
  take "$2" unit
  code=$?
  [ "$4" = user ] || unit_links "$1" "$2" | while IFS= read -r link; do rm -f -- "$link"; done
  [ "$4" = system ] && [ -d /run/systemd/system ] && has systemctl && systemctl daemon-reload
  still path "$2"
  finished "$code" $?
}
# Where the data of a folder was kept, by this or an earlier run.
kept_of() {
  DEBAR_PATH=$1 awk -F '\t' '$1 == ENVIRON["DEBAR_PATH"] { at = $2 } END { print at }' "$data/kept.list" 2>/dev/null
}
# Names of what cannot be had again, in folders of programs.
data_in() { # path command...
  folder=$1
  shift
  find "$folder" -mindepth 1 \( -type d \( -iname '*quarantine*' -o -iname '*backup*' -o -iname 'log' -o -iname 'logs' \
    -o -iname '*report*' -o -iname '*key*' -o -iname '*trace*' -o -iname '*storage*' \) -prune "$@" \) \
    -o \( -type f \( -iname '*.log' -o -iname '*.key' -o -iname '*.pem' -o -iname '*.bak' -o -iname '*quarantine*' \) "$@" \)
}
copy() { # from to: with owners and modes, links as links; what is there already and older stays beside it
  # shellcheck disable=SC2086
  cp -a $over -- "$1" "$2"
}
keep() { # path all|part
  plain "$1" folder
  # What is refused here is not deleted either.
  case $? in 1) gone; return ;; 2) left=$((left + 1)); outcome "REFUSED: $reason"; return ;; esac
  [ "$delete_data" = no ] || { outcome "not kept: --delete-data"; return; }
  if [ "$2" = part ] && [ -z "$(data_in "$1" -print 2>/dev/null | head -n 1)" ]; then outcome "no data in it"; return; fi
  into=$(kept_of "$1")
  if [ -n "$into" ] && [ -d "$into" ]; then outcome "kept in $into"; return; fi
  if [ "$apply" = no ]; then left=$((left + 1)); able=yes; outcome "would copy it below $data/kept"; return; fi
  if save "$1" "$2"; then outcome "done: kept in $into"; else fail "it could not be copied: is there room in $data?"; fi
}
# Copies a folder's data, in the same place as before if there is one.
save() { # path all|part
  [ -n "$dated" ] || dated=$data/kept/$(date -u +%Y-%m-%dT%H%M%SZ)
  into=$(kept_of "$1")
  [ -n "$into" ] && [ -d "$into" ] || into=$dated$1
  # Into an older copy other programs than that of GNU would write through its links.
  number_of=2
  while [ -z "$over" ] && [ -e "$into" ]; do into=$dated$1.$number_of; number_of=$((number_of + 1)); done
  mkdir -p -- "$into" && chmod 700 "$data/kept" "${into%"$1"*}" || return 1
  if [ "$2" = all ]; then
    copy "$1/." "$into"
  else
    # shellcheck disable=SC2016
    data_in "$1" -exec sh -c 'from=$1 into=$2 over=$3; shift 3
      for one; do
        to=$into${one#"$from"}
        mkdir -p -- "${to%/*}" && cp -a $over -- "$one" "${to%/*}/" || exit 1
      done' sh "$1" "$into" "$over" {} +
  fi || { outcome "the copy in $into is not whole"; return 1; }
  printf '%s\t%s\n' "$1" "$into" >>"$data/kept.list"
}
folder() { # path all|part
  at_place "$1" folder
  case $? in 1) gone; return ;; 2) refuse "$reason"; return ;; esac
  would && return
  # What came since the first copy.
  if [ "$delete_data" = no ] && { [ "$2" = all ] || [ -n "$(data_in "$1" -print 2>/dev/null | head -n 1)" ]; }; then
    save "$1" "$2" || { fail "its data could not be kept"; return; }
  fi
  take "$1" folder
  code=$?
  # The vendor's folder around it, if it is empty now and nobody's.
  case ${1%/*} in
  /opt/?* | /var/opt/?* | /etc/opt/?* | /var/log/?*) [ -n "$(owner_of "${1%/*}")" ] || rmdir -- "${1%/*}" 2>/dev/null ;;
  esac
  still path "$1"
  finished "$code" $?
}
file() { # path size text
  at_place "$1" file
  case $? in 1) gone; return ;; 2) refuse "$reason"; return ;; esac
  if [ -n "$2" ]; then
    stat_of "$1"
    [ "$size" = "$2" ] || { refuse "it has $size bytes now and had $2"; return; }
  fi
  if [ -n "$3" ] && ! holds "$1" "$3"; then refuse "it does not hold $3 any more"; return; fi
  would && return
  take "$1" file
  code=$?
  still path "$1"
  finished "$code" $?
}
# Whether something of a step by hand is still there.
still() { # kind what...
  case $1 in
  path) [ -e "$2" ] || [ -L "$2" ] ;;
  # What is no file any more a person has to see.
  text) if [ -e "$2" ] && [ ! -f "$2" ]; then return 0; else holds "$2" "$3"; fi ;;
  module) DEBAR_NAME=$2 awk '$1 == ENVIRON["DEBAR_NAME"] { f = 1 } END { exit !f }' /proc/modules 2>/dev/null ;;
  package)
    case $2 in
    deb_packages) case $(deb_state "$3") in '' | 'not-installed '*) return 1 ;; esac ;;
    rpm_packages) rpm -q "$3" >/dev/null 2>&1 ;;
    apk_packages) [ -n "$(apk_version "$3")" ] ;;
    pacman_packages) pacman -Q "$3" >/dev/null 2>&1 ;;
    *) [ -n "$(snap_version "$3")" ] ;;
    esac
    ;;
  # Not on such a system.
  *) return 1 ;;
  esac
}
