"""Whether the last filter of seccomp comes before the first open below a folder: order.py CALLS FOLDER

CALLS is what `strace -f -o` wrote. A folder is opened to be named in a rule of Landlock (O_PATH) or to be looked for
(its own name): only what can be read counts.
"""
import re
import sys

calls, folder = sys.argv[1], sys.argv[2]
filters, first, opened = [], None, None
descriptors = {}
for number, line in enumerate(open(calls, errors="replace")):
    if re.search(r"seccomp(\(SECCOMP_SET_MODE_FILTER| resumed)", line) and line.rstrip().endswith("= 0"):
        filters.append(number)
    found = re.search(r"open(?:at2?)?\((?:(AT_FDCWD|\d+)[^,]*, )?\"([^\"]*)\", (.*)", line)
    if not found or "O_PATH" in found[3] or "O_WRONLY" in found[3]:
        continue
    base, path = found[1], found[2]
    if not path.startswith("/") and base in descriptors:
        path = descriptors[base] + "/" + path
    result = re.search(r"= (\d+)", line.rsplit(")", 1)[-1])
    if result:
        descriptors[result[1]] = path
    if path.startswith(folder + "/") and first is None:
        first, opened = number, path
if first is None:
    sys.exit("nothing below the folder was opened")
if len(filters) < 2 or filters[-1] > first and sum(at < first for at in filters) < 2:
    sys.exit(f"{opened} was opened in line {first + 1}, filters of seccomp were set in lines {[at + 1 for at in filters]}")
