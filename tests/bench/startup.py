"""How soon a command is there: help with no plugins and with a hundred, lists, and the first event of a run.

The smallest of many, in milliseconds beyond bare Python: what the machine can do when it does nothing else.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.host.cli.conftest import TOOL, Site, clean_environment

TIMES = 15
SETTINGS = """
[roles]
planner = "plan"
model = "far"
[models.far]
backend = "openai"
base_url = "http://127.0.0.1:9/v1"
name = "m"
"""


class Place:
    """A hundred plugins that may be on the path, and a home for each case."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._site = Site(folder / "site")
        for number in range(100):
            self._site.add(f"p{number}", "raise RuntimeError('boom')", manifest=TOOL)
        self._site.settle()
        for home in ("alone", "crowded"):
            (folder / home).mkdir()
            (folder / home / "settings.toml").write_text(SETTINGS)

    def milliseconds(self, *command: str, plugins: bool = False, first_line: bool = False) -> float:
        """Until the command ends, or has written its first line."""
        environment = {**clean_environment(), "TRIVET_HOME": str(self._folder / ("crowded" if plugins else "alone"))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
        if plugins:
            environment["PYTHONPATH"] = str(self._site.folder)
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *command], env=environment, cwd=self._folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            if first_line:
                process.stdout.readline()
                seconds = time.perf_counter() - begun
                process.kill()
                return seconds * 1e3
            process.stdout.read()
            process.wait()
            return (time.perf_counter() - begun) * 1e3

    def least(self, *command: str, first_line: bool = False) -> tuple[float, float]:
        """Without and with the plugins, in interleaved rounds."""
        found: dict[bool, list[float]] = {False: [], True: []}
        for plugins in (False, True):
            for _ in range(2):
                self.milliseconds(*command, plugins=plugins, first_line=first_line)
        for _ in range(TIMES):
            for plugins, times in found.items():
                times.append(self.milliseconds(*command, plugins=plugins, first_line=first_line))
        return min(found[False]), min(found[True])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(os.path.realpath(folder)))
        bare = min(place.least("-c", "pass"))
        print(
            f"\nmilliseconds beyond bare Python ({bare:.0f}), the least of {TIMES}: as installed, and with 100 more plugins"
        )
        for command in ("--help", "plugins list", "tools list", "runs list"):
            alone, crowded = place.least("-m", "trivet", *command.split())
            print(f"  {command:<26} {alone - bare:4.0f}  {crowded - bare:4.0f}")
        alone, crowded = place.least("-m", "trivet", "run", "count", "--json", first_line=True)
        print(f"  {'run, to its first event':<26} {alone - bare:4.0f}  {crowded - bare:4.0f}")


if __name__ == "__main__":
    main()
