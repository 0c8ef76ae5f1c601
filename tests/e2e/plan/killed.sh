#!/usr/bin/env bash
# Kills debar at 200 random moments while it writes reports: killed.sh DEBAR. An output file is the old one or a whole new
# one, never a part.
set -euo pipefail
debar=$(realpath "${1:?usage: killed.sh DEBAR}")
command -v python3 >/dev/null || { echo "plan/killed.sh: python3 is missing" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/etc" "$work/root/var/lib/dpkg/info"
printf 'ID=debian\n' >"$work/root/etc/os-release"
# Many findings' worth of evidence, so that writing takes its time.
python3 - "$work/root" <<'PY'
import sys
root = sys.argv[1]
with open(root + "/var/lib/dpkg/status", "w") as out:
    for i in range(4000):
        out.write(f"Package: package{i}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {i}\nMaintainer: AO Kaspersky Lab <x@example.org>\nDescription: {'x' * 200}\n\n")
PY
python3 - "$debar" "$work" <<'PY'
import json, os, random, signal, subprocess, sys, time
debar, work = sys.argv[1:]
out = {name: f"{work}/report.{name}" for name in ("json", "ndjson", "csv")}
command = [debar, "inventory", f"{work}/root", "--no-progress", "-q"]
for name, path in out.items():
    command += ["-o", f"{name}={path}"]
start = time.monotonic()
subprocess.run(command, check=False)
whole = time.monotonic() - start
ends = {name: os.path.getsize(path) for name, path in out.items()}
random.seed()
killed = during = 0
for attempt in range(200):
    for path in out.values():
        if attempt % 2 and os.path.exists(path):
            os.remove(path)
    process = subprocess.Popen(command)
    time.sleep(random.uniform(0, whole))
    process.send_signal(signal.SIGKILL)
    killed += process.wait() == -signal.SIGKILL
    # A temporary file that is left is hidden and named so; it tells that the kill came while writing.
    left = [name for name in os.listdir(work) if name.endswith(".tmp")]
    during += bool(left)
    for name in left:
        assert name.startswith("."), name
        os.remove(f"{work}/{name}")
    for name, path in out.items():
        if not os.path.exists(path):
            continue
        text = open(path, encoding="utf-8", newline="").read()
        if name == "json":
            json.loads(text)
        elif name == "ndjson":
            lines = text.splitlines()
            assert json.loads(lines[-1])["type"] == "summary", path
        else:
            assert text.endswith("\r\n") and abs(len(text.encode()) - ends[name]) < 4096, path
print(f"{killed} of 200 runs were killed, {during} of them while a file was being written; no file was partial")
assert killed >= 100 and during >= 10, "too few kills met a write"
PY
