"""Does a tool keep its contract?"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import anyio
import msgspec

from ..errors import InvalidArguments, ToolError
from ..fitting import misfits
from ..plan import Json
from ..testing.calling import StandaloneCall, call
from ..tool import Tool, ToolResult, ToolSpec
from ..workspace import Workspace

_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)?")
NO_ARGUMENT = "surely-no-argument"


async def check_tool(
    tool: object,
    *samples: Mapping[str, Json],
    workspace: Path | None = None,
    secrets: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> tuple[str, ...]:
    """A sentence for each way in which the tool breaks the contract; none if it keeps it.

    Each sample is a call's arguments, made twice in `workspace`, whose files it may change as its effect allows. Without
    samples the tool is only called with arguments that it must refuse.
    """
    if not isinstance(tool, Tool) or not isinstance(getattr(tool, "spec", None), ToolSpec):
        return (f"{tool!r} is no tool: it needs `spec`, a ToolSpec, and `call`",)
    found = [*spec_faults(tool.spec), *await _refusal_faults(tool, timeout)]
    before = tool.spec
    for sample in samples:
        found += await _sample_faults(tool, sample, workspace, secrets, timeout)
    if tool.spec != before:
        found.append("changes its spec by being called; planning relies on the one that was recorded")
    return tuple(f"tool '{before.name}' {fault}" for fault in found)


def spec_faults(spec: ToolSpec) -> Iterator[str]:
    """What is wrong with the spec by itself; each reads on after the tool's name."""
    if not _NAME.fullmatch(spec.name):
        yield "has a name that is not lower case letters, digits, _ and -, with at most one dot after the plugin's id"
    if not spec.summary.strip() or "\n" in spec.summary:
        yield "needs a summary of one line"
    if spec.describes and spec.effect != "pure":
        yield f"lists values for '{spec.describes}', so it must be pure, not {spec.effect}"
    try:
        msgspec.json.encode(spec.parameters)
    except TypeError as error:
        yield f"has parameters that JSON cannot carry: {error}"
        return
    properties = spec.parameters.get("properties", {})
    if spec.parameters.get("type") != "object" or not isinstance(properties, dict):
        yield 'has parameters that are no schema of an object: they need `"type": "object"` and `properties`'
        return
    for name in spec.parameters.get("required", ()):
        if name not in properties:
            yield f"requires an argument '{name}' that it does not have"
    for name, schema in properties.items():
        if isinstance(schema, dict) and schema.get("format") == "column":
            holder = schema.get("x-of", "path")
            if holder not in properties:
                yield f"takes a column as '{name}', but has no argument '{holder}' for its table: name it with `x-of`"
        if isinstance(schema, dict) and "default" in schema and misfits(schema, schema["default"]):
            yield f"has a default for '{name}' that does not fit its own schema"


async def _refusal_faults(tool: Tool, timeout: float) -> list[str]:
    """Arguments that do not fit must raise InvalidArguments, before anything happens."""
    refused: list[dict[str, Json]] = []
    if tool.spec.parameters.get("additionalProperties") is False:
        refused.append({NO_ARGUMENT: 1})
    if tool.spec.parameters.get("required"):
        refused.append({})
    found: list[str] = []
    for arguments in refused:
        shown = msgspec.json.encode(arguments).decode()
        try:
            await call(tool, arguments, timeout=timeout)
        except InvalidArguments:
            continue
        except Exception as error:  # the tool's own code: whatever it raises is what is reported
            found.append(f"raises {type(error).__name__} for {shown}, where it must raise InvalidArguments")
        else:
            found.append(f"takes {shown}, which does not fit its schema")
    return found


async def _sample_faults(
    tool: Tool, sample: Mapping[str, Json], folder: Path | None, secrets: Mapping[str, str] | None, timeout: float
) -> list[str]:
    place = anyio.TemporaryDirectory[str](prefix="trivet-")
    async with place as temporary:
        workspace = Workspace(folder or Path(temporary))
        shown = msgspec.json.encode(sample).decode()
        before = _digests(workspace)
        outcomes: list[tuple[ToolResult, dict[str, str]]] = []
        for group in (1, 2) if tool.spec.effect != "effectful" else (1,):
            context = StandaloneCall(workspace, secrets=secrets, deadline=anyio.current_time() + timeout, group=group)
            try:
                returned = await call(tool, sample, context=context, timeout=timeout)
            except TimeoutError:
                return [f"does not come back from {shown}: {timeout:g} seconds were not enough"]
            except InvalidArguments as error:
                return [f"refuses the sample {shown}: {error}"]
            except ToolError as error:
                return [f"cannot do {shown}: {error}"]
            except Exception as error:  # the tool's own code: whatever it raises is what is reported
                return [f"breaks on {shown}: {type(error).__name__}: {error}"]
            outcomes.append((returned, _digests(workspace)))
    return list(_outcome_faults(tool.spec, shown, before, outcomes))


def _outcome_faults(
    spec: ToolSpec, shown: str, before: dict[str, str], outcomes: Sequence[tuple[ToolResult, dict[str, str]]]
) -> Iterator[str]:
    first, after = outcomes[0]
    try:
        msgspec.json.encode(first)
    except (TypeError, UnicodeEncodeError) as error:
        yield f"returns what JSON cannot carry for {shown}: {error}"
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if spec.effect == "pure" and changed:
        yield f"says it is pure but changed {', '.join(changed)}"
        return
    if unlisted := [name for name in changed if name in after and name not in first.artifacts]:
        yield f"wrote {', '.join(unlisted)} without listing it in `artifacts`"
    if missing := [name for name in first.artifacts if name not in after]:
        yield f"lists {', '.join(missing)} in `artifacts`, but there is no such file"
    if spec.effect == "idempotent" and outcomes[1][1] != after:
        yield f"says it is idempotent, but repeating {shown} changed the files again"


def _digests(workspace: Workspace) -> dict[str, str]:
    return {
        name: hashlib.sha256(workspace.readable(name).read_bytes()).hexdigest() for name in workspace.files()
    }  # fmt: skip
