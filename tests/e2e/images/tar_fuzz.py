#!/usr/bin/env python3
"""Layers with odd tar headers, unpacked by umoci (Go's archive/tar) and read by debar.

A package that umoci puts in place and debar neither lists nor answers for with a gap is a silent miss, and so is an
ordinary layer that gives a gap. Usage: tar_fuzz.py DEBAR [COUNT [SEED]]; needs umoci.
"""
import hashlib, json, os, random, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

debar = os.path.abspath(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
pick = random.Random(seed)
FOLDER = b"var/lib/dpkg/status.d"
RELEASE = b'NAME="Debian"\nID=debian\nVERSION_ID="12"\n'
# Layers of one run, and every how many of them one is plain.
BATCH, PLAIN = 100, 20
STATUS = b"Package: base-files\nStatus: install ok installed\nVersion: 12\nArchitecture: amd64\nDescription: x\n\n"


def padded(data):
    return data + bytes(-len(data) % 512)


def header(name, size=0, kind=b"0", link=b"", magic=b"ustar\x0000", prefix=b"", field=None):
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108], block[108:116], block[116:124] = b"0000755\0", b"0000000\0", b"0000000\0"
    block[124:136] = (field if field is not None else b"%011o\0" % size).ljust(12, b"\0")
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[157 : 157 + len(link)] = link
    block[257 : 257 + len(magic)] = magic
    block[345 : 345 + len(prefix)] = prefix
    return block


def sealed(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(name, data=b"", **fields):
    return sealed(header(name, len(data), **fields)) + padded(data)


def pax(records, kind=b"x"):
    data = b""
    for key, value in records:
        rest = b" " + key + b"=" + value + b"\n"
        length = len(rest)
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        data += b"%d" % length + rest
    return member(b"PaxHeaders/x", data, kind=kind)


def long(name, kind=b"L"):
    return member(b"././@LongLink", name, kind=kind, magic=b"ustar  \0")


def size_field(size):
    forms = [b"%011o\0", b"%11o ", b"%012o", b" %010o\0", b"\0%010o\0", b"%o\0", b"%o ", b" \0%09o\0"]
    choice = pick.randrange(len(forms) + 1)
    return b"\x80" + size.to_bytes(11, "big") if choice == len(forms) else forms[choice] % size


KEYS = [b"path", b"linkpath", b"size", b"mtime", b"uid", b"comment", b"hdrcharset", b"SCHILY.xattr.user.x"]
KEYS += [b"GNU.sparse." + key for key in (b"name", b"size", b"realsize", b"major", b"minor", b"map", b"numblocks")]


def records(path):
    numbers, names = [b"", b"0", b"1", b"64"], [b"", b"x", path, b"opt/other", b"0,1"]
    is_number = {b"size", b"mtime", b"uid", b"GNU.sparse.size", b"GNU.sparse.realsize"}
    keys = [pick.choice(KEYS) for _ in range(pick.randint(1, 2))]
    return [(key, pick.choice(numbers if key in is_number else names)) for key in keys]


def before(path):
    """Extended headers; mostly none, as in most archives."""
    parts = []
    while pick.random() < 0.25:
        names = [path, path + b"\0", path + b"\0junk\0", b"\0", b"", b"opt/other\0"]
        choice = pick.randrange(6)
        parts.append(
            long(pick.choice(names))
            if choice == 0
            else long(pick.choice(names), b"K")
            if choice == 1
            else pax([(b"path", pick.choice([path, b"", b"opt/other"]))])
            if choice < 4
            else pax(records(path))
        )
    return b"".join(parts)


def package(number):
    path, data = FOLDER + b"/p%d" % number, b"Package: probe-%d\nVersion: 1.0\n" % number
    magics = [b"ustar\x0000"] * 3 + [b"ustar  \0", b"", b"ustar\0  ", b"ustar 00"]
    name, prefix = path, b""
    if pick.random() < 0.2:
        prefix, name = path.rsplit(b"/", 1)
    name = pick.choice([name] * 4 + [b"./" + name, b"short"])
    kind = pick.choice([b"0"] * 6 + [b"\0", b"\0", b"7"])
    field = size_field(len(data)) if pick.random() < 0.2 else None
    block = header(name, len(data), kind=kind, magic=pick.choice(magics), prefix=prefix, field=field)
    if pick.random() < 0.1:
        at = pick.randrange(345, 500)
        block[at : at + 2] = pick.choice([b"7\0", b"x ", b"\0x"])
    return before(path) + sealed(block) + padded(data)


def noise():
    """A member whose body looks like a header: a reader out of step takes it for one, and misses what follows."""
    inner = sealed(header(b"opt/swallow", pick.choice([512, 1024])))
    name = pick.choice([b"opt/q", b"opt/d/"])
    kind = pick.choice([b"0", b"0", b"\0", b"5", b"1", b"2"])
    if pick.random() < 0.3:
        return pax([(b"size", b"%d" % len(inner))]) + sealed(header(name, 0, kind=kind, link=b"etc/os-release")) + inner
    return sealed(header(name, kind=kind, link=b"etc/os-release", field=size_field(len(inner)))) + inner


def layer(is_plain):
    parts = [member(b"etc/os-release", RELEASE), member(b"var/lib/dpkg/status", STATUS)]
    for number in range(4):
        if is_plain:
            parts.append(member(FOLDER + b"/p%d" % number, b"Package: probe-%d\nVersion: 1.0\n" % number))
            continue
        if pick.random() < 0.2:
            parts.append(noise())
        parts.append(package(number))
    return b"".join(parts) + bytes(1024)


def image(data, folder):
    blobs = os.path.join(folder, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data, kind):
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as file:
            file.write(data)
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest, "size": len(data)}

    ids = ["sha256:" + hashlib.sha256(data).hexdigest()]
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": put(json.dumps(config).encode(), "config.v1+json"),
        "layers": [put(data, "layer.v1.tar")],
    }
    entry = put(json.dumps(manifest).encode(), "manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": "t"}
    with open(os.path.join(folder, "index.json"), "w") as file:
        json.dump({"schemaVersion": 2, "manifests": [entry]}, file)
    with open(os.path.join(folder, "oci-layout"), "w") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


def unpacked(folder):
    """The packages that umoci puts in place; `None` where it refuses the layer."""
    bundle = os.path.join(folder, "bundle")
    done = subprocess.run(["umoci", "unpack", "--image", folder + "/image:t", bundle], capture_output=True)
    if done.returncode:
        return None
    found = set()
    for place, _, files in os.walk(os.path.join(bundle, "rootfs", FOLDER.decode())):
        for name in files:
            with open(os.path.join(place, name), "rb") as file:
                text = file.read().decode("latin1")
            if text.startswith("Package: "):
                found.add(text.split()[1])
    return found


def listed(folders):
    """The packages and the gaps that debar reports of each image, in one run: to begin a run takes longer than to read
    a layer."""
    run = subprocess.run(
        [debar, "inventory", "--no-progress", "--collector", "deb_packages", "-o", "json", *folders],
        capture_output=True,
    )
    document = json.loads(run.stdout)
    reports = {report["target"]["name"]: report for report in document.get("reports", [document])}
    missing = [folder for folder in folders if folder not in reports]
    if missing:
        sys.exit(f"no report of {missing[:3]}: {run.stderr.decode()[:500]}")
    return [
        ({fact.get("name") or fact.get("fields", {}).get("name") for fact in report["artifacts"]}, report["gaps"])
        for report in (reports[folder] for folder in folders)
    ]


silent = compared = refused = 0
workers = ThreadPoolExecutor(os.cpu_count())
for first in range(0, count, BATCH):
    numbers = range(first, min(first + BATCH, count))
    with tempfile.TemporaryDirectory(prefix="tar-fuzz") as scratch:
        folders = [os.path.join(scratch, str(number)) for number in numbers]
        for number, folder in zip(numbers, folders):
            image(layer(number % PLAIN == 0), folder + "/image")
        placed = list(workers.map(unpacked, folders))
        answers = listed([folder + "/image" for folder in folders])
    for number, real, (found, gaps) in zip(numbers, placed, answers):
        if real is None:
            refused += 1
            continue
        compared += 1
        lost = real - found
        if (lost and not gaps) or (number % PLAIN == 0 and (gaps or lost)):
            silent += 1
            print(f"silent: seed {seed}, layer {number}: {sorted(lost)} {gaps[:1]}")
    print(f"{compared} layers compared, {refused} refused by umoci, {silent} silent misses", flush=True)
sys.exit(bool(silent) or not compared)
