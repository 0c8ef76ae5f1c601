#!/usr/bin/env bash
# Takes plans as PowerShell: powershell.sh DEBAR. No PowerShell can be had from Debian, PyPI or npm. So an independent
# grammar (tree-sitter-powershell) reads the scripts, and windows.py takes what it read on a Windows that it makes up.
set -euo pipefail
debar=$(realpath "${1:?usage: powershell.sh DEBAR}")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" || { echo "plan/powershell.sh: python3-venv is missing" >&2; exit 1; }
"$work/venv/bin/pip" -q install tree-sitter tree-sitter-powershell
"$work/venv/bin/python" -B "$here/powershell.py" "$debar"
