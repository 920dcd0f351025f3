"""What settings say to one plugin: its configuration, checked before it starts, and where its secrets are. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from trivet.errors import nearest
from trivet.kernel.candidate import Candidate
from trivet.kernel.migration import migrated
from trivet.packages import secrets
from trivet.settings import Settings
from trivet_sdk.configuration import configured
from trivet_sdk.manifest import ConfigTable


def configuration(candidate: Candidate, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """`[plugins.<id>.config]` with the defaults of the plugin's schema, and a sentence for each mistake: which key, where
    it was set, and what is expected."""
    id, manifest = candidate.id, candidate.manifest
    entry = settings.plugins.get(id, {})
    table = manifest.config if manifest is not None else ConfigTable()
    given, _, outdated = migrated(settings.config_of(id), entry.get("config_version", 1), table)
    mistakes = [
        f"'plugins.{id}.secrets.{name}' must say where the secret is: env:NAME, file:PATH or keyring:NAME"
        for name, ref in _secrets(entry).items()
        if not secrets.is_reference(ref)
    ]
    if outdated:
        return given, [*mistakes, outdated]
    if not isinstance(entry.get("config", {}), dict):
        mistakes.append(f"'plugins.{id}.config' must be a table")
    if manifest is None or not manifest.config.schema:
        return given, mistakes
    try:
        schema = msgspec.json.decode(candidate.schema.encode(), type=dict[str, Any])
    except msgspec.DecodeError:
        return given, [*mistakes, f"its schema {manifest.config.schema} is not there, or no JSON object"]
    filled, found = configured(schema, given)
    for misfit in found:
        key = f"plugins.{id}.config{misfit.path.removeprefix('$')}"
        origin = next((o for name, o in settings.origins.items() if name == key or key.startswith(f"{name}[")), "")
        mistakes.append(f"'{key}'{f' ({origin})' if origin else ''}: {misfit.reason}")
    return filled, mistakes


def unnamed_secrets(candidate: Candidate, settings: Settings) -> Iterator[str]:
    """A sentence for each secret that settings give and the manifest does not name."""
    if candidate.manifest is None:
        return
    named = candidate.manifest.permissions.secrets
    for name in _secrets(settings.plugins.get(candidate.id, {})):
        if name not in named:
            yield (
                f"'plugins.{candidate.id}.secrets.{name}' is kept from plugin '{candidate.id}', whose manifest names no "
                f"such secret.{nearest(name, named)}"
            )


def _secrets(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    given = entry.get("secrets", {})
    return given if isinstance(given, Mapping) else {}
