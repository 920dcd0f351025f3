"""`trivet runs replay`: does today's code decide as it was recorded?"""

import difflib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import cut, echo

if TYPE_CHECKING:
    from trivet.app import Replay
    from trivet.runs.difference import Difference
    from trivet_sdk.plan import Json

_WIDE = 400


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def replay(run: str, as_json: bool) -> None:
    """Live RUN again with the planner, the reflector and the trivet of today, and name the first event that differs.

    \b
    What tools, models and people said is taken from the journal: no tool is called, no model and
    nobody is asked, and the run stays as it is. Times, hosts and tracebacks may differ.
    Sub-goals are runs of their own: trivet runs replay RUN.s2

    \b
    Examples:
      trivet runs replay last
      trivet runs replay 4k2m --json | jq .difference

    Exit codes: 0 the same, 1 an event differs, 2 it cannot be replayed.
    """
    import anyio
    import msgspec

    found = anyio.run(_replay, run)
    if as_json:
        from trivet.cli.columns import print_json

        print_json({**msgspec.to_builtins(found), "is_same": found.is_same})
    elif found.difference is None:
        echo(f"Run {found.run} is the same today: {found.events} events were compared.")
    else:
        for line in told(found.difference):
            echo(line)
    click.get_current_context().exit(failure.ACHIEVED if found.is_same else failure.NOT_ACHIEVED)


def told(difference: "Difference") -> Iterator[str]:
    """A heading, then both sides; of texts of several lines only what differs, as `diff` shows it."""
    where = f"Event {difference.seq} of run {difference.run} differs"
    yield f"{where}: {difference.topic}, {difference.field}" if difference.field else f"{where}:"
    before, after = difference.recorded, difference.today
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "recorded", "today", lineterm="", n=2)
        yield from (f"  {line}" for line in lines)
        return
    yield f"  recorded: {_written(before, difference)}"
    yield f"  today:    {_written(after, difference)}"
    yield from (f"    {line}" for line in difference.hint.splitlines())


def _written(value: "Json", difference: "Difference") -> str:
    if not difference.field:
        return str(value)
    return cut(json.dumps(value, ensure_ascii=False), _WIDE)


async def _replay(run: str) -> "Replay":
    from trivet.app import open_host

    settings = options.settings()
    async with desk() as opened:
        id = (await named(opened, run)).id
    async with open_host(settings) as host:
        return await host.replay(id)
