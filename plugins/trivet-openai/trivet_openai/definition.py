"""What `[models.<name>]` may say for this backend."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from trivet_sdk import Json, ModelError

Feature: TypeAlias = Literal["tools", "schema", "logprobs", "seed", "images"]


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    base_url: str
    """Up to and with the version, like `http://127.0.0.1:8000/v1`."""
    name: str = ""
    """What the endpoint calls the model; by default the name of the settings' entry."""
    api_key: str = ""
    """Where the key is: `env:NAME`, `file:PATH` or `keyring:NAME`. Empty for a server that wants none."""
    headers: dict[str, str] = {}
    """Sent with each request; a value may be such a reference too."""
    window: int | None = None
    """Tokens that prompt and completion may have together."""
    features: tuple[Feature, ...] = ("tools", "schema", "logprobs", "seed")
    """What the model behind the endpoint can do."""
    small: bool = False
    """The user is told when this model made an answer."""
    stream: bool = True
    max_tokens: int | None = None
    """Of a completion, where the request sets no bound of its own."""
    omit: tuple[str, ...] = ()
    """Fields of the request's body that this endpoint refuses, like `temperature` or `stream_options`."""
    rename: dict[str, str] = {}
    """Fields that it calls otherwise, like `max_tokens` -> `max_completion_tokens`."""
    extra: dict[str, Json] = {}
    """Further fields for each request's body, as they are."""
    connect_timeout: float = 10.0
    """Seconds until the connection stands."""
    read_timeout: float = 300.0
    """Seconds of silence, before the first byte or between two."""
    timeout: float = 1800.0
    """Seconds for one completion, all attempts together, where the request has no earlier deadline."""
    retries: int = 4
    """Further attempts after a lost connection, 429 and 5xx."""


def read_definition(name: str, table: Mapping[str, Any]) -> Definition:
    """Raises ModelError with the place and the reason."""
    if not table.get("base_url"):
        raise ModelError(name, f'has no endpoint. Set `models.{name}.base_url`, like "http://127.0.0.1:8000/v1".')
    try:
        definition = msgspec.convert(dict(table), Definition)
    except msgspec.ValidationError as error:
        raise ModelError(name, f"has a definition that cannot be used: {error}") from None
    parts = urlsplit(definition.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelError(
            name, f"has '{definition.base_url}' for a base_url; an endpoint is written like http://127.0.0.1:8000/v1."
        )
    return msgspec.structs.replace(definition, base_url=definition.base_url.rstrip("/"), name=definition.name or name)
