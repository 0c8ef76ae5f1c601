#!/usr/bin/env python3
"""Compares debar with regipy on registry hives of others: services, uninstall entries, Amcache entries, each field.

Usage: hives.py DEBAR FOLDER. In FOLDER: hives, packed with xz or not, transaction logs named HIVE.LOG1 and .LOG2, and
expected.json, a list of what regipy reads in each hive: file, services (name, Start, Type) of ControlSet001,
uninstall (key, DisplayName, DisplayVersion, Publisher, InstallLocation, UninstallString), inventory_application,
inventory_application_file. regipy reads them without their logs, so debar does, too, and then once more with them:
what that adds or takes is told. A difference is printed and makes the exit code 1.
"""
import collections, json, lzma, pathlib, re, subprocess, sys, tempfile

debar, folder = sys.argv[1], pathlib.Path(sys.argv[2])
failed = records = 0


def content(path):
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def inventory(place, hive, logs):
    """What debar tells of a disk with this hive: lists of field maps by collector, list of gaps."""
    with tempfile.TemporaryDirectory() as root:
        target = pathlib.Path(root) / place
        target.parent.mkdir(parents=True)
        target.write_bytes(content(hive))
        for number, log in logs.items():
            target.with_name(f"{target.name}.LOG{number}").write_bytes(content(log))
        out = subprocess.run([debar, "inventory", f"dir:{root}", "--allow-gaps", "--no-progress", "-o", "json"],
                             capture_output=True, timeout=300)
        if out.returncode:
            sys.exit(f"{hive.name}: debar ended with {out.returncode}: {out.stderr.decode()[:300]}")
        report = json.loads(out.stdout)
        of = {}
        for artifact in report["artifacts"]:
            fields = {name: value[0] if isinstance(value, list) else value for name, value in artifact["fields"].items()}
            of.setdefault(artifact["collector"], []).append(fields)
        return of, report["gaps"]


# Words of the fields for the numbers that Windows documents.
START = {0: "boot", 1: "system", 2: "auto", 3: "demand", 4: "disabled"}


def shown(text):
    """Text as reports show it: without the white space around it, variables of folders expanded, without case."""
    text = re.sub(r"%(\w+)%", lambda match: {"programfiles": r"C:\Program Files", "systemroot": r"C:\Windows",
                                             "windir": r"C:\Windows"}.get(match[1].lower(), match[0]), text or "")
    return text.strip().strip("\0").lower()


def theirs(entry):
    return {
        "services": {(shown(s["name"]), START.get(s.get("Start"), "")) for s in entry.get("services", []) if plain(s["name"])},
        "uninstall": {tuple(shown(u.get(k)) for k in ("DisplayName", "DisplayVersion", "Publisher", "UninstallString"))
                      + (shown(u["key"].split("\\")[-1]),) for u in entry.get("uninstall", [])},
        # One without a name goes by the name of its key.
        "applications": {tuple(shown(a.get(k) or (k == "Name" and a["key"]) or "")
                               for k in ("ProgramId", "Name", "Version", "Publisher", "Source", "UninstallString"))
                         for a in entry.get("inventory_application", [])},
        "files": {(shown(f.get("FileId")).removeprefix("0000"), shown(f.get("LowerCaseLongPath")))
                  for f in entry.get("inventory_application_file", [])},
    }


def plain(name):
    """Whether it is a name: a damaged hive has keys whose names are the bytes of other, overwritten cells."""
    return name.isprintable() and name.isascii() and name


def ours(of):
    # Only from the keys that regipy was asked for: debar reads other places, too (Windows Installer's, the list of
    # driver packages, the layout that Amcache had before Windows 10).
    below = lambda collector, key: [f for f in of.get(collector, []) if f"\\{key}\\".lower() in f["key"].lower()]
    take = lambda fields, *names: tuple(shown(str(fields.get(name, ""))) for name in names)
    return {
        "services": {take(f, "name", "start_type") for f in below("services", "Services") + below("drivers", "Services")},
        "uninstall": {take(f, "name", "version", "publisher", "uninstall_string") + (shown(f["key"].split("\\")[-1]),)
                      for f in below("programs", "Uninstall")},
        "applications": {take(f, "identifier", "name", "version", "publisher", "source", "uninstall_string")
                         for f in below("amcache", "InventoryApplication")},
        "files": {take(f, "sha1", "path") for f in below("amcache", "InventoryApplicationFile")},
    }


def place_of(entry):
    name = entry["file"].lower()
    if "amcache" in name:
        return "Windows/AppCompat/Programs/Amcache.hve"
    if "system" in name:
        return "Windows/System32/config/SYSTEM"
    # A part of a user's hive whose root is the key Software.
    if "software" in name:
        return "Windows/System32/config/SOFTWARE"
    return "Users/u/NTUSER.DAT"


for entry in json.loads((folder / "expected.json").read_text()):
    hive = folder / entry["file"]
    name, stem = hive.name, hive.name.removesuffix(".xz").lower()
    logs = {number: path for path in folder.iterdir() for number in "12"
            if path.name.lower().removesuffix(".xz") == f"{stem}.log{number}"}
    wanted = theirs(entry)
    of, gaps = inventory(place_of(entry), hive, {})
    told = ours(of)
    for what, expected in wanted.items():
        lost, more = sorted(expected - told[what]), sorted(told[what] - expected)
        if not expected and not more:
            continue
        records += len(expected)
        if lost or more:
            failed += 1
        print(f"{name}: {len(expected)} {what}, {len(lost)} only regipy {lost[:6]}, {len(more)} only debar {more[:6]}")
    kinds = collections.Counter()
    for gap in gaps:
        if gap["kind"] != "unrecognised_target":
            kinds[gap["kind"] + ": " + re.sub(r"\d+", "N", gap["detail"].split(", in ")[0])] += 1
    for kind, count in kinds.items():
        print(f"{name}: {count} gap(s): {kind}")
    if logs:
        with_logs, _ = inventory(place_of(entry), hive, logs)
        for what, before in told.items():
            after = ours(with_logs)[what]
            if before or after:
                print(f"{name} with {len(logs)} logs: {len(after)} {what}, {len(after - before)} more, {len(before - after)} fewer")
print(f"{records} records of regipy, {failed} kinds of records in a hive with differences")
sys.exit(1 if failed else 0)
