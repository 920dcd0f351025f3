"""`./test`: format, types, arrows, changelog, then the tests; everything runs, and the summary names what failed."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bootstrap.environment import Environment

SCRIPTS = ("trivet", "test")


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    each: str = ""
    """Run the command once for each path that matches, with the path as its argument."""


LINTERS = (
    Check("ruff check", ("ruff", "check", "--quiet", ".", *SCRIPTS)),
    Check("ruff format", ("ruff", "format", "--quiet", "--diff", ".", *SCRIPTS)),
    Check("mypy", ("mypy",)),
    Check("mypy on the plugins' tests", ("mypy",), each="plugins/*/tests"),
    Check("pyright on the SDK", ("basedpyright",)),
    Check("arrows", ("lint-imports", "--no-logo")),
    Check("changelog", ("towncrier", "build", "--draft")),
)

SECOND_TRY = ("--reruns=1", "--rerun-show-tracebacks")
"""Where all are run, one of thousands that fails once is told with its traceback, and does not undo the run."""


def main(script: str, arguments: list[str]) -> int:
    options, rest = _parser().parse_known_args(arguments)
    environment = Environment(Path(os.path.realpath(script)).parent)
    environment.ensure("test")
    settings = {**os.environ, **({"TRIVET_LONG": "1"} if options.long else {})}
    linters = () if options.fast or rest else LINTERS
    # With arguments of the user's own, pytest reads them as from the user's folder; else the whole workspace is meant.
    folder = os.getcwd() if rest else os.fspath(environment.root)
    failed = [check.name for check in linters if not _passes(check, environment, settings)]
    settings_file = os.fspath(environment.root / "pyproject.toml")
    pytest = [
        os.fspath(environment.python),
        "-m",
        "pytest",
        "--continue-on-collection-errors",
        f"--rootdir={environment.root}",
        "-c",
        settings_file,
        *(rest or SECOND_TRY),
    ]
    code = subprocess.run(pytest, cwd=folder, env=settings, check=False).returncode
    if failed:
        print(f"test: {', '.join(failed)} failed, see above", file=sys.stderr)
    return code or (1 if failed else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./test",
        description="Checks format, types, arrows and the changelog, then runs all tests. Other arguments (paths, -k, -x) go to"
        " pytest; with them only tests run.",
        allow_abbrev=False,
    )
    parser.add_argument("--fast", action="store_true", help="tests only, without the linters")
    parser.add_argument("--long", action="store_true", help="long fuzzing and soak tests too (minutes to an hour)")
    return parser


def _passes(check: Check, environment: Environment, settings: dict[str, str]) -> bool:
    """Output is shown only where a check fails."""
    started = time.monotonic()
    command = [os.fspath(environment.folder / "bin" / check.command[0]), *check.command[1:]]
    places = (
        [[path.relative_to(environment.root)] for path in sorted(environment.root.glob(check.each))]
        if check.each
        else [[]]
    )
    failed = []
    for place in places:
        done = subprocess.run(
            [*command, *place],
            cwd=environment.root,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            failed.append(done.stdout)
    print(f"{'FAILED' if failed else 'ok    '} {check.name} ({time.monotonic() - started:.1f} s)", flush=True)
    print("".join(failed), end="", flush=True)
    return not failed
