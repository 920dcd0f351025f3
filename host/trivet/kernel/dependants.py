"""What becomes of plugins when another one that they need or would use goes away, and when it comes back.

While it is being restarted, those that need it go on, degraded: what reaches it through the host waits or gets a clear
error. When nobody will start it again (quarantined, or itself stopped for what it lacks), those that need it are stopped,
and started again when it runs again. Those that only would use it are degraded as long as it is away. A plugin that is
disabled or uninstalled takes those that need it out of the resolution, so they are stopped before it.
"""

from collections.abc import Awaitable, Callable, Mapping

from anyio.abc import TaskGroup

from trivet.kernel.lifecycle import USABLE, State
from trivet.kernel.resolution import need
from trivet.kernel.supervision import Supervisor
from trivet.kernel.survey import PluginRecord, Survey
from trivet_sdk.manifest import Manifest


class Dependants:
    def __init__(
        self, supervisors: Mapping[str, Supervisor], start: Callable[..., Awaitable[None]], tasks: TaskGroup
    ) -> None:
        self._supervisors = supervisors
        self._start = start
        self._tasks = tasks

    def moved(self, id: str, state: State, reason: str, found: Survey) -> None:
        """A plugin went on to this state."""
        is_gone = state == "quarantined" or (state in ("stopped", "failed") and bool(self._supervisors[id].lacks))
        if state not in (*USABLE, "failed", "disabled", "incompatible") and not is_gone:
            return
        for other, is_needed in dependants_of(id, found):
            supervisor = self._supervisors[other]
            if state in USABLE:
                supervisor.complain(f"plugin {id}", "")
                if supervisor.lacks == id:
                    self._tasks.start_soon(self._again, other)
            else:
                words = f"plugin '{id}', which it {'needs' if is_needed else 'would use'}, {being(state)}: {reason}"
                supervisor.complain(f"plugin {id}", words)
                if is_needed and is_gone:
                    self._tasks.start_soon(self._stop, supervisor, id, words)

    def weigh_absence(self, supervisor: Supervisor, liked: str, record: PluginRecord | None) -> None:
        """Say of a plugin about to start that one it would use is not there."""
        other = self._supervisors.get(liked)
        if record is None or other is None:
            words = f"plugin '{liked}', which it would use, is not installed"
        elif other.state in (*USABLE, "resolved", "starting"):
            words = ""
        else:
            words = f"plugin '{liked}', which it would use, {being(other.state)}: {other.reason}"
        supervisor.complain(f"plugin {liked}", words)

    async def _again(self, id: str) -> None:
        await self._start(id, again=True)

    async def _stop(self, supervisor: Supervisor, needed: str, reason: str) -> None:
        if self._supervisors[needed].is_usable:
            return  # it came back before we got here
        supervisor.lacks = needed
        await supervisor.stop(reason, drain=True)


def dependants_of(id: str, found: Survey) -> tuple[tuple[str, bool], ...]:
    """Startable plugins that name this one, and whether they need it."""
    naming = [(other, _named(found.manifest(other))) for other in found.order]
    return tuple((other, named[id]) for other, named in naming if id in named)


def being(state: str) -> str:
    return "failed" if state == "failed" else f"is {state}"


def _named(manifest: Manifest) -> dict[str, bool]:
    named = {need(text).name: False for text in manifest.requires.optional}
    return named | {need(text).name: True for text in manifest.requires.plugins}
