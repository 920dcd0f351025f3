"""pip of the environment, as a child process whose output is read line by line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bootstrap import failure
from bootstrap.progress import Progress

# The user's pip configuration decides where packages come from; these keep it from deciding where they go.
SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_USER": "0",
    "PIP_NO_COLOR": "1",
    "PIP_RETRIES": os.environ.get("PIP_RETRIES", "2"),
    "PYTHONUNBUFFERED": "1",
}


class Pip:
    def __init__(self, python: Path, constraints: Path, log: Path, progress: Progress) -> None:
        self.python = python
        self.constraints = constraints
        self.log = log
        self.progress = progress
        self._draws = False

    def update_itself(self) -> None:
        """To the pinned release: it tells how many bytes have come, which older ones draw as a bar or not at all."""
        self.run("install", "pip", "--constraint", os.fspath(self.constraints))
        self._draws = "raw" in self.output("install", "--help")

    def install(self, requirements: list[str], *options: str, expected_mb: int) -> None:
        """Install what is missing, as pinned, with the progress of its download."""
        self.progress.expect(expected_mb)
        drawing = ["--progress-bar", "raw"] if self._draws else []
        self.run("install", *drawing, "--constraint", os.fspath(self.constraints), *options, *requirements)

    def run(self, *arguments: str) -> None:
        """Raises SetupFailed with a sentence for what went wrong."""
        code, output = self._read(list(arguments))
        self.progress.finish()
        if code:
            raise failure.from_pip(output, self.log)

    def output(self, *arguments: str) -> str:
        """Standard output alone. Raises SetupFailed like `run`."""
        done = subprocess.run(
            [self.python, "-m", "pip", *arguments],
            env={**os.environ, **SETTINGS},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise failure.from_pip(done.stderr, self.log)
        return done.stdout

    def _read(self, arguments: list[str]) -> tuple[int, str]:
        output: list[str] = []
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                [self.python, "-m", "pip", *arguments],
                env={**os.environ, **SETTINGS},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process,
        ):
            log.write(f"$ pip {' '.join(arguments)}\n")
            assert process.stdout is not None
            for line in process.stdout:
                if not self.progress.read(line):
                    log.write(line)
                    output.append(line)
        return process.returncode, "".join(output)
