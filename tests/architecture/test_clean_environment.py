"""A user's environment: wheels in a new venv, dependencies from the index, nothing of this checkout.

A planner and a reflector arrive there the way a stranger's would, as a wheel of another distribution.
"""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.architecture.conftest import run

STRANGER = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [project]
        name = "trivet-seven"
        version = "2.5"
        dependencies = ["trivet-sdk"]

        [project.entry-points."trivet.plugins"]
        seven = "trivet_seven"
    """,
    "trivet_seven/trivet.toml": """
        [plugin]
        id = "seven"
        summary = "Answers one question only"

        [[contributes.planners]]
        name = "seven"

        [[contributes.reflectors]]
        name = "seven"
    """,
    "trivet_seven/__init__.py": """
        from trivet_sdk import Contributions, Plan, Step, hookimpl
        from trivet_sdk.contributions import stateless
        from trivet_sdk.testing import ScriptedPlanner, ScriptedReflector

        PLAN = Plan(
            steps=(
                Step(id="s1", tool="calculate.evaluate", arguments={"expression": "6 * 7"}),
                Step(id="s2", tool="files.write", arguments={"path": "out/seven.md", "text": "It is {{s1#/value}}."}),
                Step(id="s3", tool="answer", arguments={"text": "{{s1#/value}}"}, needs=("s2",)),
            )
        )


        @hookimpl
        def activate(context):
            parts = Contributions(planners={"seven": ScriptedPlanner(PLAN)}, reflectors={"seven": ScriptedReflector()})
            return stateless(parts)
    """,
}

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def clean(clean_venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `venv`, in which the wheels are installed, and `work`."""
    folder = tmp_path_factory.mktemp("clean")
    for name, text in STRANGER.items():
        path = folder / "seven" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, folder / "seven")
    run(clean_venv / "bin/python", "-m", "pip", "install", "-q", "--no-deps", *folder.glob("*.whl"))
    (folder / "venv").symlink_to(clean_venv)
    (folder / "work").mkdir()
    return folder


def trivet(clean: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRIVET_"))}
    return subprocess.run(
        [clean / "venv/bin/trivet", *arguments],
        cwd=clean / "work",
        env={**settings, "TRIVET_HOME": os.fspath(clean / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_tool_of_an_installed_plugin_answers(clean: Path) -> None:
    called = trivet(clean, "tools", "call", "calculate.evaluate", '{"expression": "1+1"}')

    assert (called.returncode, called.stdout) == (0, "1+1 = 2\n"), called.stderr


def test_installed_is_not_enabled_unless_of_the_default_set(clean: Path) -> None:
    listed = trivet(clean, "plugins", "list", "--json")

    assert listed.returncode == 0, listed.stderr
    states = {plugin["id"]: plugin["state"] for plugin in json.loads(listed.stdout)}
    assert states == {"calculate": "enabled", "files": "enabled", "seven": "disabled"}


def test_goal_is_achieved_with_a_planner_and_a_reflector_of_a_stranger(clean: Path) -> None:
    enabled = trivet(clean, "plugins", "enable", "seven", "--yes")
    assert enabled.returncode == 0, enabled.stderr

    ran = trivet(clean, "run", "What is six times seven?", "--planner", "seven", "--reflector", "seven", "--json")

    assert ran.returncode == 0, ran.stderr
    finished = json.loads(ran.stdout.splitlines()[-1])
    assert (finished["topic"], finished["status"], finished["answer"]) == ("run.finished", "succeeded", "42")
    assert finished["artifacts"] == ["out/seven.md"]
    assert (clean / "work/out/seven.md").read_text() == "It is 42.\n"
    shown = trivet(clean, "runs", "show", finished["run"])
    assert shown.returncode == 0, shown.stderr
    assert "What is six times seven?" in shown.stdout
