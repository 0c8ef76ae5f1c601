#!/usr/bin/env bash
# Takes the reports of a generated fleet in: measures it, kills it at random moments, runs it twice, and compares
# what the store has with what was generated; DuckDB counts what is exported, and a headless Chromium opens the dashboard.
# Usage: run.sh DEBAR [HOSTS]. Needs GNU time, python3, npm and chromium. Pictures go to DEBAR_FLEET_SHOTS, if it is set.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR [HOSTS]}")
hosts=${2:-100000}
cd "$(dirname "$0")/../../.."
here=$PWD/tests/e2e/fleet
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "fleet: $*" >&2; exit 1; }
top=$PWD
# A day of the fleet's reports. $1 folder, $2 days ago, $3 seed.
generate() { (cd "$top" && cargo bench --quiet --bench fleet_reports -- "$scratch/$1" "$hosts" 1 "$3" "$2"); }
generate reports 2 1
echo "fleet: a day of reports has $(($(du -s --apparent-size -B1 "$scratch/reports" | cut -f1) / 1000000)) MB"
find "$scratch/reports" -name 'bad-*' | sort >"$scratch/bad"
good=$((hosts - $(wc -l <"$scratch/bad")))
cd "$scratch"

# Measured on a store of its own.
start=$(date +%s%N)
code=0
/usr/bin/time -f '%U %S %M' -o memory "$debar" fleet ingest reports --store whole.db >said 2>errors || code=$?
milliseconds=$((($(date +%s%N) - start) / 1000000))
[ "$code" = 3 ] || fail "ingest with damaged reports ended with $code"
grep -q "^$good reports taken, $(wc -l <bad) not taken$" said || fail "$(cat said), not $good"
# Every bad one is named, and nothing else.
sed -n 's/^debar: \(.*\.json\) was not taken: .*/\1/p' errors | sort >named
sed "s|^$scratch/||" bad | diff -q - named >/dev/null || fail "the damaged reports are not those that were named"
read -r user system memory < <(tail -1 memory)
echo "fleet: $good of $hosts reports in $milliseconds ms ($((hosts * 1000 / milliseconds)) a second), $user + $system s of processor time, $((memory / 1024)) MiB"

# Again: nothing doubles.
"$debar" fleet ingest reports --store whole.db >said 2>/dev/null || true
grep -q "^0 reports taken, $good known already" said || fail "the second time: $(cat said)"

# Killed at random moments until it gets through.
killed=0
while :; do
  "$debar" fleet ingest reports --store killed.db >said 2>/dev/null &
  process=$!
  sleep "0.$(printf %03d $((RANDOM % 900 + 50)))"
  [ "$killed" -lt 12 ] || break
  kill -9 "$process" 2>/dev/null || break
  killed=$((killed + 1))
  wait "$process" 2>/dev/null || true
done
wait "$process" || true
for store in whole killed; do
  "$debar" fleet findings --gone --store $store.db -o csv=$store-findings.csv
  "$debar" fleet hosts --store $store.db -o csv=$store-hosts.csv
done
{ cmp whole-findings.csv killed-findings.csv && cmp whole-hosts.csv killed-hosts.csv; } ||
  fail "killed $killed times, the store differs"
rows=$(($(wc -l <whole-hosts.csv) - 1))
[ "$rows" = "$good" ] || fail "$rows hosts, not $good"
echo "fleet: killed $killed times, the same store"

start=$(date +%s%N)
/usr/bin/time -f '%U %S %M' -o memory "$debar" fleet status --store whole.db >/dev/null
read -r user system memory < <(tail -1 memory)
echo "fleet: status in $((($(date +%s%N) - start) / 1000000)) ms, $user + $system s of processor time, $((memory / 1024)) MiB; store of $(($(stat -c %s whole.db) / 1048576)) MiB"
"$debar" fleet html page.html --store whole.db
echo "fleet: dashboard of $(($(stat -c %s page.html) / 1024)) KiB"

# What others count of the export.
"$debar" fleet export platform --store whole.db -q
"$debar" fleet export tables --csv --store whole.db -q
start=$(date +%s%N)
"$debar" fleet export columns --parquet --store whole.db -q
echo "fleet: export as Parquet in $((($(date +%s%N) - start) / 1000000)) ms, $(($(du -s --apparent-size -B1 columns | cut -f1) / 1024)) KiB" \
  "(NDJSON: $(($(du -s --apparent-size -B1 platform | cut -f1) / 1024)) KiB)"
python3 -m venv venv
venv/bin/pip install -q duckdb
venv/bin/python - "$good" <<'PYTHON'
import csv, sys
import duckdb
duckdb.sql("SET TimeZone = 'UTC'")
good = int(sys.argv[1])
hosts = duckdb.sql("SELECT count(*), count(DISTINCT host) FROM read_json('platform/hosts/*/*.ndjson', hive_partitioning = true)").fetchall()[0]
assert hosts == (good, good), hosts
joined = "SELECT count(*) FROM read_json('platform/findings/*/*.ndjson', hive_partitioning = true) f JOIN read_json('platform/hosts/*/*.ndjson') h USING (host) WHERE h.standing = 'found' AND f.day IS NOT NULL"
found = duckdb.sql(joined).fetchall()[0][0]
table = sum(1 for row in csv.DictReader(open("whole-findings.csv")) if row["status"] != "gone")
assert found == table > 0, (found, table)
by_csv = duckdb.sql("SELECT count(*) FROM read_csv('tables/hosts/*/*.csv', hive_partitioning = true)").fetchall()[0][0]
assert by_csv == good, by_csv
# Every cell of Parquet is that of the NDJSON: an empty text there is no time here.
for table, times in [("hosts", ["first_report", "last_report"]), ("findings", ["first_seen", "last_seen", "gone"])]:
    parquet = f"read_parquet('columns/{table}/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
    kinds = dict(duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {parquet})").fetchall())
    assert all(kinds[time] == "TIMESTAMP WITH TIME ZONE" for time in times), kinds
    cells = ", ".join(
        f"coalesce(strftime({name}, '%Y-%m-%dT%H:%M:%SZ'), '') AS {name}" if name in times else f"{name}::VARCHAR AS {name}"
        for name in kinds)
    texts = ", ".join(f"{name}: 'VARCHAR'" for name in kinds if name != "day")
    ndjson = f"read_json('platform/{table}/*/*.ndjson', columns = {{{texts}}}, hive_partitioning = true, hive_types_autocast = false)"
    names = ", ".join(kinds)
    for one, other in [(f"SELECT {cells} FROM {parquet}", f"SELECT {names} FROM {ndjson}"), (f"SELECT {names} FROM {ndjson}", f"SELECT {cells} FROM {parquet}")]:
        left = duckdb.sql(f"{one} EXCEPT ALL {other}").fetchall()
        assert left == [], (table, left[:3])
    rows = duckdb.sql(f"SELECT count(*) FROM {parquet}").fetchall()[0][0]
    assert rows > 0
    print(f"fleet: DuckDB reads {rows} {table} of Parquet, each cell as in the NDJSON")
print(f"fleet: DuckDB {duckdb.__version__} counts {hosts[0]} hosts and {found} findings of the export, by day")
PYTHON

# Two more days: what the store grows by, and what it forgets.
size() { stat -c %s whole.db; }
for ago in 1 0; do
  generate "next-$ago" "$ago" $((3 - ago))
  before=$(size)
  "$debar" fleet ingest "next-$ago" --store whole.db -q 2>/dev/null || true
  echo "fleet: another day makes the store $((($(size) - before) / 1024)) KiB larger: $(($(size) / 1048576)) MiB"
done
"$debar" fleet findings --store whole.db -o csv=before.csv
start=$(date +%s%N)
# Nothing to take in is exit code 3; what is old is forgotten all the same.
/usr/bin/time -f %M -o memory "$debar" fleet ingest - --keep-days 1 --store whole.db </dev/null >said 2>/dev/null || [ $? -eq 3 ]
echo "fleet: forgetting all but one day in $((($(date +%s%N) - start) / 1000000)) ms, $(($(tail -1 memory) / 1024)) MiB: $(tail -1 said)"
grep -Eq '^[0-9]+ stretches of history and [1-9][0-9]+ reports forgotten$' said || fail "forgetting: $(cat said)"
"$debar" fleet findings --store whole.db -o csv=after.csv
cmp before.csv after.csv || fail "forgetting changed what is there"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund playwright-core axe-core html-validate >/dev/null
node_modules/.bin/html-validate --config "$here/../formats/html-validate.json" --ext html page.html
cp "$here/page.mjs" page.mjs
node page.mjs "$scratch/page.html" "$rows" "${DEBAR_FLEET_SHOTS:-$scratch}"
