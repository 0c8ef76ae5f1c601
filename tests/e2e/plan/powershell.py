"""Takes plans as PowerShell on made-up Windows hosts. Usage: taken.py DEBAR"""
import json
import ntpath
import os
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


SIGNATURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures/plan/v.json")


def plan(name, evidence, kind="host", product="p", format="ps1", vendor="v"):
    finding = {
        "id": f"{vendor}/{product}", "product": {"id": f"{vendor}/{product}", "vendor": "V", "name": name}, "status": "banned",
        "state": "installed", "in_force": True, "rules": [], "removal": [], "evidence": evidence,
    }
    report = {
        "schema_version": "1.1", "verdict": "found", "as_of": "2026-11-24", "findings": [finding], "gaps": [],
        "target": {"kind": kind, "name": name, "host": "W", "os": {"family": "windows"}}, "coverage": [],
        "skipped": [], "versions": {"debar": "0", "account": "r", "elevated": True},
        "started": "2026-11-24T00:00:00Z", "finished": "2026-11-24T00:00:01Z", "duration_ms": 1,
    }
    text = json.dumps(report).encode()
    command = [debar, "plan", "-", "--signatures", SIGNATURES, "-o", format]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout


SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
KEY, OTHER, SERVICE = KEYS + CODE, KEYS + "Other", SERVICES + "vendavp"
QUIET = '"C:\\Program Files\\Vendorware\\un.exe" /S'
VENDOR = {"publisher": "Vendor Ltd"}
EVIDENCE = [
    evidence("programs", {"name": "Endpoint", "version": "12.1", "uninstall_string": f"MsiExec.exe /I{CODE}"} | VENDOR, registry_key=KEY),
    evidence("programs", {"name": "Other", "quiet_uninstall_string": QUIET} | VENDOR, registry_key=OTHER),
    evidence("services", {"name": "vendavp", "path": "C:\\x\\avp.exe", "cmdline": "C:\\x\\avp.exe"}, registry_key=SERVICE),
    evidence("program_folders", {"name": "x"}, path="/Program Files/Vendorware/Prod"),
    evidence("program_files", {"name": "x", "size": "12"}, path="/ProgramData/Vendorware/a.dll"),
    evidence("program_folders", {"name": "x"}, path="/D:/Vendorware/Data"),
]


def uninstalled(key, code=0):
    def program(host, arguments):
        host.registry.pop(key.lower(), None)
        return code

    return program


def deleted(host, arguments):
    assert arguments.startswith('delete "'), arguments
    host.registry.pop((SERVICES + arguments.split('"')[1]).lower(), None)
    return 0


def windows(change=None, msi=None):
    """A host with two drives that shows what the scan saw, but for one change."""
    host = Host(
        {
            KEY: {"DisplayName": "Endpoint", "DisplayVersion": "12.1", "Publisher": "Vendor Ltd"},
            OTHER: {"DisplayName": "Other", "QuietUninstallString": QUIET, "Publisher": "Vendor Ltd"},
            SERVICE: {"ImagePath": "C:\\x\\avp.exe"},
        },
        {path: ("folder", 0) for path in (
            "C:\\Program Files", "C:\\Program Files\\Vendorware", "C:\\Program Files\\Vendorware\\Prod", "C:\\ProgramData",
            "C:\\Program Files\\Vendorware\\Prod\\Quarantine", "C:\\ProgramData\\Vendorware", "D:\\Vendorware",
            "D:\\Vendorware\\Data")}
        | {"C:\\Program Files\\Vendorware\\un.exe": ("file", 1), "C:\\Program Files\\Vendorware\\Prod\\b.exe": ("file", 1),
           "C:\\ProgramData\\Vendorware\\a.dll": ("file", 12), "D:\\Vendorware\\Data\\keys.bin": ("file", 5)},
        {"msiexec.exe": msi or uninstalled(KEY), "un.exe": uninstalled(OTHER), "sc.exe": deleted},
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
    assert not any('pass"' in line for line in host.shown), "a password is shown"
    return done.code


def run_shown(source, registry):
    host = Host(registry)
    run(source, host, ihaveareplacement=True, decrypted=True)
    return host.shown


script = plan("P", EVIDENCE)

# Without -Apply nothing is done; with it, all that was seen; then there is nothing more to do.
host = windows()
before = (dict(host.registry), dict(host.files))
assert run(script, host) == 1 and len([line for line in host.shown if "would do it" in line]) == 6, host.shown
assert host.shown[-1] == "nothing was changed; -Apply does it", host.shown
assert host.registry == before[0] and not host.started and not host.stopped and not host.copied
assert run(script, host, apply=True) == 0, host.shown
assert host.started == [
    ("C:\\Windows\\System32\\msiexec.exe", f'/x {CODE} /qn /norestart REBOOT=ReallySuppress KLPASSWD="pass""word"'),
    ("C:\\Program Files\\Vendorware\\un.exe", "/S"),
    ("C:\\Windows\\System32\\sc.exe", 'delete "vendavp"'),
    ("C:\\Windows\\System32\\cmd.exe", '/d /c rmdir /s /q "C:\\Program Files\\Vendorware\\Prod"'),
    ("C:\\Windows\\System32\\cmd.exe", '/d /c rmdir /s /q "D:\\Vendorware\\Data"'),
], host.started
# What cannot be had again was copied before anything was removed: of a program's folder the quarantine, of data all.
sources = {source for source, _ in host.copied}
assert sources == {"C:\\Program Files\\Vendorware\\Prod\\Quarantine", "D:\\Vendorware\\Data"}, host.copied
assert all(target.startswith("C:\\ProgramData\\debar\\kept\\") for _, target in host.copied), host.copied
assert "c:\\programdata\\vendorware\\a.dll" in host.removed and "c:\\programdata\\vendorware" not in host.removed
assert host.stopped == ["vendavp"] and "everything is done; now run debar verify" in host.shown
host.started = []
assert run(script, host, apply=True) == 0 and not host.started
assert len([line for line in host.shown if "already gone" in line]) == 8, host.shown
assert run(script, windows(), hostname="elsewhere") == 2
# A plan for a mounted disk is taken only where a person says that this is it.
mounted = plan("D:\\", EVIDENCE, "directory")
host = windows()
assert run(mounted, host) == 2 and not host.started, host.shown
assert run(mounted, windows(), hostname="W") == 1
clean = plan("P", [])
assert run(clean, windows()) == 0 and b"nothing to remove" in clean
# Intune and Configuration Manager.
for format, codes in [("intune-detect", (1, 1)), ("intune-remediate", (0, 0)), ("configmgr", (0, 0))]:
    host = windows()
    source = plan("P", EVIDENCE, format=format)
    assert (Run(source, host).code, Run(source, host).code) == codes, (format, host.shown)

# A device that the plan does not name is not called clean; names are those of the network, longer than those of NetBIOS.
host = windows()
host.environment["computername"], host.network_name = "OTHER", "other"
for format in ("intune-detect", "intune-remediate", "configmgr"):
    assert Run(plan("P", EVIDENCE, format=format), host).code == 0 and host.shown[-1] == "OTHER is not in this plan: nothing was checked"
host = windows()
host.environment["computername"], host.network_name = "W-LONGER-THAN-F", "w"
assert run(script, host) == 1 and any("would do it" in line for line in host.shown), host.shown
# A PowerShell of 32 bits sees another registry: it starts one of 64 where a tool started it, and refuses elsewhere.
host = windows()
host.bits, host.environment["processor_architew6432"] = 32, "AMD64"
assert Run(script, host, apply=True).code == 2 and not host.started, host.shown
assert Run(plan("P", EVIDENCE, format="intune-detect"), host).code == 1 and "SysNative" in host.relaunched[0], host.shown

# What is not as the scan saw it is refused, and nothing is done to it.
folder, file = "c:\\program files\\vendorware\\prod", "c:\\programdata\\vendorware\\a.dll"
changes = {
    "another name": lambda host: host.registry[KEY.lower()].update(DisplayName="Endpoint 2"),
    "a name in other letters": lambda host: host.registry[KEY.lower()].update(DisplayName="ENDPOINT"),
    "another version": lambda host: host.registry[KEY.lower()].update(DisplayVersion="12.2"),
    "another publisher": lambda host: host.registry[KEY.lower()].update(Publisher="Bystander"),
    "another program": lambda host: host.registry[OTHER.lower()].update(DisplayName="Bystander"),
    "another command": lambda host: host.registry[OTHER.lower()].update(QuietUninstallString="C:\\evil.exe"),
    "an uninstaller that is a link": lambda host: host.files.update({"c:\\program files\\vendorware\\un.exe": ("link", 0)}),
    "an uninstaller that is not there": lambda host: host.files.pop("c:\\program files\\vendorware\\un.exe"),
    "an uninstaller that a user can write": lambda host: host.writers.update({"c:\\program files\\vendorware\\un.exe": "S-1-5-21-7"}),
    "an uninstaller in a folder of a user": lambda host: host.writers.update({"c:\\program files\\vendorware": "S-1-5-21-7"}),
    "another service": lambda host: host.registry[SERVICE.lower()].update(ImagePath="C:\\other.exe"),
    "a folder that is a link": lambda host: host.files.update({folder: ("link", 0)}),
    "a folder that is a file": lambda host: host.files.update({folder: ("file", 3)}),
    "a link above": lambda host: host.files.update({"c:\\programdata\\vendorware": ("link", 0)}),
    "another size": lambda host: host.files.update({file: ("file", 13)}),
    "a file that is a folder": lambda host: host.files.update({file: ("folder", 0)}),
}
for name, change in changes.items():
    host = windows(change)
    assert run(script, host, apply=True) == 1, (name, host.shown)
    refused = [line for line in host.shown if "REFUSED" in line]
    assert len(refused) >= 1, (name, host.shown)
    # What is left of a vendor's products waits while one of them is there.
    product = name in list(changes)[:10]
    blocked = "a folder that is" in name
    assert (KEY.lower() in host.registry) == (name in list(changes)[:4]), (name, host.shown)
    assert (OTHER.lower() in host.registry) == (name in list(changes)[4:10]), name
    assert (SERVICE.lower() in host.registry) == (product or "another service" == name), name
    assert (folder in host.files) == (product or blocked), name
    assert (file in host.files) == (product or name in list(changes)[13:]), name

# What others can write to is not deleted with an administrator's rights: they could lead it elsewhere.
for place in (folder, folder + "\\quarantine", "c:\\program files\\vendorware"):
    host = windows(lambda host: host.writers.update({place: "S-1-5-21-7"}))
    host.registry.pop(OTHER.lower())
    assert run(script, host, apply=True) == 1 and folder in host.files, (place, host.shown)
    assert any('rmdir /s /q "C:\\Program Files\\Vendorware\\Prod"' in line for line in host.shown), host.shown

# An uninstaller that fails, one that leaves its entry, and a restart that is asked for.
host = windows(msi=lambda host, arguments: 1603)
assert run(script, host, apply=True) == 2 and "    FAILED (exit code 1603)" in host.shown
host = windows(msi=lambda host, arguments: 0)
assert run(script, host, apply=True) == 2 and "    FAILED (exit code 0)" in host.shown
host = windows(msi=uninstalled(KEY, 3010))
assert run(script, host, apply=True) == 3010 and len(host.started) == 1, host.started

# Passwords: in the form that the product takes, asked for only when a person wants that, and nothing waits for one.
host = windows(msi=lambda host, arguments: 1603)
host.environment = {name: value for name, value in host.environment.items() if name != "debar_secret_klpasswd"}
assert run(script, host, apply=True) == 2 and not host.asked and host.started[0][1].endswith("REBOOT=ReallySuppress"), host.started
assert any("DEBAR_SECRET_KLPASSWD in the environment, or -AskForPasswords" in line for line in host.shown), host.shown
host.started = []
run(script, host, apply=True, askforpasswords=True)
assert host.asked == ["KLHEX", "KLPASSWD"] and host.started[0][1].endswith(' KLHEX="74007900700065006400" KLPASSWD="typed"'), host.started
host = windows()
host.environment["debar_secret_klhex"] = "a\u00e4"
assert run(script, host, apply=True) == 0 and host.started[0][1].endswith(' KLHEX="6100E400" KLPASSWD="pass""word"'), host.started

# A user's command is never started, wherever it is registered, and what asks questions is for a person.
USERS = "HKU\\S-1-5-21-1\\Software\\Uninstall\\Tool"
users = evidence("programs", {"name": "Tool", "quiet_uninstall_string": '"C:\\Users\\eve\\evil.exe" /S'} | VENDOR, registry_key=USERS)
DRIVER = evidence("drivers", {"name": "vendavp", "path": "C:\\x\\avp.exe", "cmdline": "C:\\x\\avp.exe"}, registry_key=SERVICE)
asking = plan("P", [users, DRIVER])
loaded = lambda host: host.registry.update({"hku\\s-1-5-21-1": {}})
host = windows()
assert run(asking, host, apply=True) == 1 and SERVICE.lower() in host.registry, host.shown
assert any("not loaded" in line for line in host.shown), host.shown
host = windows(lambda host: (loaded(host), host.registry.update({USERS.lower(): {"displayname": "Tool"}})))
assert run(asking, host, apply=True) == 1, host.shown
assert any("as the user S-1-5-21-1, never as administrator" in line for line in host.shown), host.shown
assert SERVICE.lower() in host.registry and not host.started, host.shown
host.registry.pop(USERS.lower())
assert run(asking, host, apply=True) == 3010 and SERVICE.lower() not in host.registry, host.shown

# One restart between the product and what it leaves, not one in every run; it stays due until there was one.
restarting = plan("P", EVIDENCE[:1] + [DRIVER])
host = windows()
for _ in range(2):
    assert run(restarting, host, apply=True) == 3010 and SERVICE.lower() in host.registry, host.shown
host.restart()
assert run(restarting, host, apply=True) == 3010 and SERVICE.lower() not in host.registry, host.shown
assert run(restarting, host, apply=True) == 3010
host.restart()
assert run(restarting, host, apply=True) == 0, host.shown

# Filters before drivers: of classes and of devices; then the service, and after a restart the file.
CLASS = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e96b-e325-11ce-bfc1-08002be10318}"
DEVICE = "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\USB\\VID_1\\7"
KEYBOARD = SERVICES + "vendkbd"
SYS = "C:\\Windows\\System32\\drivers\\vendorware.sys"
keyboard = plan("P", [
    evidence("drivers", {"name": "vendkbd", "cmdline": SYS, "path": SYS}, registry_key=KEYBOARD),
    evidence("program_files", {"name": "x"}, path="/Windows/System32/drivers/vendorware.sys"),
])


def with_keyboard(extra=None):
    host = Host({
        KEYBOARD: {"ImagePath": SYS, "Type": "1"}, CLASS: {"UpperFilters": ["vendkbd", "kbdclass"]},
        DEVICE: {"LowerFilters": ["VENDKBD"]}, **(extra or {}),
    }, {"C:\\Windows\\System32": ("folder", 0), "C:\\Windows\\System32\\drivers": ("folder", 0), SYS: ("file", 9)}, {"sc.exe": deleted})
    return host


host = with_keyboard()
assert run(keyboard, host) == 1 and host.registry[CLASS.lower()]["UpperFilters"] == ["vendkbd", "kbdclass"], host.shown
assert run(keyboard, host, apply=True) == 3010, host.shown
assert host.registry[CLASS.lower()]["UpperFilters"] == ["kbdclass"] and host.registry[DEVICE.lower()] == {}, host.registry
assert KEYBOARD.lower() not in host.registry and SYS.lower() in host.files, host.shown
assert any("was: vendkbd, kbdclass" in line for line in host.texts["c:\\programdata\\debar\\filters.txt"]), host.texts
assert run(keyboard, host, apply=True) == 3010 and SYS.lower() in host.files, host.shown
host.restart()
assert run(keyboard, host, apply=True) == 0 and SYS.lower() not in host.files, host.shown
# A network component is unbound first.
NETWORK = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Network\\{4d36e974}\\{1}"
host = with_keyboard({NETWORK: {"ComponentId": "vend_flt"}, NETWORK + "\\Ndi": {"Service": "vendkbd"}})
assert run(keyboard, host, apply=True) in (1, 3010) and KEYBOARD.lower() in host.registry, host.shown
assert any("netcfg.exe -u vend_flt" in line for line in host.shown), host.shown

# A component that the report has is unbound by Windows' own program, then its driver goes; another one is left alone.
adapter = [evidence("network_filters", {"name": "Vendor LWF", "identifier": "vend_flt", "type": "ndis"}, registry_key=NETWORK)]
bound = plan("P", adapter + [evidence("drivers", {"name": "vendkbd", "cmdline": SYS, "path": SYS}, registry_key=KEYBOARD)])


def unbound(host, arguments):
    assert arguments == "-u vend_flt", arguments
    for key in (NETWORK, NETWORK + "\\Ndi"):
        host.registry.pop(key.lower(), None)
    return 0


for component, code in [("vend_flt", 3010), ("other_flt", 1)]:
    host = with_keyboard({NETWORK: {"ComponentId": component, "Description": "Vendor LWF"}, NETWORK + "\\Ndi": {"Service": "vendkbd"}})
    host.programs["netcfg.exe"] = unbound
    assert run(bound, host, apply=True) in (code, 3010), host.shown
    assert (KEYBOARD.lower() in host.registry) == (component == "other_flt"), host.shown
# An early-launch driver stays while a service is left that it vouches for.
early = plan("P", [evidence("services", {"name": "vendavp", "path": "C:\\x\\avp.exe", "cmdline": "C:\\x\\avp.exe"}, registry_key=SERVICE),
                   evidence("drivers", {"name": "vendelam", "cmdline": SYS, "path": SYS}, registry_key=SERVICES + "vendelam")])
for image, stays in [("C:\\x\\avp.exe", False), ("C:\\other.exe", True)]:
    host = windows(lambda host: host.registry.update({
        (SERVICES + "vendelam").lower(): {"ImagePath": SYS, "Type": "1", "Group": "Early-Launch"}, SERVICE.lower(): {"ImagePath": image}}))
    run(early, host, apply=True)
    assert ((SERVICES + "vendelam").lower() in host.registry) == stays, host.shown
# Nothing that Windows still loads is deleted: providers of Winsock and of the logon, packages of the LSA, the shell, drivers.
PROD = "C:\\Program Files\\Vendorware\\Prod"
CATALOG = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters\\Protocol_Catalog9\\Catalog_Entries64\\000000000001"
PROVIDER = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\Credential Providers\\{7}"
loading = {
    "winsock": {CATALOG: {"PackedCatalogItem": (PROD + "\\lsp.dll").encode() + b"\0\xff\x01"}},
    "namespace": {CATALOG.replace("Protocol_Catalog9", "NameSpace_Catalog5"): {"LibraryPath": PROD + "\\ns.dll"}},
    "logon": {PROVIDER: {"": "V"}, "HKLM\\SOFTWARE\\Classes\\CLSID\\{7}\\InprocServer32": {"": f'"{PROD}\\cp.dll"'}},
    "shell": {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon": {"Shell": "explorer.exe, " + PROD + "\\sh.exe"}},
    "driver": {SERVICES + "other": {"ImagePath": "\\??\\" + PROD + "\\a.sys", "Type": "2"}},
}
for kind, keys in loading.items():
    host = windows(lambda host: host.registry.update({key.lower(): values for key, values in keys.items()}))
    assert run(script, host, apply=True) == 1 and folder in host.files, (kind, host.shown)
    assert any("is loaded from it: take that out first" in line for line in host.shown), (kind, host.shown)
    assert "d:\\vendorware\\data" not in host.files, (kind, host.shown)
    for key in keys:
        host.registry.pop(key.lower())
    assert run(script, host, apply=True) == 0 and folder not in host.files, (kind, host.shown)

# Encrypted disks and the only antivirus stop it until a person says that they are settled.
disk = plan("P", [evidence("drivers", {"name": "venddisk", "cmdline": SYS, "path": SYS}, registry_key=SERVICES + "venddisk")], product="drivers")
guard = plan("P", EVIDENCE, product="guard")
for source, parameter, key in [(disk, "decrypted", SERVICES + "venddisk"), (guard, "ihaveareplacement", KEY)]:
    host = windows(lambda host: host.registry.update({(SERVICES + "venddisk").lower(): {"ImagePath": SYS, "Type": "1"}}))
    assert run(source, host, apply=True) == 1 and not host.started and key.lower() in host.registry, host.shown
    assert run(source, host, apply=True, **{parameter: True}) in (0, 3010) and key.lower() not in host.registry, host.shown

# A step by hand that the script sees, and one that it does not.
crontab = plan("P", [evidence("network_filters", {"name": "Vendor WFP"}, registry_key="HKLM\\SYSTEM\\BFE", record="{1}"), DRIVER])
host = windows(lambda host: host.registry.update({"hklm\\system\\bfe": {"{1}": "x"}}))
assert run(crontab, host, apply=True) == 1 and SERVICE.lower() in host.registry, host.shown
# What the script sees nobody can say otherwise: without its driver a filter blocks the network.
assert run(crontab, host, apply=True, done=["s01"]) == 1 and SERVICE.lower() in host.registry, host.shown
host = windows(lambda host: host.registry.update({"hklm\\system\\bfe": {}}))
assert run(crontab, host, apply=True) == 3010, host.shown
# What it sees of a key that others share: a value by its name, a part of one by what it holds.
RUN = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"
INIT = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Windows"
LAB = "C:\\Program Files (x86)\\Kaspersky Lab\\KES.12.4.0\\"
shared = plan("K", [
    evidence("startup_items", {"name": "AVP", "type": "run", "program": LAB + "avp.exe"}, registry_key=RUN),
    evidence("startup_items", {"name": "AppInit_DLLs", "type": "appinit", "program": LAB + "kloehk.dll"}, registry_key=INIT),
], product="endpoint-security-windows", vendor="kaspersky")
for values, code in [(("AVP", "x"), 1), (("Other", "C:\\x.exe"), 0)]:
    host = Host({RUN: {values[0]: values[1]}, INIT: {"AppInit_DLLs": "x.dll"}})
    assert run(shared, host, ihaveareplacement=True, decrypted=True) == code, host.shown
for data, code in [("a.dll," + LAB + "KLOEHK.dll", 1), ("a.dll", 0), (["a.dll", "%ProgramFiles%\\kloehk.dll"], 1)]:
    host = Host({RUN: {"Other": "C:\\x.exe"}, INIT: {"AppInit_DLLs": data, "b": b"\0"}})
    assert run(shared, host, ihaveareplacement=True, decrypted=True) == code, host.shown
assert "nothing was changed, and -Apply changes nothing: what is left is by hand or refused" in run_shown(shared, {INIT: {"x": LAB + "kloehk.dll"}})

# The vendor's shared drivers, as the built-in signatures know them: a name that is shown for another vendor's is refused.
KLKBD, KLSYS = SERVICES + "klkbdflt", "C:\\Windows\\System32\\drivers\\klkbdflt.sys"
drivers = plan("D", [
    evidence("drivers", {"name": "klkbdflt", "cmdline": KLSYS, "path": KLSYS}, registry_key=KLKBD),
    evidence("driver_bindings", {"name": "klkbdflt", "path": KLSYS, "type": "upper-filter"}, registry_key=CLASS),
], product="drivers", vendor="kaspersky")
for values, code in [({}, 3010), ({"DisplayName": "KeyLemon Hook"}, 1)]:
    host = Host({KLKBD: {"ImagePath": KLSYS, "Type": "1", **values}, CLASS: {"UpperFilters": ["klkbdflt", "kbdclass"]}},
                programs={"sc.exe": deleted})
    assert run(drivers, host, apply=True) in (code, 3010), host.shown
    assert (KLKBD.lower() in host.registry) == (code == 1), host.shown
    assert host.registry[CLASS.lower()]["UpperFilters"] == ["kbdclass"], host.shown
    host.restart()
    assert run(drivers, host, apply=True) == (0 if code == 3010 else 1), host.shown
print(f"plan as PowerShell: dry run, all steps, {len(changes)} refusals, filters, failures and restarts, as they should be")

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


def service_of(name):
    return name.translate(str.maketrans("\\/\"", "___"))


AVP = "C:\\x\\avp.exe"


def hostile_plan(name):
    key = KEYS + name
    return key, plan(name, [
        evidence("programs", {"name": name, "version": name, "uninstall_string": f"MsiExec.exe /I{CODE}"} | VENDOR, registry_key=key),
        evidence("services", {"name": "vend" + service_of(name), "path": AVP, "cmdline": f"{AVP} {name}"}, registry_key=SERVICES + "vend" + service_of(name)),
    ])


plain = commands(hostile_plan("plain")[1])
cases = [[atom] for atom in ATOMS] + [random.choices(ATOMS, k=random.randint(2, 9)) for _ in range(160)]
for atoms in cases:
    name = "".join(atoms)
    key, source = hostile_plan(name)
    assert commands(source) == plain, f"{name!r} changes the commands that are called (seed {seed})"
    service = SERVICES + "vend" + service_of(name)
    host = Host({key: {"DisplayName": name, "DisplayVersion": name, "Publisher": "Vendor Ltd", "UninstallString": CODE}, service: {"ImagePath": f"{AVP} {name}"}},
                programs={"msiexec.exe": uninstalled(key), "sc.exe": uninstalled(service)}, environment={"debar_secret_klpasswd": "x"})
    Run(source, host, apply=True)
    assert len([line for line in host.shown if "done (exit code 0)" in line]) == 2, (seed, name, host.shown)
    assert [ntpath.basename(program) for program, _ in host.started] == ["msiexec.exe", "sc.exe"], (seed, host.started)
    assert host.started[0][1] == f"/x {CODE} /qn /norestart REBOOT=ReallySuppress KLPASSWD=\"x\"", (seed, host.started)
    assert all(char.isprintable() for line in host.shown for char in line), (seed, host.shown)

# The taker itself: it sees an error of grammar, and a message in a condition.
assert PARSER.parse(b"if ('a { 'b'").root_node.has_error
leaky = b"function Refuse { Write-Output 'no' }\nfunction Test { Refuse; return $false }\nif (Test) { Write-Host 'went on' }"
host = windows()
Run(leaky, host)
assert host.shown == ["went on"], "PowerShell would go on there"
print(f"plan as PowerShell: {len(cases)} hostile texts are compared to the letter and start nothing")
