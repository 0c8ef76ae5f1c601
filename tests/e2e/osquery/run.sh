#!/usr/bin/env bash
# debar as an extension of the real osquery: osqueryi with --extension, osqueryd with autoload, joins with osquery's own
# tables, osquery's restart and death, and callers that speak nonsense.
# Usage: run.sh DEBAR. Needs npm (fetches osquery), python3, and root: osquery loads extensions of root only.
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
work=$(mktemp -d)
fail() { echo "osquery: $*" >&2; exit 1; }
started=() pid=
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
if [ -z "${DEBAR_OSQUERYI:-}" ]; then
  npm install --silent --no-fund --no-audit --prefix "$work/npm" @cdxgen/cdxgen-plugins-bin-linux-amd64 >/dev/null
  DEBAR_OSQUERYI=$(find "$work/npm" -name 'osqueryi*' -type f ! -name '*.sha256' | head -1)
fi
# One program is both: by its name.
cp "$DEBAR_OSQUERYI" "$work/osqueryi"
chmod 755 "$work/osqueryi"
ln "$work/osqueryi" "$work/osqueryd"
cd "$work"

# What is to be found: a process that runs, and dpkg.
mkdir lab
cp "$(command -v sleep)" lab/debar-lab-agent
lab/debar-lab-agent 3600 &
agent=$!
started+=("$agent")
echo '{"format":1,"vendor":{"id":"lab","name":"Lab"},"version":"1","date":"2026-01-01","sources":{"s":"test"},"rules":[],
"products":[{"id":"agent","name":"Lab Agent","status":"banned","platforms":["linux"],"indicators":[
{"id":"a","collectors":["processes"],"strength":"conclusive","where":{"name":{"equals":"debar-lab-agent"},"path":{"suffix":"/lab/debar-lab-agent"}},"source":"s"}]},
{"id":"dpkg","name":"dpkg","status":"banned","platforms":["linux"],"indicators":[
{"id":"a","collectors":["deb_packages"],"strength":"conclusive","where":{"name":{"equals":"dpkg"},"maintainer":{"contains":"dpkg"}},"source":"s"}]}]}' >lab.json
export DEBAR_SIGNATURES=$work/lab.json
# Beside programs that keep every core busy a scan that gives way takes minutes (measured: 168 s, and 13 s if it does not): no test of
# what the tables say.
export DEBAR_NICE=0
# An extension is a file of root whose name ends in .ext.
cp "$debar" debar
ln -s debar debar.ext
shell() {
  timeout 120 ./osqueryi --ephemeral --disable_events --json --extension "$work/debar.ext" --extensions_require debar \
    --extensions_timeout 20 --extensions_socket "$work/shell.em" "$@" 2>errors
}
expect() {
  local what=$1 expression=$2
  shift 2
  shell "$@" >rows.json || fail "$what: $(cat errors)"
  python3 - "$what" "$expression" <<'PYTHON' || fail "$what: $(head -c 2000 rows.json) $(tail -3 errors)"
import json, sys
rows = json.load(open("rows.json"))
assert eval(sys.argv[2]), rows[:3]
PYTHON
}

expect "joins with processes and system_info" \
  "len(rows) == 1 and rows[0]['pid'] == '$agent' and rows[0]['state'] == 'running' and rows[0]['hostname'] and rows[0]['verdict'] == 'found'" \
  "SELECT f.product, f.state, p.pid, p.path, s.hostname, c.verdict FROM debar_findings f JOIN processes p ON p.pid = f.pid
   CROSS JOIN system_info s CROSS JOIN debar_scan c WHERE f.product = 'lab/agent'"
expect "joins with deb_packages" "len(rows) == 1 and rows[0]['version']" \
  "SELECT d.name, d.version FROM debar_findings f JOIN deb_packages d ON d.name = f.artifact_name WHERE f.product = 'lab/dpkg'"
expect "gaps have kinds" "all(row['kind'] and row['remedy'] for row in rows)" "SELECT * FROM debar_gaps"
expect "artifacts of one collector" "len(rows) == 1 and rows[0]['version']" \
  "SELECT * FROM debar_artifacts WHERE collector = 'deb_packages' AND name = 'dpkg'"
expect "artifacts agree with osquery's deb_packages" "rows[0]['ours'] == rows[0]['theirs'] and int(rows[0]['ours']) > 50" \
  "SELECT (SELECT count(DISTINCT name || version) FROM debar_artifacts WHERE collector = 'deb_packages' AND state = 'installed') AS ours,
   (SELECT count(DISTINCT name || version) FROM deb_packages WHERE status LIKE '% installed') AS theirs"
expect "a collector that there is not" "rows == []" "SELECT * FROM debar_artifacts WHERE collector = 'no_such'"
expect "everything" "int(rows[0]['n']) > 100 and int(rows[0]['kinds']) > 5" \
  "SELECT count(*) AS n, count(DISTINCT collector) AS kinds FROM debar_artifacts"
expect "columns" "any(row['name'] == 'debar' for row in rows)" "SELECT name, version, type FROM osquery_extensions"
echo "osquery: osqueryi $(./osqueryi --version | sed 's/.* //') joins debar's tables with its own"

# A scan that cannot run is an error, never an empty table.
DEBAR_SIGNATURES=$work/none.json shell "SELECT * FROM debar_findings" >rows.json || true
grep -q "none.json" errors || fail "a scan that cannot run: $(cat rows.json errors)"
echo "osquery: a scan that cannot run is an error of the query"

# osqueryd with autoload: it starts the extension, starts it again, and takes it down.
mkdir daemon
echo "$work/debar.ext" >extensions.load
cat >osquery.conf <<CONF
{"options": {"schedule_splay_percent": 0}, "schedule": {"debar": {"query": "SELECT product, state, pid FROM debar_findings", "interval": 5, "snapshot": true}}}
CONF
daemon() {
  ./osqueryd --ephemeral --disable_events --config_path "$work/osquery.conf" --extensions_autoload "$work/extensions.load" \
    --extensions_socket "$work/daemon.em" --extensions_require debar --extensions_timeout 20 --pidfile "$work/daemon.pid" \
    --database_path "$work/daemon/db" --logger_path "$work/daemon" --logger_plugin filesystem --force >>daemon.log 2>&1 &
  osqueryd=$!
  started+=("$osqueryd")
}
# Which processes are the extension: by its socket's option.
extensions() { pgrep -f -- "debar.ext --socket $work/daemon.em" || true; }
wait_for() {
  local what=$1 left=300
  shift
  while [ $((left -= 1)) -gt 0 ]; do
    if "$@"; then return 0; fi
    sleep 0.2
  done
  tail -20 daemon.log >&2
  ls -la "$work" daemon >&2
  fail "$what"
}
reported() { [ "$(grep -c 'lab/agent' daemon/osqueryd.snapshots.log 2>/dev/null)" -gt "$1" ] 2>/dev/null; }
daemon
wait_for "the daemon's schedule has no findings" reported 0
[ "$(extensions | wc -l)" = 1 ] || fail "$(extensions | wc -l) extensions run"
echo "osquery: osqueryd loads the extension and its schedule finds the agent"

# Idle: osquery asks each few seconds whether the extension is there. Nothing is scanned, and nothing waits.
extension=$(extensions)
ticks() { cut -d' ' -f14,15 "/proc/$1/stat" | tr ' ' +; }
before=$(($(ticks "$extension")))
python3 - "$work" <<'PYTHON' || fail "the extension does not answer"
import glob, socket, struct, sys, time
path = [one for one in glob.glob(sys.argv[1] + "/daemon.em.*")][0]
def call(data, timeout=2):
    s = socket.socket(socket.AF_UNIX); s.settimeout(timeout); s.connect(path)
    if data: s.sendall(data)
    return s
def ping():
    begin = time.monotonic()
    s = call(b"\x80\x01\x00\x01\x00\x00\x00\x04ping\x00\x00\x00\x01\x00")
    reply = s.recv(4096); s.close()
    assert b"OK" in reply, reply
    return time.monotonic() - begin
worst = max(ping() for _ in range(200))
# Nonsense: other protocols, lengths of 2 GiB, nesting, half messages, a caller that says nothing, and many of them.
silent = [call(b"") for _ in range(20)]
for data in [b"GET / HTTP/1.1\r\n\r\n", b"\x80\x01\x00\x01\x7f\xff\xff\xff", b"\x80\x01\x00\x01\x00\x00\x00\x04call\x00\x00\x00\x01" + b"\x0f\x00\x01" + b"\x0f\x00\x00\x00\x01" * 5000,
             b"\x80\x01\x00\x01\x00\x00\x00\x04call\x00\x00\x00\x01\x0d\x00\x03\x0b\x0b\x7f\xff\xff\xff", b"\x80\x01\x00\x01\x00\x00\x00\x04pi", b"\xff" * 100000]:
    try:
        s = call(data); s.shutdown(socket.SHUT_WR); s.recv(4096); s.close()
    except (BrokenPipeError, ConnectionResetError):
        pass
worst = max(worst, max(ping() for _ in range(50)))
for s in silent: s.close()
assert worst < 2, worst
print(f"osquery: 250 pings, the slowest {worst * 1000:.1f} ms, with 20 silent callers and nonsense between them")
PYTHON
sleep 4
after=$(($(ticks "$extension")))
memory=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$extension/status")
[ "$memory" -lt 64 ] || fail "the extension used $memory MiB"
echo "osquery: the extension used $((after - before)) hundredths of a second while it was pinged, and $memory MiB at most"

# The extension dies: osqueryd starts another one.
kill -9 "$extension"
again() { [ -n "$(extensions)" ] && [ "$(extensions)" != "$extension" ]; }
wait_for "osqueryd does not start the extension again" again
count=$(grep -c 'lab/agent' daemon/osqueryd.snapshots.log)
wait_for "no findings after the extension's death" reported "$count"
echo "osquery: killed, the extension is started again and finds"

# osquery's worker dies: the watcher starts another, and its extension.
worker=$(pgrep -P "$osqueryd" osqueryd | head -1)
[ -n "$worker" ] || fail "osqueryd has no worker"
kill -9 "$worker"
count=$(grep -c 'lab/agent' daemon/osqueryd.snapshots.log)
wait_for "no findings after the worker's death" reported "$count"
echo "osquery: after the death of osquery's worker the tables are back"

# osquery is stopped, and started.
kill "$osqueryd"
wait "$osqueryd" 2>/dev/null || true
none() { [ -z "$(extensions)" ]; }
wait_for "the extension outlives osquery: $(extensions)" none
count=$(grep -c 'lab/agent' daemon/osqueryd.snapshots.log)
daemon
wait_for "no findings after osquery's restart" reported "$count"
# As by a crash: nobody tells the extension.
pkill -9 -P "$osqueryd" osqueryd || true
kill -9 "$osqueryd"
wait "$osqueryd" 2>/dev/null || true
wait_for "the extension outlives osquery's crash: $(extensions)" none
[ -z "$(pgrep -f "$work/debar scan" || true)" ] || fail "a scan outlives osquery"
echo "osquery: stopped, started and killed, no extension stays behind"

# Without osquery it says so and ends.
code=0
./debar.ext --socket "$work/none.em" --timeout 1 --interval 1 2>errors || code=$?
if [ $code != 2 ] || ! grep -q "none.em" errors; then fail "without osquery: $code $(cat errors)"; fi
echo "osquery: done"
