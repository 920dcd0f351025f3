"""`trivet plugins trace`: how often plugins were called, for how long, and how often they failed."""

import click

from trivet.cli import options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.plugins.shown import record_of, surveyed
from trivet.cli.screen import echo


@click.command(cls=options.Command)
@click.argument("plugin", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON, times in seconds.")
@click.option("--reset", is_flag=True, help="Forget all figures, after showing them.")
def trace(plugin: str | None, as_json: bool, reset: bool) -> None:
    """Show calls, times and errors of each plugin's hooks and tools, or those of PLUGIN.

    \b
    Figures of all runs in this home add up until --reset. p50 and p99: half, and all but
    one in a hundred, of the calls took no longer.

    \b
    Examples:
      trivet plugins trace
      trivet plugins trace search --json
    """
    from trivet.kernel.timings import Trace
    from trivet.settings import home_directory

    kept = Trace(home_directory())
    rows = [
        (id, what, timing) for (id, what), timing in sorted(kept.read().items()) if plugin in (None, id)
    ]  # fmt: skip
    if plugin is not None and not rows:
        record_of(surveyed()[1], plugin)
    if as_json:
        print_json(
            [
                {
                    "plugin": id, "what": what, "calls": timing.calls, "errors": timing.failures,
                    "p50": timing.quantile(0.5), "p99": timing.quantile(0.99), "slowest": timing.slowest,
                    "total": timing.seconds,
                }
                for id, what, timing in rows
            ]
        )  # fmt: skip
    elif not rows:
        of = f" of plugin '{plugin}'" if plugin else ""
        echo(f"Nothing{of} was called yet, or since `--reset`.")
    else:
        lines = [
            (
                id, what, str(timing.calls), str(timing.failures), in_time(timing.quantile(0.5)),
                in_time(timing.quantile(0.99)), in_time(timing.slowest),
            )
            for id, what, timing in rows
        ]  # fmt: skip
        print_columns(("PLUGIN", "WHAT", "CALLS", "ERRORS", "P50", "P99", "SLOWEST"), lines)
    if reset:
        kept.clear()


def in_time(seconds: float) -> str:
    """Three figures at most, in the unit that suits."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
