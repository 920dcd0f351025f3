"""What `[models.<name>]` may say for this backend."""

import os
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from trivet_sdk import ModelError


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    weights: str = ""
    """Name of declared weights, e.g. `qwen2.5-coder-1.5b`."""
    path: str = ""
    """A GGUF file."""
    window: Annotated[int, msgspec.Meta(ge=16)] = 4096
    """Tokens that prompt and completion may have together; fewer where the model was made for fewer."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=512)] | None = None
    """CPU threads; as many as this process may use cores if unset."""

    idle: Annotated[float, msgspec.Meta(ge=0)] = 10.0
    """Minutes without a request after which its memory is given back; 0 keeps it."""

    @property
    def cores(self) -> int:
        if self.threads is not None:
            return self.threads
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_definition(name: str, table: Mapping[str, Any]) -> Definition:
    """Raises ModelError with the place and the reason."""
    try:
        definition = msgspec.convert(dict(table), Definition)
    except msgspec.ValidationError as error:
        raise ModelError(name, f"has a definition that cannot be used: {error}") from None
    if bool(definition.weights) == bool(definition.path):
        said = "both" if definition.path else "neither"
        raise ModelError(name, f"needs either weights or path in [models.{name}], and has {said}.")
    return definition
