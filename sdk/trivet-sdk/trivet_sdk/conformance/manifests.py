"""What is wrong with a manifest by itself, and with what is brought when held against it. Nothing here is imported or run."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..contributions import ContextPacker, Contributions, Executor, Planner, Policy, Reflector
from ..manifest import Manifest, ToolDeclaration
from ..model import Embedder, ModelBackend
from ..tool import Tool, ToolSpec
from .shape import lacking

NAME = re.compile(r"[a-z][a-z0-9_-]*")
SHAPES: dict[str, type] = {
    "planners": Planner, "reflectors": Reflector, "models": ModelBackend, "embedders": Embedder,
    "contexts": ContextPacker, "policies": Policy, "executors": Executor,
}  # fmt: skip
_OTHERS = ("services", "gateways", "guards")


def manifest_faults(manifest: Manifest) -> Iterator[str]:
    """Each reads on after the plugin's name."""
    if not NAME.fullmatch(manifest.id):
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
    for kind in (*SHAPES, *_OTHERS, "journals", "events"):
        names = [declaration.name for declaration in getattr(manifest.contributes, kind)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"declares '{name}' twice among its {kind}"
    for event in manifest.contributes.events:
        if not event.name.startswith(f"{manifest.id}."):
            yield f"declares the topic '{event.name}'; topics of a plugin begin with its id: '{manifest.id}.…'"


def shape_faults(contributions: Contributions) -> Iterator[str]:
    """Contributions that no host could look into; each reads on after the plugin's name. Nothing else is worth asking then."""
    for kind in ("tools", *_OTHERS):
        value: object = getattr(contributions, kind)
        if not isinstance(value, tuple | list):
            yield f"brings its {kind} as a {type(value).__name__}; a tuple is meant, `{kind}=(one,)` with the comma"
    tools: Any = contributions.tools
    for tool in tools if isinstance(tools, tuple | list) else ():
        if not isinstance(getattr(tool, "spec", None), ToolSpec):
            called = getattr(tool, "__name__", repr(tool))
            yield f"brings '{called}' among its tools, which is no tool; decorate it with @tool"
    for kind in (*SHAPES, "journals"):
        named: object = getattr(contributions, kind)
        if not isinstance(named, Mapping):
            yield f'brings its {kind} as a {type(named).__name__}; they go by name, `{kind}={{"name": …}}`'
            continue
        for name, value in named.items():
            if isinstance(value, type) and kind in SHAPES:
                cure = f"an object of it is meant, `{value.__name__}()`"
                yield f"brings the class {value.__name__} as '{name}' among its {kind}; {cure}"


def contributed_faults(manifest: Manifest, contributions: Contributions) -> Iterator[str]:
    """Each reads on after the plugin's name."""
    yield from _tool_faults(manifest, contributions)
    yield from _named_faults(manifest, contributions)
    yield from _listed_faults(manifest, contributions)


def short_name(manifest: Manifest, tool: Tool) -> str:
    return tool.spec.name.removeprefix(f"{manifest.id}.")


def _tool_faults(manifest: Manifest, contributions: Contributions) -> Iterator[str]:
    declared = {tool.name: tool for tool in manifest.contributes.tools if not tool.dynamic}
    prefixes = tuple(tool.prefix for tool in manifest.contributes.tools if tool.dynamic)
    names = [short_name(manifest, tool) for tool in contributions.tools]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"brings tool '{name}' twice"
    for name in sorted(declared.keys() - set(names)):
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
    for kind in (*SHAPES, "journals"):
        declared = {declaration.name for declaration in getattr(manifest.contributes, kind)}
        brought: Mapping[str, Any] = getattr(contributions, kind)
        for name in sorted(declared - brought.keys()):
            yield f"declares '{name}' among its {kind}, but does not bring it"
        for name in sorted(brought.keys() - declared):
            yield f"brings '{name}' among its {kind}, which its manifest does not declare"
        for name, value in brought.items():
            shape = SHAPES.get(kind)
            if shape is not None and (missing := lacking(value, shape)):
                yield f"brings '{name}' among its {kind}, but it is no {shape.__name__}: it lacks {', '.join(missing)}"


def _listed_faults(manifest: Manifest, contributions: Contributions) -> Iterator[str]:
    """Services and gateways have names of their own; guards are counted."""
    brought = {
        "services": [getattr(service, "name", "") for service in contributions.services],
        "gateways": [getattr(gateway, "path", "") for gateway in contributions.gateways],
    }
    for kind, names in brought.items():
        declared = [declaration.name for declaration in getattr(manifest.contributes, kind)]
        for name in declared:
            if name not in names:
                yield f"declares '{name}' among its {kind}, but does not bring it"
        for name in names:
            if name not in declared:
                yield f"brings '{name}' among its {kind}, which its manifest does not declare"
    declared_guards = len(manifest.contributes.guards)
    if len(contributions.guards) != declared_guards:
        yield f"declares {declared_guards} guards and brings {len(contributions.guards)}"
