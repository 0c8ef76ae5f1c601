"""Writes images that were made to do harm: hostile.py FOLDER. Names ending in .harmless must be read without an error."""
import gzip, hashlib, io, json, os, sys, tarfile, zlib

out = sys.argv[1]


def header(name, size=0, kind=b"0", link=b""):
    block = bytearray(512)
    block[0 : len(name)] = name
    block[100:107] = b"0000755"
    block[124:135] = b"%011o" % size
    block[156:157] = kind
    block[157 : 157 + len(link)] = link
    block[257:263] = b"ustar\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(name, data=b"", kind=b"0", link=b""):
    return header(name, len(data), kind, link) + data + b"\0" * (-len(data) % 512)


END = b"\0" * 1024
SYSTEM = member(b"etc/os-release", b"ID=scratch\n")


def plain(name, *parts):
    with open(os.path.join(out, name), "wb") as file:
        for part in parts:
            file.write(part)


def oci(name, layers):
    """Layers are (bytes as stored) or (path to a file of them)."""
    blobs = os.path.join(out, name, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data, kind="layer.v1.tar+gzip"):
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as file:
            file.write(data)
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest, "size": len(data)}

    stored = [put(layer) for layer in layers]
    config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode(), "config.v1+json")
    manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": stored}).encode(), "manifest.v1+json")
    with open(os.path.join(out, name, "index.json"), "w") as file:
        json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
    with open(os.path.join(out, name, "oci-layout"), "w") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


plain("traversal.tar", SYSTEM, member(b"../../../../tmp/escaped", b"x"), member(b"/etc/absolute", b"x"), END)
plain("devices.tar.harmless", SYSTEM, member(b"opt/zero", kind=b"3"), member(b"var/lib/dpkg/status", kind=b"6"), END)
plain("cut.tar", SYSTEM, header(b"opt/a", 100000), b"x" * 5000)
plain("checksum.tar", SYSTEM, member(b"opt/a", b"x"), b"y" + member(b"opt/b", b"x")[1:], END)
plain("duplicates.tar.harmless", *[member(b"var/lib/dpkg/status", b"x" * 100)] * 20000, END)
plain("deep.tar.harmless", SYSTEM, *[member(b"/".join([b"d"] * depth) + b"/", kind=b"5") for depth in range(1, 48)], END)
long = b"/".join([b"opt"] + [b"d"] * 400) + b"/file"
plain("deeper.tar", SYSTEM, member(b"././@LongLink", long + b"\0", b"L"), member(b"x", b"x"), END)
plain("loops.tar.harmless", SYSTEM, member(b"opt/a", kind=b"2", link=b"b"), member(b"opt/b", kind=b"2", link=b"a"), member(b"opt/up", kind=b"2", link=b"../../.."), END)
plain("hardlink-loop.tar", SYSTEM, member(b"a", kind=b"1", link=b"b"), member(b"b", kind=b"1", link=b"a"), END)

# One gigabyte of PAX, as holes.
size = 1 << 30
with open(os.path.join(out, "pax.tar.harmless"), "wb") as file:
    file.write(SYSTEM + header(b"pax", size, b"x") + b"%d comment=" % size)
    file.truncate(len(SYSTEM) + 512 + size)
    file.seek(0, 2)
    file.write(member(b"opt/after", b"x") + END)
plain("pax-path.tar", SYSTEM, header(b"pax", 1 << 20, b"x"), (b"%d path=" % (1 << 20)).ljust(1 << 20, b"n"), member(b"x", b"x"), END)
block = bytearray(header(b"opt/huge", 0))
block[124:136] = b"\x80" + b"\x7f" * 11
block[148:156] = b" " * 8
block[148:156] = b"%06o\0 " % sum(block)
plain("size.tar", SYSTEM, bytes(block), END)

# Ten gigabytes of zeros in ten megabytes of gzip, in a place where every collector looks.
packer = zlib.compressobj(1, zlib.DEFLATED, 31)
parts = []
total = 10 << 30
parts.append(packer.compress(SYSTEM))
big = bytearray(header(b"opt/bomb", 0))
big[124:136] = b"\x80" + total.to_bytes(11, "big")
big[148:156] = b" " * 8
big[148:156] = b"%06o\0 " % sum(big)
parts.append(packer.compress(bytes(big)))
zeros = b"\0" * (1 << 22)
for _ in range(total // len(zeros)):
    parts.append(packer.compress(zeros))
parts.append(packer.compress(END) + packer.flush())
oci("bomb", [b"".join(parts)])

# A million tiny files.
packer = zlib.compressobj(1, zlib.DEFLATED, 31)
parts = [packer.compress(SYSTEM)]
body = b"x".ljust(512, b"\0")
for at in range(1_000_000):
    parts.append(packer.compress(header(b"opt/%03d/%03d/f%d" % (at % 100, at // 100 % 100, at), 1) + body))
parts.append(packer.compress(END) + packer.flush())
oci("million.harmless", [b"".join(parts)])

# Ten thousand layers, each of which replaces what the last one had.
oci("layers", [gzip.compress(member(b"etc/os-release", b"ID=x%d\n" % at) + END, 1) for at in range(10_000)])

manifest = json.dumps([{"Config": "../../../etc/passwd", "Layers": ["../../../etc/passwd", "/etc/passwd"]}]).encode()
plain("manifest.tar", member(b"manifest.json", manifest), END)
index = json.dumps({"manifests": [{"digest": "sha256:../../../etc/passwd", "size": 1}]}).encode()
plain("index.tar", member(b"oci-layout", b"{}"), member(b"index.json", index), END)
plain("nested.tar", member(b"manifest.json", b"[" * 100_000), END)
plain("nothing.tar", END)
plain("text.tar", b"this is no archive" * 100)
