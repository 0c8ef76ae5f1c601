"""Makes two roots: one whose names and texts try to break out of every format, and a clean one.
Usage: hostile.py HOSTILE CLEAN"""
import os
import pathlib
import sys

NASTY = [
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "]]><x/>",
    "::error title=x::owned",
    "##[error]owned ##vso[task.setvariable variable=x]y",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "-2",
    "\uff1d1",
    "a|b`c``d\\e*f_g[h](https://example.com/)#i",
    "{0} [x](y) {{",
    "exe.\u202egpj \u2066x\u2069 \u200bz\u00adw",
    "e\u0301\u0323 \u0643\u0627\u0633 \u30ab\u30b9 \U0001f600",
    "\u0001\u001b[31mred\u0007",
    "%0A::error::owned",
    "${{ secrets.X }} $(reboot) `reboot` %PATH%",
    "'\"&amp;<&>",
    "\ufffe\ufdd0\U000e0041",
]


def debian(root, packages):
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    status = b""
    for name, version, maintainer in packages:
        status += f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n".encode()
        status += b"Maintainer: " + maintainer + b"\n\n"
        (info / f"{name}.list").write_text("/.\n")
    (root / "var/lib/dpkg/status").write_bytes(status)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian <GNU>/Linux"\n')


hostile, clean = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
packages = [("base-files", "12.4", b"A"), ("kesl", "12.1:0+~1", b"AO Kaspersky Lab \xff\xfe")]
packages += [("klnagent64", text.replace("\n", " "), text.encode()) for text in NASTY[:1]]
packages += [(f"p{at}", f"1.{at}", text.encode()) for at, text in enumerate(NASTY)]
debian(hostile, packages)
(hostile / "etc/hostname").write_text("::error::<b>=host|`\n")
for at, text in enumerate(NASTY):
    folder = b"opt/kaspersky/" + text.replace("/", "\u2215").encode() + b"\xe9"
    folder = os.path.join(os.fsencode(hostile), folder)
    os.makedirs(folder)
    with open(os.path.join(folder, b"tool"), "wb") as file:
        file.write(b"#!/bin/sh\n")
    os.chmod(os.path.join(folder, b"tool"), 0o755)
    package = hostile / f"opt/app{at}/node_modules/x"
    package.mkdir(parents=True)
    escaped = "".join(f"\\u{unit:04x}" for unit in memoryview(text.encode("utf-16-le")).cast("H"))
    (package / "package.json").write_text(f'{{"name": "{escaped}", "version": "{escaped}"}}')
(hostile / "opt/loop").symlink_to("loop")
(hostile / "opt/app0/broken.jar").write_bytes(b"PK\x03\x04 cut")
debian(clean, [("base-files", "12.4", b"A")])
(clean / "etc/hostname").write_text("clean\n")
