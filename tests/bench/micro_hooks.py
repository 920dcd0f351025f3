"""A hook that a hundred plugins implement: guarded, timed and attributed, beside pluggy's own call."""

import time
from collections.abc import Callable

import pluggy

from trivet.kernel.hooks import Hooks
from trivet_sdk import hookimpl, hooks
from trivet_sdk.tool import ToolCall

PLUGINS = 100
CALLS = 4000
ROUNDS = 10
CALL = ToolCall(run="r", step="s1", tool="t", arguments={}, key="r/s1/1", effect="pure")


class Indifferent:
    @hookimpl
    def veto_tool_call(self, call: ToolCall) -> str | None:
        return None


def microseconds(call: Callable[[], object]) -> float:
    """Of CPU for one call, over a short series."""
    begun = time.process_time()
    for _ in range(CALLS // ROUNDS):
        call()
    return (time.process_time() - begun) / (CALLS // ROUNDS) * 1e6


def figures() -> tuple[float, float]:
    """Microseconds of pluggy's own call and of ours, the best of interleaved rounds."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    ours = Hooks(lambda plugin, sentence: None)
    for number in range(PLUGINS):
        manager.register(Indifferent(), name=f"p{number}")
        ours.register(f"p{number}", Indifferent())
    rounds = [
        (microseconds(lambda: manager.hook.veto_tool_call(call=CALL)), microseconds(lambda: ours.veto(CALL)))
        for _ in range(ROUNDS)
    ]
    return min(theirs for theirs, _ in rounds), min(guarded for _, guarded in rounds)


def main() -> None:
    reference, guarded = figures()
    print(f"\na hook of {PLUGINS} plugins")
    print(f"  pluggy {reference:.1f} us  trivet {guarded:.1f} us  {guarded / reference:.2f} of pluggy")


if __name__ == "__main__":
    main()
