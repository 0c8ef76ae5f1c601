#!/usr/bin/env bash
# packaging/collector with the real nginx: a host delivers into its own folder, once; everything else is refused.
# Usage: run.sh DEBAR
set -euo pipefail
cd "$(dirname "$0")/../../.."
debar=$(realpath "$1")
scratch=$(mktemp -d)
fail() { echo "collector: $*" >&2; exit 1; }
stop() {
  [ ! -s "$scratch/nginx.pid" ] || kill "$(cat "$scratch/nginx.pid")" 2>/dev/null || true
  rm -rf "$scratch"
}
trap stop EXIT
for tool in nginx openssl curl; do command -v "$tool" >/dev/null || fail "missing: $tool"; done
chmod 755 "$scratch"
cd "$scratch"
authority() { openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null; }
host() { # name, authority
  openssl req -newkey rsa:2048 -nodes -subj "/O=Example/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 -out "$1.pem" 2>/dev/null
}
authority hosts-ca hosts
authority other-ca others
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout server.key -out server.pem 2>/dev/null
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
  curl -s -o /dev/null -w '%{http_code}' --cacert server.pem --cert "$1.pem" --key "$1.key" -T "$3" "https://localhost:$port/$2"
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
expect "no certificate" 400 "$(curl -s -o /dev/null -w '%{http_code}' --cacert server.pem -T report.json "https://localhost:$port/pc-1/$name")"
expect "reading" 403 "$(curl -s -o /dev/null -w '%{http_code}' --cacert server.pem --cert pc-1.pem --key pc-1.key "https://localhost:$port/pc-1/$name")"
# A sender that dies leaves no half report.
head -c 40000000 /dev/zero >large
(curl -s --limit-rate 1M --max-time 2 --cacert server.pem --cert pc-2.pem --key pc-2.key -T large "https://localhost:$port/pc-2/$(printf 'a%.0s' $(seq 64)).json" >/dev/null || true)
[ ! -e "reports/pc-2" ] || [ -z "$(find reports/pc-2 -type f)" ] || fail "half a report appeared"
"$debar" fleet ingest reports --store store.redb >/dev/null
"$debar" fleet hosts --store store.redb -o csv | grep -q '^pc-1,found' || fail "the report was not taken in"
echo "collector: passed"
