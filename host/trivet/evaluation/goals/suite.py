"""A suite of goals, read from a folder: goals.jsonl, workspace/, and where goals need them web/ and plugins/."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from trivet.errors import SuiteUnreadable
from trivet.evaluation.case import Suite
from trivet.evaluation.goals.expectation import Expectation
from trivet.evaluation.goals.goal_case import GoalCase
from trivet.evaluation.goals.workspace import fingerprints

GOALS, WORKSPACE, WEB, PLUGINS = "goals.jsonl", "workspace", "web", "plugins"


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    group: str = msgspec.field(name="class")
    goal: str
    expect: Expectation
    attach: tuple[str, ...] = ()
    split: Literal["develop", "held", ""] = ""
    workspace: str = ""
    """A folder in workspace/ that takes its place."""


def load_goals(folder: Path, web: str = "") -> Suite:
    """`web` is the address at which the suite's `web/` is served. Raises SuiteUnreadable."""
    path = folder / GOALS
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SuiteUnreadable(folder, f"{GOALS} cannot be read ({error.strerror})") from None
    cases = tuple(_cases(folder, lines, web))
    if not cases:
        raise SuiteUnreadable(folder, f"{GOALS} holds no goal")
    return Suite(name="goals", source=str(folder), digest=_digest(folder), cases=cases)


def needs_web(folder: Path) -> bool:
    return (folder / WEB).is_dir()


def plugin_packages(folder: Path) -> list[str]:
    """Names of the packages that the suite brings as plugins of its own."""
    return sorted(path.parent.name for path in (folder / PLUGINS).glob("*/trivet.toml"))


def of_split(suite: Suite, split: str) -> Suite:
    """Its goals of `develop` or `held`. Raises SuiteUnreadable if there are none."""
    left = tuple(case for case in suite.cases if isinstance(case, GoalCase) and case.is_held is (split == "held"))
    if not left:
        raise SuiteUnreadable(Path(suite.source), f"it has no goals of the split '{split}'")
    return msgspec.structs.replace(suite, cases=left)


def _cases(folder: Path, lines: Sequence[bytes], web: str) -> Iterator[GoalCase]:
    seen: set[str] = set()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=_Line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise SuiteUnreadable(folder, f"line {number} of {GOALS}: {error}") from None
        if line.id in seen:
            raise SuiteUnreadable(folder, f"line {number} of {GOALS}: there is another goal '{line.id}'")
        template = folder / WORKSPACE / line.workspace
        if line.workspace and not template.is_dir():
            raise SuiteUnreadable(
                folder, f"line {number} of {GOALS}: there is no folder '{WORKSPACE}/{line.workspace}'"
            )
        for name in line.attach:
            if not (template / name).is_file():
                raise SuiteUnreadable(folder, f"line {number} of {GOALS}: there is no file '{name}' to attach")
        seen.add(line.id)
        yield GoalCase(
            id=line.id,
            group=line.group,
            goal=line.goal,
            attach=line.attach,
            expect=line.expect,
            template=template,
            is_held=line.split == "held",
            web=web,
        )


def _digest(folder: Path) -> str:
    digest = hashlib.sha256((folder / GOALS).read_bytes())
    for place in (WORKSPACE, WEB, PLUGINS):
        for path, content in fingerprints(folder / place).items():
            if "__pycache__" not in path:
                digest.update(f"{place}/{path}\0{content}\n".encode())
    return digest.hexdigest()
