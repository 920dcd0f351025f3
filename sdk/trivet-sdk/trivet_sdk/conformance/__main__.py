"""`python -m trivet_sdk.conformance MODULE [PYPROJECT-FOLDER]`: examine a plugin in this process; exit code 1 for faults.

With `--lines` each step is a line of JSON on stdout, for a program that watches: `{"now": …}` before each subject, at the
end `{"examined": […]}` or `{"broken": …}`. Whatever the plugin itself prints goes to stderr.
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


def main() -> None:
    lines, arguments = "--lines" in sys.argv, [each for each in sys.argv[1:] if each != "--lines"]
    if not arguments:
        sys.exit(__doc__)
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a plugin that prints does not disturb who reads the lines

    def tell(value: dict[str, Any]) -> None:
        if lines:
            channel.write(msgspec.json.encode(value).decode() + "\n")
            channel.flush()

    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Given) if lines else given_in(Path([*arguments, "."][1]))
    found = examined(arguments[0], given, tell)
    if not lines:
        for sentence in found:
            channel.write(f"{sentence}\n")
        channel.flush()
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
