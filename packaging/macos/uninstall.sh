#!/bin/sh
# Removes what the package installed, and with --purge the reports, too. Run as root: sudo debar-uninstall [--purge]
set -eu
case ${1:-} in
"" | --purge) ;;
*) echo "usage: debar-uninstall [--purge]" >&2; exit 1 ;;
esac
[ "$(id -u)" = 0 ] || { echo "debar-uninstall: run it as root: sudo debar-uninstall" >&2; exit 1; }
launchctl bootout system/debar.scan 2>/dev/null || true
rm -f /Library/LaunchDaemons/debar.scan.plist /Library/Logs/debar.log /usr/local/bin/debar
rm -f /usr/local/share/man/man1/debar.1 /usr/local/share/man/man1/debar-*.1
if [ "${1:-}" = --purge ]; then rm -rf "/Library/Application Support/debar"; fi
pkgutil --forget debar.pkg >/dev/null 2>&1 || true
rm -f /usr/local/bin/debar-uninstall
