"""A plugin that was found, usable or not."""

import re
from typing import Any

import msgspec

from trivet.packages import trust
from trivet_sdk.manifest import Manifest

MANIFEST = "trivet.toml"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    target: str = ""
    """What the entry point names: `package`, `package.module` or `package.module:object`."""
    distribution: str = ""
    version: str = ""
    manifest: Manifest | None = None
    problem: str = ""
    """Why it is incompatible; empty if nothing speaks against it so far."""
    is_editable: bool = False
    location: str = ""
    """The package's directory, or the archive that it lies in."""
    schema: str = ""
    """The JSON Schema of its configuration, as text."""
    environment: str = ""
    """The directory of the environment that it has for itself (`bin/python` runs it); empty for this program's own."""
    path: tuple[str, ...] = ()
    """Where its environment looks for packages."""
    instance_of: str = ""
    """The plugin's own id, for an instance under another name."""
    embedded: Any = None
    """The module or object itself, for plugins handed to `open_host`."""

    @property
    def package(self) -> str:
        return re.split(r"[.:]", self.target, maxsplit=1)[0]

    @property
    def is_first_party(self) -> bool:
        return trust.is_first_party(self.instance_of or self.id, self.distribution)

    @property
    def origin(self) -> str:
        """`trivet-search 0.2.0`, for sentences."""
        return f"{self.distribution} {self.version}".strip() or "given by the program"
