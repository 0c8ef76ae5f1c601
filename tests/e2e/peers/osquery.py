"""Extensions, plug-ins and packages as osquery reads them, in a made-up system: osquery.py DEBAR OSQUERYI.

osquery reads the machine that it runs on: the made-up folders are mounted over the machine's in a namespace of their own.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

# osquery's query; debar's collector; the column and the field that name a record.
TABLES = [
    ("select name as record, version from users cross join vscode_extensions using (uid)", "vscode_extensions", "name"),
    ("select name as record, version from users cross join jetbrains_plugins using (uid)", "jetbrains_plugins", "name"),
    ("select identifier as record, version from users cross join firefox_addons using (uid)", "firefox_addons", "identifier"),
    ("select name as record, version from deb_packages", "deb_packages", "name"),
]
EDITORS = [".vscode", ".vscode-insiders", ".vscode-server", ".vscode-oss", ".cursor", ".windsurf", ".trae"]
PRODUCTS = ["PyCharm2024.1", "IntelliJIdea2024.1", "GoLand2023.3", "WebStorm2024.2", "CLion2024.1", "Rider2024.3"]


def make(root):
    def write(path, text):
        path = root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write("etc/os-release", "ID=debian\n")
    write("etc/passwd", "root:x:0:0::/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n")
    write(
        "var/lib/dpkg/status",
        "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n"
        "Maintainer: A <a@example.com>\nDescription: x\n\n",
    )
    for editor in EDITORS:
        name = f"of{editor.replace('.', '-')}"
        folder = f"home/u/{editor}/extensions/example.{name}-1.2.3"
        manifest = {"name": name, "publisher": "example", "version": "1.2.3", "engines": {"vscode": "^1.80.0"}}
        entry = {
            "identifier": {"id": f"example.{name}", "uuid": "1"},
            "version": "1.2.3",
            "location": {"$mid": 1, "path": f"/{folder}", "scheme": "file"},
            "relativeLocation": f"example.{name}-1.2.3",
            "metadata": {"id": "1", "publisherDisplayName": "Example Ltd", "installedTimestamp": 1700000000000},
        }
        write(f"{folder}/package.json", json.dumps(manifest))
        write(f"home/u/{editor}/extensions/extensions.json", json.dumps([entry]))
    for product in PRODUCTS:
        jar = root / f"home/u/.local/share/JetBrains/{product}/tool/lib/tool.jar"
        jar.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(jar, "w") as archive:
            archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
            archive.writestr(
                "META-INF/plugin.xml",
                f"<idea-plugin><id>com.example.{product}</id><name>Tool {product}</name><version>1.2</version>"
                "<vendor>Example Ltd</vendor></idea-plugin>",
            )
    addon = {
        "id": "a@example.com",
        "version": "1",
        "type": "extension",
        "active": True,
        "visible": True,
        "location": "app-profile",
        "defaultLocale": {"name": "Addon", "creator": "A"},
    }
    write("home/u/.mozilla/firefox/a1.default/extensions.json", json.dumps({"schemaVersion": 36, "addons": [addon]}))


def of_osquery(osqueryi, root, query):
    script = (
        'mount --bind "$1/home" /home && mount --bind "$1/etc/passwd" /etc/passwd && '
        'mount --bind "$1/var/lib/dpkg" /var/lib/dpkg && "$2" --ephemeral --disable_database --json "$3"'
    )
    shell = ["unshare", "-m", "sh", "-c", script, "sh", str(root), osqueryi, query]
    done = subprocess.run(shell, capture_output=True, text=True, check=True)
    return {(row["record"], row["version"]) for row in json.loads(done.stdout)}


def of_debar(debar, root):
    command = [debar, "inventory", f"dir:{root}", "-o", "ndjson", "--no-progress"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [json.loads(line) for line in lines]


def main():
    debar, osqueryi = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        make(root)
        artifacts = [line for line in of_debar(debar, root) if "fields" in line]
        lacking = 0
        for query, collector, name in TABLES:
            theirs = of_osquery(osqueryi, root, query)
            fields = [one["fields"] for one in artifacts if one.get("collector") == collector]
            ours = {(one.get(name), one.get("version")) for one in fields}
            missing = sorted(theirs - ours)
            lacking += len(missing)
            print(f"{collector}: {len(theirs)} of osquery, {len(ours)} of debar, missing {missing}")
            if not theirs:
                sys.exit(f"{collector}: osquery has none, so nothing was compared")
    sys.exit(1 if lacking else 0)


main()
