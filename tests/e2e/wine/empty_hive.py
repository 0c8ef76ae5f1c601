# An empty hive, for hivexregedit to fill: a root key and the security descriptor that hivex lets every key share.
import struct, sys
def cell(content):
    size = (len(content) + 4 + 7) // 8 * 8
    return (struct.pack("<i", -size) + content).ljust(size, b"\0")
NONE = 0xFFFFFFFF
def nk(sk):
    return (b"nk" + struct.pack("<HQI", 0x2C, 0, 0) + struct.pack("<IIIII", NONE, 0, 0, NONE, NONE)
            + struct.pack("<II", 0, NONE) + struct.pack("<II", sk, NONE) + bytes(16) + struct.pack("<I", 0)
            + struct.pack("<HH", 4, 0) + b"ROOT")
root = cell(nk(0))
sk_at = 32 + len(root)
root = cell(nk(sk_at))
sd = struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 0)
sk = cell(b"sk" + struct.pack("<HIIII", 0, sk_at, sk_at, 1, len(sd)) + sd)
body = root + sk
free = 4096 - 32 - len(body)
body += struct.pack("<i", free) + bytes(free - 4)
hbin = b"hbin" + struct.pack("<IIQQI", 0, 4096, 0, 0, 0)
head = bytearray(b"regf" + struct.pack("<IIQIIIIIII", 1, 1, 0, 1, 3, 0, 1, 32, 4096, 1))
head = head.ljust(508, b"\0")
total = 0
for word in struct.unpack("<127I", head): total ^= word
head += struct.pack("<I", total)
open(sys.argv[1], "wb").write(bytes(head).ljust(4096, b"\0") + hbin + body)
