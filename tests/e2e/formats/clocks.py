"""Counts the deadlines of `debar attest` again, with the holidays that others list. Usage: clocks.py DEBAR REPORT"""
import datetime
import json
import subprocess
import sys

import holidays

debar, report = sys.argv[1:]
DAY = datetime.timedelta(days=1)
federal = holidays.UnitedStates(years=range(2019, 2037))


def after(day, count, business):
    while count:
        day += DAY
        count -= not business or (day.weekday() < 5 and day not in federal)
    return day


# The days around every holiday, where counting goes wrong if it does.
days = sorted({day + DAY * by for day in federal if 2024 <= day.year <= 2030 for by in range(-4, 2)})
counted = 0
for day in days:
    command = [debar, "attest", report, "--identified", day.isoformat(), "-o", "intoto"]
    statement = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    deadlines = statement["predicate"]["scans"][0]["deadlines"]
    due = {}
    for _ in deadlines:
        for one in deadlines:
            begin = day if one["from"] == "identification" else due.get((one["rule"], one["from"]))
            if begin:
                due[one["rule"], one["what"]] = after(begin, one["days"], one["count"] == "business")
    for one in deadlines:
        expected = due.get((one["rule"], one["what"]))
        assert one.get("due") == (expected and expected.isoformat()), (day, one, expected)
        counted += expected is not None and one["count"] == "business"
assert counted >= 2 * len(days), "no rule with business days was in the report"
print(f"formats: {counted} deadlines in business days from {len(days)} days are those that `holidays` gives")
