"""Where a plugin is, what it is pinned to, and how it came."""

from pathlib import Path
from typing import TYPE_CHECKING

from trivet.cli.plugins.shown import isolation_of

if TYPE_CHECKING:
    from trivet.kernel.survey import PluginRecord, Survey
    from trivet.settings import Settings


def standing_of(settings: "Settings", found: "Survey", record: "PluginRecord") -> dict[str, str]:
    """By what it is called in `plugins info`; empty where there is nothing to say."""
    entry = settings.plugins.get(record.id, {})
    pin = ""
    if not record.is_first_party and entry.get("enabled") is True:
        pin = "none: an editable install" if record.is_editable else str(entry.get("digest", ""))[:12]
        pin = pin if record.is_editable or not pin else f"{entry.get('name')} {entry.get('version')}, files {pin}"
    return {
        "runs": isolation_of(settings, found, record) if record.manifest else "",
        "instance_of": record.instance_of,
        "here_because": asked_for(settings, record),
        "pinned_to": pin,
        "installed_in": found.candidates[record.id].location,
        "data": _directory(settings.home / "data" / record.id),
        "cache": _directory(settings.home / "cache" / record.id),
    }


def asked_for(settings: "Settings", record: "PluginRecord") -> str:
    """How it came here, as the end of a sentence that begins with `because`."""
    from packaging.utils import canonicalize_name

    from trivet.errors import InstallError
    from trivet.packages import record as records

    if record.instance_of:
        return f"settings.toml names it as an instance of '{record.instance_of}'"
    if not record.distribution:
        return "the program brought it"
    name = canonicalize_name(record.distribution)
    try:
        asked = records.read(settings.home)
    except InstallError as error:
        return str(error)
    if name in asked:
        return f"you asked for '{asked[name].requirement}'"
    if came_with := [key for key, each in asked.items() if name in each.brought]:
        return f"it came with {came_with[0]}"
    if record.is_first_party:
        return "it belongs to trivet's own set"
    return "something other than `trivet plugins install` installed it"


def missing(settings: "Settings", found: "Survey") -> list[str]:
    """What was asked for and is not here, as after trivet's own environment was rebuilt; canonical names."""
    from trivet.errors import InstallError
    from trivet.packages import record as records

    try:
        asked = records.read(settings.home)
    except InstallError:
        return []  # the commands that need the record say what is wrong with it
    here = {id for each in found.records.values() for id in (each.id, each.instance_of)}
    return [name for name, each in asked.items() if not here.issuperset(each.plugins)]


def _directory(path: Path) -> str:
    return str(path) if path.exists() else f"{path} (not made yet)"
