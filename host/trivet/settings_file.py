"""`settings.toml`: read whole, changed one key at a time, with its comments, order, mode and links kept."""

import os
import tomllib
from pathlib import Path
from typing import Any

from trivet.errors import HomeUnusable, SettingsError
from trivet.folders import make_folder, sync_folder
from trivet.locking import locked

FILE = "settings.toml"


def read_file(path: Path) -> dict[str, Any]:
    """The table that the file holds; an empty one where there is none. Raises SettingsError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"this is no TOML: {error}. Mend the line, or move the file away.") from None
    except OSError as error:
        raise SettingsError(str(path), f"the file cannot be read: {error.strerror}") from None


def write_setting(home: Path, key: str, value: Any) -> Path:
    """Set one dotted key in `settings.toml`, keeping comments and order; None removes it. The file is replaced whole, and
    whoever else sets a key meanwhile waits.

    Raises SettingsError or HomeUnusable.
    """
    path = home / FILE
    try:
        make_home(home)
        with locked(home / f".{FILE}.lock"):
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            _replace(path.resolve(), _changed(path, text, key, value))  # a link stays one
    except OSError as error:
        raise HomeUnusable(home, (error.strerror or str(error)).lower()) from None
    return path


def make_home(home: Path) -> None:
    """Everybody's goals, results and settings lie there, and are nobody else's business. Raises OSError."""
    make_folder(home, mode=0o700)


def _changed(path: Path, text: str, key: str, value: Any) -> str:
    import tomlkit
    from tomlkit.exceptions import ParseError
    from tomlkit.items import Table

    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise SettingsError(str(path), f"this is no TOML: {error}. Mend the line, or move the file away.") from None
    *sections, leaf = split_key(key)
    table: Any = document
    for depth, section in enumerate(sections):
        if section not in table:
            if depth == 0 and document.as_string().strip():
                document.add(tomlkit.nl())
            table[section] = tomlkit.table(is_super_table=depth < len(sections) - 1 or isinstance(value, dict))
        table = table[section]
        if not isinstance(table, Table | dict):
            raise SettingsError(str(path), f"'{section}' in '{key}' is a value, not a table")
    if value is None:
        table.pop(leaf, None)
    else:
        table[leaf] = value
    return tomlkit.dumps(document)


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, and readable for whom it was."""
    import shutil
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
        if path.exists():
            shutil.copymode(path, name)
        os.replace(name, path)
        sync_folder(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def split_key(key: str) -> list[str]:
    parts = key.split(".")
    if not all(parts):
        raise SettingsError("settings", f"'{key}' is not a key; write it like 'roles.planner'")
    return parts


def parse_value(text: str) -> Any:
    """Text from a variable or the command line: a TOML number, truth value, list or table, else the text itself."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, bool | int | float | list | dict | str) else text
