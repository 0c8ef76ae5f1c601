#!/usr/bin/env bash
# Builds the packages, has the field's linters look at them, and installs and removes the .deb and the .rpm in roots of
# their own. Usage: test.sh DEBAR. Needs root, lintian, rpmlint, rpm, debootstrap (fetches a small Debian), systemd-analyze.
set -euo pipefail
debar=$(realpath "${1:?usage: test.sh DEBAR}")
here=$(dirname "$(realpath "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "packaging: $*" >&2; exit 1; }
"$here/build.sh" "$debar" "$(dpkg --print-architecture)" "$scratch/one" >/dev/null
"$here/build.sh" "$debar" "$(dpkg --print-architecture)" "$scratch/two" >/dev/null
cmp "$scratch"/one/*.deb "$scratch"/two/*.deb || fail "two builds of the .deb differ"
deb=$(ls "$scratch"/one/*.deb)
rpm=$(ls "$scratch"/one/*.rpm)

# static binaries are on purpose; a maintainer's address belongs to whoever publishes.
lintian --allow-root --fail-on error,warning --suppress-tags statically-linked-binary,bogus-mail-host,bogus-mail-host-in-debian-changelog \
  --suppress-tags maintainer-script-calls-systemctl,uses-dpkg-database-directly,undeclared-elf-prerequisites,shared-library-lacks-prerequisites "$deb"
rpmlint -c "$here/rpmlint.toml" "$rpm" >"$scratch/log" || { cat "$scratch/log" >&2; fail "rpmlint"; }
grep -q ' 0 errors, 0 warnings' "$scratch/log" || { cat "$scratch/log" >&2; fail "rpmlint"; }
# 0 is a unit that may do nothing, 10 one that may do everything.
exposure=$(systemd-analyze security --offline=true --threshold=25 --no-pager "$here/debar.service" | tail -1) ||
  fail "the unit may do too much: $exposure"
echo "packaging: lintian and rpmlint have nothing to say; ${exposure#* }"

minimal=$scratch/debian
debootstrap --variant=minbase --include=systemd bookworm "$minimal" >"$scratch/log" 2>&1 || fail "debootstrap: $(tail -3 "$scratch/log")"
files() { (cd "$1" && find . -xdev -path ./proc -prune -o -path ./run -prune -o -path ./tmp -prune -o -type f -print -o -type l -print | sort); }
files "$minimal" | grep -v -e /var/lib/dpkg/ -e /var/log/ >"$scratch/before"
# What is installed is what systemd takes, and its job leaves a report. $1 root.
works() {
  local root=$1 command code=0
  [ -f "$root/usr/share/man/man1/debar-scan.1.gz" ] || fail "the man page that the unit names is not there"
  chroot "$root" systemd-analyze verify --man=no /usr/lib/systemd/system/debar.service /usr/lib/systemd/system/debar.timer
  [ -L "$root/etc/systemd/system/timers.target.wants/debar.timer" ] || fail "the timer is not enabled"
  # What the service runs, as it runs it; systemd turns %% into %.
  command=$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/debar.service" | sed 's/%%/%/g')
  mkdir -p "$root/var/lib/debar"
  chroot "$root" sh -c "$command --timeout 2m" >"$scratch/syslog" || code=$?
  [ $code -ne 2 ] || fail "the scan of the timer failed"
  grep -q '^<[0-9]*>1 ' "$scratch/syslog" || fail "no line of syslog: $(head -1 "$scratch/syslog")"
  [ "$(find "$root/var/lib/debar" -name '*Z.json' | wc -l)" = 1 ] || fail "no report"
}
cp "$deb" "$minimal/tmp/debar.deb"
chroot "$minimal" dpkg -i /tmp/debar.deb >/dev/null
works "$minimal"
chroot "$minimal" dpkg --purge debar >/dev/null 2>&1
files "$minimal" | grep -v -e /var/lib/dpkg/ -e /var/log/ >"$scratch/after"
diff "$scratch/before" "$scratch/after" || fail "the .deb leaves something"
echo "packaging: .deb built twice alike, linted, installed, its job run, purged without a trace"

# Its own scripts need no more than a shell.
rpmroot=$scratch/rpmroot
cp -a "$minimal" "$rpmroot"
rpm --root "$rpmroot" --initdb
files "$rpmroot" | grep -v /var/lib/rpm/ >"$scratch/before"
rpm --root "$rpmroot" --nodeps -i "$rpm"
works "$rpmroot"
rpm --root "$rpmroot" -V --nodeps debar || fail "the .rpm does not verify"
rpm --root "$rpmroot" -e debar
files "$rpmroot" | grep -v /var/lib/rpm/ >"$scratch/after"
diff "$scratch/before" "$scratch/after" || fail "the .rpm leaves something"
echo "packaging: .rpm installed, verified, its job run, removed without a trace"
