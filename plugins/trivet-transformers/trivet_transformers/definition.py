"""What `[models.<name>]` may say for this backend."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from trivet_sdk import ModelError

SOURCES = ("weights", "path", "hub")


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    weights: str = ""
    """Name of declared weights, e.g. `smollm2-135m`."""
    path: str = ""
    """A folder as `save_pretrained` writes it, or a GGUF file."""
    hub: str = ""
    """A Hugging Face id; fetched into the hub's own cache the first time."""
    revision: str = "main"
    """Of a hub id."""
    adapter: str = ""
    """Adapter for requests that name none: declared weights, or a folder."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """`auto` is bfloat16 where the device computes in it, else float32."""
    window: int | None = None
    """Fewer tokens than the model could have together, to bound memory."""
    threads: int | None = None
    """CPU threads for one operation; torch decides if unset."""
    prefixes: int = 4
    """Prompts whose keys and values are kept, so that the next prompt with an equal beginning starts there."""

    @property
    def source(self) -> str:
        return self.weights or self.path or self.hub


def read_definition(name: str, table: Mapping[str, Any]) -> Definition:
    """Raises ModelError with the place and the reason."""
    try:
        definition = msgspec.convert(dict(table), Definition)
    except msgspec.ValidationError as error:
        raise ModelError(name, f"has a definition that cannot be used: {error}") from None
    given = [source for source in SOURCES if getattr(definition, source)]
    if len(given) != 1:
        said = " and ".join(given) or "none of them"
        raise ModelError(name, f"needs exactly one of weights, path and hub in [models.{name}], and has {said}.")
    return definition
