"""Secret references: `env:NAME`, `file:PATH`, `keyring:NAME`. Only here does a reference become its value."""

import importlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trivet.errors import SecretMissing

SCHEMES = ("env", "file", "keyring")
SERVICE = "trivet"
"""The service under which `keyring:NAME` is looked up."""


def is_reference(text: object) -> bool:
    return isinstance(text, str) and text.partition(":")[0] in SCHEMES and ":" in text


def references(table: Any) -> Iterator[str]:
    """All that stand in a table of settings."""
    match table:
        case str() if is_reference(table):
            yield table
        case Mapping():
            for value in table.values():
                yield from references(value)
        case list() | tuple():
            for value in table:
                yield from references(value)


def resolve(ref: str, environ: Mapping[str, str] = os.environ) -> str:
    """The secret itself, without surrounding space. Raises SecretMissing."""
    scheme, _, place = ref.partition(":")
    if scheme == "env":
        if value := environ.get(place, "").strip():
            return value
        raise SecretMissing(ref, f"the environment variable {place} is not set")
    if scheme == "file":
        try:
            return Path(place).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(ref, getattr(error, "strerror", None) or "the file is no text") from None
    if scheme == "keyring":
        return _from_keyring(ref, place)
    raise SecretMissing(ref, "a reference is written env:NAME, file:PATH or keyring:NAME")


def store_in_keyring(name: str, secret: str) -> None:
    """Raises SecretMissing if there is no usable keyring."""
    try:
        keyring = importlib.import_module("keyring")
        keyring.set_password(SERVICE, name, secret)
    except ImportError:
        raise SecretMissing(f"keyring:{name}", "install `keyring` with pip, or use env: or file:") from None
    except Exception as error:  # backends raise their own kinds
        raise SecretMissing(f"keyring:{name}", f"the keyring refused: {error}") from None


def _from_keyring(ref: str, name: str) -> str:
    try:
        keyring = importlib.import_module("keyring")
        value = keyring.get_password(SERVICE, name)
    except ImportError:
        raise SecretMissing(ref, "install `keyring` with pip, or use env: or file:") from None
    except Exception as error:  # backends raise their own kinds
        raise SecretMissing(ref, f"the keyring refused: {error}") from None
    if not value:
        raise SecretMissing(ref, f"the keyring holds nothing under '{name}' of service '{SERVICE}'")
    return str(value)
