#!/usr/bin/env bash
# packaging/collector with the real nginx: a host delivers into its own folder, once; everything else is refused.
# Usage: run.sh DEBAR
set -euo pipefail
cd "$(dirname "$0")/../../.."
debar=$(realpath "$1")
scratch=$(mktemp -d)
fail() { echo "collector: $*" >&2; exit 1; }
stop() {
  for pid in "$scratch/nginx.pid" "$scratch/local.pid"; do [ ! -s "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || true; done
  [ -z "${caddy:-}" ] || kill "$caddy" 2>/dev/null || true
  rm -rf "$scratch"
}
trap stop EXIT
trap 'echo "collector: line $LINENO failed" >&2' ERR
for tool in nginx caddy openssl curl python3; do command -v "$tool" >/dev/null || fail "missing: $tool"; done
chmod 755 "$scratch"
cd "$scratch"
authority() { openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null; }
host() { # name, authority
  openssl req -newkey rsa:2048 -nodes -subj "/O=Example/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 -extfile host.ext -out "$1.pem" 2>/dev/null
}
echo "extendedKeyUsage=clientAuth" >host.ext
authority hosts-ca hosts
authority other-ca others
authority server-ca servers
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr 2>/dev/null
echo "subjectAltName=DNS:localhost" >server.ext
openssl x509 -req -in server.csr -CA server-ca.pem -CAkey server-ca.key -CAcreateserial -days 2 -extfile server.ext -out server.pem 2>/dev/null
host pc-1 hosts-ca
host pc-2 hosts-ca
host stranger other-ca
mkdir -p reports/.incoming body
chmod 777 reports reports/.incoming
port=$((20000 + RANDOM % 20000))
sed "s#/etc/debar-collector#$scratch#; s#/srv/reports#$scratch/reports#; s#listen 8443#listen 127.0.0.1:$port#" "$OLDPWD/packaging/collector/nginx.conf" >site.conf
cat >nginx.conf <<CONF
pid $scratch/nginx.pid;
error_log $scratch/error.log;
events {}
http {
  access_log off;
  proxy_temp_path $scratch/body/p; fastcgi_temp_path $scratch/body/f; uwsgi_temp_path $scratch/body/u; scgi_temp_path $scratch/body/s;
  include $scratch/site.conf;
}
CONF
nginx -c "$scratch/nginx.conf" -p "$scratch"
put() { # certificate, path, file
  curl -s -o /dev/null -w '%{http_code}' --cacert server-ca.pem --cert "$1.pem" --key "$1.key" -T "$3" "https://localhost:$port/$2"
}
expect() { # what, wanted, got
  [ "$2" = "$3" ] || fail "$1: $3 instead of $2"
}
mkdir -p root/etc root/var/lib/dpkg/info
printf 'ID=debian\n' >root/etc/os-release
printf 'pc-1\n' >root/etc/hostname
printf 'Package: kesl\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\n\n' >root/var/lib/dpkg/status
echo /. >root/var/lib/dpkg/info/kesl.list
"$debar" scan -q --no-progress root -o json=report.json || [ $? -eq 1 ]
name=$(sha256sum report.json | cut -c1-64).json
expect "a delivery" 201 "$(put pc-1 "pc-1/$name" report.json)"
expect "the same delivery again" 409 "$(put pc-1 "pc-1/$name" report.json)"
cmp -s report.json "reports/pc-1/$name" || fail "what arrived is not what was sent"
expect "another host's folder" 403 "$(put pc-2 "pc-1/$name" report.json)"
expect "a folder above" 403 "$(put pc-1 "../$name" report.json)"
expect "a name that is no digest" 403 "$(put pc-1 "pc-1/x.json" report.json)"
expect "a certificate of another authority" 400 "$(put stranger "stranger/$name" report.json)"
expect "no certificate" 400 "$(curl -s -o /dev/null -w '%{http_code}' --cacert server-ca.pem -T report.json "https://localhost:$port/pc-1/$name")"
expect "reading" 403 "$(curl -s -o /dev/null -w '%{http_code}' --cacert server-ca.pem --cert pc-1.pem --key pc-1.key "https://localhost:$port/pc-1/$name")"
# A sender that dies leaves no half report.
head -c 40000000 /dev/zero >large
(curl -s --limit-rate 1M --max-time 2 --cacert server-ca.pem --cert pc-2.pem --key pc-2.key -T large "https://localhost:$port/pc-2/$(printf 'a%.0s' $(seq 64)).json" >/dev/null || true)
[ ! -e "reports/pc-2" ] || [ -z "$(find reports/pc-2 -type f)" ] || fail "half a report appeared"

# The same behind Caddy, which checks certificate and folder before nginx stores the report.
mkdir -p behind/.incoming; chmod 777 behind behind/.incoming
front=$((port + 1))
sed "s#/etc/debar-collector#$scratch#g; s#collector.example.org:8443#localhost:$front#; s#/run/debar-collector/nginx.sock#$scratch/local.sock#" \
  "$OLDPWD/packaging/collector/Caddyfile" | { printf '{\n\tadmin off\n\tauto_https disable_redirects\n}\n'; cat; } >Caddyfile
sed "s#/run/debar-collector/nginx.sock#$scratch/local.sock#; s#/srv/reports#$scratch/behind#; s#zone=debar#zone=local#" \
  "$OLDPWD/packaging/collector/nginx-local.conf" >local-site.conf
sed "s#nginx.pid#local.pid#; s#include .*#include $scratch/local-site.conf;#" nginx.conf >local.conf
nginx -c "$scratch/local.conf" -p "$scratch"
chmod 666 local.sock
HOME=$scratch caddy run --config Caddyfile --adapter caddyfile >caddy.log 2>&1 & caddy=$!
for _ in $(seq 50); do curl -s -o /dev/null --cacert server-ca.pem "https://localhost:$front/" || [ $? -ne 7 ] && break; sleep 0.1; done
direct=$port port=$front
# The subject is the common name alone there.
openssl req -newkey rsa:2048 -nodes -subj /CN=pc-3 -keyout pc-3.key -out pc-3.csr 2>/dev/null
openssl x509 -req -in pc-3.csr -CA hosts-ca.pem -CAkey hosts-ca.key -CAcreateserial -days 2 -extfile host.ext -out pc-3.pem 2>/dev/null
expect "a delivery by Caddy" 201 "$(put pc-3 "pc-3/$name" report.json)"
expect "the same again by Caddy" 409 "$(put pc-3 "pc-3/$name" report.json)"
cmp -s report.json "behind/pc-3/$name" || fail "what arrived by Caddy is not what was sent"
expect "another host's folder by Caddy" 403 "$(put pc-3 "pc-1/$name" report.json)"
expect "no name of a report by Caddy" 403 "$(put pc-3 "pc-3/x.json" report.json)"
expect "a stranger by Caddy" 000 "$(put stranger "stranger/$name" report.json || true)"
expect "reading by Caddy" 403 "$(curl -s -o /dev/null -w '%{http_code}' --cacert server-ca.pem --cert pc-3.pem --key pc-3.key "https://localhost:$front/pc-3/$name")"
kill "$caddy" "$(cat local.pid)"; caddy=
port=$direct

# The scan sends by itself: spooled, and with the host's certificate.
send() { "$debar" deliver --spool "$1" --ca server-ca.pem --client-cert "$2.pem" --client-key "$2.key" "${@:3}"; }
scan() { # spool, certificate, more
  "$debar" scan -q --no-progress root -o "json=https://localhost:$port/%h/%s.json" --spool "$1" --ca server-ca.pem \
    --client-cert "$2.pem" --client-key "$2.key" "${@:3}"
}
code=0
scan spool pc-1 2>errors || code=$?
expect "a scan that sends" 1 "$code"
[ ! -s errors ] || fail "a scan that sends: $(cat errors)"
expect "reports of pc-1" 2 "$(find reports/pc-1 -type f | wc -l)"
[ -z "$(ls spool)" ] || fail "what was delivered stays in the spool"
[ "$(stat -c %a spool)" = 700 ] || fail "others may enter the spool"
for file in reports/pc-1/*; do
  [ "$(sha256sum "$file" | cut -c1-64).json" = "$(basename "$file")" ] || fail "$file is not what its name says"
done
code=0
scan spool-2 pc-2 2>errors || code=$?
expect "a scan with another host's certificate" 1 "$code"
grep -q "answers 403" errors || fail "another host's certificate: $(cat errors)"
code=0
"$debar" deliver --spool spool-2 --client-cert pc-1.pem --client-key pc-1.key --deliver-timeout 3s 2>errors || code=$?
expect "a collector whose authority is unknown" 3 "$code"
grep -Eq "localhost:$port cannot be" errors || fail "an unknown authority: $(cat errors)"
send spool-2 pc-1 || fail "the right certificate does not deliver"
cat pc-1.pem pc-1.key >pc-1-both.pem
"$debar" scan -q --no-progress root -o "json=https://localhost:$port/%h/%s.json" --spool spool --ca server-ca.pem \
  --client-cert pc-1-both.pem 2>errors || [ $? -eq 1 ]
[ ! -s errors ] || fail "certificate and key in one file: $(cat errors)"

# A small spool of many hosts, a collector that answers 503 to one request in twenty, and senders that are killed.
spools=${SPOOLS:-40} each=${EACH:-25}
cat >proxy.conf <<CONF
split_clients "\$request_id" \$debar_busy { 5% 1; * ""; }
CONF
sed -e 's/burst=200/burst=100000/' -e 's/rate=30r\/m/rate=1000r\/s/' -e 's/if (\$debar_host = "") { return 403; }/if ($debar_busy) { return 503; }\n        &/' site.conf >busy.conf
sed -i "s#include $scratch/site.conf;#include $scratch/proxy.conf; include $scratch/busy.conf;#" nginx.conf
kill "$(cat nginx.pid)"; sleep 1
nginx -c "$scratch/nginx.conf" -p "$scratch"
python3 - "$spools" "$each" "$port" report.json <<'PYTHON'
# Files of the spool as debar writes them: a line with the address, then the report; named by time and digest.
import hashlib, json, os, sys
spools, each, port = map(int, sys.argv[1:4])
report = json.load(open(sys.argv[4]))
report.update(findings=[], coverage=[], verdict="not_found", gaps=[])
os.makedirs("queue", exist_ok=True)
for spool in range(spools):
    folder = f"queue/{spool}"
    os.mkdir(folder, 0o700)
    for number in range(each):
        report["finished"] = f"2026-01-{number % 28 + 1:02d}T{spool % 24:02d}:{number // 28 % 60:02d}:{spool // 24 % 60:02d}Z"
        report["duration_ms"] = spool * each + number
        body = json.dumps(report).encode()
        address = f"https://localhost:{port}/pc-1/{hashlib.sha256(body).hexdigest()}.json"
        whole = json.dumps({"address": address}).encode() + b"\n" + body
        open(f"{folder}/{number:012d}-{hashlib.sha256(whole).hexdigest()}.report", "wb").write(whole)
PYTHON
before=$(find reports/pc-1 -type f | wc -l)
drain() { # spool: until it is empty; one sender in a hundred reports is killed in the middle
  while :; do
    send "$1" pc-1 2>/dev/null & sender=$!
    if [ $((RANDOM % 2)) = 0 ]; then sleep "0.0$((RANDOM % 90 + 10))"; kill -9 "$sender" 2>/dev/null && echo killed; fi
    wait "$sender" 2>/dev/null && [ -z "$(ls "$1")" ] && return 0
  done
}
export -f drain send; export debar
start=$(date +%s%N)
export port; find queue -mindepth 1 -maxdepth 1 | xargs -P 8 -I{} bash -c 'drain {}' 2>/dev/null >kills
killed=$(grep -c killed kills || true)
arrived=$(($(find reports/pc-1 -type f | wc -l) - before))
expect "deliveries that arrived" "$((spools * each))" "$arrived"
for file in $(find reports/pc-1 -type f | shuf -n 500); do
  [ "$(sha256sum "$file" | cut -c1-64).json" = "$(basename "$file")" ] || fail "$file is half a report"
done
echo "collector: $arrived deliveries from $spools spools in $((($(date +%s%N) - start) / 1000000)) ms, $killed senders killed, 5 % answers of 503: 0 lost, 0 doubled"

# A collector whose disk is full, and one that is gone: refused or kept, never half.
kill "$(cat nginx.pid)"; sleep 1
code=0
scan spool pc-1 --deliver-timeout 2s 2>errors || code=$?
expect "a scan while the collector is gone" 1 "$code"
grep -q "debar deliver" errors || fail "the collector is gone: $(cat errors)"
expect "reports that wait" 1 "$(ls spool | wc -l)"

mkdir -p reports/pc-2
cp "reports/pc-1/$name" reports/pc-2/forged.json
code=0
"$debar" fleet ingest reports --bind-folder --store store.redb >said 2>errors || code=$?
expect "a report about another host" 3 "$code"
grep -q "lies in the folder of pc-2" errors || fail "a report about another host: $(cat errors)"
"$debar" fleet hosts --store store.redb -o csv | grep -q '^pc-1,found.*certificate' || fail "the report was not taken in"
echo "collector: passed"
