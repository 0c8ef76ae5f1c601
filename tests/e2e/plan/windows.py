"""Takes a PowerShell script on a Windows of its own making, for hosts that have no PowerShell.

The grammar is tree-sitter-powershell's, made by others; the meaning follows the language's specification as far as the
scripts of `debar plan` need it, and whatever else raises. What a function writes is what a call of it is worth, as in
PowerShell, so that a message that gets into a condition is seen here, too.
"""
import ntpath
import re

import tree_sitter_powershell
from tree_sitter import Language, Parser

PARSER = Parser(Language(tree_sitter_powershell.language()))


class Exit(Exception):
    pass


class Return(Exception):
    pass


class Thing:
    """An object with members; a member that is a function is a method."""

    def __init__(self, **members):
        self.members = {name.lower(): value for name, value in members.items()}


def truth(value):
    if isinstance(value, list):
        return len(value) > 1 or (len(value) == 1 and truth(value[0]))
    return bool(value)


def text(value):
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(map(text, value))
    return str(value)


ADMINISTRATORS = "S-1-5-32-544"


class Host:
    """A registry {key: {value: data}}, files {path: (kind, size)} with kind of file, folder or link, and programs.

    What `writers` names (path: account) can be written by that account; all else only by administrators. Programs of
    Windows that the scripts start work on these files.
    """

    def __init__(self, registry, files=None, programs=None, environment=None, writers=None):
        self.registry = {key.lower(): values for key, values in registry.items()}
        self.names = {path.lower(): path for path in (files or {})}
        self.files = {path.lower(): about for path, about in (files or {}).items()}
        self.writers = {path.lower(): account for path, account in (writers or {}).items()}
        self.programs = {"icacls.exe": lambda host, arguments: 0, "robocopy.exe": Host.copy, "cmd.exe": Host.remove}
        self.programs.update(programs or {})
        self.environment = {"computername": "W", "programdata": "C:\\ProgramData", "systemdrive": "C:", "systemroot": "C:\\Windows"}
        self.environment.update(environment or {})
        self.shown, self.log, self.started, self.removed, self.stopped = [], [], [], [], []
        self.texts, self.copied, self.volatile, self.asked = {}, [], set(), []
        # The name in the network, and the bits of the PowerShell that runs; what starts itself again has 64.
        self.network_name, self.bits, self.relaunched = "W", 64, []

    def restart(self):
        for key in self.volatile:
            self.registry.pop(key, None)

    def open_key(self, hive, path, write=False):
        full = f"{hive}\\{path}".lower()
        values = self.registry.get(full)
        below = {key[len(full) + 1 :].split("\\")[0] for key in self.registry if key.startswith(full + "\\")}
        if values is None and not below:
            return None
        values = {} if values is None else values
        name_of = lambda name: next((one for one in values if one.lower() == text(name).lower()), text(name))

        def change(name, data=None, kind=None):
            assert write, "the key was not opened to write"
            if data is None:
                del values[name_of(name)]
            else:
                values[name_of(name)] = data

        return Thing(
            GetValue=lambda name, other, options=None: values.get(name_of(name), other),
            GetSubKeyNames=lambda: sorted(below), GetValueNames=lambda: sorted(values), SetValue=change, DeleteValue=change,
        )

    def make_key(self, path):
        self.registry.setdefault(f"hklm\\{path}".lower(), {})
        self.volatile.add(f"hklm\\{path}".lower())

    def item(self, path):
        path = path.rstrip("\\").lower()
        kind, size = self.files.get(path, ("folder", 0) if len(path) == 2 else (None, 0))
        if kind is None:
            return None
        name = self.names.get(path, path)
        return Thing(
            Attributes=1024 if kind == "link" else 0, PSIsContainer=kind == "folder", Length=size, FullName=name,
            Name=ntpath.basename(name),
        )

    def children(self, path):
        path = path.rstrip("\\").lower() + "\\"
        return [self.item(one) for one in sorted(self.files) if one.startswith(path) and "\\" not in one[len(path) :]]

    def acl(self, path):
        account = self.writers.get(path.rstrip("\\").lower())
        sid = lambda value: Thing(Value=value)
        rules = [Thing(IdentityReference=sid(ADMINISTRATORS), AccessControlType="Allow", PropagationFlags=0, FileSystemRights=0x1F01FF),
                 Thing(IdentityReference=sid("S-1-5-32-545"), AccessControlType="Allow", PropagationFlags=0, FileSystemRights=0x1200A9)]
        if account:
            rules.append(Thing(IdentityReference=sid(account), AccessControlType="Allow", PropagationFlags=0, FileSystemRights=0x1301BF))
        return Thing(GetOwner=lambda kind: sid(ADMINISTRATORS), GetAccessRules=lambda own, inherited, kind: rules)

    def copy(self, arguments):
        source, target = arguments.split('"')[1], arguments.split('"')[3]
        self.copied.append((source, target))
        return 1

    def remove(self, arguments):
        assert arguments.startswith('/d /c rmdir /s /q "') and arguments.endswith('"'), arguments
        self.take(arguments.split('"')[1])
        return 0

    def take(self, path):
        path = path.lower()
        for one in [path, *(one for one in self.files if one.startswith(path + "\\"))]:
            self.removed.append(one)
            self.files.pop(one, None)

    def start(self, info):
        program, arguments = text(info.members["filename"]), text(info.members["arguments"])
        assert info.members["useshellexecute"] is False
        # Never where the script was started: a program may look there for its files.
        assert info.members["workingdirectory"] == "C:\\Windows\\System32", info.members
        # No program gets the passwords by its environment.
        assert not any(name.startswith("debar_secret_") for name in info.members["environmentvariables"].members["keys"])
        name = ntpath.basename(program).lower()
        if name not in ("icacls.exe", "robocopy.exe"):
            self.started.append((program, arguments))
        return self.programs[name](self, arguments)


class Run:
    """One run of a script on a host."""

    def __init__(self, source, host, **parameters):
        self.host, self.functions, self.script = host, {}, {}
        self.scopes = [self.script]
        self.source = source
        given = frozenset(parameters)
        # Folders that Windows has.
        for folder in ("C:\\ProgramData", "C:\\Windows"):
            host.files.setdefault(folder.lower(), ("folder", 0))
        self.script["psboundparameters"] = Thing(ContainsKey=lambda name: name.lower() in given)
        tree = PARSER.parse(source)
        assert not tree.root_node.has_error, "the script does not parse"
        self.code, self.sinks = 0, [[]]
        try:
            for node in tree.root_node.named_children:
                if node.type == "param_block":
                    self.bind(node.named_children[-1], [], parameters)
                else:
                    self.statements(node)
        except Exit as ended:
            self.code = ended.args[0]

    def of(self, node):
        return self.source[node.start_byte : node.end_byte].decode()

    # Variables: found in the calling functions, too; set in the innermost.
    def get(self, name):
        name = name.lstrip("$").strip("{}").lower()
        if name.startswith("env:"):
            return self.host.environment.get(name[4:])
        if name in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[name]
        scopes = [self.script] if name.startswith("script:") else reversed(self.scopes)
        name = name.removeprefix("script:")
        for scope in scopes:
            if name in scope:
                return scope[name]
        raise NameError(f"${name} is not set (strict mode)")

    def set(self, name, value):
        name = name.lstrip("$").lower()
        scope = self.script if name.startswith("script:") else self.scopes[-1]
        scope[name.removeprefix("script:")] = value

    # Statements: what they write goes to the innermost sink.
    def statements(self, node):
        for one in node.named_children:
            if one.type in ("statement_list", "statement_block", "script_block_body"):
                self.statements(one)
            elif one.type not in ("comment", "empty_statement"):
                self.statement(one)

    def written(self, act, *given):
        self.sinks.append([])
        try:
            act(*given)
        finally:
            out = self.sinks.pop()
        return out

    def statement(self, node):
        kind, parts = node.type, node.named_children
        if kind == "function_statement":
            self.functions[self.of(parts[0]).lower()] = node
        elif kind == "pipeline":
            self.sinks[-1].extend(self.pipeline(node))
        elif kind == "if_statement":
            self.conditional(parts)
        elif kind == "while_statement":
            while truth(self.value(parts[0].named_children[0])):
                self.statements(parts[1])
        elif kind == "foreach_statement":
            over = self.value(parts[1])
            for one in over if isinstance(over, list) else [] if over is None else [over]:
                self.set(self.of(parts[0]), one)
                self.statements(parts[2])
        elif kind == "try_statement":
            catches = [one for part in parts[1:] for one in ([part] if part.type == "catch_clause" else part.named_children)
                       if one.type == "catch_clause"]
            try:
                self.statements(parts[0])
            except (Exit, Return):
                raise
            except Exception:
                if not catches:
                    raise
                self.statements(catches[0].named_children[-1])
            finally:
                for clause in parts[1:]:
                    if clause.type == "finally_clause":
                        self.statements(clause)
        elif kind == "switch_statement":
            self.switch(node)
        elif kind == "flow_control_statement":
            word = node.children[0].type
            value = self.value(parts[0]) if parts else None
            if word == "exit":
                raise Exit(value or 0)
            assert word == "return", word
            self.sinks[-1].extend(value if isinstance(value, list) else [] if value is None else [value])
            raise Return
        else:
            raise NotImplementedError(f"{kind}: {self.of(node)}")

    def conditional(self, parts):
        if truth(self.value(parts[0])):
            return self.statements(parts[1])
        for more in parts[2:]:
            for clause in more.named_children if more.type == "elseif_clauses" else [more]:
                if clause.type == "else_clause":
                    return self.statements(clause.named_children[-1])
                if truth(self.value(clause.named_children[0])):
                    return self.statements(clause.named_children[1])

    def switch(self, node):
        condition, body = node.named_children[-2:]
        value, met = text(self.value(condition.named_children[0])).lower(), False
        for clause in body.named_children[0].named_children:
            when = clause.named_children[0]
            if self.of(when) == "default":
                fits = not met
            else:
                fits = text(self.value(when.named_children[0])).lower() == value
            if fits:
                met = True
                self.statements(clause.named_children[1])

    def pipeline(self, node):
        inner = node.named_children[0]
        if inner.type == "assignment_expression":
            self.assign(*inner.named_children)
            return []
        if len(inner.named_children) > 1:
            assert self.of(inner.named_children[-1]) == "Out-Null", self.of(node)
            first = inner.named_children[0]
            self.command(first) if first.type == "command" else self.value(first)
            return []
        inner = inner.named_children[0]
        if inner.type == "command":
            return self.command(inner)
        value = self.value(inner)
        return value if isinstance(value, list) else [] if value is None else [value]

    def assign(self, target, operator, source):
        value = self.value(source)
        while target.type not in ("variable", "member_access"):
            (target,) = target.named_children
        if target.type == "member_access":
            on, name = target.named_children
            self.value(on).members[self.of(name).lower()] = value
            return
        if self.of(operator) == "+=":
            value = self.add(self.get(self.of(target)), value)
        self.set(self.of(target), value)

    # Values
    def value(self, node):
        kind, parts = node.type, node.named_children
        inner = node
        while kind == "pipeline" and len(inner.named_children) == 1 and inner.type != "array_expression":
            (inner,) = inner.named_children
        if inner.type == "array_expression":
            # `@()` stays an array, also an empty one.
            return self.written(self.statements, inner)
        if kind in ("pipeline", "switch_statement", "statement_list"):
            out = self.written(self.statements if kind == "statement_list" else self.statement, node)
            return None if not out else out[0] if len(out) == 1 else out
        if kind == "type_literal":
            return self.of(node)
        if kind == "variable":
            return self.get(self.of(node))
        if kind == "string_literal":
            return self.literal(parts[0])
        if kind == "integer_literal":
            return int(self.of(node), 0)
        if kind in ("parenthesized_expression", "sub_expression"):
            return self.value(parts[0])
        if kind == "array_expression":
            return self.written(self.statements, node)
        if kind == "array_literal_expression" and len(parts) > 1:
            return [self.value(part) for part in parts]
        if kind == "post_increment_expression":
            self.set(self.of(parts[0]), self.get(self.of(parts[0])) + 1)
            return None
        if kind == "expression_with_unary_operator" and node.children[0].type in ("-not", "!"):
            return not truth(self.value(parts[-1]))
        if kind == "cast_expression":
            return self.cast(self.of(parts[0]), self.value(parts[1]))
        if kind in ("member_access", "invokation_expression"):
            return self.member(node)
        if kind == "element_access":
            return self.value(parts[0])[self.value(parts[1])]
        if len(parts) == 1:
            return self.value(parts[0])
        return self.binary(node)

    def binary(self, node):
        left, right = node.children[0], node.children[-1]
        operator = self.of(node.children[1]).lower()
        assert len(node.children) == 3, self.of(node)
        first = self.value(left)
        if operator == "-and":
            return truth(first) and truth(self.value(right))
        if operator == "-or":
            return truth(first) or truth(self.value(right))
        second = self.value(right)
        fold = (lambda one: one.lower() if isinstance(one, str) else one)
        if operator == "-eq":
            return fold(first) == fold(second)
        if operator == "-ne":
            return fold(first) != fold(second)
        if operator == "-ceq":
            return first == second
        if operator == "-cne":
            return first != second
        if operator in ("-contains", "-notcontains"):
            every = first if isinstance(first, list) else [first]
            return (fold(second) in [fold(one) for one in every]) == (operator == "-contains")
        compared = {"-lt": lambda: first < second, "-gt": lambda: first > second, "-ge": lambda: first >= second}
        if operator in compared:
            return compared[operator]()
        if operator == "-is":
            assert second.lower() == "[byte[]]", second
            return isinstance(first, bytes)
        if operator == "-match":
            return re.search(second, first, re.IGNORECASE) is not None
        if operator == "-join":
            return second.join(map(text, first if isinstance(first, list) else [first]))
        if operator == "-band":
            return first & second
        if operator == "+":
            return self.add(first, second)
        if operator == "-f":
            values = second if isinstance(second, list) else [second]
            first = first.replace("{0:u}", text(values[0])).replace("{0:yyyy-MM-ddTHHmmssZ}", "2026-11-24T000000Z")
            return first.format(*map(text, values))
        raise NotImplementedError(operator)

    @staticmethod
    def add(first, second):
        if isinstance(first, list):
            return first + (second if isinstance(second, list) else [second])
        if not isinstance(first, str):
            return first + second
        # Strings are UTF-16 there: two halves make one character.
        return (first + text(second)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    @staticmethod
    def cast(type_name, value):
        if type_name.endswith("[]]"):
            return value if isinstance(value, list) else [] if value is None else [value]
        kind = type_name.strip("[]").lower()
        if kind == "char":
            return chr(value) if isinstance(value, int) else value
        casts = {"string": text, "long": int, "int": int, "bool": truth, "switch": truth}
        if kind in casts:
            return casts[kind](value)
        assert kind in ("char", "char[]", "string[]"), type_name
        return value if isinstance(value, list) else [] if value is None else [value]

    def literal(self, node):
        quoted = self.of(node)
        if node.type == "verbatim_string_characters":
            return quoted[1:-1].replace("''", "'")
        assert node.type == "expandable_string_literal", node.type
        out, at = "", node.start_byte + 1
        for part in node.named_children:
            out += self.source[at : part.start_byte].decode()
            out += text(self.value(part))
            at = part.end_byte
        out += self.source[at : node.end_byte - 1].decode()
        assert "`" not in quoted, "escapes are not known here"
        return out

    def member(self, node):
        parts = node.named_children
        name = self.of(parts[1]).lower()
        called = node.type == "invokation_expression"
        given = []
        if called and len(parts) > 2 and parts[2].named_children:
            given = [self.value(one) for one in parts[2].named_children[0].named_children]
        if parts[0].type == "type_literal":
            return self.static(self.of(parts[0]).strip("[]").lower(), name, given)
        on = self.value(parts[0])
        if isinstance(on, Thing):
            member = on.members[name]
            return member(*given) if called else member
        if name == "count":
            return len(on) if isinstance(on, list) else 0 if on is None else 1
        if name == "length" and isinstance(on, str):
            return len(on)
        if name == "split" and isinstance(on, str):
            return on.split(given[0][0], given[1] - 1 if len(given) > 1 else -1)
        if isinstance(on, str):
            methods = {
                "replace": on.replace, "trim": on.strip, "trimstart": on.lstrip, "lastindexof": on.rfind, "indexof": on.find,
                "startswith": on.startswith, "endswith": on.endswith, "toupperinvariant": on.upper,
                "substring": lambda start, length=None: on[start:] if length is None else on[start : start + length],
            }
            return methods[name](*given)
        raise NotImplementedError(self.of(node))

    def static(self, kind, name, given):
        host = self.host
        if kind == "microsoft.win32.registry":
            hive = {"localmachine": "HKLM", "users": "HKU"}[name]
            return Thing(OpenSubKey=lambda path, write=False: host.open_key(hive, path, write),
                         CreateSubKey=lambda path, check, options: host.make_key(path))
        if (kind, name) == ("system.diagnostics.process", "start"):
            code = host.start(given[0])
            return Thing(WaitForExit=lambda: None, ExitCode=code)
        if (kind, name) == ("environment", "getenvironmentvariable"):
            return host.environment.get(given[0].lower())
        if (kind, name) == ("io.path", "getdirectoryname"):
            above = ntpath.dirname(given[0])
            return None if above == given[0] else above
        if (kind, name) == ("wildcardpattern", "escape"):
            return "".join("`" + char if char in "*?[]`" else char for char in given[0])
        if (kind, name) == ("environment", "expandenvironmentvariables"):
            return re.sub("%([^%]*)%", lambda name: host.environment.get(name[1].lower(), name[0]), given[0])
        if (kind, name) == ("net.dns", "gethostname"):
            return host.network_name
        if (kind, name) == ("intptr", "size"):
            return host.bits // 8
        if (kind, name) == ("text.encoding", "unicode"):
            return Thing(GetBytes=lambda chars: chars.encode("utf-16-le", "surrogatepass"))
        if (kind, name) == ("bitconverter", "tostring"):
            return given[0].hex("-").upper()
        if kind == "runtime.interopservices.marshal":
            return None if name == "zerofreebstr" else given[0]
        if (kind, name) == ("text.encoding", "ascii"):
            return Thing(GetString=lambda data: data.decode("ascii", "replace"))
        fixed = {
            ("microsoft.win32.registryvalueoptions", "donotexpandenvironmentnames"): 1,
            ("microsoft.win32.registrykeypermissioncheck", "readwritesubtree"): 2,
            ("microsoft.win32.registryoptions", "volatile"): 1,
            ("microsoft.win32.registryvaluekind", "multistring"): 7,
            ("io.fileattributes", "reparsepoint"): 1024,
            ("datetime", "utcnow"): "2026-11-24 00:00:00Z",
            ("environment", "systemdirectory"): "C:\\Windows\\System32",
        }
        return fixed[kind, name]

    # Commands
    def command(self, node):
        if self.of(node).startswith("&"):
            # Starts itself again, as a PowerShell of 64 bits: a run of its own.
            self.host.relaunched.append(self.of(node))
            again = Run(self.source, self.as_64())
            self.script["lastexitcode"] = again.code
            return []
        name = self.of(node.named_children[0]).lower()
        positional, named, switch = [], {}, None
        elements = node.named_children[1].named_children if len(node.named_children) > 1 else []
        for one in elements:
            if one.type == "command_argument_sep":
                # `-Recurse:$x` binds across a colon, other switches end at the blank.
                continue
            if one.type == "command_parameter":
                switch = self.of(one).lstrip("-").lower()
                named[switch] = True
                continue
            value = self.of(one) if one.type == "generic_token" else self.value(one)
            if switch is not None:
                named[switch], switch = value, None
            else:
                positional.append(value)
        if name in self.functions:
            return self.call(self.functions[name], positional, named)
        return getattr(self, "do_" + name.replace("-", "_"))(positional, named)

    def as_64(self):
        self.host.bits = 64
        return self.host

    def call(self, function, positional, named):
        self.scopes.append({})
        try:
            return self.written(self.body, function, positional, named)
        finally:
            self.scopes.pop()

    def body(self, function, positional, named):
        parts = function.named_children
        for part in parts[1:-1]:
            self.bind(part.named_children[0], positional, named)
        try:
            self.statements(parts[-1])
        except Return:
            pass

    def bind(self, parameters, positional, named):
        positional = list(positional)
        for parameter in (one for one in parameters.named_children if one.type == "script_parameter"):
            kinds, name, default = "", None, None
            for part in parameter.named_children:
                if part.type == "attribute_list":
                    kinds = self.of(part)
                elif part.type == "variable":
                    name = self.of(part).lstrip("$").lower()
                elif part.type == "script_parameter_default":
                    default = part
            if name in named:
                value = named[name]
            elif positional and "switch" not in kinds:
                value = positional.pop(0)
            else:
                value = self.value(default.named_children[0]) if default else None
            self.scopes[-1][name] = self.cast(kinds.strip("[] \n"), value) if kinds and not kinds.endswith("[]]") else value
        assert not positional, "an argument that no parameter takes"

    def do_write_host(self, positional, named):
        self.host.shown.append(text(positional[0]))
        return []

    def do_write_output(self, positional, named):
        return positional

    def do_add_content(self, positional, named):
        path = named["literalpath"].lower()
        if path.endswith("plan.log"):
            self.host.log.append(text(named["value"]))
        else:
            self.host.files.setdefault(path, ("file", 1))
            self.host.texts.setdefault(path, []).append(text(named["value"]))
        return []

    def do_get_content(self, positional, named):
        return self.host.texts.get(named["literalpath"].lower(), [])

    def do_new_item(self, positional, named):
        self.host.files[named["path"].lower()] = ("folder", 0)
        return []

    def do_get_acl(self, positional, named):
        return [self.host.acl(named["literalpath"])]

    def do_get_childitem(self, positional, named):
        return self.host.children(named["literalpath"])

    def do_join_path(self, positional, named):
        return [positional[0].rstrip("\\") + "\\" + positional[1].lstrip("\\")]

    def do_get_item(self, positional, named):
        item = self.host.item(named["literalpath"])
        assert item or named.get("erroraction") == "SilentlyContinue", "the error would end the script"
        return [item] if item else []

    def do_test_path(self, positional, named):
        return [self.host.item(named["literalpath"]) is not None]

    def do_remove_item(self, positional, named):
        path = named["literalpath"].lower()
        assert self.host.files[path][0] == "file", "it would ask whether to delete what is in it"
        self.host.take(path)
        return []

    def do_stop_service(self, positional, named):
        self.host.stopped.append(named["name"])
        return []

    def do_new_object(self, positional, named):
        assert positional == ["System.Diagnostics.ProcessStartInfo"]
        names = list(self.host.environment)
        return [Thing(EnvironmentVariables=Thing(Keys=names, Remove=names.remove))]

    def do_read_host(self, positional, named):
        self.host.asked.append(text(named["prompt"]))
        return ["typed"]

    def do_set_strictmode(self, positional, named):
        return []
