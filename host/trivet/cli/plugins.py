"""`trivet plugins`: see, enable and disable plugins, without importing any."""

from typing import TYPE_CHECKING, Any

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_columns, print_json

if TYPE_CHECKING:
    from trivet.kernel.survey import PluginRecord, Survey
    from trivet.settings import Settings


@click.group(cls=options.Group)
def plugins() -> None:
    """See, enable and disable plugins.

    \b
    Plugins arrive by pip. Installed is not enabled: enabling shows what a plugin may do
    and pins its files; if they change, it is disabled until you enable it again.

    \b
    Examples:
      trivet plugins list
      trivet plugins info table
      trivet plugins enable search
      trivet plugins why search        why it does not run
    """


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List installed plugins and their states."""
    _, found = _surveyed()
    shown = [(record, *_state(found, record)) for record in found.records.values()]
    if as_json:
        print_json([_facts(record, state, reason) for record, state, reason in shown])
    else:
        rows = [
            (record.id, state, record.version, record.manifest.plugin.summary if record.manifest else "")
            for record, state, _ in shown
        ]
        print_columns(("PLUGIN", "STATE", "VERSION", "SUMMARY"), rows)
        for record, state, reason in shown:
            if reason:
                failure.note(f"plugin '{record.id}' ({_origin(record)}) {_being(state)}: {reason}")
    for problem in found.problems:
        failure.note(problem)


@plugins.command()
@click.argument("plugin")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def info(plugin: str, as_json: bool) -> None:
    """Show what PLUGIN brings, needs and may do."""
    _, found = _surveyed()
    record = _record(found, plugin)
    state, reason = _state(found, record)
    if as_json:
        import msgspec

        print_json({**_facts(record, state, reason), "manifest": msgspec.to_builtins(record.manifest)})
        return
    click.echo(f"{click.style(record.id, bold=True)}  {_origin(record)}, {state}{f': {reason}' if reason else ''}")
    if record.manifest is None:
        return
    manifest = record.manifest
    click.echo(manifest.plugin.summary)
    for kind in manifest.contributes.__struct_fields__:
        declared = getattr(manifest.contributes, kind)
        if declared:
            click.echo(f"\n{kind}")
            for each in declared:
                name = each.name or f"{each.prefix}…"
                click.echo(f"  {name:<24} {each.summary}")
    needs = [*manifest.requires.plugins, *manifest.requires.capabilities]
    if needs:
        click.echo(f"\nneeds   {', '.join(needs)}")
    click.echo("\nmay")
    for line in _permissions(record):
        click.echo(f"  {line}")


@plugins.command()
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
def enable(plugin: str, yes: bool) -> None:
    """Show what PLUGIN may do, ask, and enable it, pinned to the files it has now."""
    from trivet.kernel.capture import captured
    from trivet.settings import write_setting

    settings, found = _surveyed()
    record = _record(found, plugin)
    if record.manifest is None:
        raise click.ClickException(f"Plugin '{plugin}' is {record.state}: {record.reason}.")
    click.echo(f"{click.style(record.id, bold=True)}  {_origin(record)}: {record.manifest.plugin.summary}")
    click.echo("It may")
    for line in _permissions(record):
        click.echo(f"  {line}")
    if not yes and not _agreed(f"Enable '{plugin}'?"):
        return
    write_setting(settings.home, f"plugins.{plugin}.enabled", True)
    if not record.is_first_party:
        write_setting(settings.home, f"plugins.{plugin}.name", record.distribution)
        write_setting(settings.home, f"plugins.{plugin}.version", record.version)
        write_setting(settings.home, f"plugins.{plugin}.digest", None if record.is_editable else record.digest)
    found.forget(plugin)
    outcome = captured(options.settings(), [plugin]).get(plugin)
    if outcome is None or outcome.state not in ("running", "degraded"):
        why = outcome.reason if outcome else "the process that tried it broke; `trivet doctor` checks the installation"
        state = outcome.state if outcome else "failed"
        failure.note(f"plugin '{plugin}' is enabled, but it {_being(state)}: {why}")
        return
    click.echo(f"Plugin '{plugin}' is enabled. It brings {_tools(outcome.tools)}.")
    if outcome.reason:
        failure.note(outcome.reason)
    if record.is_editable:
        failure.note(f"plugin '{plugin}' is an editable install, so its files are unpinned")


@plugins.command()
@click.argument("plugin")
def disable(plugin: str) -> None:
    """Leave PLUGIN out from now on; its settings and data stay."""
    from trivet.errors import UnknownPlugin
    from trivet.settings import write_setting

    settings, found = _surveyed()
    if plugin not in found.records and plugin not in settings.plugins:
        raise UnknownPlugin(plugin, found.records)
    write_setting(settings.home, f"plugins.{plugin}.enabled", False)
    click.echo(f"Plugin '{plugin}' is disabled.")
    if users := [role for role, name in settings.roles.items() if _provides(found, plugin, role, name)]:
        failure.note(
            f"settings still use it as {', '.join(users)}; `trivet config set roles.{users[0]} NAME` chooses another"
        )


@plugins.command()
@click.argument("plugin")
def why(plugin: str) -> None:
    """Say why PLUGIN is in its state."""
    _, found = _surveyed()
    record = _record(found, plugin)
    state, reason = _state(found, record)
    click.echo(f"Plugin '{plugin}' ({_origin(record)}) {_being(state)}{f': {reason}' if reason else ''}")
    last = found.last_failure(plugin)
    if last is not None and last.traceback:
        if options.is_given("debug"):
            click.echo(last.traceback)
        else:
            click.echo(f"`trivet plugins why {plugin} --debug` shows the traceback.")


@plugins.command()
@click.argument("plugin")
def check(plugin: str) -> None:
    """Start PLUGIN in a process of its own and say how that went; exit code 1 if it cannot be used."""
    from trivet.kernel.capture import captured

    settings, found = _surveyed()
    record = _record(found, plugin)
    outcome = captured(settings, [plugin]).get(plugin)
    if outcome is None:
        raise click.ClickException("the process that tried it broke; `trivet doctor` checks the installation")
    if outcome.state not in ("running", "degraded"):
        click.echo(f"Plugin '{plugin}' ({_origin(record)}) {_being(outcome.state)}: {outcome.reason}")
        if outcome.traceback:
            click.echo(outcome.traceback)
        click.get_current_context().exit(1)
    click.echo(
        f"Plugin '{plugin}' ({_origin(record)}) started in {outcome.seconds:.2f} s and brings {_tools(outcome.tools)}."
    )
    if outcome.reason:
        click.echo(f"It is {outcome.state}: {outcome.reason}")


def _surveyed() -> "tuple[Settings, Survey]":
    from trivet.kernel.survey import survey

    settings = options.settings()
    found = survey(settings)
    found.problems = (*settings.problems, *found.problems)
    return settings, found


def _record(found: "Survey", plugin: str) -> "PluginRecord":
    from trivet.errors import UnknownPlugin

    if plugin not in found.records:
        raise UnknownPlugin(plugin, found.records)
    return found.records[plugin]


def _state(found: "Survey", record: "PluginRecord") -> tuple[str, str]:
    """In words for people: a plugin that could run is `enabled`, or `failed` if it did when it was last started."""
    if record.state != "resolved":
        return record.state, record.reason
    last = found.last_failure(record.id)
    return ("enabled", "") if last is None else ("failed", last.reason)


def _being(state: str) -> str:
    return "failed" if state == "failed" else f"is {state}"


def _tools(count: int) -> str:
    return {0: "no tools", 1: "one tool"}.get(count, f"{count} tools")


def _origin(record: "PluginRecord") -> str:
    return f"{record.distribution} {record.version}{', editable' if record.is_editable else ''}"


def _facts(record: "PluginRecord", state: str, reason: str) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": state,
        "reason": reason,
        "distribution": record.distribution,
        "version": record.version,
        "summary": record.manifest.plugin.summary if record.manifest else "",
        "editable": record.is_editable,
        "first_party": record.is_first_party,
        "digest": record.digest,
    }


def _permissions(record: "PluginRecord") -> list[str]:
    assert record.manifest is not None, "asked for of readable plugins only"
    permissions, isolation = record.manifest.permissions, record.manifest.plugin.isolation
    lines = [
        f"network      {', '.join(permissions.network) or 'none'}",
        f"files        {', '.join(permissions.files) or 'none'}",
        f"subprocess   {'yes' if permissions.subprocess else 'no'}",
        f"secrets      {', '.join(permissions.secrets) or 'none'}",
    ]
    effects = [f"{tool.name} ({tool.effect})" for tool in record.manifest.contributes.tools if tool.effect != "pure"]
    if effects:
        lines.append(f"change       {', '.join(effects)}")
    if isolation == "inprocess":
        lines.append("It runs inside trivet's own process: these are its promises, which nothing enforces.")
    return lines


def _agreed(question: str) -> bool:
    import sys

    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask in; give --yes to agree.")
    return click.confirm(question)


def _provides(found: "Survey", plugin: str, role: str, name: str) -> bool:
    kinds = {"planner": "planners", "reflector": "reflectors", "context": "contexts", "embedder": "embedders"}
    return role in kinds and found.declaring(kinds[role], name) == plugin
