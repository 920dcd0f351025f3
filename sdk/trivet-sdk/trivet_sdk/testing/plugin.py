"""Plugins in tests: one that exists, brought to life without a host, or one made of its contributions."""

import importlib.resources
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from ..configuration import configured
from ..context import PluginContext
from ..contributions import Contributions
from ..errors import InvalidManifest, PluginError
from ..hooks import hookimpl
from ..manifest import About, Contributes, Declaration, Manifest, Permissions, ToolDeclaration, parse_manifest
from ..model import Embedder
from ..plan import Json
from .plugin_context import StandaloneContext

_NAMED = ("planners", "reflectors", "models", "embedders", "contexts", "policies", "executors", "journals")


@asynccontextmanager
async def activated(
    plugin: Any,
    *,
    settings: Mapping[str, Json] | None = None,
    secrets: Mapping[str, str] | None = None,
    weights: Mapping[str, Path] | None = None,
    embedder: Embedder | None = None,
    context: PluginContext | None = None,
) -> AsyncIterator[Contributions]:
    """Start a plugin (the module of its hooks) as the host would, yield what it contributes, and stop it.

        async with activated(trivet_calculate) as contributions:
            result = await call(contributions.tools[0], {"expression": "7 * 18.35"})

    `settings` are checked against the schema that the manifest names, defaults filled in. Data and cache lie in a
    temporary directory. Give a `context` of your own to look at what the plugin did with it.
    Raises InvalidManifest, PluginError for settings that do not fit, and what the plugin raises.
    """
    manifest = manifest_of(plugin)
    with TemporaryDirectory(prefix="trivet-") as folder:
        if context is None:
            context = StandaloneContext(
                manifest.id,
                Path(folder),
                settings=settings_for(plugin, manifest, settings or {}),
                secrets=secrets,
                weights=weights,
                embedder=embedder,
            )
        async with plugin.activate(context=context) as contributions:
            yield contributions


def manifest_of(plugin: Any) -> Manifest:
    """The manifest of a plugin: its `manifest` attribute, else `trivet.toml` beside it. Raises InvalidManifest."""
    held = getattr(plugin, "manifest", None)
    if isinstance(held, Manifest):
        return held
    package = plugin.__name__.partition(".")[0]
    return parse_manifest(_package_file(package, "trivet.toml"), package)


def settings_for(plugin: Any, manifest: Manifest, given: Mapping[str, Json]) -> dict[str, Json]:
    """The settings with the defaults of the plugin's schema. Raises PluginError if they do not fit it."""
    settings, found = configured(schema_of(plugin, manifest), given)
    if found:
        raise PluginError(manifest.id, f"cannot take these settings: {'; '.join(map(str, found))}")
    return settings


def schema_of(plugin: Any, manifest: Manifest) -> dict[str, Json]:
    """The JSON Schema of the plugin's settings; empty if its manifest names none. Raises InvalidManifest."""
    if not manifest.config.schema:
        return {}
    package = plugin.__name__.partition(".")[0]
    try:
        return msgspec.json.decode(_package_file(package, manifest.config.schema), type=dict[str, Json])
    except msgspec.DecodeError as error:
        raise InvalidManifest(package, f"{manifest.config.schema} is no JSON object: {error}") from None


def _package_file(package: str, name: str) -> bytes:
    try:
        return importlib.resources.files(package).joinpath(*name.split("/")).read_bytes()
    except FileNotFoundError:
        raise InvalidManifest(package, f"package '{package}' has no {name}") from None


class EmbeddedPlugin:
    """A plugin made of its contributions, for `open_host(plugins=(…,))` and `activated`.

    Its manifest declares exactly what it contributes, unless one is given. `life` is entered around the contributions,
    and `veto_tool_call` and `redact` are not implemented: derive a class for those, with `@hookimpl`.
    """

    def __init__(
        self,
        id: str,
        contributions: Contributions | None = None,
        *,
        manifest: Manifest | None = None,
        life: Callable[[PluginContext], AbstractAsyncContextManager[Contributions]] | None = None,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.__name__ = id
        self.contributions = contributions or Contributions()
        self.manifest = manifest or manifest_for(id, self.contributions, secrets=secrets)
        self._life = life

    @hookimpl
    def activate(self, context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
        return self._life(context) if self._life is not None else self._unchanged()

    @asynccontextmanager
    async def _unchanged(self) -> AsyncIterator[Contributions]:
        yield self.contributions


def manifest_for(id: str, contributions: Contributions, *, secrets: tuple[str, ...] = ()) -> Manifest:
    """The manifest that declares these contributions and nothing else."""
    named: dict[str, Any] = {
        kind: tuple(Declaration(name=name) for name in getattr(contributions, kind)) for kind in _NAMED
    }
    return Manifest(
        plugin=About(id=id, summary=f"{id}, made in a program"),
        contributes=Contributes(
            tools=tuple(
                ToolDeclaration(
                    name=tool.spec.name.removeprefix(f"{id}."),
                    summary=tool.spec.summary,
                    effect=tool.spec.effect,
                    egress=tool.spec.egress,
                    untrusted_output=tool.spec.untrusted_output,
                    resources=tool.spec.resources,
                    examples=tool.spec.examples,
                    describes=tool.spec.describes,
                )
                for tool in contributions.tools
            ),
            services=tuple(Declaration(name=service.name) for service in contributions.services),
            guards=tuple(Declaration(name=str(n)) for n, _ in enumerate(contributions.guards)),
            gateways=tuple(Declaration(name=gateway.path) for gateway in contributions.gateways),
            **named,
        ),
        permissions=Permissions(secrets=secrets),
    )
