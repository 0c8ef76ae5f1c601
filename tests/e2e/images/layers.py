"""Writes an OCI layout of random layers with everything that merging knows: layers.py FOLDER SEED."""
import gzip, hashlib, io, json, os, random, sys, tarfile

folder, seed = sys.argv[1], int(sys.argv[2])
pick = random.Random(seed)
names = ["a", "b", "c", "d"]
# A file tells by its size which layer it is from.
program = b"\x7fELF" + bytes(60)


def path(depth=3):
    return "opt/" + "/".join(pick.choice(names) for _ in range(pick.randint(1, depth)))


def add(archive, name, kind=tarfile.REGTYPE, data=b"", link=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = kind, link, 0o755
    member.size = len(data) if kind == tarfile.REGTYPE else 0
    archive.addfile(member, io.BytesIO(data))


def layer(number):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        if number == 0:
            add(archive, "etc/os-release", data=b"ID=scratch\n")
        own = {}
        # Folders first and each path once, as builders write layers; what replaces what is between layers.
        for _ in range(pick.randint(1, 14)):
            name = path()
            parents = [name[:at] for at, letter in enumerate(name) if letter == "/"]
            if name in own or any(own.get(parent, "folder") != "folder" for parent in parents):
                continue
            if any(other.startswith(name + "/") for other in own):
                continue
            for parent in parents[1:]:
                if parent not in own:
                    own[parent] = "folder"
                    add(archive, parent, tarfile.DIRTYPE)
            what = pick.choice(["file"] * 5 + ["folder", "link", "hard", "whiteout", "opaque"])
            if what == "file":
                own[name] = "file"
                add(archive, name, data=program + bytes(pick.randint(1, 2000)))
            elif what == "folder":
                own[name] = "folder"
                add(archive, name, tarfile.DIRTYPE)
            elif what == "link":
                own[name] = "link"
                add(archive, name, tarfile.SYMTYPE, link=pick.choice(names))
            elif what == "hard" and "file" in own.values():
                own[name] = "hard"
                first = pick.choice([other for other, kind in own.items() if kind == "file"])
                add(archive, name, tarfile.LNKTYPE, link=first)
            elif what == "whiteout" and number:
                own[name] = "hidden"
                parent, base = name.rsplit("/", 1)
                add(archive, f"{parent}/.wh.{base}")
            elif what == "opaque" and number:
                own[name] = "folder"
                add(archive, name, tarfile.DIRTYPE)
                add(archive, f"{name}/.wh..wh..opq")
    return raw.getvalue()


blobs = os.path.join(folder, "blobs", "sha256")
os.makedirs(blobs)


def put(data, kind):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, digest), "wb") as file:
        file.write(data)
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + digest, "size": len(data)}


archives = [layer(number) for number in range(pick.randint(1, 6))]
stored = [put(gzip.compress(archive, 1), "layer.v1.tar+gzip") for archive in archives]
ids = ["sha256:" + hashlib.sha256(archive).hexdigest() for archive in archives]
config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}
config = put(json.dumps(config).encode(), "config.v1+json")
manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": stored}
manifest = put(json.dumps(manifest).encode(), "manifest.v1+json")
manifest["annotations"] = {"org.opencontainers.image.ref.name": "random"}
with open(os.path.join(folder, "index.json"), "w") as file:
    json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
with open(os.path.join(folder, "oci-layout"), "w") as file:
    file.write('{"imageLayoutVersion":"1.0.0"}')
