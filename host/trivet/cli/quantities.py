"""Ages and sizes on the command line: `30d`, `2GB`."""

import re
from typing import Any

import click

from trivet.sizes import bytes_of

_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Age(click.ParamType[float]):
    """Seconds, of a text such as `30d`, `12h`, `2w`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", str(value).strip().lower())
        if found is None:
            self.fail(f"'{value}' is no age. Write it like 30d, 12h or 2w.", param, ctx)
        return float(found[1]) * _SECONDS[found[2]]


class Size(click.ParamType[int]):
    """Bytes, of a text such as `2GB`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return bytes_of(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
