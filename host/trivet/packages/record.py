"""`plugins.toml` in the home: what the user asked to be installed, so that it can be brought back.

Written by the install commands; settings.toml stays the user's own.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from trivet.errors import HomeUnusable, InstallError

FILE = "plugins.toml"
_HEAD = (
    "# Plugins that you asked for. `trivet plugins sync` brings them back after trivet's own environment was rebuilt.\n"
    "# Written by `trivet plugins install`, `update` and `uninstall`.\n"
)


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One distribution that was asked for."""

    requirement: str
    """What the user wrote; paths are absolute."""
    version: str
    """The version that it led to."""
    plugins: tuple[str, ...] = ()
    """Ids of its plugins."""
    editable: bool = False
    environment: str = ""
    """The digest of its own environment below `plugins/<first id>`, or empty if it is in trivet's."""
    wheel: str = ""
    """A wheel file that was given, kept below `plugins/wheels`."""
    brought: tuple[str, ...] = ()
    """Packages that came with it and were not there before, by canonical name."""


def read(home: Path) -> dict[str, Asked]:
    """By the distribution's canonical name. Raises InstallError for a file that was spoilt."""
    path = home / FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Asked])
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InstallError(
            str(path), f"the record of installed plugins cannot be read: {error}. Mend or remove it."
        ) from None
    except OSError as error:
        raise HomeUnusable(home, error.strerror or str(error)) from None


def write(home: Path, asked: Mapping[str, Asked]) -> None:
    """Replace the record whole."""
    import tomlkit

    table = {name: msgspec.to_builtins(asked[name]) for name in sorted(asked)}
    path = home / FILE
    replaced = path.with_suffix(f".{os.getpid()}")
    try:
        home.mkdir(parents=True, exist_ok=True)
        replaced.write_text(_HEAD + tomlkit.dumps(table), encoding="utf-8")
        replaced.replace(path)
    except OSError as error:
        raise HomeUnusable(home, error.strerror or str(error)) from None


def belonging(asked: Mapping[str, Asked], name: str) -> str | None:
    """The distribution that was asked for under this name: its own, or a plugin's id."""
    from packaging.utils import canonicalize_name

    if canonicalize_name(name) in asked:
        return canonicalize_name(name)
    return next((key for key, each in asked.items() if name in each.plugins), None)
