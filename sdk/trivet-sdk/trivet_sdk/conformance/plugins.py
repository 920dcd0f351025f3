"""Does a plugin keep its contract, and bring what its manifest declares?"""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InvalidManifest
from ..fitting import unchecked
from ..manifest import Manifest
from ..plan import Json
from ..testing.plugin import activated, manifest_of, schema_of
from .examination import Examined, Life, examine
from .given import Given, listed
from .manifests import manifest_faults


async def check_plugin(
    plugin: Any,
    *,
    settings: Mapping[str, Json] | None = None,
    secrets: Mapping[str, str] | None = None,
    weights: Mapping[str, Path] | None = None,
    samples: Mapping[str, Mapping[str, Json] | Sequence[Mapping[str, Json]]] | None = None,
    workspace: Path | None = None,
    given: Given | None = None,
) -> tuple[str, ...]:
    """A sentence for each way in which the plugin breaks the contract; none if it keeps it.

    Started and stopped twice, since a restart is a part of life; everything that it brings goes through the suite of its
    kind. `samples` are arguments by the tool's short name, one call or several, made in a copy of `workspace`; `given`
    holds the same and more, as `[tool.trivet.check]` of a pyproject.toml does (see `given_in`). A plugin whose weights are
    not here is checked as far as its manifest goes.
    """
    if given is None:
        given = Given(
            samples=listed(samples or {}),
            workspace=str(workspace or ""),
            settings=dict(settings or {}),
            secrets=dict(secrets or {}),
            weights={name: str(path) for name, path in (weights or {}).items()},
        )
    try:
        manifest = manifest_of(plugin)
        faults = schema_faults(plugin, manifest)
    except InvalidManifest as error:
        return (str(error),)
    if fault := hook_fault(plugin):
        examined: tuple[Examined, ...] = (Examined(subject="manifest", faults=(*manifest_faults(manifest), fault)),)
    else:
        examined = await examine(manifest, life_of(plugin, given), given)
    return sentences(manifest, (examined[0], Examined(subject="manifest", faults=faults), *examined[1:]))


def schema_faults(plugin: Any, manifest: Manifest) -> tuple[str, ...]:
    """What the schema of its settings asks for in vain. Raises InvalidManifest if there is no such schema."""
    unknown = sorted(unchecked(schema_of(plugin, manifest)))
    return tuple(f"uses '{keyword}' in {manifest.config.schema}, which is not checked" for keyword in unknown)


def hook_fault(plugin: Any) -> str:
    """Why this module has no life that could be begun, or nothing; it reads on after the plugin's name."""
    implemented = getattr(plugin, "activate", None)
    if inspect.iscoroutinefunction(implemented):
        return "has an `async def activate`; decorate an async generator with @asynccontextmanager"
    if implemented is None:
        return "has no `activate`"
    if inspect.isasyncgenfunction(implemented):
        return "has an `activate` that is a bare async generator; decorate it with @asynccontextmanager"
    return "" if hasattr(implemented, "trivet_impl") else "has an `activate` without @hookimpl"


def life_of(plugin: Any, given: Given) -> Life:
    """Each call begins a new life of the plugin, in this process and without a host."""
    return lambda: activated(
        plugin,
        settings=given.settings,
        secrets=given.secrets,
        weights={name: Path(path) for name, path in given.weights.items()},
    )


def sentences(manifest: Manifest, examined: Sequence[Examined]) -> tuple[str, ...]:
    """All faults, each with the plugin's name."""
    found = [
        fault if each.subject in ("manifest", "life") else f"has a fault: {fault}"
        for each in examined
        for fault in each.faults
    ]
    return tuple(f"plugin '{manifest.id}' {fault}" for fault in dict.fromkeys(found))
