#!/usr/bin/env bash
# Has an independent parser of PowerShell read the script of a plan in which every text is hostile: powershell.sh DEBAR.
# No PowerShell can be had from Debian, PyPI or npm; tree-sitter-powershell is a grammar written by others.
set -euo pipefail
debar=$(realpath "${1:?usage: powershell.sh DEBAR}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" || { echo "plan/powershell.sh: python3-venv is missing" >&2; exit 1; }
"$work/venv/bin/pip" -q install tree-sitter tree-sitter-powershell
"$work/venv/bin/python" - "$debar" <<'PY'
import json, subprocess, sys
import tree_sitter_powershell
from tree_sitter import Language, Parser

parser = Parser(Language(tree_sitter_powershell.language()))
code = "{0123ABCD-0123-4567-89AB-0123456789AB}"


def script(text):
    evidence = {
        "collector": "programs", "indicators": ["i"], "matched": "m", "strength": "conclusive", "state": "installed",
        "fields": {"name": text, "version": "1", "uninstall_string": f"MsiExec.exe /I{code}"},
        "location": {"registry_key": "HKLM\\SOFTWARE\\" + text},
    }
    finding = {
        "id": "v/p", "product": {"id": "v/p", "vendor": "V", "name": text}, "status": "banned", "state": "installed",
        "in_force": True, "rules": [], "removal": [], "evidence": [evidence],
    }
    report = {
        "schema_version": "1.1", "verdict": "found", "as_of": "2026-11-24", "findings": [finding], "gaps": [],
        "target": {"kind": "host", "name": text, "host": text, "os": {"family": "windows"}}, "coverage": [],
        "skipped": [], "versions": {"debar": "0", "account": "r", "elevated": True},
        "started": "2026-11-24T00:00:00Z", "finished": "2026-11-24T00:00:01Z", "duration_ms": 1,
    }
    run = subprocess.run([debar, "plan", "-", "-o", "ps1"], input=json.dumps(report).encode(), stdout=subprocess.PIPE, check=True)
    return run.stdout


def commands(tree, source):
    """The names of the commands called behind the runtime, in order."""
    names, stack = [], [tree.root_node]
    while stack:
        node = stack.pop()
        if node.type == "command_name":
            names.append(source[node.start_byte : node.end_byte].decode())
        stack.extend(reversed(node.children))
    return names


debar = sys.argv[1]
plain_source = script("plain")
plain = commands(parser.parse(plain_source), plain_source)
hostile = ["$(reboot)", "'; reboot; '", "`reboot`", "a\nreboot\n", "\u2019; reboot; \u2018", "%PATH%", '"; reboot #', "') reboot (", "@'\nreboot\n'@", "\u201b", "\x1b[0m", "{}", "\\"]
for text in hostile:
    source = script(text)
    tree = parser.parse(source)
    assert not tree.root_node.has_error, f"{text!r} breaks the script"
    assert commands(tree, source) == plain, f"{text!r} changes the commands that are called"
assert "Remove-Msi" in plain
assert parser.parse(b"if ('a { 'b'").root_node.has_error, "the parser finds no errors at all"
print(f"{len(hostile)} hostile texts: the script parses, and calls the same {len(plain)} commands")
PY
