"""The parts of a plugin by its manifest, and one of them looked at by itself."""

from typing import Any

import anyio

from ..manifest import Manifest
from ..testing.plugin import manifest_of
from .examination import Examined, examine
from .given import Given
from .plugins import hook_fault, life_of

_SINGULAR = {
    "planners": "planner", "reflectors": "reflector", "models": "model", "embedders": "embedder", "contexts": "context",
    "policies": "policy", "services": "service", "guards": "guard", "gateways": "gateway", "executors": "executor",
    "journals": "journal",
}  # fmt: skip


def subjects(manifest: Manifest) -> tuple[str, ...]:
    """`manifest`, `life`, and what is declared, each as `Examined.subject` names it."""
    tools = [f"tool '{tool.name}'" for tool in manifest.contributes.tools if not tool.dynamic]
    others = [
        f"{singular} '{declaration.name}'"
        for kind, singular in _SINGULAR.items()
        for declaration in getattr(manifest.contributes, kind)
    ]
    return ("manifest", "life", *tools, *others)


def examined_part(plugin: Any, part: str, given: Given) -> tuple[Examined, ...]:
    """The part, and the plugin's life where that went wrong."""
    manifest = manifest_of(plugin)
    if fault := hook_fault(plugin):
        return (Examined(subject="manifest", faults=(f"plugin '{manifest.id}' {fault}",)),)
    found = anyio.run(lambda: examine(manifest, life_of(plugin, given), given, only=part))
    if not any(each.subject in (part, "life") for each in found):
        return (Examined(subject=part, faults=(f"plugin '{manifest.id}' declares {part}, but does not bring it",)),)
    return found
