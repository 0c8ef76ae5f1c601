"""Prints the script of a step or job, with its environment before it, so that a shell can take it.

steps.py action FILE ID NAME=VALUE...   the step ID of a composite action, its inputs as given
steps.py gitlab FILE JOB PART           before_script or script of a job
"""
import re
import shlex
import sys

import yaml

kind, path, name, *rest = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    document = yaml.safe_load(file)
if kind == "gitlab":
    job = document[name]
    if rest[0] == "before_script":
        for key, value in job["variables"].items():
            print(f'export {key}="${{{key}:-{value}}}"')
    print("\n".join(job[rest[0]]))
    sys.exit()
inputs = {key: str(value.get("default", "")) for key, value in document["inputs"].items()}
inputs.update(pair.split("=", 1) for pair in rest)


def filled(text):
    text = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)
    return text.replace("${{ github.action_path }}", inputs.get("action_path", ""))


step = next(step for step in document["runs"]["steps"] if step.get("id") == name)
for key, value in step["env"].items():
    print(f"export {key}={shlex.quote(filled(value))}")
print(step["run"])
