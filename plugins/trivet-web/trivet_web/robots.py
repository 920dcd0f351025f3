"""What a site wants to be left alone, as RFC 9309 says: robots.txt of each origin, remembered for an hour."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from protego import Protego

from trivet_sdk import ToolError
from trivet_web.location import Location

MAX_BYTES = 500 * 1024
"""Rules beyond are not read, as the standard allows."""
_KEPT_SECONDS = 3600.0
_KEPT = 500

Load: TypeAlias = Callable[[str], Awaitable[tuple[int, bytes]]]
"""Gets a robots.txt by its address: status and content. Raises ToolError where the site cannot be reached at all."""


class Robots:
    def __init__(self, agent: str, now: Callable[[], float] = time.monotonic) -> None:
        self._agent = agent
        self._now = now
        self._known: OrderedDict[str, tuple[float, Protego | None]] = OrderedDict()

    async def check(self, location: Location, load: Load) -> None:
        """Raises ToolError if the site does not want this page to be read by programs."""
        rules = await self._rules(location.origin, load)
        if rules is None:
            raise ToolError(
                f"{location.origin} does not tell what programs may read (its robots.txt cannot be had), so nothing is read.",
                is_transient=True,
            )
        if not rules.can_fetch(location.url, self._agent):
            raise ToolError(
                f"{location.origin} does not want {location.url} to be read by programs (robots.txt). "
                "`robots = false` in the settings of the plugin web reads it nevertheless."
            )

    async def _rules(self, origin: str, load: Load) -> Protego | None:
        """None where nothing may be read because nobody knows."""
        known = self._known.get(origin)
        if known is None or known[0] < self._now():
            status, content = await load(f"{origin}/robots.txt")
            rules = None if status >= 500 else _parsed(content if status == 200 else b"")
            lives = _KEPT_SECONDS if rules is not None else 60.0
            known = self._known[origin] = (self._now() + lives, rules)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known[1]


def _parsed(content: bytes) -> Protego:
    text = content[:MAX_BYTES].decode("utf-8-sig", "replace")
    lines = [line[:2000] for line in text.splitlines()[:10_000]]
    return Protego.parse("\n".join(lines))
