set -u
LC_ALL=C
export LC_ALL
unset CDPATH
apply=no
named=no
here=
log=
usage() {
  cat <<'END'
usage: sh plan.sh [--apply] [--host NAME] [--log FILE]
Without --apply it only shows what it would do. A step is refused when the host no longer shows what the scan saw.
  --apply      take the steps; as root
  --host NAME  the name of this host in the plan, when `uname -n` says another
  --log FILE   where to log what was done [default: /var/log/debar-plan.log]
Exit code: 0 everything is done, 1 something is left to do, 2 the plan is not for this host or was called wrongly,
4 restart the host and run the plan again.
END
}
while [ $# -gt 0 ]; do
  case $1 in
  --apply) apply=yes ;;
  --host) [ $# -ge 2 ] || { usage >&2; exit 2; }; here=$2; named=yes; shift ;;
  --log) [ $# -ge 2 ] || { usage >&2; exit 2; }; log=$2; shift ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
  esac
  shift
done
[ -n "$here" ] || here=$(uname -n)
[ -n "$log" ] || log=/var/log/debar-plan.log
known=no
left=0
planned=' '
# Vendors with an agent or product whose step is left to do: what they leave behind waits, as an uninstaller needs it.
holding=' '
vendor=
first=no
acted=no
say() {
  printf '%s\n' "$1"
  if [ "$apply" = yes ]; then printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$log" || exit 2; fi
}
step() {
  vendor=$4
  first=$5
  say "[$1] $2"
  say "    changes: $3"
}
hold() { [ "$first" = no ] || holding="$holding$vendor "; }
held() {
  case $holding in *" $vendor "*) ;; *) return 1 ;; esac
  left=$((left + 1))
  outcome "waits for the steps above that are left to do"
}
outcome() { say "    $1"; }
gone() { outcome "already gone"; }
refuse() { left=$((left + 1)); hold; outcome "REFUSED: $1"; }
would() {
  [ "$apply" = no ] || return 1
  left=$((left + 1))
  acted=yes
  outcome "would do it; the host shows what the scan saw"
  planned="$planned${1:-} "
}
finished() {
  # $1: exit code of the command; $2: 0 if it is still there.
  if [ "$1" -eq 0 ] && [ "$2" -ne 0 ]; then acted=yes; outcome "done"; else left=$((left + 1)); hold; outcome "FAILED (exit code $1)"; fi
}
manual() { left=$((left + 1)); hold; outcome "by hand: $1"; }
note() { outcome "note: $1"; }
# Only after a step that was taken: what was gone before needs no restart, and would need it again in every run.
reboot_point() {
  [ "$acted" = yes ] || return 0
  [ "$apply" = yes ] || { outcome "then restart the host, and run the plan again"; return; }
  outcome "restart the host now, and run the plan again for the steps that follow"
  exit 4
}
has() { command -v "$1" >/dev/null 2>&1; }

deb_state() { dpkg-query -W -f '${db:Status-Status} ${Version} ${Architecture}\n' "$1" 2>/dev/null; }
deb() { # name version architecture
  has dpkg-query || { refuse "dpkg is not on this host"; return; }
  package=$1
  case $3 in '' | all) ;; *) package=$1:$3 ;; esac
  seen=$(deb_state "$package")
  case $seen in
  '' | 'not-installed '*) gone; return ;;
  "installed $2 ${3:-}"* | "config-files $2 ${3:-}"*) ;;
  *) refuse "dpkg says: $seen"; return ;;
  esac
  would "$1" && return
  DEBIAN_FRONTEND=noninteractive dpkg --purge "$package" </dev/null
  code=$?
  case $(deb_state "$package") in '' | 'not-installed '*) still=1 ;; *) still=0 ;; esac
  finished "$code" "$still"
}
rpm_has() { rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH}\n' "$1" 2>/dev/null | grep -Fqx -e "$2"; }
rpm_package() { # name epoch version release architecture
  has rpm || { refuse "rpm is not on this host"; return; }
  rpm -q "$1" >/dev/null 2>&1 || { gone; return; }
  rpm_has "$1" "$2:$3-$4 $5" || { refuse "another version of $1 is installed: $(rpm -q "$1" | head -n 3)"; return; }
  would "$1" && return
  rpm --erase "$1-$3-$4${5:+.$5}" </dev/null
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
snap_package() { # name version
  has snap || { refuse "snap is not on this host"; return; }
  seen=$(snap list "$1" 2>/dev/null | awk 'NR == 2 { print $2 }')
  [ -n "$seen" ] || { gone; return; }
  [ "$seen" = "$2" ] || { refuse "version $seen is installed"; return; }
  would && return
  snap remove --purge "$1" </dev/null
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
at_place() { # path file|folder
  reason=
  [ -L "$1" ] && { reason="it is a link now"; return 2; }
  [ -e "$1" ] || return 1
  case $2 in
  folder) [ -d "$1" ] || { reason="it is no folder now"; return 2; } ;;
  *) [ -f "$1" ] || { reason="it is no file now"; return 2; } ;;
  esac
  parent=${1%/*}
  real=$(cd -P -- "$parent" 2>/dev/null && pwd -P)
  [ "$real" = "$parent" ] || { reason="a folder above it is a link now"; return 2; }
  escaped=$(printf '%s\n' "$1" | sed -e 's/\\/\\134/g' -e 's/ /\\040/g')
  if [ -r /proc/self/mountinfo ]; then
    while read -r _ _ _ _ point _; do
      case $point in "$escaped" | "$escaped"/*) reason="something is mounted at $point"; return 2 ;; esac
    done </proc/self/mountinfo
  fi
  owner=$(owner_of "$1")
  # Without --apply the packages of the steps before are still there.
  case $planned in *" ${owner%%:*} "*) owner= ;; esac
  [ -z "$owner" ] || { reason="it belongs to the package $owner"; return 2; }
  return 0
}
# The package that owns a path or something below it; nothing when none does.
owner_of() {
  set -- "$1" /var/lib/dpkg/info/*.list
  if [ -e "$2" ]; then
    owned=$1
    shift
    found=$(DEBAR_PATH=$owned awk '
      $0 == ENVIRON["DEBAR_PATH"] || index($0, ENVIRON["DEBAR_PATH"] "/") == 1 {
        sub(".*/", "", FILENAME); sub("[.]list$", "", FILENAME); print FILENAME; exit }' "$@")
    [ -z "$found" ] || { printf '%s\n' "$found"; return; }
    set -- "$owned"
  fi
  if has rpm; then
    found=$(rpm -qa --qf '[%{FILENAMES}\t%{=NAME}\n]' 2>/dev/null | DEBAR_PATH=$1 awk -F '\t' '
      $1 == ENVIRON["DEBAR_PATH"] || index($1, ENVIRON["DEBAR_PATH"] "/") == 1 { print $2; exit }')
    [ -z "$found" ] || { printf '%s\n' "$found"; return; }
  fi
  if has pacman; then pacman -Qqo "$1" 2>/dev/null | head -n 1; fi
  if has apk; then apk info --who-owns "$1" 2>/dev/null | sed -n 's/.* is owned by //p'; fi
}
unit() { # name path
  at_place "$2" file
  case $? in 1) gone; return ;; 2) refuse "$reason"; return ;; esac
  would && return
  if has systemctl; then systemctl disable --now -- "$1" </dev/null || systemctl disable -- "$1" </dev/null; fi
  rm -f -- "$2"
  code=$?
  [ -d /run/systemd/system ] && has systemctl && systemctl daemon-reload
  [ -e "$2" ]
  finished "$code" $?
}
folder() { # path
  at_place "$1" folder
  case $? in 1) gone; return ;; 2) refuse "$reason"; return ;; esac
  would && return
  rm -rf -- "$1"
  code=$?
  # The vendor's folder around it, if it is empty now and nobody's.
  case ${1%/*} in
  /opt/?* | /var/opt/?* | /etc/opt/?*) [ -n "$(owner_of "${1%/*}")" ] || rmdir -- "${1%/*}" 2>/dev/null ;;
  esac
  [ -e "$1" ]
  finished "$code" $?
}
file() { # path size
  at_place "$1" file
  case $? in 1) gone; return ;; 2) refuse "$reason"; return ;; esac
  if [ -n "$2" ]; then
    size=$(($(wc -c <"$1")))
    [ "$size" = "$2" ] || { refuse "it has $size bytes now and had $2"; return; }
  fi
  would && return
  rm -f -- "$1"
  code=$?
  [ -e "$1" ]
  finished "$code" $?
}
