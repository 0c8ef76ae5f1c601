#!/usr/bin/env bash
# Takes a removal plan for real: run.sh DEBAR. In a root of its own it installs packages of dpkg and rpm, some of them
# banned, scans it, runs the plan's script there and demands that what was planned is gone, that every other byte is as
# it was, and that `debar verify` says gone. The same script must refuse what is no longer what the scan saw.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
for tool in dpkg-deb dpkg-query rpm rpmbuild chroot ldd sha256sum; do
  command -v "$tool" >/dev/null || { echo "plan/run.sh: $tool is missing" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || exec unshare --map-root-user --mount "$0" "$debar"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
fail() { echo "FAILED: $1" >&2; exit 1; }

# Programs of this machine with the libraries they need.
copy() {
  local file real
  for file; do
    mkdir -p "$root$(dirname "$file")"
    [ -e "$root$file" ] || cp -L "$file" "$root$file"
  done
}
program() {
  local name path
  for name; do
    path=$(command -v "$name") || fail "$name is missing"
    copy "$path"
    # shellcheck disable=SC2046
    copy $(ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | sort -u)
  done
}
mkdir -p "$root"/{bin,dev,etc,opt,srv,tmp,usr/bin,usr/sbin,var/lib/dpkg/info,var/lib/dpkg/updates,var/lib/dpkg/triggers,var/lib/rpm,var/log}
program dpkg dpkg-query dpkg-deb dpkg-split dpkg-trigger rm rmdir tar rpm awk grep sed uname date wc head cat sh diff mkdir ldconfig start-stop-daemon \
  ls id cut find cp readlink chmod getent setpriv setsid
[ -e "$root/bin/sh" ] || ln -s "$(command -v sh)" "$root/bin/sh"
[ -d /usr/lib/rpm ] && mkdir -p "$root/usr/lib" && cp -r /usr/lib/rpm "$root/usr/lib/rpm"
mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || : >"$root/dev/null"
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' >"$root/etc/os-release"
echo workstation-7 >"$root/etc/hostname"
printf 'root:x:0:0::/root:/bin/sh\neve:x:1000:1000::/home/eve:/bin/sh\n' >"$root/etc/passwd"
: >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"
# Debian's rpm keeps its database in the home folder; the distributions of rpm keep it here.
mkdir -p "$root/etc/rpm"
echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
program env

# Packages: each with a few files.
deb() { # name maintainer folder
  local tree=$work/deb-$1
  mkdir -p "$tree/DEBIAN" "$tree$3" "$tree/etc"
  echo "program of $1" >"$tree$3/$1"
  echo "configuration of $1" >"$tree/etc/$1.conf"
  echo "/etc/$1.conf" >"$tree/DEBIAN/conffiles"
  printf 'Package: %s\nVersion: 12.1.0-1274\nArchitecture: amd64\nMaintainer: %s\nDescription: test\n' "$1" "$2" >"$tree/DEBIAN/control"
  if [ "$1" = kesl ]; then
    # As installers do: a service, and a script that deletes what the product collected.
    mkdir -p "$tree/usr/lib/systemd/system"
    printf '[Service]\nExecStart=%s/kesl\n[Install]\nWantedBy=multi-user.target\n' "$3" >"$tree/usr/lib/systemd/system/kesl.service"
    printf '#!/bin/sh\nrm -rf /var/opt/kaspersky /var/log/kaspersky\n' >"$tree/DEBIAN/postrm"
    chmod 755 "$tree/DEBIAN/postrm"
  fi
  dpkg-deb --root-owner-group -b "$tree" "$work/$1.deb" >/dev/null
  dpkg --root="$root" --force-architecture --log=/dev/null -i "$work/$1.deb" >/dev/null
}
rpm_package() { # name vendor folder
  cat >"$work/$1.spec" <<SPEC
Name: $1
Version: 15.1.0
Release: 20748
Summary: test
License: none
Vendor: $2
%description
test
%install
mkdir -p %{buildroot}$3
echo "program of $1" > %{buildroot}$3/$1
%files
$3/$1
SPEC
  rpmbuild --quiet -bb --define "_topdir $work/rpm" --define '_build_id_links none' "$work/$1.spec" >"$work/rpmbuild.log" 2>&1 || { cat "$work/rpmbuild.log"; fail "rpmbuild"; }
  rpm --root "$root" --dbpath /var/lib/rpm --nodeps --ignorearch -i "$work"/rpm/RPMS/*/"$1"-*.rpm
}
deb kesl 'AO Kaspersky Lab <info@kaspersky.com>' /opt/kaspersky/kesl/bin
deb bystander 'Somebody <somebody@example.org>' /opt/bystander
rpm_package klnagent64 'AO Kaspersky Lab' /opt/kaspersky/klnagent64/sbin
rpm_package rpm-bystander 'Somebody' /opt/rpm-bystander
# What no package owns: a remnant inside the product's folder, and things that are none of our business.
mkdir -p "$root/opt/kaspersky/kesl/logs" "$root/srv/data" "$root/var/opt/kaspersky/kesl/quarantine" "$root/var/log/kaspersky/kesl"
echo sample >"$root/var/opt/kaspersky/kesl/quarantine/1"
echo log >"$root/var/log/kaspersky/kesl/kesl.log"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants" "$root/home/eve/.config/systemd/user/default.target.wants"
ln -s /usr/lib/systemd/system/kesl.service "$root/etc/systemd/system/multi-user.target.wants/kesl.service"
# A user's units: one of the product's name, and one of the name of a unit of the system.
printf '[Service]\nExecStart=/usr/sbin/sshd\n' >"$root/usr/lib/systemd/system/ssh.service"
for name in kesl ssh; do
  printf '[Service]\nExecStart=/opt/kaspersky/kesl/bin/kesl\n' >"$root/home/eve/.config/systemd/user/$name.service"
done
ln -s ../kesl.service "$root/home/eve/.config/systemd/user/default.target.wants/kesl.service"
chown -R 1000:1000 "$root/home/eve" 2>/dev/null || true
echo log >"$root/opt/kaspersky/kesl/logs/\$(touch executed)"
echo data >"$root/srv/data/file"

scan() { "$debar" scan "$root" --no-progress -q -o json="$1" || [ $? = 1 ] || [ $? = 3 ]; }
list() { (cd "$root" && find . -path ./proc -prune -o -print | LC_ALL=C sort | while IFS= read -r path; do
  if [ -L "$path" ]; then printf '%s link %s\n' "$path" "$(readlink "$path")"
  elif [ -f "$path" ]; then printf '%s file %s %s\n' "$path" "$(stat -c %a "$path")" "$(sha256sum <"$path" | cut -c1-64)"
  else printf '%s %s\n' "$path" "$(stat -c '%F %a' "$path")"; fi
done); }
stanzas() { awk -v RS= -v ORS='\n\n' '$0 !~ /^Package: kesl\n/' "$1"; }
rpms() { rpm --root "$root" --dbpath /var/lib/rpm -qa --qf '%{NAME} %{VERSION} %{RELEASE} %{INSTALLTIME} %{SHA256HEADER}\n' | grep -v '^klnagent64 ' | sort; }

scan "$work/before.json"
jq -e '[.findings[].id] | contains(["kaspersky/endpoint-security-linux", "kaspersky/network-agent-linux"])' "$work/before.json" >/dev/null ||
  fail "the planted packages are not found"
"$debar" plan "$work/before.json" -o "$work/plan.sh" -o "$work/plan.json" -o "$work/plan.md"
jq -r '.hosts[0].steps[] | "\(.id) \(.phase) \(.action.kind) \(.title)"' "$work/plan.json"
jq -e '[.hosts[0].steps[].phase] | . == sort_by({confirm: 0, keep: 1, agent: 2, product: 3, filter: 4, service: 5, remnant: 6, manual: 7}[.])' "$work/plan.json" >/dev/null ||
  fail "the order of the steps"
cp "$work/plan.sh" "$root/tmp/plan.sh"
list >"$work/list.before"
stanzas "$root/var/lib/dpkg/status" >"$work/status.before"
rpms >"$work/rpms.before"

# 1. Without --apply nothing changes.
code=0
inside sh /tmp/plan.sh --host workstation-7 >"$work/dry.log" || code=$?
cat "$work/dry.log"
[ "$code" = 1 ] || fail "exit code $code of the dry run"
grep -q 'would do it' "$work/dry.log" && ! grep -q REFUSED "$work/dry.log" || fail "the dry run would do nothing"
list | grep -v '^./var/lib/rpm/' >"$work/list.dry"
diff <(grep -v '^./var/lib/rpm/' "$work/list.before") "$work/list.dry" || fail "the dry run changed something"
# 2. Another host has no steps here.
code=0
inside sh /tmp/plan.sh --host elsewhere >/dev/null || code=$?
[ "$code" = 2 ] || fail "exit code $code on another host"
# 3. What is not what the scan saw is refused.
sed 's/12\.1\.0-1274/12.1.0-9999/g; s/15\.1\.0/15.1.9/g' "$work/plan.sh" >"$root/tmp/other.sh"
inside sh /tmp/other.sh --host workstation-7 --apply --i-have-a-replacement --log /tmp/other.log --data /tmp/other-data >"$work/other.log" && fail "another version was removed"
[ "$(grep -c REFUSED "$work/other.log")" -ge 2 ] || { cat "$work/other.log"; fail "another version was not refused"; }
rm -rf "$root/tmp/other.sh" "$root/tmp/other.log" "$root/tmp/other-data"
list | grep -v '^./var/lib/rpm/' >"$work/list.refused"
# The refused packages still own their folders, so these were refused, too.
diff <(grep -v '^./var/lib/rpm/' "$work/list.before") "$work/list.refused" || fail "a refused plan changed something"
# 4. With --apply the planned things go, and nothing else.
code=0
inside sh /tmp/plan.sh --host workstation-7 --apply --log /var/log/plan.log >"$work/apply.log" || code=$?
[ "$code" = 1 ] && grep -q -- '--i-have-a-replacement' "$work/apply.log" || { cat "$work/apply.log"; fail "the only antivirus goes without a word"; }
code=0
inside sh /tmp/plan.sh --host workstation-7 --apply --i-have-a-replacement --log /var/log/plan.log >"$work/apply.log" || code=$?
cat "$work/apply.log"
[ "$code" = 0 ] || fail "exit code $code"
grep -Eq 'FAILED|REFUSED' "$work/apply.log" && fail "a step failed"
list >"$work/list.after"
ours='^[<>] \./(opt/kaspersky(/| )|var/(opt|log)/kaspersky(/| )|var/(opt|lib) directory|var/lib/debar(/| )|usr/lib/systemd/system/kesl\.service |etc/systemd/system/multi-user\.target\.wants/kesl\.service |home/eve/\.config/systemd/user/(default\.target\.wants/)?(kesl|ssh)\.service |etc/kesl\.conf |var/lib/dpkg/(status|status-old|lock|lock-frontend|triggers/Lock|info/kesl\.[a-z0-9]+|available|diversions|statoverride) |var/lib/rpm/|var/log/(plan|dpkg)\.log )'
diff "$work/list.before" "$work/list.after" | grep '^[<>]' | grep -Ev "$ours" && fail "something else changed"
[ ! -e "$root/opt/kaspersky/kesl" ] && [ ! -e "$root/opt/kaspersky/klnagent64/sbin" ] && [ ! -e "$root/etc/kesl.conf" ] || fail "something is left"
[ -e "$root/usr/lib/systemd/system/ssh.service" ] || fail "the system's unit of a user's name is gone"
for kept in var/opt/kaspersky/kesl/quarantine/1 var/log/kaspersky/kesl/kesl.log; do
  find "$root/var/lib/debar/kept" -path "*/$kept" | grep -q . || fail "$kept is not kept"
done
[ "$(stat -c %a "$root/var/lib/debar")" = 700 ] || fail "others can read what is kept"
diff "$work/status.before" <(stanzas "$root/var/lib/dpkg/status") || fail "another entry of dpkg's database changed"
diff "$work/rpms.before" <(rpms) || fail "another package of rpm changed"
[ -z "$(find "$root" -name executed)" ] || fail "a hostile name was executed"
# 5. Run again, everything is gone already; and debar says so.
inside sh /tmp/plan.sh --host workstation-7 --apply --log /var/log/plan.log >"$work/again.log" || fail "the second run"
[ "$(grep -c 'already gone' "$work/again.log")" = "$(jq '.hosts[0].steps | length' "$work/plan.json")" ] || { cat "$work/again.log"; fail "the second run"; }
"$debar" verify "$work/before.json" --no-progress || fail "verify does not say gone"
echo "the plan removed what was planned, nothing else changed, and verify says gone"
