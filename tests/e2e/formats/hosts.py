"""Makes roots of small Debian hosts, each with four products on it. Usage: hosts.py FOLDER COUNT"""
import pathlib
import sys

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
PACKAGES = [("base-files", "12.4"), ("kesl", "12.1.0-1274"), ("klnagent64", "14.2.0-35148")]
for number in range(count):
    root = folder / f"h{number:04}"
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    status = ""
    for name, version in PACKAGES:
        status += f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\nMaintainer: A\n\n"
        (info / f"{name}.list").write_text("/.\n")
    (root / "var/lib/dpkg/status").write_text(status)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    (root / "etc/hostname").write_text(f"host-{number:04}\n")
    package = root / "usr/lib/python3/dist-packages/opentip-0.1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: opentip\nVersion: 0.1\n")
    package = root / "opt/app/node_modules/@kaspersky/hexa-ui"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "@kaspersky/hexa-ui", "version": "1.0"}')
