"""Groups that know their commands by name and summary, and import each when it is called."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from trivet.cli.options import Group


class LazyGroup(Group):
    """`commands_at`: name -> (`module:attribute`, summary). No module of a command is imported for help."""

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self._commands_at:
            return None
        module, _, attribute = self._commands_at[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self._commands_at.items()])
