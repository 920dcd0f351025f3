"""`trivet plugins check`: a plugin judged, in processes of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trivet.cli import failure, options
from trivet.cli.plugins.shown import being, origin, record_of, surveyed, tools_in_words
from trivet.cli.screen import echo, styled

if TYPE_CHECKING:
    from trivet.authoring.judgement import Judgement
    from trivet.kernel.survey import PluginRecord


@click.command(cls=options.Command)
@click.argument("plugin", metavar="[PATH|WHEEL|ID]", required=False)
@click.option("--isolation", "modes", type=click.Choice(("inprocess", "process", "venv")), multiple=True,
              help="Only in this mode; may be repeated.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Leave out its own tests and mypy.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def check(plugin: str | None, modes: tuple[Any, ...], quick: bool, as_json: bool) -> None:
    """Judge a plugin by its folder, its wheel, or the id of an installed one; exit code 1 if it breaks its contract.

    \b
    Its manifest is held against its code, everything that it brings goes through the suite
    of its kind in every isolation mode, and the tier follows from the results:
      bronze   manifest and code agree, and everything keeps its contract
      silver   also: tests, types, README and licence, a sample call of every tool, no open advice
      gold     also: the same in every isolation mode, and honest failures when something else fails first

    Without an argument: the project in this folder; where there is none, all installed plugins, by reading alone. So is an
    installed plugin that is not enabled: its code is not run, and the exit code is 0 whatever is found.
    """
    from trivet.authoring.check import judged
    from trivet.authoring.project import NotAPlugin
    from trivet.cli.columns import print_json

    if plugin is None and not Path("pyproject.toml").exists():
        _read_all(_installed(), as_json=as_json)
        return
    is_installed = plugin is not None and not Path(plugin).exists()
    if plugin is not None and is_installed and _record(plugin).state == "disabled":
        _read_all([plugin], as_json=as_json)
        failure.note(
            f"plugin '{plugin}' is not enabled, so none of its code was run. "
            f"`trivet plugins enable {plugin}` shows what it may do; its folder or its wheel is judged by its path"
        )
        return
    started = _started(plugin, quiet=as_json) if plugin is not None and is_installed else None
    try:
        judgement = judged(plugin or ".", modes=modes, with_upkeep=not quick)
    except NotAPlugin as error:
        if started is None:
            raise
        failure.note(str(error))
        click.get_current_context().exit(0 if started else 1)
    if as_json:
        print_json({"started": started, **facts(judgement)})
    else:
        show(judgement)
    if judgement.tier == "none" or started is False:
        click.get_current_context().exit(1)


def _started(plugin: str, *, quiet: bool) -> bool:
    """How the host itself fares with an installed plugin, tried anew."""
    from trivet.kernel.capture import captured

    settings, found = surveyed()
    record = record_of(found, plugin)
    outcome = captured(settings, [plugin])[plugin]
    has_started = outcome.state in ("running", "degraded")
    if not quiet:
        began = f"Plugin '{plugin}' ({origin(record)})"
        if has_started:
            echo(f"{began} started in {outcome.seconds:.2f} s and brings {tools_in_words(outcome.tools)}.")
        else:
            echo(f"{began} {being(outcome.state)}: {outcome.reason}")
        if outcome.traceback:
            echo(outcome.traceback)
        if has_started and outcome.reason:
            echo(f"It is {outcome.state}: {outcome.reason}")
    return has_started


def _record(plugin: str) -> "PluginRecord":
    return record_of(surveyed()[1], plugin)


def _installed() -> list[str]:
    from trivet.kernel.discovery import discover
    from trivet.settings import home_directory

    return [candidate.id for candidate in discover(home_directory())]


def _read_all(ids: Sequence[str], *, as_json: bool) -> None:
    """Reading alone cannot tell a tier, and what it finds is no reason to fail: nobody was asked to use these plugins."""
    from trivet.authoring.check import read_only
    from trivet.cli.columns import print_json
    from trivet_sdk.errors import TrivetError

    found: list[dict[str, Any]] = []
    for id in ids:
        try:
            judgement = read_only(id)
            faults = list(judgement.faults)
            advice = [remark.sentence for remark in judgement.remarks if not remark.is_fault]
        except TrivetError as error:
            faults, advice = [str(error)], []
        found.append({"plugin": id, "faults": faults, "advice": advice})
        if not as_json:
            echo("; ".join(faults) or "manifest and source agree", lead=styled(id, bold=True), gap="  ")
    if as_json:
        print_json(found)
    elif not found:
        echo(
            "No plugin is installed, and this folder holds no project. `trivet plugins new NAME --kind tool` makes one."
        )


def facts(judgement: "Judgement") -> dict[str, Any]:
    import msgspec

    from trivet.authoring.judgement import TIERS

    higher = TIERS[TIERS.index(judgement.tier) + 1 :]
    return {
        "plugin": judgement.plugin,
        "distribution": judgement.distribution,
        "version": judgement.version,
        "tier": judgement.tier,
        "faults": list(judgement.faults),
        "missing": {tier: list(judgement.missing(tier)) for tier in higher},
        "modes": {outcome.mode: msgspec.to_builtins(outcome) for outcome in judgement.outcomes},
        "upkeep": msgspec.to_builtins(judgement.upkeep),
    }


def show(judgement: "Judgement") -> None:
    from trivet.authoring.judgement import TIERS

    echo(f"{judgement.distribution} {judgement.version}", lead=styled(judgement.plugin, bold=True), gap="  ")
    for outcome in judgement.outcomes:
        parts = [each.subject for each in outcome.examined]
        echo(f"  {outcome.mode:<10} {', '.join(parts) or outcome.broken}")
    for asked in judgement.upkeep:
        echo(f"  {asked.name:<10} {asked.word}")
    for fault in judgement.faults:
        echo(fault, lead=styled("✗", fg="red"))
    if judgement.faults and (
        output := next((each.output for each in judgement.outcomes if each.broken and each.output), "")
    ):
        echo("It said at last:")
        echo("\n".join(f"    {line}" for line in output.splitlines()[-12:]))
    colours = {"gold": "bright_yellow", "silver": "bright_white", "bronze": "yellow", "none": "red"}
    echo(lead="Tier: " + styled(judgement.tier, fg=colours[judgement.tier], bold=True))
    for tier in TIERS[max(2, TIERS.index(judgement.tier) + 1) :]:
        missing = judgement.missing(tier)
        if missing and judgement.tier != "none":
            echo(f"For {tier}:")
            for sentence in missing:
                echo(f"  - {sentence}")
