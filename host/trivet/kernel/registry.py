"""What running plugins contribute, by kind and name. What a life has registered is its share, and ends with it."""

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import msgspec

from trivet.errors import CallInterrupted
from trivet.kernel.admission import admitted, changed_tools, singular, sound
from trivet.kernel.watchdog import Entered
from trivet_sdk.contributions import Contributions
from trivet_sdk.manifest import Manifest
from trivet_sdk.tool import Tool, ToolSpec

Key = tuple[str, str]
"""Kind and name."""
TOLD = 10.0
"""Seconds within which a worker that closed its pipe has ended and its supervisor knows, at most."""


class Entry(msgspec.Struct, frozen=True):
    plugin: str
    value: Any
    share: "Share"


class Registry:
    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}

    def get(self, kind: str, name: str) -> Entry | None:
        return self._entries.get(kind, {}).get(name)

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """In the order of registration."""
        return tuple(self._entries.get(kind, {}).values())

    def put(self, key: Key, entry: Entry) -> None:
        kind, name = key
        self._entries.setdefault(kind, {})[name] = entry

    def drop(self, key: Key, entry: Entry) -> None:
        """Take it out, unless another one has its place by now."""
        kind, name = key
        if self.get(kind, name) is entry:
            del self._entries[kind][name]


class Share:
    """What one life of a plugin contributes. Nobody sees it until it is `shown`, so that a new life can start beside
    the old one and take its place at once; `withdrawn`, it takes no new calls, and those at work go on.

    `expected` are the tool specs that planning relies on: a tool that says something else is refused, whether it comes
    at the start or later."""

    def __init__(self, registry: Registry, manifest: Manifest, expected: Mapping[str, ToolSpec] | None = None) -> None:
        self.manifest = manifest
        self.is_shown = False
        self.refused_as_changed: set[str] = set()
        self._expected = dict(expected or {})
        self._registry = registry
        self._mine: dict[Key, Entry] = {}
        self._withdrawn = ""
        self._left = anyio.Event()
        self._at_work = 0
        self._repeats = 0
        self._lock = threading.Lock()  # blocking tools begin and end in threads
        self._idle: tuple[anyio.Event, anyio.lowlevel.EventLoopToken, int] | None = None

    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(entry.value.spec for (kind, _), entry in self._mine.items() if kind == "tools")

    def add(self, contributions: Contributions) -> tuple[str, ...]:
        """Register for as long as the life lasts. A sentence for each contribution that was refused."""
        return self._added(contributions)[1]

    @contextmanager
    def opened(self, contributions: Contributions) -> Iterator[tuple[str, ...]]:
        """Register for as long as the scope is open."""
        added, refused = self._added(contributions)
        try:
            yield refused
        finally:
            for key, entry in added.items():
                self._mine.pop(key, None)
                self._registry.drop(key, entry)

    def show(self, instead_of: "Share | None" = None) -> None:
        """Be seen from now on, and let the other vanish in the same moment."""
        self.is_shown = True
        for key, entry in list(self._mine.items()):
            taken = self._registry.get(*key)
            if taken is None or taken.plugin == entry.plugin:
                self._registry.put(key, entry)
            else:
                del self._mine[key]  # somebody else was faster while this life was starting
        if instead_of is not None:
            instead_of.withdraw("was replaced by a newer one")

    def withdraw(self, because: str) -> None:
        """`because` reads on after the plugin's name, like `was stopped`."""
        self._withdrawn = self._withdrawn or because
        self.is_shown = False
        self._left.set()
        for key, entry in self._mine.items():
            self._registry.drop(key, entry)

    # Calls at work

    @property
    def is_repeating(self) -> bool:
        """Whether a call is at work that is made again since an earlier life ended under it: that failure is counted
        already."""
        return self._repeats > 0

    def begin(self, entered: Entered, *, is_repeat: bool = False) -> None:
        """Count a call that goes in. Raises CallInterrupted if the plugin has left."""
        if self._withdrawn:
            raise CallInterrupted(self.manifest.id, self._withdrawn, entered.doing, has_begun=False)
        with self._lock:
            self._at_work += 1
            self._repeats += is_repeat

    def done(self, *, is_repeat: bool = False) -> None:
        with self._lock:
            self._at_work -= 1
            self._repeats -= is_repeat
            idle = self._idle if not self._at_work else None
        if idle is None:
            return
        event, token, thread = idle
        if threading.get_ident() == thread:
            event.set()
            return
        try:
            anyio.from_thread.run_sync(event.set, token=token)
        except RuntimeError:
            return  # the loop is gone: nobody waits any more

    async def told(self) -> None:
        """Wait until the host knows that the plugin has gone, as a call has just found out: whoever makes the call again
        must not find the same life."""
        with anyio.move_on_after(TOLD):
            await self._left.wait()

    async def idle(self) -> None:
        """Wait until no call is at work."""
        while self._at_work:
            event = anyio.Event()
            self._idle = (event, anyio.lowlevel.current_token(), threading.get_ident())
            if self._at_work:
                await event.wait()

    def _added(self, contributions: Contributions) -> tuple[dict[Key, Entry], tuple[str, ...]]:
        contributions, unsound = sound(contributions)
        accepted, refused = admitted(self.manifest, contributions, self._expected)
        refused += unsound
        self.refused_as_changed.update(changed_tools(self.manifest, contributions, self._expected))
        id = self.manifest.id
        added: dict[Key, Entry] = {}
        for kind, name, value in accepted:
            key = (kind, name)
            taken = self._mine.get(key) or self._registry.get(kind, name)
            if taken is not None and (taken.share is self or taken.plugin != id):
                refused.append(
                    f"{singular(kind)} '{name}' is refused: plugin '{taken.plugin}' provides one of this name"
                )
                continue
            added[key] = self._mine[key] = Entry(id, self._bound(kind, value), self)
            if self.is_shown:
                self._registry.put(key, self._mine[key])
        return added, tuple(refused)

    def _bound(self, kind: str, value: Any) -> Any:
        if kind != "tools":
            return value
        spec, tool = value
        return BoundTool(spec, tool, self)


class BoundTool:
    """A plugin's tool under its full name and with its declared effect; `call` and `reconcile` are the plugin's own,
    counted as the share's work."""

    def __init__(self, spec: ToolSpec, tool: Tool, share: Share, *, is_repeat: bool = False) -> None:
        self.spec = spec
        self._repeated = partial(BoundTool, spec, tool, share, is_repeat=True)
        self.call = _counted(share, f"tool '{spec.name}'", tool.call, is_repeat=is_repeat)
        if reconcile := getattr(tool, "reconcile", None):
            self.reconcile = _counted(share, f"reconciling '{spec.name}'", reconcile)

    def repeated(self) -> "BoundTool":
        """For a call that is made again, since the plugin ended under it."""
        return self._repeated()


async def told(share: Share, cut: CallInterrupted) -> None:
    if cut.plugin == share.manifest.id:
        await share.told()


def _counted(share: Share, doing: str, function: Callable[..., Any], *, is_repeat: bool = False) -> Callable[..., Any]:
    entered = Entered(share.manifest.id, doing)

    async def awaited(value: Any) -> Any:
        share.begin(entered, is_repeat=is_repeat)
        try:
            return await value
        except CallInterrupted as cut:
            await told(share, cut)
            raise
        finally:
            share.done(is_repeat=is_repeat)

    async def call(*arguments: Any) -> Any:
        share.begin(entered, is_repeat=is_repeat)
        try:
            return await function(*arguments)
        except CallInterrupted as cut:
            await told(share, cut)
            raise
        finally:
            share.done(is_repeat=is_repeat)

    def call_blocking(*arguments: Any) -> Any:
        share.begin(entered, is_repeat=is_repeat)
        try:
            value = function(*arguments)
        finally:
            share.done(is_repeat=is_repeat)
        return awaited(value) if inspect.isawaitable(value) else value

    return call if inspect.iscoroutinefunction(function) else call_blocking
