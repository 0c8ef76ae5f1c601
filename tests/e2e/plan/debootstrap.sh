#!/usr/bin/env bash
# Takes a removal plan on a whole Debian: debootstrap.sh DEBAR [MIRROR]. Installs a made-up kesl with quarantine, logs, units
# and a conffile, gives users units of the same names, takes the plan, and demands that the product is gone, that its data is
# kept, that every other byte is as it was, and that a second run has nothing to do. Then the same by the real Ansible.
# Needs root and debootstrap.
set -euo pipefail
debar=$(realpath "${1:?usage: debootstrap.sh DEBAR [MIRROR]}")
for tool in debootstrap dpkg-deb chroot sha256sum jq; do
  command -v "$tool" >/dev/null || { echo "plan/debootstrap.sh: $tool is missing" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "plan/debootstrap.sh: debootstrap needs root" >&2; exit 1; }
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
root=$work/root
cleanup() { umount "$root/proc" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
fail() { echo "FAILED: $1" >&2; exit 1; }
# debootstrap resolves no virtual packages: what provides those that python3-cryptography asks for is named here.
debootstrap --variant=minbase --include=ansible-core,python3-cffi-backend bookworm "$root" ${2:+"$2"} >"$work/log" 2>&1 || fail "debootstrap: $(tail -n 3 "$work/log")"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

# shellcheck source=tests/e2e/plan/kesl.sh
. "$here/kesl.sh"
plant "$root" "$work"
echo workstation-7 >"$root/etc/hostname"

scan() { "$debar" scan "$root" --no-progress -q -o json="$1" || [ $? = 1 ] || [ $? = 3 ]; }
list() { (cd "$root" && find . -path ./proc -prune -o -printf '%p %y %m %U %G %l\n' | LC_ALL=C sort; cd "$root" && find . -path ./proc -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }
scan "$work/before.json"
jq -e '[.findings[].id] | contains(["kaspersky/endpoint-security-linux"])' "$work/before.json" >/dev/null || fail "the planted package is not found"
"$debar" plan "$work/before.json" -o "$work/plan.sh" -o "$work/plan.json"
jq -r '.hosts[0].steps[] | "\(.id) \(.phase) \(.action.kind) \(.title)"' "$work/plan.json"
list >"$work/list.before"
cp "$work/plan.sh" "$root/root/plan.sh"
run() { local code=0; inside sh /root/plan.sh --host workstation-7 "$@" >"$work/out" 2>&1 || code=$?; [ "$code" = "$wanted" ] || { cat "$work/out"; fail "exit code $code, not $wanted, of: $*"; }; }

wanted=1 run
rm "$root/root/plan.sh"
list | diff "$work/list.before" - || fail "the dry run changed something"
cp "$work/plan.sh" "$root/root/plan.sh"
wanted=1 run --apply
grep -q -- --i-have-a-replacement "$work/out" || fail "the only antivirus goes without a word"
# A user's own unit of the product's name is nobody's to delete: a person looks at it.
wanted=1 run --apply --i-have-a-replacement
grep -q "/home/frank/.config/systemd/user/kesl.service" "$work/out" || { cat "$work/out"; fail "a weak trace is not shown"; }
weak=$(jq -r '.hosts[0].steps[] | select(.phase == "manual") | .id' "$work/plan.json")
done=(); for id in $weak; do done+=(--done "$id"); done
wanted=0 run --apply --i-have-a-replacement "${done[@]}"
cp "$work/out" "$work/out.second"
wanted=0 run --apply --i-have-a-replacement
grep -q "everything is done" "$work/out" || fail "the third run"
rm "$root/root/plan.sh"
list >"$work/list.after"
for gone in opt/kaspersky var/opt/kaspersky var/log/kaspersky usr/lib/systemd/system/kesl.service etc/opt/kaspersky/kesl.conf \
  etc/systemd/system/multi-user.target.wants/kesl.service home/eve/.config/systemd/user/kesl.service \
  home/eve/.config/systemd/user/default.target.wants/kesl.service; do
  [ ! -e "$root/$gone" ] && [ ! -L "$root/$gone" ] || fail "$gone is left"
done
[ -z "$(inside dpkg-query -W -f '${db:Status-Status}' kesl 2>/dev/null)" ] || fail "the package is left"
for kept in var/opt/kaspersky/kesl/private/quarantine/1 var/log/kaspersky/kesl/kesl.log; do
  there=$(find "$root/var/lib/debar/kept" -path "*/$kept")
  [ -n "$there" ] || fail "$kept is not kept"
  [ "$(sha256sum <"$there")" = "$(sha256sum <"$work/$(basename "$kept")")" ] || fail "$kept changed"
done
ours='\./(opt/kaspersky|var/opt/kaspersky|etc/opt/kaspersky|var/log/kaspersky|var/lib/debar|usr/lib/systemd/system/kesl\.service|etc/systemd/system/multi-user\.target\.wants|home/eve/\.config/systemd/user|var/lib/dpkg/(status|status-old|lock|lock-frontend|triggers/(Lock|Unincorp)|info|info/kesl\.[a-z0-9]+|available|diversions|diversions-old|statoverride)|var/log/(debar-plan|dpkg)\.log|var/log|var/lib|var/opt|opt|etc/opt|var/lib/dpkg|root|tmp|var/cache/ldconfig.*|etc/ld\.so\.cache)( |/|$)'
diff "$work/list.before" "$work/list.after" | grep '^[<>]' | grep -Ev "$ours" && fail "something else changed"
# Of what shares a folder with it only that went.
for stays in usr/lib/systemd/system/ssh.service home/eve/.config/systemd/user/notes.service home/frank/.config/systemd/user/kesl.service; do
  cmp "$root/$stays" "$work/stays/${stays//\//-}" || fail "$stays changed"
done
"$debar" verify "$work/before.json" --no-progress >"$work/verify" || { cat "$work/verify"; echo "verify: what a person said is done may be seen"; }

# By Ansible, in the same root: --check shows the steps and takes none, then the playbook takes them, once.
echo 'the same by Ansible'
rm -rf "$root/var/lib/debar" "$root/var/log/debar-plan.log" "$root/home/frank/.config"
inside userdel -r eve >/dev/null 2>&1 || true
inside userdel -r frank >/dev/null 2>&1 || true
rm -rf "$work/tree"
plant "$root" "$work"
rm -rf "$root/home/frank/.config"
scan "$work/found.json"
mkdir "$work/reports"
jq -c '.target.kind = "host" | .target.name = "this host" | del(.target.place)' "$work/found.json" >"$work/reports/workstation-7.json"
jq -c '.target.host = "../../../etc/cron.d/x"' "$work/reports/workstation-7.json" >"$work/reports/hostile.json"
jq -c '.target.host = "all"' "$work/reports/workstation-7.json" >"$work/reports/group.json"
"$debar" fleet plan "$work/reports" --into "$work/removal" >"$work/out" 2>&1 || { cat "$work/out"; fail "fleet plan"; }
[ "$(grep -c import_playbook "$work/removal/ansible/site.yml")" = 1 ] || fail "a name that means other hosts has a playbook"
cp -r "$work/removal/ansible" "$root/root/ansible"
list >"$work/list.before"
play() {
  unshare --uts sh -c 'hostname workstation-7 && exec chroot "$@"' sh "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp/ansible \
    LC_ALL=C.UTF-8 ansible-playbook -c local -i "$inventory," -e ansible_become=false -e ansible_python_interpreter=/usr/bin/python3 \
    /root/ansible/site.yml "$@" >"$work/out" 2>&1
}
inventory=workstation-7
mount -t proc proc "$root/proc"
play --syntax-check || { cat "$work/out"; fail "Ansible does not take the playbook"; }
play --check || { cat "$work/out"; fail "Ansible's dry run"; }
grep -q 'would do it' "$work/out" || { cat "$work/out"; fail "the dry run shows no step"; }
[ -e "$root/opt/kaspersky/kesl/bin/kesl" ] || fail "Ansible's dry run removed something"
play && fail "the only antivirus goes without a word"
play -e '{"debar_options": ["--i-have-a-replacement"]}' || { cat "$work/out"; fail "Ansible"; }
grep -Eq 'failed=0 .*' "$work/out" || fail "Ansible failed"
for gone in opt/kaspersky var/opt/kaspersky usr/lib/systemd/system/kesl.service; do [ ! -e "$root/$gone" ] || fail "$gone is left"; done
play -e '{"debar_options": ["--i-have-a-replacement"]}' || { cat "$work/out"; fail "Ansible, again"; }
# On a host of another name the script takes no step.
sed -i 's/workstation-7/workstation-8/' "$root/root/ansible/hosts/workstation-7.yml"
inventory=workstation-8
play && fail "a plan was taken on another host"
umount "$root/proc"
rm -rf "$root/root/ansible" "$root/root/debar-plan.sh" "$root/tmp/ansible"
list | diff "$work/list.before" - | grep '^[<>]' | grep -Ev "$ours|\./root/|\./tmp" && fail "something else changed"
echo "on a whole Debian the plan removed what was planned, kept the data, changed nothing else, and has nothing left to do"
