"""What is shipped: every distribution as a wheel, and a clean environment that has nothing but wheels."""

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(path.parent for path in [*ROOT.glob("sdk/*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")])
PROJECTS.append(ROOT / "host")
ADAPTER_LIMIT = 25_000_000  # bytes


def name_of(project: Path) -> str:
    return str(tomllib.loads((project / "pyproject.toml").read_text())["project"]["name"])


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Distribution name -> wheel."""
    folder = tmp_path_factory.mktemp("wheels")
    built = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            folder,
            *PROJECTS,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return {path.name.split("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}


def test_every_distribution_builds(wheels: dict[str, Path]) -> None:
    assert sorted(wheels) == sorted(map(name_of, PROJECTS))


@pytest.mark.parametrize("project", PROJECTS, ids=name_of)
def test_wheel_holds_the_package_and_nothing_beside_it(wheels: dict[str, Path], project: Path) -> None:
    package = name_of(project).replace("-", "_")
    with zipfile.ZipFile(wheels[name_of(project)]) as wheel:
        names = wheel.namelist()

    assert {name.split("/")[0] for name in names} == {package, f"{package}-0.1.0.dist-info"}
    assert f"{package}/py.typed" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith((".draft", ".tmp"))]


@pytest.mark.parametrize("project", sorted(ROOT.glob("plugins/*")), ids=name_of)
def test_plugin_is_found_by_its_id_and_brings_its_manifest(wheels: dict[str, Path], project: Path) -> None:
    package = name_of(project).replace("-", "_")
    with zipfile.ZipFile(wheels[name_of(project)]) as wheel:
        entry_points = wheel.read(f"{package}-0.1.0.dist-info/entry_points.txt").decode()
        manifest = tomllib.loads(wheel.read(f"{package}/trivet.toml").decode())

    assert entry_points == f"[trivet.plugins]\n{manifest['plugin']['id']} = {package}\n"
    assert name_of(project) == f"trivet-{manifest['plugin']['id']}"


@pytest.mark.parametrize("project", PROJECTS, ids=name_of)
def test_wheel_carries_the_licence(wheels: dict[str, Path], project: Path) -> None:
    package = name_of(project).replace("-", "_")
    with zipfile.ZipFile(wheels[name_of(project)]) as wheel:
        assert wheel.read(f"{package}-0.1.0.dist-info/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("project", PROJECTS, ids=name_of)
def test_metadata_names_licence_python_and_readme(wheels: dict[str, Path], project: Path) -> None:
    package = name_of(project).replace("-", "_")
    with zipfile.ZipFile(wheels[name_of(project)]) as wheel:
        metadata = Parser().parsestr(wheel.read(f"{package}-0.1.0.dist-info/METADATA").decode())

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert len(str(metadata.get_payload())) > 200, "the README is too short to help anyone"


def test_embedded_planner_is_small_enough_to_ship(wheels: dict[str, Path]) -> None:
    assert wheels["trivet-plan-smollm2"].stat().st_size < ADAPTER_LIMIT


BY_CHOICE = {"trivet-guard", "trivet-mcp", "trivet-python", "trivet-search", "trivet-shell"}
"""Plugins that a user adds, since not everybody wants what they open."""


def test_default_set_is_every_plugin_of_this_repository_but_those_by_choice() -> None:
    host = tomllib.loads((ROOT / "host" / "pyproject.toml").read_text())
    default = {requirement.partition(">")[0] for requirement in host["project"]["optional-dependencies"]["default"]}

    assert default == {name_of(project) for project in ROOT.glob("plugins/*")} - BY_CHOICE
