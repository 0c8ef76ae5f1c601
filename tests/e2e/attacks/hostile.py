"""Worlds made to hide a product, each with what debar has to answer: hostile.py run DEBAR | hostile.py store FOLDER

Every world holds a product of Kaspersky for what uses it (a container engine, Windows, dpkg). `found`: debar names it.
`reported`: it names the product, or a place that it could not read; readers differ on what is there. `refused`: it does
not scan. `clean`: nothing is there, so that the other answers mean something.
"""
import gzip
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

RELEASE = b'ID=debian\nVERSION_ID="12"\n'
BASE = b"Package: base-files\nStatus: install ok installed\nVersion: 12\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: x\n"
KESL = b"Package: kesl\nStatus: install ok installed\nVersion: 12.1.0-1274\nArchitecture: amd64\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\nDescription: x\n"
WITH = BASE + b"\n" + KESL + b"\n"
WITHOUT = BASE + b"\n"
STATUS = b"var/lib/dpkg/status"


# Archives.
def header(name, size=0, kind=b"0", link=b"", magic=b"ustar\x0000", prefix=b"", digits=None):
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108] = b"0000755\0"
    block[108:124] = b"0000000\0" * 2
    block[124:136] = digits if digits is not None else b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:265] = magic
    block[345:345 + len(prefix)] = prefix
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(body):
    return body + b"\0" * (-len(body) % 512)


def member(name, body=b"", **how):
    return header(name, len(body), **how) + padded(body)


def record(key, value):
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def pax(*records, kind=b"x"):
    return member(b"extended", b"".join(record(*one) for one in records), kind=kind)


def long_name(name):
    return member(b"././@LongLink", name + b"\0", kind=b"L", magic=b"ustar  \0")


END = b"\0" * 1024
SYSTEM = member(b"etc/", kind=b"5") + member(b"etc/os-release", RELEASE)
SOUND = SYSTEM + member(STATUS, WITHOUT)
PRODUCT = member(STATUS, WITH) + END
# An archive in an archive: a reader that goes by the size takes it for the content of a member, others for members.
INNER = member(STATUS, WITHOUT) + END

LAYERS = {
    "control": ("found", SYSTEM + PRODUCT),
    "control-clean": ("clean", SOUND + END),
    "old-format": ("found", SOUND + member(STATUS, WITH, magic=b"\0" * 8, kind=b"\0") + END),
    "prefix-of-gnu": ("reported", SOUND + member(b"status", WITH, magic=b"ustar  \0", prefix=b"var/lib/dpkg") + END),
    "absolute": ("found", SOUND + member(b"/" + STATUS, WITH) + END),
    "through-the-parent": ("found", SOUND + member(b"opt/../" + STATUS, WITH) + END),
    "out-of-the-image": ("reported", SOUND + member(b"../../" + STATUS, WITH) + END),
    "empty-path": ("reported", SOUND + pax((b"path", b"")) + PRODUCT),
    "empty-link": ("reported", SOUND + member(b"data/s", WITH) + pax((b"linkpath", b"")) + header(STATUS, kind=b"2", link=b"/data/s") + END),
    "zero-in-a-path": ("reported", SOUND + pax((b"path", STATUS + b"\0x")) + PRODUCT),
    "two-extended-headers": ("reported", SOUND + pax((b"path", b"other")) + pax((b"mtime", b"1")) + PRODUCT),
    "two-sizes": ("reported", SYSTEM + pax((b"size", b"0")) + pax((b"mtime", b"1")) + member(b"x", INNER) + PRODUCT),
    "size-of-pax": ("found", SOUND + pax((b"size", b"%d" % len(WITH))) + header(STATUS) + padded(WITH) + END),
    "path-for-all": ("reported", SOUND + pax((b"path", b"other"), kind=b"g") + PRODUCT),
    "name-of-gnu-and-pax": ("reported", SOUND + long_name(STATUS) + pax((b"path", b"other")) + member(b"x", WITH) + END),
    "sparse-by-name-alone": ("reported", SOUND + pax((b"GNU.sparse.name", b"other")) + PRODUCT),
    "sparse-of-no-version": ("reported", SOUND + pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"7"), (b"GNU.sparse.name", b"other")) + member(STATUS, b"0\n" + b"\0" * 510 + WITH) + END),
    "file-called-folder": ("reported", SYSTEM + member(b"x/", INNER) + PRODUCT),
    "folder-with-a-size": ("reported", SYSTEM + header(b"x/", len(INNER), b"5") + INNER + PRODUCT),
    "link-with-a-size": ("reported", SYSTEM + header(b"x", len(INNER), b"2", b"y") + INNER + PRODUCT),
    "link-before-its-file": ("reported", SOUND + header(STATUS, kind=b"1", link=b"data/s") + member(b"data/s", WITH) + END),
    "size-after-a-zero": ("reported", SYSTEM + header(b"x", digits=b"\0" + b"%010o\0" % len(INNER)) + INNER + PRODUCT),
    "binary-size": ("found", SOUND + header(STATUS, digits=b"\x80" + len(WITH).to_bytes(11, "big")) + padded(WITH) + END),
    "binary-size-too-large": ("reported", SOUND + header(STATUS, digits=b"\xc0\0\0\0" + len(WITH).to_bytes(8, "big")) + padded(WITH) + END),
    "negative-size": ("reported", SOUND + header(b"x", digits=b"\xff" * 12) + PRODUCT),
    "one-block-of-zeros": ("reported", SOUND + b"\0" * 512 + PRODUCT),
    "after-the-end": ("reported", SOUND + END + PRODUCT),
}


# Images.
def digest(body, kind="sha256"):
    return kind + ":" + hashlib.new(kind, body).hexdigest()


class Layout:
    """An OCI layout in a folder."""

    def __init__(self, path):
        self.path = path
        self.entries = []

    def blob(self, body, name=None):
        name = name or digest(body)
        put(self.path, "blobs/" + name.replace(":", "/"), body)
        return {"digest": name, "size": len(body)}

    def config(self, *layers):
        text = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}
        return {"mediaType": "application/vnd.oci.image.config.v1+json", **self.blob(json.dumps(text).encode())}

    def layer(self, layer, media="application/vnd.oci.image.layer.v1.tar+gzip"):
        body = gzip.compress(layer, mtime=0) if media.endswith("gzip") else layer
        return {"mediaType": media, **self.blob(body)}

    def manifest(self, *layers, **more):
        text = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": self.config(*layers), "layers": [self.layer(layer) for layer in layers]}
        return {**text, **more}

    def add(self, manifest, **more):
        body = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        self.entries.append({"mediaType": "application/vnd.oci.image.manifest.v1+json", **self.blob(body), **more})
        return self

    def done(self, entries=None):
        put(self.path, "index.json", json.dumps({"schemaVersion": 2, "manifests": entries or self.entries}).encode())
        put(self.path, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        return self.path


def put(top, path, body=b""):
    place = os.path.join(top, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(body)


EVIL = SYSTEM + PRODUCT
GOOD = SOUND + END
AMD = {"os": "linux", "architecture": "amd64"}


def name_of(ref):
    return {"annotations": {"org.opencontainers.image.ref.name": ref}}


def nested(path, platform, **more):
    """An index in an index: the first entry has the product, the second is clean and of the usual platform."""
    layout = Layout(path)
    layout.add(layout.manifest(EVIL), platform=platform, **more).add(layout.manifest(GOOD), platform=AMD)
    text = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": layout.entries})
    entry = {"mediaType": "application/vnd.oci.image.index.v1+json", **layout.blob(text.encode()), **name_of("latest")}
    return layout.done([entry])


def twice(path):
    layout = Layout(path)
    text = json.dumps(layout.manifest(GOOD, config=layout.config(EVIL)))
    return layout.add((text[:-1] + ', "Layers": ' + json.dumps([layout.layer(EVIL)]) + "}").encode(), **name_of("latest")).done()


def missing(path):
    layout = Layout(path)
    layout.add(layout.manifest(GOOD), **name_of("one"))
    return layout.done(layout.entries + [{**layout.entries[0], "digest": "sha256:" + "a" * 64, **name_of("two")}])


def odd_media(path, others):
    layout = Layout(path)
    if others:
        layout.add(layout.manifest(GOOD), **name_of("clean"))
        odd = layout.manifest(EVIL)
        odd["layers"].append({**odd["layers"][0], "mediaType": "application/octet-stream"})
    else:
        odd = layout.manifest(EVIL)
        odd["layers"][0]["mediaType"] = "application/gzip"
    return layout.add(odd, **name_of("latest")).done()


def other_bytes(path):
    layout = Layout(path)
    named = digest(json.dumps(layout.manifest(EVIL)).encode(), "sha512")
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **layout.blob(json.dumps(layout.manifest(GOOD)).encode(), named), **name_of("latest")}
    return layout.done([entry])


def swapped_layer(path):
    layout = Layout(path)
    manifest = layout.manifest(EVIL)
    manifest["layers"] = [layout.layer(EVIL, "application/vnd.oci.image.layer.v1.tar")]
    layout.blob(GOOD + b"\0" * (len(EVIL) - len(GOOD)), manifest["layers"][0]["digest"])
    return layout.add(manifest, **name_of("latest")).done()


def root_and_layout(path):
    layout = Layout(path)
    layout.add(layout.manifest(GOOD), **name_of("latest")).done()
    put(path, "etc/os-release", RELEASE)
    put(path, STATUS.decode(), WITH)
    return path


def saved(path, manifest, first=b"", last=b""):
    """An archive of `docker save` with a clean and another layer; a text is written for `CLEAN` and `EVIL` configs."""
    members = member(b"clean.tar", GOOD) + member(b"evil.tar", EVIL)
    for name, layer in ((b"clean.json", GOOD), (b"evil.json", EVIL)):
        members += member(name, json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}).encode())
    bodies = [json.dumps(text).encode() if not isinstance(text, bytes) else text for text in manifest]
    put(os.path.dirname(path), os.path.basename(path), first + members + b"".join(member(b"manifest.json", body) for body in bodies) + last + END)
    return path


EVIL_ONE = {"Config": "evil.json", "RepoTags": ["x:latest"], "Layers": ["evil.tar"]}
CLEAN_ONE = {"Config": "clean.json", "RepoTags": ["x:latest"], "Layers": ["clean.tar"]}


def saved_and_layout(path):
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(folder)
        layout.add(layout.manifest(GOOD), **name_of("latest")).done()
        files = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in sorted(names)]
        first = b"".join(member(os.path.relpath(file, folder).encode(), open(file, "rb").read()) for file in files)
    return saved(path, [[EVIL_ONE]], first)


def bare(path, *members):
    put(os.path.dirname(path), os.path.basename(path), b"".join(members) + END)
    return path


def store(path):
    """A store of containers/storage; `.wh.status` is a file like any other where the kernel merges."""
    import base64

    config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    image = hashlib.sha256(config).hexdigest()
    manifest = {"schemaVersion": 2, "config": {"digest": digest(config), "size": len(config)}, "layers": []}
    put(path, "overlay-images/images.json", json.dumps([{"id": image, "names": ["localhost/a:latest"], "layer": "two"}]).encode())
    put(path, "overlay-layers/layers.json", json.dumps([{"id": "one"}, {"id": "two", "parent": "one"}]).encode())
    put(path, f"overlay-images/{image}/manifest", json.dumps(manifest).encode())
    put(path, f"overlay-images/{image}/=" + base64.b64encode(digest(config).encode()).decode(), config)
    put(path, "overlay/one/diff/etc/os-release", RELEASE)
    put(path, "overlay/one/diff/" + STATUS.decode(), WITH)
    put(path, "overlay/two/diff/var/lib/dpkg/.wh.status")
    return "containers-storage:" + path


IMAGES = {
    "layers-of-two-spellings": ("reported", twice),
    "platform-of-another-spelling": ("reported", lambda path: nested(path, {"os": "linux", "architecture": "x86_64"})),
    "platform-in-capitals": ("reported", lambda path: nested(path, {"os": "Linux", "architecture": "AMD64"})),
    "called-attestation": ("reported", lambda path: nested(path, AMD, annotations={"vnd.docker.reference.type": "attestation-manifest"})),
    "two-of-one-platform": ("found", lambda path: nested(path, AMD)),
    "missing-manifest": ("reported", missing),
    "odd-layer-in-the-second": ("reported", lambda path: odd_media(path, True)),
    "odd-layer-alone": ("reported", lambda path: odd_media(path, False)),
    "bytes-of-another-manifest": ("reported", other_bytes),
    "swapped-layer": ("reported", swapped_layer),
    "root-and-layout": ("found", root_and_layout),
    "store": ("found", store),
    "save-and-layout.tar": ("found", saved_and_layout),
    "save-of-two-spellings.tar": ("reported", lambda path: saved(path, [[{**CLEAN_ONE, "layers": ["evil.tar"]}]])),
    "save-of-two-manifests.tar": ("reported", lambda path: saved(path, [[EVIL_ONE], [CLEAN_ONE]])),
    "save-of-10001.tar": ("reported", lambda path: saved(path, [[CLEAN_ONE] * 10000 + [EVIL_ONE]])),
    "save-of-nothing.tar": ("refused", lambda path: saved(path, [b"[]"])),
    "root-with-a-manifest.tar": ("found", lambda path: bare(path, SYSTEM, member(STATUS, WITH), member(b"c.json", b'{"os":"linux"}'), member(b"manifest.json", b'[{"Config":"c.json","Layers":[]}]'))),
    "root-with-an-empty-manifest.tar": ("found", lambda path: bare(path, SYSTEM, member(STATUS, WITH), member(b"manifest.json", b"[]"))),
}


# Hives.
NOWHERE = 0xFFFFFFFF


def wide(text):
    return (text + "\0").encode("utf-16le")


class Hive:
    """A hive of keys `(name, subkeys, values)`; `at` says where each key and each list of subkeys lies."""

    def __init__(self, tree, values=()):
        self.cells = bytearray(32)
        self.at = {}
        self.root = self.key("ROOT", NOWHERE, tree, values, True)

    def cell(self, body):
        size = (len(body) + 11) // 8 * 8
        place = len(self.cells)
        self.cells += struct.pack("<i", -size) + body.ljust(size - 4, b"\0")
        return place

    def key(self, name, parent, subkeys=(), values=(), is_root=False):
        text = name.encode("latin-1")
        fixed = (b"nk", 0x2C if is_root else 0x20, 132223104000000000, 0, parent, len(subkeys), 0, NOWHERE, NOWHERE, len(values), NOWHERE, NOWHERE, NOWHERE)
        place = self.cell(struct.pack("<2sHQIIIIIIIIII5IHH", *fixed, 0, 0, 0, 0, 0, len(text), 0) + text)
        children = [(sub[0], self.key(sub[0], place, sub[1], sub[2])) for sub in sorted(subkeys, key=lambda sub: sub[0].upper())]
        if children:
            entries = b"".join(struct.pack("<II", child, self.hash(called)) for called, child in children)
            self.at["list", name] = self.cell(struct.pack("<2sH", b"lh", len(children)) + entries)
            struct.pack_into("<I", self.cells, place + 32, self.at["list", name])
        if values:
            places = [self.value(*value) for value in values]
            struct.pack_into("<I", self.cells, place + 44, self.cell(struct.pack(f"<{len(places)}I", *places)))
        self.at[name] = place
        return place

    def value(self, name, kind, body):
        data = self.cell(body)
        return self.cell(struct.pack("<2sHIIIHH", b"vk", len(name), len(body), data, kind, 1, 0) + name.encode("latin-1"))

    @staticmethod
    def hash(name):
        sum_ = 0
        for char in name.upper():
            sum_ = (sum_ * 37 + ord(char)) & 0xFFFFFFFF
        return sum_

    def bytes(self, *changes):
        """The file, with bytes changed: (offset of a cell and in it, new bytes)."""
        size = (len(self.cells) + 4103) // 4096 * 4096
        cells = bytearray(self.cells) + struct.pack("<i", size - len(self.cells))
        cells = cells.ljust(size, b"\0")
        struct.pack_into("<4sII", cells, 0, b"hbin", 0, size)
        for place, new in changes:
            cells[place + 4:place + 4 + len(new)] = new
        head = bytearray(4096)
        struct.pack_into("<4sIIQIIIIIII", head, 0, b"regf", 1, 1, 132223104000000000, 1, 5, 0, 1, self.root, size, 1)
        total = 0
        for word in struct.unpack_from("<127I", head):
            total ^= word
        struct.pack_into("<I", head, 508, total or 1)
        return bytes(head + cells)


KES = {"DisplayName": "Kaspersky Endpoint Security for Windows", "Publisher": "AO Kaspersky Lab", "DisplayVersion": "12.3.0.493"}
TOOL = {"DisplayName": "Some Tool", "Publisher": "Example", "DisplayVersion": "1"}
PROGRAM = "{AF1904E7-A94C-4F2A-82F2-EF9B2C4D4C5A}"


def entry(texts, kind=1):
    return (PROGRAM if texts is KES else "Tool", (), [(name, kind if name != "DisplayVersion" else 1, wide(text)) for name, text in texts.items()])


def software(*entries, values=(), zeta=(), home=None):
    profiles = [("S-1-5-21-1-2-3-1001", (), [("ProfileImagePath", 2, wide(home))])] if home else []
    version = [("CurrentBuildNumber", 1, wide("19045")), ("ProductName", 1, wide("Windows 10 Pro")), ("SystemRoot", 1, wide("C:\\Windows"))]
    windows = ("Windows", [("CurrentVersion", [("Uninstall", entries, values)], ())], ())
    return Hive([("Microsoft", [windows, ("Windows NT", [("CurrentVersion", [("ProfileList", profiles, ())], version)], ())], ()), ("Zeta", zeta, ())])


def disk(path, hive, **files):
    number = lambda value: struct.pack("<I", value)
    service = ("Tcpip", (), [("ImagePath", 1, wide("System32\\drivers\\tcpip.sys")), ("Start", 4, number(0)), ("Type", 4, number(1))])
    system = Hive([("ControlSet001", [("Services", [service], ()), ("Control", (), ())], ()), ("Select", (), [("Current", 4, number(1))])])
    put(path, "Windows/System32/config/SYSTEM", system.bytes())
    if hive is not None:
        put(path, "Windows/System32/config/SOFTWARE", hive if isinstance(hive, bytes) else hive.bytes())
    for name in ("ntdll.dll", "kernel32.dll"):
        put(path, "Windows/System32/" + name)
    os.makedirs(os.path.join(path, "Users/a"), exist_ok=True)
    for name, body in files.items():
        put(path, name, body)
    return path


def damaged(path, key, offset, new):
    hive = software(entry(KES), entry(TOOL)) if key == ("list", "Uninstall") else software(entry(KES))
    return disk(path, hive.bytes((hive.at[key] + offset, new(hive) if callable(new) else new)))


def linked_key(path):
    hive = software(values=[("SymbolicLinkValue", 6, "\\Registry\\Machine\\SOFTWARE\\Zeta".encode("utf-16le"))], zeta=[entry(KES)])
    return disk(path, hive.bytes((hive.at["Uninstall"] + 2, struct.pack("<H", 0x30))))


def user(entries=(entry(KES),)):
    windows = ("Windows", [("CurrentVersion", [("Uninstall", list(entries), ())], ())], ())
    return Hive([("Software", [("Microsoft", [windows], ())], ())]).bytes()


def profile(path, file, home="C:\\Users\\eve"):
    disk(path, software(entry(TOOL), home=home))
    folder = home[3:].replace("\\", "/")
    os.makedirs(os.path.join(path, folder))
    if file:
        put(path, f"{folder}/{file}", user())
    return path


def without(path, *names):
    disk(path, software(entry(KES)))
    for name in names:
        os.remove(os.path.join(path, "Windows/System32/config", name))
    return path


def junction(path, to):
    disk(path, software(entry(TOOL)))
    os.makedirs(path + "/Program Files")
    os.symlink(to, path + "/Program Files/Kaspersky Lab")
    return path


HISTORY = b'<?xml version="1.0"?><plist version="1.0"><array><dict><key>displayName</key><string>x</string></dict></array></plist>'
WINDOWS = {
    "windows": ("found", lambda path: disk(path, software(entry(KES)))),
    "windows-clean": ("clean", lambda path: disk(path, software(entry(TOOL)))),
    "called-debian": ("found", lambda path: disk(path, software(entry(KES)), **{"etc/os-release": RELEASE, STATUS.decode(): WITHOUT})),
    "called-mac": ("found", lambda path: disk(path, software(entry(KES)), **{"System/Library/CoreServices/SystemVersion.plist": b"", "Library/Receipts/InstallHistory.plist": HISTORY})),
    "hive-in-small-letters": ("found", lambda path: disk(path, software(entry(TOOL)), **{"Windows/System32/config/software": software(entry(KES)).bytes()})),
    "no-subkeys-counted": ("reported", lambda path: damaged(path, "Uninstall", 20, b"\0\0\0\0")),
    "no-values-counted": ("reported", lambda path: damaged(path, PROGRAM, 36, b"\0\0\0\0")),
    "bit-of-a-hash": ("reported", lambda path: damaged(path, ("list", "CurrentVersion"), 8, lambda hive: bytes([hive.cells[hive.at["list", "CurrentVersion"] + 12] ^ 1]))),
    "bit-of-a-name": ("reported", lambda path: damaged(path, "Uninstall", 76, b"T")),
    "length-of-a-name": ("reported", lambda path: damaged(path, "Uninstall", 72, b"\x08\0")),
    "one-of-two-in-a-list": ("reported", lambda path: damaged(path, ("list", "Microsoft"), 2, b"\1\0")),
    "one-of-two-programs": ("reported", lambda path: damaged(path, ("list", "Uninstall"), 2, b"\1\0")),
    "linked-key": ("reported", linked_key),
    "values-of-binary": ("reported", lambda path: disk(path, software(entry(KES, 3)))),
    "values-of-none": ("reported", lambda path: disk(path, software(entry(KES, 0)))),
    "values-of-lists": ("reported", lambda path: disk(path, software(entry(KES, 7)))),
    "values-of-no-type": ("reported", lambda path: disk(path, software(entry(KES, 0x12)))),
    "hive-of-a-user": ("found", lambda path: profile(path, "NTUSER.DAT")),
    "mandatory-profile": ("found", lambda path: profile(path, "NTUSER.MAN")),
    "no-hive-of-a-user": ("reported", lambda path: profile(path, None)),
    "profile-elsewhere": ("found", lambda path: profile(path, "NTUSER.DAT", "C:\\Profiles\\eve")),
    "no-software": ("reported", lambda path: without(path, "SOFTWARE")),
    "no-hives": ("reported", lambda path: without(path, "SOFTWARE", "SYSTEM")),
    "hive-of-zeros": ("reported", lambda path: disk(path, b"\0" * 8192)),
    "other-drive": ("reported", lambda path: junction(path, "D:/KL")),
    "share": ("reported", lambda path: junction(path, "//server/share/KL")),
    "volume": ("reported", lambda path: junction(path, "/??/Volume{0123}/KL")),
}


# Folders of Linux.
def linux(path, status=WITHOUT, **files):
    put(path, "etc/os-release", RELEASE)
    put(path, STATUS.decode(), status)
    os.makedirs(path + "/bin")
    for name, body in files.items():
        put(path, name, body)
    return path


def unit(count):
    lines = b"ExecStart=/bin/true\n" * count + b"ExecStart=/opt/kaspersky/kesl/libexec/kesl\n"
    return b"[Unit]\nDescription=x\n[Service]\nType=oneshot\n" + lines + b"[Install]\nWantedBy=multi-user.target\n"


def script(count):
    lines = b"".join(b"DAEMON%d=/usr/bin/a%d\n" % (at, at) for at in range(count))
    return b"#!/bin/sh\n" + lines + b"DAEMON=/opt/kaspersky/kesl/libexec/kesl\n"


def home(path, is_store):
    extension = "home/eve/.config/google-chrome/Default/Extensions/ahkjpbeeocnddjkakilopmfdlnjdpcdm/1.0_0/manifest.json"
    linux(path, **{extension: b'{"name":"x","version":"1.0","manifest_version":3}'})
    if is_store:
        os.makedirs(path + "/home/eve/.local/share")
        os.makedirs(path + "/home/eve/image")
        os.symlink("../..", path + "/home/eve/.local/share/docker")
    return path


def dangling(path):
    linux(path)
    os.makedirs(path + "/opt")
    os.symlink("/mnt/data/kaspersky", path + "/opt/kaspersky")
    return path


def walked(path, is_hidden):
    """A folder behind a link of the system, into which a link of a user leads as well."""
    linux(path, **{"data/kaspersky/kesl/libexec/kesl": b"#!/bin/sh\n"})
    os.makedirs(path + "/opt")
    os.makedirs(path + "/home/eve")
    os.symlink("/data/kaspersky", path + "/opt/kaspersky")
    if is_hidden:
        os.symlink("/data/kaspersky/kesl", path + "/home/eve/Downloads")
    return path


LINUX = {
    "dpkg": ("found", lambda path: linux(path, WITH)),
    "status-twice": ("reported", lambda path: linux(path, BASE + b"\n" + KESL.replace(b"Status:", b"Status: purge ok not-installed\nStatus:"))),
    "unit-of-255": ("found", lambda path: linux(path, **{"etc/systemd/system/x.service": unit(255)})),
    "unit-of-5000": ("reported", lambda path: linux(path, **{"etc/systemd/system/x.service": unit(5000)})),
    "script-of-63": ("found", lambda path: linux(path, **{"etc/init.d/x": script(63)})),
    "script-of-5000": ("reported", lambda path: linux(path, **{"etc/init.d/x": script(5000)})),
    "home": ("found", lambda path: home(path, False)),
    "home-called-store": ("found", lambda path: home(path, True)),
    "dangling": ("reported", dangling),
    "behind-a-link": ("found", lambda path: walked(path, False)),
    "behind-a-link-of-a-user": ("found", lambda path: walked(path, True)),
}
for sign, name in ((b"J", "letter"), (b"*", "star"), (b" \n", "blank"), (b"#\n", "comment"), (b"", "lost")):
    LINUX["separator-" + name] = ("reported", lambda path, sign=sign: linux(path, BASE + sign + KESL))


def worlds():
    for name, (right, layer) in LAYERS.items():
        yield "layer " + name, right, lambda path, layer=layer: one_layer(path, layer)
    for kind, table in (("image", IMAGES), ("windows", WINDOWS), ("linux", LINUX)):
        for name, (right, make) in table.items():
            yield f"{kind} {name}", right, make


def one_layer(path, layer):
    layout = Layout(path)
    return layout.add(layout.manifest(layer), **name_of("latest")).done()


CODES = {"found": (1,), "reported": (1, 3), "refused": (2,), "clean": (0,)}


def run(debar):
    wrong = []
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, right, make in worlds():
            target = make(os.path.join(scratch, name.replace(" ", "-")))
            command = [debar, "scan", target, "-q", "--no-progress", "-o", "json"]
            if name == "image swapped-layer":
                # Only a check of every layer shows it.
                command.append("--verify-layers")
            done = subprocess.run(command, capture_output=True, timeout=300)
            count += 1
            if done.returncode not in CODES[right]:
                wrong.append(f"{name}: exit code {done.returncode}, and {right} is right")
            elif done.returncode == 1 and b"kaspersky" not in done.stdout:
                wrong.append(f"{name}: exit code 1 without the product")
    for line in wrong:
        print("FAILED:", line, file=sys.stderr)
    print(f"{count} hostile worlds, {len(wrong)} wrong answers")
    return bool(wrong) or count < 80


if __name__ == "__main__":
    if sys.argv[1] == "store":
        store(sys.argv[2])
    else:
        sys.exit(run(sys.argv[2]))
