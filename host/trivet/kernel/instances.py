"""Several instances of one plugin, each with a name, configuration, directories, permissions and tools of its own: pure.

[plugins.notes]
plugin = "mcp"
[plugins.notes.config]
command = ["notes-server"]
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from trivet.errors import nearest
from trivet.kernel.discovery import Candidate

_SEPARATORS = frozenset("./\\: \t\n")
"""Tools are called `<name>.<tool>`, and directories bear the name."""


def instances(
    candidates: Mapping[str, Candidate], entries: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Candidate], tuple[str, ...]]:
    """The candidates that `[plugins.<name>] plugin = "<id>"` of the settings asks for, by name, and a sentence for each
    that there cannot be. An instance is its plugin under another id; where only its name counts, nothing tells them apart."""
    found: dict[str, Candidate] = {}
    problems: list[str] = []
    for name, entry in sorted(entries.items()):
        if "plugin" not in entry or entry["plugin"] == name:
            continue
        plugin = entry["plugin"]
        if problem := _problem(name, plugin, candidates, entries):
            problems.append(f"plugins.{name}: {problem}")
            continue
        origin = candidates[plugin]
        manifest = origin.manifest
        if manifest is not None:
            manifest = msgspec.structs.replace(manifest, plugin=msgspec.structs.replace(manifest.plugin, id=name))
        found[name] = msgspec.structs.replace(origin, id=name, manifest=manifest, instance_of=plugin)
    return found, tuple(problems)


def _problem(
    name: str, plugin: object, candidates: Mapping[str, Candidate], entries: Mapping[str, Mapping[str, Any]]
) -> str:
    if not isinstance(plugin, str):
        return f"'plugin' must be the id of a plugin, not {plugin!r}"
    if name in candidates:
        return f"an instance of '{plugin}' cannot have the name of an installed plugin; choose another"
    if _SEPARATORS & set(name):
        return "the name of an instance may hold no space, dot, colon or slash; choose another"
    if plugin in candidates:
        return ""
    if "plugin" in entries.get(plugin, {}):
        return f"'{plugin}' is an instance itself; name the plugin '{entries[plugin]['plugin']}'"
    return (
        f"it names the plugin '{plugin}', which is not installed; its settings are kept.{nearest(plugin, candidates)}"
    )
