"""`trivet tools`: see and call tools."""

import shlex
from typing import TYPE_CHECKING, Any

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.screen import confirm, echo, in_line, styled

if TYPE_CHECKING:
    from trivet_sdk.errors import InvalidArguments
    from trivet_sdk.tool import ToolSpec


@click.group(cls=options.Group)
def tools() -> None:
    """See and call tools.

    \b
    Examples:
      trivet tools list
      trivet tools show table.describe      its arguments, and what it is for
      trivet tools call calculate.evaluate '{"expression": "7 * 18.35"}'
      trivet tools call table.describe '{"path": "penguins.csv"}' --json
    """


@tools.command("list")
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="Full specs, as JSON.")
def list_(word: str | None, as_json: bool) -> None:
    """List the tools of enabled plugins, or those whose name or summary holds WORD."""
    specs = [spec for spec in known_specs() if not word or word.lower() in f"{spec.name} {spec.summary}".lower()]
    if as_json:
        import msgspec

        print_json([msgspec.to_builtins(spec) for spec in specs])
    elif not specs:
        what = f"has '{word}' in its name or summary" if word else "is enabled"
        echo(f"No tool {what}.", err=True)
    else:
        print_columns(("TOOL", "EFFECT", "SUMMARY"), [(spec.name, spec.effect, spec.summary) for spec in specs])


@tools.command()
@click.argument("name")
@click.argument("arguments", default="{}")
@click.option("--workspace", type=click.Path(exists=True, file_okay=False), help="Folder it works in.  [default: here]")
@click.option("--yes", is_flag=True, help="Do not ask before a call that changes something.")
@click.option("--json", "as_json", is_flag=True, help="The result's value, as JSON.")
def call(name: str, arguments: str, workspace: str | None, yes: bool, as_json: bool) -> None:
    """Call one tool with its ARGUMENTS, a JSON object; exit code 1 if the tool says that it cannot."""
    import json
    import traceback

    from trivet_sdk.errors import InvalidArguments, ToolError

    try:
        parsed = json.loads(arguments)
    except json.JSONDecodeError as error:
        raise click.UsageError(f'ARGUMENTS are no JSON: {error}. Write them like \'{{"path": "a.csv"}}\'.') from None
    if not isinstance(parsed, dict):
        raise click.UsageError('ARGUMENTS must be a JSON object, like \'{"path": "a.csv"}\'.')
    import anyio

    try:
        result = anyio.run(_called, name, parsed, str(options.absolute(workspace)), yes)
    except (ToolError, InvalidArguments) as error:
        if failure.shows_tracebacks:
            echo("".join(traceback.format_exception(error)).rstrip(), err=True)
        failure.say(str(error) if isinstance(error, ToolError) else _misfit(error, name, parsed))
        click.get_current_context().exit(failure.NOT_ACHIEVED)
    if as_json:
        print_json(result.value)
    else:
        echo(result.text)
    for path in result.artifacts:
        echo(f"wrote {in_line(path)}", err=True)


@tools.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The full spec, as JSON.")
def show(name: str, as_json: bool) -> None:
    """Show what a tool does, the arguments it takes, and goals it serves.

    \b
    Example:
      trivet tools show table.describe
    """
    from trivet.cli.view.signature import argument_rows, example

    spec = _named(name, known_specs())
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(spec))
        return
    echo(f": {spec.summary}", lead=styled(spec.name, bold=True), gap="")
    if spec.description:
        echo(f"\n{spec.description.strip()}")
    words = {"pure": "changes nothing", "idempotent": "may be repeated", "effectful": "cannot be undone or repeated"}
    echo(f"\neffect       {spec.effect}: {words[spec.effect]}")
    if spec.egress:
        echo("egress       yes: data may leave this machine")
    if spec.untrusted_output:
        echo("untrusted    yes: it brings text from outside")
    if rows := argument_rows(spec.parameters):
        echo()
        print_columns(("ARGUMENT", "TYPE", "", "MEANING"), rows)
    if spec.examples:
        echo("\nFor goals like")
        for goal in spec.examples:
            echo(f"  {in_line(goal)}")
    echo(f"\nCall it:  trivet tools call {spec.name} {shlex.quote(example(spec.parameters))}")


def _named(name: str, specs: "list[ToolSpec]") -> "ToolSpec":
    """By full name, or by a short one where it is unique."""
    from trivet.errors import AmbiguousTool, UnknownTool

    fitting = [spec for spec in specs if name in (spec.name, spec.name.partition(".")[2])]
    if len(fitting) > 1:
        raise AmbiguousTool(name, [spec.name for spec in fitting])
    if not fitting:
        from trivet.kernel.survey import survey, why_without

        records = survey(options.settings()).records.values()
        raise UnknownTool(name, [spec.name for spec in specs], why_without(name, records))
    return fitting[0]


def _misfit(error: "InvalidArguments", name: str, given: dict[str, Any]) -> str:
    """With what was probably meant, and where it is said what the tool takes."""
    from trivet.errors import nearest

    known = [*_named(name, known_specs()).parameters.get("properties", {})]
    meant = "".join(f" '{each}' is no argument of it.{nearest(each, known)}" for each in given if each not in known)
    return f"{error}.{meant} `trivet tools show {name}` shows what it takes."


def known_specs() -> "list[ToolSpec]":
    """Specs of all usable tools, without importing a plugin: what is not captured yet is captured in another process,
    unless it failed there before."""
    from trivet.kernel.survey import survey

    settings = options.settings()
    found = survey(settings)
    unknown = [id for id in found.order if found.captured(id) is None]
    reasons = {id: failed.reason for id in unknown if (failed := found.last_failure(id)) is not None}
    if untried := [id for id in unknown if id not in reasons]:
        from trivet.kernel.capture import captured

        echo(f"Reading the tools of {', '.join(untried)} …", err=True)
        reasons.update({id: outcome.reason for id, outcome in captured(settings, untried).items()})
    for id in unknown:
        if found.captured(id) is None:
            failure.note(f"plugin '{id}' is left out: {reasons[id]}; `trivet plugins check {id}` tries it again")
    return sorted((spec for id in found.order for spec in found.captured(id) or ()), key=lambda spec: spec.name)


async def _called(name: str, arguments: dict[str, Any], workspace: str, yes: bool) -> Any:
    from trivet.app import open_host

    async with open_host(options.settings()) as host:
        spec = host.kernel.find_tool(name)
        if spec.effect == "effectful" and not yes:
            import sys

            if not sys.stdin.isatty():
                raise click.UsageError(
                    f"'{spec.name}' changes something and there is no terminal to ask in; give --yes."
                )
            confirm(f"Call '{spec.name}', which changes something that cannot be undone?", abort=True)
        return await host.call_tool(spec.name, arguments, workspace=workspace)
