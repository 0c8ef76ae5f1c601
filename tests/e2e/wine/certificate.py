"""Prints registry text that puts a certificate (DER, argument 1) into the machine's trusted roots.

The value is a list of properties: id, 1, length, bytes ("CERT_CREATE_CONTEXT_..." of wincrypt.h); 3 is the SHA-1,
32 the certificate itself.
"""
import hashlib, pathlib, struct, sys

der = pathlib.Path(sys.argv[1]).read_bytes()
sha1 = hashlib.sha1(der)
blob = b"".join(struct.pack("<III", kind, 1, len(data)) + data for kind, data in ((3, sha1.digest()), (32, der)))
print(f"\n[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\SystemCertificates\\ROOT\\Certificates\\{sha1.hexdigest().upper()}]")
print('"Blob"=hex:' + ",".join(f"{byte:02x}" for byte in blob))
