"""What a plugin may register: its contributions against its manifest. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from trivet_sdk.contributions import Contributions
from trivet_sdk.manifest import Manifest, ToolDeclaration
from trivet_sdk.tool import Effect, ToolSpec

NAMED = ("planners", "reflectors", "models", "embedders", "contexts", "policies", "executors", "journals")
"""Kinds that `Contributions` holds as name -> object."""

STRICTNESS: tuple[Effect, ...] = ("pure", "idempotent", "effectful")


def admitted(
    manifest: Manifest, contributions: Contributions, expected: Mapping[str, ToolSpec] | None = None
) -> tuple[list[tuple[str, str, Any]], list[str]]:
    """What the manifest declares, as (kind, name, value), and a sentence for all else. A tool's value is (spec, tool),
    the spec under its full name.

    `expected` are the tool specs that planning relies on: a tool that now says something else is refused.
    """
    accepted: list[tuple[str, str, Any]] = []
    refused: list[str] = []
    changed = frozenset(changed_tools(manifest, contributions, expected or {}))
    for tool in contributions.tools:
        spec = full_spec(manifest, tool.spec)
        if spec is None:
            refused.append(f"tool '{tool.spec.name}' is refused: the manifest does not declare it")
        elif spec.name in changed:
            refused.append(refusal_of_changed(manifest.id, spec.name))
        else:
            accepted.append(("tools", spec.name, (spec, tool)))
    for kind in NAMED:
        declared = {declaration.name for declaration in getattr(manifest.contributes, kind)}
        for name, value in getattr(contributions, kind).items():
            if name in declared:
                accepted.append((kind, name, value))
            else:
                refused.append(f"{singular(kind)} '{name}' is refused: the manifest does not declare it")
    for kind in ("services", "guards", "gateways"):
        values = getattr(contributions, kind)
        if values and not getattr(manifest.contributes, kind):
            refused.append(f"its {kind} are refused: the manifest declares none")
            continue
        for number, value in enumerate(values):
            name = getattr(value, "name", None) or getattr(value, "path", None) or str(number)
            accepted.append((kind, f"{manifest.id}:{name}", value))
    accepted += [("model_definitions", name, value) for name, value in contributions.model_definitions.items()]
    return accepted, refused


def sound(contributions: Contributions) -> tuple[Contributions, list[str]]:
    """The contributions without what is no tool, or has a spec that nobody could keep, and a sentence for each such."""
    kept: list[Any] = []
    refused: list[str] = []
    for tool in contributions.tools:
        spec = getattr(tool, "spec", None)
        if not isinstance(spec, ToolSpec):
            name = getattr(tool, "__name__", None) or repr(tool)[:60]
            refused.append(f"'{name}' among its tools is refused: it is no tool; decorate the function with @tool")
            continue
        try:
            msgspec.json.decode(msgspec.json.encode(spec), type=ToolSpec)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
            refused.append(f"tool '{spec.name}' is refused: its spec is not what the contract says: {error}")
            continue
        kept.append(tool)
    return (msgspec.structs.replace(contributions, tools=tuple(kept)) if refused else contributions), refused


def stricter_than_declared(manifest: Manifest, specs: Iterable[ToolSpec]) -> list[str]:
    """A sentence for each tool whose code says of itself what the user was not shown."""
    declared = {f"{manifest.id}.{tool.name}": tool for tool in manifest.contributes.tools if not tool.dynamic}
    said = []
    for spec in specs:
        if (declaration := declared.get(spec.name)) is None:
            continue
        more: list[str] = [spec.effect] if spec.effect != declaration.effect else []
        more += ["sending data away"] if spec.egress and not declaration.egress else []
        more += ["bringing text from outside"] if spec.untrusted_output and not declaration.untrusted_output else []
        if more:
            said.append(
                f"tool '{spec.name}' counts as {' and '.join(more)}: its code says so, though its manifest does not"
            )
    return said


def changed_tools(manifest: Manifest, contributions: Contributions, expected: Mapping[str, ToolSpec]) -> Iterator[str]:
    """Full names of declared tools that differ from what is expected of them."""
    for tool in contributions.tools:
        spec = full_spec(manifest, tool.spec)
        if spec is not None and not _is_same(expected.get(spec.name, spec), spec):
            yield spec.name


def refusal_of_changed(plugin: str, tool: str) -> str:
    cure = f"`trivet plugins enable {plugin}` records it anew"
    return f"tool '{tool}' is refused: it differs from what was recorded when it was enabled; {cure}"


def missing_tools(manifest: Manifest, contributions: Contributions) -> list[str]:
    """A sentence for each declared tool that the plugin did not bring."""
    brought = sound(contributions)[0].tools
    names = {f"{manifest.id}.{tool.spec.name.removeprefix(f'{manifest.id}.')}" for tool in brought}
    return [
        f"tool '{declaration.name}' is declared, but the plugin did not bring it"
        for declaration in manifest.contributes.tools
        if not declaration.dynamic and f"{manifest.id}.{declaration.name}" not in names
    ]


def full_spec(manifest: Manifest, spec: ToolSpec) -> ToolSpec | None:
    """The spec under its full name, the manifest's word on resources and examples, and of manifest and code the stricter on
    effect, egress and taint; None if the tool is not declared."""
    short = spec.name.removeprefix(f"{manifest.id}.")
    for declaration in manifest.contributes.tools:
        if declaration.dynamic and short.startswith(declaration.prefix):
            return _as_declared(f"{manifest.id}.{short}", spec, declaration)
        if not declaration.dynamic and declaration.name == short:
            return _as_declared(f"{manifest.id}.{short}", spec, declaration)
    return None


def _as_declared(name: str, spec: ToolSpec, declaration: ToolDeclaration) -> ToolSpec:
    return msgspec.structs.replace(
        spec,
        name=name,
        summary=declaration.summary or spec.summary,
        # One declaration speaks for dynamic tools of all kinds, which nobody could read beforehand.
        effect=spec.effect if declaration.dynamic else max(spec.effect, declaration.effect, key=STRICTNESS.index),
        egress=declaration.egress or spec.egress,
        untrusted_output=declaration.untrusted_output or spec.untrusted_output,
        resources=declaration.resources or spec.resources,
        examples=declaration.examples or spec.examples,
        describes=declaration.describes or spec.describes,
    )


def _is_same(captured: ToolSpec, spec: ToolSpec) -> bool:
    """Compared as JSON: a capture that was read back has lists where the plugin may have tuples."""
    return captured == spec or msgspec.json.encode(captured, order="sorted") == msgspec.json.encode(
        spec, order="sorted"
    )


def singular(kind: str) -> str:
    return {"policies": "policy"}.get(kind, kind.removesuffix("s"))
