"""Which plugins may run: installed is not enabled.

The first-party set is enabled from the start. Any other plugin is enabled by name, which pins distribution, version
and the digest of its files; what changed since is disabled until it is enabled again. Editable installs change all
the time by their nature: they are enabled `unpinned`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

FIRST_PARTY = (
    "calculate",
    "critic",
    "files",
    "llamacpp",
    "openai",
    "plan",
    "plan-smollm2",
    "table",
    "transformers",
    "web",
)
"""Ids of `trivet[default]`; each is `trivet-<id>` by name of distribution, else it is somebody else's."""


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """What was enabled, or what is installed now. An empty digest stands for an editable install."""

    name: str
    version: str
    digest: str

    @property
    def is_unpinned(self) -> bool:
        return not self.digest


def is_first_party(id: str, distribution: str) -> bool:
    return id in FIRST_PARTY and distribution.lower().replace("_", "-") == f"trivet-{id}"


def pinned(entry: Mapping[str, Any]) -> Pin:
    """What `[plugins.<id>]` of the settings holds on to."""
    return Pin(name=str(entry.get("name")), version=str(entry.get("version")), digest=str(entry.get("digest")))


def is_changed(installed: Pin, entry: Mapping[str, Any]) -> bool:
    """Whether it was enabled as something else than what is installed now."""
    return entry.get("enabled") is True and bool(entry.get("digest")) and pinned(entry) != installed


def why_disabled(
    id: str, installed: Pin, entry: Mapping[str, Any], *, first_party: bool, safe: bool, different: str = ""
) -> str:
    """A sentence, or an empty text for an enabled plugin. `entry` is `[plugins.<id>]` of the settings, `different` says
    what is different from what was enabled."""
    enable = f"`trivet plugins enable {id}`"
    if safe:
        return "" if first_party else "left out in safe mode"
    if entry.get("enabled") is False:
        return f"disabled in settings; {enable} enables it"
    if first_party:
        return ""
    if entry.get("enabled") is not True:
        return f"installed but not enabled; {enable} shows what it may do and enables it"
    if not entry.get("digest"):
        return (
            ""
            if installed.is_unpinned
            else f"enabled without a pin; {enable} pins {installed.name} {installed.version}"
        )
    if is_changed(installed, entry):
        now = f"{installed.name} {installed.version}{', editable' if installed.is_unpinned else ''}"
        before = f"{entry.get('name', '')} {entry.get('version', '')}".strip() or "unknown"
        what = f": {different}" if different else ""
        return f"changed since it was enabled ({before}, now {now}){what}; {enable} shows that and enables it again"
    return ""
