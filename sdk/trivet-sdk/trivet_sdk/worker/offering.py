"""What a plugin contributes, kept here under handles, and told to the host without the objects."""

import inspect
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ..contributions import Contributions, Guard
from ..errors import PluginError
from .requests import Offer, Offered, OfferedTool

INPROCESS = ("executors", "journals")
"""Kinds that exist in the host's own process only."""


def not_in_a_worker(kind: str, name: str) -> str:
    """The sentence for a kind that no worker can bring, after the plugin's name."""
    singular = kind.removesuffix("s")
    return (
        f"brings the {singular} '{name}', and {singular}s work in the host's own process only. "
        'Say `isolation = "inprocess"` in its manifest or settings.'
    )


class Offering:
    """Everything that the host may call by handle."""

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self._numbers = itertools.count(1)
        self._things: dict[int, Any] = {}

    def thing(self, handle: int) -> Any:
        """Raises PluginError if it has been taken back."""
        try:
            return self._things[handle]
        except KeyError:
            raise PluginError(self.plugin, "does not offer this any more") from None

    def keep(self, thing: Any) -> int:
        handle = next(self._numbers)
        self._things[handle] = thing
        return handle

    @contextmanager
    def opened(self, contributions: Contributions, guards: Iterable[Guard] = ()) -> Iterator[Offer]:
        """The offer, valid as long as the scope is open. Raises PluginError for what no worker can bring."""
        for kind in INPROCESS:
            for name in getattr(contributions, kind):
                raise PluginError(self.plugin, not_in_a_worker(kind, name))
        before = set(self._things)
        offer = Offer(
            tools=tuple(self._tool(tool) for tool in contributions.tools),
            planners=self._named(contributions.planners),
            reflectors=self._named(contributions.reflectors),
            models=self._named(contributions.models),
            embedders={
                name: Offered(self.keep(embedder), embedder.name) for name, embedder in contributions.embedders.items()
            },
            contexts=self._named(contributions.contexts),
            policies=self._named(contributions.policies),
            services=tuple(Offered(self.keep(service), service.name) for service in contributions.services),
            guards=tuple(self.keep(guard) for guard in (*contributions.guards, *guards)),
            gateways=tuple(Offered(self.keep(gateway.app), gateway.path) for gateway in contributions.gateways),
            model_definitions=msgspec.to_builtins(contributions.model_definitions),
        )
        mine = self._things.keys() - before
        try:
            yield offer
        finally:
            for handle in mine:
                self._things.pop(handle, None)

    def _tool(self, tool: Any) -> OfferedTool:
        return OfferedTool(self.keep(tool), tool.spec, callable(getattr(tool, "reconcile", None)))

    def _named(self, things: dict[str, Any]) -> dict[str, int]:
        return {name: self.keep(thing) for name, thing in things.items()}


async def awaited(value: Any) -> Any:
    """What an ordinary or a coroutine function returned."""
    return await value if inspect.isawaitable(value) else value
