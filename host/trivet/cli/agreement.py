"""Settings that a person must agree to: what a plugin's schema marks with `x-trivet-confirm`, and a sentence of what it means.

Such a setting is `false`, or holds the confirmation of `trivet_sandbox.confirmation`, which is good for one machine and user.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from trivet.cli.screen import confirm, echo

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey

MARK = "x-trivet-confirm"


class Marked(NamedTuple):
    plugin: str
    key: str
    """The setting's full name."""
    said: str
    """What is at its mark."""


def marked(found: "Survey", mark: str = MARK) -> Iterator[Marked]:
    """All settings of installed plugins whose schema bears that mark."""
    import msgspec

    for id, candidate in found.candidates.items():
        try:
            schema = msgspec.json.decode((candidate.schema or "{}").encode())
        except msgspec.DecodeError:
            continue  # `plugins list` speaks of it
        properties = schema.get("properties") if isinstance(schema, Mapping) else None
        for name, inner in properties.items() if isinstance(properties, Mapping) else ():
            if isinstance(inner, Mapping) and inner.get(mark):
                yield Marked(id, f"plugins.{id}.config.{name}", " ".join(str(inner[mark]).split()))


def agreed(each: Marked, value: Any, *, yes: bool) -> Any:
    """What is written for `value`: a confirmation for true, once the person has agreed. Raises SettingsError."""
    from trivet.errors import SettingsError
    from trivet_sandbox.confirmation import NoMachineId, confirmation

    if value is False:
        return value
    if value is not True:
        raise SettingsError(
            each.key, f"it takes true or false, and true is asked about: `trivet config set {each.key} true`"
        )
    echo(f"{each.said}.", err=True)
    if not yes:
        if not sys.stdin.isatty():
            raise SettingsError(
                each.key, "there is no terminal in which somebody could agree to that; --yes says that you do"
            )
        if not confirm("Is that what you want?", err=True):
            raise SettingsError(each.key, "it is left as it was")
    try:
        return confirmation(each.key)
    except NoMachineId as error:
        raise SettingsError(each.key, str(error)) from error
