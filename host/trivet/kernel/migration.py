"""Settings that were written for an older version of a plugin: pure.

A plugin whose settings changed their shape counts it in its manifest and says what became of the old names:

    [config]
    schema = "config.schema.json"
    version = 2

    [[config.migrate]]
    to = 2
    renamed = { root = "search.roots" }
    removed = ["legacy"]

`[plugins.<id>] config_version` of the settings says for which version they were written; without it that is 1.
"""

from collections.abc import Mapping
from typing import Any

from trivet_sdk.manifest import ConfigTable


def migrated(given: Mapping[str, Any], since: object, table: ConfigTable) -> tuple[dict[str, Any], list[str], str]:
    """The configuration in the present shape, a sentence for each change, and why it cannot be brought there, if so.

    `since` is the version that it was written for. A name that is there under both names keeps its new value.
    """
    if not isinstance(since, int) or isinstance(since, bool) or since < 1:
        return dict(given), [], f"'config_version' must be a number from 1 on, not {since!r}"
    if since > table.version:
        return (
            dict(given),
            [],
            f"it is of version {since}, and the installed plugin knows version {table.version}. Update the plugin, or "
            "write its settings anew",
        )
    config = _copied(given)
    told: list[str] = []
    for step in sorted(table.migrate, key=lambda step: step.to):
        if not since < step.to <= table.version:
            continue
        for old, new in step.renamed.items():
            value = _taken(config, old.split("."))
            if value is _MISSING:
                continue
            told.append(f"'{old}' is now '{new}'")
            _put(config, new.split("."), value)
        for old in step.removed:
            if _taken(config, old.split(".")) is not _MISSING:
                told.append(f"'{old}' is gone")
    return config, told, ""


_MISSING = object()


def _copied(value: Any) -> Any:
    return {key: _copied(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


def _taken(table: dict[str, Any], path: list[str]) -> Any:
    """Remove and return a value, with the tables that are empty then."""
    *outer, leaf = path
    if not outer:
        return table.pop(leaf, _MISSING)
    inner = table.get(outer[0])
    if not isinstance(inner, dict):
        return _MISSING
    value = _taken(inner, path[1:])
    if value is not _MISSING and not inner:
        del table[outer[0]]
    return value


def _put(table: dict[str, Any], path: list[str], value: Any) -> None:
    *outer, leaf = path
    place: Any = table
    for name in outer:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            return  # a value stands where a table is due: the schema says so
    place.setdefault(leaf, value)
