#!/usr/bin/env python3
"""Compares debar with independent readers on package databases of others.

Usage: corpus.py DEBAR CORPUS. In CORPUS: rpmdb/NAME with NAME.expected.json (a list of name, version, vendor, arch,
epoch, as syft tells them), linux/dpkg/dpkg/*, linux/apk/*, linux/pacman/*. Read beside debar by: those lists; `rpm`
for forms that it can open; `dpkg-query`; for apk and pacman a few lines here that know nothing of debar.
A difference is printed, and makes the exit code 1, unless debar tells of a gap in that database.
"""
import json, os, pathlib, shutil, subprocess, sys, tempfile

debar, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
failed = records = gaps_seen = 0


def inventory(files, collector, system):
    """What debar tells of a root with these files: list of field maps, list of gaps."""
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        for path, source in {**files, "etc/os-release": f"ID={system}\n".encode()}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, bytes):
                (root / path).write_bytes(source)
            else:
                shutil.copy(source, root / path)
        out = subprocess.run([debar, "inventory", str(root), "--collector", collector, "--no-progress", "-o", "json"],
                             capture_output=True, timeout=120)
        report = json.loads(out.stdout)
        return [a["fields"] | {"state": a["state"]} for a in report["artifacts"]], report["gaps"]


def compare(name, theirs, ours, gaps):
    global failed, records, gaps_seen
    theirs, ours = sorted(theirs), sorted(ours)
    records += len(theirs)
    gaps_seen += len(gaps)
    told = "; ".join(f"{g['kind']}: {g['detail']}" for g in gaps[:2])
    if theirs == ours:
        print(f"{name}: {len(theirs)} records, 0 differences" + (f" (gaps: {told})" if told else ""))
        return
    lost = [one for one in theirs if one not in ours]
    more = [one for one in ours if one not in theirs]
    print(f"{name}: {len(theirs)} records, only there {lost[:5]}, only debar {more[:5]} (gaps: {told or 'none'})")
    if lost and not gaps:
        failed += 1


def rpm():
    for expected in sorted((corpus / "rpmdb").glob("*.expected.json")):
        source = expected.with_name(expected.name.removesuffix(".expected.json"))
        form = next(f for f in ("rpmdb.sqlite", "Packages.db", "Packages") if source.name.endswith(f))
        ours, gaps = inventory({f"var/lib/rpm/{form}": source}, "rpm_packages", "fedora")
        of = lambda p: (p["name"], p["version"], p.get("vendor") or "", p.get("arch") or "")
        theirs = [of(p) for p in json.loads(expected.read_text())]
        # syft writes the epoch before the version where there is one.
        version = lambda f: (f"{f['epoch']}:" if f.get("epoch") else "") + f"{f['version']}-{f['release']}"
        compare(source.name, theirs, [of(f | {"version": version(f)}) for f in ours], gaps)
    for source in sorted((corpus / "rpmdb").iterdir()):
        form = next((f for f in ("rpmdb.sqlite", "Packages.db", "Packages") if source.name.endswith(f)), None)
        if form is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(source, pathlib.Path(folder) / form)
            backend = {"rpmdb.sqlite": "sqlite", "Packages.db": "ndb", "Packages": "bdb_ro"}[form]
            query = "%{NAME}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{VENDOR}\t%{PACKAGER}\n"
            out = subprocess.run(["rpm", "--dbpath", folder, "--define", f"_db_backend {backend}", "-qa", "--qf", query],
                                 capture_output=True, text=True)
        theirs = [tuple("" if f == "(none)" else f for f in line.split("\t")) for line in out.stdout.splitlines()]
        if not theirs:
            print(f"{source.name}: this rpm cannot read it ({out.stderr.strip()[:90]})")
            continue
        ours, gaps = inventory({f"var/lib/rpm/{form}": source}, "rpm_packages", "fedora")
        fields = ("name", "version", "release", "arch", "vendor", "packager")
        compare(f"{source.name} with rpm", theirs, [tuple(f.get(k, "") for k in fields) for f in ours], gaps)


def dpkg():
    for source in sorted((corpus / "linux/dpkg/dpkg").iterdir()):
        if source.is_dir():
            continue
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(source, pathlib.Path(folder) / "status")
            os.makedirs(pathlib.Path(folder) / "updates")
            os.makedirs(pathlib.Path(folder) / "info")
            (pathlib.Path(folder) / "info/format").write_text("1\n")
            query = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${Maintainer}\n"
            out = subprocess.run(["dpkg-query", f"--admindir={folder}", "-W", "-f", query], capture_output=True, text=True)
        theirs = [tuple(line.split("\t")) for line in out.stdout.splitlines()]
        theirs = [one for one in theirs if one[0] != "not-installed"]
        ours, gaps = inventory({"var/lib/dpkg/status": source}, "deb_packages", "debian")
        ours = [((f.get("status") or "? ? ?").split()[-1],) + tuple(f.get(k, "") for k in ("name", "version", "arch", "maintainer"))
                for f in ours]
        note = f" [dpkg-query: {out.stderr.strip().splitlines()[-1][:100]}]" if out.returncode else ""
        compare(f"dpkg/{source.name}{note}", theirs, ours, gaps)


def apk():
    for source in [corpus / "linux/apk-installed", *sorted((corpus / "linux/apk").iterdir())]:
        theirs = []
        for stanza in source.read_text().split("\n\n"):
            fields = dict(line.split(":", 1) for line in stanza.splitlines() if line[1:2] == ":" and line[0] in "PVAm")
            if "P" in fields:
                theirs.append(tuple(fields.get(k, "") for k in "PVAm"))
        ours, gaps = inventory({"lib/apk/db/installed": source}, "apk_packages", "alpine")
        compare(f"apk/{source.name}", theirs, [tuple(f.get(k, "") for k in ("name", "version", "arch", "maintainer")) for f in ours], gaps)


def pacman():
    for source in sorted((corpus / "linux/pacman").iterdir()):
        blocks = [block.splitlines() for block in source.read_text().split("\n\n") if block.strip()]
        facts = {block[0].strip("%"): block[1] for block in blocks if len(block) > 1}
        theirs = [tuple(facts.get(k, "") for k in ("NAME", "VERSION", "ARCH", "PACKAGER"))] if "NAME" in facts else []
        folder = f"{facts.get('NAME', 'x')}-{facts.get('VERSION', '1-1')}"
        ours, gaps = inventory({f"var/lib/pacman/local/{folder}/desc": source}, "pacman_packages", "arch")
        compare(f"pacman/{source.name}", theirs, [tuple(f.get(k, "") for k in ("name", "version", "arch", "packager")) for f in ours], gaps)


for part in (rpm, dpkg, apk, pacman):
    part()
print(f"{records} records of others, {failed} databases with differences that no gap explains")
sys.exit(1 if failed else 0)
