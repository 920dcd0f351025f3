"""`--safe`, `--no-safe` and `--debug`, understood by every command, and the settings that follow from them."""

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from trivet.settings import Settings

_GLOBAL = "trivet.global"
_SAID = "trivet.said"


class AnyWholeNumber(click.types.IntParamType):
    name = "whole number"


class WholeNumber(click.IntRange):
    name = "whole number"


class Number(click.FloatRange):
    name = "number"


def _noted(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().meta.setdefault(_GLOBAL, set()).add(parameter.name)
    if value and parameter.name == "debug":
        from trivet.cli import failure
        from trivet.logs import configure_logs

        failure.shows_tracebacks = True
        configure_logs(debug=True)


def _global_options() -> list[click.Option]:
    return [
        click.Option(["--safe"], is_flag=True, expose_value=False, callback=_noted, is_eager=True,
                     help="Leave out all plugins but trivet's own, for this call."),
        click.Option(["--no-safe"], is_flag=True, expose_value=False, callback=_noted, is_eager=True, hidden=True,
                     help="Leave safe mode, which trivet enters by itself if it dies twice while starting."),
        click.Option(["--debug"], is_flag=True, expose_value=False, callback=_noted, is_eager=True,
                     help="Show tracebacks and a full log."),
    ]  # fmt: skip


class Command(click.Command):
    """Takes `--safe`, `--no-safe` and `--debug`, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_global_options())


class Group(click.Group):
    """Takes `--safe`, `--no-safe` and `--debug`, too, as do its commands."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_global_options())

    def below(self, ctx: click.Context, name: str) -> tuple[str, ...]:
        """Commands of the groups in this one that have this name: `runs resume` for `resume`."""
        groups = [(each, self.get_command(ctx, each)) for each in self.list_commands(ctx)]
        return tuple(
            f"{each} {name}" for each, group in groups
            if isinstance(group, click.Group) and name in group.list_commands(ctx)
        )  # fmt: skip

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            from trivet.cli.failure import unknown_command

            ctx.fail(unknown_command(args[0], known, ctx.command_path, self.below(ctx, args[0])))
        return super().resolve_command(ctx, args)


def is_given(name: str) -> bool:
    """Whether `safe`, `no_safe` or `debug` was given, at whatever place of the command line."""
    return name in click.get_current_context().find_root().meta.get(_GLOBAL, ())


def settings(**flags: Any) -> "Settings":
    """The settings of this call; flags as dotted keys with `__` for the dot, None where a flag was not given.

    In safe mode if asked for, or if the last starts failed, which is said once.
    """
    from trivet.kernel.startup import forgive, judged
    from trivet.settings import load_settings

    dotted = {key.replace("__", "."): value for key, value in flags.items()}
    loaded = load_settings(flags=dotted, safe=is_given("safe"))
    if is_given("no_safe"):
        forgive(loaded.home)
    loaded = judged(loaded)
    meta = click.get_current_context().find_root().meta
    if loaded.safe_because and not meta.get(_SAID):
        from trivet.cli.failure import note

        meta[_SAID] = True
        note(loaded.safe_because)
    return loaded


force = click.option("--force", is_flag=True, help="Replace FILE if it is there already.")


def require_new(path: Path, *, force: bool) -> None:
    """Raises UsageError rather than let a file be replaced that nobody spoke of."""
    if path.is_file() and not force:
        raise click.UsageError(f"{path} is there already. Name another file, or say --force to replace it.")


def absolute(folder: str | None) -> Path:
    """Raises UsageError if a run could not even name it."""
    path = Path(folder or ".").expanduser().resolve()
    require_utf8(str(path), "the name of this folder")
    return path


def require_utf8(text: str, what: str) -> None:
    """Bytes that are no UTF-8 arrive as half surrogate pairs, which no file, database or model takes. Raises UsageError."""
    try:
        text.encode()
    except UnicodeEncodeError:
        shown = text.encode("utf-8", "backslashreplace").decode()
        raise click.UsageError(f"'{shown}', {what}, is no UTF-8. Rename or retype it.") from None


def require_attachable(file: Path) -> None:
    """Now, since later it would cost a run. Raises UsageError."""
    try:
        mode = file.stat().st_mode
        if stat.S_ISREG(mode):
            file.open("rb").close()
    except FileNotFoundError:
        raise click.UsageError(f"There is no file '{file}' to attach.") from None
    except OSError as error:
        raise click.UsageError(f"'{file}' cannot be attached: {error.strerror}.") from None
    if stat.S_ISDIR(mode):
        raise click.UsageError(
            f"'{file}' is a folder, and only files are attached. Attach its files, or work in it: --workspace {file}"
        )
    if not stat.S_ISREG(mode):
        raise click.UsageError(f"'{file}' is no file with content of its own, so it cannot be attached.")
