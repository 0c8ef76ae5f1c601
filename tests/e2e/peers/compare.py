#!/usr/bin/env python3
"""Compares debar with syft on packages of languages in one folder.

Usage: compare.py DEBAR SYFT ROOT [PAGE]. Every record of syft that debar lacks is printed and, unless it is explained
below, makes the exit code 1. PAGE: where the table of what was equal is written.
"""
import collections, json, os, re, subprocess, sys

debar, syft, root = sys.argv[1:4]

# Records that debar has otherwise, with the reason.
EXPLAINED = [
    ("python", lambda name, version, path: path.endswith((".lock", ".txt", "setup.py")), "a list of what a project may fetch, which is not installed"),
    ("java-archive", lambda name, version, path: version == "UNKNOWN", "a file that says no version, which debar has without one"),
    ("dotnet", lambda name, version, path: path.endswith((".exe", ".dll")), "an assembly has the version of its product, or that of the list beside it"),
    ("go-module", lambda name, version, path: name == "stdlib", "the version of Go is no module of the program"),
    ("go-module", lambda name, version, path: path.endswith("/syft"), "a main program has no version of its own; there it is guessed from the flags of the linker"),
]
# Types of syft, and where debar has them.
ECOSYSTEMS = {
    "python": "python_packages",
    "npm": "npm_packages",
    "gem": "ruby_gems",
    "java-archive": "java_archives",
    "jenkins-plugin": "java_archives",
    "dotnet": "dotnet_packages",
    "conda": "python_packages",
    "deb": "deb_packages",
    "go-module": "program_files",
    "rust-crate": "program_files",
}


def run(command):
    environment = os.environ | {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
    return json.loads(subprocess.run(command, capture_output=True, env=environment, timeout=600).stdout)


def plain(name):
    return re.sub(r"[-_.]+", "-", name.lower())


theirs = run([syft, "scan", f"dir:{root}", "-q", "-o", "syft-json"])
ours = run([debar, "inventory", root, "--no-progress", "-o", "json"])
have = collections.defaultdict(set)
for artifact in ours["artifacts"]:
    fields, collector = artifact["fields"], artifact["collector"]
    texts = lambda field: [fields[field]] if isinstance(fields.get(field), str) else fields.get(field, [])
    for name in texts("name"):
        have[collector].update((plain(name), version) for version in texts("version") or [""])
    # What went into programs of Go and Rust: `module@version`, and the module itself.
    for dependency in texts("dependencies"):
        name, _, version = dependency.rpartition("@")
        have[collector].add((plain(name), version))
    for module in texts("module"):
        have[collector].update((plain(module), version) for version in texts("version") or [""])

tried, equal, wrong = collections.Counter(), collections.Counter(), 0
for artifact in theirs["artifacts"]:
    kind, name, version = artifact["type"], artifact["name"], artifact["version"]
    path = artifact["locations"][0]["path"]
    collector = ECOSYSTEMS.get(kind)
    if collector is None:
        continue
    tried[kind] += 1
    versions = {version, version.removeprefix("v"), "v" + version}
    if any((plain(name), one) in have[collector] for one in versions):
        equal[kind] += 1
        continue
    reason = next((why for of, fits, why in EXPLAINED if of == kind and fits(name, version, path)), None)
    print(f"{kind}: {name} {version} in {path}: {reason or 'not found'}")
    wrong += reason is None

peer = f"syft {theirs['descriptor']['version']}"
lines = ["| ecosystem | records of the peer | equal | peer |", "| --- | --- | --- | --- |"]
lines += [f"| {kind} | {tried[kind]} | {equal[kind]} | {peer} |" for kind in sorted(tried)]
print("\n".join(lines))
if len(sys.argv) > 4:
    with open(sys.argv[4], "w") as page:
        page.write(
            "# Conformance\n\nPackages of languages in one folder, as debar and a peer read them. "
            "`tests/e2e/peers/run.sh DEBAR docs/conformance.md`\nmade this page; it fails when the peer has a record that "
            "debar lacks without a reason.\n\n" + "\n".join(lines) + "\n"
        )
sys.exit(1 if wrong or not tried else 0)
