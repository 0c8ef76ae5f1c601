"""Takes plans as PowerShell on made-up Windows hosts. Usage: taken.py DEBAR"""
import json
import ntpath
import random
import subprocess
import sys

from windows import PARSER, Host, Run

debar = sys.argv[1]
CODE = "{0123ABCD-0123-4567-89AB-0123456789AB}"
KEYS = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\"


def evidence(collector, fields, **location):
    return {
        "collector": collector, "indicators": ["i"], "matched": "m", "strength": "conclusive", "state": "installed",
        "fields": fields, "location": location,
    }


def plan(name, evidence, removal=(), kind="host"):
    finding = {
        "id": "v/p", "product": {"id": "v/p", "vendor": "V", "name": name}, "status": "banned", "state": "installed",
        "in_force": True, "rules": [], "removal": list(removal), "evidence": evidence,
    }
    report = {
        "schema_version": "1.1", "verdict": "found", "as_of": "2026-11-24", "findings": [finding], "gaps": [],
        "target": {"kind": kind, "name": name, "host": "W", "os": {"family": "windows"}}, "coverage": [],
        "skipped": [], "versions": {"debar": "0", "account": "r", "elevated": True},
        "started": "2026-11-24T00:00:00Z", "finished": "2026-11-24T00:00:01Z", "duration_ms": 1,
    }
    text = json.dumps(report).encode()
    return subprocess.run([debar, "plan", "-", "-o", "ps1"], input=text, stdout=subprocess.PIPE, check=True).stdout


KEY, OTHER, SERVICE = KEYS + CODE, KEYS + "Other", "HKLM\\SYSTEM\\CurrentControlSet\\Services\\avp"
QUIET = '"C:\\Program Files\\Vendor\\un.exe" /S'
REMOVAL = [{"title": "t", "commands": [f"msiexec /x {CODE} KLPASSWD=<password> /qn"]}]
EVIDENCE = [
    evidence("programs", {"name": "Endpoint", "version": "12.1", "uninstall_string": f"MsiExec.exe /I{CODE}"}, registry_key=KEY),
    evidence("programs", {"name": "Other", "quiet_uninstall_string": QUIET}, registry_key=OTHER),
    evidence("services", {"name": "avp", "cmdline": "C:\\x\\avp.exe"}, registry_key=SERVICE),
    evidence("program_folders", {"name": "x"}, path="/Program Files/Vendor/Prod"),
    evidence("program_files", {"name": "x", "size": "12"}, path="/ProgramData/Vendor/a.dll"),
]


def uninstalled(key, code=0):
    def program(host, arguments):
        host.registry.pop(key.lower(), None)
        return code

    return program


def windows(change=None, msi=None):
    """A host that shows what the scan saw, but for one change."""
    host = Host(
        {
            KEY: {"DisplayName": "Endpoint", "DisplayVersion": "12.1"},
            OTHER: {"DisplayName": "Other", "QuietUninstallString": QUIET},
            SERVICE: {"ImagePath": "C:\\x\\avp.exe"},
        },
        {path: ("folder", 0) for path in (
            "C:\\Program Files", "C:\\Program Files\\Vendor", "C:\\Program Files\\Vendor\\Prod", "C:\\ProgramData",
            "C:\\ProgramData\\Vendor")}
        | {"C:\\Program Files\\Vendor\\un.exe": ("file", 1), "C:\\Program Files\\Vendor\\Prod\\b.exe": ("file", 1),
           "C:\\ProgramData\\Vendor\\a.dll": ("file", 12)},
        {"msiexec.exe": msi or uninstalled(KEY), "un.exe": uninstalled(OTHER), "sc.exe": uninstalled(SERVICE)},
        {"debar_secret_klpasswd": 'pass"word'},
    )
    if change:
        change(host)
    return host


def run(source, host, **parameters):
    host.shown, host.log = [], []
    done = Run(source, host, **parameters)
    assert not done.sinks[0], f"something is written where it could get into a condition: {done.sinks[0]}"
    # The log has what was shown, of a run that changes something.
    assert [line[21:] for line in host.log] == (host.shown if parameters.get("apply") else []), host.log
    assert not any("pass" in line for line in host.shown), "a password is shown"
    return done.code


script = plan("P", EVIDENCE, REMOVAL)

# Without -Apply nothing is done; with it, all that was seen; then there is nothing more to do.
host = windows()
before = (dict(host.registry), dict(host.files))
assert run(script, host) == 1 and len([line for line in host.shown if "would do it" in line]) == 5, host.shown
assert (host.registry, host.files) == before and not host.started and not host.stopped
assert run(script, host, apply=True) == 0, host.shown
assert host.started == [
    ("C:\\Windows\\System32\\msiexec.exe", f'/x {CODE} /qn /norestart REBOOT=ReallySuppress KLPASSWD="pass""word"'),
    ("C:\\Program Files\\Vendor\\un.exe", "/S"),
    ("C:\\Windows\\System32\\sc.exe", 'delete "avp"'),
], host.started
assert sorted(host.removed) == ["c:\\program files\\vendor\\prod", "c:\\program files\\vendor\\prod\\b.exe", "c:\\programdata\\vendor\\a.dll"]
assert host.stopped == ["avp"] and "everything is done; now run debar verify" in host.shown
host.started = []
assert run(script, host, apply=True) == 0 and not host.started
assert len([line for line in host.shown if "already gone" in line]) == 5, host.shown
assert run(script, windows(), hostname="elsewhere") == 2
# A plan for a mounted disk is taken only where somebody says that this is it.
mounted = plan("D:\\", EVIDENCE, REMOVAL, "directory")
host = windows()
assert run(mounted, host, apply=True) == 2 and not host.started, host.shown
assert run(mounted, windows(), hostname="W") == 1

# What is not as the scan saw it is refused, and nothing is done to it.
folder, file = "c:\\program files\\vendor\\prod", "c:\\programdata\\vendor\\a.dll"
changes = {
    "another name": lambda host: host.registry[KEY.lower()].update(DisplayName="Endpoint 2"),
    "a name in other letters": lambda host: host.registry[KEY.lower()].update(DisplayName="ENDPOINT"),
    "another version": lambda host: host.registry[KEY.lower()].update(DisplayVersion="12.2"),
    "another program": lambda host: host.registry[OTHER.lower()].update(DisplayName="Bystander"),
    "another command": lambda host: host.registry[OTHER.lower()].update(QuietUninstallString="C:\\evil.exe"),
    "an uninstaller that is a link": lambda host: host.files.update({"c:\\program files\\vendor\\un.exe": ("link", 0)}),
    "an uninstaller that is not there": lambda host: host.files.pop("c:\\program files\\vendor\\un.exe"),
    "another service": lambda host: host.registry[SERVICE.lower()].update(ImagePath="C:\\other.exe"),
    "a folder that is a link": lambda host: host.files.update({folder: ("link", 0)}),
    "a folder that is a file": lambda host: host.files.update({folder: ("file", 3)}),
    "a link above": lambda host: host.files.update({"c:\\programdata\\vendor": ("link", 0)}),
    "another size": lambda host: host.files.update({file: ("file", 13)}),
    "a file that is a folder": lambda host: host.files.update({file: ("folder", 0)}),
}
for name, change in changes.items():
    host = windows(change)
    assert run(script, host, apply=True) == 1, name
    assert len([line for line in host.shown if "REFUSED" in line]) == 1, (name, host.shown)
    # What is left of a vendor's products waits while one of them is there.
    product = name in list(changes)[:7]
    assert len([line for line in host.shown if "done (exit code 0)" in line]) == (1 if product else 4), (name, host.shown)
    assert len([line for line in host.shown if "waits for" in line]) == (3 if product else 0), (name, host.shown)
    assert (KEY.lower() in host.registry) == (name in list(changes)[:3]), name
    assert (OTHER.lower() in host.registry) == (name in list(changes)[3:7]), name
    assert (SERVICE.lower() in host.registry) == (product or "another service" == name), name
    assert (folder in host.files) == (product or "a folder that is" in name), name
    assert (file in host.files) == (product or name in list(changes)[10:]), name

# An uninstaller that fails, one that leaves its entry, and a restart that is asked for.
host = windows(msi=lambda host, arguments: 1603)
assert run(script, host, apply=True) == 1 and "    FAILED (exit code 1603)" in host.shown
host = windows(msi=lambda host, arguments: 0)
assert run(script, host, apply=True) == 1 and "    FAILED (exit code 0)" in host.shown
host = windows(msi=uninstalled(KEY, 3010))
assert run(script, host, apply=True) == 3010 and len(host.started) == 1, host.started

# An uninstaller that asks questions is for a person; what it leaves waits for it. A user's registry must be loaded.
USERS = "HKU\\S-1-5-21-1\\Software\\Uninstall\\Tool"
asking = plan("P", [
    evidence("programs", {"name": "Tool", "uninstall_string": "C:\\v\\un.exe"}, registry_key=USERS),
    evidence("drivers", {"name": "avp", "cmdline": "C:\\x\\avp.exe"}, registry_key=SERVICE),
])
loaded = lambda host: host.registry.update({"hku\\s-1-5-21-1": {}})
host = windows()
assert run(asking, host, apply=True) == 1 and SERVICE.lower() in host.registry, host.shown
assert any("not loaded" in line for line in host.shown) and not any("gone" in line for line in host.shown), host.shown
host = windows(lambda host: (loaded(host), host.registry.update({USERS.lower(): {"displayname": "Tool"}})))
assert run(asking, host, apply=True) == 1 and "    by hand: C:\\v\\un.exe" in host.shown, host.shown
assert SERVICE.lower() in host.registry and not host.started, host.shown
host.registry.pop(USERS.lower())
assert run(asking, host, apply=True) == 0 and SERVICE.lower() not in host.registry, host.shown

# One restart between the product and what it leaves, not one in every run.
restarting = plan("P", EVIDENCE[:1] + [evidence("drivers", {"name": "avp", "cmdline": "C:\\x\\avp.exe"}, registry_key=SERVICE)])
host = windows()
assert run(restarting, host, apply=True) == 3010 and SERVICE.lower() in host.registry, host.shown
assert run(restarting, host, apply=True) == 0 and SERVICE.lower() not in host.registry, host.shown
print(f"plan as PowerShell: dry run, all steps, {len(changes)} refusals, failures and a restart, as they should be")

# Hostile texts: what the script compares is what the host has, to the letter, and only what was planned is started.
ATOMS = ["$(reboot)", "`reboot`", "'", '"', "\u2018", "\u2019", "\u201a", "\u201b", "\u201c", "\n", "\r", "\t", "`", "$", "%PATH%",
         ";", "&", "|", "{0}", "}", "(", ")", "#", "<#", "#>", "@'\n", "\n'@", "\\", "\x1b[0m", "\u202e", "\u2066", "\U0001f600",
         "\u0643", "e\u0301", "-Apply", "reboot", " "]
seed = random.randrange(1 << 32)
random.seed(seed)


def commands(source):
    """The names of the commands called behind the runtime, in order."""
    tree, names = PARSER.parse(source), []
    assert not tree.root_node.has_error
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.type == "command_name":
            names.append(source[node.start_byte : node.end_byte])
        stack.extend(reversed(node.children))
    return names


def hostile_plan(name):
    key = KEYS + name
    return key, plan(name, [
        evidence("programs", {"name": name, "version": name, "uninstall_string": f"MsiExec.exe /I{CODE}"}, registry_key=key),
        evidence("services", {"name": name.translate(str.maketrans("\\/\"", "___")), "cmdline": name},
                 registry_key="HKLM\\SYSTEM\\CurrentControlSet\\Services\\x"),
    ])


plain = commands(hostile_plan("plain")[1])
cases = [[atom] for atom in ATOMS] + [random.choices(ATOMS, k=random.randint(2, 9)) for _ in range(160)]
for atoms in cases:
    name = "".join(atoms)
    key, source = hostile_plan(name)
    assert commands(source) == plain, f"{name!r} changes the commands that are called (seed {seed})"
    service = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\" + name.translate(str.maketrans("\\/\"", "___"))
    host = Host({key: {"DisplayName": name, "DisplayVersion": name}, service: {"ImagePath": name}},
                programs={"msiexec.exe": uninstalled(key), "sc.exe": uninstalled(service)})
    Run(source, host, apply=True)
    assert len([line for line in host.shown if "done (exit code 0)" in line]) == 2, (seed, name, host.shown)
    assert [ntpath.basename(program) for program, _ in host.started] == ["msiexec.exe", "sc.exe"], (seed, host.started)
    assert host.started[0][1] == f"/x {CODE} /qn /norestart REBOOT=ReallySuppress", (seed, host.started)
    assert all(char.isprintable() for line in host.shown for char in line), (seed, host.shown)

# The taker itself: it sees an error of grammar, and a message in a condition.
assert PARSER.parse(b"if ('a { 'b'").root_node.has_error
leaky = b"function Refuse { Write-Output 'no' }\nfunction Test { Refuse; return $false }\nif (Test) { Write-Host 'went on' }"
host = windows()
Run(leaky, host)
assert host.shown == ["went on"], "PowerShell would go on there"
print(f"plan as PowerShell: {len(cases)} hostile texts are compared to the letter and start nothing")
