"""The suites that are here say what their making says, cover every class, and can be met by a perfect answer."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from trivet.evaluation.goals import GoalCase, load_goals, plugin_packages
from trivet.evaluation.goals.verdict import Outcome, judged
from trivet_sdk.manifest import parse_manifest

HERE = Path(__file__).parent
GOALS, EVERYDAY, KEPT, UNSEEN = HERE / "goals", HERE / "everyday", HERE / "kept", HERE / "unseen"
CLASSES = {
    "lookup", "count", "aggregate", "filter-group", "calc", "units-dates", "search-passage", "read-summarise", "multi-step",
    "write-file", "convert", "compare", "log-analysis", "chinese", "impossible", "ambiguous", "no-tool",
}  # fmt: skip


@pytest.mark.parametrize("suite", ["goals", "everyday", "kept", "unseen"])
def test_goals_are_what_their_making_computes(suite: str) -> None:
    if suite == "unseen" and shutil.which("git") is None:
        pytest.skip("the history in the workspace is made by git")
    command = [sys.executable, "-m", f"tests.evaluation.{suite}.making", "--check"]
    assert subprocess.run(command, cwd=HERE.parents[1], check=False).returncode == 0


def test_everyday_goals_cover_every_class_in_both_halves() -> None:
    cases = [case for case in load_goals(GOALS).cases if isinstance(case, GoalCase)]
    assert len(cases) >= 120
    for is_held in (True, False):
        assert {case.group for case in cases if case.is_held is is_held} == CLASSES
    assert 0.4 < sum(case.is_held for case in cases) / len(cases) < 0.6


def test_goals_to_improve_on_cover_every_class_and_none_is_held_back() -> None:
    cases = [case for case in load_goals(EVERYDAY).cases if isinstance(case, GoalCase)]
    assert {case.group for case in cases} == CLASSES
    assert not any(case.is_held for case in cases)


def test_kept_goals_are_six_of_every_class_and_all_held_back() -> None:
    cases = [case for case in load_goals(KEPT).cases if isinstance(case, GoalCase)]
    assert Counter(case.group for case in cases) == dict.fromkeys(CLASSES, 6)
    assert all(case.is_held for case in cases)


def test_unseen_tools_are_declared_and_each_is_called_for() -> None:
    packages = plugin_packages(UNSEEN)
    manifests = [
        parse_manifest((UNSEEN / "plugins" / package / "trivet.toml").read_bytes(), package.removeprefix("unseen_"))
        for package in packages
    ]
    tools = {f"{each.plugin.id}.{tool.name}" for each in manifests for tool in each.contributes.tools}
    lines = [json.loads(line) for line in (UNSEEN / "goals.jsonl").read_text("utf-8").splitlines()]
    called = Counter(call["tool"] for line in lines for call in line["expect"]["calls"])
    assert len(packages) >= 8
    assert called.keys() == tools
    assert Counter(line["class"] for line in lines) == {"one step": 60, "two steps": 30}


@pytest.mark.parametrize("suite", [GOALS, EVERYDAY, KEPT], ids=["goals", "everyday", "kept"])
def test_a_claim_without_an_answer_meets_no_goal(suite: Path, tmp_path: Path) -> None:
    """Else the goal would count what says nothing as right."""
    for case in load_goals(suite).cases:
        assert isinstance(case, GoalCase)
        for answer in ("", "Done."):
            assert judged(case.expect, Outcome(status="succeeded", answer=answer), tmp_path)[0] == "wrong", case.id


def test_suites_stay_small() -> None:
    size = sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert size < 3_000_000
