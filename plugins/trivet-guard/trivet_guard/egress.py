"""The guard. Whatever sends data away must name where to, and that must be on the list."""

from collections.abc import Iterable

from trivet_sdk import ToolCall

from .hosts import Unclear, ascii_of, hosts_in

_CURE = "`trivet config set plugins.guard.config.hosts` keeps the list"


class Egress:
    """Fulfils `trivet_sdk.Guard`. Calls that send nothing away pass."""

    def __init__(self, hosts: Iterable[str], tools: Iterable[str]) -> None:
        self._exact = {ascii_of(host) for host in hosts if not host.startswith("*.")}
        self._below = tuple(ascii_of(host[2:]) for host in hosts if host.startswith("*."))
        self._tools = frozenset(tools)

    async def veto(self, call: ToolCall) -> str | None:
        if not call.egress or call.tool in self._tools:
            return None
        try:
            named = hosts_in(call.texts())
        except Unclear as error:
            return f"it is not clear where {call.tool} would send data: {error}"
        if not named:
            return (
                f"{call.tool} would send data away without naming a host; if its own settings say where to, add it to "
                "plugins.guard.config.tools"
            )
        if strangers := [host for host in named if not self._allows(host)]:
            return f"{call.tool} would send data to {', '.join(strangers)}, which is not on the list; {_CURE}"
        return None

    def _allows(self, host: str) -> bool:
        return host in self._exact or any(host.endswith(f".{above}") for above in self._below)
