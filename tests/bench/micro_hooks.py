"""A hook that a hundred plugins implement: guarded, timed and attributed, beside pluggy's own call."""

import time
from collections.abc import Callable

import pluggy

from trivet.kernel.hooks import Hooks
from trivet_sdk import hookimpl, hooks
from trivet_sdk.tool import ToolCall

PLUGINS = 100
CALLS = 2000
CALL = ToolCall(run="r", step="s1", tool="t", arguments={}, key="r/s1/1", effect="pure")


class Indifferent:
    @hookimpl
    def veto_tool_call(self, call: ToolCall) -> str | None:
        return None


def microseconds(call: Callable[[], object]) -> float:
    """Of one call, the best of five series."""
    series = []
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(CALLS // 5):
            call()
        series.append((time.perf_counter() - begun) / (CALLS // 5))
    return min(series) * 1e6


def main() -> None:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    ours = Hooks(lambda plugin, sentence: None)
    for number in range(PLUGINS):
        manager.register(Indifferent(), name=f"p{number}")
        ours.register(f"p{number}", Indifferent())
    reference = microseconds(lambda: manager.hook.veto_tool_call(call=CALL))
    guarded = microseconds(lambda: ours.veto(CALL))
    print(f"\na hook of {PLUGINS} plugins")
    print(f"  pluggy {reference:.1f} us  trivet {guarded:.1f} us  {guarded / reference:.2f} of pluggy")


if __name__ == "__main__":
    main()
