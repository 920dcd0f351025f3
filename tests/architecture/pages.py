"""Pages of documentation, done as they are written: files under their name in backquotes, commands after `$ `."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"^`(?P<path>[\w./-]+)`[^\n]*\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_DEED = re.compile(
    r"^`(?P<path>[\w./-]+)`[^\n]*\n\n```\w+\n(?P<text>.*?)^```$|^```console\n(?P<console>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Command(NamedTuple):
    line: str
    shown: str
    """What the page shows of its output; a line with `…` alone stands for any lines, `…` elsewhere for any text."""


def write_files(page: str, folder: Path) -> None:
    for written in FILE.finditer((ROOT / "docs" / page).read_text(encoding="utf-8")):
        _write(folder / written["path"], written["text"])


def do(page: str, folder: Path, environment: Path, home: Path) -> list[str]:
    """Write and run everything in the page's order, and return a complaint for each output that is not as shown.

    Files go to where `cd` has led by then. `environment` is a venv.
    """
    found: list[str] = []
    for deed in _DEED.finditer((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if deed["path"]:
            _write(folder / deed["path"], deed["text"])
            continue
        for command in commands(deed["console"]):
            if command.line.startswith("cd "):
                folder = folder / command.line.removeprefix("cd ")
                continue
            done = subprocess.run(
                command.line, shell=True, cwd=folder, env=environ(environment, home), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )  # fmt: skip
            if done.returncode or not is_as_shown(done.stdout, command.shown):
                found.append(
                    f"$ {command.line}\n{done.stdout}(exit code {done.returncode})\n--- shown:\n{command.shown}"
                )
    return found


def commands(console: str) -> Iterator[Command]:
    line, shown = "", list[str]()
    for text in [*console.splitlines(), "$ "]:
        if text.startswith("$ "):
            if line:
                yield Command(line, "\n".join(shown))
            line, shown = text.removeprefix("$ "), []
        else:
            shown.append(text)


def is_as_shown(said: str, shown: str) -> bool:
    if not shown.strip():
        return True
    pattern = "".join(
        r"(.*\n)*" if line == "…" else r".*".join(map(re.escape, line.split("…"))) + r"\s*\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, said.rstrip() + "\n") is not None


QUIET = {"TRIVET_HOST__FETCH": "never", "PIP_QUIET": "1"}
"""No model of a gigabyte, and no word from pip."""


def environ(environment: Path, home: Path) -> dict[str, str]:
    """As in that venv, activated; nothing of this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRIVET_", "PYTEST"))}
    path = f"{environment / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
    return {
        **kept,
        "PATH": path,
        "VIRTUAL_ENV": str(environment),
        "TRIVET_HOME": str(home),
        "TRIVET_HOST__FETCH": "never",
        "PIP_QUIET": "1",
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
