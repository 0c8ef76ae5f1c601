#!/usr/bin/env bash
# Every format against validators that others wrote: SARIF (schema and Microsoft's rules for GitHub), CycloneDX, OCSF,
# JUnit (Jenkins' XSD), CSV, HTML (html-validate), and the HTML report in a headless Chromium with axe-core; the deadlines
# of statements against a list of holidays.
# Usage: run.sh DEBAR. Installs what it needs below SCRATCH (a temporary folder, unless DEBAR_FORMATS_CACHE names one).
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
here=$(realpath "$(dirname "$0")")
for tool in python3 node npm xmllint chromium; do
  command -v "$tool" >/dev/null || { echo "formats: $tool is missing" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=${DEBAR_FORMATS_CACHE:-$work/tools}
mkdir -p "$tools"
cd "$work"

# What does not need one another runs at the same time; `finish` waits, shows what each said, and fails if one failed.
pids=() names=()
start() {
  local name=$1
  shift
  "$@" >"$name.log" 2>&1 &
  pids+=($!) names+=("$name")
}
finish() {
  local at failed=0
  for at in "${!pids[@]}"; do
    wait "${pids[$at]}" || { failed=1; echo "formats: ${names[$at]} failed" >&2; }
    cat "${names[$at]}.log"
  done
  pids=() names=()
  return "$failed"
}

python_tools() {
  [ ! -x "$tools/venv/bin/check-jsonschema" ] || return 0
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install -q 'cyclonedx-python-lib[validation]' check-jsonschema ocsf-json-schema jsonschema holidays
  # The source archive of pytest carries Jenkins' schema of JUnit XML (MIT).
  "$tools/venv/bin/pip" download -q --no-deps --no-binary :all: pytest -d "$tools" >/dev/null
  tar xzf "$tools"/pytest-*.tar.gz -C "$tools" --strip-components=3 --wildcards '*/testing/example_scripts/junit-10.xsd'
}
node_tools() {
  [ ! -d "$tools/node_modules/axe-core" ] || return 0
  cd "$tools"
  npm init -y >/dev/null
  npm install --silent --no-audit --no-fund playwright-core axe-core html-validate @microsoft/sarif-multitool-linux >/dev/null
}
scan() {
  local code=0
  "$debar" scan --no-progress "$@" || code=$?
  case $code in 0 | 1 | 3) ;; *) echo "formats: debar scan $* ended with $code" >&2; exit 1 ;; esac
}
# 10,000 findings of 2,500 hosts on one page.
many() {
  python3 "$here/hosts.py" "$work/many" 2500
  cd many
  scan -q -o html=../many.html -o sarif=../many.sarif -o markdown=../many.markdown $(printf 'dir:%s ' h*)
}
start python python_tools
start node node_tools
start many many

# A target whose texts try to break out of every format, and one that is clean.
python3 "$here/hostile.py" "$work/hostile" "$work/clean"
outputs() {
  local name=$1
  shift
  printf -- "-o %s=$name.%s " $(printf '%s\n' "$@" | sed 'p')
}
every=(json ndjson csv markdown html cyclonedx ocsf text)
# shellcheck disable=SC2046
{
  scan -q $(outputs scan "${every[@]}" sarif junit github) dir:hostile
  scan -q $(outputs clean "${every[@]}" sarif junit github) dir:clean
  scan -q $(outputs both "${every[@]}" sarif junit github) dir:hostile dir:clean
  "$debar" inventory -q --allow-gaps --no-progress $(outputs inventory "${every[@]}") dir:hostile
  "$debar" inventory -q --allow-gaps --no-progress $(outputs inventories "${every[@]}") dir:hostile dir:clean
}
finish

python=$tools/venv/bin/python
multitool=$tools/node_modules/@microsoft/sarif-multitool-linux
chmod u+x "$multitool/Sarif.Multitool"
pipelines() {
  local file
  for file in scan clean both; do
    "$tools/venv/bin/check-jsonschema" --schemafile "$multitool/sarif-2.1.0.json" "$file.sarif" >/dev/null
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool/Sarif.Multitool" validate "$file.sarif" \
      --rule-kind "Sarif;Ghas" -o "$file.checked" --log ForceOverwrite >multitool.log 2>&1 ||
      { cat multitool.log >&2; return 1; }
    # Unset on purpose: an address of the tool, because the project has none.
    if grep -E ': (error|warning) ' multitool.log | grep -v SARIF2005; then return 1; fi
    xmllint --noout --schema "$tools/junit-10.xsd" "$file.junit" 2>xmllint.log || { cat xmllint.log >&2; return 1; }
  done
  echo "formats: sarif (schema, Microsoft's rules for GitHub) and junit (XSD): valid"
}
html() {
  "$tools/node_modules/.bin/html-validate" --config "$here/html-validate.json" --ext html \
    scan.html clean.html both.html inventory.html inventories.html statement.html
  echo "formats: html (html-validate): valid"
}
sizes() {
  "$python" - many.sarif many.markdown <<'PYTHON'
import json, os, sys
found = sum(1 for run in json.load(open(sys.argv[1]))["runs"] for one in run["results"] if "status" in one.get("properties", {}))
assert found == 10000, found
size = os.path.getsize(sys.argv[2])
assert 900_000 < size < 1 << 20, size
print(f"formats: 10,000 findings: markdown of {size} bytes, below 1 MiB")
PYTHON
}
"$debar" attest scan.json -o html=statement.html
start pipelines pipelines
start readers "$python" "$here/check.py" .
start html html
start sizes sizes
start clocks "$python" "$here/clocks.py" "$debar" scan.json
finish
# By itself: it measures.
cp "$here/page.mjs" "$tools/page.mjs"
node "$tools/page.mjs" "$work" "${DEBAR_FORMATS_SHOTS:-$work}"
