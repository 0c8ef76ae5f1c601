#!/usr/bin/env bash
# Builds the .deb and .rpm packages from a static binary.
# Usage: build.sh DEBAR ARCHITECTURE OUT, e.g. build.sh target/x86_64-unknown-linux-musl/release/debar amd64 dist
# Needs dpkg-deb, rpmbuild and gzip; no network.
set -euo pipefail
usage="usage: build.sh DEBAR ARCHITECTURE OUT"
binary=$(realpath "${1:?$usage}")
architecture=${2:?$usage}
out=${3:?$usage}
mkdir -p "$out"
out=$(realpath "$out")
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
case $architecture in
amd64) rpm_architecture=x86_64 ;;
arm64) rpm_architecture=aarch64 ;;
*) echo "build.sh: architecture $architecture is neither amd64 nor arm64" >&2; exit 1 ;;
esac
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/Cargo.toml" | head -1)
# Whoever publishes the packages names an address.
maintainer=${MAINTAINER:-The debar contributors <debar@localhost>}
# The same sources make the same packages.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 022

# What both hold.
root=$scratch/root
install -D -m 755 "$binary" "$root/usr/bin/debar"
install -D -m 644 -t "$root/usr/lib/systemd/system" "$here/debar.service" "$here/debar.timer"
mkdir -p "$root/usr/share/man/man1"
for page in "$top"/packaging/man/*.1; do
  name=${page##*/}
  gzip -9n <"$page" >"$root/usr/share/man/man1/$name.gz"
done
install -D -m 644 "$top/packaging/completions/debar.bash" "$root/usr/share/bash-completion/completions/debar"
install -D -m 644 "$top/packaging/completions/_debar" "$root/usr/share/zsh/vendor-completions/_debar"
install -D -m 644 "$top/packaging/completions/debar.fish" "$root/usr/share/fish/vendor_completions.d/debar.fish"
# By this name osquery loads it as an extension: a line of /etc/osquery/extensions.load.
install -d -m 755 "$root/usr/lib/debar" "$root/etc/debar"
ln -s ../../bin/debar "$root/usr/lib/debar/debar.ext"
cat >"$root/etc/debar/config.toml" <<'CONFIG'
# Settings of debar, by the long names of its options; see debar-scan(1).
# audience = ["private"]
# fail-on = "remnant"
CONFIG

# .deb
deb=$scratch/deb
mkdir -p "$deb"
cp -a "$root/." "$deb/"
documents=$deb/usr/share/doc/debar
mkdir -p "$documents" "$deb/DEBIAN"
gzip -9n <"$top/CHANGELOG.md" >"$documents/CHANGELOG.md.gz"
install -m 644 "$top"/docs/*.md "$documents/"
gzip -9n >"$documents/changelog.gz" <<CHANGELOG
debar ($version) stable; urgency=medium

  * See CHANGELOG.md.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
cat >"$documents/copyright" <<'COPYRIGHT'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: debar

Files: *
Copyright: the debar contributors
License: MIT or Apache-2.0

License: Apache-2.0
 On Debian systems, the text is in /usr/share/common-licenses/Apache-2.0.

License: MIT
COPYRIGHT
sed 's/^$/./; s/^/ /' "$top/LICENSE-MIT" >>"$documents/copyright"
echo /etc/debar/config.toml >"$deb/DEBIAN/conffiles"
cat >"$deb/DEBIAN/control" <<CONTROL
Package: debar
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$deb" | cut -f1)
Section: admin
Priority: optional
Description: find banned-vendor software, with evidence
 debar reads what is installed and running on a machine, in a mounted disk or
 in a container image, matches it against signatures, and reports each banned
 product with its evidence and the steps that remove it. It changes nothing
 and opens no connection. A systemd timer scans once a day and keeps the
 reports in /var/lib/debar.
CONTROL
cat >"$deb/DEBIAN/postinst" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  # Whoever disabled the timer finds it disabled after an upgrade, too.
  if [ -z "$2" ] && command -v systemctl >/dev/null; then
    systemctl enable debar.timer >/dev/null 2>&1 || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart debar.timer || true
    if [ -z "$2" ]; then systemctl start debar.timer || true; fi
  fi
fi
SCRIPT
cat >"$deb/DEBIAN/prerm" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = remove ] && command -v systemctl >/dev/null; then
  if [ -d /run/systemd/system ]; then systemctl stop debar.timer debar.service || true; fi
  systemctl disable debar.timer >/dev/null 2>&1 || true
fi
SCRIPT
cat >"$deb/DEBIAN/postrm" <<'SCRIPT'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
if [ "$1" = purge ]; then
  rm -rf /var/lib/debar
  rm -f /var/lib/systemd/timers/stamp-debar.timer
fi
SCRIPT
chmod 755 "$deb/DEBIAN/postinst" "$deb/DEBIAN/prerm" "$deb/DEBIAN/postrm"
(cd "$deb" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -Zxz --build "$deb" "$out/debar_${version}_$architecture.deb" >/dev/null

# .rpm
cat >"$scratch/debar.spec" <<SPEC
Name: debar
Version: $version
Release: 1
Summary: Find banned-vendor software, with evidence
License: MIT OR Apache-2.0
Group: Applications/System
Packager: $maintainer
AutoReqProv: no
%global debug_package %{nil}
%global __strip /bin/true
%global _build_id_links none
%global __brp_compress /bin/true
%global use_source_date_epoch_as_buildtime 1

%description
debar reads what is installed and running on a machine, in a mounted disk or
in a container image, matches it against signatures, and reports each banned
product with its evidence and the steps that remove it. It changes nothing
and opens no connection. A systemd timer scans once a day and keeps the
reports in /var/lib/debar.

%install
mkdir -p %{buildroot}
cp -a $root/. %{buildroot}/
mkdir -p %{buildroot}/usr/share/zsh/site-functions
mv %{buildroot}/usr/share/zsh/vendor-completions/_debar %{buildroot}/usr/share/zsh/site-functions/
rmdir %{buildroot}/usr/share/zsh/vendor-completions
mkdir -p %{buildroot}/usr/share/licenses/debar
cp $top/LICENSE-MIT $top/LICENSE-APACHE %{buildroot}/usr/share/licenses/debar/
mkdir -p %{buildroot}/usr/share/doc/debar
install -m 644 $top/docs/*.md %{buildroot}/usr/share/doc/debar/

%post
if [ "\$1" = 1 ] && command -v systemctl >/dev/null; then systemctl enable debar.timer >/dev/null 2>&1 || :; fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || :
  if [ "\$1" = 1 ]; then systemctl start debar.timer || :; fi
fi

%preun
if [ "\$1" = 0 ] && command -v systemctl >/dev/null; then
  if [ -d /run/systemd/system ]; then systemctl stop debar.timer debar.service || :; fi
  systemctl disable debar.timer >/dev/null 2>&1 || :
fi

%postun
if [ -d /run/systemd/system ]; then systemctl daemon-reload || :; fi
if [ "\$1" = 0 ]; then
  rm -rf /var/lib/debar
  rm -f /var/lib/systemd/timers/stamp-debar.timer
fi

%files
%defattr(-,root,root,-)
/usr/bin/debar
%doc /usr/share/doc/debar
%dir /usr/lib/debar
/usr/lib/debar/debar.ext
/usr/lib/systemd/system/debar.service
/usr/lib/systemd/system/debar.timer
/usr/share/man/man1/*
/usr/share/bash-completion/completions/debar
/usr/share/zsh/site-functions/_debar
/usr/share/fish/vendor_completions.d/debar.fish
%license /usr/share/licenses/debar/*
%dir /etc/debar
%config(noreplace) /etc/debar/config.toml

%changelog
* $(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y') $maintainer - $version-1
- See CHANGELOG.md.
SPEC
rpmbuild --quiet -bb --target "$rpm_architecture-linux" --define "_topdir $scratch/rpm" --define "_rpmdir $out" \
  --define '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' "$scratch/debar.spec"
ls "$out/debar_${version}_$architecture.deb" "$out/debar-$version-1.$rpm_architecture.rpm"
