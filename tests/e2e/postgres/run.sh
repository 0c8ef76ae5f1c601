#!/usr/bin/env bash
# A fleet in the real PostgreSQL: schema twice, an export of debar's loaded twice, readers that cannot write, then many hosts
# and how long each view takes. Usage: run.sh DEBAR [HOSTS]
set -euo pipefail
cd "$(dirname "$0")/../../.."
debar=$(realpath "$1")
many=${2:-100000}
top=$PWD
scratch=$(mktemp -d)
bin=$(dirname "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
user=nobody
chmod 755 "$scratch"
mkdir "$scratch/data" && chown "$user" "$scratch" "$scratch/data"
as() { setpriv --reuid="$user" --regid=nogroup --clear-groups env HOME="$scratch" PATH="$bin:$PATH" "$@"; }
stop() {
  as pg_ctl -D "$scratch/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap stop EXIT
as initdb -D "$scratch/data" -U debar --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null
as pg_ctl -D "$scratch/data" -w -l "$scratch/log" -o "-k $scratch -c listen_addresses= -c fsync=off" start >/dev/null
export PGHOST=$scratch PGUSER=debar PGDATABASE=postgres
sql() { psql -qAt -v ON_ERROR_STOP=1 "$@"; }
fail() { echo "postgres: $*" >&2; exit 1; }

for _ in 1 2; do sql -f packaging/postgres/schema.sql >/dev/null 2>&1; done

# Three hosts by debar itself, one of them with a name that a spreadsheet would compute.
mkdir -p "$scratch/reports" "$scratch/roots"
host() { # name, package
  local root="$scratch/roots/$1"
  mkdir -p "$root/etc" "$root/var/lib/dpkg/info"
  printf 'ID=debian\n' >"$root/etc/os-release"
  printf '%s\n' "$1" >"$root/etc/hostname"
  printf 'Package: %s\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\n\n' "$2" >"$root/var/lib/dpkg/status"
  echo /. >"$root/var/lib/dpkg/info/$2.list"
  "$debar" scan -q --no-progress "$root" -o json="$scratch/reports/$1.json" || [ $? -eq 1 ]
}
host pc-1 kesl
host '=1+1' kesl
host pc-3 klnagent64
"$debar" fleet ingest "$scratch/reports" --store "$scratch/store.redb" >/dev/null
"$debar" fleet export --csv "$scratch/tables" --store "$scratch/store.redb" >/dev/null
for _ in 1 2; do packaging/postgres/load.sh "$scratch/tables"; done
[ "$(sql -c 'SELECT count(*) FROM debar.hosts')" = 3 ] || fail "three hosts were not loaded"
[ "$(sql -c "SELECT count(*) FROM debar.hosts WHERE host = '=1+1'")" = 1 ] || fail "the name of a host was changed"
[ "$(sql -c "SELECT hosts FROM debar.status WHERE standing = 'found'")" = 3 ] || fail "found is not 3"
[ "$(sql -c "SELECT count(*) FROM debar.hosts WHERE trust = 'unauthenticated'")" = 3 ] || fail "hosts are not marked"
[ "$(sql -c 'SELECT count(*) FROM debar.worklist')" -ge 3 ] || fail "the work list is too short"
sql -c 'CREATE ROLE reader LOGIN IN ROLE debar_reader'
[ "$(PGUSER=reader sql -c 'SELECT count(*) FROM debar.worklist')" -ge 3 ] || fail "a reader cannot read"
! PGUSER=reader sql -c 'DELETE FROM debar.hosts' 2>/dev/null || fail "a reader can write"
! packaging/postgres/load.sh "$scratch" 2>/dev/null || fail "a folder without an export was loaded"

# Many hosts, in the form of an export.
mkdir -p "$scratch/many/hosts/day=2026-11-30" "$scratch/many/findings/day=2026-11-30"
awk -v n="$many" -v h="$scratch/many/hosts/day=2026-11-30/part-0.csv" -v f="$scratch/many/findings/day=2026-11-30/part-0.csv" 'BEGIN {
  print "host,standing,state,products,first_report,last_report,reports,os,domain,site,owner,machine_id,debar,signatures,gaps,notes,also_here,possible,skipped,trust\r" > h
  print "host,product,name,vendor,state,status,first_seen,last_seen,gone,reappeared,rules,site\r" > f
  for (i = 0; i < n; i++) {
    standing = i % 10 == 0 ? "found" : i % 97 == 0 ? "incomplete" : i % 53 == 0 ? "stale" : "clean"
    printf "host-%d,%s,,,2026-11-01T00:00:00Z,2026-11-30T00:00:00Z,30,windows,corp.example,site-%d,,,0.1.0,2026.11,,,,,,unauthenticated\r\n", i, standing, int(i / 7) % 200 > h
    if (i % 10 == 0) printf "host-%d,kaspersky/p%d,P,Kaspersky,installed,present,2026-11-01T00:00:00Z,2026-11-30T00:00:00Z,,0,us-icts-2021-002 us-bod-17-01,site-%d\r\n", i, i % 7, int(i / 7) % 200 > f
  }
}'
start=$(date +%s.%N)
packaging/postgres/load.sh "$scratch/many"
echo "load of $many hosts: $(echo "$(date +%s.%N) - $start" | bc) s"
for view in status products worklist unknown rules sites; do
  took=$(sql -c '\timing on' -c "SELECT count(*) FROM (SELECT * FROM debar.$view) v" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p')
  echo "$view: $took ms"
  awk -v t="$took" 'BEGIN { exit !(t < 10000) }' || fail "$view takes $took ms"
done
sql -c "EXPLAIN (COSTS off) SELECT * FROM debar.worklist WHERE product = 'kaspersky/p1' LIMIT 50" | sed 's/^/plan: /'
# Every query of the Grafana dashboard, with its variables filled in as Grafana does.
python3 - <<'PYTHON' >"$scratch/panels"
import json
board = json.load(open("packaging/grafana/debar-fleet.json"))
queries = [panel["targets"][0]["rawSql"] for panel in board["panels"]] + [one["query"] for one in board["templating"]["list"]]
for query in queries:
    query = query.replace("$__timeFilter(day::timestamptz)", "day > now() - interval '90 days'")
    for site in ["All", "site-10"]:
        print(query.replace("${site:raw}", site))
PYTHON
while IFS= read -r query; do
  [ -n "$(PGUSER=reader sql -c "$query")" ] || fail "no rows: $query"
done <"$scratch/panels"
echo "postgres: passed"
