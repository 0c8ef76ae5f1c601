"""Checks CycloneDX, OCSF, CSV, Markdown and workflow commands with readers of others. Usage: check.py FOLDER"""
import csv
import json
import os
import re
import sys
import unicodedata

import jsonschema
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from packageurl import PackageURL

os.chdir(sys.argv[1])


def text(name):
    with open(name, encoding="utf-8", newline="") as file:
        return file.read()


def components(items):
    for one in items:
        yield one
        yield from components(one.get("components", []))


validator = JsonStrictValidator(SchemaVersion.V1_6)
purls = 0
for name in ["scan", "clean", "both", "inventory", "inventories"]:
    bom = text(f"{name}.cyclonedx")
    error = validator.validate_str(bom)
    assert error is None, f"{name}.cyclonedx: {error}"
    bom = json.loads(bom)
    about = bom["metadata"].get("component")
    every = list(components(bom["components"] + ([about] if about else [])))
    references = [one["bom-ref"] for one in every]
    assert len(set(references)) == len(references), name
    for subject in (subject for one in bom.get("annotations", []) for subject in one["subjects"]):
        assert subject in references, subject
    for purl in (one["purl"] for one in every if "purl" in one):
        purls += 1
        again = PackageURL.from_string(purl)
        assert again.name and PackageURL.from_string(again.to_string()) == again, purl
print(f"formats: cyclonedx (strict schema of 1.6) valid, {purls} package URLs read back")

schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.6.0"))
checkers, events = {}, 0
for name in ["scan", "clean", "both", "inventory", "inventories"]:
    for line in text(f"{name}.ocsf").splitlines():
        event = json.loads(line)
        uid = event["class_uid"]
        if uid not in checkers:
            of_class = schema.get_class_schema(class_name=schema.lookup_class_name_from_uid(class_uid=uid))
            checkers[uid] = jsonschema.Draft202012Validator(of_class)
        errors = [error.message for error in checkers[uid].iter_errors(event)]
        assert not errors, (name, errors[:3])
        assert event["type_uid"] == uid * 100 + event["activity_id"]
        events += 1
assert set(checkers) == {2003, 5020}
print(f"formats: ocsf (schema 1.6.0) valid, {events} events")

for name in ["scan", "clean", "both", "inventory", "inventories"]:
    content = text(f"{name}.csv")
    rows = list(csv.reader(content.splitlines(keepends=True), strict=True))
    assert len({len(row) for row in rows}) == 1, name
    assert len(rows) == content.count("\r\n"), "a cell holds a line break"
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]", cell), cell
print("formats: csv: every row as wide as the first, no cell starts a formula")

HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Cn"}
for name in ["scan", "clean", "both", "inventory", "inventories"]:
    for form in ["text", "csv", "markdown", "html", "junit", "github", "sarif", "json", "ndjson", "cyclonedx", "ocsf"]:
        file = f"{name}.{form}"
        if not os.path.exists(file):
            continue
        content = text(file)
        for line in content.splitlines():
            # What GitHub's runner and Azure Pipelines take for commands.
            if form != "github":
                assert not line.lstrip().startswith("::"), (file, line)
            assert not re.search(r"##\[|##vso\[", line), (file, line)
        if form not in ("sarif", "json", "ndjson", "cyclonedx", "ocsf"):
            odd = {char for char in content if unicodedata.category(char) in HIDDEN and char not in "\r\n"}
            assert not odd, (file, [hex(ord(char)) for char in odd])
for line in text("scan.github").splitlines():
    assert re.fullmatch(r"::(error|warning) title=[^:,]*::[^\r\n]*", line), line
print("formats: no workflow command, control or hidden character gets through")
