"""`trivet config`: see and change settings."""

from typing import TYPE_CHECKING, Any

import click

from trivet.cli import failure, options
from trivet.cli.agreement import agreed, marked
from trivet.cli.columns import print_columns, print_json
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trivet.cli.agreement import Marked
    from trivet.kernel.survey import Survey
    from trivet.settings import Settings


@click.group(cls=options.Group)
def config() -> None:
    """See and change settings.

    \b
    Settings come from defaults, from settings.toml in trivet's home, from variables
    such as TRIVET_ROLES__MODEL=big, and from flags; the later wins.

    \b
    What can be set:
      roles.ROLE       who fills it; ROLE is planner, reflector, executor, context, model,
                       embedder or policy
      models.NAME.…    a model: its backend, and what that needs
      run.…            approve, approval_seconds, max_steps, max_tokens, max_seconds,
                       max_replans, max_retries
      approvals.NAME.… a rule for calls of a tool: tool, decision, arguments.NAME, others
      host.…           hang_seconds, min_free, parallel, parallel_per_run, worker_sandbox
      resources.NAME   how many calls may occupy it at once, like 2 for gpu; else one
      keep.…           days, runs, bytes: what stays of finished runs
      plugins.ID.…     enabled, isolation, memory, reload, debugger, config.…, secrets.NAME
    `trivet config explain --all` lists each with its default and its meaning.

    \b
    Examples:
      trivet config explain                   every value and where it comes from
      trivet config explain roles.model
      trivet config explain plugins.table     what a plugin is given, defaults included
      trivet config set roles.model big
      trivet config set run.max_steps 20
    """


@config.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(as_json: bool) -> None:
    """Print the settings that hold now."""
    table = _table()
    if as_json:
        print_json(table)
        return
    import tomlkit

    echo(tomlkit.dumps(table).strip())


@config.command()
@click.argument("key", required=False)
@click.option("--all", "shows_all", is_flag=True, help="Also what is not set, and what each setting means.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def explain(key: str | None, shows_all: bool, as_json: bool) -> None:
    """Say where each value, or that of KEY, comes from.

    \b
    Examples:
      trivet config explain run
      trivet config explain --all             everything that can be set
      trivet config explain plugins.table --all
    """
    from trivet.kernel.survey import survey

    settings = options.settings()
    found = survey(settings)
    table = _table()
    known = {name: (_value(table, name), origin) for name, origin in settings.origins.items()}
    known.update({name: row for name, row in _of_plugins(settings, found).items() if name not in known})
    if shows_all:
        _explain_all(key, known, settings, found, as_json=as_json)
        return
    rows = [(name, *row) for name, row in sorted(known.items()) if _is_below(name, key)]
    if not rows:
        from trivet.errors import SettingsError, nearest

        raise SettingsError(str(settings.home / "settings.toml"), f"'{key}' is not set.{nearest(key or '', known)}")
    if as_json:
        print_json([{"key": name, "value": value, "origin": origin} for name, value, origin in rows])
    else:
        print_columns(("KEY", "VALUE", "FROM"), [(name, _written(value), origin) for name, value, origin in rows])
    for problem in (*settings.problems, *found.problems):
        failure.note(problem)


def _explain_all(
    key: str | None, held: "dict[str, tuple[Any, str]]", settings: "Settings", found: "Survey", *, as_json: bool
) -> None:
    from trivet.cli.known_settings import Known, known_settings

    known = {each.key: each for each in known_settings(settings, found)}
    names = [name for name in sorted({*known, *held}) if _is_below(name, key)]
    if not names:
        from trivet.errors import SettingsError, nearest

        raise SettingsError("settings", f"there is no '{key}'.{nearest(key or '', known)}")
    rows = [(known.get(name, Known(key=name)), *held.get(name, (None, ""))) for name in names]
    if as_json:
        print_json(
            [
                {
                    "key": each.key, "value": each.default if not origin else value, "default": each.default,
                    "origin": origin or ("default" if each.default is not None else "not set"), "meaning": each.meaning,
                }
                for each, value, origin in rows
            ]
        )  # fmt: skip
        return
    print_columns(
        ("KEY", "VALUE", "DEFAULT", "FROM", "MEANING"),
        [
            (
                each.key,
                _written(value if origin else each.default),
                _written(each.default),
                origin or ("default" if each.default is not None else "not set"),
                each.meaning,
            )
            for each, value, origin in rows
        ],
    )


def _is_below(name: str, key: str | None) -> bool:
    return key is None or name == key or name.startswith((f"{key}.", f"{key}["))


@config.command()
def path() -> None:
    """Print where settings.toml is."""
    from trivet.settings import home_directory
    from trivet.settings_file import FILE

    echo(home_directory() / FILE)


@config.command("set", context_settings={"ignore_unknown_options": True})  # else -1 would be an option
@click.argument("key")
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Remove KEY from settings.toml, so that its default holds.")
@click.option("--yes", is_flag=True, help="Agree to what is unsafe, where it would be asked.")
def set_(key: str, value: str | None, unset: bool, yes: bool) -> None:
    """Set KEY in settings.toml, such as roles.model."""
    from trivet.cli.unfilled import unfilled
    from trivet.settings import home_directory, load_settings
    from trivet.settings_file import parse_value, write_setting

    for word in (key, value or ""):
        if word.startswith("--"):
            raise click.NoSuchOption(word, ctx=click.get_current_context())
    if (value is None) != unset:
        raise click.UsageError("Give a VALUE, or --unset.")
    home = home_directory()
    parsed: Any = None if value is None else parse_value(value)
    _check_secret(key, parsed)
    unsafe = _unsafe(key)
    if unsafe is not None and value is not None:
        parsed = agreed(unsafe, parsed, yes=yes)
    if value is not None:
        load_settings(
            home, {key: parsed}, flags_from="`trivet config set`"
        )  # refuses what could not be read afterwards
    written = write_setting(home, key, parsed)
    echo(f"{key} {'is removed from' if unset else f'= {_written(parsed)} in'} {written}")
    settings = load_settings(home)
    for problem in (*settings.problems, *unfilled(key, settings)):
        failure.note(problem)
    if unsafe is not None:
        _look_anew(unsafe.plugin, settings)


def _unsafe(key: str) -> "Marked | None":
    """None for a setting that nobody is asked about."""
    if not key.startswith("plugins."):
        return None
    from trivet.kernel.survey import survey

    return next((each for each in marked(survey(options.settings())) if each.key == key), None)


def _look_anew(plugin: str, settings: "Settings") -> None:
    """What its tools say of themselves may be something else now, such as that they need approval."""
    from trivet.kernel.admission import stricter_than_declared
    from trivet.kernel.capture import captured
    from trivet.kernel.survey import survey

    found = survey(settings)
    record = found.records.get(plugin)
    if record is None or record.manifest is None or record.state == "disabled":
        return
    found.forget(plugin)
    outcome = captured(settings, [plugin])[plugin]
    if outcome.reason:
        failure.note(outcome.reason)
    for sentence in stricter_than_declared(record.manifest, survey(settings).captured(plugin) or ()):
        failure.note(sentence)


def _of_plugins(settings: "Settings", found: "Survey") -> dict[str, tuple[Any, str]]:
    """What holds for plugins although nobody set it: defaults of their schemas, and where their secrets are looked for."""
    from trivet.kernel.configuration import configuration

    rows: dict[str, tuple[Any, str]] = {}
    for id, record in found.records.items():
        if record.manifest is None:
            continue
        for name, value in _leaves(configuration(found.candidates[id], settings)[0], f"plugins.{id}.config"):
            rows[name] = value, f"default of plugin '{id}'"
        for secret in record.manifest.permissions.secrets:
            rows[f"plugins.{id}.secrets.{secret}"] = f"env:{secret}", "default"
    return rows


def _leaves(value: Any, path: str) -> "Iterator[tuple[str, Any]]":
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    else:
        yield path, value


def _check_secret(key: str, value: object) -> None:
    from trivet.errors import SettingsError
    from trivet.packages.secrets import is_reference

    leaf = key.rpartition(".")[2].lower()
    if isinstance(value, str) and leaf in ("api_key", "key", "token", "password", "secret") and not is_reference(value):
        raise SettingsError(
            key,
            "settings hold no secrets, only where they are. Write env:NAME, file:PATH or keyring:NAME, or run `trivet init`.",
        )


def _table() -> dict[str, Any]:
    import msgspec

    from trivet.approval_rules import as_table

    settings = options.settings()
    table = {"roles": settings.roles, "models": settings.models, "plugins": settings.plugins}
    run = {key: value for key, value in msgspec.to_builtins(settings.run).items() if value is not None}
    host = msgspec.to_builtins(settings.host)
    rules = {name: as_table(rule) for name, rule in settings.approvals.items()}
    keep = {key: value for key, value in msgspec.to_builtins(settings.keep).items() if value is not None}
    return {**table, "run": run, "host": host, "resources": settings.resources, "keep": keep, "approvals": rules}


def _value(table: dict[str, Any], name: str) -> Any:
    """The value of a dotted key; its table names may hold dots of their own."""
    value: Any = table
    rest = name
    while rest:
        key = (
            next((key for key in value if rest == key or rest.startswith(f"{key}.")), None)
            if isinstance(value, dict)
            else None
        )
        if key is None:
            return None
        value, rest = value[key], rest[len(key) + 1 :]
    return value


def _written(value: Any) -> str:
    import json

    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
