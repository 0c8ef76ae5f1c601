#!/usr/bin/env bash
# Compares debar with independent readers on this machine and on databases they make themselves: every name and
# version must agree. Usage: run.sh DEBAR. Needs jq, dpkg-query, rpm.
set -euo pipefail
debar=${1:?usage: run.sh DEBAR}
for tool in jq dpkg-query rpm rpmbuild python3; do
  command -v "$tool" >/dev/null || { echo "agreement: $tool is missing" >&2; exit 1; }
done
cd "$(dirname "$0")/../../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints the lines of one collector's fields, sorted. $1 target (may be empty), $2 collector, $3 jq expression.
inventory() {
  "$debar" inventory ${1:+"$1"} --collector "$2" --allow-gaps --no-progress -o json |
    jq -r ".artifacts[] | select(.state != \"remnant\") | $3" | LC_ALL=C sort
}

compare() {
  if ! diff -u "$scratch/theirs" "$scratch/ours" >"$scratch/diff"; then
    echo "agreement: $1 differs" >&2
    head -40 "$scratch/diff" >&2
    exit 1
  fi
  echo "agreement: $1: $(wc -l <"$scratch/theirs") records, 0 differences"
}

# dpkg: every package of this machine that has files.
dpkg-query -W -f '${db:Status-Status} ${Package} ${Version} ${Architecture}\n' |
  awk '$1 != "config-files" && $1 != "not-installed" { print $2, $3, $4 }' | LC_ALL=C sort >"$scratch/theirs"
inventory "" deb_packages '.fields | "\(.name) \(.version) \(.arch)"' >"$scratch/ours"
compare "dpkg-query on this machine"

# rpm: packages that rpmbuild builds and rpm installs, and the database that they leave.
root=$scratch/rpm
mkdir -p "$root/etc" "$scratch/specs"
echo 'ID=fedora' >"$root/etc/os-release"
for number in 1 2 3 4 5; do
  cat >"$scratch/specs/example$number.spec" <<SPEC
Name: example$number
Version: $number.$((number * 7))
Release: $number
Summary: Example
License: MIT
Vendor: Beispiel & Söhne $number
BuildArch: noarch
%description
Example.
%files
SPEC
  rpmbuild --quiet --define "_topdir $scratch/build" -bb "$scratch/specs/example$number.spec" 2>/dev/null
done
find "$scratch/build" -name '*.rpm' -print0 |
  xargs -0 rpm --root "$root" --dbpath /var/lib/rpm --nodeps --nosignature -i 2>/dev/null
rpm --root "$root" --dbpath /var/lib/rpm -qa --qf '%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{VENDOR}\n' |
  LC_ALL=C sort >"$scratch/theirs"
[ "$(wc -l <"$scratch/theirs")" -eq 5 ] || { echo "agreement: rpm did not install its five packages" >&2; exit 1; }
inventory "$root" rpm_packages '.fields | "\(.name) \(.version) \(.release) \(.arch) \(.vendor)"' >"$scratch/ours"
compare "rpm on packages built here"

# Python: what importlib.metadata knows of the system's packages.
packages=/usr/lib/python3/dist-packages
if [ -d "$packages" ]; then
  python3 - "$packages" >"$scratch/theirs.unsorted" <<'PYTHON'
import importlib.metadata, sys
for package in importlib.metadata.distributions(path=[sys.argv[1]]):
    print(package.metadata["Name"], package.version)
PYTHON
  LC_ALL=C sort -u "$scratch/theirs.unsorted" >"$scratch/theirs"
  inventory "" python_packages "select(.fields.path | startswith(\"$packages/\")) | .fields | \"\(.name) \(.version)\"" |
    LC_ALL=C sort -u >"$scratch/ours"
  compare "importlib.metadata on $packages"
fi
