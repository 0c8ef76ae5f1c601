#!/usr/bin/env bash
# Proves that what `debar signatures export` writes is taken by the tools it is for: osqueryi runs the SQL, yara-x
# compiles and matches, pySigma parses, tree-sitter parses the PowerShell, shellcheck reads the Jamf attribute and bash
# runs it. Usage: run.sh DEBAR. Needs npm, python3 with pip, shellcheck.
set -eu
debar=$(realpath "${1:?usage: run.sh DEBAR}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }
for tool in npm python3 shellcheck; do command -v "$tool" >/dev/null || fail "$tool is missing"; done

for language in osquery sql yara sigma powershell jamf; do
  "$debar" signatures export "$language" >"out.$language" 2>"note.$language" || fail "export $language"
  [ -s "out.$language" ] || fail "$language is empty"
done

echo "== osqueryi runs every query whose table it has here"
npm install --silent --no-fund --no-audit --prefix "$work/npm" @cdxgen/cdxgen-plugins-bin-linux-amd64 >/dev/null
osqueryi=$(find "$work/npm" -name 'osqueryi*' -type f | head -1)
[ -n "$osqueryi" ] || fail "no osqueryi"
chmod +x "$osqueryi"
python3 - "$osqueryi" <<'E2'
import json, re, subprocess, sys
osqueryi = sys.argv[1]
def run(sql):
    return subprocess.run([osqueryi, "--json", "--disable_events", "--ephemeral", sql], capture_output=True, text=True, timeout=60)
known = set(re.findall(r"=> (\w+)", subprocess.run([osqueryi, ".tables"], capture_output=True, text=True, timeout=60).stdout))
assert "deb_packages" in known, "osqueryi lists no tables"
pack = json.load(open("out.osquery"))["queries"]
lines = [line for line in open("out.sql") if line.startswith("SELECT")]
assert len(lines) == len(pack) > 0, (len(lines), len(pack))
ran = 0
for name, query in pack.items():
    table = re.search(r" FROM (\w+) ", query["query"]).group(1)
    if query["platform"] == "linux" and table in known:
        done = run(query["query"])
        assert done.returncode == 0 and "Error" not in done.stderr, (name, done.stderr)
        ran += 1
print(f"{ran} queries ran, {len(pack) - ran} are for other systems")
assert ran > 0
# The queries of other systems: SQLite takes them, on tables with the columns that they name.
import sqlite3
other = 0
for name, query in pack.items():
    sql = query["query"]
    table = re.search(r" FROM (\w+) ", sql).group(1)
    columns = set(re.findall(r"lower\((\w+)\)", sql)) | ({"path"} if table == "file" else set())
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE TABLE {table} ({', '.join(sorted(columns))})")
    base.execute(sql).fetchall()
    other += 1
print(f"{other} queries compile in SQLite")
E2
echo '{"format":1,"vendor":{"id":"house","name":"House"},"version":"1","date":"2026-01-01","sources":{"s":"test"},"rules":[],
"products":[{"id":"dpkg","name":"dpkg","status":"banned","platforms":["linux"],"indicators":[
{"id":"a","collectors":["deb_packages"],"strength":"conclusive","where":{"name":{"equals":"DPKG"},"maintainer":{"contains":"dpkg"}},"source":"s"}]}]}' >house.json
"$debar" signatures export sql house --signatures house.json 2>/dev/null | grep ^SELECT >house.sql
"$osqueryi" --json "$(cat house.sql)" 2>/dev/null | grep -q '"debar_product":"house/dpkg"' || fail "osqueryi does not find dpkg"

echo "== yara-x compiles the rules, pySigma parses them, tree-sitter parses the script"
python3 -m venv venv
venv/bin/pip install --quiet yara-x pysigma tree-sitter tree-sitter-powershell
venv/bin/python - <<'E2'
import yara_x
rules = yara_x.compile(open("out.yara").read())
print("yara-x: compiled", sum(1 for _ in open("out.yara") if _.startswith("rule ")), "rules")
from sigma.collection import SigmaCollection
collection = SigmaCollection.from_yaml(open("out.sigma").read())
assert len(collection.rules) > 0 and not collection.errors, collection.errors
for rule in collection.rules:
    assert not rule.errors, rule.errors
    for condition in rule.detection.parsed_condition:
        condition.parsed
print("pySigma: parsed", len(collection.rules), "rules")
import tree_sitter, tree_sitter_powershell
language = tree_sitter.Language(tree_sitter_powershell.language())
tree = tree_sitter.Parser(language).parse(open("out.powershell", "rb").read())
def errors(node):
    if node.type == "ERROR" or node.is_missing:
        yield node
    for child in node.children:
        yield from errors(child)
bad = list(errors(tree.root_node))
assert not bad, [(node.start_point, node.text[:80]) for node in bad[:3]]
print("tree-sitter: the PowerShell script parses")
E2
import_check=$(LC_ALL=C grep -nP '[^\x00-\x7F]' out.powershell || true)
[ -z "$import_check" ] || fail "the PowerShell script holds more than ASCII: $import_check"

echo "== the Jamf attribute"
shellcheck out.jamf || fail "shellcheck"
[ "$(bash out.jamf)" = "<result></result>" ] || fail "the attribute finds something here"
echo '{"format":1,"vendor":{"id":"house","name":"House"},"version":"1","date":"2026-01-01","sources":{"s":"test"},"rules":[],
"products":[{"id":"app","name":"App","status":"banned","platforms":["macos"],"indicators":[
{"id":"a","collectors":["program_folders"],"strength":"conclusive","where":{"path":{"prefix":"/Library/Application Support/Acme'"'"'s $(reboot)"}},"source":"s"}]}]}' >mac.json
mkdir -p "root/Library/Application Support/Acme's \$(reboot) Agent"
"$debar" signatures export jamf house --signatures mac.json 2>/dev/null >mac.sh
shellcheck mac.sh || fail "shellcheck of a hostile name"
[ "$(DEBAR_ROOT=$work/root bash mac.sh)" = "<result>house/app</result>" ] || fail "the attribute does not find the folder: $(DEBAR_ROOT=$work/root bash mac.sh)"
echo "all exports are taken by their tools"
