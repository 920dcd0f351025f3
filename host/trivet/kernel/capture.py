"""`python -m trivet.kernel.capture [ID …]`: start plugins in a process of their own and keep their tool specs.

So the management commands learn tool specs without importing a plugin into themselves. Prints one JSON object on its
last line: id -> {"state", "reason", "traceback", "tools"}.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from trivet.settings import Settings, load_settings


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    state: str
    reason: str
    traceback: str = ""
    tools: int = 0
    seconds: float = 0.0


async def _capture(settings: Settings, ids: Sequence[str]) -> dict[str, Captured]:
    from trivet.kernel.kernel import open_kernel

    found: dict[str, Captured] = {}
    async with open_kernel(settings) as kernel:
        for id in ids:
            await kernel.start(id)
        specs = kernel.tools()
        for record in kernel.plugins():
            count = sum(spec.plugin == record.id for spec in specs)
            found[record.id] = Captured(
                state=record.state,
                reason=record.reason,
                traceback=record.traceback,
                tools=count,
                seconds=record.seconds,
            )
    return found


def captured(settings: Settings, ids: Sequence[str] = ()) -> dict[str, Captured]:
    """Capture in a subprocess: all plugins without a snapshot, and those named. Empty if even that process broke."""
    environment = {**os.environ, "TRIVET_HOME": str(settings.home)}
    command = [sys.executable, "-m", "trivet.kernel.capture", *(["--safe"] if settings.safe else []), *ids]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    last = (done.stdout.strip().splitlines() or [""])[-1]
    try:
        return msgspec.json.decode(last, type=dict[str, Captured])
    except msgspec.DecodeError:
        return {}


def main() -> None:
    import anyio

    safe = "--safe" in sys.argv
    ids = [argument for argument in sys.argv[1:] if argument != "--safe"]
    found = anyio.run(_capture, load_settings(safe=safe), ids)
    sys.stdout.write("\n" + json.dumps(msgspec.to_builtins(found)) + "\n")


if __name__ == "__main__":
    main()
