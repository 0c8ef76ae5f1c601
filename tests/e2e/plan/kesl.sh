#!/usr/bin/env bash
# A made-up kesl: `plant ROOT WORK` installs it in a root that has dpkg, with what users have beside it.
plant() {
  local root=$1 work=$2 tree=$2/tree
  mkdir -p "$tree/DEBIAN" "$tree/opt/kaspersky/kesl/bin" "$tree/etc/opt/kaspersky" "$tree/usr/lib/systemd/system"
  printf '#!/bin/sh\nsleep 1\n' >"$tree/opt/kaspersky/kesl/bin/kesl"
  chmod 755 "$tree/opt/kaspersky/kesl/bin/kesl"
  echo "setting=1" >"$tree/etc/opt/kaspersky/kesl.conf"
  echo /etc/opt/kaspersky/kesl.conf >"$tree/DEBIAN/conffiles"
  printf '[Unit]\nDescription=Kaspersky\n[Service]\nExecStart=/opt/kaspersky/kesl/bin/kesl\n[Install]\nWantedBy=multi-user.target\n' \
    >"$tree/usr/lib/systemd/system/kesl.service"
  printf 'Package: kesl\nVersion: 12.1.0-1274\nArchitecture: all\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\nDescription: made up\n' \
    >"$tree/DEBIAN/control"
  # As installers do: data outside of the package's list, and a script that deletes it.
  printf '#!/bin/sh\nmkdir -p /var/opt/kaspersky/kesl/private/quarantine /var/log/kaspersky/kesl\n' >"$tree/DEBIAN/postinst"
  printf '#!/bin/sh\n[ "$1" != purge ] || rm -rf /var/opt/kaspersky /var/log/kaspersky\n' >"$tree/DEBIAN/postrm"
  chmod 755 "$tree"/DEBIAN/post*
  dpkg-deb --root-owner-group -b "$tree" "$root/root/kesl.deb" >/dev/null
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg -i /root/kesl.deb >/dev/null
  rm "$root/root/kesl.deb"
  head -c 3000 /dev/urandom >"$work/1"
  echo "a log" >"$work/kesl.log"
  cp "$work/1" "$root/var/opt/kaspersky/kesl/private/quarantine/1"
  cp "$work/kesl.log" "$root/var/log/kaspersky/kesl/kesl.log"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -s /usr/lib/systemd/system/kesl.service "$root/etc/systemd/system/multi-user.target.wants/kesl.service"
  # Users: eve has a unit of the product, and one of her own; frank's own unit only has the product's name.
  printf '[Service]\nExecStart=/usr/sbin/sshd -D\n' >"$root/usr/lib/systemd/system/ssh.service"
  chroot "$root" useradd -m -u 1000 eve
  chroot "$root" useradd -m -u 1001 frank
  local eve=$root/home/eve/.config/systemd/user frank=$root/home/frank/.config/systemd/user
  mkdir -p "$eve/default.target.wants" "$frank"
  printf '[Service]\nExecStart=/opt/kaspersky/kesl/bin/kesl --gui\n' >"$eve/kesl.service"
  ln -s ../kesl.service "$eve/default.target.wants/kesl.service"
  printf '[Service]\nExecStart=/home/eve/notes\n' >"$eve/notes.service"
  printf '[Service]\nExecStart=/home/frank/bin/kettle-status\n' >"$frank/kesl.service"
  chroot "$root" chown -R eve:eve /home/eve
  chroot "$root" chown -R frank:frank /home/frank
  mkdir -p "$work/stays"
  local stays
  for stays in usr/lib/systemd/system/ssh.service home/eve/.config/systemd/user/notes.service home/frank/.config/systemd/user/kesl.service; do
    cp "$root/$stays" "$work/stays/${stays//\//-}"
  done
}
