#!/usr/bin/env python3
"""Turns ./rootfs (see make-root.sh) into one image three ways: bench.docker.tar (layers not compressed), ocigz and ocizst (OCI
folders). For images.sh. Needs GNU tar, pigz, zstd."""
import json,hashlib,os,subprocess,sys
root="rootfs"; out="img"; os.makedirs(out,exist_ok=True)
layers=[("base",["--exclude=./usr/share","--exclude=./usr/lib","."]),("lib",["./usr/lib"]),("share",["./usr/share"])]
L=[]
for n,a in layers:
    t=f"{out}/{n}.tar"
    if not os.path.exists(t): subprocess.check_call(["tar","-C",root,"--numeric-owner","-cf",t]+a)
    if not os.path.exists(t+".gz"): subprocess.check_call(f"pigz -6 -k {t}",shell=True)
    if not os.path.exists(t+".zst"): subprocess.check_call(f"zstd -q -3 -k -T2 {t}",shell=True)
    L.append(t)
def sha(p):
    h=hashlib.sha256()
    with open(p,'rb') as f:
        for b in iter(lambda:f.read(1<<20),b''):h.update(b)
    return h.hexdigest()
diff=[sha(t) for t in L]
cfg={"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:"+d for d in diff]},"history":[{"created_by":"layer "+t} for t in L]}
cb=json.dumps(cfg).encode(); cd=hashlib.sha256(cb).hexdigest()
for ext,mt in ((".gz","application/vnd.oci.image.layer.v1.tar+gzip"),(".zst","application/vnd.oci.image.layer.v1.tar+zstd")):
    d=f"oci{ext[1:]}"; b=d+"/blobs/sha256"; os.makedirs(b,exist_ok=True)
    open(f"{b}/{cd}","wb").write(cb)
    ls=[]
    for t in L:
        h=sha(t+ext); 
        if not os.path.exists(f"{b}/{h}"): os.link(t+ext,f"{b}/{h}")
        ls.append({"mediaType":mt,"digest":"sha256:"+h,"size":os.path.getsize(t+ext)})
    m={"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:"+cd,"size":len(cb)},"layers":ls}
    mb=json.dumps(m).encode(); md=hashlib.sha256(mb).hexdigest(); open(f"{b}/{md}","wb").write(mb)
    open(d+"/index.json","w").write(json.dumps({"schemaVersion":2,"manifests":[{"mediaType":m["mediaType"],"digest":"sha256:"+md,"size":len(mb),"annotations":{"org.opencontainers.image.ref.name":"bench:latest"}}]}))
    open(d+"/oci-layout","w").write('{"imageLayoutVersion":"1.0.0"}')
# docker-archive
da="docker"; os.makedirs(da,exist_ok=True); open(f"{da}/{cd}.json","wb").write(cb)
names=[]
for t,d in zip(L,diff):
    p=f"{da}/{d}.tar"; names.append(f"{d}.tar")
    if not os.path.exists(p): os.link(t,p)
open(da+"/manifest.json","w").write(json.dumps([{"Config":cd+".json","RepoTags":["bench:latest"],"Layers":names}]))
subprocess.check_call(["tar","-C",da,"-cf","bench.docker.tar"]+["manifest.json",cd+".json"]+names)
