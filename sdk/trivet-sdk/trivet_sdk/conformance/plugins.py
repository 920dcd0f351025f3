"""Does a plugin keep its contract, and bring what its manifest declares?"""

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio

from ..contributions import ContextPacker, Contributions, Executor, Planner, Policy, Reflector
from ..errors import InvalidManifest, WeightsMissing
from ..fitting import unchecked
from ..manifest import Manifest, ToolDeclaration
from ..model import Embedder, ModelBackend
from ..plan import Json
from ..testing.plugin import activated, manifest_of, schema_of
from ..tool import Tool
from .shape import lacking
from .tools import check_tool

_SHAPES: dict[str, type] = {
    "planners": Planner, "reflectors": Reflector, "models": ModelBackend, "embedders": Embedder,
    "contexts": ContextPacker, "policies": Policy, "executors": Executor,
}  # fmt: skip


async def check_plugin(
    plugin: Any,
    *,
    settings: Mapping[str, Json] | None = None,
    secrets: Mapping[str, str] | None = None,
    weights: Mapping[str, Path] | None = None,
    samples: Mapping[str, Mapping[str, Json]] | None = None,
    workspace: Path | None = None,
) -> tuple[str, ...]:
    """A sentence for each way in which the plugin breaks the contract; none if it keeps it.

    Started and stopped twice, since a restart is a part of life. `samples` are arguments by the tool's short name: see
    `check_tool`. A plugin whose weights are not here is checked as far as its manifest goes.
    """
    try:
        manifest = manifest_of(plugin)
        unknown = unchecked(schema_of(plugin, manifest))
    except InvalidManifest as error:
        return (str(error),)
    found = list(_manifest_faults(manifest))
    found += [f"uses '{keyword}' in {manifest.config.schema}, which is not checked" for keyword in sorted(unknown)]
    if inspect.iscoroutinefunction(getattr(plugin, "activate", None)):
        found.append("has an `async def activate`; decorate an async generator with @asynccontextmanager")
    elif not hasattr(plugin, "activate"):
        found.append("has no `activate`")
    elif not hasattr(plugin.activate, "trivet_impl"):
        found.append("has an `activate` without @hookimpl")
    else:
        for _ in range(2):
            life = activated(plugin, settings=settings, secrets=secrets, weights=weights)
            faults, goes_on = await _life_faults(life, manifest, samples or {}, workspace)
            found += faults
            if not goes_on:
                break
    return tuple(f"plugin '{manifest.id}' {fault}" for fault in dict.fromkeys(found))


async def _life_faults(
    life: AbstractAsyncContextManager[Contributions],
    manifest: Manifest,
    samples: Mapping[str, Mapping[str, Json]],
    workspace: Path | None,
) -> tuple[list[str], bool]:
    """Live once, in a task of the plugin's own as in the host. Also: whether it is worth doing it again."""
    found: list[str] = []
    errors: list[Exception] = []
    yielded: list[Any] = []
    started, leaving, ended = anyio.Event(), anyio.Event(), anyio.Event()

    async def live() -> None:
        try:
            async with life as contributions:
                yielded.append(contributions)
                started.set()
                await leaving.wait()
        except Exception as error:  # the plugin's own code: whatever it raises is what is reported
            errors.append(error)
        finally:
            started.set()
            ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(live)
        with anyio.move_on_after(manifest.plugin.start_timeout) as starting:
            await started.wait()
        if starting.cancelled_caught:
            found.append(f"did not start within its {manifest.plugin.start_timeout:g} seconds")
            tasks.cancel_scope.cancel()
        elif yielded:
            if isinstance(yielded[0], Contributions):
                found += await _contributions_faults(manifest, yielded[0], samples, workspace)
            else:
                found.append(f"yields a {type(yielded[0]).__name__} instead of Contributions")
            leaving.set()
            with anyio.move_on_after(manifest.plugin.stop_timeout) as stopping:
                await ended.wait()
            if stopping.cancelled_caught:
                found.append(f"did not stop within its {manifest.plugin.stop_timeout:g} seconds")
                tasks.cancel_scope.cancel()
    if errors and isinstance(_innermost(errors[0]), WeightsMissing):
        return found, False  # the user has still to fetch them, and the host says so
    found += [f"raises {type(error).__name__}: {error}" for error in map(_innermost, errors)]
    return found, not found


def _innermost(error: Exception) -> Exception:
    """What a task group wraps, if it is one error."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def _contributions_faults(
    manifest: Manifest, contributions: Contributions, samples: Mapping[str, Mapping[str, Json]], workspace: Path | None
) -> list[str]:
    found = [*_tool_faults(manifest, contributions), *_named_faults(manifest, contributions)]
    for tool in contributions.tools:
        name = _short(manifest, tool)
        given = [samples[name]] if name in samples else []
        found += [f"has a fault: {fault}" for fault in await check_tool(tool, *given, workspace=workspace)]
    return found


def _manifest_faults(manifest: Manifest) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", manifest.id):
        yield "has an id that is not lower case letters, digits, _ and -"
    if not manifest.plugin.summary.strip():
        yield "needs a summary"
    for tool in manifest.contributes.tools:
        if tool.dynamic:
            continue
        if not tool.name or "." in tool.name:
            yield f"declares a tool named '{tool.name}'; the name is needed, without the plugin's id"
        if not tool.summary:
            yield f"declares tool '{tool.name}' without a summary"
        if len(tool.examples) < 2:
            yield f"declares tool '{tool.name}' with fewer than two `examples`, by which small planners find it"


def _tool_faults(manifest: Manifest, contributions: Contributions) -> Iterator[str]:
    declared = {tool.name: tool for tool in manifest.contributes.tools if not tool.dynamic}
    prefixes = tuple(tool.prefix for tool in manifest.contributes.tools if tool.dynamic)
    names = [_short(manifest, tool) for tool in contributions.tools]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"brings tool '{name}' twice"
    for name in declared.keys() - set(names):
        yield f"declares tool '{name}', but does not bring it"
    for tool, name in zip(contributions.tools, names, strict=True):
        declaration = declared.get(name)
        if declaration is not None:
            yield from _difference(tool, name, declaration)
        elif not (prefixes and name.startswith(prefixes)):
            yield f"brings tool '{name}', which its manifest does not declare"


def _difference(tool: Tool, name: str, declaration: ToolDeclaration) -> Iterator[str]:
    """The host takes the stricter word; the user agreed to the manifest's."""
    if tool.spec.effect != declaration.effect:
        yield f"declares tool '{name}' {declaration.effect}, but its code says {tool.spec.effect}"
    for field in ("egress", "untrusted_output"):
        if getattr(tool.spec, field) and not getattr(declaration, field):
            yield f"does not declare `{field}` for tool '{name}', but its code says so"


def _named_faults(manifest: Manifest, contributions: Contributions) -> Iterator[str]:
    for kind, shape in _SHAPES.items():
        declared = {declaration.name for declaration in getattr(manifest.contributes, kind)}
        brought: Mapping[str, Any] = getattr(contributions, kind)
        for name in sorted(declared - brought.keys()):
            yield f"declares '{name}' among its {kind}, but does not bring it"
        for name in sorted(brought.keys() - declared):
            yield f"brings '{name}' among its {kind}, which its manifest does not declare"
        for name, value in brought.items():
            if missing := lacking(value, shape):
                yield f"brings '{name}' among its {kind}, but it is no {shape.__name__}: it lacks {', '.join(missing)}"


def _short(manifest: Manifest, tool: Tool) -> str:
    return tool.spec.name.removeprefix(f"{manifest.id}.")
