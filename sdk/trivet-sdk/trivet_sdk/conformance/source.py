"""A plugin's source held against its manifest, by reading alone: nothing is imported."""

import ast
from collections.abc import Iterator, Mapping

import msgspec

from ..manifest import Manifest
from ..plan import Json

NETWORK = frozenset(
    "socket ssl ftplib imaplib poplib smtplib telnetlib xmlrpc aiohttp httpx requests urllib3 websockets websocket "
    "grpc paramiko http.client urllib.request".split()
)
HEAVY = frozenset("torch transformers tensorflow jax pandas scipy sklearn mcp fastapi pydantic".split())
_SPAWNING = frozenset(
    "run_process open_process create_subprocess_exec create_subprocess_shell system popen execv execve spawnv fork "
    "forkpty".split()
)


class Use(msgspec.Struct, frozen=True):
    """Something the source does, and the file and line where it does it first."""

    kind: str
    """`secret`, `network`, `subprocess`, `host`, `topic`, `setting`, `environment` or `heavy`."""
    name: str
    place: str


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Reads on after the plugin's name. A fault will be refused by the host or breaks a promise; the rest is advice."""

    sentence: str
    is_fault: bool = False


def fault(*parts: str) -> Remark:
    return Remark(sentence="".join(parts), is_fault=True)


def advice(*parts: str) -> Remark:
    return Remark(sentence="".join(parts))


def remarks(manifest: Manifest, sources: Mapping[str, str], schema: Json = None) -> Iterator[Remark]:
    """`sources` is the package's Python files by their path in it; `schema` that of its settings, if it has one."""
    uses = tuple(dict.fromkeys(use for path, text in sources.items() for use in uses_in(path, text)))
    loaded = loaded_at_import(sources)
    yield from _secret_remarks(manifest, uses)
    yield from _permission_remarks(manifest, uses)
    yield from _setting_remarks(uses, schema)
    for use in uses:
        if use.kind == "host":
            cure = "a plugin imports the SDK and what it brings along"
            yield fault(f"imports `{use.name}` in {use.place}; {cure}")
        elif use.kind == "heavy" and use.place in loaded:
            cure = "import it in `activate` or later, so that a start is quick"
            yield advice(f"imports `{use.name}` at the top of {use.place}; {cure}")
        elif use.kind == "environment":
            cure = "which no worker has; make it a secret or a setting"
            yield advice(f"reads the environment variable '{use.name}' in {use.place}, {cure}")
        elif use.kind == "topic" and use.name not in {event.name for event in manifest.contributes.events}:
            cure = "which its manifest does not declare; add it to [[contributes.events]]"
            yield fault(f"defines the topic '{use.name}' in {use.place}, {cure}")
    topics = {use.name for use in uses if use.kind == "topic"}
    for event in manifest.contributes.events:
        if event.name not in topics:
            yield advice(f"declares the topic '{event.name}', but none of its classes has it")
    for tool in manifest.contributes.tools:
        if not tool.dynamic and len(tool.examples) == 2:
            cure = "small planners find it better by three to ten, differently worded"
            yield advice(f"declares tool '{tool.name}' with two `examples`; {cure}")


def loaded_at_import(sources: Mapping[str, str], first: str = "__init__.py") -> frozenset[str]:
    """The files that run when the package is imported: what its own relative imports at the top lead to."""
    waiting, found = [first], set[str]()
    while waiting:
        path = waiting.pop()
        if path in found or path not in sources:
            continue
        found.add(path)
        try:
            tree = ast.parse(sources[path])
        except (SyntaxError, ValueError):
            continue
        folder = path.rpartition("/")[0]
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.level:
                base = "/".join(folder.split("/")[: len(folder.split("/")) - node.level + 1]) if folder else ""
                inner = "/".join(filter(None, (base, *(node.module or "").split("."))))
                names = [inner, *("/".join(filter(None, (inner, alias.name))) for alias in node.names)]
                waiting += [file for name in names for file in (f"{name}.py", f"{name}/__init__.py")]
    return frozenset(found)


def uses_in(path: str, text: str) -> Iterator[Use]:
    """What one file does. A file that is no Python yields nothing: the compiler says that better."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        place = f"{path}:{getattr(node, 'lineno', 1)}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in _modules(node):
                yield from _import_uses(module, place, is_top=id(node) in top)
        elif isinstance(node, ast.Call):
            yield from _call_uses(node, place)
        elif isinstance(node, ast.Subscript):
            yield from _subscript_uses(node, place)
        elif isinstance(node, ast.ClassDef):
            yield from _topics(node, place)


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.level or node.module is None:
        return []
    return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]


def _import_uses(module: str, place: str, *, is_top: bool) -> Iterator[Use]:
    first = module.partition(".")[0]
    if first == "trivet":
        yield Use("host", first, place)
    if first in NETWORK or module in NETWORK:
        yield Use("network", first, place)
    if first in ("subprocess", "trivet_sandbox"):  # which starts them, apart from the rest of the machine
        yield Use("subprocess", first, place)
    if first in HEAVY and is_top:
        yield Use("heavy", first, place.partition(":")[0])


def _call_uses(node: ast.Call, place: str) -> Iterator[Use]:
    if not isinstance(node.func, ast.Attribute):
        return
    name, owner = node.func.attr, _dotted(node.func.value)
    first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    if name == "secret" and isinstance(first, str) and ":" not in first:
        yield Use("secret", first, place)
    if name == "get" and isinstance(first, str):
        if owner.endswith("secrets"):
            yield Use("secret", first, place)
        elif owner.endswith("environ"):
            yield Use("environment", first, place)
        elif owner.endswith(".settings"):
            yield Use("setting", first, place)
    if name == "getenv" and owner == "os" and isinstance(first, str):
        yield Use("environment", first, place)
    if name in _SPAWNING and owner in ("os", "anyio", "asyncio"):
        yield Use("subprocess", f"{owner}.{name}", place)


def _subscript_uses(node: ast.Subscript, place: str) -> Iterator[Use]:
    if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        holder, _, owner = _dotted(node.value).rpartition(".")
        kind = {"secrets": "secret", "settings": "setting", "environ": "environment"}.get(owner)
        if kind is not None and (holder or kind != "setting"):
            yield Use(kind, node.slice.value, place)


def _topics(node: ast.ClassDef, place: str) -> Iterator[Use]:
    for line in node.body:
        if (
            isinstance(line, ast.AnnAssign)
            and isinstance(line.target, ast.Name)
            and line.target.id == "topic"
            and isinstance(line.value, ast.Constant)
            and isinstance(line.value.value, str)
        ):
            yield Use("topic", line.value.value, place)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _secret_remarks(manifest: Manifest, uses: tuple[Use, ...]) -> Iterator[Remark]:
    named = manifest.permissions.secrets
    used = {use.name: use.place for use in reversed(uses) if use.kind == "secret"}
    for name in sorted(used.keys() - set(named)):
        cure = "which its manifest does not name; add it to `secrets` in [permissions]"
        yield fault(f"reads the secret '{name}' in {used[name]}, {cure}")
    for name in named:
        if name not in used:
            cure = "take it out of [permissions]"
            yield advice(f"asks for the secret '{name}', but its code never reads one of this name; {cure}")


def _permission_remarks(manifest: Manifest, uses: tuple[Use, ...]) -> Iterator[Remark]:
    asked = {"network": bool(manifest.permissions.network), "subprocess": manifest.permissions.subprocess}
    cures = {"network": 'network = ["*:443"]', "subprocess": "subprocess = true"}
    what = {"network": "the network", "subprocess": "other programs"}
    for kind, is_asked in asked.items():
        first = next((use for use in uses if use.kind == kind), None)
        if first is not None and not is_asked:
            cure = f"for which its manifest does not ask; add `{cures[kind]}` to [permissions]"
            yield fault(f"uses {what[kind]} (`{first.name}` in {first.place}), {cure}")
        if is_asked and first is None:
            cure = f"take `{kind}` out of [permissions] unless a library needs it"
            yield advice(f"asks for {what[kind]}, but its own code uses none; {cure}")


def _setting_remarks(uses: tuple[Use, ...], schema: Json) -> Iterator[Remark]:
    known = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    read = {use.name: use.place for use in reversed(uses) if use.kind == "setting"}
    for name in sorted(read.keys() - known.keys()):
        cure = "add it to the schema" if known else "name a schema in [config] that has it"
        yield fault(f"reads the setting '{name}' in {read[name]}, which no schema has; {cure}")
    if read:
        for name in known:
            if name not in read:
                yield advice(f"has a setting '{name}' in its schema that its code never reads")
