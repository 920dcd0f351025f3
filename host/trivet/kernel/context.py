"""What the host hands to a plugin at activation: the host's side of `trivet_sdk.context.PluginContext`."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from trivet.errors import SecretMissing
from trivet.kernel.bus import Bus
from trivet.kernel.registry import Share
from trivet.logs import LateLogger
from trivet.packages import secrets
from trivet.settings import SandboxUse, Settings
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import PluginError
from trivet_sdk.events import Event
from trivet_sdk.manifest import Manifest
from trivet_sdk.model import Embedder


class HostContext:
    """One for each life of a plugin, whose `share` takes what it contributes later; `weights_at` finds the declared model
    files of any enabled plugin, by name, and `weights_places` where all of them are; `degraded` is told what the plugin says
    of its health; `embedder` finds the one that settings name."""

    def __init__(
        self,
        manifest: Manifest,
        config: Mapping[str, Any],
        settings: Settings,
        bus: Bus,
        share: Share,
        weights_at: Callable[[str], Path],
        degraded: Callable[[str], None],
        embedder: Callable[[], Embedder | None],
        weights_places: Callable[[], tuple[Path, ...]] = tuple,
    ) -> None:
        self.id = manifest.id
        self.settings = config
        self.log: Any = LateLogger(plugin=manifest.id)
        self._manifest = manifest
        self._all = settings
        self._bus = bus
        self._share = share
        self._weights_at = weights_at
        self.weights_places = weights_places
        self.degraded = degraded
        self.embedder = embedder

    @property
    def home(self) -> Path:
        return self._all.home

    @property
    def worker_sandbox(self) -> SandboxUse:
        """What settings say of workers that have no word of their own."""
        return self._all.host.worker_sandbox

    @property
    def data_dir(self) -> Path:
        return self._directory("data")

    @property
    def cache_dir(self) -> Path:
        return self._directory("cache")

    def weights(self, name: str) -> Path:
        return self._weights_at(name)

    def secret(self, name: str) -> str:
        """The value of a secret that the manifest names, or of a reference that stands in the user's settings."""
        return secret_of(self._manifest, self._all, name)

    def emit(self, event: Event) -> None:
        topics = {declaration.name for declaration in self._manifest.contributes.events}
        if event.topic not in topics:
            raise PluginError(self.id, f"publishes '{event.topic}', which its manifest does not declare as an event")
        self._bus.emit(event)

    @asynccontextmanager
    async def subscribe(self, pattern: str) -> AsyncIterator[AsyncIterator[Event]]:
        with self._bus.subscribe(pattern) as events:
            yield aiter(events)

    @asynccontextmanager
    async def contribute(self, contributions: Contributions) -> AsyncIterator[None]:
        with self._share.opened(contributions) as refused:
            if refused:
                raise PluginError(self.id, f"contributed what it may not: {'; '.join(refused)}")
            yield

    def _directory(self, kind: str) -> Path:
        path = self._all.home / kind / self.id
        path.mkdir(parents=True, exist_ok=True)
        return path


def secret_of(manifest: Manifest, settings: Settings, name: str) -> str:
    """Raises PluginError if the manifest does not name it or it is not set. A reference is taken only if it stands in the
    plugin's own configuration, or in the definition of a model that the plugin serves.

    `[plugins.<id>.secrets]` says where a named secret is; without a word it is the environment variable of that name.
    """
    plugin = manifest.id
    entry = settings.plugins.get(plugin, {})
    backends = {declaration.name for declaration in manifest.contributes.models}
    models = [definition for definition in settings.models.values() if definition.get("backend") in backends]
    if secrets.is_reference(name) and name in _references(*models, entry.get("config")):
        ref = name
    elif name in manifest.permissions.secrets:
        ref = str(entry.get("secrets", {}).get(name) or f"env:{name}")
    else:
        raise PluginError(plugin, f"asks for the secret '{name}', which its manifest does not name")
    try:
        return secrets.resolve(ref)
    except SecretMissing as error:
        raise PluginError(plugin, f"needs a secret: {error}") from None


def secrets_of(manifest: Manifest, settings: Settings) -> dict[str, str]:
    """All named secrets that are set."""
    found: dict[str, str] = {}
    for name in manifest.permissions.secrets:
        try:
            found[name] = secret_of(manifest, settings, name)
        except PluginError:
            continue  # the tool says what it misses, if it misses it
    return found


def _references(*values: Any) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
        elif secrets.is_reference(value):
            found.add(value)
    return frozenset(found)
