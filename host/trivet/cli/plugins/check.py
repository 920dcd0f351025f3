"""`trivet plugins check`: a plugin judged, in processes of its own."""

from typing import TYPE_CHECKING, Any

import click

from trivet.cli import options

if TYPE_CHECKING:
    from trivet.authoring.judgement import Judgement


@click.command(cls=options.Command)
@click.argument("plugin", metavar="PATH|WHEEL|ID", default=".")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--quick", is_flag=True, help="Leave out its own tests and mypy.")
def check(plugin: str, as_json: bool, quick: bool) -> None:
    """Judge a plugin by its folder, its wheel, or the id of an installed one; exit code 1 if it breaks its contract.

    \b
    Its manifest is held against its code, everything that it brings goes through the suite
    of its kind in every isolation mode, and the tier follows from the results:
      bronze   manifest and code agree, and everything keeps its contract
      silver   also: tests, types, README and licence, a sample call of every tool, no open advice
      gold     also: the same in every isolation mode, and honest failures when something else fails first
    """
    from trivet.authoring.check import judged

    judgement = judged(plugin, with_upkeep=not quick)
    if as_json:
        from trivet.cli.columns import print_json

        print_json(facts(judgement))
    else:
        show(judgement)
    if judgement.tier == "none":
        click.get_current_context().exit(1)


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

    head = click.style(judgement.plugin, bold=True)
    click.echo(f"{head}  {judgement.distribution} {judgement.version}")
    for outcome in judgement.outcomes:
        parts = [each.subject for each in outcome.examined]
        click.echo(f"  {outcome.mode:<10} {', '.join(parts) or 'not examined'}")
    for asked in judgement.upkeep:
        click.echo(f"  {asked.name:<10} {asked.word}")
    for fault in judgement.faults:
        click.echo(f"{click.style('✗', fg='red')} {fault}")
    if judgement.faults and (
        output := next((each.output for each in judgement.outcomes if each.broken and each.output), "")
    ):
        click.echo("It said at last:")
        click.echo("\n".join(f"    {line}" for line in output.splitlines()[-12:]))
    colours = {"gold": "bright_yellow", "silver": "bright_white", "bronze": "yellow", "none": "red"}
    click.echo(f"Tier: {click.style(judgement.tier, fg=colours[judgement.tier], bold=True)}")
    for tier in TIERS[max(2, TIERS.index(judgement.tier) + 1) :]:
        missing = judgement.missing(tier)
        if missing and judgement.tier != "none":
            click.echo(f"For {tier}:")
            for sentence in missing:
                click.echo(f"  - {sentence}")
