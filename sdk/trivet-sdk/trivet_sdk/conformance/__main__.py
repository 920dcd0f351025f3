"""`python -m trivet_sdk.conformance MODULE [FOLDER]`: examine a plugin in this process; exit code 1 for faults.

FOLDER holds the pyproject.toml with `[tool.trivet.check]`, by default this one. With `--lines` another process watches:
see `watched`.
"""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec

from ..errors import InvalidManifest
from ..testing.plugin import manifest_of
from .examination import Examined, examine
from .given import Given, given_in
from .plugins import hook_fault, life_of, sentences
from .site import served
from .watched import Lines


def main() -> None:
    is_watched, arguments = "--lines" in sys.argv, [each for each in sys.argv[1:] if each != "--lines"]
    if not arguments:
        sys.exit(__doc__)
    lines = Lines()
    given = lines.given() if is_watched else given_in(Path([*arguments, "."][1]))
    with served(given) as given:
        found = examined(arguments[0], given, lines.tell if is_watched else lambda value: None)
    if not is_watched:
        for sentence in found:
            lines.say(sentence)
    os._exit(1 if found else 0)  # a thread that the plugin left behind does not keep the process


def examined(module: str, given: Given, tell: Callable[[dict[str, Any]], None]) -> tuple[str, ...]:
    """All faults as sentences; `tell` hears what is being done."""
    tell({"now": "import"})
    try:
        name, _, attribute = module.partition(":")  # as an entry point says it
        plugin = importlib.import_module(name)
        plugin = getattr(plugin, attribute) if attribute else plugin
        manifest = manifest_of(plugin)
    except InvalidManifest as error:
        tell({"broken": str(error)})
        return (str(error),)
    except BaseException as error:  # a plugin's module may raise anything, SystemExit too
        broken = f"cannot be imported: {type(error).__name__}: {error}"
        tell({"broken": broken})
        return (f"{module} {broken}",)
    if fault := hook_fault(plugin):
        tell({"broken": fault})
        return (f"plugin '{manifest.id}' {fault}",)
    found: tuple[Examined, ...] = anyio.run(
        lambda: examine(manifest, life_of(plugin, given), given, tell=lambda subject: tell({"now": subject}))
    )
    tell({"examined": msgspec.to_builtins(found)})
    return sentences(manifest, found)


if __name__ == "__main__":
    main()
