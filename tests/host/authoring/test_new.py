"""`trivet plugins new`: a project of each kind, and that it passes everything as it is generated."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from trivet.authoring.naming import LONGEST, UnusableName, checked_id
from trivet.authoring.template import KINDS, project_of, write_project
from trivet.cli.failure import reported
from trivet.cli.root import trivet


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project of each kind."""
    folder = tmp_path_factory.mktemp("generated")
    for kind in KINDS:
        write_project(project_of(kind, f"my-{kind}"), folder / kind)
    return folder


def ran(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A tool of this environment, all projects on its path."""
    path = os.pathsep.join(str(folder / kind) for kind in KINDS)
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_tests_of_every_kind_pass_as_generated(generated: Path) -> None:
    (generated / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    tested = ran(generated, "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *KINDS)

    assert tested.returncode == 0, tested.stdout
    assert " skipped" not in tested.stdout
    assert tested.stdout.count("\n") < 10, tested.stdout


def test_types_of_every_kind_hold_as_generated(generated: Path) -> None:
    path = os.pathsep.join(str(generated / kind) for kind in KINDS)
    files = [*generated.glob("*/trivet_*"), *generated.glob("*/tests/test_*.py")]
    typed = ran(
        generated, "mypy", "--strict", "--explicit-package-bases", "--cache-dir", os.devnull, *map(str, files), MYPYPATH=path
    )  # fmt: skip

    assert typed.returncode == 0, typed.stdout


@pytest.mark.parametrize("id", ["my-plugin", "a2", "x" * LONGEST])
def test_style_of_every_kind_holds_whatever_the_name(tmp_path: Path, id: str) -> None:
    for kind in KINDS:
        write_project(project_of(kind, id), tmp_path / kind)

    for command in (("check", "--quiet"), ("format", "--diff", "--quiet")):
        done = ran(tmp_path, "ruff", *command, "--no-cache", ".")
        assert done.returncode == 0, done.stdout


def test_every_kind_has_what_a_project_needs(generated: Path) -> None:
    for kind in KINDS:
        files = {
            path.relative_to(generated / kind).as_posix() for path in (generated / kind).rglob("*") if path.is_file()
        }
        assert {
            ".github/workflows/check.yml", ".gitignore", "LICENSE", "README.md", "pyproject.toml", "tests/conftest.py", "trivet.schema.json",
            f"trivet_my_{kind}/__init__.py", f"trivet_my_{kind}/py.typed", f"trivet_my_{kind}/trivet.toml",
        } <= files  # fmt: skip
        for path in files:
            assert "@" not in (generated / kind / path).read_text().replace("actions/", "").replace("@v", "").replace(
                "@hookimpl", ""
            ).replace("@asynccontextmanager", "").replace("@pytest", "").replace("@tool", "").replace(
                "@contextmanager", ""
            ), f"{kind}/{path} has a placeholder"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Weather", "a plugin cannot be called 'Weather': a name is lower case letters and digits, with a `-` between words. `weather` would do."),
        ("my_plugin", "a plugin cannot be called 'my_plugin': a name is lower case letters and digits, with a `-` between words. `my-plugin` would do."),
        ("天气", "a plugin cannot be called '天气': a name is lower case letters and digits, with a `-` between words."),
        ("../x", "a plugin cannot be called '../x': a name is lower case letters and digits, with a `-` between words. `x` would do."),
        ("x" * 41, f"a plugin cannot be called '{'x' * 41}': it has 41 characters, and people type it. At most 40."),
    ],
)  # fmt: skip
def test_names_that_will_not_do(name: str, sentence: str) -> None:
    with pytest.raises(UnusableName) as refused:
        checked_id(name)

    assert str(refused.value) == sentence


def test_the_distribution_s_name_stands_for_the_id() -> None:
    assert checked_id("trivet-weather") == "weather"


def called(*arguments: str) -> tuple[int, str]:
    """In this process: exit code, and what was said."""
    runner = CliRunner()
    done = runner.invoke(trivet, ["plugins", "new", *arguments], standalone_mode=False)
    if done.exception is not None:
        with runner.isolation() as streams:
            code = reported(done.exception)
            return code, streams[1].getvalue().decode() + streams[0].getvalue().decode()
    return done.exit_code, done.output


def test_what_was_made_and_what_comes_next(tmp_path: Path) -> None:
    folder = tmp_path / "天气"

    assert called("forecast", "--folder", str(folder)) == (  # a tool, if nothing else is said
        0,
        f"Made {folder}, a plugin with one tool, in 13 files.\n"
        f"  cd {folder}\n"
        "  pip install --editable '.[dev]'\n"
        "  pytest\n"
        "  trivet plugins check .\n"
        "  trivet plugins enable forecast\n",
    )


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("mine")

    code, said = called("forecast", "--kind", "tool", "--folder", str(tmp_path))

    assert code == 2
    assert f"{tmp_path} is there already and not empty. Name another folder with --folder." in said
    assert [path.name for path in tmp_path.iterdir()] == ["notes.md"]


def test_names_that_are_taken_or_nearly_so(tmp_path: Path) -> None:
    taken = called("table", "--kind", "tool", "--folder", str(tmp_path / "a"))
    near = called("tabel", "--kind", "tool", "--folder", str(tmp_path / "b"))
    anyway = called("tabel", "--kind", "tool", "--folder", str(tmp_path / "b"), "--anyway")

    assert "there is a plugin 'table' already (trivet-table" in taken[1].replace("There", "there")
    assert "people would take 'tabel' for the plugin 'table'. Choose another name, or add --anyway." in near[1].replace(
        "People", "people"
    )
    assert anyway[0] == 0
