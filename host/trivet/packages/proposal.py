"""What an installation would do, before anything has changed."""

from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from trivet.packages import request, startup_code
from trivet.packages.changes import Change, Moved
from trivet.packages.wheel import WheelContents
from trivet_sdk.manifest import Manifest

Place: TypeAlias = Literal["trivet", "own"]
"""In trivet's environment, or in one of its own."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    place: Place | None = None
    """None: as the manifest says."""
    editable: bool = False
    allow_build: bool = False
    """Take sources where there is no wheel, which runs their code."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done. Nothing has changed yet."""

    request: request.Request
    wheel: WheelContents
    manifests: dict[str, Manifest]
    place: Place
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    """What the installation must not move; only for trivet's own environment."""
    report: dict[str, Any]
    options: Options
    environment: Path | None = None
    """The new environment, as far as it was made."""
    leaving: tuple[str, ...] = ()
    """What else goes, since it is put elsewhere now, in words."""
    along: tuple[WheelContents, ...] = ()
    """What comes with the plugin's own wheel, once it was fetched."""
    asked_as: str = ""
    """What the record shall say that the user asked for, if not the request."""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.manifests))

    @property
    def startup(self) -> dict[str, tuple[str, ...]]:
        """By `name version` of the package that brings it."""
        found = {
            f"{wheel.name} {wheel.version}": startup_code.startup_files(wheel.files)
            for wheel in (self.wheel, *self.along)
        }
        return {who: files for who, files in found.items() if files}
